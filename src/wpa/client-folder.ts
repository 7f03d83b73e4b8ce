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

/** `<interface>.<pid>-<n>.cmd`: the pid tells whose socket it is, so that a dead program's can be removed. */
const OWN_SOCKET = /\.(\d{1,7})-\d+\.(?:cmd|mon)$/;

/**
 * The folder of our own ends of the control links. It must be one that wpa_supplicant sees under the same name:
 * it answers by path, in its own mount namespace, so a private /tmp on either side makes replies vanish.
 */
export class ClientFolder {
  readonly path: string;
  readonly #temporary: boolean;
  /** One for the whole process: a late reply must not find a second folder's socket under the old name. */
  static #count = 0;

  private constructor(path: string, temporary: boolean) {
    this.path = path;
    this.#temporary = temporary;
  }

  /**
   * `/run/hostp2pd` for root, `$XDG_RUNTIME_DIR/hostp2pd` for others, else a private folder that goes with
   * {@link ClientFolder.close}. Sockets of programs that are no more are removed from it.
   * @throws {HostP2pError} SOCKET_PATH when no folder can be used
   */
  static open(environment: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? -1): ClientFolder {
    const wanted = ClientFolder.place(environment, uid);
    return wanted === null ? ClientFolder.#temporaryOne() : ClientFolder.at(wanted);
  }

  /** The folder that {@link ClientFolder.open} takes; null for a private one that goes with it. */
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

  /** The same in a folder of the caller's choice. */
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
        `${path}: a socket address of ${bytes} bytes; the kernel takes ${MAX_ADDRESS_BYTES}`,
      );
    }
    // Whoever cleans up under /run may have taken the folder away meanwhile.
    makeFolder(this.path);
    return path;
  }

  /** Removes the folder where it was made for this process alone. */
  close(): void {
    if (!this.#temporary) return;
    try {
      rmdirSync(this.path);
    } catch {
      // Something else put a file there; it is not ours to remove.
    }
  }
}

/** Makes it where it is missing, open to be searched: also by a wpa_supplicant that is not root's. */
function makeFolder(path: string): void {
  // A daemon's umask would shut it.
  if (mkdirSync(path, { recursive: true }) !== undefined) chmodSync(path, 0o755);
}

function removeStale(folder: string): void {
  for (const entry of entries(folder)) {
    const pid = Number(OWN_SOCKET.exec(entry.name)?.[1]);
    if (!pid || !entry.isSocket() || pid === process.pid || processExists(pid)) continue;
    try {
      unlinkSync(join(folder, entry.name));
    } catch {
      // Another instance was quicker, or the file is another user's.
    }
  }
}

/** None where the folder may not be listed: sockets can be made in it all the same. */
function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
