import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { RUNTIME_VARIABLE, runtimeFolders } from '../system/runtime-folder.js';

/** Where running instances leave word of themselves, and under which name. */

/** What we call ourselves in the list of processes. */
export const PROCESS_NAME = 'hostp2pd';

const SYSTEM_FOLDER = '/var/run';
const PREFIX = 'hostp2pd-';
const SUFFIX = '.pid';

/** The folder of HOSTP2PD_RUNTIME_DIR; null where that is not set. */
export function givenFolder(environment: NodeJS.ProcessEnv = process.env): string | null {
  const given = environment[RUNTIME_VARIABLE];
  return given ? resolve(given) : null;
}

/**
 * The folder of our PID files, or why there is none.
 * @param uid of the user
 */
export function pidFolder(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): { readonly folder: string } | { readonly problem: string } {
  const folders = runtimeFolders(environment, uid);
  return 'pids' in folders
    ? { folder: folders.pids }
    : { problem: `no folder for the PID file: ${folders.problem}` };
}

/** Folders where a daemon may have left its PID file: our own one, then that of root. */
export function pidFoldersToSearch(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): readonly string[] {
  const own = pidFolder(environment, uid);
  const folders = 'folder' in own ? [own.folder] : [];
  if (givenFolder(environment) === null && !folders.includes(SYSTEM_FOLDER)) folders.push(SYSTEM_FOLDER);
  return folders;
}

export function pidFileIn(folder: string, interfaceName: string): string {
  return join(folder, `${PREFIX}${interfaceName}${SUFFIX}`);
}

/** The interface in the name of a PID file; null for a file of another kind. */
export function interfaceOf(fileName: string): string | null {
  if (!fileName.startsWith(PREFIX) || !fileName.endsWith(SUFFIX)) return null;
  return fileName.slice(PREFIX.length, -SUFFIX.length) || null;
}

/** Size of a socket address's path (sockaddr_un). */
const ADDRESS_BYTES = 108;
/** No interface has it in its name. */
const FILLER = '/';

/**
 * The name of the instance lock. It fills a socket address: libuv 1.46, as in Node 20, binds abstract names at that
 * length whatever is given, later versions at the length given, and the two would be different names. It has no NUL but
 * the first: libuv 1.50, as in Debian 13's Node 20, refuses such names (EINVAL).
 */
export function lockAddress(interfaceName: string, environment: NodeJS.ProcessEnv = process.env): string {
  return addressOf(interfaceName, givenFolder(environment));
}

/** The locks that a daemon may hold whose PID file is in that folder: the usual one, or that of HOSTP2PD_RUNTIME_DIR. */
export function lockAddressesBeside(folder: string, interfaceName: string): readonly string[] {
  return [addressOf(interfaceName, null), addressOf(interfaceName, folder)];
}

function addressOf(interfaceName: string, folder: string | null): string {
  const apart = folder === null ? '' : `@${digest(folder).slice(0, 16)}`;
  const readable = `\0hostp2pd/${interfaceName}${apart}`;
  const name = Buffer.byteLength(readable) <= ADDRESS_BYTES ? readable : `\0hostp2pd/${digest(readable)}`;
  return name + FILLER.repeat(ADDRESS_BYTES - Buffer.byteLength(name));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
