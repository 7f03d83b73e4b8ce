import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type DailyRotateFile from 'winston-daily-rotate-file';
import { codeOf, fixOf, messageOf } from '../system/errors.js';
import { kindOf } from '../system/files.js';

/** The rotated log file: its names, what has to be there before it is opened, and the output itself. */

/** Only owner and group may read a log: it shows who was where and when. */
export const LOG_FILE_MODE = 0o640;

/** The names around a log file `/var/log/hostp2pd.log`. */
export interface LogFileNames {
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
function prepareLogFile(names: LogFileNames): string[] {
  mkdirSync(names.folder, { recursive: true, mode: 0o750 });
  accessSync(names.folder, constants.W_OK | constants.X_OK);
  const notes: string[] = [];
  const aside = moveAside(names);
  if (aside !== undefined) notes.push(`the former log file ${names.link} is now ${aside}`);
  writeAudit(names);
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
 * Writes the audit file from the files in the folder. The rotation deletes only files that the audit file lists, and none
 * at all if it is not JSON, which a power cut can cause: the disk would fill. Files are also missing from it if several
 * rotations happen before the files exist. The format is that of file-stream-rotator 0.6 (addLogToAudit). A file that
 * exists keeps its mode when the rotation rewrites it.
 */
function writeAudit(names: LogFileNames): void {
  const files = readdirSync(names.folder)
    .filter((name) => isRotated(names, name))
    .map((name) => join(names.folder, name))
    .map((name) => ({ name, date: Math.floor(rotatedFile(name).mtimeMs) }))
    .sort((a, b) => a.date - b.date)
    .map(({ name, date }) => {
      const hash = createHash('sha256').update(`${name}LOG_FILE${date}`).digest('hex');
      return { date, name, hash };
    });
  const audit = { keep: { days: false, amount: 1 }, auditLog: names.audit, files, hashType: 'sha256' };
  rmSync(names.audit, { force: true });
  writeFileSync(names.audit, JSON.stringify(audit, null, 4), { mode: LOG_FILE_MODE, flag: 'wx' });
}

/** If others may write to the folder, they may have put a link or a FIFO there under the next name. */
const APPEND =
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A full disk may have room again. There is no timer: the first record after this time tries. */
const RETRY_MS = 60_000;

export interface RotatingOutputOptions {
  readonly names: LogFileNames;
  /** The class, which only winston.ts loads. */
  readonly Rotation: typeof DailyRotateFile;
  /** Bytes. */
  readonly maxSize: number;
  /** Old files besides the current one. */
  readonly maxFiles: number;
  readonly attach: (transport: DailyRotateFile) => void;
  readonly detach: (transport: DailyRotateFile) => void;
  /** Reports what a person should know. A file that cannot be written is reported once, however often it fails. */
  readonly report: (level: 'error' | 'warning', message: string) => void;
}

/** The log file: attached while it can be written; if it cannot, opened again at most once a minute. */
export class RotatingOutput {
  readonly #options: RotatingOutputOptions;
  #current: { readonly transport: DailyRotateFile; readonly end: () => Promise<void> } | undefined;
  #retryAt = 0;
  #reported = false;
  #lost = 0;

  constructor(options: RotatingOutputOptions) {
    this.#options = options;
  }

  /** Has to be called before each record for the file. */
  ready(now = Date.now()): void {
    if (this.#current !== undefined) return;
    if (now >= this.#retryAt) this.open(now);
    if (this.#current === undefined) this.#lost += 1;
  }

  /** Settles when all lines are in the files. */
  async end(): Promise<void> {
    await this.#current?.end();
  }

  open(now = Date.now()): void {
    const { names, Rotation, maxSize, maxFiles, attach, report } = this.#options;
    let notes: string[];
    let transport: DailyRotateFile;
    try {
      notes = prepareLogFile(names);
      transport = new Rotation({
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
        options: { flags: APPEND, mode: LOG_FILE_MODE },
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
    attach(transport);
    for (const note of notes) report('warning', note);
    if (this.#lost > 0) report('warning', `${this.#lost} records could not be written to the log file`);
    this.#lost = 0;
  }

  #fail(error: unknown, now: number): void {
    this.#retryAt = now + RETRY_MS;
    if (this.#reported) return;
    this.#reported = true;
    const reason = messageOf(error);
    this.#options.report(
      'error',
      `the log file ${this.#options.names.link} cannot be written: ${reason}; ${fixFor(error)}`,
    );
  }
}

function fixFor(error: unknown): string {
  const other = 'set logging.file to another name (or to null)';
  const fix = fixOf(error);
  if (fix !== null) return `${fix}, or ${other}; the log then goes on by itself`;
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
