import assert from 'node:assert/strict';
import { judgeAll } from '#src/doctor/checks.js';
import type { Facts } from '#src/doctor/facts.js';
import type { Finding, Level } from '#src/doctor/report.js';

/** Facts, and all warnings and errors that the doctor must find: check → level, message and fix. */
export interface Case {
  readonly what: string;
  readonly facts: Facts;
  readonly finds: Readonly<
    Record<string, readonly [level: 'warning' | 'error', message: RegExp, fix: RegExp]>
  >;
  /** Some of the checks that say `ok` or `unknown`. */
  readonly tells?: Readonly<Record<string, readonly [level: 'ok' | 'unknown', message: RegExp]>>;
}

export function isBad({ level }: { readonly level: Level }): boolean {
  return level === 'warning' || level === 'error';
}

export function holds({ facts, finds, tells = {} }: Case): void {
  const findings = judgeAll(facts);
  for (const finding of findings) isWellFormed(finding);
  const bad = findings.filter(isBad);
  const told = findings.map(({ check, message }) => `${check}: ${message}`);
  assert.deepEqual(told, [...new Set(told)], 'no finding comes twice');
  assert.deepEqual([...new Set(bad.map(({ check }) => check))].sort(), Object.keys(finds).sort());
  for (const [check, [level, message, fix]] of Object.entries(finds)) {
    const matching = bad.find((finding) => finding.check === check && message.test(finding.message));
    assert.ok(matching, `${check}: ${message} in ${JSON.stringify(bad)}`);
    assert.equal(matching.level, level, check);
    assert.match(matching.fix ?? '', fix);
  }
  for (const [check, [level, message]] of Object.entries(tells)) {
    const [finding] = findings.filter((one) => one.check === check);
    assert.equal(finding?.level, level, check);
    assert.match(finding?.message ?? '', message);
  }
}

/** Message and fix are one line each, and none has the words of the other; warnings and errors have a fix, and nothing else has one. */
function isWellFormed(finding: Finding): void {
  assert.match(finding.message, /^\S(.*\S)?$/, finding.check);
  assert.ok(finding.fix === undefined || !finding.message.includes(finding.fix), finding.message);
  if (isBad(finding)) assert.match(finding.fix ?? '', /^\S(.*\S)?$/, finding.check);
  else assert.equal(finding.fix, undefined, finding.check);
}
