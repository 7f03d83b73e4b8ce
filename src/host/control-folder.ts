import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, HostP2pError } from '../system/errors.js';
import { neededRights, samePlace } from '../system/folders.js';
import { isDevice } from '../system/interface-names.js';
import { unixSockets } from '../system/processes.js';

/**
 * wpa_supplicant's `ctrl_interface` folder, which holds one socket for each interface; and, where no interface of it can be
 * used, what a person can do about that.
 */

export interface ControlSockets {
  /** All names, sorted. */
  readonly names: readonly string[];
  /** The P2P device interfaces that a running program serves: Wi-Fi Direct events arrive there. */
  readonly devices: readonly string[];
}

/** The sockets in the folder, or why it cannot be read (CONTROL_DENIED, CONTROL_UNAVAILABLE). */
export function readControlFolder(folder: string): ControlSockets | { readonly error: HostP2pError } {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (cause) {
    const denied = codeOf(cause) === 'EACCES';
    const message = denied ? `${folder}: permission denied; ${neededRights(folder)}` : noFolder(folder);
    return { error: new HostP2pError(denied ? 'CONTROL_DENIED' : 'CONTROL_UNAVAILABLE', message, { cause }) };
  }
  return { names, devices: served(folder, names.filter(isDevice)) };
}

/**
 * Those that a program is bound to: a crash leaves socket files behind. The kernel does not list the sockets of a program
 * in another network namespace.
 */
function served(folder: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const bound = unixSockets() ?? [];
  return names.filter((name) => bound.some(({ path }) => samePlace(path, join(folder, name))));
}

/** Explains why no link to `interfaceName` could be made; the code stays. */
export function explainFailure(
  cause: HostP2pError,
  controlFolder: string,
  interfaceName: string,
): HostP2pError {
  const { code } = cause;
  const path = join(controlFolder, interfaceName);
  if (code === 'CONTROL_DENIED') {
    const rights = neededRights(controlFolder, path);
    return new HostP2pError(code, `${path}: permission denied; ${rights}`, { cause });
  }
  if (code !== 'CONTROL_UNAVAILABLE') return cause;
  try {
    const others = readdirSync(controlFolder).filter((name) => name !== interfaceName);
    const where = `; in ${controlFolder} there are: ${others.sort().join(', ')}`;
    return new HostP2pError(code, `${cause.message}${others.length > 0 ? where : ''}`, { cause });
  } catch {
    return new HostP2pError(code, noFolder(controlFolder), { cause });
  }
}

/**
 * Explains why `auto` uses none of the interfaces: what is known of each, and what is expected.
 * @param unfit the reason for each, in words that follow its name, or why it did not reply
 */
export function explainNoInterface(
  controlFolder: string,
  unfit: ReadonlyMap<string, string | HostP2pError>,
): HostP2pError {
  let cause: HostP2pError | undefined;
  const findings = [...unfit].map(([name, reason]) => {
    if (typeof reason === 'string') return `${name} ${reason}`;
    const error = reason.code === 'CONTROL_DENIED' ? explainFailure(reason, controlFolder, name) : reason;
    // If a person must act before it can be asked at all, that is what the session waits for.
    if (error.code === 'CONTROL_DENIED' || error.code === 'SOCKET_PATH') cause ??= error;
    return error.message;
  });
  const found = findings.length > 0 ? findings.join('; ') : 'it is empty';
  return new HostP2pError(
    cause?.code ?? 'CONTROL_UNAVAILABLE',
    `no interface for Wi-Fi Direct in ${controlFolder} (${found}); expected an interface p2p-dev-*, which "iw dev" ` +
      'shows with type P2P-device, or one whose STATUS shows p2p_device_address; "iw list" must name P2P-GO, and ' +
      'p2p_disabled must not be set',
    { cause },
  );
}

function noFolder(controlFolder: string): string {
  return (
    `wpa_supplicant serves nothing in ${controlFolder}: it is not running, or its configuration has another ` +
    'ctrl_interface'
  );
}
