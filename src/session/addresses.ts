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
export function leasesTold(t: Transition, leases: Leases): void {
  t.update({ addresses: { ...t.state.addresses, leases } });
  for (const station of runningGroup(t)?.stations.values() ?? []) {
    const group = runningGroup(t);
    const lease = leases.get(station.address);
    // A lease that is gone, or has ended by a clock that was set, takes no address from a phone that is connected.
    if (!group || !lease || lease.end === station.formerLease || lease.ip === station.ip) continue;
    const changed = { ...station, ip: lease.ip };
    putStation(t, group, changed);
    if (changed.announced) addressKnown(t, changed);
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
): Pick<Station, 'ip' | 'formerLease'> {
  const lease = t.state.addresses.leases.get(address);
  if (fresh) return { ip: allotted, formerLease: lease?.end ?? null };
  return { ip: lease?.ip ?? allotted, formerLease: null };
}

/** The station that was there before us has this address. What the handshake or DHCP has said since then is newer. */
export function addressConfirmed(t: Transition, address: string, ip: string): void {
  const group = runningGroup(t);
  const station = group?.stations.get(address);
  if (!group || !station || station.ip !== null) return;
  const changed = { ...station, ip };
  putStation(t, group, changed);
  if (changed.announced) addressKnown(t, changed);
}

/** The station is announced: its address comes next. It may still ask for another one by DHCP. */
export function stationAnnounced(t: Transition, station: Station): void {
  if (station.ip !== null) addressKnown(t, station);
  if (t.state.addresses.served) t.effects.push({ type: 'expect-lease' });
}

/** Phones give up after 30 s and more; DHCP takes a second or two. */
const ADDRESS_LIMIT_MS = 20_000;

/** When the next station without an address is looked at; null where none is. */
export function addressDueAt(t: Transition): number | null {
  const times = lacking(t).map(({ since }) => since + ADDRESS_LIMIT_MS);
  return earliest(times);
}

function lacking(t: Transition): Station[] {
  const stations = [...(runningGroup(t)?.stations.values() ?? [])];
  return stations.filter(
    ({ ip, announced, addressLook }) => ip === null && announced && addressLook === 'open',
  );
}

/** Stations have had their time. Only the kernel knows whether another server has given them an address. */
export function seekAddresses(t: Transition): void {
  for (const station of lacking(t)) {
    const group = runningGroup(t);
    if (!group || t.world.now - station.since < ADDRESS_LIMIT_MS) continue;
    putStation(t, group, { ...station, addressLook: 'sought' });
    t.effects.push({ type: 'seek-address', interface: group.interface, address: station.address });
  }
}

/** This station has no address. It will leave before long, and shows its user no reason. */
export function addressMissing(t: Transition, group: Group, address: string): void {
  const station = group.stations.get(address);
  if (station?.addressLook !== 'sought' || station.ip !== null) return;
  putStation(t, group, { ...station, addressLook: 'none' });
  t.log('warning', {
    type: 'address-missing',
    device: { deviceAddress: station.deviceAddress ?? address, name: station.name },
    interface: group.interface,
    seconds: ADDRESS_LIMIT_MS / 1000,
    addressing: t.settings.addressing,
  });
}

function addressKnown(t: Transition, station: Station): void {
  const group = runningGroup(t);
  if (!group || station.ip === null) return;
  t.effects.push({ type: 'note-address', address: station.address, ip: station.ip });
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
