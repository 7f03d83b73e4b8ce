import { setTimeout as delay } from 'node:timers/promises';
import type { Timeline } from './timeline.js';

/** An expected event did not come in time, or another event excludes it. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** How often a condition without an event is checked. */
const POLL_MS = 50;

/**
 * The scenarios state in how many seconds something should be there. An emulated machine on a busy host gets three times as long,
 * which costs nothing when all is well. Only what the box does has so long: a person with a phone taps again.
 */
export function patient(seconds: number): number {
  return 3 * seconds;
}

/**
 * Checks a condition repeatedly until it returns something other than undefined or false, for at most `seconds`.
 * For things without an event: files, processes, interfaces.
 */
export function until<T>(
  timeline: Timeline,
  what: string,
  seconds: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  return timeline.track(
    what,
    (async () => {
      const end = timeline.now() + seconds;
      for (;;) {
        const seen = await look();
        if (seen !== undefined && seen !== false) return seen;
        if (timeline.now() >= end) throw new LabError(`expected ${what} within ${seconds} s`);
        await delay(POLL_MS);
      }
    })(),
  );
}
