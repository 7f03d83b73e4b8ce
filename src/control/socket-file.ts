import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, mkdirSync, type Stats, statSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import type { Logger } from '../logging/logger.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { inspectSocketFolder, runtimeFolders } from '../system/folders.js';
import { inQuotes } from '../system/values.js';

/** The control socket in the file system: its path, its owner, and who may connect. */

/** The limit of the kernel (unix(7), sun_path), without the final NUL. */
const MAX_PATH_BYTES = 107;
export const SOCKET_SUFFIX = '.sock';

/**
 * The folder of the control sockets: `HOSTP2PD_RUNTIME_DIR`, else `/run/hostp2pd` for root and
 * `$XDG_RUNTIME_DIR/hostp2pd` for other users.
 * @throws {HostP2pError} SOCKET_PATH where there is none, or it is not an absolute path
 */
export function runtimeFolder(environment?: NodeJS.ProcessEnv, uid?: number): string {
  const folders = runtimeFolders(environment, uid);
  if ('sockets' in folders) return folders.sockets;
  throw unusable('no folder for the control socket', folders.problem);
}

/** @throws {HostP2pError} SOCKET_PATH if there is no folder, or the path is too long; USAGE if it is not an interface name */
export function socketPath(interfaceName: string, folder: string = runtimeFolder()): string {
  if (!/^[^/\0\s]+$/.test(interfaceName) || interfaceName.startsWith('.')) {
    const message = `interface: expected a name such as p2p-dev-wlan0, got ${inQuotes(interfaceName)}`;
    throw new HostP2pError('USAGE', message);
  }
  const path = join(folder, interfaceName + SOCKET_SUFFIX);
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return path;
  throw unusable(path, `a socket path of ${bytes} bytes; the kernel takes ${MAX_PATH_BYTES}`);
}

/** What is found at the path of a control socket. */
type Presence =
  /** A process accepts connections. */
  | 'served'
  /** Its process has ended. */
  | 'stale'
  | 'absent'
  /** This user may not connect. */
  | 'denied'
  /** Not a stream socket. */
  | 'other';

/** Connects and hangs up. The kernel answers at once, whatever the other process does. */
export function probe(path: string): Promise<Presence> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (presence: Presence): void => {
      socket.destroy();
      resolve(presence);
    };
    socket.once('connect', () => settle('served'));
    // Not once: a socket may fail again after the first answer.
    socket.on('error', (error) => settle(presenceOf(error)));
  });
}

/** What the error of a connection means, see connect(2) and unix(7). */
export function presenceOf(error: unknown): Presence {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'absent';
    case 'ECONNREFUSED':
      return 'stale';
    case 'EACCES':
    case 'EPERM':
      return 'denied';
    // The queue of new connections is full.
    case 'EAGAIN':
      return 'served';
    default:
      return 'other';
  }
}

const FOLDER_MODE = 0o750;
const GROUP_MAY_ENTER = 0o050;
const ANYBODY_MAY_ENTER = 0o005;
const GROUP_MAY_WRITE = 0o020;
/** Until the group is set, only the owner may connect. */
const UMASK_OWNER_ONLY = 0o177;
const SOCKET_MODE = 0o660;

export interface SocketOptions {
  /** The interface of the session. */
  readonly interface: string;
  /** `ctrl_interface`: the group that may command wpa_supplicant there may connect. */
  readonly controlFolder: string;
  readonly logger?: Logger | undefined;
  /** Default: that of the process; see {@link runtimeFolder}. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

export class SocketFile {
  readonly path: string;
  readonly #options: SocketOptions;
  #group: number | null;

  /** @throws {HostP2pError} SOCKET_PATH, USAGE */
  constructor(options: SocketOptions) {
    this.#options = options;
    this.path = socketPath(options.interface, runtimeFolder(options.environment));
    this.#group = this.#controlGroup();
  }

