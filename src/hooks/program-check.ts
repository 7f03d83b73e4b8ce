import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Commands } from '../system/commands.js';
import { codeOf, messageOf } from '../system/errors.js';
import { quoted } from '../system/values.js';

/** Checks by its file whether the user's program can be run: at the start, at a reload, after a failure and in the doctor. */

export interface ProgramFacts {
  readonly program: string;
  /** `hidden`: this user may not enter a folder on its path. */
  readonly kind: 'file' | 'folder' | 'other' | 'missing' | 'hidden';
  /** There is no such file, but the first word names one: the rest was meant as arguments. */
  readonly hasArguments: boolean;
  readonly executable: boolean;
  readonly readable: boolean;
  /** The interpreter that its first line names, if that does not exist. */
  readonly missingInterpreter: string | null;
}

/** Why a program cannot be run, and the fix. */
interface ProgramProblem {
  readonly reason: string;
  readonly fix: string;
  /** The fix as a command that is safe. */
  readonly commands?: Commands;
}

/**
 * The program of the setting `run_program`; null for none. A name without a slash is looked up in PATH.
 * @param folder where a relative path starts
 */
export function programPath(setting: string, folder?: string): string | null {
  const name = setting.trim();
  if (name === '' || name === '-') return null;
  return folder !== undefined && name.includes('/') ? resolve(folder, name) : name;
}

interface Surroundings {
  /** Prefix of every path, for tests. */
  readonly root?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Null if the facts show no reason why it cannot be run. */
export function programProblem(facts: ProgramFacts): ProgramProblem | null {
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
  if (!facts.executable) {
    const reason = 'it may not be executed';
    const fix = { reason, fix: `chmod +x ${quoted(program)}` };
    // A relative path counts from another folder.
    return program.startsWith('/') ? { ...fix, commands: [['chmod', '+x', program]] } : fix;
  }
  // A binary would run anyway, but hooks are usually scripts, which their interpreter has to read.
  if (!facts.readable) return { reason: 'this user may not read it', fix: `chmod +r ${quoted(program)}` };
  if (missingInterpreter === null) return null;
  if (missingInterpreter.endsWith('\r')) {
    const fix = `remove the carriage returns: sed -i 's/\\r$//' ${program}`;
    return { reason: 'its first line (#!) ends in a carriage return', fix };
  }
  const reason = `its first line (#!) names an interpreter that does not exist: ${missingInterpreter}`;
  return { reason, fix: 'correct that line, or install the interpreter' };
}

/** Runs nothing. @param program a path, or a name that is looked up in PATH */
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

/** Such as `/root/hook.sh -v`, or `bash /root/hook.sh`, to which the folder for relative paths has been prefixed. */
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

/** The kernel reads no more than this of the first line. */
const FIRST_LINE_BYTES = 256;

/** The interpreter in the `#!` line of a script, if it does not exist; null otherwise. */
async function findMissingInterpreter(place: string, surroundings: Surroundings): Promise<string | null> {
  const line = await firstLine(place);
  if (!line?.startsWith('#!')) return null;
  const [, interpreter = '', argument = ''] = /^#![ \t]*([^ \t]*)[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  const { root = '/' } = surroundings;
  if (!(await stat(join(root, interpreter)).catch(() => null))?.isFile()) return interpreter;
  // env looks its argument up in PATH. If it has options, it is not checked.
  if (basename(interpreter) !== 'env' || !/^[^\s=-][^\s=]*\r?$/.test(argument)) return null;
  return (await inPath(argument, surroundings)) === null ? argument : null;
}

async function firstLine(place: string): Promise<string | null> {
  // O_NONBLOCK: opening a FIFO that has replaced the file must not block.
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
 * One line that says why the program cannot be run; null if its file shows no reason.
 * @param error of an attempt to start it: its reason is used if the file shows none
 */
export async function explainProgram(program: string, error?: unknown): Promise<string | null> {
  const problem = programProblem(await inspectProgram(program));
  if (problem !== null) return `${program} cannot be run: ${problem.reason}; ${problem.fix}`;
  return error === undefined ? null : `${program} cannot be run: ${messageOf(error)}`;
}
