/** One thing in a configuration that cannot be used, or (as a warning) that will not do what it seems to. */
export interface Problem {
  /** Where it stands: `hostp2pd.select_timeout_secs.normal`. */
  readonly path: string;
  /** What stands there, in words; never the text of a secret. */
  readonly found: string;
  /** What would be right there, in words. */
  readonly wanted: string;
  /** The known name nearest to an unknown one. */
  readonly nearest?: string;
  /** An unknown key as it stands in the file, to find its line by; it is never shown. */
  readonly key?: string;
}

/** What reading a configuration has found. */
export interface Findings {
  /** What cannot be used. */
  readonly problems: Problem[];
  /** What works, though perhaps not as the person expects who wrote it. */
  readonly warnings: Problem[];
}

/** The problem with the line of an unknown key that is not shown, and without the key. */
export function located({ key, ...problem }: Problem, text: string): Problem {
  if (key === undefined || !problem.path.endsWith(HIDDEN_KEY_END)) return problem;
  const written = key.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\s+/g, '\\s+');
  const pattern = new RegExp(`^[\\s{,?-]*["']?${written}["']?\\s*(?::|$)`);
  const lines = text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
  if (lines.length !== 1) return problem;
  return { ...problem, path: problem.path.slice(0, -1).concat(`, line ${lines[0]})`) };
}

/** One readable line per problem. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ path, found, wanted, nearest }) => {
      const hint = nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`;
      return `${path}: found ${found}, wanted ${wanted}${hint}`;
    })
    .join('\n');
}

const LONGEST_QUOTE = 60;

/**
 * A value in words. Problems end up in logs and on terminals, and what is not understood may be the secret: a PIN behind
 * a forgotten colon becomes a part of the value before it. So a text is shown only where it is one word without the
 * digits of a PIN.
 * @param secret the value is a secret, or nothing is known about it: only its kind is told
 */
export function describe(value: unknown, secret = false): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') {
    const plain = !secret && value.length <= LONGEST_QUOTE && !/\s|\d{4}/.test(value);
    return plain ? JSON.stringify(value) : `a text of ${value.length} characters`;
  }
  if (typeof value === 'number') return secret ? 'a number' : `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** Shortest passphrase of WPA. */
const PASSPHRASE_LENGTH = 8;

/**
 * A key that is not known, as it may be shown: a slip of a known name, or a plain word that is no passphrase. Another
 * one may be `pin 87654325`, where the colon is missing, or a passphrase at the wrong place.
 */
export function unknownKeyText(key: string, known: Iterable<string>): string {
  const plain = /^[a-z]+(?:[-_][a-z]+)*$/.test(key) && (key.length < PASSPHRASE_LENGTH || /[-_]/.test(key));
  if (plain || (/^\w+$/.test(key) && !/\d{4}/.test(key) && nearestName(key, known) !== undefined)) return key;
  return `(a key of ${key.length}${HIDDEN_KEY_END}`;
}

const HIDDEN_KEY_END = ' characters)';

/** The known name nearest to `name`, where it is near enough to be a slip of the finger. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  // A name of a thousand characters is no slip, and the distance takes time in proportion to it.
  if (name.length > LONGEST_QUOTE) return undefined;
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

/** Levenshtein's distance. */
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
