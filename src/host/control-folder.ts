import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostP2pError } from '../system/errors.js';
import { samePlace } from '../system/same-place.js';
import { neededRights, noFolder } from './waiting.js';

/** What wpa_supplicant has put into its `ctrl_interface` folder: one socket for each interface. */

export interface ControlSockets {
  /** All names, sorted. */
  readonly names: readonly string[];
  /** The P2P device interfaces that a program is known to serve: there Wi-Fi Direct events arrive. */
  readonly devices: readonly string[];
}

/** The sockets that are there; an error where the folder cannot be read (CONTROL_DENIED, CONTROL_UNAVAILABLE). */
export function readControlFolder(folder: string): ControlSockets | { readonly error: HostP2pError } {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (cause) {
    const denied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    const message = denied ? `${folder}: permission denied; ${neededRights(folder)}` : noFolder(folder);
    return { error: new HostP2pError(denied ? 'CONTROL_DENIED' : 'CONTROL_UNAVAILABLE', message, { cause }) };
  }
  return { names, devices: served(folder, names.filter(isDevice)) };
}

/** An interface that wpa_supplicant makes for Wi-Fi Direct alone, where the driver can (nl80211: P2P-device). */
export function isDevice(name: string): boolean {
  return name.startsWith('p2p-dev-');
}

/** An interface that a group runs on; it goes with the group. */
export function isGroup(name: string): boolean {
  return name.startsWith('p2p-') && !isDevice(name);
}

/**
 * Those with a program behind the socket file: a crash leaves files that nobody serves. Of a program in another
 * network namespace the kernel's list does not tell.
 */
function served(folder: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  let bound: string[];
  try {
    bound = readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .map((line) => line.slice(line.indexOf(' /') + 1));
  } catch {
    return [];
  }
  return names.filter((name) => bound.some((path) => samePlace(path, join(folder, name))));
}
