import { accessSync, constants, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HostP2pError } from '../system/errors.js';
import { foldersToSearch, runtimeFolders } from '../system/folders.js';

/** Where control sockets are, for the process that serves one and for its clients. */

/** What the kernel takes (unix(7), sun_path), without the NUL at the end. */
const MAX_PATH_BYTES = 107;
const SUFFIX = '.sock';

/**
 * The folder of the sockets: `HOSTP2PD_RUNTIME_DIR`, else `/run/hostp2pd` for root and `$XDG_RUNTIME_DIR/hostp2pd` for
 * others.
 * @throws {HostP2pError} SOCKET_PATH where there is none, or it is no absolute path
 */
export function runtimeFolder(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): string {
  const folders = runtimeFolders(environment, uid);
  if ('sockets' in folders) return folders.sockets;
  throw new HostP2pError('SOCKET_PATH', `no folder for the control socket: ${folders.problem}`);
}

/**
 * Where the session on that interface is served.
 * @throws {HostP2pError} SOCKET_PATH where there is no folder, or the path is too long; USAGE for what is no interface
 */
export function socketPath(interfaceName: string, folder: string = runtimeFolder()): string {
  if (!/^[^/\0\s]+$/.test(interfaceName) || interfaceName.startsWith('.')) {
    throw new HostP2pError(
      'USAGE',
      `interface: found ${JSON.stringify(interfaceName)}, wanted a name such as p2p-dev-wlan0`,
    );
  }
  const path = join(folder, interfaceName + SUFFIX);
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_PATH_BYTES) {
    throw new HostP2pError(
      'SOCKET_PATH',
      `${path}: a socket path of ${bytes} bytes; the kernel takes ${MAX_PATH_BYTES}`,
    );
  }
  return path;
}

/** Where a client looks: members of the group of the control interface may use the daemon of root as well. */
export function clientFolders(environment?: NodeJS.ProcessEnv, uid?: number): readonly string[] {
  return foldersToSearch(environment, uid).map(({ sockets }) => sockets);
}

export interface RunningSocket {
  readonly interface: string;
  readonly path: string;
}

/** The sockets that are there, whether or not somebody still serves them. */
export function runningSockets(folders: readonly string[] = clientFolders()): readonly RunningSocket[] {
  return folders.flatMap((folder) =>
    socketNames(folder).map((name) => ({
      interface: name.slice(0, -SUFFIX.length),
      path: join(folder, name),
    })),
  );
}

function socketNames(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isSocket() && entry.name.endsWith(SUFFIX) && entry.name !== SUFFIX)
      .map(({ name }) => name)
      .sort();
  } catch {
    // There is no such folder, or we may not look into it.
    return [];
  }
}

/** Whether the folder is there and this user may not look into it. */
export function isClosed(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}
