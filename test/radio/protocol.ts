import type { Outcome } from '../faults/outcome.js';

/**
 * What the host and the guest of the lab exchange: the host writes files to the results share; the guest writes files there and
 * marked lines to its console.
 */

/** The radios of a scenario, all of the same kind: one for the box, and one for each phone. */
export interface Radios {
  /** False: like a driver without a P2P Device, where P2P commands go to wlan0 itself. Default true. */
  readonly p2pDevice?: boolean;
  /** Default 2. */
  readonly phones?: number;
}

/**
 * The system that a scenario runs on. `host`: the developer's own machine, with nothing running but the lab. `debian`: a
 * clean Debian 13 with systemd as process 1. With `--system` both have the files of that Debian release, and the difference is
 * what process 1 is.
 */
export type System = 'host' | 'debian';

/** One scenario that the host wants to run; `plan.json` in the results share has the list. */
export interface PlannedScenario {
  readonly name: string;
  /** The compiled module: its path in the checkout. */
  readonly module: string;
  readonly timeoutSeconds: number;
  readonly radios?: Radios;
  readonly system: System;
  /** It needs the program's Debian package, which the host builds first. */
  readonly needsPackage: boolean;
}

/** The result of one scenario; `<name>/result.json` in the results share. */
export interface ScenarioResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  /** Emulated seconds: usable for order and limits, not for durations. */
  readonly seconds: number;
  /** Why it failed, with a stack if there is one. */
  readonly error?: string;
  /** What it has counted or measured: a row of the table that is printed at the end. */
  readonly figures?: Readonly<Record<string, string>>;
  /** The faults that it has injected. */
  readonly faults?: readonly Outcome[];
  /** A text that the host prints: a table of what was played. */
  readonly report?: string;
}

/** A line that the guest's runner writes to the console. All other lines are shown only after a failure. */
type ConsoleNote =
  | { readonly kind: 'scenario-starts'; readonly name: string }
  | { readonly kind: 'scenario-ends'; readonly result: ScenarioResult };

const MARK = '@lab ';

export function formatNote(note: ConsoleNote): string {
  return MARK + JSON.stringify(note);
}

/** The note in a console line; undefined if there is none (or if a kernel message has cut it). */
export function parseNote(line: string): ConsoleNote | undefined {
  const at = line.indexOf(MARK);
  if (at < 0) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(at + MARK.length));
    return isNote(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isScenarioResult(value: unknown): value is ScenarioResult {
  if (typeof value !== 'object' || value === null) return false;
  const { name, outcome, seconds } = value as Partial<Record<keyof ScenarioResult, unknown>>;
  return (
    typeof name === 'string' && (outcome === 'passed' || outcome === 'failed') && typeof seconds === 'number'
  );
}

function isNote(value: unknown): value is ConsoleNote {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'scenario-starts') return 'name' in value && typeof value.name === 'string';
  return value.kind === 'scenario-ends' && 'result' in value && isScenarioResult(value.result);
}

/**
 * The checkout's path in the machine. It is not the path outside, because the hardened units of packaging/systemd hide home
 * directories and /tmp from the program, and other users may not enter /root.
 */
export const CHECKOUT_INSIDE = '/lab/checkout';

/** Files in the results share. */
export const SHARE = {
  conf: 'lab.conf',
  plan: 'plan.json',
  /** A folder with the program's Debian package. */
  packages: 'packages',
  exitStatus: 'exit-status',
  result: 'result.json',
  timeline: 'timeline.log',
} as const;
