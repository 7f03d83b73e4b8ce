/** A running timer; `cancel` is safe after it has fired. */
export interface Timer {
  cancel(): void;
}

/** Time as the program sees it, so that tests can hold it still. All values are milliseconds. */
export interface Clock {
  /** Monotonic; its zero means nothing. */
  now(): number;
  /** Calls `fire` once after `ms`. */
  after(ms: number, fire: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => Math.round(performance.now()),
  after(ms, fire) {
    const handle = setTimeout(fire, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};
