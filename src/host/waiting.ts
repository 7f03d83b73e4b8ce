import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HostP2pError } from '../errors.js';

/** Turns "it does not work" into what a person can do about it. */

/** Explains why no link to `interfaceName` could be made; the code stays. */
export function explain(error: HostP2pError, controlFolder: string, interfaceName: string): HostP2pError {
  if (error.code === 'CONTROL_DENIED') {
    const path = join(controlFolder, interfaceName);
    return new HostP2pError(error.code, `${path}: permission denied; ${neededRights(controlFolder, path)}`, {
      cause: error,
    });
  }
  if (error.code !== 'CONTROL_UNAVAILABLE') return error;
  const served = listSockets(controlFolder);
  if (served === null) return new HostP2pError(error.code, noFolder(controlFolder), { cause: error });
  const others = served.filter((name) => name !== interfaceName);
  const where = others.length > 0 ? `; in ${controlFolder} there are: ${others.join(', ')}` : '';
  return new HostP2pError(error.code, `${error.message}${where}`, { cause: error });
}

function noFolder(controlFolder: string): string {
  return (
    `wpa_supplicant serves nothing in ${controlFolder}: it is not running, or its configuration has another ` +
    'ctrl_interface'
  );
}

/** Which user or group the socket, or the folder above it, asks for. */
export function neededRights(...paths: readonly string[]): string {
  const owners: string[] = [];
  for (const path of paths) {
    try {
      const { uid, gid, mode } = statSync(path);
      const group =
        (mode & 0o070) !== 0 && gid !== 0 ? ` or a member of group ${nameOf('/etc/group', gid)}` : '';
      owners.push(`${path} is for user ${nameOf('/etc/passwd', uid)}${group}`);
    } catch {
      // What cannot even be looked at is behind the folder that could.
    }
  }
  return owners.length > 0 ? owners.join('; ') : 'run as root, or as a member of the group in ctrl_interface';
}

function nameOf(file: '/etc/passwd' | '/etc/group', id: number): string {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(id));
    return line?.split(':')[0] ?? String(id);
  } catch {
    return String(id);
  }
}

/** Names of the control sockets in a folder; null where there is no folder. */
function listSockets(folder: string): string[] | null {
  try {
    return readdirSync(folder).sort();
  } catch {
    return null;
  }
}

/**
 * Whether a program is behind the socket file: a crash leaves files that nobody serves. Where the kernel's list cannot
 * tell (another network namespace) nobody is.
 */
function isBound(folder: string, name: string): boolean {
  try {
    const place = realpathSync(folder);
    return readFileSync('/proc/net/unix', 'utf8')
      .split('\n')
      .map((line) => line.slice(line.indexOf(' /') + 1))
      .some((path) => basename(path) === name && realpathSync(dirname(path)) === place);
  } catch {
    return false;
  }
}

export type Found =
  | { readonly interface: string; readonly others: readonly string[] }
  | { readonly error: HostP2pError };

/** Looks for the P2P device interface among wpa_supplicant's control sockets: `auto`. */
export function findInterface(controlFolder: string): Found {
  let names: string[];
  try {
    names = readdirSync(controlFolder).sort();
  } catch (cause) {
    const denied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    const message = denied
      ? `${controlFolder}: permission denied; ${neededRights(controlFolder)}`
      : noFolder(controlFolder);
    return { error: new HostP2pError(denied ? 'CONTROL_DENIED' : 'CONTROL_UNAVAILABLE', message, { cause }) };
  }
  const devices = names.filter((name) => name.startsWith('p2p-dev-'));
  const alive = devices.filter((name) => isBound(controlFolder, name));
  const [first, ...others] = alive.length > 0 ? alive : devices;
  if (first !== undefined) return { interface: first, others };
  const there = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is nothing';
  return {
    error: new HostP2pError(
      'CONTROL_UNAVAILABLE',
      `no interface p2p-dev-* in ${controlFolder} (${there}); "iw dev" must show an interface of type P2P-device`,
    ),
  };
}
