import { groupRemove } from '../wpa/command.js';
import { runningGroup } from './held.js';
import type { Group } from './model.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** So long a group on demand is given to be used: whoever it was negotiated with still has to connect. */
export const UNUSED_LIMIT_MS = 30_000;

/** wpa_supplicant takes a group down within a second; its event can get lost. */
export const REMOVAL_LIMIT_MS = 5_000;

/** A group that is there on demand only ends with its last station, unless somebody is just coming in. */
export function removeWhenEmpty(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group || group.removing || !techniqueOf(turn.settings).passing) return;
  const { enrolments, pairing } = turn.state;
  if (group.stations.size > 0 || enrolments.length > 0 || pairing || group.walk !== null) return;
  // One that was there before us, and that nobody has used since, may be somebody's else.
  if (!group.used && (group.adopted || group.ordered || turn.world.now - group.since < UNUSED_LIMIT_MS))
    return;
  const level = group.removalFailed ? 'debug' : 'info';
  turn.log(level, `${group.interface}: nobody is left, the group is removed`);
  removeGroup(turn, group);
}

/** Its end comes as an event; where none comes, removalTimedOut in operator-group.ts goes on. */
export function removeGroup(turn: Turn, group: Group): void {
  turn.setGroup({ ...group, removing: true, removals: group.removals + 1 });
  turn.request('device', groupRemove(group.interface), { kind: 'group-remove' });
  turn.timer('removal', REMOVAL_LIMIT_MS);
}
