import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin', '/usr/local/bin'];

/** The path of a system program; null where it is in none of the usual folders, which are not in everybody's PATH. */
export async function findProgram(root: string, name: string): Promise<string | null> {
  for (const folder of FOLDERS) {
    const path = join(folder, name);
    if (await stat(join(root, path)).catch(() => null)) return path;
  }
  return null;
}
