import { parseIpv4 } from '../config/ipv4.js';
import { STA_FIRST, sta, staNext } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure, parseStation } from '../wpa/reply.js';
import { addressesOf, putStation, reportStation, stationAnnounced } from './addresses.js';
import { noteActivity } from './discovery.js';
import { finishEnrolment, requestOf } from './enrolments.js';
import type { LinkName } from './model.js';
import { closeForStation } from './pairing.js';
import { lookUpClients } from './persistent-group.js';
import type { Group, Station, Walk } from './phase.js';
import type { StationRejection } from './reasons.js';
import { runningGroup } from './selectors.js';
import type { Transition } from './transition.js';

/** The stations of the running group. */

/** A walk whose station keeps leaving is given up, and repeated a little later. */
const MAX_WALK_RESTARTS = 3;
const WALK_LATER_MS = 5_000;
/** IEEE 802.11 association identifiers end at 2007. A longer walk, or one that meets a station twice, has no end. */
const MAX_STATIONS = 2007;

/**
 * `AP-STA-CONNECTED` and `-DISCONNECTED` come on the group's socket and, copied, on the device's. The group's copy
 * counts; the other only while there is no link to the group, because two sockets have no common order.
 */
export function stationEvent(
  t: Transition,
  group: Group,
  link: LinkName,
  event: EventOf<'AP-STA-CONNECTED' | 'AP-STA-DISCONNECTED'>,
): void {
  if (link === 'device' && group.linkUp) return;
  noteActivity(t);
  const { address, deviceAddress } = event;
  if (group.walk) {
    const touched = new Set(group.walk.touched).add(address);
    t.setGroup({ ...group, walk: { ...group.walk, touched } });
  }
  if (event.type === 'AP-STA-CONNECTED')
    stationIn(t, { address, deviceAddress, name: null, allotted: allottedIn(event), fresh: true });
  else stationOut(t, address);
}

/** What is known of a station that is connected; `fresh`: it has just connected. */
interface Arrival extends Pick<Station, 'address' | 'deviceAddress' | 'name'> {
  /** The address from the handshake. */
  readonly allotted: string | null;
  readonly fresh: boolean;
}

/** The address of the handshake, at the end of the event. */
function allottedIn({ extra }: EventOf<'AP-STA-CONNECTED' | 'AP-STA-DISCONNECTED'>): string | null {
  const ip = extra['ip_addr'] ?? '';
  return parseIpv4(ip) === null ? null : ip;
}

function stationIn(t: Transition, arrival: Arrival): void {
  const { address, deviceAddress } = arrival;
  const before = runningGroup(t);
  if (!before) return;
  const known = before.stations.get(address);
  if (known && !requestOf(t, address, deviceAddress)) {
    // It was there all the time. The answer to the question for its name may have been lost with the link.
    if (!known.announced) t.question('group', sta(address), { kind: 'station-name', address });
    closeForStation(t, { address, deviceAddress }, undefined);
    return;
  }
  // One that has asked to join since has left in between, and that was not reported.
  if (known) stationOut(t, address);
  // A phone that is back under another interface address has left under the old one, reported or not.
  for (const station of before.stations.values()) {
    if (deviceAddress !== null && station.deviceAddress === deviceAddress) stationOut(t, station.address);
  }
  const group = runningGroup(t);
  if (!group) return;
  const enrolled = finishEnrolment(t, address, deviceAddress);
  const peerName = deviceAddress === null ? null : t.world.peerName(deviceAddress);
  const name = arrival.name || peerName || (deviceAddress === null ? null : enrolled?.name) || null;
  const addresses = addressesOf(t, address, arrival.allotted, arrival.fresh);
  const station = {
    address,
    deviceAddress,
    name,
    since: t.world.now,
    ...addresses,
    announced: false,
  };
  putStation(t, group, station);
  if (!arrival.fresh && station.ip === null)
    t.effects.push({ type: 'confirm-address', interface: group.interface, address });
  if (deviceAddress !== null && name === null) {
    t.question('group', sta(address), { kind: 'station-name', address });
  } else {
    announce(t, station);
  }
  closeForStation(t, station, enrolled);
}

/** The name of a station; null where no reply came. */
export function stationNamed(t: Transition, address: string, reply: string | null): void {
  const station = runningGroup(t)?.stations.get(address);
  if (!station || station.announced) return;
  const name = (reply === null ? null : parseStation(reply)?.name) || null;
  if (name !== null && station.deviceAddress !== null) {
    t.remember({ deviceAddress: station.deviceAddress, name, deviceType: null });
  }
  announce(t, { ...station, name });
}

function announce(t: Transition, station: Station): void {
  const group = runningGroup(t);
  if (!group) return;
  const announced = { ...station, announced: true };
  putStation(t, group, announced);
  reportStation(t, group, announced, 'connect');
  stationAnnounced(t, group, announced);
  if (station.deviceAddress !== null) lookUpClients(t, group);
}

