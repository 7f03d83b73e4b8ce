import { networkInterfaces } from 'node:os';
import { type AddressRange, bounds, parseSubnet, type Subnet } from '../config/ipv4.js';

/**
 * An address of the same network on another interface that works, in words; null: none. Replies to phones would go there.
 * Node shows no interface without a carrier, and no traffic goes to one.
 */
export function rivalOf(
  name: string | null,
  subnet: Subnet,
  networks: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string | null {
  for (const [other, addresses] of Object.entries(networks)) {
    if (other === name) continue;
    for (const { cidr } of addresses ?? []) {
      const its = parseSubnet(cidr ?? '');
      if (its && meet(bounds(its), bounds(subnet))) return `${other} (${cidr})`;
    }
  }
  return null;
}

/** @throws {Error} with the cure, where there is one */
export function refuseRival(name: string, subnet: Subnet): void {
  const rival = rivalOf(name, subnet);
  if (rival !== null)
    throw new Error(`its network is that of ${rival} already; set group_address to another`);
}

function meet(a: AddressRange, b: AddressRange): boolean {
  return a.start <= b.end && b.start <= a.end;
}
