import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who listens on an abstract UNIX socket, as /proc tells. */

/** The process that listens there; null where it is not to be found, as that of another user. */
export function socketHolder(address: string): number | null {
  const inode = listeningInode(address);
  if (inode === null) return null;
  const pids = (list('/proc') ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.find((pid) => hasOpen(pid, [inode], '/proc') === true) ?? null;
}

/**
 * Whether this process listens on one of the addresses. They are looked up in its own network namespace.
 * `unknown` where its descriptors cannot be read, as those of another user, and somebody listens there.
 */
export function listensOn(pid: number, addresses: readonly string[], proc = '/proc'): boolean | 'unknown' {
  const inodes = addresses.flatMap((address) => listeningInode(address, `${proc}/${pid}`) ?? []);
  return inodes.length > 0 && hasOpen(pid, inodes, proc);
}

function hasOpen(pid: number, inodes: readonly string[], proc: string): boolean | 'unknown' {
  const folder = `${proc}/${pid}/fd`;
  const links = inodes.map((inode) => `socket:[${inode}]`);
  const files = list(folder);
  if (files === null || inodes.includes(UNKNOWN)) return 'unknown';
  return files.some((file) => links.includes(target(`${folder}/${file}`) ?? ''));
}

const UNKNOWN = 'unknown';

/**
 * From the kernel's list, which shows NUL as @: Num RefCount Protocol Flags Type St Inode Path.
 * @param process whose network namespace is meant, as a folder of /proc
 * @returns null where nobody listens there; `unknown` where the list cannot be read
 */
export function listeningInode(address: string, process = '/proc'): string | null {
  const LISTENS = '00010000';
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

function list(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch {
    return null;
  }
}

function target(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}
