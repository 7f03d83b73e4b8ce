/** A running timer; `cancel` is safe after it has fired. */
export interface Timer {
  cancel(): void;
}

/** Time as the program sees it; tests can stop it. All values are milliseconds. */
export interface Clock {
  /** Monotonic, from an arbitrary zero. */
  now(): number;
  /** Calls `fire` once after `ms`. */
  after(ms: number, fire: () => void): Timer;
}

/** Timers of Node.js take no more milliseconds. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Math.round(performance.now()),
  after(ms, fire) {
    const end = systemClock.now() + ms;
    const wait = (rest: number) => setTimeout(check, Math.min(rest, LONGEST_TIMER_MS));
    const check = (): void => {
      // Node compares whole milliseconds, so a timeout can come one too early.
      const rest = end - systemClock.now();
      if (rest > 0) handle = wait(rest);
      else fire();
    };
    let handle = wait(ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The wait in ms after a number of failures before this one (0: none): doubled each time, from the first to the last. */
export function backoff(earlierFailures: number, { firstMs, longestMs }: Backoff): number {
  return Math.min(firstMs * 2 ** earlierFailures, longestMs);
}
