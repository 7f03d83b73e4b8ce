import { access, constants, open, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { codeOf, messageOf } from '../system/errors.js';

/** Whether the user's program can be run, by looking at it: at the start, at a reload, after a failure and in the doctor. */

export interface ProgramFacts {
  readonly program: string;
  /** `hidden`: a folder on the way may not be entered by this user. */
  readonly kind: 'file' | 'folder' | 'other' | 'missing' | 'hidden';
  /** No such file, but its first word is one: what follows was meant as arguments. */
  readonly hasArguments: boolean;
  readonly executable: boolean;
  readonly readable: boolean;
  /** What its first line names and is not there. */
  readonly missingInterpreter: string | null;
}

/** What keeps a program from being run, and the fix. */
export interface ProgramFault {
  readonly reason: string;
  readonly fix: string;
}

/**
 * The program of the setting `run_program`; null where it means none. A name without a slash is looked for in PATH.
 * @param folder that a relative path starts from
 */
export function programPath(setting: string, folder?: string): string | null {
  const name = setting.trim();
  if (name === '' || name === '-') return null;
  return folder !== undefined && name.includes('/') ? resolve(folder, name) : name;
}

interface Surroundings {
  /** Stands in front of every path; for tests. */
  readonly root?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** What keeps it from being run as far as looking can tell; null: nothing. */
export function faultOfProgram(facts: ProgramFacts): ProgramFault | null {
  const { program, kind, missingInterpreter } = facts;
  if (facts.hasArguments) {
    const fix = `run_program takes no arguments: put "${program}" into a script and name that`;
    return { reason: 'there is no such file', fix };
  }
  if (kind === 'missing') {
    if (program.includes('/')) return { reason: 'there is no such file', fix: 'correct run_program' };
    return { reason: 'it is not in PATH', fix: 'write its full path' };
  }
  if (kind === 'hidden') {
    const reason = 'this user may not enter a folder on its path';
    return { reason, fix: 'move the program, or let the user of hostp2pd enter that folder: chmod +x' };
  }
  if (kind === 'folder') return { reason: 'it is a folder', fix: 'name the program in it' };
  if (kind === 'other') return { reason: 'it is not a regular file', fix: 'name a program' };
  if (!facts.executable) return { reason: 'it may not be executed', fix: `chmod +x ${program}` };
  // A binary would run all the same, but hooks are scripts, which their interpreter has to read.
  if (!facts.readable) return { reason: 'this user may not read it', fix: `chmod +r ${program}` };
  if (missingInterpreter === null) return null;
  if (missingInterpreter.endsWith('\r')) {
    const fix = `remove the carriage returns: sed -i 's/\\r$//' ${program}`;
    return { reason: 'its first line (#!) ends in a carriage return', fix };
  }
  const reason = `its first line (#!) names an interpreter that does not exist: ${missingInterpreter}`;
  return { reason, fix: 'correct that line, or install the interpreter' };
}

/** Looks at it; runs nothing. @param program a path, or a name to be found in PATH */
export async function inspectProgram(
  program: string,
  surroundings: Surroundings = {},
): Promise<ProgramFacts> {
  const unusable = { hasArguments: false, executable: false, readable: false, missingInterpreter: null };
  const found = await find(program, surroundings);
  if (found === 'hidden') return { program, kind: 'hidden', ...unusable };
  if (found === null) {
    return {
      program,
      kind: 'missing',
      ...unusable,
      hasArguments: await beginsWithProgram(program, surroundings),
    };
  }
  if (found.isFolder) return { program, kind: 'folder', ...unusable };
  if (!found.isFile) return { program, kind: 'other', ...unusable };
  const [executable, readable, missingInterpreter] = await Promise.all([
    may(found.place, constants.X_OK),
    may(found.place, constants.R_OK),
    findMissingInterpreter(found.place, surroundings),
  ]);
  return { program, kind: 'file', hasArguments: false, executable, readable, missingInterpreter };
}

/** `/root/hook.sh -v`, or `bash /root/hook.sh` with the folder that relative names start from in front of it. */
async function beginsWithProgram(line: string, surroundings: Surroundings): Promise<boolean> {
  const first = line.split(/\s/, 1)[0] ?? '';
  if (first === line) return false;
  const found = (await find(first, surroundings)) ?? (await find(basename(first), surroundings));
  return found !== null && found !== 'hidden' && found.isFile;
}

interface Found {
  readonly place: string;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

async function find(program: string, surroundings: Surroundings): Promise<Found | 'hidden' | null> {
  const path = program.includes('/') ? resolve(program) : await inPath(program, surroundings);
  if (path === null) return null;
  const place = join(surroundings.root ?? '/', path);
  try {
    const there = await stat(place);
    return { place, isFile: there.isFile(), isFolder: there.isDirectory() };
  } catch (error) {
    return codeOf(error) === 'EACCES' ? 'hidden' : null;
  }
}

function may(path: string, what: number): Promise<boolean> {
  return access(path, what).then(
    () => true,
    () => false,
  );
}

/** The first file of that name in a folder of PATH. */
async function inPath(
  name: string,
  { root = '/', environment = process.env }: Surroundings,
): Promise<string | null> {
  if (name === '') return null;
  for (const folder of (environment['PATH'] ?? '').split(':').filter((part) => part.startsWith('/'))) {
    const path = join(folder, name);
    if ((await stat(join(root, path)).catch(() => null))?.isFile()) return path;
  }
  return null;
}

/** The kernel reads no more of a first line. */
const FIRST_LINE_BYTES = 256;

/** What the `#!` of a script names and is not there; null where nothing is wrong with it. */
async function findMissingInterpreter(place: string, surroundings: Surroundings): Promise<string | null> {
  const line = await firstLine(place);
  if (!line?.startsWith('#!')) return null;
  const [, interpreter = '', argument = ''] = /^#![ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  const { root = '/' } = surroundings;
  if (!(await stat(join(root, interpreter)).catch(() => null))?.isFile()) return interpreter;
  // env looks for its argument in PATH; with options of its own it is left alone.
  if (basename(interpreter) !== 'env' || !/^[^\s=-][^\s=]*\r?$/.test(argument)) return null;
  return (await inPath(argument, surroundings)) === null ? argument : null;
}

async function firstLine(place: string): Promise<string | null> {
  // O_NONBLOCK: a FIFO that has taken the file's place must not hold us up.
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

/**
 * One line that says what keeps the program from being run; null where looking at it shows nothing.
 * @param error of the attempt to start it, if one was made: what looking does not show, it may
 */
export async function explainProgram(program: string, error?: unknown): Promise<string | null> {
  const fault = faultOfProgram(await inspectProgram(program));
  if (fault !== null) return `${program} cannot be run: ${fault.reason}; ${fault.fix}`;
  return error === undefined ? null : `${program} cannot be run: ${messageOf(error)}`;
}
