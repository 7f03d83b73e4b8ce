import { UNKNOWN_NAME } from '../hooks/contract.js';
import type { Enrolment, Group, Pairing, Station } from './model.js';
import type { EnrolmentView, GroupView, PairingView, StationView } from './session-event.js';

/** What listeners are told of groups and stations. */

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
