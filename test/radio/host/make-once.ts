import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const TEMPORARY = '.making-';
/** Much longer than it takes to make anything here. */
const ABANDONED_MS = 3_600_000;

/**
 * Makes a file or directory, unless it exists. `fill` gets an empty directory under a temporary name and returns the path in
 * it (default: the directory itself) that gets the name `target`. So nothing incomplete ever has that name, and two runs at
 * once do not disturb each other.
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
    // A directory cannot be renamed to one that exists: another run was faster. Its result is the same.
    if (!(await exists(target))) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}

/** Removes what killed runs have left under temporary names. */
export async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.includes(TEMPORARY)) continue;
    const path = join(directory, name);
    // Not by the modification time: an unpacked system gives its root directory an old one.
    const age = await stat(path).then(
      ({ ctimeMs }) => Date.now() - ctimeMs,
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
