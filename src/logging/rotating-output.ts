import { constants } from 'node:fs';
import type DailyRotateFile from 'winston-daily-rotate-file';
import { codeOf, fixOf, messageOf } from '../system/errors.js';
import { LOG_FILE_MODE, type LogFileNames, prepareLogFile } from './log-file.js';

/** A name that is guessed beforehand may be a link to another file, or a FIFO: where others may write to the folder. */
const APPEND =
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A full disk may have room again. No timer watches for that: the next record after this time tries. */
const RETRY_MS = 60_000;

export interface RotatingOutputOptions {
  readonly names: LogFileNames;
  /** The class, which only winston.ts loads. */
  readonly Rotation: typeof DailyRotateFile;
  /** Bytes. */
  readonly maxSize: number;
  /** Old files beside the current one. */
  readonly maxFiles: number;
  readonly attach: (transport: DailyRotateFile) => void;
  readonly detach: (transport: DailyRotateFile) => void;
  /** Takes what a person should know; called once for a file that cannot be written, however often it fails. */
  readonly tell: (level: 'error' | 'warning', message: string) => void;
}

/** The log file: attached while it can be written, tried again every minute while it cannot. */
export class RotatingOutput {
  readonly #options: RotatingOutputOptions;
  #current: { readonly transport: DailyRotateFile; readonly end: () => Promise<void> } | undefined;
  #retryAt = 0;
  #told = false;
  #lost = 0;

  constructor(options: RotatingOutputOptions) {
    this.#options = options;
  }

  /** To be called before each record for the file. */
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
    const { names, Rotation, maxSize, maxFiles, attach, tell } = this.#options;
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
        // It counts the current file too.
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
    // The transport does not listen for the errors of its own stream: unheard, they would end the process.
    transport.logStream.on('error', (error: unknown) => {
      if (this.#current !== current) return;
      this.#current = undefined;
      this.#options.detach(transport);
      this.#fail(error, Date.now());
    });
    this.#current = current;
    attach(transport);
    for (const note of notes) tell('warning', note);
    if (this.#lost > 0) tell('warning', `${this.#lost} records could not be written to the log file`);
    this.#lost = 0;
  }

  #fail(error: unknown, now: number): void {
    this.#retryAt = now + RETRY_MS;
    if (this.#told) return;
    this.#told = true;
    const reason = messageOf(error);
    this.#options.tell(
      'error',
      `the log file ${this.#options.names.link} cannot be written: ${reason}; ${cureOf(error)}`,
    );
  }
}

function cureOf(error: unknown): string {
  const other = 'give another name (or null) as logging.file';
  const fix = fixOf(error);
  if (fix !== null) return `${fix}, or ${other}; the log goes on by itself`;
  const code = codeOf(error);
  if (code === undefined) return `remove it, or ${other}`;
  return code === 'EACCES' || code === 'EPERM' ? `let this user write to its folder, or ${other}` : other;
}

/**
 * Ends a rotating stream. Its `end` waits for the current file only, while files it has rotated away may still
 * have lines to write; the stream passes on a 'close' from each of them.
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
