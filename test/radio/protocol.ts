/**
 * What the two halves of the lab tell each other: the host through files in the results share, the guest through
 * files there and marked lines on its console.
 */

/** The radios a scenario runs on: the box's and the phones' are alike. */
export interface Radios {
  /** False: as drivers without a P2P Device, where wlan0 itself is spoken to. Default true. */
  readonly p2pDevice?: boolean;
}

/**
 * The system that a scenario runs on. `host`: the developer's own machine, with nothing running but the lab. `debian`: a
 * clean Debian 13 with systemd as process 1.
 */
export type System = 'host' | 'debian';

/** One scenario the host wants run; `plan.json` in the results share holds the list. */
export interface PlannedScenario {
  readonly name: string;
  /** The compiled module, from the checkout's top folder. */
  readonly module: string;
  readonly timeoutSeconds: number;
  readonly radios?: Radios;
  readonly system: System;
  /** Wants the program's Debian package, which the host builds before. */
  readonly needsPackage: boolean;
}

/** What became of one scenario; `<name>/result.json` in the results share. */
export interface ScenarioResult {
  readonly name: string;
  readonly outcome: 'passed' | 'failed';
  /** Emulated seconds: good for order and bounds, not for figures. */
  readonly seconds: number;
  /** Why it failed, with a stack where there is one. */
  readonly error?: string;
}

/** A line the guest's runner writes to the console. Everything else there is noise worth showing on a failure only. */
export type ConsoleNote =
  | { readonly kind: 'scenario-starts'; readonly name: string }
  | { readonly kind: 'scenario-ends'; readonly result: ScenarioResult };

const MARK = '@lab ';

export function formatNote(note: ConsoleNote): string {
  return MARK + JSON.stringify(note);
}

/** The note in a console line, or undefined where there is none (or a kernel message tore it apart). */
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
 * Where the checkout is in the machine, wherever a person has cloned it: the hardened units of packaging/systemd hide
 * home directories and /tmp from the program, and other users may not enter /root.
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
