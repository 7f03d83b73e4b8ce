import { parseIpv4 } from '../config/ipv4.js';
import { STA_FIRST, sta, staNext } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure, parseStation } from '../wpa/reply.js';
import { addressesOf, stationAnnounced } from './addresses.js';
import { hear } from './discovery.js';
import { removeWhenEmpty } from './emptiness.js';
import { stationLabel } from './facts.js';
import { lookAtClients } from './group-profile.js';
import { putStation, runningGroup } from './held.js';
import type { Group, LinkName, Station, Walk } from './model.js';
import { stationSettled } from './pairing.js';
import { finishEnrolment } from './settle.js';
import { tellOfStation } from './station-news.js';
import type { Turn } from './turn.js';

/** A walk that keeps finding its place gone is given up, and made anew a little later. */
const MAX_WALK_RESTARTS = 3;
const WALK_LATER_MS = 5_000;
/** IEEE 802.11 association identifiers end at 2007. A longer walk, or one that comes to a station twice, has no end. */
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
  if (event.type === 'AP-STA-CONNECTED')
    stationIn(turn, { address, deviceAddress, name: null, allotted: allottedIn(event), fresh: true });
  else stationOut(turn, address);
}

/** What is told of a station that is there; `fresh`: it has just come. */
interface Arrival extends Pick<Station, 'address' | 'deviceAddress' | 'name'> {
  /** The address that it was given inside the handshake. */
  readonly allotted: string | null;
  readonly fresh: boolean;
}

/** The address of the handshake, at the end of the event. */
function allottedIn({ extra }: EventOf<'AP-STA-CONNECTED' | 'AP-STA-DISCONNECTED'>): string | null {
  const ip = extra['ip_addr'] ?? '';
  return parseIpv4(ip) === null ? null : ip;
}

function stationIn(turn: Turn, arrival: Arrival): void {
  const { address, deviceAddress } = arrival;
  const before = runningGroup(turn);
  if (!before) return;
  if (before.stations.has(address)) {
    // It was there all the time, or has gone unseen.
    stationSettled(turn, { address, deviceAddress }, finishEnrolment(turn, address, deviceAddress));
    return;
  }
  // A phone that is back under another interface address has left under the old one, told or not.
  for (const station of before.stations.values()) {
    if (deviceAddress !== null && station.deviceAddress === deviceAddress) stationOut(turn, station.address);
  }
  const group = runningGroup(turn);
  if (!group) return;
  const enrolled = finishEnrolment(turn, address, deviceAddress);
  const known = deviceAddress === null ? null : turn.world.peerName(deviceAddress);
  const name = arrival.name || known || (deviceAddress === null ? null : enrolled?.name) || null;
  const addresses = addressesOf(turn, address, arrival.allotted, arrival.fresh);
  const station = {
    address,
    deviceAddress,
    name,
    since: turn.world.now,
    ...addresses,
    addressLook: 'open' as const,
    announced: false,
  };
  putStation(turn, group, station);
  if (!arrival.fresh && station.ip === null)
    turn.effects.push({ type: 'confirm-address', interface: group.interface, address });
  if (deviceAddress !== null && name === null) {
    turn.request('group', sta(address), { kind: 'station-name', address });
  } else {
    announce(turn, station);
  }
  stationSettled(turn, station, enrolled);
}

/** The reply to the question for a station's name, or null where none came. */
export function stationNamed(turn: Turn, address: string, reply: string | null): void {
  const station = runningGroup(turn)?.stations.get(address);
  if (!station || station.announced) return;
  const name = (reply === null ? null : parseStation(reply)?.name) || null;
  if (name !== null && station.deviceAddress !== null) {
    turn.remember({ deviceAddress: station.deviceAddress, name, deviceType: null });
  }
  announce(turn, { ...station, name });
}

function announce(turn: Turn, station: Station): void {
  const group = runningGroup(turn);
  if (!group) return;
  const announced = { ...station, announced: true };
  putStation(turn, group, announced);
  tellOfStation(turn, group, announced, 'connect', `station connected: ${stationLabel(station)}`);
  stationAnnounced(turn, announced);
  if (station.deviceAddress !== null) lookAtClients(turn, group);
}

function stationOut(turn: Turn, address: string): void {
  const before = runningGroup(turn)?.stations.get(address);
  // wpa_supplicant reports also those that never completed the handshake.
  if (!before) return;
  if (!before.announced) announce(turn, before);
  const group = runningGroup(turn);
  if (!group) return;
  const stations = new Map(group.stations);
  stations.delete(address);
  turn.setGroup({ ...group, stations });
  farewell(turn, group, before);
  removeWhenEmpty(turn);
}

/** Says of a station that it is gone; the caller has taken it out. */
export function farewell(turn: Turn, group: Group, station: Station): void {
  tellOfStation(turn, group, station, 'disconnect', `station disconnected: ${stationLabel(station)}`);
}

/** Compares what we know with wpa_supplicant's own list, station by station. */
export function startWalk(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group) return;
  if (group.walk) turn.setGroup({ ...group, walk: { ...group.walk, again: true } });
  else walkFrom(turn, group, { found: [], touched: new Set(), restarts: 0, again: false });
}

function walkFrom(turn: Turn, group: Group, walk: Walk): void {
  turn.setGroup({ ...group, walk });
  turn.request('group', STA_FIRST, { kind: 'walk' });
}

/** One reply of the walk; null where none came. */
export function walkReply(turn: Turn, reply: string | null): void {
  const group = runningGroup(turn);
  const walk = group?.walk;
  if (!group || !walk) return;
  if (reply === '') {
    endWalk(turn, group, walk);
    return;
  }
  const station = reply === null ? null : parseStation(reply);
  const again = station && walk.found.some(({ address }) => address === station.address);
  if (station && !again && walk.found.length < MAX_STATIONS) {
    turn.setGroup({ ...group, walk: { ...walk, found: [...walk.found, station] } });
    turn.request('group', staNext(station.address), { kind: 'walk' });
  } else if (
    reply !== null &&
    isFailure(reply) &&
    walk.found.length > 0 &&
    walk.restarts < MAX_WALK_RESTARTS
  ) {
    // The station whose successor was asked for has left meanwhile.
    walkFrom(turn, group, { ...walk, found: [], restarts: walk.restarts + 1 });
  } else {
    turn.setGroup({ ...group, walk: null });
    turn.timer('group-check', WALK_LATER_MS);
  }
}

function endWalk(turn: Turn, group: Group, walk: Walk): void {
  turn.setGroup({ ...group, walk: null });
  const present = new Map(walk.found.filter((s) => s.authorized).map((s) => [s.address, s]));
  for (const address of group.stations.keys()) {
    if (!present.has(address) && !walk.touched.has(address)) stationOut(turn, address);
  }
  for (const { address, deviceAddress, name } of present.values()) {
    if (!walk.touched.has(address))
      stationIn(turn, { address, deviceAddress, name, allotted: null, fresh: false });
  }
  if (walk.again) startWalk(turn);
  else removeWhenEmpty(turn);
}
