import type { Clock, Timer } from '#src/system/clock.js';

interface Waiting {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that stands still until a test advances it. */
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

  /** The time left of each running timer, the next one first. */
  get waiting(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /**
   * Lets that much time pass and fires the timers that are due: in the order of their times, those of the same time in the order
   * of the calls.
   * @param settle runs after each timer, for example to deliver what it has sent
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
