import { groupView, stationView } from './facts.js';
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
 */
export function tellOfStation(
  turn: Turn,
  group: Group,
  station: Station,
  hook: keyof typeof NEWS,
  line: string,
): void {
  turn.log('info', `${group.interface}: ${line}`);
  const facts = { station: stationView(station), group: groupView(group) };
  turn.hook({ hook, ...facts });
  turn.emit({ type: NEWS[hook], ...facts });
}
