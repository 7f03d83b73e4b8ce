import { join } from 'node:path';
import { type FolderWatch, samePlace } from '../system/folders.js';
import { openSockets, processIds, readProcess, unixSockets, watchProcessEnd } from '../system/processes.js';

const PROGRAM = 'wpa_supplicant';

/**
 * Notices the end of the wpa_supplicant behind a control socket: after a SIGKILL or a crash it says nothing, and the files of
 * its sockets stay.
 * @param server path of the control socket
 * @param onEnd can be called more than once
 * @param root of the file system; for tests
 * @returns null where it cannot be noticed; see {@link watchProcessEnd}
 */
export function watchSupplicantEnd(server: string, onEnd: () => void, root = '/'): FolderWatch | null {
  const proc = join(root, 'proc');
  const bound = unixSockets(proc)?.filter(({ path }) => path !== '' && samePlace(path, server)) ?? [];
  const inodes = new Set(bound.map(({ inode }) => inode));
  const pid = processIds(proc).find(
    (id) =>
      // To look at the sockets of all processes would take ten times as long.
      readProcess(id, proc)?.name === PROGRAM && openSockets(id, proc)?.some((inode) => inodes.has(inode)),
  );
  return pid === undefined ? null : watchProcessEnd(pid, onEnd, root);
}
