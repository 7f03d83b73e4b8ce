import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HostP2pError } from '../system/errors.js';

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

/** No folder: nothing has made its control sockets there. */
export function noFolder(controlFolder: string): string {
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
 * Explains why `auto` takes none of the interfaces: what is known of each, and what is wanted.
 * @param unfit what stands against each, in words that follow its name, or why it did not answer
 */
export function explainNone(
  controlFolder: string,
  unfit: ReadonlyMap<string, string | HostP2pError>,
): HostP2pError {
  let cause: HostP2pError | undefined;
  const findings = [...unfit].map(([name, reason]) => {
    if (typeof reason === 'string') return `${name} ${reason}`;
    const error = reason.code === 'CONTROL_DENIED' ? explain(reason, controlFolder, name) : reason;
    // Where a person must act before it can be asked at all, that is what the session waits for.
    if (error.code === 'CONTROL_DENIED' || error.code === 'SOCKET_PATH') cause ??= error;
    return error.message;
  });
  const there = findings.length > 0 ? findings.join('; ') : 'there is nothing';
  return new HostP2pError(
    cause?.code ?? 'CONTROL_UNAVAILABLE',
    `no interface for Wi-Fi Direct in ${controlFolder} (${there}); wanted: an interface p2p-dev-*, which "iw dev" ` +
      'shows with type P2P-device, or one whose STATUS shows p2p_device_address; "iw list" must name P2P-GO, and ' +
      'p2p_disabled must not be set',
    { cause },
  );
}
