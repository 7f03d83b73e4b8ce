import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import winston, { type Logform } from 'winston';
import { type Style, showsColours, styled } from '../system/colours.js';
import { messageOf } from '../system/errors.js';
import type { ReportProblem } from '../system/problems.js';
import { secrets } from '../system/secrets.js';
import { within } from '../system/within.js';
import { BoundedOutput, type OutputStream, openAppending } from './bounded-output.js';
import type { TimedLogger } from './buffered.js';
import { LOG_FILE, logFileNames, openRotatingOutput, type RotatingOutput } from './log-file.js';
import { formatLine, LOG_LEVELS, type LogLevel, localTime } from './logger.js';

export interface LogOptions {
  /** A link with this name always leads to the newest log file; null for no file. */
  readonly file: string | null;
  /** Of the file and of the batch output. */
  readonly level: LogLevel;
  /** Bytes after which the next file begins; the rotation counts in units of 1,024. */
  readonly maxSize: number;
  /** Old files that are kept besides the current one. */
  readonly maxFiles: number;
  /** Errors and warnings go to the standard error, the others to the standard output. */
  readonly console: { readonly level: LogLevel; readonly colour: boolean } | null;
  /** A file that takes every record, too; `-` is the standard output, and replaces the console. */
  readonly batchFile?: string | undefined;
  /** Reports whether the file, or that of the batch output, cannot be written now. */
  readonly onProblem?: ReportProblem | undefined;
  /** Default: those of the process. */
  readonly streams?: { readonly out: OutputStream; readonly err: OutputStream };
  /** Default: that of the process. Read for NO_COLOR and TERM. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface OpenLog extends TimedLogger {
  /** Changes the level of the file and the batch output; if there is neither, that of the console. */
  setLevel(level: LogLevel): void;
  /** Writes everything out, within 2 s. What is logged afterwards is dropped. May be called again. */
  close(): Promise<void>;
}

const RANKS: ReadonlyMap<string, number> = new Map(LOG_LEVELS.map((level, rank) => [level, rank]));
const STYLE_OF: ReadonlyMap<string, Style> = new Map([
  ['error', 'error'],
  ['warning', 'warning'],
  ['info', 'good'],
  ['debug', 'event'],
]);
const FLUSH_MS = 2000;

const { combine, printf } = winston.format;
const plain = printf(({ message }) => String(message));
// Time and level hold no spaces, so the level is the second word.
const coloured = printf(({ level, message }) => {
  return String(message).replace(` ${level} `, ` ${styled(STYLE_OF.get(level) ?? 'label', level)} `);
});
const filter = (takes: (level: string) => boolean): Logform.Format =>
  winston.format((info) => (takes(info.level) ? info : false))();

/** Opens the log. A file that cannot be written is reported on the standard error; the rest of the log goes on. */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const log = new WinstonLog(options);
  await log.open();
  return log;
}

