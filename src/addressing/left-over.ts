import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isGroupInterface } from '../system/interface-names.js';
import { endLeftOver } from '../system/processes.js';

/** Files and processes that outlive this program, and how an earlier instance that was killed is cleaned up. */

/** Runtime configuration of systemd-networkd; a reboot removes it. */
export const NETWORK_FOLDER = '/run/systemd/network';

/** 60 comes after the 10 to 50 of other programs. */
export function networkFile(owner: string): string {
  return join(NETWORK_FOLDER, `60-hostp2pd-${owner}.network`);
}

/** The leases of dnsmasq. */
export function leaseFile(stateFolder: string, owner: string): string {
  return join(stateFolder, `${owner}.leases`);
}

/** A note of what was changed to share the internet, and how it was before. */
export function sharingNote(stateFolder: string, owner: string): string {
  return join(stateFolder, `${owner}.sharing.json`);
}

/** A note of the address that this machine has on the interface of the group because of us. */
export function ownAddressNote(stateFolder: string, owner: string): string {
  return join(stateFolder, `${owner}.own-address.json`);
}

/** How long after the start something is kept for a group that has stayed up: its phones lose nothing. */
export const TAKE_OVER_MS = 10_000;

/** Distinguishes a dnsmasq of ours from others: it names our own file. */
export function leaseFileArgument(path: string): string {
  return LEASE_FILE + path;
}

const LEASE_FILE = '--dhcp-leasefile=';

/** Whether it is the argument of a dnsmasq of ours that serves this group. */
export function servesGroup(argument: string, group: string): boolean {
  return argument.startsWith(LEASE_FILE) && isGroupInterface(group, basename(argument, '.leases'));
}

/** Ends a dnsmasq that an earlier instance has left running: it uses the port. */
export function endOldDnsmasq(stateFolder: string, owner: string): Promise<void> {
  return endLeftOver('dnsmasq', leaseFileArgument(leaseFile(stateFolder, owner)));
}

/** Removes the file that makes systemd-networkd serve the group, which an earlier instance has left behind. */
export async function removeOldNetworkFile(owner: string): Promise<void> {
  try {
    await rm(networkFile(owner));
  } catch {
    // There is none.
    return;
  }
  // Loaded only here, because it starts processes.
  const { runProgram } = await import('../system/programs.js');
  await runProgram('networkctl', ['reload'], { debianPackage: 'systemd' }).catch(() => {});
}
