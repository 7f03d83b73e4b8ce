import type { CommandContext } from '../commands/command.js';
import { EventJournal } from '../commands/journal.js';
import type { Configuration } from '../config/load.js';
import { HostP2pD } from '../host/host.js';
import type { HostP2pDOptions } from '../host/options.js';
import { END_MS } from '../system/end-limits.js';
import { type ErrorCode, HostP2pError, messageOf, stackOf } from '../system/errors.js';
import { EXIT, exitNow, exitSoon } from './exit.js';
import { Identity, type PidFileChoice } from './identity.js';
import { LateLog, type LogChoice } from './late-log.js';
import { PROCESS_NAME } from './lock-address.js';
import { type OpenControl, ServedControl } from './served-control.js';
import { handleSignals } from './signals.js';
import { SystemdNotifier, takeServiceEnvironment } from './systemd.js';

export interface ServiceOptions {
  readonly session: Pick<HostP2pDOptions, 'configFile' | 'interface' | 'runProgram' | 'folder'>;
  readonly log: LogChoice;
  /** The lock of the interface is taken by all. */
  readonly pidFile: PidFileChoice;
  /** Serves operators of other processes, once the session is attached or waits. Default: nobody. */
  readonly openControl?: OpenControl | undefined;
  /** Called once the configuration is read: standard input is needed no longer. */
  readonly onConfigured?: (configuration: Configuration) => void;
}

/** How it stands with a session that has begun. */
export type Readiness =
  | { readonly kind: 'attached'; readonly interface: string }
  | { readonly kind: 'waiting'; readonly code: ErrorCode; readonly reason: string };

/**
 * Where a group is about to be formed the control server comes after it: to load it takes as long as all that. No
 * operator waits longer than this for it.
 */
const CONTROL_AT_LATEST_MS = 200;

/** A session with all that a process has around it. */
export interface Service {
  readonly context: CommandContext;
  /** Settles once: with the lock held and the session attached or waiting, or with the error that was in the way. */
  readonly ready: Promise<Readiness>;
  /** Settles, after `ready`, when operators of other processes are served, or cannot be; rejects where it ended before. */
  readonly serving: Promise<void>;
  /** The exit code, when all is over: the session ended, its names given back, the log written. */
  readonly closed: Promise<number>;
  /** Ends it; the same as a SIGTERM. */
  stop(): Promise<number>;
}

/** Composes what a mode of the program runs, and starts it; ends it in the reverse order. */
export function startService(options: ServiceOptions): Service {
  process.title = PROCESS_NAME;
  return new RunningService(options);
}

