import { closeSync, constants, fchmodSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Small files of this program alone, such as hold a passphrase. */

const OWNER_ONLY = 0o600;
const MAX_BYTES = 65_536;

export interface PrivateText {
  readonly text: string;
  /** Permissions that let others in, as they were found; null where they did not. */
  readonly exposed: number | null;
  /** Whether others are kept out now. */
  readonly closed: boolean;
}

/**
 * Reads the file, and closes it to others where it is open to them. A symbolic link is not followed.
 * @returns null where there is no such file
 * @throws Error with the reason, in words or in those of the file system
 */
export function readPrivateFile(path: string): PrivateText | null {
  const file = openForReading(path);
  if (file === null) return null;
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error('found no regular file, wanted one');
    // Whoever may write it would choose the passphrase of our group.
    if (stats.uid !== 0 && stats.uid !== process.geteuid?.()) {
      throw new Error(`found a file of user ${stats.uid}, wanted one of our own`);
    }
    if (stats.size > MAX_BYTES) throw new Error(`found ${stats.size} bytes, wanted at most ${MAX_BYTES}`);
    const mode = stats.mode & 0o777;
    const exposed = (mode & 0o077) === 0 ? null : mode;
    return { exposed, closed: exposed === null || close(file), text: decode(readFileSync(file)) };
  } finally {
    closeSync(file);
  }
}

function openForReading(path: string): number | null {
  try {
    // O_NONBLOCK, for a pipe in the place of the file must not hold up the program.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT') return null;
    if (code === 'ELOOP') throw new Error('found a symbolic link, wanted a regular file', { cause });
    throw cause;
  }
}

/** False on a file system that is mounted read-only, or where the file is root's and we are not. */
function close(file: number): boolean {
  try {
    fchmodSync(file, OWNER_ONLY);
    return true;
  } catch {
    return false;
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('found bytes that are no UTF-8, wanted a text', { cause });
  }
}

/**
 * Puts a new file in the place of whatever stands there, in one step: after a power cut there is the former one
 * or the new one. Makes the folder where it is missing. One call at a time for each path and process.
 * @throws the error of the file system; the former file is still there then, or the new one
 */
export async function replacePrivateFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Of its own for each process: two that write the same file must not break each other's.
  const temporary = `${path}.${process.pid}.tmp`;
  // A crash may have left one behind. Where it is a link, the link goes, not what it leads to.
  await rm(temporary, { force: true });
  try {
    await writeNew(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

async function writeNew(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The name of a file is a part of its folder: only this makes the renaming last. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
