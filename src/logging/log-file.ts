import { createHash } from 'node:crypto';
import {
  accessSync,
  close,
  constants,
  existsSync,
  lstatSync,
  open,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  write,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type DailyRotateFile from 'winston-daily-rotate-file';
import { systemClock } from '../system/clock.js';
import { codeOf, fixOf, messageOf } from '../system/errors.js';
import { kindOf, makeLastFolder } from '../system/files.js';
import type { ReportProblem } from '../system/problems.js';

/** The rotated log file: its names, what has to be there before it is opened, and the output itself. */

/** Only owner and group may read a log: it shows who was where and when. */
export const LOG_FILE_MODE = 0o640;

/** What kind of file is rotated. */
export interface FileKind {
  /** In messages. */
  readonly what: string;
  /** What goes on by itself when the file can be written again. */
  readonly output: string;
  /** The setting that names it. */
  readonly setting: string;
  readonly mode: number;
}

export const LOG_FILE: FileKind = {
  what: 'log file',
  output: 'log',
  setting: 'logging.file',
  mode: LOG_FILE_MODE,
};

/** The names around a log file `/var/log/hostp2pd.log`. */
interface LogFileNames {
  /** `/var/log/hostp2pd.log`: a link to the newest file. */
  readonly link: string;
  readonly linkName: string;
  readonly folder: string;
  /** `hostp2pd-%DATE%` and `.log`: the files are hostp2pd-2026-01-31.log, hostp2pd-2026-01-31.1.log, … */
  readonly pattern: string;
  readonly extension: string;
  /** `/var/log/.hostp2pd.log-audit.json`: the list of its own files that the rotation keeps. */
  readonly audit: string;
}

export function logFileNames(file: string): LogFileNames {
  const link = resolve(file);
  const folder = dirname(link);
  const extension = extname(link);
  return {
    link,
    linkName: basename(link),
    folder,
    pattern: `${basename(link, extension)}-%DATE%`,
    extension,
    audit: join(folder, `.${basename(link)}-audit.json`),
  };
}

/**
 * Prepares the folder: it exists and can be written, and nothing but a regular file is in the place of the link.
 * @returns what a person should know about it, one sentence each
 * @throws the error of the file system
 */
function prepareLogFile(names: LogFileNames, { what, mode }: FileKind): string[] {
  makeLastFolder(names.folder, 0o750);
  accessSync(names.folder, constants.W_OK | constants.X_OK);
  const notes: string[] = [];
  const aside = moveAside(names);
  if (aside !== undefined) notes.push(`the former ${what} ${names.link} is now ${aside}`);
  writeAudit(names, mode);
  return notes;
}

function moveAside(names: LogFileNames): string | undefined {
  const { link } = names;
  const former = lstatSync(link, { throwIfNoEntry: false });
  if (former === undefined || isOurLink(names, former)) return undefined;
  // Not /dev/null, a link to a device such as /dev/stdout, or a folder: renaming would work with those, too.
  const target = former.isSymbolicLink() ? statSync(link, { throwIfNoEntry: false }) : former;
  if (target !== undefined && !target.isFile()) {
    throw new Error(`expected a regular file, got ${former === target ? '' : 'a link to '}${kindOf(target)}`);
  }
  let aside = `${link}.old`;
  for (let n = 1; lstatSync(aside, { throwIfNoEntry: false }) !== undefined; n += 1) {
    aside = `${link}.old.${n}`;
  }
  renameSync(link, aside);
  return aside;
}

function isOurLink(names: LogFileNames, former: Stats): boolean {
  return former.isSymbolicLink() && isRotated(names, readlinkSync(names.link));
}

function isRotated({ pattern, extension }: LogFileNames, name: string): boolean {
  const stem = pattern.replace('%DATE%', '');
  if (!name.startsWith(stem) || !name.endsWith(extension)) return false;
  return /^\d{4}-\d{2}-\d{2}(\.\d+)?$/.test(name.slice(stem.length, name.length - extension.length));
}

/** @throws Error if something else has the name of a log file: it would be written to, or removed, as if it were one */
function rotatedFile(path: string): Stats {
  const stats = lstatSync(path);
  if (!stats.isFile()) throw new Error(`${path}: expected a regular file, got ${kindOf(stats)}`);
  return stats;
}

/**
 * The paths of the files in the folder, the oldest first.
 * @throws the error of the file system
 */
export function rotatedFiles(names: LogFileNames): string[] {
  return datedFiles(names).map(({ name }) => name);
}

function datedFiles(names: LogFileNames): { readonly name: string; readonly date: number }[] {
  return readdirSync(names.folder)
    .filter((name) => isRotated(names, name))
    .map((name) => join(names.folder, name))
    .map((name) => ({ name, date: Math.floor(rotatedFile(name).mtimeMs) }))
    .sort((a, b) => a.date - b.date);
}

/**
 * Writes the audit file from the files in the folder. The rotation deletes only files that the audit file lists, and none
 * at all if it is not JSON, which a power cut can cause: the disk would fill. Files are also missing from it if several
 * rotations happen before the files exist. The format is that of file-stream-rotator 0.6 (addLogToAudit). A file that
 * exists keeps its mode when the rotation rewrites it.
 */
function writeAudit(names: LogFileNames, mode: number): void {
  const files = datedFiles(names).map(({ name, date }) => {
    const hash = createHash('sha256').update(`${name}LOG_FILE${date}`).digest('hex');
    return { date, name, hash };
  });
  const audit = { keep: { days: false, amount: 1 }, auditLog: names.audit, files, hashType: 'sha256' };
  rmSync(names.audit, { force: true });
  writeFileSync(names.audit, JSON.stringify(audit, null, 4), { mode, flag: 'wx' });
}

/** If others may write to the folder, they may have put a link or a FIFO there under the next name. */
const APPEND =
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A full disk may have room again. There is no timer: the first record after this time tries. */
const RETRY_MS = 60_000;
/** How often to look whether the file has been removed. */
const LOOK_MS = 10_000;

interface RotatingOutputOptions {
  readonly kind: FileKind;
  readonly names: LogFileNames;
  /** Bytes. */
  readonly maxSize: number;
  /** Old files besides the current one. */
  readonly maxFiles: number;
  readonly attach: (transport: DailyRotateFile) => void;
  readonly detach: (transport: DailyRotateFile) => void;
  /** Called when the system has taken that number of bytes. */
  readonly onWritten?: (bytes: number) => void;
  /** Reports what a person should know. A file that cannot be written is reported once, however often it fails. */
  readonly report: (level: 'error' | 'warning', message: string) => void;
  /** Reports whether the file cannot be written now. */
  readonly onProblem?: ReportProblem | undefined;
}

/** Opens a rotated file. Loads the library for it, which a process without such a file does not need. */
export async function openRotatingOutput(options: RotatingOutputOptions): Promise<RotatingOutput> {
  const { default: Rotation } = await import('winston-daily-rotate-file');
  const output = new RotatingOutput(options, Rotation);
  // A file that cannot be written is reported at the start, not with the first record.
  output.open();
  return output;
}

/** A rotated file: attached while it can be written; if it cannot, opened again at most once a minute. */
export class RotatingOutput {
  readonly #options: RotatingOutputOptions;
  readonly #Rotation: typeof DailyRotateFile;
  #current: { readonly transport: DailyRotateFile; readonly end: () => Promise<void> } | undefined;
  #retryAt = 0;
  #reported = false;
  #lost = 0;
  #lookedAt = 0;
  /** There is a link to the file. Some file systems, such as FAT, have none. */
  #linked = false;

  constructor(options: RotatingOutputOptions, Rotation: typeof DailyRotateFile) {
    this.#options = options;
    this.#Rotation = Rotation;
  }

  /** Has to be called before each record for the file. */
  ready(now = Date.now()): void {
    if (this.#current !== undefined && now - this.#lookedAt >= LOOK_MS) this.#look(now);
    if (this.#current !== undefined) return;
    if (now >= this.#retryAt) this.open(now);
    if (this.#current === undefined) this.#lost += 1;
  }

  /** Settles when all lines are in the files. */
  async end(): Promise<void> {
    await this.#current?.end();
  }

  open(now = Date.now()): void {
    const { kind, names, maxSize, maxFiles, attach, report, onWritten } = this.#options;
    let notes: string[];
    let transport: DailyRotateFile;
    try {
      notes = prepareLogFile(names, kind);
      transport = new this.#Rotation({
        dirname: names.folder,
        filename: names.pattern,
        extension: names.extension,
        datePattern: 'YYYY-MM-DD',
        maxSize,
        // The rotation counts the current file, too.
        maxFiles: maxFiles + 1,
        createSymlink: true,
        symlinkName: names.linkName,
        auditFile: names.audit,
        options: { flags: APPEND, mode: kind.mode, fs: writingWith(onWritten) },
        eol: '\n',
      });
    } catch (error) {
      this.#fail(error, now);
      return;
    }
    const current = { transport, end: endOf(transport.logStream) };
    // The transport does not listen for errors of its own stream; without a listener they would end the process.
    transport.logStream.on('error', (error: unknown) => {
      if (this.#current !== current) return;
      this.#current = undefined;
      this.#options.detach(transport);
      this.#fail(error, Date.now());
    });
    this.#current = current;
    this.#lookedAt = now;
    this.#linked = lstatSync(names.link, { throwIfNoEntry: false }) !== undefined;
    attach(transport);
    this.#options.onProblem?.(null);
    for (const note of notes) report('warning', note);
    if (this.#lost > 0) report('warning', `${this.#lost} records could not be written to the ${kind.what}`);
    this.#lost = 0;
  }

  /** Closes the file if it has been deleted: what is written to it would be lost. */
  #look(now: number): void {
    this.#lookedAt = now;
    const current = this.#current;
    if (current === undefined || !this.#linked || existsSync(this.#options.names.link)) return;
    this.#current = undefined;
    this.#options.detach(current.transport);
    void current.end();
    this.#options.report(
      'warning',
      `the ${this.#options.kind.what} ${this.#options.names.link} was removed: it is written again`,
    );
  }

  #fail(error: unknown, now: number): void {
    this.#retryAt = now + RETRY_MS;
    const { kind, names, report, onProblem } = this.#options;
    const reason = `${names.link} cannot be written: ${messageOf(error)}; ${fixFor(error, kind)}`;
    onProblem?.({ reason, waitsFor: 'something to write', nextTryAt: systemClock.now() + RETRY_MS });
    if (this.#reported) return;
    this.#reported = true;
    report('error', `the ${kind.what} ${reason}`);
  }
}

type Done = (error: NodeJS.ErrnoException | null, written: number, bytes: Uint8Array) => void;

/** The functions by which a stream writes its file. A stream that is disguised by the rotation does not say how much it holds. */
function writingWith(onWritten: (bytes: number) => void = () => {}) {
  return {
    open,
    close,
    write: (file: number, bytes: Uint8Array, from: number, length: number, to: number | null, done: Done) =>
      write(file, bytes, from, length, to, (error, written) => {
        onWritten(length);
        done(error, written, bytes);
      }),
  };
}

function fixFor(error: unknown, { setting, output }: FileKind): string {
  const other = `set ${setting} to another name (or to null)`;
  const fix = fixOf(error);
  if (fix !== null) return `${fix}, or ${other}; the ${output} then goes on by itself`;
  const code = codeOf(error);
  if (code === undefined) return `remove it, or ${other}`;
  return code === 'EACCES' || code === 'EPERM' ? `let this user write to its folder, or ${other}` : other;
}

/**
 * Ends a rotating stream. Its `end` waits only for the current file, but files that it has rotated away may still have lines
 * to write. The stream passes on the 'close' of each of them.
 */
function endOf(stream: NodeJS.WritableStream): () => Promise<void> {
  let open = 1;
  let allClosed = (): void => {};
  stream.on('rotate', () => {
    open += 1;
  });
  stream.on('close', () => {
    open -= 1;
    if (open === 0) allClosed();
  });
  return () => {
    return new Promise((resolve) => {
      allClosed = resolve;
      if (open === 0) resolve();
      else stream.end();
    });
  };
}
