import type { Logger } from '../logging/logger.js';
import { HostP2pError } from '../system/errors.js';
import { InstanceLock } from './instance-lock.js';
import type { PidFile } from './pid-file.js';

/**
 * Whether there is a PID file: `must` for a daemon, which nobody could end otherwise; `may` for a session that a
 * service manager, or a person, runs in the foreground, so that -t and -r find it too.
 */
export type PidFileChoice = 'must' | 'may' | 'none';

/** Whom others take this instance for: it holds the lock of one interface, or of `auto`, and may have its PID file. */
export class Identity {
  readonly #choice: PidFileChoice;
  readonly #logger: Logger;
  #name: string | null = null;
  #lock: InstanceLock | null = null;
  #pidFile: PidFile | null = null;
  #takesBack = () => this.#pidFile?.remove();

  constructor(choice: PidFileChoice, logger: Logger) {
    this.#choice = choice;
    this.#logger = logger;
  }

  /** The name that is held. */
  get name(): string | null {
    return this.#name;
  }

  /**
   * Takes a name, then gives back the former one.
   * @throws {HostP2pError} ALREADY_RUNNING, PID_FILE; the former name stays
   */
  async take(name: string): Promise<void> {
    if (name === this.#name) return;
    const lock = await InstanceLock.take(name);
    let pidFile: PidFile | null = null;
    try {
      pidFile = await this.#writePidFile(name);
    } catch (error) {
      await lock.release();
      throw error;
    }
    const former = { lock: this.#lock, pidFile: this.#pidFile };
    this.#name = name;
    this.#lock = lock;
    this.#pidFile = pidFile;
    // Also where the process is cut short.
    if (!former.lock) process.on('exit', this.#takesBack);
    former.pidFile?.remove();
    await former.lock?.release();
  }

  async release(): Promise<void> {
    process.off('exit', this.#takesBack);
    this.#pidFile?.remove();
    const lock = this.#lock;
    this.#name = null;
    this.#lock = null;
    this.#pidFile = null;
    await lock?.release();
  }

  /** Its code is loaded only where one is wanted. */
  async #writePidFile(name: string): Promise<PidFile | null> {
    if (this.#choice === 'none') return null;
    const { PidFile } = await import('./pid-file.js');
    try {
      return await PidFile.write(PidFile.folder(), name);
    } catch (error) {
      if (this.#choice === 'must' || !(error instanceof HostP2pError) || error.code !== 'PID_FILE')
        throw error;
      this.#logger.log('info', `${error.message}; -t and -r do not find this session`);
      return null;
    }
  }
}
