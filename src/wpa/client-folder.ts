import {
  accessSync,
  chmodSync,
  constants,
  type Dirent,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostP2pError } from '../system/errors.js';
import { inspectSocketFolder, RUNTIME_VARIABLE, runtimeFolders } from '../system/folders.js';
import { processExists } from '../system/processes.js';
import { MAX_ADDRESS_BYTES } from './unix-datagram.js';

/** `<interface>.<pid>-<n>.cmd`: by the pid, sockets of programs that have ended can be found and removed. */
const OWN_SOCKET = /\.(\d{1,7})-\d+\.(?:cmd|mon)$/;

/**
 * The folder for our own sockets. wpa_supplicant must see it under the same path: it answers by path, in its own mount
 * namespace, so with a private /tmp on either side replies get lost.
 */
export class ClientFolder {
  readonly path: string;
  readonly #temporary: boolean;
  /** One counter for the whole process: a late reply must not arrive at a new socket with an old name. */
  static #count = 0;

  private constructor(path: string, temporary: boolean) {
    this.path = path;
    this.#temporary = temporary;
  }

  /**
   * `/run/hostp2pd` for root, `$XDG_RUNTIME_DIR/hostp2pd` for others, else a temporary folder that
   * {@link ClientFolder.close} removes. Sockets of programs that have ended are removed from it.
   * @throws {HostP2pError} SOCKET_PATH when no folder can be used
   */
  static open(environment: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? -1): ClientFolder {
    const wanted = ClientFolder.place(environment, uid);
    return wanted === null ? ClientFolder.#temporaryOne() : ClientFolder.at(wanted);
  }

  /** The folder that {@link ClientFolder.open} uses; null for a temporary one. */
  static place(environment: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? -1): string | null {
    const folders = runtimeFolders({ ...environment, [RUNTIME_VARIABLE]: undefined }, uid);
    return 'sockets' in folders ? folders.sockets : null;
  }

  static #temporaryOne(): ClientFolder {
    try {
      return new ClientFolder(mkdtempSync(join(tmpdir(), 'hostp2pd-')), true);
    } catch (cause) {
      throw new HostP2pError('SOCKET_PATH', `${tmpdir()}: no folder for sockets can be made in it`, {
        cause,
      });
    }
  }

  /** The same in a given folder. */
  static at(path: string): ClientFolder {
    inspectSocketFolder(path);
    try {
      makeFolder(path);
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new HostP2pError('SOCKET_PATH', `${path}: sockets cannot be made in this folder`, { cause });
    }
    removeStale(path);
    return new ClientFolder(path, false);
  }

  /**
   * A new address, never used before by this process.
   * @throws {HostP2pError} SOCKET_PATH when it does not fit a socket address
   */
  address(interfaceName: string, kind: 'cmd' | 'mon'): string {
    const path = join(this.path, `${interfaceName}.${process.pid}-${ClientFolder.#count++}.${kind}`);
    const bytes = Buffer.byteLength(path);
    if (bytes > MAX_ADDRESS_BYTES) {
      throw new HostP2pError(
        'SOCKET_PATH',
        `${path}: expected a socket address of at most ${MAX_ADDRESS_BYTES} bytes, got ${bytes}`,
      );
    }
    // A program that cleans up under /run may have removed the folder.
    makeFolder(this.path);
    return path;
  }

  /** Removes a temporary folder. */
  close(): void {
    if (!this.#temporary) return;
    try {
      rmdirSync(this.path);
    } catch {
      // Another program has put a file there.
    }
  }
}

/** Makes a missing folder, with search permission for all: wpa_supplicant need not run as root. */
function makeFolder(path: string): void {
  // The umask of a daemon would take that permission away.
  if (mkdirSync(path, { recursive: true }) !== undefined) chmodSync(path, 0o755);
}

function removeStale(folder: string): void {
  for (const entry of entries(folder)) {
    const pid = Number(OWN_SOCKET.exec(entry.name)?.[1]);
    if (!pid || !entry.isSocket() || pid === process.pid || processExists(pid)) continue;
    try {
      unlinkSync(join(folder, entry.name));
    } catch {
      // Another instance has removed it, or it belongs to another user.
    }
  }
}

/** Empty if the folder may not be listed: sockets can be created in it nevertheless. */
function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
