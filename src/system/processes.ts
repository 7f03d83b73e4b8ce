import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from './errors.js';
import { type FolderWatch, watchFolder } from './folders.js';
import { printable } from './names.js';

/** Processes of this machine and their sockets, as /proc shows them. All `proc` parameters are for tests. */

/** All processes that can be seen: with `hidepid` only our own. Empty if /proc cannot be read. */
export function processIds(proc = '/proc'): number[] {
  return (entries(proc) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
}

interface ProcessFacts {
  /** At most 15 bytes; for hostp2pd what `process.title` was set to. Any process can choose its name. */
  readonly name: string;
  /** Start time in clock ticks since boot. Together with the pid it identifies one process for good. */
  readonly startTicks: number;
  /** Stopped by a signal (Ctrl-Z) or a debugger. */
  readonly stopped: boolean;
}

/** Null if there is no such process, or only a zombie is left of it. */
export function readProcess(pid: number, proc = '/proc'): ProcessFacts | null {
  const text = textOf(`${proc}/${pid}/stat`) ?? '';
  // The name is in brackets and may itself contain brackets and spaces (proc_pid_stat(5)).
  const opening = text.indexOf('(');
  const closing = text.lastIndexOf(')');
  const fields = text.slice(closing + 2).split(' ');
  const [state = ''] = fields;
  const startTicks = Number(fields[22 - 3]);
  if (opening < 0 || state === 'Z' || state === 'X' || !Number.isSafeInteger(startTicks)) return null;
  const name = printable(text.slice(opening + 1, closing));
  return { name, startTicks, stopped: state === 'T' || state === 't' };
}

/** The processes of that name, of at most 15 bytes. */
export function processesNamed(name: string, proc = '/proc'): number[] {
  return processIds(proc).filter((pid) => readProcess(pid, proc)?.name === name);
}

/** The program and its arguments; empty for kernel threads and for processes that have ended. */
export function commandLine(pid: number, proc = '/proc'): string[] {
  const text = textOf(`${proc}/${pid}/cmdline`);
  return text ? text.replace(/\0$/, '').split('\0') : [];
}

/** The inodes of the sockets that a process has open; null if they cannot be read, as those of another user. */
export function openSockets(pid: number, proc = '/proc'): string[] | null {
  const folder = `${proc}/${pid}/fd`;
  const descriptors = entries(folder);
  return (
    descriptors?.flatMap((name) => /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${name}`))?.[1] ?? []) ?? null
  );
}

/** Whether there is a process with this pid, even if another user owns it and /proc hides it. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Calls `onEnd` when a process has ended that is alone in its control group, as the main process of most services is: the
 * kernel reports when a control group has become empty (cgroups(7), cgroup.events).
 * @param onEnd can be called more than once
 * @returns null where it cannot be noticed: the control group has other members, or is not of version 2
 */
export function watchProcessEnd(pid: number, onEnd: () => void, root = '/'): FolderWatch | null {
  const [, group] = /^0::(\/.+)$/m.exec(textOf(join(root, `proc/${pid}/cgroup`)) ?? '') ?? [];
  if (group === undefined) return null;
  const folder = join(root, 'sys/fs/cgroup', group);
  if (textOf(join(folder, 'cgroup.procs')) !== `${pid}\n`) return null;
  const events = join(folder, 'cgroup.events');
  return watchFolder(events, () => {
    // An empty control group is soon removed.
    if (!/^populated 1$/m.test(textOf(events) ?? '')) onEnd();
  });
}

/** A step of the clock larger than this counts as a change of the clock, not as slewing. */
const CLOCK_STEP_MS = 2_000;
let knownStart = Number.NaN;

/**
 * When this process started, in ms since the epoch, by the clock as it is set now: some boxes boot in 1970. The value stays
 * the same while the clock is only slewed.
 */
export function processStart(): number {
  const start = Date.now() - process.uptime() * 1000;
  if (!(Math.abs(start - knownStart) < CLOCK_STEP_MS)) knownStart = start;
  return knownStart;
}

/**
 * Sends a signal to a process group.
 * @returns false if the group has no member that we may signal
 */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return trySignal(-group, signal);
}

/** How long a process may take to end after SIGTERM, and again after SIGKILL. */
const END_MS = 2_000;
const POLL_MS = 20;

/**
 * Ends the processes of a program that have this argument on their command line: those that an earlier, killed
 * instance of hostp2pd has left behind. Settles when they have ended and their sockets are closed.
 */
export async function endLeftOver(program: string, argument: string): Promise<void> {
  const found = processIds().flatMap((pid) => {
    const [path = '', ...args] = commandLine(pid);
    const facts = readProcess(pid);
    return facts && path.split('/').at(-1) === program && args.includes(argument) ? [{ pid, facts }] : [];
  });
  // Not by the command line: the kernel takes that away before it closes the sockets.
  const leftOver = () =>
    found.filter(({ pid, facts }) => readProcess(pid)?.startTicks === facts.startTicks).map(({ pid }) => pid);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of leftOver()) trySignal(pid, signal);
    const deadline = performance.now() + END_MS;
    while (leftOver().length > 0 && performance.now() < deadline) await pause(POLL_MS);
  }
}

/** False if it is not there (ESRCH), or not ours (EPERM), as after a change of user. */
function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The process that listens on the address.
 * @returns null if there is none, or it cannot be seen, as one of another user
 */
export function listenerOf(address: string): number | null {
  const inode = listeningInode(address);
  if (inode === null) return null;
  return processIds().find((pid) => openSockets(pid)?.includes(inode)) ?? null;
}

/**
 * Whether the process listens on an address of that kind, in its own network namespace.
 * @returns `unknown` if its descriptors cannot be read, as those of another user, and some process listens there
 */
export function listensOn(
  pid: number,
  isWanted: (address: string) => boolean,
  proc = '/proc',
): boolean | 'unknown' {
  const inodes = listeningInodes(isWanted, `${proc}/${pid}`);
  if (inodes?.length === 0) return false;
  const open = openSockets(pid, proc);
  if (open === null || inodes === null) return 'unknown';
  return inodes.some((inode) => open.includes(inode));
}

const UNKNOWN = 'unknown';
/** Flag of a listening socket (SO_ACCEPTCON). */
const LISTENS = '00010000';

/** @returns null if no socket listens there; `unknown` if the list cannot be read */
export function listeningInode(address: string): string | null {
  const inodes = listeningInodes((listening) => listening === address);
  return inodes === null ? UNKNOWN : (inodes[0] ?? null);
}

/**
 * The sockets that listen on abstract addresses of that kind.
 * @param process a folder of /proc: the network namespace of that process
 * @returns null if the list cannot be read
 */
function listeningInodes(isWanted: (address: string) => boolean, process?: string): string[] | null {
  const sockets = unixSockets(process)?.filter(
    ({ flags, path }) => flags === LISTENS && path.startsWith('@'),
  );
  return sockets?.filter(({ path }) => isWanted(`\0${path.slice(1)}`)).map(({ inode }) => inode) ?? null;
}

interface UnixSocket {
  readonly flags: string;
  readonly type: string;
  readonly state: string;
  readonly inode: string;
  /** Where it is bound, with @ for NUL; empty if it is not. */
  readonly path: string;
}

/**
 * From /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path.
 * @param process a folder of /proc: the network namespace of that process
 * @returns null if the list cannot be read
 */
export function unixSockets(process = '/proc'): UnixSocket[] | null {
  const table = textOf(`${process}/net/unix`);
  if (table === null) return null;
  return table.split('\n').flatMap((line) => {
    const fields = /^\S+: \S+ \S+ (\S+) (\S+) (\S+) +(\d+) ?(.*)$/.exec(line);
    const [, flags, type, state, inode, path] = fields ?? [];
    if (flags === undefined || type === undefined || state === undefined) return [];
    return inode === undefined || path === undefined ? [] : [{ flags, type, state, inode, path }];
  });
}

function entries(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** A command line as getopt(3) reads it, in the order of the words. */
export interface ShortOptions {
  readonly options: readonly { readonly letter: string; readonly value: string }[];
  readonly words: readonly string[];
}

/**
 * Reads the command line of another program.
 * @param args without the name of the program
 * @param withValue the letters that take a value
 */
export function parseShortOptions(args: readonly string[], withValue: string): ShortOptions {
  const options: { letter: string; value: string }[] = [];
  const words: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const arg = args[place] ?? '';
    if (arg === '--') {
      words.push(...args.slice(place + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at += 1) {
      const letter = arg.charAt(at);
      if (!withValue.includes(letter)) {
        options.push({ letter, value: '' });
        continue;
      }
      const attached = arg.slice(at + 1);
      if (attached === '') place += 1;
      options.push({ letter, value: attached === '' ? (args[place] ?? '') : attached });
      break;
    }
  }
  return { options, words };
}
