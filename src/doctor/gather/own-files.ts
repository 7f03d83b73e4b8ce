import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { inspectProgram, programPath } from '../../hooks/program-check.js';
import { codeOf } from '../../system/errors.js';
import { runtimeFolders, stateFolderOf } from '../../system/folders.js';
import type { ConfigurationFacts, FileFacts, Folder, Ownership, OwnLog } from '../facts.js';
import { type Sources, statsOf, textOf } from './sources.js';

/**
 * The files that hostp2pd writes, and the programs that it runs.
 * @param base of relative paths in the configuration
 */
export async function gatherFiles(
  { root, environment, user }: Sources,
  { settings, logging }: ConfigurationFacts,
  sockets: string,
  base: string,
): Promise<FileFacts> {
  const folders = runtimeFolders(environment, user.uid);
  const program = programPath(settings.run_program, base);
  const [log, recording, pidFolder, stateFolder, runtimeFolder, hook, pinModule] = await Promise.all([
    logging.file === null ? null : gatherLog(root, resolve(logging.file)),
    settings.record === null ? null : gatherLog(root, resolve(base, settings.record)),
    'pids' in folders ? folderAt(root, folders.pids) : folders.problem,
    folderAt(root, stateFolderOf(settings.state_folder, environment, user.uid)),
    folderAt(root, sockets),
    program === null ? null : inspectProgram(program, { root, environment }),
    settings.pin_module === null ? null : gatherModule(root, resolve(base, settings.pin_module)),
  ]);
  return { log, recording, pidFolder, stateFolder, runtimeFolder, hook, pinModule };
}

async function gatherLog(root: string, file: string): Promise<OwnLog> {
  const [folder, there] = await Promise.all([
    folderAt(root, dirname(file)),
    lstat(join(root, file)).catch(() => null),
  ]);
  // At rotation a file is renamed and replaced by a link to the newest one; anything else stays where it is.
  return { file, folder, blocked: there !== null && !there.isFile() && !there.isSymbolicLink() };
}

async function folderAt(root: string, path: string): Promise<Folder> {
  for (let nearest = path; ; nearest = dirname(nearest)) {
    const there = await stat(join(root, nearest)).catch((cause: unknown) => codeOf(cause) ?? '');
    if (typeof there === 'string' && there !== 'EACCES' && nearest !== '/') continue;
    const isFolder = typeof there !== 'string' && there.isDirectory();
    const writable = isFolder && (await may(root, nearest, constants.W_OK | constants.X_OK));
    return { path, nearest, writable };
  }
}

async function gatherModule(root: string, path: string): Promise<NonNullable<FileFacts['pinModule']>> {
  const isFile = (await statsOf(root, path))?.isFile() ?? false;
  return { path, readable: isFile && (await may(root, path, constants.R_OK)) };
}

function may(root: string, path: string, mode: number): Promise<boolean> {
  return access(join(root, path), mode).then(
    () => true,
    () => false,
  );
}

/** The fields of the line with that number in /etc/passwd or /etc/group. */
async function accountOf(root: string, file: 'passwd' | 'group', id: number): Promise<readonly string[]> {
  const lines = ((await textOf(root, `etc/${file}`)) ?? '').split('\n').map((line) => line.split(':'));
  return lines.find(([, , number]) => number === String(id)) ?? [];
}

export async function userName(root: string, uid: number): Promise<string> {
  const [name = String(uid)] = await accountOf(root, 'passwd', uid);
  return name;
}

/**
 * Who may use a file; null if we may not see it.
 * @param bits mode bits that its group needs, such as 0o020 to send to a socket
 */
export async function ownershipOf(
  { root, user: us }: Sources,
  path: string,
  bits: number,
): Promise<Ownership | null> {
  const stats = await statsOf(root, path);
  if (stats === null) return null;
  const { uid, gid, mode } = stats;
  const user = await userName(root, uid);
  if (gid === 0 || (mode & bits) !== bits) return { user, group: null, needsLogin: false };
  const [group = String(gid), , , members = ''] = await accountOf(root, 'group', gid);
  const isMember = members.split(',').includes(await userName(root, us.uid));
  return { user, group, needsLogin: isMember && !us.groups.includes(gid) };
}
