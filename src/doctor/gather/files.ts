import { access, constants, lstat, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { inspectProgram, type ProgramFacts, programPath } from '../../hooks/program-check.js';
import { runtimeFolders, stateFolderOf } from '../../system/runtime-folder.js';
import type { ConfigurationFacts, FileFacts, Place } from '../facts.js';
import type { Sources } from '../sources.js';

/**
 * What the program writes, and the programs that it runs.
 * @param folder that relative names start from
 */
export async function gatherFiles(
  sources: Sources,
  { settings, logging }: ConfigurationFacts,
  runtimeFolder: string,
  folder: string,
): Promise<FileFacts> {
  const { root, environment, user } = sources;
  const folders = runtimeFolders(environment, user.uid);
  const [log, pidFolder, stateFolder, runtime, hook, pinModule] = await Promise.all([
    logging.file === null ? null : gatherLog(root, resolve(logging.file)),
    'pids' in folders ? placeOf(root, folders.pids) : folders.problem,
    placeOf(root, stateFolderOf(settings.state_folder, environment, user.uid)),
    placeOf(root, runtimeFolder),
    gatherHook(sources, programPath(settings.run_program, folder)),
    settings.pin_module === null ? null : gatherModule(root, resolve(folder, settings.pin_module)),
  ]);
  return { log, pidFolder, stateFolder, runtimeFolder: runtime, hook, pinModule };
}

async function gatherLog(root: string, file: string): Promise<NonNullable<FileFacts['log']>> {
  const [place, there] = await Promise.all([
    placeOf(root, dirname(file)),
    lstat(join(root, file)).catch(() => null),
  ]);
  // A file is renamed to make place for the link to the newest one; anything else stays.
  return { file, place, taken: there !== null && !there.isFile() && !there.isSymbolicLink() };
}

/** A folder that is made where it is missing. */
async function placeOf(root: string, path: string): Promise<Place> {
  for (let nearest = path; ; nearest = dirname(nearest)) {
    const there = await stat(join(root, nearest)).catch((error: unknown) => {
      return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'denied' : null;
    });
    if (there === null && nearest !== '/') continue;
    const folder = there !== null && there !== 'denied' && there.isDirectory();
    return {
      path,
      nearest,
      writable: folder && (await may(join(root, nearest), constants.W_OK | constants.X_OK)),
    };
  }
}

function may(path: string, what: number): Promise<boolean> {
  return access(path, what).then(
    () => true,
    () => false,
  );
}

async function gatherModule(root: string, path: string): Promise<NonNullable<FileFacts['pinModule']>> {
  const there = await stat(join(root, path)).catch(() => null);
  return { path, readable: (there?.isFile() ?? false) && (await may(join(root, path), constants.R_OK)) };
}

async function gatherHook(
  { root, environment }: Sources,
  program: string | null,
): Promise<ProgramFacts | null> {
  return program === null ? null : inspectProgram(program, { root, environment });
}
