import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { readAnyFile, readOwnFile, replaceFile } from '../system/files.js';
import { fileLockAddress } from '../system/lock-address.js';
import { bindLock } from '../system/lock-socket.js';
import type { Missing } from '../system/missing.js';
import { replacePrivateFile } from '../system/private-file.js';
import { listenerOf } from '../system/processes.js';
import { isRecord } from '../system/values.js';
import type { Command, FileChange, Step } from './plan.js';

/**
 * What setup has changed, with everything that is needed to put it back. An entry is on the disk before its step begins, so
 * that an interruption at any point can be undone. Undoing a step twice, or one that was only begun, does no harm.
 */

/** Of a file before setup replaced it; null: there was none. */
type Before = {
  readonly content: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
} | null;

interface ChangedFile {
  readonly path: string;
  /** `content` in base64. */
  readonly before: Before;
  /** SHA-256 of what setup wrote. */
  readonly after: string;
  /** The head of it, if the rest is what was there before: undo can take that out of a file that has been changed since. */
  readonly added?: string;
  /** Folders that setup made for it, the innermost first. */
  readonly folders: readonly string[];
}

export type AddressFamily = 'IPv4' | 'IPv6';

/** Of a radio to a network, as a station. */
export interface Connection {
  /** Of the control sockets of wpa_supplicant. */
  readonly folder: string;
  readonly radio: string;
  /** The kinds of addresses that the radio had by it. A login over the radio needs them. */
  readonly families?: readonly AddressFamily[];
}

interface Entry {
  readonly what: string;
  readonly files: readonly ChangedFile[];
  readonly undo: readonly Command[];
  /** It ends for some seconds when the step is carried out, and when it is undone; null: none does. */
  readonly connection: Connection | null;
}

interface Journal {
  readonly format: 1;
  readonly entries: readonly Entry[];
  /** How many of the last entries belong to a run that has not come to its end. */
  readonly unfinished: number;
}

const EMPTY: Journal = { format: 1, entries: [], unfinished: 0 };
const MAX_BYTES = 16_777_216;

/** What this module does to the machine, for tests. */
export interface Machine {
  /** Prefix of every path; `/` on a real machine. */
  readonly root: string;
  /** @throws {HostP2pError} with the reason, if the command fails */
  readonly run: (command: Command) => Promise<void>;
  /** Called before each step, and before each that is undone. */
  readonly onStep?: ((what: string) => void) | undefined;
  /** The kinds of addresses that a radio has now. */
  readonly addressFamilies: (radio: string) => readonly AddressFamily[];
  readonly isConnected: (connection: Connection) => Promise<boolean | Missing>;
  /** Waits for a connection that a step has interrupted. @throws {HostP2pError} if it does not come back */
  readonly awaitConnection: (connection: Connection) => Promise<void>;
}

const FOLDER = '/var/lib/hostp2pd/setup';

function journalPath({ root }: Machine): string {
  return join(root, FOLDER, 'journal.json');
}

/**
 * One setup at a time changes the machine: to another one, the journal of a run that still works looks like that of an
 * interrupted one.
 * @returns gives the lock back
 * @throws {HostP2pError} STATE while another setup has it
 */
export async function lockJournal({ root }: Pick<Machine, 'root'>): Promise<() => void> {
  const address = fileLockAddress(join(root, 'run/hostp2pd-setup'));
  const bound = await bindLock(address);
  if (!('problem' in bound)) return () => void bound.close();
  const { problem } = bound;
  if (codeOf(problem) !== 'EADDRINUSE') throw problem;
  const pid = listenerOf(address);
  throw new HostP2pError(
    'STATE',
    `setup: another setup is running${pid === null ? '' : ` (pid ${pid})`}; wait until it ends, even if its terminal is gone`,
  );
}

/** @throws {HostP2pError} STATE if there is one that cannot be read */
function readJournal(machine: Machine): Journal {
  const path = journalPath(machine);
  try {
    const file = readOwnFile(path, { maxBytes: MAX_BYTES, owner: 'us or root' });
    if (file === null) return EMPTY;
    const content: unknown = JSON.parse(file.bytes.toString());
    if (isJournal(content)) return content;
    throw new Error('it is of another version');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HostP2pError('STATE', `${path}, which says what setup has changed, cannot be read: ${reason}`, {
      cause,
    });
  }
}

/** The file is ours alone, so its parts are what we wrote. */
function isJournal(content: unknown): content is Journal {
  return isRecord(content) && content['format'] === 1 && Array.isArray(content['entries']);
}

async function writeJournal(machine: Machine, journal: Journal): Promise<void> {
  await replacePrivateFile(journalPath(machine), JSON.stringify(journal, null, 1));
}

