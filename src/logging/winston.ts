import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import winston from 'winston';
import type DailyRotateFile from 'winston-daily-rotate-file';
import type { TimedLogger } from './buffered.js';
import { escapeControl, localTime } from './line.js';
import { LOG_FILE_MODE, logFileNames, prepareLogFile } from './log-file.js';
import { LOG_LEVELS, type LogLevel } from './logger.js';
import { Redactor } from './redact.js';

/** An output stream of the process, or one that a test puts in its place. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface LogOptions {
  /** The name that always leads to the newest log file; null for no file. */
  readonly file: string | null;
  /** Of the file and of the batch output. */
  readonly level: LogLevel;
  /** Bytes after which the next file is begun; the rotation counts in units of 1,024. */
  readonly maxSize: number;
  /** Old files that are kept beside the current one. */
  readonly maxFiles: number;
  /** Errors and warnings go to the standard error, the others to the standard output. */
  readonly console: { readonly level: LogLevel; readonly colour: boolean } | null;
  /** Takes every record too; `-` is the standard output and takes the place of the console. */
  readonly batchFile?: string;
  /** Knows the secrets to hide besides those that are known by their form. */
  readonly redactor?: Redactor;
  /** Default: those of the process. */
  readonly streams?: { readonly out: OutputStream; readonly err: OutputStream };
  /** Default: that of the process. Read for NO_COLOR. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface OpenLog extends TimedLogger {
  /** Changes the level of the file and the batch output; where there is neither, that of the console. */
  setLevel(level: LogLevel): void;
  /** Writes out everything, within 2 s. What is logged afterwards is dropped. May be called again. */
  close(): Promise<void>;
}

/** One place where lines go. */
interface Output {
  readonly transport: winston.transport;
  /** Settles when all lines are in the file. */
  end?(): Promise<void>;
}

type DailyRotateFileClass = typeof DailyRotateFile;

const LEVELS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank]));
const COLOURS: Readonly<Record<string, number>> = { error: 31, warning: 33, info: 32, debug: 36 };
const FLUSH_MS = 2000;
/** A full disk may have room again; no timer watches for it, the next record does. */
const RETRY_MS = 60_000;

/** Opens the log. A file that cannot be written is reported on the console; the rest of the log goes on. */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const rotation =
    options.file === null ? undefined : (await import('winston-daily-rotate-file')).default;
  return new WinstonLog(options, rotation);
}

class WinstonLog implements OpenLog {
  readonly #options: LogOptions;
  readonly #rotation: DailyRotateFileClass | undefined;
  readonly #redactor: Redactor;
  readonly #err: OutputStream;
  readonly #logger = winston.createLogger({ levels: LEVELS, level: 'debug', format: plain(), exitOnError: false });
  readonly #consoles: readonly Output[];
  #batch: Output | undefined;
  #file: Output | undefined;
  #level: LogLevel;
  #fileFailed = false;
  #retryAt = 0;
  #lost = 0;
  #closing: Promise<void> | undefined;

