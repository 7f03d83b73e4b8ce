import type { Turn } from './turn.js';

/** What stands in the way of a group: an operator (`pause`, `group stop`), or the connection of the radio. */

/** Whether no group is formed and nobody let in. */
export function isHalted({ state: { paused, groupStopped } }: Turn): boolean {
  return paused || groupStopped;
}

/** The same in words, for whoever wants something all the same; null where nothing is stopped. */
export function haltReason({ state: { paused, groupStopped } }: Turn): string | null {
  if (paused) return 'the session is paused';
  return groupStopped ? 'the group is stopped' : null;
}

/**
 * Whether a group would take the radio's own interface, and the setting `keep_station` wants to keep what that is
 * connected to: then it has to be looked at before a group is formed (keep-station.ts).
 */
export function mustKeepStation({ state: { sharesInterface }, settings: { keep_station } }: Turn): boolean {
  return sharesInterface && keep_station;
}
