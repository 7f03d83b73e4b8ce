import type { LevelSwitch } from '../commands/command.js';
import type { Configuration } from '../config/load.js';
import { BufferedLogger } from '../logging/buffered.js';
import { LOG_LEVELS, type Logger, type LogLevel } from '../logging/logger.js';
import { type LogOptions, type OpenLog, openLog } from '../logging/open.js';

/** What the command line says of the log. */
export interface LogChoice {
  /** Least level that is asked for; adds to what the configuration says, and takes nothing from it. */
  readonly verbosity?: LogLevel | undefined;
  /** A file that takes every record too; `-` is standard output. */
  readonly batchFile?: string | undefined;
  /** False where nobody sees what is printed. */
  readonly terminal: boolean;
  /** Where it is printed. Default: the streams of the process. */
  readonly streams?: LogOptions['streams'] | undefined;
}

/**
 * The log is opened when the group is up, or there is something to wait for: loading its library holds up the loop
 * for longer than all that takes. Nothing is lost meanwhile. At the latest it is opened after:
 */
const LATEST_MS = 3_000;
const USUAL_LEVEL: LogLevel = 'info';

/** Opens the log once, on whichever comes first; ends it last, after all that it has to take. */
export class LateLog implements LevelSwitch {
  readonly #choice: LogChoice;
  readonly #configuration: () => Configuration | null;
  readonly #buffer: BufferedLogger;
  #timer: NodeJS.Timeout | undefined;
  #opening: Promise<OpenLog> | undefined;
  /** What an operator has set; holds until a reload. */
  #set: LogLevel | undefined;

  constructor(choice: LogChoice, configuration: () => Configuration | null) {
    this.#choice = choice;
    this.#configuration = configuration;
    const { streams } = choice;
    this.#buffer = new BufferedLogger(streams ? { standardError: streams.err } : {});
  }

  /** Takes records from the beginning. */
  get logger(): Logger {
    return this.#buffer;
  }

  get level(): LogLevel {
    const configuration = this.#configuration();
    if (this.#set !== undefined) return this.#set;
    return configuration ? this.#levelOf(configuration) : USUAL_LEVEL;
  }

  setLevel(level: LogLevel): void {
    this.#set = level;
    void this.#apply();
  }

  /** After a reload: the level changes at once, all else with the next start. */
  follow(): void {
    this.#set = undefined;
    void this.#apply();
  }

  openLater(): void {
    this.#timer ??= setTimeout(() => this.open(), LATEST_MS);
  }

  open(): void {
    const configuration = this.#configuration();
    if (this.#opening || !configuration) return;
    clearTimeout(this.#timer);
    const { logging } = configuration;
    const { batchFile, streams, terminal } = this.#choice;
    const printed = terminal ? (this.#choice.verbosity ?? logging.console) : null;
    const colour = (streams?.err ?? process.stderr).isTTY ?? false;
    this.#opening = openLog({
      file: logging.file,
      level: this.level,
      maxSize: logging.max_size,
      maxFiles: logging.max_files,
      console: printed === null ? null : { level: printed, colour },
      batchFile,
      ...(streams ? { streams } : {}),
    });
    void this.#buffer.attachWhenLoaded(this.#opening);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#opening) await this.#opening.then((log) => log.close()).catch(() => {});
    else this.#buffer.giveUp(this.#choice.verbosity ?? 'error');
  }

  async #apply(): Promise<void> {
    const log = await this.#opening?.catch(() => undefined);
    log?.setLevel(this.level);
  }

  #levelOf({ settings, logging }: Configuration): LogLevel {
    if (settings.force_logging) return 'debug';
    const asked = [logging.level, this.#choice.verbosity ?? logging.level];
    return LOG_LEVELS[Math.max(...asked.map((level) => LOG_LEVELS.indexOf(level)))] ?? logging.level;
  }
}
