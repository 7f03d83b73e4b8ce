import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { type FaultName, faultOf, isFaultName } from './fault-list.js';

/** The file to which tests and the radio lab append their outcomes, one JSON object a line. */
export const OUTCOMES_VARIABLE = 'HOSTP2PD_FAULT_OUTCOMES';

export interface Outcome {
  readonly fault: FaultName;
  /** What a user has lost. */
  readonly lost: string;
  /** From the end of the fault until everything works again; for a fault that ends at once, from the fault itself. */
  readonly seconds: number;
}

/** A test has injected the fault, and everything works again. @throws if it took longer than the list allows */
export function overcome(fault: FaultName, lost: string, seconds: number): Outcome {
  const { most } = faultOf(fault);
  if (most !== undefined)
    assert.ok(seconds <= most, `${fault}: expected at most ${most} s, got ${seconds.toFixed(1)}`);
  const outcome = { fault, lost, seconds };
  append([outcome]);
  return outcome;
}

/** Appends outcomes to the file that {@link OUTCOMES_VARIABLE} names, if any. */
export function append(outcomes: readonly Outcome[]): void {
  const file = process.env[OUTCOMES_VARIABLE];
  if (file) appendFileSync(file, outcomes.map((one) => `${JSON.stringify(one)}\n`).join(''));
}

/** The outcomes in a file. A fault that was played several times has the longest of its times. */
export function readOutcomes(file: string): readonly Outcome[] {
  const longest = new Map<string, Outcome>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const outcome: unknown = JSON.parse(line);
    if (!isOutcome(outcome)) throw new Error(`expected the outcome of a fault, got ${line}`);
    const former = longest.get(outcome.fault);
    if (former === undefined || former.seconds < outcome.seconds) longest.set(outcome.fault, outcome);
  }
  return [...longest.values()];
}

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== 'object' || value === null) return false;
  const { fault, lost, seconds } = value as Partial<Record<keyof Outcome, unknown>>;
  return (
    typeof fault === 'string' && isFaultName(fault) && typeof lost === 'string' && typeof seconds === 'number'
  );
}
