import type { Facts } from './facts.js';

/** From good to bad. `unknown`: what the check needs is not there; that is no reproach. */
export const LEVELS = ['ok', 'unknown', 'warning', 'fault'] as const;

export type Level = (typeof LEVELS)[number];

export interface Finding {
  /** Stable word for programs: the id of the check. */
  readonly check: string;
  readonly level: Level;
  /** One line. */
  readonly message: string;
  /** What to do about it, in one line; every warning and every fault has one. */
  readonly cure?: string;
}

/** A finding before it is said whose it is. */
export type Verdict =
  | { readonly level: 'ok' | 'unknown'; readonly message: string }
  | { readonly level: 'warning' | 'fault'; readonly message: string; readonly cure: string };

export interface Check {
  /** In kebab-case; it stays. */
  readonly id: string;
  /** What it looks at, for native-notes/doctor.md. */
  readonly looksAt: string;
  /** Settings that it judges: where one cannot be used there is nothing to judge. */
  readonly uses?: readonly string[];
  /** It looks at what this user may do, which says nothing of a session that runs as another one. */
  readonly asUser?: true;
  /** Judges facts and does nothing else; at least one verdict, so that a person sees what was looked at. */
  readonly judge: (facts: Facts) => readonly Verdict[];
}

export function ok(message: string): readonly Verdict[] {
  return [{ level: 'ok', message }];
}

/** @param reason what is missing to tell */
export function unknown(reason: string): readonly Verdict[] {
  return [{ level: 'unknown', message: `cannot tell: ${reason}` }];
}

export function warning(message: string, cure: string): readonly Verdict[] {
  return [{ level: 'warning', message, cure }];
}

export function fault(message: string, cure: string): readonly Verdict[] {
  return [{ level: 'fault', message, cure }];
}

/** The verdicts, or where there are none that all is well. */
export function orOk(verdicts: readonly Verdict[], message: string): readonly Verdict[] {
  return verdicts.length > 0 ? verdicts : ok(message);
}