interface JournalState {
  /** Setup has changed something that can be put back. */
  readonly changed: boolean;
  /** The last run was interrupted. */
  readonly unfinished: boolean;
  /** Units that are stopped when everything is put back. */
  readonly stops: readonly string[];
  /** Units that are restarted then. */
  readonly restarts: readonly string[];
}

export function journalState(machine: Machine): JournalState {
  const { entries, unfinished } = readJournal(machine);
  const commands = entries.flatMap(({ undo }) => undo).filter(([program]) => program === 'systemctl');
  const unitsOf = (isOne: (verb: string, command: Command) => boolean) =>
    commands.flatMap((command) => (isOne(command[1] ?? '', command) ? (command.at(-1) ?? []) : []));
  const stops = unitsOf((verb, command) => verb === 'stop' || command.includes('--now'));
  const restarts = unitsOf((verb) => verb === 'restart');
  return { changed: entries.length > 0, unfinished: unfinished > 0, stops, restarts };
}

/**
 * Carries out the steps. If one fails, those of this run are undone.
 * @param connection of the radio, which has to come back after a step that interrupts it; null: there is none
 * @throws {HostP2pError} STATE with the reason
 */
export async function carryOut(
  machine: Machine,
  steps: readonly Step[],
  connection: Connection | null,
): Promise<void> {
  try {
    for (const step of steps) await carryOutStep(machine, step, step.interrupts ? connection : null);
  } catch (cause) {
    const reason = messageOf(cause);
    const notes = await undoUnfinished(machine).catch((error: unknown) => {
      const then = `${reason}; then what was changed could not be put back: ${messageOf(error)}`;
      throw new HostP2pError('STATE', `${then}; when it can be, run setup --undo`, { cause: error });
    });
    const result =
      notes.length === 0
        ? 'everything has been put back as it was'
        : `what was changed has been put back, but:\n${notes.join('\n')}`;
    throw new HostP2pError('STATE', `${reason}; ${result}`, { cause });
  }
  await writeJournal(machine, { ...readJournal(machine), unfinished: 0 });
}

async function carryOutStep(machine: Machine, step: Step, connection: Connection | null): Promise<void> {
  const files = await Promise.all(step.files.map((file) => lookAt(machine, file)));
  const { entries, unfinished } = readJournal(machine);
  const entry: Entry = { what: step.what, files, undo: step.undo, connection };
  await writeJournal(machine, { format: 1, entries: [...entries, entry], unfinished: unfinished + 1 });
  machine.onStep?.(step.what);
  for (const [place, { path, before }] of files.entries()) {
    const { content = '', mode = null } = step.files[place] ?? {};
    await mkdir(join(machine.root, dirname(path)), { recursive: true });
    await replaceFile(join(machine.root, path), content, {
      mode: mode ?? before?.mode ?? 0o644,
      durable: true,
      ...(before === null ? {} : { owner: before }),
    });
  }
  for (const command of step.run) await machine.run(command);
  if (connection !== null) await machine.awaitConnection(connection);
}

/** The file as it is now. A symbolic link stays, and the file that it leads to is replaced. */
async function lookAt({ root }: Machine, change: FileChange): Promise<ChangedFile> {
  const { path: named, content, from } = change;
  const real = root === '/' ? await realpath(named).catch(() => named) : named;
  const before = await contentAt(join(root, real));
  const expected = from === null ? undefined : Buffer.from(from ?? '').toString('base64');
  if (from !== undefined && before?.content !== expected)
    throw new HostP2pError(
      'STATE',
      `${named} has been changed since setup read it, or is no text in UTF-8: run setup again, or change it by hand`,
    );
  const added = before === null ? null : addedHead(textOf(before), content);
  return {
    path: real,
    before,
    after: digest(Buffer.from(content)),
    ...(added === null ? {} : { added }),
    folders: await missingFolders(root, real),
  };
}

function addedHead(before: string, content: string): string | null {
  return content.endsWith(before) && content !== before
    ? content.slice(0, -before.length || undefined)
    : null;
}

function bytesOf(file: NonNullable<Before>): Buffer {
  return Buffer.from(file.content, 'base64');
}

function textOf(file: NonNullable<Before>): string {
  return bytesOf(file).toString();
}

async function contentAt(path: string): Promise<Before> {
  try {
    const { bytes, stats } = await readAnyFile(path, { maxBytes: MAX_BYTES });
    return { content: bytes.toString('base64'), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
  } catch (cause) {
    if (cause instanceof Error && codeOf(cause.cause) === 'ENOENT') return null;
    throw cause;
  }
}

async function missingFolders(root: string, path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) {
    if (await exists(join(root, folder))) break;
    missing.push(folder);
  }
  return missing;
}

