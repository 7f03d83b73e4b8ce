import type { Subnet } from '../config/ipv4.js';
import { isThere, subnetText } from './network-interface.js';
import { runCommand } from './run-command.js';

/** Our address on the group's interface, where nobody else sees to it. */

/** Gives the interface the address; it may have it already. @throws {Error} in the words of `ip` */
export async function assignAddress(name: string, subnet: Subnet): Promise<void> {
  await runCommand('ip', ['address', 'replace', subnetText(subnet), 'dev', name], 'iproute2');
}

/** Takes it away; nothing happens where either is gone. */
export async function removeAddress(name: string, subnet: Subnet): Promise<void> {
  if (!isThere(name)) return;
  await runCommand('ip', ['address', 'del', subnetText(subnet), 'dev', name], 'iproute2').catch(() => {});
}
