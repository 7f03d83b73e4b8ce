import {
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { HostP2pError, messageOf } from '../index.js';
import { pidFileIn, pidFolder } from './paths.js';
import { type PidFileState, readRunning } from './running.js';

/** Everybody may know who runs; systemd reads it too. */
const MODE = 0o644;

/** The PID file of this process: one line, the PID, as systemd, monit and `kill $(cat FILE)` read it. */
export class PidFile {
  readonly path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.path = path;
    this.#text = text;
  }

  /** Where PID files belong. @throws {HostP2pError} PID_FILE where the user has no folder for them */
  static folder(): string {
    const place = pidFolder();
    if ('problem' in place) throw new HostP2pError('PID_FILE', place.problem);
    return place.folder;
  }

  /**
   * Writes it, in one step. What a dead process left there is replaced; whatever is not of our making stays.
   * Call it with the lock of the interface held.
   * @throws {HostP2pError} ALREADY_RUNNING, PID_FILE
   */
  static write(folder: string, interfaceName: string): PidFile {
    const path = pidFileIn(folder, interfaceName);
    checkPlace(path, readRunning(folder, interfaceName));
    const text = `${process.pid}\n`;
    try {
      // Only one that was named to us can be missing; its own mode must not depend on our umask's.
      mkdirSync(folder, { recursive: true });
      replace(path, text);
    } catch (cause) {
      throw failure(path, `cannot be written: ${messageOf(cause)}`, cause);
    }
    return new PidFile(path, text);
  }

  /** Removes it, unless somebody else's stands there by now. At once, for it must also work while the process exits. */
  remove(): void {
    try {
      const file = openSync(this.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        if (readFileSync(file, 'latin1') !== this.#text) return;
      } finally {
        closeSync(file);
      }
      unlinkSync(this.path);
    } catch {
      // It is gone already, or no longer ours.
    }
  }
}

function checkPlace(path: string, state: PidFileState): void {
  if (state.kind === 'foreign') throw failure(path, `${state.reason}; it stays, remove it by hand`);
  if (state.kind === 'running' && state.pid !== process.pid) {
    throw new HostP2pError(
      'ALREADY_RUNNING',
      `${path} names a running hostp2pd: already running, pid ${state.pid}`,
    );
  }
  if (state.kind === 'absent') return;
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== process.geteuid?.()) {
    throw failure(path, `belongs to another user (uid ${owner}); it stays, remove it by hand`);
  }
}

function replace(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  // One of a former process of this number; where it is a link, the link goes, not what it leads to.
  rmSync(temporary, { force: true });
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
    try {
      // A daemon's umask would keep others from reading it.
      fchmodSync(file, MODE);
      writeSync(file, text);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function failure(path: string, what: string, cause?: unknown): HostP2pError {
  return new HostP2pError('PID_FILE', `PID file ${path} ${what}`, { cause });
}
