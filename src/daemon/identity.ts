import { InstanceLock } from './instance-lock.js';
import type { PidFile } from './pid-file.js';

/** Whom others take this instance for: it holds the lock of one interface, or of `auto`, and may have its PID file. */
export class Identity {
  readonly #writesPidFile: boolean;
  #name: string | null = null;
  #lock: InstanceLock | null = null;
  #pidFile: PidFile | null = null;
  #takesBack = () => this.#pidFile?.remove();

  constructor(writesPidFile: boolean) {
    this.#writesPidFile = writesPidFile;
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
      if (this.#writesPidFile) pidFile = await writePidFile(name);
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
}

/** Its code is loaded by the daemon alone. */
async function writePidFile(name: string): Promise<PidFile> {
  const { PidFile } = await import('./pid-file.js');
  return PidFile.write(PidFile.path(name));
}
