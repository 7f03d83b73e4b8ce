import { lstatSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { HostP2pError, messageOf } from './errors.js';

/** Where running sessions have their files and sockets: the one answer for the daemon, its clients and the doctor. */

/** Puts all of them into one folder: for tests, and for several sets of instances. */
export const RUNTIME_VARIABLE = 'HOSTP2PD_RUNTIME_DIR';

export interface RuntimeFolders {
  /** Of PID files. */
  readonly pids: string;
  /** Of sockets. */
  readonly sockets: string;
}

const ROOT_FOLDERS: RuntimeFolders = { pids: '/var/run', sockets: '/run/hostp2pd' };

/**
 * That of {@link RUNTIME_VARIABLE}, else those of the system for root, and $XDG_RUNTIME_DIR for others.
 * @returns the problem in words where there are none
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

function relative(name: string, value: string): string {
  return `${name}: expected an absolute path, got ${JSON.stringify(value)}`;
}

const ANYBODY_MAY_WRITE = 0o002;

/**
 * Looks at a folder for sockets before it is used: who else decides what is in it could pass for us, or for the program at
 * the other end.
 * @returns null where there is none
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
