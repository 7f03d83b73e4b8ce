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

export const systemClock: Clock = {
  now: () => Math.round(performance.now()),
  after(ms, fire) {
    const end = systemClock.now() + ms;
    const check = (): void => {
      // Node compares whole milliseconds, so a timeout can come one too early.
      const rest = end - systemClock.now();
      if (rest > 0) handle = setTimeout(check, rest);
      else fire();
    };
    let handle = setTimeout(check, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

export interface Backoff {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The wait in ms after a number of failures before this one (0: none): doubled each time, from the first to the last. */
export function backoff(earlierFailures: number, { firstMs, lastMs }: Backoff): number {
  return Math.min(firstMs * 2 ** earlierFailures, lastMs);
}
