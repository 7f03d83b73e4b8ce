import type { Group } from './model.js';
import type { Turn } from './turn.js';

/** The group as long as it runs and its link to the device holds. */
export function runningGroup(turn: Turn): Group | null {
  const { phase } = turn.state;
  return phase.name === 'running' ? phase.group : null;
}

/** The group that we answer for: the running one, or the one that was running when the link was lost. */
export function heldGroup(turn: Turn): Group | null {
  const { phase } = turn.state;
  if (phase.name === 'running') return phase.group;
  return 'held' in phase ? phase.held : null;
}
