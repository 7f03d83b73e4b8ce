import { access, constants, lstat, open, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ownFolders } from '../../index.js';
import type { ConfigurationFacts, FileFacts, HookFacts, Place } from '../facts.js';
import type { Sources } from '../sources.js';

/** What the program writes, and the programs that it runs. */
export async function gatherFiles(
  sources: Sources,
  { settings, logging }: ConfigurationFacts,
  runtimeFolder: string,
): Promise<FileFacts> {
  const { root, environment, user } = sources;
  const usual = user.uid === 0 ? '/var/run' : environment['XDG_RUNTIME_DIR'] || null;
  const pids = environment['HOSTP2PD_RUNTIME_DIR'] || usual;
  const [log, pidFolder, stateFolder, runtime, hook, pinModule] = await Promise.all([
    logging.file === null ? null : gatherLog(root, resolve(logging.file)),
    pids === null ? null : placeOf(root, pids),
    placeOf(root, ownFolders(settings, environment, user.uid).state),
    placeOf(root, runtimeFolder),
    gatherHook(sources, settings.run_program.trim()),
    settings.pin_module === null ? null : gatherModule(root, resolve(settings.pin_module)),
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

async function gatherHook(sources: Sources, program: string): Promise<HookFacts | null> {
  if (program === '' || program === '-') return null;
  const path = program.includes('/') ? resolve(program) : await inPath(sources, program);
  const there = path === null ? null : await stat(join(sources.root, path)).catch(() => null);
  if (path === null || there === null)
    return { program, kind: 'missing', executable: false, missingInterpreter: null };
  if (there.isDirectory()) return { program, kind: 'folder', executable: false, missingInterpreter: null };
  const place = join(sources.root, path);
  const [executable, missingInterpreter] = await Promise.all([
    may(place, constants.X_OK),
    findMissingInterpreter(sources, place),
  ]);
  return { program, kind: 'file', executable, missingInterpreter };
}

/** The first file of that name in a folder of PATH. */
async function inPath({ root, environment }: Sources, name: string): Promise<string | null> {
  for (const folder of (environment['PATH'] ?? '').split(':').filter((part) => part.startsWith('/'))) {
    const path = join(folder, name);
    if ((await stat(join(root, path)).catch(() => null))?.isFile()) return path;
  }
  return null;
}

/** The kernel reads no more of a first line. */
const FIRST_LINE_BYTES = 256;

/** What the `#!` of a script names and is not there; null where there is nothing to reproach. */
async function findMissingInterpreter(sources: Sources, place: string): Promise<string | null> {
  const line = await firstLine(place);
  if (!line?.startsWith('#!')) return null;
  const [, interpreter = '', argument = ''] = /^#![ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  if (!(await stat(join(sources.root, interpreter)).catch(() => null))?.isFile()) return interpreter;
  // env looks for its argument in PATH; with options of its own it is left alone.
  if (basename(interpreter) !== 'env' || !/^[^\s=-][^\s=]*\r?$/.test(argument)) return null;
  return (await inPath(sources, argument)) === null ? argument : null;
}

async function firstLine(place: string): Promise<string | null> {
  // O_NONBLOCK, for a pipe in its place must not hold up anybody.
  const file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE_BYTES), 0, FIRST_LINE_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
