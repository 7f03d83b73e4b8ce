import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import { type AddressRange, bounds, ipv4Text, parseSubnet, type Subnet } from '../config/ipv4.js';
import { runCommand } from './run-command.js';

/** The kernel's interfaces and their addresses. */

const INTERFACES = '/sys/class/net';

/** The interface that carries the addresses: of a port the bridge, which takes its traffic. */
export function carrierOf(name: string): string {
  try {
    return basename(readlinkSync(join(INTERFACES, name, 'master')));
  } catch {
    return name;
  }
}

export function isThere(name: string): boolean {
  return existsSync(join(INTERFACES, name));
}

/** The kernel's number of an interface. @throws where there is none of that name */
export function indexOf(name: string): number {
  return Number(readFileSync(join(INTERFACES, name, 'ifindex'), 'utf8'));
}

/** On an interface that works: Node shows no other. */
export function hasAddress(name: string, subnet: Subnet): boolean {
  const cidr = subnetText(subnet);
  return (networkInterfaces()[name] ?? []).some((address) => address.cidr === cidr);
}

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

function meet(a: AddressRange, b: AddressRange): boolean {
  return a.start <= b.end && b.start <= a.end;
}

export function subnetText({ address, prefix }: Subnet): string {
  return `${ipv4Text(address)}/${prefix}`;
}

/** Gives the interface the address; it may have it already. @throws {Error} in the words of `ip` */
export async function assignAddress(name: string, subnet: Subnet): Promise<void> {
  await runCommand('ip', ['address', 'replace', subnetText(subnet), 'dev', name], 'iproute2');
}

/** Takes it away; nothing happens where either is gone. */
export async function removeAddress(name: string, subnet: Subnet): Promise<void> {
  if (!isThere(name)) return;
  await runCommand('ip', ['address', 'del', subnetText(subnet), 'dev', name], 'iproute2').catch(() => {});
}
