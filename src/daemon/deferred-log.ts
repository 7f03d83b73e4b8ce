import type { LevelSwitch } from '../commands/command.js';
import type { Configuration } from '../config/load.js';
import { BufferedLogger } from '../logging/buffered.js';
import { LOG_LEVELS, type Logger, type LogLevel } from '../logging/logger.js';
import type { LogOptions, OpenLog } from '../logging/winston.js';
import { messageOf } from '../system/errors.js';
import type { ReportProblem } from '../system/problems.js';

/** What the command line says about the log. */
export interface LogChoice {
  /** Minimum level; can only add to what the configuration says. */
  readonly verbosity?: LogLevel | undefined;
  /** A file that takes every record too; `-` is standard output. */
  readonly batchFile?: string | undefined;
  /** False for a daemon, which has no terminal. */
  readonly terminal: boolean;
  /** Default: the streams of the process. */
  readonly streams?: LogOptions['streams'] | undefined;
}

/** Latest time at which the log is opened. */
const LATEST_MS = 3_000;
const DEFAULT_LEVEL: LogLevel = 'info';

/**
 * Buffers the log until the group is up or the session waits: loading the log library blocks the event loop for longer
 * than forming a group takes. Closed last, after everything that it has to record.
 */
export class DeferredLog implements LevelSwitch {
  readonly #choice: LogChoice;
  readonly #configuration: () => Configuration | null;
  readonly #onProblem: ReportProblem;
  readonly #buffer: BufferedLogger;
  #timer: NodeJS.Timeout | undefined;
  #opening: Promise<OpenLog> | undefined;
  /** The file with which the log was opened; undefined: not yet opened. */
  #openedFile: string | null | undefined;
  /** Set by an operator, until the next reload. */
  #operatorLevel: LogLevel | undefined;

  constructor(
    choice: LogChoice,
    configuration: () => Configuration | null,
    onProblem: ReportProblem = () => {},
  ) {
    this.#choice = choice;
    this.#onProblem = onProblem;
    this.#configuration = configuration;
    this.#buffer = new BufferedLogger(choice.streams ? { standardError: choice.streams.err } : {});
  }

  /** Takes records from the beginning. */
  get logger(): Logger {
    return this.#buffer;
  }

  get level(): LogLevel {
    if (this.#operatorLevel !== undefined) return this.#operatorLevel;
    const configuration = this.#configuration();
    if (configuration === null) return DEFAULT_LEVEL;
    const { settings, logging } = configuration;
    if (settings.force_logging) return 'debug';
    const asked = [logging.level, this.#choice.verbosity ?? logging.level];
    return LOG_LEVELS[Math.max(...asked.map((level) => LOG_LEVELS.indexOf(level)))] ?? logging.level;
  }

  get file(): string | null {
    if (this.#openedFile !== undefined) return this.#openedFile;
    return this.#configuration()?.logging.file ?? null;
  }

  setLevel(level: LogLevel): void {
    this.#operatorLevel = level;
    void this.#applyLevel();
  }

  /** After a reload: the level changes now, everything else with the next start. */
  followConfiguration(): void {
    this.#operatorLevel = undefined;
    void this.#applyLevel();
  }

  openLater(): void {
    this.#timer ??= setTimeout(() => this.open(), LATEST_MS);
  }

  open(): void {
    const configuration = this.#configuration();
    if (this.#opening || !configuration) return;
    clearTimeout(this.#timer);
    const { logging } = configuration;
    this.#openedFile = logging.file;
    const { batchFile, streams, terminal, verbosity } = this.#choice;
    const printed = terminal ? (verbosity ?? logging.console) : null;
    const colour = (streams?.err ?? process.stderr).isTTY ?? false;
    const options: LogOptions = {
      file: logging.file,
      level: this.level,
      maxSize: logging.max_size,
      maxFiles: logging.max_files,
      console: printed && { level: printed, colour },
      batchFile,
      onProblem: this.#onProblem,
      ...(streams ? { streams } : {}),
    };
    this.#opening = import('../logging/winston.js').then(({ openLog }) => openLog(options));
    this.#opening.catch((error: unknown) =>
      this.#onProblem({ reason: messageOf(error), waitsFor: 'a restart', nextTryAt: null }),
    );
    void this.#buffer.attachWhenLoaded(this.#opening);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#opening) await this.#opening.then((log) => log.close()).catch(() => {});
    else this.#buffer.giveUp(this.#choice.verbosity ?? 'error');
  }

  async #applyLevel(): Promise<void> {
    const log = await this.#opening?.catch(() => undefined);
    log?.setLevel(this.level);
  }
}
