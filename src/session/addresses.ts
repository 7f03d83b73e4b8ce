import type { Leases } from '../addressing/address-server.js';
import type { Group, Station } from './phase.js';
import { earliest, runningGroup } from './selectors.js';
import type { Transition } from './transition.js';
import { groupView, stationView } from './views.js';

/** The IPv4 addresses of the group's network: which server gives them, and which station has which. */

/** The group is up, or the settings have changed: its network gets the addresses that they ask for. */
export function serveAddresses(t: Transition, group: Group): void {
  if (t.settings.addressing === 'none') {
    withdrawAddresses(t);
    return;
  }
  t.update({ addresses: { ...t.state.addresses, served: true } });
  t.effects.push({ type: 'serve-addresses', interface: group.interface });
}

/** The group or the session has ended. */
export function withdrawAddresses(t: Transition): void {
  if (!t.state.addresses.served) return;
  t.update({ addresses: { ...t.state.addresses, served: false } });
  t.effects.push({ type: 'withdraw-addresses' });
}

/** All leases that are known now. */
export function leasesReceived(t: Transition, leases: Leases): void {
  t.update({ addresses: { ...t.state.addresses, leases } });
  for (const station of runningGroup(t)?.stations.values() ?? []) {
    const group = runningGroup(t);
    const lease = leases.get(station.address);
    // A lease that is gone, or has ended by a clock that was set, takes no address from a phone that is connected.
    if (!group || !lease || lease.end === station.formerLease || lease.ip === station.ip) continue;
    addressKnown(t, group, { ...station, ip: lease.ip, ipUsed: true });
  }
}

/**
 * What is known of the address of a station that comes.
 * @param allotted the address from the handshake
 * @param fresh it has just connected: an earlier lease is not its address until it asks again
 */
export function addressesOf(
  t: Transition,
  address: string,
  allotted: string | null,
  fresh: boolean,
): Pick<Station, 'ip' | 'ipUsed' | 'formerLease' | 'ipv6' | 'addressDueAt' | 'withoutAddress'> {
  const lease = t.state.addresses.leases.get(address);
  const look = { ipv6: null, addressDueAt: t.world.now + ADDRESS_LIMIT_MS, withoutAddress: false };
  if (fresh) return { ip: allotted, ipUsed: false, formerLease: lease?.end ?? null, ...look };
  return { ip: lease?.ip ?? allotted, ipUsed: lease !== undefined, formerLease: null, ...look };
}

/** The kernel knows that the station has this address. What the handshake or DHCP has said since we asked is newer. */
export function addressConfirmed(t: Transition, address: string, ip: string): void {
  const group = runningGroup(t);
  const station = group?.stations.get(address);
  if (!group || !station) return;
  if (station.ip === null) addressKnown(t, group, { ...station, ip, ipUsed: true });
  else if (station.ip === ip && !station.ipUsed) putStation(t, group, { ...station, ipUsed: true });
}

/**
 * The same of an IPv6 link-local address. It is enough for an app that uses no other, but nearly every phone has one, also a phone
 * that wants an IPv4 address and gets none: so the missing address is reported nevertheless.
 */
export function ipv6Confirmed(t: Transition, address: string, ipv6: string): void {
  const group = runningGroup(t);
  const station = group?.stations.get(address);
  if (!group || !station || station.ipv6 !== null || station.ipUsed) return;
  addressKnown(t, group, { ...station, ipv6 });
  if (station.ip === null && !station.withoutAddress) warnOfMissing(t, group, { ...station, ipv6 });
}

/** The station is announced: its address comes next. It may still ask for another one by DHCP. */
export function stationAnnounced(t: Transition, group: Group, station: Station): void {
  if (station.ip !== null) addressKnown(t, group, station);
  if (t.state.addresses.served) t.effects.push({ type: 'expect-lease' });
}

/** Phones give up after 30 s and more; DHCP takes a second or two. */
const ADDRESS_LIMIT_MS = 20_000;
/** Between one look for the addresses of a station and the next, at most. */
const ADDRESS_PAUSE_MS = 600_000;

/** When the next station that has asked for no address is looked at; null where none is. */
export function addressDueAt(t: Transition): number | null {
  return earliest(silent(t).flatMap((station) => station.addressDueAt ?? []));
}

/** Stations that DHCP has given no address. One from the handshake may be unused. */
function silent(t: Transition): readonly Station[] {
  const stations = runningGroup(t)?.stations;
  if (!stations?.size) return [];
  return [...stations.values()].filter(
    ({ ipUsed, ipv6, announced }) => !ipUsed && ipv6 === null && announced,
  );
}

/**
 * Stations have had their time. Only the kernel knows whether another server has given them an address, or whether they use IPv6.
 */
export function seekAddresses(t: Transition): void {
  for (const station of silent(t)) {
    const group = runningGroup(t);
    const due = station.addressDueAt;
    if (!group || due === null || t.world.now < due) continue;
    putStation(t, group, { ...station, addressDueAt: null });
    t.effects.push({ type: 'seek-address', interface: group.interface, address: station.address });
  }
}

/**
 * This station has no address, or has not answered for it: a frame can get lost, and a phone can choose an address later. So it is
 * looked for again, after pauses that double. Without one it will leave before long, and shows its user no reason.
 */
export function addressMissing(t: Transition, group: Group, address: string): void {
  const station = group.stations.get(address);
  if (station?.addressDueAt !== null || station.ipUsed || station.ipv6 !== null) return;
  const { now } = t.world;
  const pause = Math.min(Math.max(now - station.since, ADDRESS_LIMIT_MS), ADDRESS_PAUSE_MS);
  putStation(t, group, { ...station, addressDueAt: now + pause, withoutAddress: true });
  if (station.ip === null && !station.withoutAddress) warnOfMissing(t, group, station);
}

function warnOfMissing(t: Transition, group: Group, { address, deviceAddress, name, ipv6 }: Station): void {
  t.log('warning', {
    type: 'address-missing',
    device: { deviceAddress: deviceAddress ?? address, name },
    interface: group.interface,
    seconds: ADDRESS_LIMIT_MS / 1000,
    addressing: t.settings.addressing,
    ipv6,
  });
}

/** The station has an address, which is reported after the station itself. */
function addressKnown(t: Transition, group: Group, station: Station): void {
  putStation(t, group, station);
  if (!station.announced) return;
  const { address, ip } = station;
  if (ip !== null) t.effects.push({ type: 'note-address', address, ip });
  reportStation(t, group, station, 'address');
}

/** The station as it is now, on the running group. */
export function putStation(t: Transition, group: Group, station: Station): void {
  t.setGroup({ ...group, used: true, stations: new Map(group.stations).set(station.address, station) });
}

/** What happens to a station, by the name of its hook and of its event. */
const EVENTS = {
  connect: 'stationConnected',
  disconnect: 'stationDisconnected',
  address: 'stationAddressed',
} as const;

/** Reports what has happened to a station: hook and event. */
export function reportStation(
  t: Transition,
  group: Group,
  station: Station,
  hook: keyof typeof EVENTS,
): void {
  const facts = { station: stationView(station), group: groupView(group) };
  t.hook({ hook, ...facts });
  t.emit({ type: EVENTS[hook], ...facts });
}