  constructor(options: LogOptions, rotation: DailyRotateFileClass | undefined) {
    const { out, err } = options.streams ?? { out: process.stdout, err: process.stderr };
    this.#options = options;
    this.#rotation = rotation;
    this.#redactor = options.redactor ?? new Redactor();
    this.#err = err;
    this.#level = options.level;
    surviveBrokenPipe(out);
    surviveBrokenPipe(err);
    // Errors have been handled at the transports; winston passes them on, and unheard they would end us.
    this.#logger.on('error', () => {});
    this.#consoles = options.batchFile === '-' ? [] : this.#openConsole(out, err);
    this.#batch = this.#openBatch(out);
    for (const { transport } of [...this.#consoles, this.#batch ?? []].flat()) this.#logger.add(transport);
    this.#openFile();
  }

  wants(level: LogLevel): boolean {
    if (this.#closing !== undefined) return false;
    const outputs = [...this.#consoles, this.#batch ?? [], this.#file ?? []].flat();
    const waiting = this.#fileFailed && reaches(this.#level, level);
    return waiting || outputs.some(({ transport }) => reaches(transport.level, level));
  }

  log(level: LogLevel, message: string, at = new Date()): void {
    if (!this.wants(level)) return;
    if (this.#fileFailed) this.#retry(level);
    // Redacted here and nowhere else, so that no caller can forget it.
    const text = escapeControl(this.#redactor.redact(message));
    // winston complains about a record that no transport takes.
    if (this.#logger.transports.length > 0) {
      this.#logger.log({ level, message: `${localTime(at)} ${level} ${text}` });
    }
  }

  setLevel(level: LogLevel): void {
    this.#level = level;
    const main = [this.#batch ?? [], this.#file ?? []].flat();
    const only = main.length === 0 && this.#options.file === null ? this.#consoles : main;
    for (const { transport } of only) transport.level = level;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const written = (async () => {
      // winston's logger ends when it has handed over its lines; the files have yet to write them.
      this.#logger.end();
      await finished(this.#logger);
      await Promise.all([this.#batch?.end?.(), this.#file?.end?.()]);
    })();
    const late = new AbortController();
    const bound = delay(FLUSH_MS, undefined, { signal: late.signal });
    await Promise.race([written, bound]).catch(() => {});
    late.abort();
    await bound.catch(() => {});
  }

  #openConsole(out: OutputStream, err: OutputStream): Output[] {
    const { console, env = process.env } = this.#options;
    if (console === null) return [];
    const open = (stream: OutputStream, forThis: (level: string) => boolean): Output => {
      const colour = console.colour && stream.isTTY === true && !env['NO_COLOR'];
      const only = winston.format((info) => (forThis(info.level) ? info : false))();
      const format = winston.format.combine(only, colour ? coloured() : plain());
      return { transport: new winston.transports.Stream({ stream, level: console.level, format, eol: '\n' }) };
    };
    const isTrouble = (level: string): boolean => level === 'error' || level === 'warning';
    return [open(err, isTrouble), open(out, (level) => !isTrouble(level))];
  }

  #openBatch(out: OutputStream): Output | undefined {
    const { batchFile } = this.#options;
    if (batchFile === undefined) return undefined;
    const level = this.#level;
    if (batchFile === '-') {
      return { transport: new winston.transports.Stream({ stream: out, level, eol: '\n' }) };
    }
    const stream = createWriteStream(batchFile, { flags: 'a', mode: LOG_FILE_MODE });
    stream.once('error', (error) => this.#tell(`the batch output ${batchFile} cannot be written: ${error.message}`));
    const transport = new winston.transports.Stream({ stream, level, eol: '\n' });
    const end = async (): Promise<void> => {
      stream.end();
      await finished(stream);
    };
    return { transport, end };
  }

  #openFile(): void {
    const { file } = this.#options;
    if (file === null || this.#rotation === undefined) return;
    const names = logFileNames(file);
    let notes: string[] = [];
    try {
      notes = prepareLogFile(names);
      const transport = new this.#rotation({
        dirname: names.folder,
        filename: names.pattern,
        extension: names.extension,
        datePattern: 'YYYY-MM-DD',
        maxSize: this.#options.maxSize,
        maxFiles: this.#options.maxFiles + 1,
        createSymlink: true,
        symlinkName: names.link.slice(names.folder.length).replace(/^\//, ''),
        auditFile: names.audit,
        options: { flags: 'a', mode: LOG_FILE_MODE },
        eol: '\n',
        level: this.#level,
      });
      const output = { transport, end: endOf(transport.logStream) };
      // The rotation passes errors on to an emitter without listeners, which throws them out of the process.
      transport.logStream.on('error', (error: unknown) => this.#fileIsLost(output, error));
      this.#file = output;
      this.#logger.add(transport);
    } catch (error) {
      this.#fileIsLost(undefined, error);
      return;
    }
    this.#fileFailed = false;
    for (const note of notes) this.log('warning', note);
  }

  #fileIsLost(output: Output | undefined, error: unknown): void {
    if (output !== undefined && output !== this.#file) return;
    if (output !== undefined) this.#logger.remove(output.transport);
    this.#file = undefined;
    this.#fileFailed = true;
    const first = this.#retryAt === 0;
    this.#retryAt = Date.now() + RETRY_MS;
    if (!first) return;
    this.#tell(
      `the log file ${this.#options.file} cannot be written: ${error instanceof Error ? error.message : String(error)}; ` +
        'give this user the right to write it and its folder, or name another file (or null) as logging.file',
    );
  }

  #retry(level: LogLevel): void {
    if (Date.now() >= this.#retryAt) {
      this.#openFile();
      if (!this.#fileFailed && this.#lost > 0) {
        const lost = this.#lost;
        this.#lost = 0;
        this.log('warning', `${lost} records could not be written to the log file`);
      }
    }
    if (this.#fileFailed && reaches(this.#level, level)) this.#lost += 1;
  }

  /** To a person, where the log itself may not get there. */
  #tell(message: string): void {
    this.#err.write(`${localTime(new Date())} error ${escapeControl(message)}\n`);
  }
}

function reaches(threshold: string | undefined, level: LogLevel): boolean {
  return threshold !== undefined && LOG_LEVELS.some((known) => known === threshold && LEVELS[known]! >= LEVELS[level]!);
}
