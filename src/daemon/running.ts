import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { messageOf } from '../errors.js';
import { listensOn } from './listening-socket.js';
import { lockAddressesBeside, PROCESS_NAME, pidFileIn } from './paths.js';
import { readProcess } from './process-facts.js';

/** What stands in the place of a PID file. */
export type PidFileState =
  | { readonly kind: 'absent' }
  /** It names a hostp2pd that is alive. */
  | { readonly kind: 'running'; readonly pid: number; readonly startTicks: number }
  /** It names nobody: to be replaced, and nobody to be signalled. */
  | { readonly kind: 'stale'; readonly reason: string }
  /** Nothing of ours: neither to be believed nor to be touched. */
  | { readonly kind: 'foreign'; readonly reason: string };

export interface Surroundings {
  readonly proc?: string;
  readonly uid?: number;
  /** Whether a process is there, whoever's it is and whatever /proc shows. */
  readonly exists?: (pid: number) => boolean;
}

const MAX_BYTES = 256;

/**
 * Who is named by the PID file of an interface. The number alone proves nothing: the kernel gives it to another process
 * once ours has ended. So the process must hold the instance lock of that interface. (A time would prove less: the clock
 * of a box without a battery jumps by years after the file is written.)
 */
export function readRunning(
  folder: string,
  interfaceName: string,
  surroundings: Surroundings = {},
): PidFileState {
  const { proc = '/proc', uid = process.geteuid?.() ?? -1, exists = processExists } = surroundings;
  const file = readOwnFile(pidFileIn(folder, interfaceName), uid);
  if (!('text' in file)) return file;
  // The second line is of earlier versions, which may still run after an upgrade: the start time.
  const match = /^([1-9]\d{0,9})(?:\n\d{1,15})?\n?$/.exec(file.text);
  if (!match) return { kind: 'stale', reason: 'holds no PID' };
  const pid = Number(match[1]);
  const facts = readProcess(pid, proc);
  if (!facts) {
    // A /proc with hidepid shows root's processes to root alone. One of ours it would show.
    return file.owner !== uid && exists(pid)
      ? { kind: 'foreign', reason: `names pid ${pid}, which this user may not look at` }
      : { kind: 'stale', reason: `names pid ${pid}, which is no longer there` };
  }
  if (facts.name !== PROCESS_NAME) {
    return { kind: 'stale', reason: `names pid ${pid}, which is ${facts.name} and no ${PROCESS_NAME}` };
  }
  // Unknown: a process of another user, by its name a hostp2pd, and somebody holds the lock. Who may not look at its
  // descriptors may not signal it either.
  if (listensOn(pid, lockAddressesBeside(folder, interfaceName), proc) === false) {
    return {
      kind: 'stale',
      reason: `names pid ${pid}, a ${PROCESS_NAME} that does not serve ${interfaceName}`,
    };
  }
  return { kind: 'running', pid, startTicks: facts.startTicks };
}

interface Content {
  readonly text: string;
  readonly owner: number;
}

function readOwnFile(
  path: string,
  uid: number,
): Extract<PidFileState, { kind: 'absent' | 'foreign' }> | Content {
  const foreign = (reason: string) => ({ kind: 'foreign', reason }) as const;
  let file: number;
  try {
    // O_NONBLOCK, for a pipe in the place of the file must not hold up the program.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return { kind: 'absent' };
    return foreign(code === 'ELOOP' ? 'is a symbolic link' : `cannot be read: ${messageOf(error)}`);
  }
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return foreign('is a folder');
    if (!stats.isFile()) return foreign('is no regular file');
    if (stats.uid !== 0 && stats.uid !== uid) return foreign(`belongs to another user (uid ${stats.uid})`);
    // Too much for a PID file is no PID file.
    const text = stats.size > MAX_BYTES ? '' : readFileSync(file, 'latin1');
    return { text, owner: stats.uid };
  } catch (error) {
    return foreign(`cannot be read: ${messageOf(error)}`);
  } finally {
    closeSync(file);
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
