import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { PROCESS_NAME } from './paths.js';
import { readProcess, startTime } from './process-facts.js';

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
/** The kernel's count begins within a second of the boot time that it tells, and a file has the time of its last write. */
const MTIME_SLACK_MS = 2_000;

/**
 * Who is named by a PID file. The number alone proves nothing: the kernel gives it to another process once ours has
 * ended. The program's name must be ours, and its start time the one in the file; in a file of one line, as other
 * programs write it, the process must have been there when the file was written.
 */
export function readRunning(path: string, surroundings: Surroundings = {}): PidFileState {
  const { proc = '/proc', uid = process.geteuid?.() ?? -1, exists = processExists } = surroundings;
  const file = readOwnFile(path, uid);
  if (!('text' in file)) return file;
  const match = /^([1-9]\d{0,9})(?:\n(\d{1,15}))?\n?$/.exec(file.text);
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
  const recorded = match[2];
  const started = recorded === undefined ? startTime(facts, proc) : null;
  const same =
    recorded === undefined
      ? started !== null && started <= file.writtenAt + MTIME_SLACK_MS
      : Number(recorded) === facts.startTicks;
  if (!same) return { kind: 'stale', reason: `names pid ${pid}, which has started later` };
  return { kind: 'running', pid, startTicks: facts.startTicks };
}

interface Content {
  readonly text: string;
  readonly owner: number;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
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
    return foreign(code === 'ELOOP' ? 'is a symbolic link' : `cannot be read: ${reasonOf(error)}`);
  }
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return foreign('is a folder');
    if (!stats.isFile()) return foreign('is no regular file');
    if (stats.uid !== 0 && stats.uid !== uid) return foreign(`belongs to another user (uid ${stats.uid})`);
    // Too much for a PID file is no PID file.
    const text = stats.size > MAX_BYTES ? '' : readFileSync(file, 'latin1');
    return { text, owner: stats.uid, writtenAt: stats.mtimeMs };
  } catch (error) {
    return foreign(`cannot be read: ${reasonOf(error)}`);
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
