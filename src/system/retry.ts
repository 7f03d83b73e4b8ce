import { setTimeout as pause } from 'node:timers/promises';
import { HostP2pError } from './errors.js';

/** How long something is tried, and how long the pause between two attempts is, in ms. */
export interface RetryTimes {
  readonly limitMs: number;
  readonly pauseMs: number;
}

/**
 * Tries until an attempt succeeds. Only a {@link HostP2pError} means "not yet"; any other error is thrown at once.
 * @throws {HostP2pError} that of the last attempt, when the time is over
 */
export async function retry<T>(attempt: () => Promise<T>, { limitMs, pauseMs }: RetryTimes): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HostP2pError) || performance.now() > end) throw error;
    }
    await pause(pauseMs);
  }
}
