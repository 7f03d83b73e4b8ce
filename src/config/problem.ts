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
}

/** What reading a configuration has found. */
export interface Findings {
  /** What cannot be used. */
  readonly problems: Problem[];
  /** What works, though perhaps not as the person expects who wrote it. */
  readonly warnings: Problem[];
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

/** A value in words. Secrets and what may hold them are told by their kind only: problems end up in logs. */
export function describe(value: unknown, secret = false): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') {
    if (secret) return `a text of ${value.length} characters`;
    return JSON.stringify(value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value);
  }
  if (typeof value === 'number') return secret ? 'a number' : `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

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
