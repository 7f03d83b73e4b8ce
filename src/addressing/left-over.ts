import { rm } from 'node:fs/promises';
import { endLeftOver } from '../system/processes.js';
import { runProgram } from '../system/programs.js';
import { leaseFileArgument } from './dnsmasq-arguments.js';
import { leaseFile, networkFile } from './places.js';

/** What a former instance that was killed may have left, whichever mode it had: it would go on giving addresses. */

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
  await runProgram('networkctl', ['reload'], { debianPackage: 'systemd' }).catch(() => {});
}
