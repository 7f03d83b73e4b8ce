import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isThere } from '../addressing/network-interface.js';

import type { Effect, LossReport } from '../session/messages.js';
import type { RadioBlock } from '../session/reasons.js';
import { messageOf } from '../system/errors.js';
import { mayBeOurs, parentOf } from '../system/interface-names.js';
import { inQuotes } from '../system/values.js';

/** What the system knows of the radio: what keeps it off, and what became of a group that it had. */

/**
 * What keeps the radio of a P2P device off: the kernel's rfkill switch of its phy
 * (Documentation/driver-api/rfkill.rst). Null if it is on, or nothing is known.
 * @param root of the file system; for tests
 */
export function radioBlock(deviceInterface: string, root = '/'): RadioBlock | null {
  // The kernel has no network interface for a P2P device, only for its radio.
  const phy = phyOf(parentOf(deviceInterface), root);
  if (phy === null) return null;
  const folder = join(root, 'sys/class/rfkill');
  const own = entriesOf(folder).filter((entry) => wordOf(join(folder, entry, 'name')) === phy);
  const isSet = (file: 'soft' | 'hard') => own.some((entry) => wordOf(join(folder, entry, file)) === '1');
  if (isSet('hard')) return 'hardware';
  return isSet('soft') ? 'software' : null;
}

type LostGroup = Extract<Effect, { type: 'investigate-loss' }>;

/**
 * Looks at what became of a group whose interface was taken from wpa_supplicant without an event. Removes what the kernel
 * still has of the interface, because a radio may have room for one group only. Never rejects.
 */
export async function investigateLoss(
  { interface: group, successor }: LostGroup,
  deviceInterface: string,
  controlFolder: string,
): Promise<LossReport> {
  if (successor !== undefined) {
    const name = inQuotes(successor);
    const culprit = `another program has replaced the group: ${group} has the group ${name} now`;
    return { culprit, leftover: null };
  }
  const radio = parentOf(deviceInterface);
  const [culprit, leftover] = await Promise.all([
    findCulprit(radio),
    mayBeOurs(group, deviceInterface) ? removeLeftover(group, radio, controlFolder) : null,
  ]);
  return { culprit, leftover };
}

/** Arguments of nmcli for the state of each device; it does not start NetworkManager if that does not run. */
export const NMCLI_STATES = ['-t', '-f', 'DEVICE,STATE', 'device'] as const;

/** @param states what nmcli prints for {@link NMCLI_STATES} */
export function managedByNetworkManager(states: string, device: string): boolean {
  const line = states.split('\n').find((entry) => entry.startsWith(`${device}:`));
  return line !== undefined && line !== `${device}:unmanaged`;
}

async function findCulprit(radio: string): Promise<string | null> {
  try {
    if (!managedByNetworkManager(await run('nmcli', NMCLI_STATES), radio)) return null;
    return (
      `NetworkManager manages ${radio}, and so it removes every group that it has not made. ` +
      '"hostp2pd doctor" shows how to stop that'
    );
  } catch {
    // It is not installed, or does not run.
    return null;
  }
}

/** @returns why the interface is still there, and what to do; null if nothing is left of it */
async function removeLeftover(group: string, radio: string, controlFolder: string): Promise<string | null> {
  // wpa_supplicant has no command for it: P2P_GROUP_REMOVE knows only its own interfaces.
  const isServed = existsSync(join(controlFolder, group));
  if (isServed || !isThere(group) || phyOf(group) !== phyOf(radio)) return null;
  try {
    await run('iw', ['dev', group, 'del']);
    return null;
  } catch (error) {
    if (!isThere(group)) return null;
    return `the network interface ${group} is left over and could not be removed (${messageOf(error)}): sudo iw dev ${group} del`;
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  // Loaded only when a group is lost.
  const { runProgram } = await import('../system/programs.js');
  const debianPackage = program === 'nmcli' ? 'network-manager' : program;
  return runProgram(program, args, { debianPackage });
}

/** The radio behind an interface; null if it has none. */
function phyOf(name: string, root = '/'): string | null {
  return wordOf(join(root, 'sys/class/net', name, 'phy80211/name'));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function wordOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
