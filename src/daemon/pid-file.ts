import { lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { failureWithFix, HostP2pError, messageOf } from '../system/errors.js';
import { readOwnFile, replaceFile } from '../system/files.js';
import { runtimeFolders } from '../system/folders.js';
import { isLockOf, PROCESS_NAME } from '../system/lock-address.js';
import { listensOn, processExists, readProcess } from '../system/processes.js';

/** PID files: one line, the PID, as systemd, monit and `kill $(cat FILE)` read it. */

const PREFIX = 'hostp2pd-';
const SUFFIX = '.pid';
/** Any user may see what runs; systemd reads it too. */
const MODE = 0o644;
/** A longer file is not a PID file. */
const MAX_BYTES = 4_096;

/**
 * The folder for our PID files.
 * @throws {HostP2pError} PID_FILE where the user has none
 */
export function pidFolder(environment?: NodeJS.ProcessEnv, uid?: number): string {
  const folders = runtimeFolders(environment, uid);
  if ('pids' in folders) return folders.pids;
  throw new HostP2pError('PID_FILE', `no folder for the PID file: ${folders.problem}`);
}

export function pidFileIn(folder: string, interfaceName: string): string {
  return join(folder, `${PREFIX}${interfaceName}${SUFFIX}`);
}

/** The interfaces that have a PID file in the folder, whether or not a process still runs. */
export function interfacesIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => interfaceOf(name) ?? []).sort();
}

/** The interface in the name of a PID file; null for other files. */
export function interfaceOf(fileName: string): string | null {
  if (!fileName.startsWith(PREFIX) || !fileName.endsWith(SUFFIX)) return null;
  return fileName.slice(PREFIX.length, -SUFFIX.length) || null;
}

/** What is found in the place of a PID file. */
type PidFileState =
  | { readonly kind: 'absent' }
  /** It names a running hostp2pd. */
  | { readonly kind: 'running'; readonly pid: number; readonly startTicks: number }
  /** It names no process of ours: may be replaced, must not be signalled. */
  | { readonly kind: 'stale'; readonly reason: string }
  /** Not ours: neither trusted nor touched. */
  | { readonly kind: 'foreign'; readonly reason: string };

/** For tests: another /proc, another user, other processes. */
interface Surroundings {
  readonly proc?: string;
  readonly uid?: number;
  readonly exists?: (pid: number) => boolean;
}

/**
 * The process that the PID file of an interface names. The number alone proves nothing: the kernel reuses it after our
 * process has ended. So the process must hold the instance lock of that interface. (A time would prove less: the clock
 * of a box without a battery jumps by years after the file is written.)
 */
export function readPidFile(
  folder: string,
  interfaceName: string,
  { proc = '/proc', uid = process.geteuid?.() ?? -1, exists = processExists }: Surroundings = {},
): PidFileState {
  let file: ReturnType<typeof readOwnFile>;
  try {
    file = readOwnFile(pidFileIn(folder, interfaceName), { maxBytes: MAX_BYTES, owner: 'us or root', uid });
  } catch (error) {
    return { kind: 'foreign', reason: `cannot be read: ${messageOf(error)}` };
  }
  if (file === null) return { kind: 'absent' };
  // Earlier versions, which may still run after an upgrade, wrote the start time as a second line.
  const match = /^([1-9]\d{0,9})(?:\n\d{1,15})?\n?$/.exec(file.bytes.toString('latin1'));
  if (!match) return { kind: 'stale', reason: 'contains no PID' };
  const pid = Number(match[1]);
  const facts = readProcess(pid, proc);
  if (!facts) {
    // A /proc with hidepid shows root's processes to root alone, but ours to us.
    return file.stats.uid !== uid && exists(pid)
      ? { kind: 'foreign', reason: `names pid ${pid}, which this user may not look at` }
      : { kind: 'stale', reason: `names pid ${pid}, which is no longer running` };
  }
  if (facts.name !== PROCESS_NAME) {
    return { kind: 'stale', reason: `names pid ${pid}, which is ${facts.name} and not ${PROCESS_NAME}` };
  }
  // Unknown: a hostp2pd of another user, by its name, and some process holds the lock. A user who may not read its
  // descriptors may not signal it either.
  if (listensOn(pid, (address) => isLockOf(interfaceName, address), proc) === false) {
    return {
      kind: 'stale',
      reason: `names pid ${pid}, a ${PROCESS_NAME} that does not serve ${interfaceName}`,
    };
  }
  return { kind: 'running', pid, startTicks: facts.startTicks };
}

/**
 * Writes the PID file of this process in one step, and replaces what a dead process has left. Other files stay. Call it
 * only while holding the instance lock.
 * @returns a function that removes it, without waiting: it must also work while the process exits
 * @throws {HostP2pError} ALREADY_RUNNING, PID_FILE
 */
export async function writePidFile(folder: string, interfaceName: string): Promise<() => void> {
  const path = pidFileIn(folder, interfaceName);
  expectReplaceable(path, readPidFile(folder, interfaceName));
  const text = `${process.pid}\n`;
  try {
    // Only a folder that was named to us can be missing.
    mkdirSync(folder, { recursive: true });
    await replaceFile(path, text, { mode: MODE });
  } catch (cause) {
    throw failure(path, `cannot be written: ${failureWithFix(cause)}`, cause);
  }
  return () => {
    try {
      const content = readOwnFile(path, { maxBytes: text.length, owner: 'us' });
      if (content?.bytes.toString('latin1') === text) unlinkSync(path);
    } catch {
      // It has been removed already, or replaced by the file of another process.
    }
  };
}

function expectReplaceable(path: string, state: PidFileState): void {
  if (state.kind === 'foreign') throw failure(path, `${state.reason}; not replaced, remove it by hand`);
  if (state.kind === 'running' && state.pid !== process.pid) {
    throw new HostP2pError(
      'ALREADY_RUNNING',
      `${path} names a running hostp2pd: already running, pid ${state.pid}`,
    );
  }
  if (state.kind === 'absent') return;
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  if (owner !== undefined && owner !== process.geteuid?.()) {
    throw failure(path, `belongs to another user (uid ${owner}); not replaced, remove it by hand`);
  }
}

function failure(path: string, what: string, cause?: unknown): HostP2pError {
  return new HostP2pError('PID_FILE', `PID file ${path} ${what}`, { cause });
}
