import { type Clock, systemClock } from './clock.js';

/** What the program cannot do at the moment, and what that waits for. */
export interface Problem {
  readonly reason: string;
  /** What must happen; null where it is only a matter of time. */
  readonly waitsFor: string | null;
  /** When it is tried again, or over: a time of the session's clock. Null: at no fixed time. */
  readonly nextTryAt: number | null;
}

/** What a problem keeps from working. */
export type ProblemSubject =
  | 'group'
  | 'events'
  | 'admission'
  | 'settings'
  | 'addresses'
  | 'internet'
  | 'hooks'
  | 'pin_module'
  | 'state file'
  | 'recording'
  | 'log'
  | 'control socket'
  | 'configuration';

interface OpenProblem extends Problem {
  readonly subject: ProblemSubject;
  readonly since: Date;
}

/** Takes a problem, or null when there is none any more. */
export type ReportProblem = (problem: Problem | null) => void;

/** The problems of a session and of its process: each part reports its own, and when it is over. */
export class Problems {
  readonly #open = new Map<ProblemSubject, OpenProblem>();
  readonly #onChange: () => void;
  readonly #clock: Clock;

  /** @param onChange is called when a problem begins, ends or has another reason */
  constructor(onChange: () => void = () => {}, clock: Clock = systemClock) {
    this.#onChange = onChange;
    this.#clock = clock;
  }

  /** For one part of the program. */
  of(subject: ProblemSubject): ReportProblem {
    return (problem) => this.report(subject, problem);
  }

  report(subject: ProblemSubject, problem: Problem | null): void {
    const former = this.#open.get(subject);
    if (problem === null) this.#open.delete(subject);
    else this.#open.set(subject, { ...problem, subject, since: former?.since ?? new Date() });
    if (former?.reason !== problem?.reason) this.#onChange();
  }

  get list(): readonly OpenProblem[] {
    const now = this.#clock.now();
    // Without anything to wait for but a time that is past, it is over.
    return [...this.#open.values()].filter(
      ({ waitsFor, nextTryAt }) => waitsFor !== null || nextTryAt === null || nextTryAt > now,
    );
  }
}
