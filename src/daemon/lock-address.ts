import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { RUNTIME_VARIABLE } from '../system/folders.js';
import { hasControlCharacter } from '../system/names.js';

/** The name that hostp2pd has in the list of processes. */
export const PROCESS_NAME = 'hostp2pd';

/** Size of the path of a socket address (sockaddr_un). */
const ADDRESS_BYTES = 108;
/** A character that no interface has in its name. */
const FILLER = '/';

/**
 * The abstract socket that is the instance lock of an interface. The name fills the socket address: libuv 1.46, as in
 * Node 20, always binds an abstract name at full length and later versions at the given length, which would be two
 * different names. Only the first character is NUL: libuv 1.50, as in Debian 13's Node 20, refuses others (EINVAL).
 */
export function lockAddress(interfaceName: string, environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment[RUNTIME_VARIABLE];
  return addressOf(interfaceName, given ? resolve(given) : null);
}

/** The locks that a daemon with its PID file in that folder may hold: the usual one, or that of HOSTP2PD_RUNTIME_DIR. */
export function lockAddressesBeside(folder: string, interfaceName: string): readonly string[] {
  return [addressOf(interfaceName, null), addressOf(interfaceName, folder)];
}

function addressOf(interfaceName: string, folder: string | null): string {
  const readable = `hostp2pd/${interfaceName}${folder === null ? '' : `@${folder}`}`;
  // The kernel lists a name in one line. Node.js takes several milliseconds to load its cryptography.
  const fits = Buffer.byteLength(readable) < ADDRESS_BYTES && !hasControlCharacter(readable);
  const name = `\0${fits ? readable : `hostp2pd/${digest(readable)}`}`;
  return name + FILLER.repeat(ADDRESS_BYTES - Buffer.byteLength(name));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
