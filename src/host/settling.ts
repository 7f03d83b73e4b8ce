import { systemClock } from '../system/clock.js';

/** Waits for something, but no longer than `ms`. Rejects where it does, in that time. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let late: () => void = () => {};
  const limit = new Promise<void>((resolve) => {
    late = resolve;
  });
  const timer = systemClock.after(ms, late);
  await Promise.race([work, limit]).finally(() => timer.cancel());
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export class Deferred {
  resolve: () => void = () => {};
  reject: (error: Error) => void = () => {};
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