/** @throws the error of the file system, if that cannot be known */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Puts back what an interrupted run has changed. */
export async function undoUnfinished(machine: Machine): Promise<readonly string[]> {
  const { entries, unfinished } = readJournal(machine);
  return undoDownTo(machine, entries.length - unfinished);
}

/** Puts back everything that setup has ever changed. @returns sentences about what the user has to know */
export function undoAll(machine: Machine): Promise<readonly string[]> {
  return undoDownTo(machine, 0);
}

async function undoDownTo(machine: Machine, kept: number): Promise<readonly string[]> {
  const notes: string[] = [];
  const lost = new Set<string>();
  for (;;) {
    const { entries, unfinished } = readJournal(machine);
    const entry = entries.at(-1);
    if (entry === undefined || entries.length <= kept) break;
    machine.onStep?.(`Put back: ${entry.what}`);
    const { undo } = entry;
    // What is gone since does not come back: the network, or a kind of address. After an interruption it may be away for a moment only.
    const connection = unfinished > 0 ? entry.connection : asNow(machine, entry.connection);
    const isExpected =
      connection !== null &&
      !lost.has(connection.radio) &&
      (unfinished > 0 || (await machine.isConnected(connection)) !== false);
    for (const file of entry.files.toReversed()) notes.push(...(await putBack(machine, file)));
    // The files are put back. A unit or a program that no longer exists must not stop the rest.
    for (const command of undo) notes.push(...(await problemOf(machine.run(command))));
    if (isExpected) {
      const problem = await problemOf(machine.awaitConnection(connection));
      if (problem.length > 0) lost.add(connection.radio);
      notes.push(...problem);
    }
    const rest = { entries: entries.slice(0, -1), unfinished: Math.max(0, unfinished - 1) };
    await writeJournal(machine, { format: 1, ...rest });
  }
  const { entries } = readJournal(machine);
  if (entries.length === 0) await rm(journalPath(machine), { force: true });
  return notes;
}

function asNow(machine: Machine, connection: Connection | null): Connection | null {
  if (connection?.families === undefined) return connection;
  const now = machine.addressFamilies(connection.radio);
  return { ...connection, families: connection.families.filter((family) => now.includes(family)) };
}

async function problemOf(work: Promise<void>): Promise<string[]> {
  try {
    await work;
    return [];
  } catch (cause) {
    if (cause instanceof HostP2pError) return [cause.message];
    throw cause;
  }
}

async function putBack(machine: Machine, file: ChangedFile): Promise<string[]> {
  const { path, before, after, added = '', folders } = file;
  const place = join(machine.root, path);
  const now = await contentAt(place);
  const isChanged = now !== null && digest(bytesOf(now)) !== after && now.content !== before?.content;
  const notes: string[] = [];
  if (isChanged && added !== '') return takeOut(place, path, now, added);
  if (isChanged) {
    const copy = await freeName(machine, join(FOLDER, `${basename(path)}.changed`));
    await mkdir(join(machine.root, FOLDER), { recursive: true, mode: 0o700 });
    await replaceFile(join(machine.root, copy), bytesOf(now), { mode: 0o600, durable: true });
    notes.push(`${path} has been changed since setup wrote it; that version is now ${copy}`);
  }
  if (before === null) await rm(place, { force: true });
  // On a disk that is full or cannot be written to, what was not changed need not be written.
  else if (!isDeepStrictEqual(now, before))
    await replaceFile(place, bytesOf(before), { mode: before.mode, durable: true, owner: before });
  for (const folder of folders) await rmdir(join(machine.root, folder)).catch(() => {});
  return notes;
}

/** The user may have written an address into dhcpcd.conf since, by which the machine is reached: all but the lines of setup stays. */
async function takeOut(
  place: string,
  path: string,
  now: NonNullable<Before>,
  added: string,
): Promise<string[]> {
  const bytes = bytesOf(now);
  const from = bytes.indexOf(added);
  const isThere = from === 0 || (from > 0 && bytes[from - 1] === LINE_END);
  // The user has taken the lines out, or an undo that was interrupted.
  if (!isThere) return [`${path} has been changed since setup wrote it, and stays as it is`];
  const rest = [bytes.subarray(0, from), bytes.subarray(from + Buffer.byteLength(added))];
  await replaceFile(place, Buffer.concat(rest), { mode: now.mode, durable: true, owner: now });
  return [`${path} has been changed since setup wrote it; only the lines of setup have been taken out`];
}

const LINE_END = 0x0a;

/** A copy of an earlier undo, or of a later version of the same file, stays. */
async function freeName({ root }: Machine, path: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}-${number}`;
    if (!(await exists(join(root, name)))) return name;
  }
}
