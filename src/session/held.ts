import type { Group, Phase, Station } from './model.js';
import type { Turn } from './turn.js';

/** The group as long as it runs and its link to the device holds. */
export function runningGroup(turn: Turn): Group | null {
  const { phase } = turn.state;
  return phase.name === 'running' ? phase.group : null;
}

/** Whether what happens on the group goes unheard. */
export function isGroupDeaf({ state: { deaf, phase }, world }: Turn): boolean {
  const shared = phase.name === 'running' && phase.group.interface === world.deviceInterface;
  return (shared ? deaf.device : deaf.group) !== null;
}

/** The station of that device on the running group. */
export function stationOf(turn: Turn, deviceAddress: string): Station | undefined {
  const stations = runningGroup(turn)?.stations.values() ?? [];
  return [...stations].find((station) => station.deviceAddress === deviceAddress);
}

/** The station as it is now, on the running group. */
export function putStation(turn: Turn, group: Group, station: Station): void {
  turn.setGroup({ ...group, used: true, stations: new Map(group.stations).set(station.address, station) });
}

/** The group that we answer for: the running one, or the one that was running when the link was lost. */
export function heldGroup(turn: Turn): Group | null {
  return groupIn(turn.state.phase);
}

export function groupIn(phase: Phase): Group | null {
  if (phase.name === 'running') return phase.group;
  return 'held' in phase ? phase.held : null;
}
