import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { codeOf, messageOf } from './errors.js';
import { processExists } from './processes.js';

/**
 * The only place that opens files to read them, and that replaces files. A name can lead to anything: opening a FIFO waits
 * for a writer, a device may act when it is opened, and some files never end. So the file is checked before it is opened and
 * again afterwards, it is opened without waiting, and the number of bytes is limited.
 */

interface FileContent {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NONBLOCK, O_NOFOLLOW, O_DIRECTORY } = constants;

/** The kind of a file, in words. */
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
 * Reads a small file that this program has written. A symbolic link is not followed.
 * @param owner which users may have written it
 * @returns null if there is no such file
 * @throws {Error} with the reason in words
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

interface ReadOptions {
  readonly maxBytes: number;
  /** Also accept a FIFO, as a shell makes it for `<(…)`; its writer must finish in time. */
  readonly pipe?: { readonly signal?: AbortSignal | undefined } | undefined;
  /** Called before the file is read; throws if it must not be. */
  readonly check?: ((stats: Stats) => void) | undefined;
}

/**
 * Reads a file of any user. Links are followed; the null device is an empty file.
 * @throws {Error} with the reason in words; its cause is the error of the file system, if there was one
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

/**
 * Reads the last bytes of a regular file, which may be written meanwhile.
 * @throws {Error} with the reason in words
 */
export async function endOfFile(path: string, maxBytes: number): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    expectFile(await stat(path));
    file = await open(path, O_RDONLY | O_NONBLOCK);
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw codeOf(cause) === undefined ? cause : new Error(messageOf(cause), { cause });
  } finally {
    await file?.close();
  }
}

/** @returns the same as text; null if it cannot be read */
export async function textOfFile(path: string, maxBytes: number): Promise<string | null> {
  return readAnyFile(path, { maxBytes }).then(
    ({ bytes }) => bytes.toString(),
    () => null,
  );
}

/**
 * Makes the folder of a file that a user has named, if it is missing. The folder around it must exist: a slip of the pen would become
 * a tree of folders.
 * @throws the error of the file system, or one that says which folder is missing
 */
export function makeLastFolder(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT')
      throw Object.assign(new Error(`there is no folder ${dirname(folder)}`, { cause }), { code: 'ENOENT' });
    if (codeOf(cause) !== 'EEXIST' || !statSync(folder).isDirectory()) throw cause;
  }
}

/** @throws {Error} with the reason in words, if code cannot be loaded from the path */
export function expectRegularFile(path: string): void {
  expectFile(statSync(path));
}

const CHUNK_BYTES = 65_536;

/** Files of /proc and /sys have no size. */
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
/** A pipe without a writer looks like one whose writer has not come yet. */
const NO_WRITER_MS = 5_000;
/** A writer may first ask a person for the password of a key ring. */
const WRITER_MS = 60_000;

/** Polls: waiting in `read` would keep the program from ending. */
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

/** Null if there is nothing yet; 0 at the end, and if there is no writer. */
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

/** Calls for the same file run one after the other, since they share the name of the temporary file. */
const pending = new Map<string, Promise<void>>();

interface ReplaceOptions {
  /** Its permissions, whatever the umask. */
  readonly mode: number;
  /** The promise settles when the new file is on the disk. */
  readonly durable?: boolean;
  /** Default: this process. Another owner needs root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Replaces a file in one step: a reader, and a power cut, find the old file or the new one. A symbolic link of that name is
 * replaced itself, not its target.
 * @throws the error of the file system; then the old file is still there, or the new one
 */
export async function replaceFile(
  path: string,
  content: string | Buffer,
  options: ReplaceOptions,
): Promise<void> {
  const earlier = pending.get(path) ?? Promise.resolve();
  const work = earlier.catch(() => {}).then(() => replace(path, content, options));
  pending.set(path, work);
  try {
    await work;
  } finally {
    if (pending.get(path) === work) pending.delete(path);
  }
}

async function replace(
  path: string,
  content: string | Buffer,
  { mode, durable = false, owner }: ReplaceOptions,
): Promise<void> {
  // Each process has its own: two that write the same file must not break each other's.
  const temporary = `${path}.${process.pid}.tmp`;
  // A crash may have left one behind. If it is a link, the link is removed, not its target.
  await rm(temporary, { force: true });
  if (durable) await removeAbandoned(path);
  try {
    await using(await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode), async (file) => {
      if (owner) await file.chown(owner.uid, owner.gid);
      await file.chmod(mode);
      await file.writeFile(content);
      if (durable) await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  // The name of a file is part of its folder: without this the renaming is not on the disk.
  if (durable) await using(await open(dirname(path), O_RDONLY | O_DIRECTORY), (folder) => folder.sync());
}

/** Removes temporary files of processes that have ended: a power cut leaves one, and it can hold a secret. */
async function removeAbandoned(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  for (const other of await readdir(folder)) {
    const pid = Number(/\.(\d{1,7})\.tmp$/.exec(other)?.[1]);
    if (other !== `${name}.${pid}.tmp` || processExists(pid)) continue;
    await rm(join(folder, other), { force: true });
  }
}

async function using(file: FileHandle, act: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await act(file);
  } finally {
    await file.close();
  }
}
