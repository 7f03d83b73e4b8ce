import type { Enrolment, Pairing } from './model.js';
import type { Group, Station } from './phase.js';
import type { EnrolmentView, GroupView, PairingView, StationView } from './session-event.js';

/** The state as listeners, status and commands see it. */

export function groupView(group: Group): GroupView {
  const { ssid, frequency, networkId } = group;
  return { interface: group.interface, ssid, frequency, networkId };
}

/** The stations that nobody has given an address. */
export function withoutAddress({ stations }: Group): string[] {
  return [...stations.values()]
    .filter((station) => station.addressLook === 'none' && station.ip === null && station.ipv6 === null)
    .map(({ address }) => address);
}

export function stationView(station: Station): StationView {
  const { address, deviceAddress, name, ip, ipv6 } = station;
  return { address, deviceAddress, name, ip, ipv6 };
}

export function enrolmentView({ deviceAddress, name, method, pin, fresh }: Enrolment): EnrolmentView {
  return { deviceAddress, name, method, pin: fresh ? pin : null };
}

export function pairingView({ method, pin, deviceAddress, until }: Pairing, now: number): PairingView {
  return { method, pin, deviceAddress, secondsLeft: Math.max(0, Math.round((until - now) / 1000)) };
}
