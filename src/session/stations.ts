import { STA_FIRST, sta, staNext } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure, parseStation } from '../wpa/reply.js';
import { hear } from './discovery.js';
import { enrolmentOf, finishEnrolment } from './enrolment.js';
import {
  groupFacts,
  groupView,
  publicAddress,
  stationFacts,
  stationLabel,
  stationView,
  UNKNOWN_NAME,
} from './facts.js';
import type { Group, LinkName, Station } from './model.js';
import type { Turn } from './turn.js';

/** A walk that keeps finding its place gone is given up; the next heartbeat's will do. */
const MAX_WALK_RESTARTS = 3;
/** IEEE 802.11 association identifiers end at 2007: a longer walk goes in circles. */
const MAX_STATIONS = 2007;

/**
 * `AP-STA-CONNECTED` and `-DISCONNECTED` come on the group's socket and, copied, on the device's. The group's copy
 * counts; the other only while there is no link to the group, because between two sockets there is no order.
 */
export function stationEvent(
  turn: Turn,
  group: Group,
  link: LinkName,
  event: EventOf<'AP-STA-CONNECTED' | 'AP-STA-DISCONNECTED'>,
): void {
  if (link === 'device' && group.linkUp) return;
  hear(turn);
  const { address, deviceAddress } = event;
  if (group.walk) {
    const touched = new Set(group.walk.touched).add(address);
    turn.setGroup({ ...group, walk: { ...group.walk, touched } });
  }
  if (event.type === 'AP-STA-CONNECTED') stationIn(turn, address, deviceAddress, null);
  else stationOut(turn, address);
}

function running(turn: Turn): Group | null {
  const { phase } = turn.state;
  return phase.name === 'running' ? phase.group : null;
}

function put(turn: Turn, group: Group, station: Station): void {
  turn.setGroup({ ...group, stations: new Map(group.stations).set(station.address, station) });
}

function stationIn(turn: Turn, address: string, deviceAddress: string | null, toldName: string | null): void {
  const group = running(turn);
  if (!group || group.stations.has(address)) return;
  const enrolled = enrolmentOf(turn.state, address, deviceAddress);
  const known = deviceAddress === null ? null : turn.world.peerName(deviceAddress);
  const name = toldName || known || (deviceAddress === null ? null : enrolled?.name) || null;
  const station = { address, deviceAddress, name, since: turn.world.now, announced: false };
  put(turn, group, station);
  finishEnrolment(turn, address, deviceAddress);
  if (deviceAddress !== null && name === null) {
    turn.request('group', sta(address), { kind: 'station-name', address });
  } else {
    announce(turn, station);
  }
}

/** The reply to the question for a station's name, or null where none came. */
export function stationNamed(turn: Turn, address: string, reply: string | null): void {
  const station = running(turn)?.stations.get(address);
  if (!station || station.announced) return;
  const name = (reply === null ? null : parseStation(reply)?.name) || null;
  if (name !== null && station.deviceAddress !== null) {
    turn.effects.push({ type: 'remember', address: station.deviceAddress, name, deviceType: null });
  }
  announce(turn, { ...station, name });
}

function announce(turn: Turn, station: Station): void {
  const group = running(turn);
  if (!group) return;
  const announced = { ...station, announced: true };
  put(turn, group, announced);
  turn.log('info', `${group.interface}: station connected: ${stationLabel(station)}`);
  const args = [publicAddress(station), station.name ?? UNKNOWN_NAME, group.interface];
  turn.hook('connect', args, { ...groupFacts(group), ...stationFacts(station) });
  turn.emit({ type: 'stationConnected', station: stationView(station), group: groupView(group) });
}

function stationOut(turn: Turn, address: string): void {
  const before = running(turn)?.stations.get(address);
  // wpa_supplicant reports also those that never completed the handshake.
  if (!before) return;
  if (!before.announced) announce(turn, before);
  const group = running(turn);
  if (!group) return;
  const stations = new Map(group.stations);
  stations.delete(address);
  turn.setGroup({ ...group, stations });
  farewell(turn, group, before);
}

/** Says of a station that it is gone; the caller has taken it out. */
export function farewell(turn: Turn, group: Group, station: Station): void {
  turn.log('info', `${group.interface}: station disconnected: ${stationLabel(station)}`);
  const args = [publicAddress(station), station.name ?? UNKNOWN_NAME, group.interface];
  turn.hook('disconnect', args, { ...groupFacts(group), ...stationFacts(station) });
  turn.emit({ type: 'stationDisconnected', station: stationView(station), group: groupView(group) });
}

/** Compares what we know with wpa_supplicant's own list, station by station. */
export function startWalk(turn: Turn, restarts = 0): void {
  const group = running(turn);
  if (!group) return;
  const touched = restarts > 0 && group.walk ? group.walk.touched : new Set<string>();
  turn.setGroup({ ...group, walk: { found: [], touched, restarts } });
  turn.request('group', STA_FIRST, { kind: 'walk' });
}

/** One reply of the walk; null where none came. */
export function walkReply(turn: Turn, reply: string | null): void {
  const group = running(turn);
  const walk = group?.walk;
  if (!group || !walk) return;
  if (reply === null) {
    turn.setGroup({ ...group, walk: null });
  } else if (reply === '') {
    endWalk(turn, group);
  } else if (isFailure(reply)) {
    // The station whose successor was asked for has left meanwhile.
    if (walk.found.length > 0 && walk.restarts < MAX_WALK_RESTARTS) startWalk(turn, walk.restarts + 1);
    else turn.setGroup({ ...group, walk: null });
  } else {
    const station = parseStation(reply);
    if (!station || walk.found.length >= MAX_STATIONS) {
      turn.setGroup({ ...group, walk: null });
      return;
    }
    turn.setGroup({ ...group, walk: { ...walk, found: [...walk.found, station] } });
    turn.request('group', staNext(station.address), { kind: 'walk' });
  }
}

function endWalk(turn: Turn, group: Group): void {
  const { walk } = group;
  turn.setGroup({ ...group, walk: null });
  if (!walk) return;
  const present = new Map(walk.found.filter((s) => s.authorized).map((s) => [s.address, s]));
  for (const address of group.stations.keys()) {
    if (!present.has(address) && !walk.touched.has(address)) stationOut(turn, address);
  }
  for (const { address, deviceAddress, name } of present.values()) {
    if (!walk.touched.has(address)) stationIn(turn, address, deviceAddress, name);
  }
}
