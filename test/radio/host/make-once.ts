import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const TEMPORARY = '.making-';
/** Long after everything that is made here is made. */
const ABANDONED_MS = 3_600_000;

/**
 * Makes a file or directory once and for all. `fill` gets an empty directory under a temporary name and returns what
 * in it (default: the directory itself) is to get the name `target`. So nothing half made ever has that name, and of
 * two runs at once one only finds the work done.
 */
export async function makeOnce(
  target: string,
  // biome-ignore lint/suspicious/noConfusingVoidType: a directory that is its own result needs no return value
  fill: (directory: string) => Promise<string | void>,
): Promise<string> {
  if (await exists(target)) return target;
  const temporary = `${target}${TEMPORARY}${process.pid}-${randomUUID().slice(0, 8)}`;
  await mkdir(temporary, { recursive: true });
  try {
    const made = await fill(temporary);
    await rename(made ?? temporary, target);
  } catch (error) {
    // A directory is not renamed onto one that is there: another run was faster, and its work is as good as ours.
    if (!(await exists(target))) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}

/** Removes what runs that were killed left under temporary names. */
export async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.includes(TEMPORARY)) continue;
    const path = join(directory, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
