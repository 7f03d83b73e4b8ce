import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import { bounds, ipv4Text, overlap, parseSubnet, type Subnet } from '../config/ipv4.js';

/** The network interfaces of the kernel, and their addresses. */

const INTERFACES = '/sys/class/net';

export function isThere(name: string): boolean {
  return existsSync(join(INTERFACES, name));
}

/** The interface that carries the addresses of a group, and its index in the kernel; null if it does not exist. */
export function lookUp(group: string): { readonly interface: string; readonly index: number | null } {
  const name = carrierOf(group);
  return { interface: name, index: indexOf(name) };
}

/** The name that the interface with this index has now; null if it does not exist. The kernel counts indexes up. */
export function nameOf(index: number): string | null {
  for (const name of readdirSync(INTERFACES)) if (indexOf(name) === index) return name;
  return null;
}

function indexOf(name: string): number | null {
  try {
    return Number(readFileSync(join(INTERFACES, name, 'ifindex'), 'utf8'));
  } catch {
    return null;
  }
}

/** A port of a bridge has no addresses of its own: the bridge takes its traffic. */
function carrierOf(name: string): string {
  try {
    return basename(readlinkSync(join(INTERFACES, name, 'master')));
  } catch {
    return name;
  }
}

/** Whether the interface is up and has this address: Node does not list an interface without a carrier. */
export function hasAddress(name: string, subnet: Subnet): boolean {
  const cidr = subnetText(subnet);
  return (networkInterfaces()[name] ?? []).some((address) => address.cidr === cidr);
}

export function subnetText({ address, prefix }: Subnet): string {
  return `${ipv4Text(address)}/${prefix}`;
}

/**
 * Another interface, in words, that has an address of the same network: it would get the replies to phones. Null if there is
 * none. An interface without a carrier gets no traffic, and Node does not list it.
 */
export function overlappingInterface(
  name: string | null,
  subnet: Subnet,
  networks: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string | null {
  for (const [other, addresses] of Object.entries(networks)) {
    if (other === name) continue;
    for (const { cidr } of addresses ?? []) {
      const its = parseSubnet(cidr ?? '');
      if (its && overlap(bounds(its), bounds(subnet))) return `${other} (${cidr})`;
    }
  }
  return null;
}

/** @throws {Error} with the fix */
export function expectNoOverlap(name: string, subnet: Subnet): void {
  const other = overlappingInterface(name, subnet);
  if (other === null) return;
  throw new Error(`${other} has the same network as the group; set group_address to another network`);
}
