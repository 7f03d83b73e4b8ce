import type { Enrolment, Group, GroupPlan, Pairing, Station } from './model.js';
import type { EnrolmentView, GroupView, PairingView, StationView } from './session-event.js';

/** What hooks and listeners are told of groups and stations. */

/** Stands for a name that nobody told us, as in the original. */
export const UNKNOWN_NAME = '[unknown]';

export function groupView(group: Group): GroupView {
  const { ssid, frequency, networkId } = group;
  return { interface: group.interface, ssid, frequency, networkId };
}

/** The stations that nobody has given an address. */
export function withoutAddress({ stations }: Group): string[] {
  return [...stations.values()]
    .filter(({ ip, addressLook }) => ip === null && addressLook === 'none')
    .map(({ address }) => address);
}

export function stationView(station: Station): StationView {
  const { address, deviceAddress, name, ip } = station;
  return { address, deviceAddress, name, ip };
}

export function enrolmentView({ deviceAddress, name, method, pin, fresh }: Enrolment): EnrolmentView {
  return { deviceAddress, name, method, pin: fresh ? pin : null };
}

export function pairingView({ method, pin, deviceAddress, until }: Pairing, now: number): PairingView {
  return { method, pin, deviceAddress, secondsLeft: Math.max(0, Math.round((until - now) / 1000)) };
}

export function groupFacts(group: Group): Record<string, string> {
  const facts: Record<string, string> = { HOSTP2PD_GROUP_INTERFACE: group.interface };
  if (group.ssid !== null) facts['HOSTP2PD_SSID'] = group.ssid;
  if (group.frequency !== null) facts['HOSTP2PD_FREQUENCY'] = String(group.frequency);
  if (group.networkId !== null) facts['HOSTP2PD_NETWORK_ID'] = String(group.networkId);
  return facts;
}

export function planFacts(plan: GroupPlan): Record<string, string> {
  if (plan.kind !== 'profile') return {};
  const facts: Record<string, string> = { HOSTP2PD_NETWORK_ID: String(plan.networkId) };
  if (plan.ssid !== null) facts['HOSTP2PD_SSID'] = plan.ssid;
  return facts;
}

export function stationFacts(station: Station): Record<string, string> {
  const facts: Record<string, string> = {
    HOSTP2PD_STATION_ADDRESS: publicAddress(station),
    HOSTP2PD_STATION_INTERFACE_ADDRESS: station.address,
    HOSTP2PD_STATION_NAME: station.name ?? UNKNOWN_NAME,
    HOSTP2PD_STATION_KIND: station.deviceAddress === null ? 'legacy' : 'p2p',
  };
  if (station.ip !== null) facts['HOSTP2PD_STATION_IP'] = station.ip;
  return facts;
}

/** What the hooks `show_pin` and `enter_pin` are told. */
export function enrolmentFacts(
  deviceAddress: string,
  name: string | null,
  pin: string | null,
): Record<string, string> {
  const facts: Record<string, string> = {
    HOSTP2PD_STATION_ADDRESS: deviceAddress,
    HOSTP2PD_STATION_NAME: name ?? UNKNOWN_NAME,
    HOSTP2PD_STATION_KIND: 'p2p',
  };
  if (pin !== null) facts['HOSTP2PD_PIN'] = pin;
  return facts;
}

/** By what a person knows the station: its device address, else its only one. */
export function publicAddress(station: Pick<Station, 'address' | 'deviceAddress'>): string {
  return station.deviceAddress ?? station.address;
}

export function stationLabel(station: Pick<Station, 'address' | 'deviceAddress' | 'name'>): string {
  return deviceLabel(publicAddress(station), station.name);
}

/** A device in a line of the log. */
export function deviceLabel(address: string, name: string | null): string {
  return `${address} "${name ?? UNKNOWN_NAME}"`;
}
