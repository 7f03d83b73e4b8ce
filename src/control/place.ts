import { chmodSync, chownSync, lstatSync, mkdirSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Logger } from '../logging/logger.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { inspectSocketFolder } from '../system/folders.js';
import { probe } from './probe.js';

/** The files of the control socket: whose they are, and who may reach them. */

const FOLDER_MODE = 0o750;
const GROUP_MAY_ENTER = 0o050;
const ANYBODY_MAY_ENTER = 0o005;
const GROUP_MAY_WRITE = 0o020;
/** Until the group is set the socket is its owner's alone. */
export const UMASK_OWNER_ONLY = 0o177;
const SOCKET_MODE = 0o660;

/** The group that may command wpa_supplicant on that interface; null where that cannot be told. */
export function controlGroup(controlFolder: string, interfaceName: string): number | null {
  try {
    const { gid, mode } = statSync(join(controlFolder, interfaceName));
    return (mode & GROUP_MAY_WRITE) !== 0 ? gid : null;
  } catch {
    return null;
  }
}

/**
 * Makes the folder where it is missing, for its owner and the group. One that is there stays as open as it is: it may
 * hold our ends of the links to wpa_supplicant, which must reach them.
 * @throws {HostP2pError} SOCKET_PATH where it cannot be made, or others decide what is in it
 */
export function prepareFolder(folder: string, group: number | null, logger?: Logger): void {
  const stats = inspectSocketFolder(folder) ?? made(folder);
  if (group === null || (stats.mode & ANYBODY_MAY_ENTER) === ANYBODY_MAY_ENTER) return;
  // Only its owner can, and root need not: others' folders are not ours to open.
  if (stats.uid !== process.geteuid?.()) return;
  tryTo(`${folder}: the group of the control interface cannot enter`, logger, () => {
    chownSync(folder, -1, group);
    chmodSync(folder, (stats.mode & 0o777) | GROUP_MAY_ENTER);
  });
}

function made(folder: string): Stats {
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    // In spite of the umask.
    chmodSync(folder, FOLDER_MODE);
    return lstatSync(folder);
  } catch (cause) {
    throw unusable(folder, messageOf(cause), cause);
  }
}

/** A symbolic link is not followed. */
function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
}

/**
 * Removes the socket that a process has left behind.
 * @throws {HostP2pError} ALREADY_RUNNING where it is served; SOCKET_PATH where there is something else
 */
export async function clearPlace(path: string): Promise<void> {
  const stats = look(path);
  if (stats === null) return;
  if (!stats.isSocket()) throw unusable(path, 'found a file that is no socket, which stays');
  const presence = await probe(path);
  if (presence === 'served') {
    throw new HostP2pError('ALREADY_RUNNING', `${path}: another process serves this socket`);
  }
  if (presence === 'absent') return;
  if (presence !== 'left') throw unusable(path, 'found a socket that is not ours, which stays');
  try {
    unlinkSync(path);
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
}

/** Lets the group in; where it cannot be set the socket stays its owner's. */
export function openToGroup(path: string, group: number | null, logger?: Logger): void {
  if (group === null) {
    logger?.log('debug', `${path}: the group of the control interface is not known; for its owner alone`);
    return;
  }
  tryTo(`${path}: for its owner alone`, logger, () => {
    chownSync(path, -1, group);
    chmodSync(path, SOCKET_MODE);
  });
}

function tryTo(failure: string, logger: Logger | undefined, act: () => void): void {
  try {
    act();
  } catch (error) {
    logger?.log('debug', `${failure}: ${messageOf(error)}`);
  }
}

/** What `listen` failed with, in words. */
export function bindFailure(path: string, cause: unknown): HostP2pError {
  return codeOf(cause) === 'EADDRINUSE'
    ? new HostP2pError('ALREADY_RUNNING', `${path}: another process was quicker`, { cause })
    : unusable(dirname(path), messageOf(cause), cause);
}

function unusable(path: string, reason: string, cause?: unknown): HostP2pError {
  return new HostP2pError('SOCKET_PATH', `${path}: ${reason}`, { cause });
}
