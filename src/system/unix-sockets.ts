import { readFileSync } from 'node:fs';
import { openSockets, processIds } from './processes.js';

/** Who listens on a UNIX socket, as /proc shows it. All `proc` parameters are for tests. */

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
 * Whether the process listens on one of the addresses, in its own network namespace.
 * @returns `unknown` if its descriptors cannot be read, as those of another user, and some process listens there
 */
export function listensOn(pid: number, addresses: readonly string[], proc = '/proc'): boolean | 'unknown' {
  const inodes = addresses.flatMap((address) => listeningInode(address, `${proc}/${pid}`) ?? []);
  if (inodes.length === 0) return false;
  const open = openSockets(pid, proc);
  if (open === null || inodes.includes(UNKNOWN)) return 'unknown';
  return inodes.some((inode) => open.includes(inode));
}

const UNKNOWN = 'unknown';
/** Flag of a listening socket (SO_ACCEPTCON). */
const LISTENS = '00010000';

/**
 * From /proc/net/unix, which shows NUL as @: Num RefCount Protocol Flags Type St Inode Path.
 * @param process a folder of /proc: the network namespace of that process
 * @returns null if no socket listens there; `unknown` if the list cannot be read
 */
export function listeningInode(address: string, process = '/proc'): string | null {
  const shown = address.replaceAll('\0', '@');
  let lines: string[];
  try {
    lines = readFileSync(`${process}/net/unix`, 'utf8').split('\n');
  } catch {
    return UNKNOWN;
  }
  for (const line of lines) {
    const [, flags, inode, path] = /^\S+: \S+ \S+ (\S+) \S+ \S+ +(\d+) (.*)$/.exec(line) ?? [];
    if (path === shown && flags === LISTENS) return inode ?? null;
  }
  return null;
}