class RunningService implements Service {
  readonly context: CommandContext;
  readonly ready: Promise<Readiness>;
  readonly serving: Promise<void>;
  readonly closed: Promise<number>;
  readonly #options: ServiceOptions;
  readonly #host: HostP2pD;
  readonly #log: LateLog;
  readonly #identity: Identity;
  readonly #control: ServedControl;
  #isReady: (readiness: Readiness) => void = () => {};
  #isNotReady: (error: unknown) => void = () => {};
  #isServing: (opened: Promise<void>) => void = () => {};
  #isNotServing: (error: unknown) => void = () => {};
  #controlTimer: NodeJS.Timeout | undefined;
  readonly #systemd: SystemdNotifier | null;
  #crashed = false;
  #endLimit: NodeJS.Timeout | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#log = new LateLog(options.log, () => this.#host.configuration);
    this.#identity = new Identity(options.pidFile, this.#log.logger);
    this.#host = new HostP2pD({
      ...options.session,
      logger: this.#log.logger,
      beforeStart: (configuration) => this.#configured(configuration),
      beforeAttach: (name) => this.#identity.take(name),
    });
    const quit = () => void this.stop();
    const reload = (file?: string) => this.#reload(file);
    this.context = { host: this.#host, journal: new EventJournal(this.#host), log: this.#log, reload, quit };
    this.#control = new ServedControl(options.openControl, this.context, this.#log.logger);
    this.ready = new Promise((resolve, reject) => {
      this.#isReady = resolve;
      this.#isNotReady = reject;
    });
    this.serving = new Promise((resolve, reject) => {
      this.#isServing = resolve;
      this.#isNotServing = reject;
    });
    // Not every mode asks.
    this.ready.catch(() => {});
    this.serving.catch(() => {});
    const environment = takeServiceEnvironment();
    const { logger } = this.#log;
    this.#systemd = environment && new SystemdNotifier(environment, this.#host, { logger });
    this.closed = this.#run();
  }

  stop(): Promise<number> {
    this.#end();
    return this.closed;
  }

  async #run(): Promise<number> {
    const { logger } = this.#log;
    // To the end of the process: a second signal must not cut the end short.
    handleSignals({
      end: (signal) => {
        logger.log('info', `${signal}: ending`);
        this.#end();
      },
      reload: () => void this.#reloadBySignal(),
      endNow: () => exitNow(EXIT.failure),
    });
    const stray = (error: unknown) => {
      if (!this.#host.takeStrayError(error)) this.#crash(error);
    };
    process.on('uncaughtException', stray).on('unhandledRejection', stray);
    this.#follow();
    let code: number = EXIT.ok;
    try {
      this.#systemd?.start(this.serving);
      // A signal may end it while the configuration is still being read from standard input.
      await Promise.race([this.#host.start(), this.#host.closed]);
      this.#log.openLater();
      await this.#host.closed;
      this.#over(new HostP2pError('STATE', 'it was ended before it was ready'));
    } catch (error) {
      logger.log('error', messageOf(error));
      code = exitCodeOf(error);
      this.#systemd?.stopping(messageOf(error));
      this.#over(error);
    }
    clearTimeout(this.#controlTimer);
    await this.#control.close();
    await this.#identity.release();
    this.#systemd?.close();
    // A session that ended early belongs into the log as well.
    this.#log.open();
    await this.#log.close();
    process.off('uncaughtException', stray).off('unhandledRejection', stray);
    if (this.#options.session.configFile === '-') process.stdin.destroy();
    clearTimeout(this.#endLimit);
    const exitCode = this.#crashed ? EXIT.failure : code;
    exitSoon(exitCode);
    return exitCode;
  }

  #end(reason?: string): void {
    this.#systemd?.stopping(reason);
    const overdue = () => {
      this.#log.logger.log('error', `not ended within ${END_MS / 1000} s; exiting`);
      exitNow(EXIT.failure);
    };
    this.#endLimit ??= setTimeout(overdue, END_MS).unref();
    void this.#host.stop();
  }

  /** Before anything is begun: what another instance is doing already must not be told to its hooks by us as well. */
  async #configured(configuration: Configuration): Promise<void> {
    this.#options.onConfigured?.(configuration);
    await this.#identity.take(configuration.settings.interface);
  }

  #follow(): void {
    const host = this.#host;
    const nothingUrgent = () => {
      this.#log.open();
      this.#serve();
    };
    host.on('attached', ({ interface: name }) => {
      if (!this.#options.openControl) this.#serve();
      else this.#controlTimer ??= setTimeout(() => this.#serve(), CONTROL_AT_LATEST_MS);
      this.#isReady({ kind: 'attached', interface: name });
    });
    host.on('groupStarted', nothingUrgent);
    host.on('waiting', ({ code, reason }) => {
      nothingUrgent();
      this.#isReady({ kind: 'waiting', code, reason });
    });
    host.on('reloaded', () => this.#log.follow());
  }

  #serve(): void {
    clearTimeout(this.#controlTimer);
    this.#controlTimer = undefined;
    const { name } = this.#identity;
    const controlFolder = this.#host.configuration?.settings.ctrl_interface;
    if (name !== null && controlFolder !== undefined) this.#control.serve({ interface: name, controlFolder });
    this.#isServing(this.#control.opened);
  }

  /** Whoever asked for it gets the error; a signal has nobody to tell it to. */
  async #reloadBySignal(): Promise<void> {
    await this.#reload().catch((error: unknown) => {
      const what = 'configuration not reloaded, the previous one stays in use';
      this.#log.logger.log('error', `${what}: ${messageOf(error)}`);
    });
  }

  async #reload(file?: string): Promise<void> {
    this.#systemd?.reloading();
    try {
      await this.#host.reload(file);
      this.#systemd?.reloaded(null);
    } catch (error) {
      this.#systemd?.reloaded(messageOf(error));
      throw error;
    }
  }

  /** Whoever waits need not wait any longer. */
  #over(error: unknown): void {
    this.#isNotReady(error);
    this.#isNotServing(error);
  }

  /** A fault of ours: the session ends as on SIGTERM, with its hook, DETACH and sockets removed; exit code 1. */
  #crash(error: unknown): void {
    this.#log.logger.log('error', `internal error: ${stackOf(error)}`);
    // The end is under way, and another fault must not begin it again.
    if (this.#crashed) return;
    this.#crashed = true;
    this.#over(error);
    this.#end(`internal error: ${messageOf(error)}`);
  }
}

/** What an error means for the exit code. */
export function exitCodeOf(error: unknown): number {
  return error instanceof HostP2pError && error.code.startsWith('CONFIG') ? EXIT.usage : EXIT.failure;
}
