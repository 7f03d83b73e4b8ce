import { printable } from '../system/names.js';
import { type Finding, LEVELS, type Level } from './finding.js';

/** What an examination found: the worst comes first. */
export interface Report {
  /** The configuration that was looked at, in words. */
  readonly examined: string;
  readonly findings: readonly Finding[];
  readonly worst: Level;
}

export function reportOf(findings: readonly Finding[], examined: string): Report {
  const ordered = LEVELS.toReversed().flatMap((wanted) => findings.filter(({ level }) => level === wanted));
  return { examined, findings: ordered, worst: ordered[0]?.level ?? 'ok' };
}

/** 0 healthy, 1 with warnings, 2 with faults. */
export function exitCodeOf({ worst }: Report): 0 | 1 | 2 {
  if (worst === 'fault') return 2;
  return worst === 'warning' ? 1 : 0;
}

/** The report for a person: what was looked at, a line for each finding with the cure below, and the sum. */
export function reportText({ findings, examined }: Report): string {
  const levelWidth = Math.max(...LEVELS.map((level) => level.length));
  const checkWidth = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ level, check, message, cure }) => {
    const line = `${level.padEnd(levelWidth)}  ${check.padEnd(checkWidth)}  ${message}`;
    const below = ' '.repeat(levelWidth + 2 + checkWidth + 2);
    return cure === undefined ? [line] : [line, `${below}cure: ${cure}`];
  });
  return [printable(`configuration: ${examined}`), '', ...lines.map(printable), '', sum(findings)].join('\n');
}

const WORDS: Readonly<Record<Level, readonly [one: string, many: string]>> = {
  fault: ['fault', 'faults'],
  warning: ['warning', 'warnings'],
  unknown: ['cannot be told', 'cannot be told'],
  ok: ['ok', 'ok'],
};

function sum(findings: readonly Finding[]): string {
  const parts = LEVELS.toReversed().flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${WORDS[level][count === 1 ? 0 : 1]}`];
  });
  return parts.join(', ');
}
