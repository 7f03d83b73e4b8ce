import { messageOf } from '../system/errors.js';
import { secrets } from '../system/secrets.js';
import { formatLine, LOG_LEVELS, type Logger, type LogLevel } from './logger.js';

/** A logger that accepts the time of a record. Any {@link Logger} can be used as one. */
export interface TimedLogger extends Logger {
  log(level: LogLevel, message: string, at?: Date): void;
}

interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  readonly at: Date;
}

const CAPACITY = 1000;

interface BufferedLoggerOptions {
  /** Where records go if there is never a real logger. Default: the standard error of the process. */
  readonly standardError?: { write(text: string): unknown };
  /** Level of what is kept, and of what goes to the standard error. Default: debug. */
  readonly level?: LogLevel;
}

/**
 * Keeps the first 1,000 records until the real logger is attached, and forwards everything from then on. Loading winston
 * takes 60 ms and 10 MB, and the radio link need not wait for it.
 */
export class BufferedLogger implements Logger {
  readonly #standardError: { write(text: string): unknown };
  readonly #level: LogLevel;
  #records: LogRecord[] = [];
  #dropped = 0;
  #sink: TimedLogger | undefined;

  constructor({ standardError = process.stderr, level = 'debug' }: BufferedLoggerOptions = {}) {
    this.#standardError = standardError;
    this.#level = level;
  }

  wants(level: LogLevel): boolean {
    return this.#sink?.wants(level) ?? covers(this.#level, level);
  }

  log(level: LogLevel, message: string, at = new Date()): void {
    if (this.#sink !== undefined) {
      this.#sink.log(level, message, at);
    } else if (this.wants(level)) {
      if (this.#records.length < CAPACITY) this.#records.push({ level, message, at });
      else this.#dropped += 1;
    }
  }

  /** Hands over the records in order, with their times. A sink that is attached later replaces this one. */
  attach(sink: TimedLogger): void {
    const records = this.#records;
    const dropped = this.#dropped;
    this.#records = [];
    this.#dropped = 0;
    this.#sink = sink;
    for (const { level, message, at } of records) {
      if (sink.wants(level)) sink.log(level, message, at);
    }
    if (dropped > 0) sink.log('warning', `${dropped} log records from the start were lost`);
  }

  /** Attaches the logger that is being loaded. If that fails, all records go to the standard error; never rejects. */
  async attachWhenLoaded(loading: Promise<TimedLogger>): Promise<void> {
    try {
      this.attach(await loading);
    } catch (error) {
      this.giveUp();
      this.log('error', `the log cannot be opened: ${messageOf(error)}`);
    }
  }

  /** Sends the records to the standard error: for a program that ends before it has a logger. */
  giveUp(threshold: LogLevel = this.#level): void {
    if (this.#sink !== undefined) return;
    const wants = (level: LogLevel): boolean => covers(threshold, level);
    this.attach({
      wants,
      log: (level, message, at = new Date()) => {
        if (!wants(level)) return;
        this.#standardError.write(`${formatLine(level, secrets.redact(message), at)}\n`);
      },
    });
  }
}

/** Whether an output with this threshold takes records of that level. */
function covers(threshold: LogLevel, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(threshold);
}
