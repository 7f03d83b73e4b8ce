import type { Lease, Leases } from './lease.js';

/**
 * The property `Leases` of a link of systemd-networkd, as `busctl --json=short` prints it: `a(uayayayayt)`, of which the
 * third is the address, the fifth the client's hardware address and the last the end of the lease
 * (org.freedesktop.network1(5)).
 * @param endOf makes milliseconds since the epoch of networkd's time
 * @throws {SyntaxError} where it is no JSON
 */
export function parseNetworkdLeases(json: string, endOf: (microseconds: number) => number): Leases {
  const value: unknown = JSON.parse(json);
  const rows = isObject(value) && Array.isArray(value['data']) ? value['data'] : [];
  const leases = new Map<string, Lease>();
  for (const row of rows as readonly unknown[]) {
    if (!Array.isArray(row)) continue;
    const [, , ip, , hardware, end] = row as readonly unknown[];
    if (!isBytes(ip, 4) || !isBytes(hardware, 6) || typeof end !== 'number') continue;
    const address = hardware.slice(0, 6).map((byte) => byte.toString(16).padStart(2, '0'));
    leases.set(address.join(':'), { ip: ip.slice(0, 4).join('.'), end, expires: endOf(end) });
  }
  return leases;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isBytes(value: unknown, least: number): value is readonly number[] {
  return Array.isArray(value) && value.length >= least && value.every((byte) => Number.isInteger(byte));
}
