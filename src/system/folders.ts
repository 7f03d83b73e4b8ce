import { lstatSync, readFileSync, realpathSync, type Stats, statSync, watch } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { HostP2pError, messageOf } from './errors.js';
import { inQuotes } from './values.js';

/** Folders for sockets and PID files: where they are, who may use them, and what changes in them. */

/** Names one folder for PID files and sockets: for tests, and for several sets of instances. */
export const RUNTIME_VARIABLE = 'HOSTP2PD_RUNTIME_DIR';

interface RuntimeFolders {
  /** For PID files. */
  readonly pids: string;
  /** For sockets. */
  readonly sockets: string;
}

const ROOT_FOLDERS: RuntimeFolders = { pids: '/var/run', sockets: '/run/hostp2pd' };

/**
 * Where the sessions of a user have their files: the folder of {@link RUNTIME_VARIABLE}; otherwise the system's folders for
 * root, and $XDG_RUNTIME_DIR for other users.
 * @returns the problem in words if there are none
 */
export function runtimeFolders(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): RuntimeFolders | { readonly problem: string } {
  const given = environment[RUNTIME_VARIABLE];
  // The daemon and its clients need not have the same working directory.
  if (given && !isAbsolute(given)) return { problem: relative(RUNTIME_VARIABLE, given) };
  if (given) return { pids: given, sockets: given };
  if (uid === 0) return ROOT_FOLDERS;
  const runtime = environment['XDG_RUNTIME_DIR'];
  if (runtime && isAbsolute(runtime)) return { pids: runtime, sockets: join(runtime, 'hostp2pd') };
  const why = runtime ? relative('XDG_RUNTIME_DIR', runtime) : 'XDG_RUNTIME_DIR is not set';
  return { problem: `${why}; set it, or ${RUNTIME_VARIABLE}, or run as root` };
}

/**
 * Folders in which a running session may be found: those of this user, then those of root.
 * @throws {HostP2pError} SOCKET_PATH if there are none
 */
export function foldersToSearch(
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): readonly RuntimeFolders[] {
  const own = runtimeFolders(environment, uid);
  const ownOnly = uid === 0 || Boolean(environment[RUNTIME_VARIABLE]);
  if (!('problem' in own)) return ownOnly ? [own] : [own, ROOT_FOLDERS];
  if (!ownOnly) return [ROOT_FOLDERS];
  throw new HostP2pError('SOCKET_PATH', own.problem);
}

/** Where the service of the panel writes its address for the daemon, in the `RuntimeDirectory=` of its unit. */
export function panelUrlFile(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment[RUNTIME_VARIABLE];
  return given ? join(given, 'panel-url') : '/run/hostp2pd-panel/url';
}

function relative(name: string, value: string): string {
  return `${name}: expected an absolute path, got ${inQuotes(value)}`;
}

/** Where sessions keep what outlives them: the setting, else systemd's StateDirectory=, else the usual folder of the user. */
export function stateFolderOf(
  setting: string | null,
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): string {
  if (setting !== null) return setting;
  const [given] = environment['STATE_DIRECTORY']?.split(':') ?? [];
  if (given) return given;
  if (uid === 0) return '/var/lib/hostp2pd';
  const state = environment['XDG_STATE_HOME'];
  // The XDG Base Directory Specification: a relative path there is to be ignored.
  if (state && isAbsolute(state)) return join(state, 'hostp2pd');
  return join(environment['HOME'] || homedir(), '.local', 'state', 'hostp2pd');
}

const ANYBODY_MAY_WRITE = 0o002;

/**
 * Checks a folder for sockets before it is used: another user who can write to it could pretend to be us, or the program at
 * the other end.
 * @returns null if there is no such folder
 * @throws {HostP2pError} SOCKET_PATH
 */
export function inspectSocketFolder(folder: string): Stats | null {
  const unusable = (reason: string, cause?: unknown) =>
    new HostP2pError('SOCKET_PATH', `${folder}: ${reason}`, { cause });
  let stats: Stats | undefined;
  try {
    stats = lstatSync(folder, { throwIfNoEntry: false });
  } catch (cause) {
    throw unusable(messageOf(cause), cause);
  }
  if (stats === undefined) return null;
  if (stats.isSymbolicLink()) throw unusable('expected a folder, got a symbolic link');
  if (!stats.isDirectory()) throw unusable('expected a folder, got a file');
  if (stats.uid !== 0 && stats.uid !== process.geteuid?.()) {
    throw unusable(`expected a folder of our own, got one of another user (uid ${stats.uid})`);
  }
  if ((stats.mode & ANYBODY_MAY_WRITE) !== 0) throw unusable('any user may write to it; chmod o-w');
  return stats;
}

/** Which user or group may use each of these paths, in words: a socket, and perhaps the folder that it is in. */
export function neededRights(...paths: readonly string[]): string {
  const owners = paths.flatMap((path) => {
    try {
      const { uid, gid, mode } = statSync(path);
      const groupMay = (mode & 0o070) !== 0 && gid !== 0;
      const group = groupMay ? ` or a member of group ${nameOf('/etc/group', gid)}` : '';
      return [`${path} is for user ${nameOf('/etc/passwd', uid)}${group}`];
    } catch {
      // If a path cannot be examined, the folder above it can.
      return [];
    }
  });
  return owners.length > 0 ? owners.join('; ') : 'run as root, or as a member of the group in ctrl_interface';
}

function nameOf(file: '/etc/passwd' | '/etc/group', id: number): string {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    const [name] = lines.find((line) => line.split(':')[2] === String(id))?.split(':') ?? [];
    return name ?? String(id);
  } catch {
    return String(id);
  }
}

/** Whether both paths name the same entry of a folder, also through symbolic links: `/var/run` is `/run`. */
export function samePlace(a: string, b: string): boolean {
  if (basename(a) !== basename(b)) return false;
  try {
    return realpathSync(dirname(a)) === realpathSync(dirname(b));
  } catch {
    return false;
  }
}

/** Tells one file from the next one of the same name; null if there is none. */
export function fileIdentity(path: string): string | null {
  try {
    const { ino, birthtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${birthtimeNs}`;
  } catch {
    return null;
  }
}

export interface FolderWatch {
  close(): void;
}

/**
 * Calls `onChange` with the name of each entry that appears or disappears, and for a file at each change; returns null if it
 * cannot be watched.
 */
export type WatchFolder = (folder: string, onChange: (entry: string | null) => void) => FolderWatch | null;

/** Uses inotify, so it costs nothing while nothing happens. */
export const watchFolder: WatchFolder = (folder, onChange) => {
  try {
    const watcher = watch(folder, { persistent: false }, (_kind, entry) => onChange(entry));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
};
