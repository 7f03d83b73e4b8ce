import { messageOf } from '../system/errors.js';
import { processExists, readProcess } from '../system/processes.js';
import { readOwnFile } from '../system/read-file.js';
import { listensOn } from './listening-socket.js';
import { lockAddressesBeside, PROCESS_NAME, pidFileIn } from './paths.js';

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

/** What is longer is no PID file of anybody. */
const MAX_BYTES = 4_096;

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
  const file = contentOf(pidFileIn(folder, interfaceName), uid);
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

function contentOf(
  path: string,
  uid: number,
): Extract<PidFileState, { kind: 'absent' | 'foreign' }> | Content {
  try {
    const content = readOwnFile(path, { maxBytes: MAX_BYTES, owner: 'us or root', uid });
    if (content === null) return { kind: 'absent' };
    return { text: content.bytes.toString('latin1'), owner: content.stats.uid };
  } catch (error) {
    return { kind: 'foreign', reason: `cannot be read: ${messageOf(error)}` };
  }
}
