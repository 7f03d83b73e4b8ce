import type { Commands } from '../system/commands.js';
import { escapeRegExp, inQuotes, nearestName } from '../system/values.js';

/** Something in a configuration that cannot be used, or (as a warning) may not do what its author expects. */
export interface ConfigProblem {
  /** Where it stands: `hostp2pd.select_timeout_secs.normal`. */
  readonly path: string;
  /** What is wrong; never quotes a secret. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
  /** The fix as commands that are safe. */
  readonly commands?: Commands;
  /** The known name that an unknown one probably stands for. */
  readonly meant?: string;
  /** An unknown key as it stands in the file, to find its line; it is never shown. */
  readonly key?: string;
}

/** What reading a configuration has found. */
export interface Findings {
  readonly problems: ConfigProblem[];
  readonly warnings: ConfigProblem[];
}

/** One line per problem. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ path, text, fix }) => `${path}: ${text}${fix === undefined ? '' : `; ${fix}`}`)
    .join('\n');
}

/** The path of a known key, or of one that {@link shownKey} allows to be shown. */
export function keyPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Where an unknown key belongs. */
export interface RightPlace {
  readonly fix: string;
  /** The setting that has replaced it. */
  readonly meant?: string;
}

/** @param place where the key belongs, if that is known: it is a known word then, and may be shown */
export function unknownKey(
  kind: 'setting' | 'section',
  path: string,
  key: string,
  known: readonly string[],
  place: RightPlace | undefined,
): ConfigProblem {
  const text = `unknown ${kind}`;
  if (place !== undefined) return { path: keyPath(path, key), key, text, ...place };
  const problem = { path: keyPath(path, shownKey(key, known)), key, text };
  const meant = nearestName(key, known);
  return meant === undefined ? problem : { ...problem, fix: `did you mean ${inQuotes(meant)}?`, meant };
}

/** Shortest passphrase of WPA. */
const PASSPHRASE_LENGTH = 8;
const HIDDEN_KEY_END = ' characters)';

/**
 * An unknown key as messages may show it: a misspelling of a known name, or a plain word that cannot be a passphrase.
 * Anything else may be a secret, such as `pin 87654325` where the colon is missing.
 */
export function shownKey(key: string, known: readonly string[]): string {
  const plain = /^[a-z]+(?:[-_][a-z]+)*$/.test(key) && (key.length < PASSPHRASE_LENGTH || /[-_]/.test(key));
  if (plain || (/^\w+$/.test(key) && !/\d{4}/.test(key) && nearestName(key, known) !== undefined)) return key;
  return `(a key of ${key.length}${HIDDEN_KEY_END}`;
}

/** Adds the line number if the key is not shown, and drops the key. */
export function located({ key, ...problem }: ConfigProblem, text: string): ConfigProblem {
  if (key === undefined || !problem.path.endsWith(HIDDEN_KEY_END)) return problem;
  const written = escapeRegExp(key).replace(/\s+/g, '\\s+');
  const pattern = new RegExp(`^[\\s{,?-]*["']?${written}["']?\\s*(?::|$)`);
  const lines = text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
  if (lines.length !== 1) return problem;
  return { ...problem, path: problem.path.slice(0, -1).concat(`, line ${lines[0]})`) };
}
