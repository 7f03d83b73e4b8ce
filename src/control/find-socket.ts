import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, HostP2pError } from '../system/errors.js';
import { foldersToSearch, neededRights } from '../system/folders.js';
import { probe, SOCKET_SUFFIX, socketPath } from './socket-file.js';

/** How a client finds the control socket of the daemon. */

/** Members of the group of the control interface may use the daemon of root as well. */
export function clientFolders(environment?: NodeJS.ProcessEnv, uid?: number): readonly string[] {
  return foldersToSearch(environment, uid).map(({ sockets }) => sockets);
}

/** The path of a control socket, and its interface. */
interface ControlSocketPath {
  readonly interface: string;
  readonly path: string;
}

/** The sockets in the folders, whether or not a process still serves them. */
export function controlSockets(folders: readonly string[]): readonly ControlSocketPath[] {
  return folders.flatMap((folder) =>
    socketNames(folder).map((name) => ({
      interface: name.slice(0, -SOCKET_SUFFIX.length),
      path: join(folder, name),
    })),
  );
}

function socketNames(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(
        (entry) => entry.isSocket() && entry.name.endsWith(SOCKET_SUFFIX) && entry.name !== SOCKET_SUFFIX,
      )
      .map(({ name }) => name)
      .sort();
  } catch {
    // There is no such folder, or this user may not read it.
    return [];
  }
}

/**
 * The control socket of the daemon to talk to.
 * @param interfaceName default: the only one that runs
 * @throws {HostP2pError} NOT_RUNNING; CONTROL_DENIED; USAGE where there are several
 */
export async function findControlSocket(
  interfaceName: string | undefined,
  folders: readonly string[] = clientFolders(),
): Promise<string> {
  const sockets =
    interfaceName === undefined
      ? controlSockets(folders)
      : folders.map((folder) => ({ interface: interfaceName, path: socketPath(interfaceName, folder) }));
  const found = await Promise.all(
    sockets.map(async (socket) => ({ ...socket, presence: await probe(socket.path) })),
  );
  const served = found.filter(({ presence }) => presence === 'served');
  const [first] = served;
  if (first !== undefined && (served.length === 1 || interfaceName !== undefined)) return first.path;
  if (first !== undefined) {
    const names = served.map((socket) => socket.interface).join(', ');
    throw new HostP2pError('USAGE', `several daemons are running: ${names}; say which one with -i`);
  }
  const denied = found.find(({ presence }) => presence === 'denied')?.path ?? folders.find(isClosed);
  if (denied !== undefined) throw accessDenied(denied);
  const where = interfaceName === undefined ? '' : ` on ${interfaceName}`;
  throw new HostP2pError('NOT_RUNNING', `no hostp2pd is running${where}; looked in ${folders.join(' and ')}`);
}

/** Whether the folder exists and this user may not read it. */
function isClosed(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return false;
  } catch (error) {
    return codeOf(error) === 'EACCES';
  }
}

/** @param path of the socket, or of the folder that may not be read */
export function accessDenied(path: string, cause?: unknown): HostP2pError {
  const rights = neededRights(existsSync(path) ? path : dirname(path));
  return new HostP2pError('CONTROL_DENIED', `${path}: permission denied; ${rights}`, { cause });
}