class WinstonLog implements OpenLog {
  readonly #options: LogOptions;
  readonly #out: BoundedOutput;
  readonly #err: BoundedOutput;
  readonly #logger = winston.createLogger({
    levels: Object.fromEntries(RANKS),
    level: 'debug',
    format: plain,
  });
  #file: RotatingOutput | undefined;
  #batch: { readonly end: () => Promise<void> } | undefined;
  #mainLevel: LogLevel | undefined;
  #consoleLevel: LogLevel | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: LogOptions) {
    this.#options = options;
    const { out, err } = options.streams ?? { out: process.stdout, err: process.stderr };
    this.#out = new BoundedOutput(out, lostLine);
    this.#err = new BoundedOutput(err, lostLine);
    // Errors are handled where they arise. winston passes them on, and without a listener they would end the process.
    this.#logger.on('error', () => {});
  }

  async open(): Promise<void> {
    const { console, batchFile, file } = this.#options;
    if (batchFile !== undefined || file !== null) this.#mainLevel = this.#options.level;
    if (batchFile === '-') {
      this.#addMain(new winston.transports.Stream({ stream: this.#out.asStream(), eol: '\n' }));
    } else {
      if (console !== null) this.#openConsole(console);
      if (batchFile !== undefined) this.#openBatch(batchFile);
    }
    if (file !== null) await this.#openFile(file);
  }

  wants(level: LogLevel): boolean {
    return (
      this.#closing === undefined && (covers(this.#mainLevel, level) || covers(this.#consoleLevel, level))
    );
  }

  log(level: LogLevel, message: string, at = new Date()): void {
    if (!this.wants(level)) return;
    if (covers(this.#mainLevel, level)) this.#file?.ready();
    // winston complains about a record that no transport takes.
    if (this.#logger.transports.length === 0) return;
    // A session hides its secrets itself; other lines, such as internal errors, are redacted here.
    this.#logger.log({ level, message: formatLine(level, secrets.redact(message), at) });
  }

  setLevel(level: LogLevel): void {
    if (this.#mainLevel !== undefined) this.#mainLevel = level;
    else if (this.#consoleLevel !== undefined) this.#consoleLevel = level;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await within(FLUSH_MS, this.#flush(), () => {});
  }

  async #flush(): Promise<void> {
    const handedOver = once(this.#logger, 'finish');
    this.#logger.end();
    await handedOver;
    // winston finishes when it has handed over its lines; the files still have to write them.
    await Promise.allSettled([this.#batch?.end(), this.#file?.end()]);
  }

  #openConsole({ level, colour }: { readonly level: LogLevel; readonly colour: boolean }): void {
    this.#consoleLevel = level;
    const { env = process.env } = this.#options;
    const add = (output: BoundedOutput, takes: (level: string) => boolean): void => {
      const only = filter((of) => takes(of) && covers(this.#consoleLevel, of));
      const format = colour && showsColours(output, env) ? coloured : plain;
      const transport = new winston.transports.Stream({
        stream: output.asStream(),
        eol: '\n',
        format: combine(only, format),
      });
      this.#logger.add(transport);
    };
    const isProblem = (of: string): boolean => of === 'error' || of === 'warning';
    add(this.#err, isProblem);
    add(this.#out, (of) => !isProblem(of));
  }

  #openBatch(path: string): void {
    const failed = (error: unknown) => {
      const reason = `the batch output ${path} cannot be written: ${messageOf(error)}`;
      this.#report('error', reason);
      this.#options.onProblem?.({ reason, waitsFor: 'a restart', nextTryAt: null });
    };
    let stream: Writable;
    try {
      stream = openAppending(path);
    } catch (error) {
      failed(error);
      return;
    }
    const output = new BoundedOutput(stream, lostLine);
    const transport = new winston.transports.Stream({ stream: output.asStream(), eol: '\n' });
    stream.once('error', (error) => {
      this.#logger.remove(transport);
      failed(error);
    });
    this.#addMain(transport);
    const end = async (): Promise<void> => {
      stream.end();
      await finished(stream);
    };
    this.#batch = { end };
  }

  async #openFile(file: string): Promise<void> {
    const { maxSize, maxFiles, onProblem } = this.#options;
    this.#file = await openRotatingOutput({
      kind: LOG_FILE,
      names: logFileNames(file),
      maxSize,
      maxFiles,
      attach: (transport) => this.#addMain(transport),
      detach: (transport) => this.#logger.remove(transport),
      report: (level, message) => this.#report(level, message),
      onProblem,
    });
  }

  #addMain(transport: winston.transport): void {
    transport.format = combine(
      filter((level) => covers(this.#mainLevel, level)),
      plain,
    );
    this.#logger.add(transport);
  }

  /** An error goes to the standard error, because the log itself may not work. */
  #report(level: LogLevel, message: string): void {
    if (level === 'error') this.#err.write(`${formatLine(level, message, new Date())}\n`);
    else this.log(level, message);
  }
}

/** Whether an output with this threshold takes records of that level; an output without a threshold takes none. */
function covers(threshold: LogLevel | undefined, level: string): boolean {
  const rank = RANKS.get(level);
  return threshold !== undefined && rank !== undefined && rank <= (RANKS.get(threshold) ?? -1);
}

/** Written in place of the records that were dropped. */
function lostLine(lines: number): string {
  return `${localTime(new Date())} warning ${lines} lines are missing here: this output was not read\n`;
}