function stationOut(t: Transition, address: string): void {
  const before = runningGroup(t)?.stations.get(address);
  // wpa_supplicant also reports those that never completed the handshake.
  if (!before) return;
  if (!before.announced) announce(t, before);
  const group = runningGroup(t);
  if (!group) return;
  const stations = new Map(group.stations);
  stations.delete(address);
  // A removal that has failed is tried again at once.
  const failed = group.removal?.stage === 'failed';
  const removal = failed ? ({ stage: 'failed', until: t.world.now } as const) : group.removal;
  t.setGroup({ ...group, stations, removal });
  reportStation(t, group, before, 'disconnect');
}

/** Compares our list with wpa_supplicant's, station by station. */
export function startWalk(t: Transition): void {
  const group = runningGroup(t);
  if (!group) return;
  if (group.walk) t.setGroup({ ...group, walk: { ...group.walk, again: true } });
  else walkFrom(t, group, { found: [], touched: new Set(), restarts: 0, again: false });
}

function walkFrom(t: Transition, group: Group, walk: Walk): void {
  t.setGroup({ ...group, walk });
  t.question('group', STA_FIRST, { kind: 'walk' });
}

/** One reply of the walk; null where none came. */
export function walkReply(t: Transition, reply: string | null): void {
  const group = runningGroup(t);
  const walk = group?.walk;
  if (!group || !walk) return;
  if (reply === '') {
    endWalk(t, group, walk);
    return;
  }
  const station = reply === null ? null : parseStation(reply);
  const again = station && walk.found.some(({ address }) => address === station.address);
  if (station && !again && walk.found.length < MAX_STATIONS) {
    t.setGroup({ ...group, walk: { ...walk, found: [...walk.found, station] } });
    t.question('group', staNext(station.address), { kind: 'walk' });
  } else if (
    reply !== null &&
    isFailure(reply) &&
    walk.found.length > 0 &&
    walk.restarts < MAX_WALK_RESTARTS
  ) {
    // The station whose successor was asked for has left meanwhile.
    walkFrom(t, group, { ...walk, found: [], restarts: walk.restarts + 1 });
  } else {
    t.setGroup({ ...group, walk: null, checkAt: t.world.now + WALK_LATER_MS });
  }
}

function endWalk(t: Transition, group: Group, walk: Walk): void {
  t.setGroup({ ...group, walk: null });
  const present = new Map(walk.found.filter((s) => s.authorized).map((s) => [s.address, s]));
  for (const address of group.stations.keys()) {
    if (!present.has(address) && !walk.touched.has(address)) stationOut(t, address);
  }
  for (const { address, deviceAddress, name } of present.values()) {
    if (!walk.touched.has(address))
      stationIn(t, { address, deviceAddress, name, allotted: null, fresh: false });
  }
  if (walk.again) startWalk(t);
}

// Stations that wpa_supplicant turned away. Neither they nor their users see a reason.

type Rejection = EventOf<'AP-REJECTED-MAX-STA' | 'AP-REJECTED-BLOCKED-STA' | 'AP-STA-POSSIBLE-PSK-MISMATCH'>;

const REASONS: Readonly<Record<Rejection['type'], StationRejection>> = {
  'AP-REJECTED-MAX-STA': 'group-full',
  'AP-REJECTED-BLOCKED-STA': 'blocked',
  'AP-STA-POSSIBLE-PSK-MISMATCH': 'wrong-passphrase',
};
/** A device tries again and again by itself. */
const REJECTED_AGAIN_MS = 60_000;
const MAX_REMEMBERED = 64;
/** More devices than this within {@link REJECTED_AGAIN_MS} are a flood of invented addresses. */
const MAX_REPORTED = 20;

export function stationRejected(t: Transition, { type, address }: Rejection): void {
  const key = `${type} ${address}`;
  const reportedAt = t.state.repeats.stations.get(key);
  const isRecent = (at: number) => t.world.now - at < REJECTED_AGAIN_MS;
  if (reportedAt !== undefined && isRecent(reportedAt)) return;
  if ([...t.state.repeats.stations.values()].filter(isRecent).length >= MAX_REPORTED) return;
  const rejections = new Map(t.state.repeats.stations);
  rejections.delete(key);
  rejections.set(key, t.world.now);
  t.setRepeats({ stations: new Map([...rejections].slice(-MAX_REMEMBERED)) });
  const enrolment = t.state.enrolments.find(({ stationAddress }) => stationAddress === address);
  t.emit(
    {
      type: 'stationRejected',
      address,
      deviceAddress: enrolment?.deviceAddress ?? null,
      name: enrolment?.name ?? null,
      reason: REASONS[type],
    },
    'warning',
  );
}
