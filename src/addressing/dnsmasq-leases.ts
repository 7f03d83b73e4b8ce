import { parseIpv4 } from '../config/ipv4.js';
import { parseAddress } from '../system/mac-address.js';
import type { Lease, Leases } from './lease.js';

/**
 * dnsmasq's book of leases: a line each, with the end in seconds since the epoch, the hardware address, the IPv4
 * address, the name and the client's identifier. Others are of IPv6 (lease.c). A line that is half written is not
 * taken; when it is whole, the file changes again.
 */
export function parseDnsmasqLeases(text: string, now: number): Leases {
  const leases = new Map<string, Lease>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [end = '', hardware, ip = '', , identifier] = line.split(' ');
    const address = parseAddress(hardware);
    const expires = Number(end) * 1000;
    const whole = identifier !== undefined && /^\d+$/.test(end);
    if (!whole || address === null || parseIpv4(ip) === null) continue;
    if (expires > now) leases.set(address, { ip, end: expires, expires });
  }
  return leases;
}
