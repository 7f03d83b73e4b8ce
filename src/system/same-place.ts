import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Whether both paths name the same entry of a folder, however that is spelled: `/var/run` is `/run`. */
export function samePlace(a: string, b: string): boolean {
  if (basename(a) !== basename(b)) return false;
  try {
    return realpathSync(dirname(a)) === realpathSync(dirname(b));
  } catch {
    return false;
  }
}
