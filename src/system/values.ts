import { UNPRINTABLE } from './names.js';

/** Values that come from outside: files, sockets, modules of the user. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text as a literal part of a regular expression. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The text in double quotes, as messages show it. JSON escapes neither DEL nor the second set of control characters, nor bidi marks. */
export function inQuotes(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(UNPRINTABLE, escaped);
}

/** Longest text that a message quotes. */
const MAX_QUOTED = 60;

/**
 * A value as messages show it. They end up in logs and on terminals, and the value may hold the secret: a PIN behind a
 * forgotten colon becomes part of the value before it. So a text is quoted only if it is one word without four digits in
 * a row.
 * @param secret the value is a secret, or nothing is known about it: only its kind is shown
 */
export function describe(value: unknown, secret = false): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const harmless = !secret && value.length <= MAX_QUOTED && !/\s|\d{4}/.test(value);
    return harmless ? inQuotes(value) : `a text of ${value.length} characters`;
  }
  if (typeof value === 'number') return secret ? 'a number' : String(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** The known name that `name` is probably a misspelling of; undefined if none is near enough. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  // A name of a thousand characters is no misspelling, and comparing it would take long.
  if (name.length > MAX_QUOTED) return undefined;
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '_');
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
