import type { Clock, Timer } from '#src/system/clock.js';

interface Waiting {
  readonly at: number;
  readonly fire: () => void;
}

/** Time that stands still until a test moves it on. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Waiting>();

  now(): number {
    return this.#now;
  }

  after(ms: number, fire: () => void): Timer {
    const timer = { at: this.#now + ms, fire };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** How long each timer that runs has still to go, the next one first. */
  get waiting(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /**
   * Lets that much time pass: fires what comes due, in the order of the times and, at the same time, of the calls.
   * @param settle runs after each timer, for what the rest of the world does meanwhile
   */
  advance(ms: number, settle: () => void = () => {}): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.fire();
      settle();
    }
    this.#now = end;
  }

  #next(end: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (!first || timer.at < first.at)) first = timer;
    }
    return first;
  }
}
