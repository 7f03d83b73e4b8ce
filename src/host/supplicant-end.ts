import { join } from 'node:path';
import type { FolderWatch } from '../system/folders.js';
import { processesNamed, watchProcessEnd } from '../system/processes.js';

/**
 * Notices the end of a wpa_supplicant: after a SIGKILL or a crash it says nothing, and the files of its sockets stay. Which
 * of several has the control socket is not known, because a service without CAP_SYS_PTRACE cannot see their sockets.
 * @param onEnd can be called more than once, and for another wpa_supplicant
 * @param root of the file system; for tests
 * @returns null where it cannot be noticed; see {@link watchProcessEnd}
 */
export function watchSupplicantEnd(onEnd: () => void, root = '/'): FolderWatch | null {
  const proc = join(root, 'proc');
  const pids = processesNamed('wpa_supplicant', proc);
  const watches = pids.flatMap((pid) => watchProcessEnd(pid, onEnd, root) ?? []);
  if (watches.length === 0) return null;
  return {
    close: () => {
      for (const watch of watches) watch.close();
    },
  };
}
