import type { Leases } from '../addressing/address-server.js';
import { stationLabel } from './facts.js';
import { putStation, runningGroup } from './held.js';
import type { Group, Station } from './model.js';
import { tellOfStation } from './station-news.js';
import type { Turn } from './turn.js';

/** The IPv4 addresses of the group's network: who is to give them, and which station has got which. */

/** The group is up, or the settings have changed while it is: its network gets what they ask for. */
export function serveAddresses(turn: Turn, group: Group): void {
  if (turn.settings.addressing === 'none') {
    withdrawAddresses(turn);
    return;
  }
  turn.update({ servesAddresses: true });
  turn.effects.push({ type: 'serve-addresses', interface: group.interface });
}

/** The group has ended, or we do. */
export function withdrawAddresses(turn: Turn): void {
  if (!turn.state.servesAddresses) return;
  turn.update({ servesAddresses: false });
  turn.effects.push({ type: 'withdraw-addresses' });
}

/** All leases that are on the books now. */
export function leasesTold(turn: Turn, leases: Leases): void {
  turn.update({ leases });
  for (const station of runningGroup(turn)?.stations.values() ?? []) {
    const group = runningGroup(turn);
    const lease = leases.get(station.address);
    // One that is gone from the books, or ends by a clock that was set, takes nothing from a phone that is there.
    if (!group || !lease || lease.end === station.formerLease || lease.ip === station.ip) continue;
    const changed = { ...station, ip: lease.ip };
    putStation(turn, group, changed);
    if (changed.announced) addressKnown(turn, changed);
  }
}

/**
 * What is known of the address of a station that comes.
 * @param allotted what it was given inside the handshake
 * @param fresh it has just come: what is on the books from an earlier time is not its address until it asks again
 */
export function addressesOf(
  turn: Turn,
  address: string,
  allotted: string | null,
  fresh: boolean,
): Pick<Station, 'ip' | 'formerLease'> {
  const lease = turn.state.leases.get(address);
  if (fresh) return { ip: allotted, formerLease: lease?.end ?? null };
  return { ip: lease?.ip ?? allotted, formerLease: null };
}

/**
 * The station that was there before us has this address. What the handshake or DHCP has told since then is newer.
 */
export function addressConfirmed(turn: Turn, address: string, ip: string): void {
  const group = runningGroup(turn);
  const station = group?.stations.get(address);
  if (!group || !station || station.ip !== null) return;
  const changed = { ...station, ip };
  putStation(turn, group, changed);
  if (changed.announced) addressKnown(turn, changed);
}

/** The station is announced: the address that it has comes next. It may ask for another one by DHCP all the same. */
export function stationAnnounced(turn: Turn, station: Station): void {
  if (station.ip !== null) addressKnown(turn, station);
  else scheduleLook(turn);
  if (turn.state.servesAddresses) turn.effects.push({ type: 'expect-lease' });
}

/** Phones give up after 30 s and more; DHCP takes a second or two. */
const ADDRESS_LIMIT_MS = 20_000;

/** Sets the time at which the next station without an address is looked at. */
function scheduleLook(turn: Turn): void {
  const open = lacking(turn).map(({ since }) => since + ADDRESS_LIMIT_MS - turn.world.now);
  if (open.length > 0) turn.timer('address', Math.max(1, Math.min(...open)));
}

function lacking(turn: Turn): Station[] {
  const stations = [...(runningGroup(turn)?.stations.values() ?? [])];
  return stations.filter(
    ({ ip, announced, addressLook }) => ip === null && announced && addressLook === 'open',
  );
}

/** Stations have had their time: whether somebody else has given them an address only the kernel can tell. */
export function seekAddresses(turn: Turn): void {
  for (const station of lacking(turn)) {
    const group = runningGroup(turn);
    if (!group || turn.world.now - station.since < ADDRESS_LIMIT_MS) continue;
    putStation(turn, group, { ...station, addressLook: 'sought' });
    turn.effects.push({ type: 'seek-address', interface: group.interface, address: station.address });
  }
  scheduleLook(turn);
}

/** Nobody has given this station an address. It will leave before long, and its user is told no reason. */
export function addressMissing(turn: Turn, address: string): void {
  const group = runningGroup(turn);
  const station = group?.stations.get(address);
  if (!group || station?.addressLook !== 'sought' || station.ip !== null) return;
  putStation(turn, group, { ...station, addressLook: 'none' });
  const label = `${stationLabel(station)} has got no address within ${ADDRESS_LIMIT_MS / 1000} s`;
  if (turn.settings.addressing === 'none')
    turn.log(
      'warning',
      `${label}: nobody gives addresses on ${group.interface} (addressing: none); set addressing: dnsmasq or networkd, ` +
        'or run a DHCP server there',
    );
  else
    turn.log(
      'warning',
      `${label} from ${turn.settings.addressing}; a firewall on this machine may block DHCP (UDP port 67), or the device ` +
        'does not want one',
    );
}

function addressKnown(turn: Turn, station: Station): void {
  const group = runningGroup(turn);
  if (!group || station.ip === null) return;
  turn.effects.push({ type: 'note-address', address: station.address, ip: station.ip });
  const line = `${stationLabel(station)} has the address ${station.ip}`;
  tellOfStation(turn, group, station, 'address', line);
}
