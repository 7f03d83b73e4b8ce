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
    .filter((station) => station.withoutAddress && station.ip === null && station.ipv6 === null)
    .map(({ address }) => address);
}

export function stationView(station: Station): StationView {
  const { address, deviceAddress, name, ip, ipv6 } = station;
  return { address, deviceAddress, name, ip, ipv6 };
}

/** @param limitSeconds `max_negotiation_time` */
export function enrolmentView(enrolment: Enrolment, limitSeconds: number, now: number): EnrolmentView {
  const { deviceAddress, name, method, pin, fresh, requestedAt } = enrolment;
  const secondsLeft = secondsUntil(requestedAt + limitSeconds * 1000, now);
  return { deviceAddress, name, method, pin: fresh ? pin : null, secondsLeft };
}

export function pairingView({ method, pin, deviceAddress, until }: Pairing, now: number): PairingView {
  return { method, pin, deviceAddress, secondsLeft: secondsUntil(until, now) };
}

/** Whole seconds until a time of the same clock; 0 where it has passed. Both are in ms. */
export function secondsUntil(time: number, now: number): number {
  return Math.max(0, Math.round((time - now) / 1000));
}
