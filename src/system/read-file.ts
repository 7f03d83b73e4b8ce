import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { codeOf, messageOf } from './errors.js';

/**
 * The only place that opens files to read them. A name may lead to anything: opening a FIFO waits for a writer, a device
 * may act when it is opened, and some files never end. So what is there is looked at before it is opened and again
 * afterwards, it is opened without waiting, and only so many bytes are read.
 */

export interface FileContent {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/** What it is, in words. */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'a regular file';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  return stats.isBlockDevice() ? 'a block device' : 'a character device';
}

function expectFile(stats: Stats, wanted = 'a regular file'): void {
  if (!stats.isFile()) throw new Error(`expected ${wanted}, got ${kindOf(stats)}`);
}

/**
 * Reads a small file that this program has written, at once. A symbolic link is not followed.
 * @param owner who may have written it
 * @returns null where there is no such file
 * @throws Error with the reason in words
 */
export function readOwnFile(
  path: string,
  {
    maxBytes,
    owner,
    uid = process.geteuid?.() ?? -1,
  }: { readonly maxBytes: number; readonly owner: 'us' | 'us or root'; readonly uid?: number | undefined },
): FileContent | null {
  let file: number | undefined;
  try {
    expectFile(lstatSync(path));
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fstatSync(file);
    expectFile(stats);
    if (stats.uid !== uid && !(owner === 'us or root' && stats.uid === 0)) {
      throw new Error(`expected a file of our own, got one of another user (uid ${stats.uid})`);
    }
    if (stats.size > maxBytes) throw tooLong(maxBytes);
    const bytes = Buffer.alloc(stats.size);
    return { bytes: bytes.subarray(0, readSync(file, bytes, 0, stats.size, 0)), stats };
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw codeOf(cause) === undefined ? cause : new Error(messageOf(cause), { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export interface ReadOptions {
  readonly maxBytes: number;
  /** Read a FIFO as well, as a shell makes it for `<(…)`; its writer must be done in time. */
  readonly pipe?: { readonly signal?: AbortSignal | undefined } | undefined;
  /** Looks at the file before it is read, and throws where it must not be. */
  readonly check?: ((stats: Stats) => void) | undefined;
}

/**
 * Reads a file of anybody. Links are followed; the null device is an empty file.
 * @throws Error with the reason in words; its cause is the error of the file system, where there was one
 */
export async function readAnyFile(path: string, options: ReadOptions): Promise<FileContent> {
  const { maxBytes, pipe, check } = options;
  const mayRead = (stats: Stats): void => {
    if (!(pipe && stats.isFIFO())) expectFile(stats, pipe ? 'a regular file or a pipe' : undefined);
    check?.(stats);
  };
  let file: FileHandle | undefined;
  try {
    const before = await stat(path);
    if (isNullDevice(before)) return { bytes: Buffer.alloc(0), stats: before };
    mayRead(before);
    file = await open(path, O_RDONLY | O_NONBLOCK);
    const stats = await file.stat();
    mayRead(stats);
    const bytes = stats.isFIFO()
      ? await readPipe(file.fd, maxBytes, pipe?.signal)
      : await readToEnd(file, maxBytes);
    return { bytes, stats };
  } catch (cause) {
    throw codeOf(cause) === undefined ? cause : new Error(messageOf(cause), { cause });
  } finally {
    await file?.close();
  }
}

/** @returns the same as text; null where it cannot be read */
export async function textOfFile(path: string, maxBytes: number): Promise<string | null> {
  return readAnyFile(path, { maxBytes }).then(
    ({ bytes }) => bytes.toString(),
    () => null,
  );
}

/** @throws Error in words where there is something that code cannot be loaded from */
export function expectRegularFile(path: string): void {
  expectFile(statSync(path));
}

const CHUNK_BYTES = 65_536;

/** Files of /proc and /sys do not tell their size. */
async function readToEnd(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let size = 0; size <= maxBytes; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return Buffer.concat(parts);
    parts.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  throw tooLong(maxBytes);
}

const LOOK_MS = 20;
/** A pipe that nobody has open for writing looks like one whose writer has not come yet. */
const NO_WRITER_MS = 5_000;
/** A writer may ask a person for the password of a key ring first. */
const WRITER_MS = 60_000;

/** Looks again and again: to wait in `read` would keep the program from ending. */
async function readPipe(file: number, maxBytes: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const begin = performance.now();
  const parts: Buffer[] = [];
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let size = 0; size <= maxBytes; ) {
    const length = readNow(file, buffer);
    if (length === 0 && size > 0) return Buffer.concat(parts);
    if (length !== null && length > 0) {
      parts.push(Buffer.from(buffer.subarray(0, length)));
      size += length;
      continue;
    }
    const waited = performance.now() - begin;
    if (length === 0 && waited > NO_WRITER_MS) {
      throw new Error(
        `expected a text from the pipe, got none in ${NO_WRITER_MS / 1000} s: nothing writes to it`,
      );
    }
    if (waited > WRITER_MS) {
      throw new Error(`expected the end of the text from the pipe within ${WRITER_MS / 1000} s, got none`);
    }
    await setTimeout(LOOK_MS, undefined, { signal });
  }
  throw tooLong(maxBytes);
}

/** Null where there is nothing yet; 0 at the end, and where there is no writer. */
function readNow(file: number, buffer: Buffer): number | null {
  try {
    return readSync(file, buffer, 0, buffer.length, null);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return null;
    throw error;
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`expected at most ${maxBytes} bytes, got more`);
}

/** Linux: major 1, minor 3. */
function isNullDevice(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0x103;
}
