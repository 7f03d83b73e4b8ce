import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isThere } from '../addressing/network-interface.js';
import type { LossReport } from '../session/messages.js';
import { messageOf } from '../system/errors.js';
import { runProgram } from '../system/programs.js';
import { mayBeOurs, parentOf } from '../wpa/group-interface.js';
import { managedByNetworkManager, NMCLI_STATES } from './network-manager.js';

/**
 * Looks at what became of a group whose interface was taken from wpa_supplicant without an event. What the kernel still
 * has of the interface is removed, because a radio may have room for one group only. Never rejects.
 */
export async function investigateLoss(
  group: string,
  deviceInterface: string,
  controlFolder: string,
): Promise<LossReport> {
  const radio = parentOf(deviceInterface);
  const [culprit, leftover] = await Promise.all([
    findCulprit(radio),
    mayBeOurs(group, deviceInterface) ? removeLeftover(group, radio, controlFolder) : null,
  ]);
  return { culprit, leftover };
}

async function findCulprit(radio: string): Promise<string | null> {
  try {
    const states = await runProgram('nmcli', NMCLI_STATES, { debianPackage: 'network-manager' });
    if (!managedByNetworkManager(states, radio)) return null;
    return (
      `NetworkManager manages ${radio}, and so it removes every group that it has not made. ` +
      '"hostp2pd doctor" shows how to stop that'
    );
  } catch {
    // It is not installed, or does not run.
    return null;
  }
}

/** @returns why it is still there, and what to do; null: nothing is left of it */
async function removeLeftover(group: string, radio: string, controlFolder: string): Promise<string | null> {
  // wpa_supplicant has no command for it: P2P_GROUP_REMOVE knows only its own interfaces.
  const isServed = existsSync(join(controlFolder, group));
  if (isServed || !isThere(group) || phyOf(group) !== phyOf(radio)) return null;
  try {
    await runProgram('iw', ['dev', group, 'del'], { debianPackage: 'iw' });
    return null;
  } catch (error) {
    if (!isThere(group)) return null;
    return `the network interface ${group} is left over and could not be removed (${messageOf(error)}): sudo iw dev ${group} del`;
  }
}

/** The radio behind an interface; null where that is none of a radio. */
function phyOf(name: string): string | null {
  try {
    return readFileSync(join('/sys/class/net', name, 'phy80211/name'), 'utf8');
  } catch {
    return null;
  }
}
