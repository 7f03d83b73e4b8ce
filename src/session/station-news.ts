import { groupFacts, groupView, publicAddress, stationFacts, stationView, UNKNOWN_NAME } from './facts.js';
import type { Group, Station } from './model.js';
import type { Turn } from './turn.js';

/** What happens to a station, as hooks and listeners know it. */
const NEWS = {
  connect: 'stationConnected',
  disconnect: 'stationDisconnected',
  address: 'stationAddressed',
} as const;

/**
 * Tells of a station: the log, the hook, the listeners.
 * @param line for the log, behind the group's interface
 * @param more arguments of the hook behind address, name and group
 */
export function tellOfStation(
  turn: Turn,
  group: Group,
  station: Station,
  hook: keyof typeof NEWS,
  line: string,
  ...more: readonly string[]
): void {
  turn.log('info', `${group.interface}: ${line}`);
  const args = [publicAddress(station), station.name ?? UNKNOWN_NAME, group.interface, ...more];
  turn.hook(hook, args, { ...groupFacts(group), ...stationFacts(station) });
  turn.emit({ type: NEWS[hook], station: stationView(station), group: groupView(group) });
}
