import {
  BufferedLogger,
  type Configuration,
  HostP2pD,
  HostP2pError,
  LOG_LEVELS,
  type LogLevel,
  type OpenLog,
  openLog,
} from '../index.js';
import type { BatchArguments } from './arguments.js';
import { EXIT } from './exit.js';

/**
 * The log is opened when the group is up, or there is something to wait for: loading its library holds up the loop
 * for longer than all that takes. Nothing is lost meanwhile. At the latest it is opened after:
 */
const LOG_AT_LATEST_MS = 3_000;

/** Runs a session in the foreground until a signal or an error ends it. @returns the exit code */
export async function runForeground(args: BatchArguments): Promise<number> {
  const logger = new BufferedLogger();
  const host = new HostP2pD({
    configFile: args.configFile,
    interface: args.interface,
    runProgram: args.runProgram,
    logger,
  });
  const log = new LateLog(args, logger);
  const release = handleSignals(host, logger);
  const crash = (error: unknown): void => {
    logger.log('error', `internal error: ${error instanceof Error ? error.stack : String(error)}`);
    void log.close().finally(() => process.exit(EXIT.failure));
  };
  process.on('uncaughtException', crash).on('unhandledRejection', crash);
  host.on('groupStarted', () => log.open(host.configuration));
  host.on('waiting', () => log.open(host.configuration));
  host.on('reloaded', () => void log.follow(host.configuration));
  let code: number = EXIT.ok;
  try {
    // A signal may end it while the configuration is still being read from standard input.
    await Promise.race([host.start(), host.closed]);
    log.openLater(host.configuration);
    await host.closed;
  } catch (error) {
    logger.log('error', error instanceof Error ? error.message : String(error));
    code = error instanceof HostP2pError && error.code.startsWith('CONFIG') ? EXIT.usage : EXIT.failure;
  }
  release();
  // A session that ended early belongs into the log as well.
  log.open(host.configuration);
  await log.close();
  if (args.configFile === '-') process.stdin.destroy();
  return code;
}

/** Opens the log once, on whichever comes first; ends it last, after all that it has to take. */
class LateLog {
  readonly #args: BatchArguments;
  readonly #buffer: BufferedLogger;
  #timer: NodeJS.Timeout | undefined;
  #opening: Promise<OpenLog> | undefined;

  constructor(args: BatchArguments, buffer: BufferedLogger) {
    this.#args = args;
    this.#buffer = buffer;
  }

  openLater(configuration: Configuration | null): void {
    this.#timer ??= setTimeout(() => this.open(configuration), LOG_AT_LATEST_MS);
  }

  open(configuration: Configuration | null): void {
    if (this.#opening || !configuration) return;
    clearTimeout(this.#timer);
    const { logging } = configuration;
    const console = this.#args.console ?? logging.console;
    const { stderr } = process;
    this.#opening = openLog({
      file: logging.file,
      level: this.#level(configuration),
      maxSize: logging.max_size,
      maxFiles: logging.max_files,
      console: console === null ? null : { level: console, colour: stderr.isTTY ?? false },
      batchFile: this.#args.batchFile,
    });
    void this.#buffer.attachWhenLoaded(this.#opening);
  }

  /** After a reload: the level changes at once, all else with the next start. */
  async follow(configuration: Configuration | null): Promise<void> {
    const log = await this.#opening?.catch(() => undefined);
    if (log && configuration) log.setLevel(this.#level(configuration));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#opening) await this.#opening.then((log) => log.close()).catch(() => {});
    else this.#buffer.giveUp(this.#args.console ?? 'error');
  }

  /** What is asked for on the command line adds to what the file says, and takes nothing from it. */
  #level({ settings, logging }: Configuration): LogLevel {
    if (settings.force_logging) return 'debug';
    const asked = [logging.level, this.#args.console ?? logging.level];
    return LOG_LEVELS[Math.max(...asked.map((level) => LOG_LEVELS.indexOf(level)))] ?? logging.level;
  }
}

/** @returns a function that gives the signals back */
function handleSignals(host: HostP2pD, logger: BufferedLogger): () => void {
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    // Whoever asks twice does not want to wait for a hook.
    if (ending) process.exit(EXIT.failure);
    ending = true;
    logger.log('info', `${signal}: ending`);
    void host.stop();
  };
  const reload = (): void => {
    host.reload().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.log('error', `the configuration was not reloaded, the former stays in force: ${reason}`);
    });
  };
  process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', reload);
  return () => {
    process.off('SIGTERM', end).off('SIGINT', end).off('SIGHUP', reload);
  };
}
