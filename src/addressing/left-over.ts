import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { leaseFileArgument } from './dnsmasq-arguments.js';
import { endLeftOver } from './own-processes.js';
import { runCommand } from './run-command.js';

/** Where things are, and what a former instance that was killed may have left there, whichever mode it had. */

/** Runtime configuration of systemd-networkd: gone with the next start of the machine. */
export const NETWORK_FOLDER = '/run/systemd/network';

/** After 10-… to 50-… of other programs. */
export function networkFile(owner: string): string {
  return join(NETWORK_FOLDER, `60-hostp2pd-${owner}.network`);
}

/** By the P2P device, for groups change their name: a phone is to get the same address again. */
export function leaseFile(stateFolder: string, owner: string): string {
  return join(stateFolder, `${owner}.leases`);
}

/** Ends a dnsmasq that nobody watches any more: it would hold the port. */
export function endOldDnsmasq(stateFolder: string, owner: string): Promise<void> {
  return endLeftOver('dnsmasq', leaseFileArgument(leaseFile(stateFolder, owner)));
}

/** Takes an instruction for systemd-networkd away, by which it would serve the group beside us. */
export async function removeOldNetworkFile(owner: string): Promise<void> {
  try {
    await rm(networkFile(owner));
  } catch {
    // None is there.
    return;
  }
  await runCommand('networkctl', ['reload'], 'systemd').catch(() => {});
}
