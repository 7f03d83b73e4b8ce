import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import { ipv4Text, type Subnet } from '../config/ipv4.js';

/** The kernel's interfaces and their addresses. */

const INTERFACES = '/sys/class/net';

/** The interface that carries the addresses: of a port the bridge, which takes its traffic. */
function carrierOf(name: string): string {
  try {
    return basename(readlinkSync(join(INTERFACES, name, 'master')));
  } catch {
    return name;
  }
}

export function isThere(name: string): boolean {
  return existsSync(join(INTERFACES, name));
}

/** What carries the addresses of a group, and the kernel's number of it. */
export function lookUp(group: string): { readonly interface: string; readonly index: number | null } {
  const name = carrierOf(group);
  return { interface: name, index: indexOf(name) };
}

/** Null where there is none of that name. */
function indexOf(name: string): number | null {
  try {
    return Number(readFileSync(join(INTERFACES, name, 'ifindex'), 'utf8'));
  } catch {
    return null;
  }
}

/** On an interface that works: Node shows no other. */
export function hasAddress(name: string, subnet: Subnet): boolean {
  const cidr = subnetText(subnet);
  return (networkInterfaces()[name] ?? []).some((address) => address.cidr === cidr);
}

export function subnetText({ address, prefix }: Subnet): string {
  return `${ipv4Text(address)}/${prefix}`;
}
