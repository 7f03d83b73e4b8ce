import { setTimeout as delay } from 'node:timers/promises';
import type { Timeline } from './timeline.js';

/** What was awaited did not come in time, or something came that rules it out. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** How often a condition that has no event is looked at. */
const POLL_MS = 50;

/**
 * Looks at a condition until it gives something other than undefined or false, at most `seconds` long.
 * For what has no event to wait for: files, processes, interfaces.
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
        if (timeline.now() >= end) throw new LabError(`awaited ${what} for ${seconds} s`);
        await delay(POLL_MS);
      }
    })(),
  );
}
