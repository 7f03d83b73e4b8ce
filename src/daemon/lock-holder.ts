import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { HostP2pError } from '../index.js';
import { PROCESS_NAME, pidFileIn, pidFoldersToSearch } from './paths.js';
import { readProcess } from './process-facts.js';
import { readRunning } from './running.js';

/**
 * Any user can bind an abstract name. So whoever finds a lock taken is told by whom, as far as that can be known.
 * `stays` is false where it is free again.
 */
export function explainHeld(
  interfaceName: string,
  address: string,
  environment: NodeJS.ProcessEnv = process.env,
): { readonly error: HostP2pError; readonly stays: boolean } {
  const who = holder(interfaceName, address, environment);
  return {
    error: new HostP2pError('ALREADY_RUNNING', subject(interfaceName) + who),
    stays: listeningInode(address) !== null,
  };
}

/** `auto` is nobody's interface: there they wait who have not found theirs. */
function subject(interfaceName: string): string {
  return interfaceName === 'auto' ? 'auto (looking for an interface): ' : `${interfaceName}: `;
}

function holder(interfaceName: string, address: string, environment: NodeJS.ProcessEnv): string {
  for (const folder of pidFoldersToSearch(environment)) {
    const state = readRunning(pidFileIn(folder, interfaceName));
    if (state.kind === 'running') return `already running, pid ${state.pid}`;
  }
  const pid = socketHolder(address);
  const name = pid === null ? null : readProcess(pid)?.name;
  if (name === PROCESS_NAME) return `already running, pid ${pid}`;
  const lock = address.slice(1).replace(/\/+$/, '');
  if (name) return `its lock is held by ${name}, pid ${pid}, which is no ${PROCESS_NAME}`;
  return `already running, or its lock is held by another program; as root, "ss -xlp" shows whose socket @${lock} is`;
}

/** The process that listens on an abstract address; null where it is not to be found, as that of another user. */
export function socketHolder(address: string): number | null {
  const inode = listeningInode(address);
  if (inode === null) return null;
  const link = `socket:[${inode}]`;
  const pids = list('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    if (list(folder).some((file) => target(`${folder}/${file}`) === link)) return Number(pid);
  }
  return null;
}

/**
 * From the kernel's list, which shows NUL as @: Num RefCount Protocol Flags Type St Inode Path.
 * @returns null where nobody listens there; `unknown` where the list cannot be read
 */
function listeningInode(address: string): string | null {
  const LISTENS = '00010000';
  const shown = address.replaceAll('\0', '@');
  let lines: string[];
  try {
    lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  } catch {
    return 'unknown';
  }
  for (const line of lines) {
    const [, flags, inode, path] = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.*)$/.exec(line) ?? [];
    if (path === shown && flags === LISTENS) return inode ?? null;
  }
  return null;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function target(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
