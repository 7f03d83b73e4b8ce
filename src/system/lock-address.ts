import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { hasControlCharacter } from './names.js';

/** The name that hostp2pd has in the list of processes. */
export const PROCESS_NAME = 'hostp2pd';

/** Size of the path of a socket address (sockaddr_un). */
const ADDRESS_BYTES = 108;
/** At most, of it: an interface has up to 15 bytes, and `p2p-dev-` in front. */
const INTERFACE_BYTES = 32;
const FOLDER_BYTES = ADDRESS_BYTES - '\0hostp2pd/'.length - INTERFACE_BYTES - '@'.length;
/** A character that no interface has in its name. */
const FILLER = '/';

/** Where wpa_supplicant usually has its control sockets. */
export const USUAL_CONTROL_FOLDER = '/run/wpa_supplicant';

/**
 * The abstract socket that is the instance lock of an interface. Its name has the interface, and the folder of
 * wpa_supplicant's control sockets unless that is the usual one: it does not depend on where this instance has its own files,
 * so that two instances never serve the same interface. The name fills the socket address: libuv 1.46, as in
 * Node 20, always binds an abstract name at full length and later versions at the given length, which would be two
 * different names. Only the first character is NUL: libuv 1.50, as in Debian 13's Node 20, refuses others (EINVAL).
 */
export function lockAddress(interfaceName: string, controlFolder: string): string {
  const folder = realFolder(controlFolder);
  const isUsual = folder === realFolder(USUAL_CONTROL_FOLDER);
  return filled(beginning(interfaceName) + (isUsual ? '' : `@${fitting(folder, FOLDER_BYTES)}`));
}

/** The abstract socket that is the lock of a file: one process at a time writes it. */
export function fileLockAddress(file: string): string {
  const path = join(realFolder(dirname(resolve(file))), basename(file));
  return filled(`\0hostp2pd-file/${fitting(path, FOLDER_BYTES)}`);
}

function filled(name: string): string {
  return name + FILLER.repeat(ADDRESS_BYTES - Buffer.byteLength(name));
}

/** Whether an address is the lock of that interface, whatever the folder. */
export function isLockOf(interfaceName: string, address: string): boolean {
  const name = beginning(interfaceName);
  if (!address.startsWith(name)) return false;
  const rest = address.slice(name.length);
  return rest.startsWith('@') || rest.replaceAll(FILLER, '') === '';
}

function beginning(interfaceName: string): string {
  return `\0hostp2pd/${fitting(interfaceName, INTERFACE_BYTES)}`;
}

/** The kernel lists a name in one line. Node.js takes several milliseconds to load its cryptography. */
function fitting(text: string, most: number): string {
  const fits = Buffer.byteLength(text) <= most && !hasControlCharacter(text);
  return fits ? text : createHash('sha256').update(text).digest('hex').slice(0, most);
}

/** Without symbolic links, also before wpa_supplicant has made the folder. */
function realFolder(folder: string): string {
  for (const [existing, rest] of [
    [folder, ''],
    [dirname(folder), basename(folder)],
  ] as const) {
    try {
      return join(realpathSync(existing), rest);
    } catch {
      // It does not exist.
    }
  }
  return resolve(folder);
}
