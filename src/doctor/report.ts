import { printable } from '../system/names.js';

/** From good to bad. `unknown`: what the check needs is not available, which is no error. */
export const LEVELS = ['ok', 'unknown', 'warning', 'error'] as const;

export type Level = (typeof LEVELS)[number];

const WORST_FIRST: readonly Level[] = [...LEVELS].reverse();

/** Message and fix are one line each; a warning and an error always have a fix. */
export type Verdict =
  | { readonly level: 'ok' | 'unknown'; readonly message: string; readonly fix?: undefined }
  | { readonly level: 'warning' | 'error'; readonly message: string; readonly fix: string };

/** What one check returns: at least one verdict, so that the user sees what was looked at. */
export type Verdicts = readonly Verdict[];

/** A verdict with the id of its check, which never changes. */
export type Finding = Verdict & { readonly check: string };

export function ok(message: string): Verdicts {
  return [{ level: 'ok', message }];
}

export function unknown(message: string): Verdicts {
  return [{ level: 'unknown', message }];
}

export function warning(message: string, fix: string): Verdicts {
  return [{ level: 'warning', message, fix }];
}

export function error(message: string, fix: string): Verdicts {
  return [{ level: 'error', message, fix }];
}

/** The verdicts, or `ok` if there are none. */
export function orOk(verdicts: Verdicts, message: string): Verdicts {
  return verdicts.length > 0 ? verdicts : ok(message);
}

export interface Report {
  /** The configuration that was examined, in words. */
  readonly examined: string;
  /** The worst come first. */
  readonly findings: readonly Finding[];
  readonly worst: Level;
}

export function reportOf(findings: readonly Finding[], examined: string): Report {
  const ordered = WORST_FIRST.flatMap((wanted) => findings.filter(({ level }) => level === wanted));
  return { examined, findings: ordered, worst: ordered[0]?.level ?? 'ok' };
}

export function exitCodeOf({ worst }: Report): 0 | 1 | 2 {
  if (worst === 'error') return 2;
  return worst === 'warning' ? 1 : 0;
}

/** What `--json` prints. Programs read `fault` and `cure`, so these words stay. */
export function reportJson({ examined, findings, worst }: Report): object {
  const word = (level: Level) => (level === 'error' ? 'fault' : level);
  return {
    examined,
    findings: findings.map(({ check, level, message, fix: cure }) => {
      return { check, level: word(level), message, cure };
    }),
    worst: word(worst),
  };
}

/** The report for a person: one line per finding, with the fix below it. */
export function reportText({ findings, examined }: Report): string {
  const levelWidth = Math.max(...LEVELS.map((level) => level.length));
  const checkWidth = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ level, check, message, fix }) => {
    const line = `${level.padEnd(levelWidth)}  ${check.padEnd(checkWidth)}  ${message}`;
    const below = ' '.repeat(levelWidth + 2 + checkWidth + 2);
    return fix === undefined ? [line] : [line, `${below}fix: ${fix}`];
  });
  return [printable(`configuration: ${examined}`), '', ...lines.map(printable), '', sum(findings)].join('\n');
}

/** `1 error, 2 warnings, 30 ok` */
function sum(findings: readonly Finding[]): string {
  const parts = WORST_FIRST.flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    const plural = count > 1 && (level === 'warning' || level === 'error') ? 's' : '';
    return count === 0 ? [] : [`${count} ${level}${plural}`];
  });
  return parts.join(', ');
}
