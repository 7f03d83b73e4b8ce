import type { Logger } from '../logging/logger.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import { foldersToSearch } from '../system/folders.js';
import { lockAddress, PROCESS_NAME } from '../system/lock-address.js';
import { bindLock } from '../system/lock-socket.js';
import { listenerOf, listeningInode, readProcess } from '../system/processes.js';
import { pidFolder, readPidFile, writePidFile } from './pid-file.js';

/**
 * Whether there is a PID file: `required` for a daemon, which could not be ended otherwise; `optional` for a session in
 * the foreground, so that -t and -r find it too.
 */
export type PidFileChoice = 'required' | 'optional' | 'none';

/** By what others recognize this instance: the lock of one interface, or of `auto`, and a PID file if wanted. */
export class Identity {
  readonly #choice: PidFileChoice;
  readonly #logger: Logger;
  #name: string | null = null;
  #releaseLock: (() => Promise<void>) | null = null;
  #removePidFile: (() => void) | null = null;
  readonly #atExit = () => this.#removePidFile?.();

  constructor(choice: PidFileChoice, logger: Logger) {
    this.#choice = choice;
    this.#logger = logger;
  }

  /** The interface whose lock is held, or `auto`. */
  get name(): string | null {
    return this.#name;
  }

  /**
   * Takes a name, then gives back the previous one.
   * @param controlFolder of wpa_supplicant
   * @throws {HostP2pError} ALREADY_RUNNING, PID_FILE; the previous name stays
   */
  async take(name: string, controlFolder: string): Promise<void> {
    if (name === this.#name) return;
    const releaseLock = await takeInstanceLock(name, controlFolder);
    let removePidFile: (() => void) | null = null;
    try {
      removePidFile = await this.#writePidFile(name);
    } catch (error) {
      await releaseLock();
      throw error;
    }
    const previous = { releaseLock: this.#releaseLock, removePidFile: this.#removePidFile };
    this.#name = name;
    this.#releaseLock = releaseLock;
    this.#removePidFile = removePidFile;
    // The process may exit without a release.
    if (!previous.releaseLock) process.on('exit', this.#atExit);
    previous.removePidFile?.();
    await previous.releaseLock?.();
  }

  async release(): Promise<void> {
    process.off('exit', this.#atExit);
    this.#removePidFile?.();
    const releaseLock = this.#releaseLock;
    this.#name = null;
    this.#releaseLock = null;
    this.#removePidFile = null;
    await releaseLock?.();
  }

  async #writePidFile(name: string): Promise<(() => void) | null> {
    if (this.#choice === 'none') return null;
    try {
      return await writePidFile(pidFolder(), name);
    } catch (error) {
      const optional = this.#choice === 'optional' && error instanceof HostP2pError;
      if (!optional || error.code !== 'PID_FILE') throw error;
      this.#logger.log('info', `${error.message}; -t and -r will not find this session`);
      return null;
    }
  }
}

/** The holder may end between the failed attempt and the look at it, for instance because another lock was taken. */
const MAX_ATTEMPTS = 5;

/**
 * Takes the right to serve an interface: an abstract UNIX socket. The kernel gives its name to one process at a time and
 * takes it back when that process ends in any way. Abstract names belong to the network namespace, as interfaces do, and
 * not to a user: an instance of root and one of another user exclude each other.
 * @returns a function that releases it; settles when others can take it
 * @throws {HostP2pError} ALREADY_RUNNING, with the holder if it can be found out
 */
export async function takeInstanceLock(
  interfaceName: string,
  controlFolder: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<void>> {
  const address = lockAddress(interfaceName, controlFolder);
  for (let attempt = 1; ; attempt += 1) {
    const bound = await bindLock(address);
    if (!('problem' in bound)) return () => new Promise((resolve) => bound.close(() => resolve()));
    const { problem } = bound;
    if (!('code' in problem && problem.code === 'EADDRINUSE')) {
      const reason = `the instance lock cannot be taken: ${messageOf(problem)}`;
      throw new HostP2pError('STATE', `${interfaceName}: ${reason}`, { cause: problem });
    }
    const subject = interfaceName === 'auto' ? 'auto (looking for an interface)' : interfaceName;
    const holder = describeHolder(interfaceName, address, environment);
    if (listeningInode(address) !== null || attempt === MAX_ATTEMPTS) {
      throw new HostP2pError('ALREADY_RUNNING', `${subject}: ${holder}`);
    }
  }
}

/** Any user can bind an abstract name, so the message says which process holds it. */
function describeHolder(interfaceName: string, address: string, environment: NodeJS.ProcessEnv): string {
  for (const { pids } of foldersToSearch(environment)) {
    const state = readPidFile(pids, interfaceName);
    if (state.kind === 'running') return `already running, pid ${state.pid}`;
  }
  const pid = listenerOf(address);
  const name = pid === null ? null : readProcess(pid)?.name;
  if (name === PROCESS_NAME) return `already running, pid ${pid}`;
  const lock = address.slice(1).replace(/\/+$/, '');
  if (name) return `its lock is held by ${name}, pid ${pid}, which is not ${PROCESS_NAME}`;
  return `already running, or another program holds its lock; as root, "ss -xlp" shows which one has the socket @${lock}`;
}
