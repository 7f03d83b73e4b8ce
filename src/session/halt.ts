import type { Turn } from './turn.js';

/** What an operator has stopped for now: everything (`pause`), or the group. */

/** Whether no group is formed and nobody let in. */
export function isHalted({ state: { paused, groupStopped } }: Turn): boolean {
  return paused || groupStopped;
}

/** The same in words, for whoever wants something all the same; null where nothing is stopped. */
export function haltReason({ state: { paused, groupStopped } }: Turn): string | null {
  if (paused) return 'the session is paused';
  return groupStopped ? 'the group is stopped' : null;
}
