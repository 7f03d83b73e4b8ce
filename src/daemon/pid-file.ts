import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { failureWithFix, HostP2pError } from '../system/errors.js';
import { readOwnFile } from '../system/read-file.js';
import { replaceFile } from '../system/replace-file.js';
import { pidFileIn, pidFolder } from './paths.js';
import { type PidFileState, readRunning } from './running.js';

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
  static async write(folder: string, interfaceName: string): Promise<PidFile> {
    const path = pidFileIn(folder, interfaceName);
    checkPlace(path, readRunning(folder, interfaceName));
    const text = `${process.pid}\n`;
    try {
      // Only one that was named to us can be missing; its own mode must not depend on our umask's.
      mkdirSync(folder, { recursive: true });
      // Everybody may know who runs; systemd reads it too.
      await replaceFile(path, text, { mode: MODE });
    } catch (cause) {
      throw failure(path, `cannot be written: ${failureWithFix(cause)}`, cause);
    }
    return new PidFile(path, text);
  }

  /** Removes it, unless somebody else's stands there by now. At once, for it must also work while the process exits. */
  remove(): void {
    try {
      const content = readOwnFile(this.path, { maxBytes: this.#text.length, owner: 'us' });
      if (content?.bytes.toString('latin1') !== this.#text) return;
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

function failure(path: string, what: string, cause?: unknown): HostP2pError {
  return new HostP2pError('PID_FILE', `PID file ${path} ${what}`, { cause });
}
