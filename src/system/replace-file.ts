import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_DIRECTORY } = constants;

/** Two calls for the same file come one after the other: they share the name of the temporary one. */
const pending = new Map<string, Promise<void>>();

interface ReplaceOptions {
  /** Its permissions, whatever the umask. */
  readonly mode: number;
  /** The new file is on the disk when this settles. */
  readonly durable?: boolean;
}

/**
 * Puts a new file in the place of whatever stands there, in one step: a reader, and a power cut, find the former one or
 * the new one. A link in that place goes, not what it leads to.
 * @throws the error of the file system; the former file is still there then, or the new one
 */
export async function replaceFile(
  path: string,
  content: string | Buffer,
  options: ReplaceOptions,
): Promise<void> {
  const former = pending.get(path) ?? Promise.resolve();
  const work = former.catch(() => {}).then(() => replace(path, content, options));
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
  { mode, durable = false }: ReplaceOptions,
): Promise<void> {
  // Of its own for each process: two that write the same file must not break each other's.
  const temporary = `${path}.${process.pid}.tmp`;
  // A crash may have left one behind. Where it is a link, the link goes, not what it leads to.
  await rm(temporary, { force: true });
  try {
    await using(await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode), async (file) => {
      await file.chmod(mode);
      await file.writeFile(content);
      if (durable) await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  // The name of a file is a part of its folder: only this makes the renaming last.
  if (durable) await using(await open(dirname(path), O_RDONLY | O_DIRECTORY), (folder) => folder.sync());
}

async function using(file: FileHandle, act: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await act(file);
  } finally {
    await file.close();
  }
}
