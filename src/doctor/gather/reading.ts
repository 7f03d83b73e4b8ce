import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { textOfFile } from '../../system/read-file.js';

/** Reading where anything may be missing or forbidden: what cannot be read is not there. */

/** No file that the doctor looks into is longer. */
const MAX_BYTES = 4_194_304;

/** Null where there is no such file, or no reading it. */
export function textOf(path: string): Promise<string | null> {
  return textOfFile(path, MAX_BYTES);
}

/** What a file of /sys holds, without its line end. */
export async function wordOf(path: string): Promise<string | null> {
  return (await textOf(path))?.trim() ?? null;
}

/** Sorted; none where there is no such folder, or no reading it. */
export async function entriesOf(path: string): Promise<string[]> {
  return (await readdir(path).catch((): string[] => [])).sort();
}

/** Null where there is no such link, or no reading it. */
export async function linkOf(path: string): Promise<string | null> {
  return readlink(path).catch(() => null);
}

/** The texts of the files with such an ending in a folder, in the order of their names. */
export async function textsIn(folder: string, ending: string): Promise<string[]> {
  const names = (await entriesOf(folder)).filter((name) => name.endsWith(ending));
  const texts = await Promise.all(names.map((name) => textOf(join(folder, name))));
  return texts.filter((text) => text !== null);
}