  /**
   * Makes the folder, and removes a socket that a dead process has left.
   * @throws {HostP2pError} ALREADY_RUNNING if it is served; SOCKET_PATH if the place cannot be used
   */
  async prepare(): Promise<void> {
    const { path } = this;
    prepareFolder(dirname(path), this.#group, this.#options.logger);
    // Does not follow a symbolic link.
    const stats = attempt(path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (stats === undefined) return;
    if (!stats.isSocket()) throw unusable(path, 'expected a socket, got another file, which stays');
    const presence = await probe(path);
    if (presence === 'absent') return;
    if (presence === 'served') {
      throw new HostP2pError('ALREADY_RUNNING', `${path}: another process serves this socket`);
    }
    if (presence !== 'stale') throw unusable(path, 'this socket is not ours; it stays');
    attempt(path, () => unlinkSync(path));
  }

  /** @throws {HostP2pError} ALREADY_RUNNING, SOCKET_PATH */
  async listen(server: Server): Promise<void> {
    const listening = once(server, 'listening');
    // The call binds before it returns, so at no moment may others connect.
    const umask = process.umask(UMASK_OWNER_ONLY);
    try {
      server.listen(this.path);
    } finally {
      process.umask(umask);
    }
    try {
      await listening;
    } catch (cause) {
      if (codeOf(cause) !== 'EADDRINUSE') throw unusable(dirname(this.path), messageOf(cause), cause);
      throw new HostP2pError('ALREADY_RUNNING', `${this.path}: another process was faster`, { cause });
    }
    this.#openToGroup();
  }

  /** Looks again for the group. */
  refresh(): void {
    const group = this.#controlGroup();
    if (group === null || group === this.#group) return;
    this.#group = group;
    prepareFolder(dirname(this.path), group, this.#options.logger);
    this.#openToGroup();
  }

  /** The group that may command wpa_supplicant on the interface; null if that is unknown. */
  #controlGroup(): number | null {
    try {
      const { gid, mode } = statSync(join(this.#options.controlFolder, this.#options.interface));
      return (mode & GROUP_MAY_WRITE) !== 0 ? gid : null;
    } catch {
      return null;
    }
  }

  #openToGroup(): void {
    const { path } = this;
    const { logger } = this.#options;
    const group = this.#group;
    if (group === null) {
      logger?.log('debug', `${path}: for its owner only, the group of the control interface is not known`);
      return;
    }
    tryTo(`${path}: for its owner only`, logger, () => {
      chownSync(path, -1, group);
      chmodSync(path, SOCKET_MODE);
    });
  }
}

/**
 * Creates a missing folder for its owner and the group. An existing one keeps its permissions: it may contain our ends of
 * the links to wpa_supplicant, which must reach them.
 * @throws {HostP2pError} SOCKET_PATH if it cannot be created, or if other users can change its content
 */
export function prepareFolder(folder: string, group: number | null, logger?: Logger): void {
  const stats = inspectSocketFolder(folder) ?? makeFolder(folder);
  if (group === null || (stats.mode & ANYBODY_MAY_ENTER) === ANYBODY_MAY_ENTER) return;
  // Only its owner can; and root should not: the folders of others are not ours to open.
  if (stats.uid !== process.geteuid?.()) return;
  tryTo(`${folder}: the group of the control interface cannot enter`, logger, () => {
    chownSync(folder, -1, group);
    chmodSync(folder, (stats.mode & 0o777) | GROUP_MAY_ENTER);
  });
}

function makeFolder(folder: string): Stats {
  return attempt(folder, () => {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    // Whatever the umask.
    chmodSync(folder, FOLDER_MODE);
    return lstatSync(folder);
  });
}

/** @throws {HostP2pError} SOCKET_PATH */
function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
}

function tryTo(failure: string, logger: Logger | undefined, act: () => void): void {
  try {
    act();
  } catch (error) {
    logger?.log('debug', `${failure}: ${messageOf(error)}`);
  }
}

function unusable(path: string, reason: string, cause?: unknown): HostP2pError {
  return new HostP2pError('SOCKET_PATH', `${path}: ${reason}`, { cause });
}
