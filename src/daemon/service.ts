import type { CommandContext } from '../commands/command.js';
import { EventJournal } from '../commands/journal.js';
import type { Configuration } from '../config/load.js';
import { HostP2pD } from '../host/host.js';
import type { HostP2pDOptions } from '../host/options.js';
import { END_MS } from '../system/end-limits.js';
import { type ErrorCode, HostP2pError, messageOf } from '../system/errors.js';
import { PROCESS_NAME } from '../system/lock-address.js';
import { Problems } from '../system/problems.js';
import { stackOf } from '../system/stack.js';
import { ControlSocket } from './control-socket.js';
import { DeferredLog, type LogChoice } from './deferred-log.js';
import { EXIT, exitNow, exitSoon } from './exit.js';
import { HeapWatch } from './heap.js';
import { Identity, type PidFileChoice } from './identity.js';
import { handleSignals } from './signals.js';
import { SystemdNotifier, takeServiceEnvironment } from './systemd.js';

export interface ServiceOptions {
  readonly session: Pick<
    HostP2pDOptions,
    'configFile' | 'interface' | 'runProgram' | 'record' | 'refuseDefaultPin' | 'folder'
  >;
  readonly log: LogChoice;
  readonly pidFile: PidFileChoice;
  /** Called once the configuration is read: standard input is no longer needed. */
  readonly onConfigured?: (configuration: Configuration) => void;
}

/** State of a session that has started. */
type Readiness =
  | { readonly kind: 'attached'; readonly interface: string }
  | { readonly kind: 'waiting'; readonly code: ErrorCode; readonly reason: string };

/** A session with everything that a process has around it. */
export interface Service {
  readonly context: CommandContext;
  /** Settles with the lock held and the session attached or waiting. Rejects with the error that prevented it. */
  readonly ready: Promise<Readiness>;
  /** Settles, after `ready`, when the control socket is open or has failed. Rejects if the session has ended before. */
  readonly serving: Promise<void>;
  /** The exit code, when everything is over: session ended, lock released, log written. */
  readonly closed: Promise<number>;
  /** Ends it, like a SIGTERM. */
  stop(): Promise<number>;
}

/** Starts what a mode of the program runs. It ends in the reverse order. */
export function startService(options: ServiceOptions): Service {
  process.title = PROCESS_NAME;
  return new RunningService(options);
}

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return error instanceof HostP2pError && error.code.startsWith('CONFIG') ? EXIT.usage : EXIT.failure;
}

/** The control socket opens after the group is up, because loading its code takes a while; at the latest after this time. */
const CONTROL_SOCKET_LIMIT_MS = 200;

class RunningService implements Service {
  readonly context: CommandContext;
  readonly closed: Promise<number>;
  readonly #options: ServiceOptions;
  readonly #host: HostP2pD;
  readonly #log: DeferredLog;
  readonly #identity: Identity;
  readonly #controlSocket: ControlSocket;
  readonly #problems = new Problems(() => this.#systemd?.changed());
  readonly #systemd: SystemdNotifier | null;
  readonly #heap = new HeapWatch();
  readonly #ready = deferred<Readiness>();
  readonly #serving = deferred<void>();
  #controlFolder = '';
  #controlTimer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #crashed = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#log = new DeferredLog(options.log, () => this.#host.configuration, this.#problems.of('log'));
    const { logger } = this.#log;
    this.#identity = new Identity(options.pidFile, logger);
    this.#host = new HostP2pD({
      ...options.session,
      logger,
      problems: this.#problems,
      beforeStart: (configuration) => this.#configured(configuration),
      beforeAttach: (name) => this.#identity.take(name, this.#controlFolder),
      onHeartbeat: () => this.#heap.look(),
    });
    const quit = () => void this.stop();
    const reload = (file?: string) => this.#reload(file);
    this.context = { host: this.#host, journal: new EventJournal(this.#host), log: this.#log, reload, quit };
    this.#controlSocket = new ControlSocket(this.context, logger, this.#problems.of('control socket'));
    const environment = takeServiceEnvironment();
    this.#systemd = environment && new SystemdNotifier(environment, this.#host, { logger });
    this.closed = this.#run();
  }

  get ready(): Promise<Readiness> {
    return this.#ready.promise;
  }

  get serving(): Promise<void> {
    return this.#serving.promise;
  }

  stop(): Promise<number> {
    this.#end();
    return this.closed;
  }

  async #run(): Promise<number> {
    const { logger } = this.#log;
    // Never released: a second signal must not interrupt the end.
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
    this.#listen();
    let code: number = EXIT.ok;
    try {
      this.#systemd?.start(this.serving);
      // A signal may end it while the configuration is still being read from standard input.
      await Promise.race([this.#host.start(), this.#host.closed]);
      this.#log.openLater();
      await this.#host.closed;
      this.#rejectWaiters(new HostP2pError('STATE', 'ended before it was ready'));
    } catch (error) {
      logger.log('error', messageOf(error));
      code = exitCodeOf(error);
      this.#systemd?.stopping(messageOf(error));
      this.#rejectWaiters(error);
    }
    clearTimeout(this.#controlTimer);
    await this.#controlSocket.close();
    await this.#identity.release();
    this.#systemd?.close();
    // The log of a session that ended early is still in the buffer.
    this.#log.open();
    await this.#log.close();
    process.off('uncaughtException', stray).off('unhandledRejection', stray);
    if (this.#options.session.configFile === '-') process.stdin.destroy();
    clearTimeout(this.#endTimer);
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
    this.#endTimer ??= setTimeout(overdue, END_MS).unref();
    void this.#host.stop();
  }

  /** The lock is taken before anything starts: a second instance must not call the hooks of the first. */
  async #configured(configuration: Configuration): Promise<void> {
    this.#options.onConfigured?.(configuration);
    const { interface: name, ctrl_interface } = configuration.settings;
    this.#controlFolder = ctrl_interface;
    await this.#identity.take(name, ctrl_interface);
  }

  #listen(): void {
    const host = this.#host;
    const openLogAndSocket = () => {
      this.#log.open();
      this.#openControlSocket();
    };
    host.on('attached', ({ interface: name }) => {
      this.#controlTimer ??= setTimeout(() => this.#openControlSocket(), CONTROL_SOCKET_LIMIT_MS);
      this.#ready.resolve({ kind: 'attached', interface: name });
    });
    host.on('groupStarted', openLogAndSocket);
    host.on('waiting', ({ code, reason }) => {
      openLogAndSocket();
      this.#ready.resolve({ kind: 'waiting', code, reason });
    });
    host.on('reloaded', () => this.#log.followConfiguration());
  }

  #openControlSocket(): void {
    clearTimeout(this.#controlTimer);
    this.#controlTimer = undefined;
    const { name } = this.#identity;
    const controlFolder = this.#host.configuration?.settings.ctrl_interface;
    if (name !== null && controlFolder !== undefined) {
      this.#controlSocket.open({ interface: name, controlFolder });
    }
    this.#serving.resolve(this.#controlSocket.opened);
    // All code is loaded now. A flood can come before the first heartbeat.
    this.#heap.look();
  }

  /** Other callers get the error; a signal has none, so it goes to the log. */
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
      this.#problems.report('configuration', null);
    } catch (error) {
      const reason = `reload failed, the previous one is still in use: ${messageOf(error)}`;
      this.#problems.report('configuration', { reason, waitsFor: 'the next reload', nextTryAt: null });
      throw error;
    } finally {
      this.#systemd?.reloaded();
    }
  }

  #rejectWaiters(error: unknown): void {
    this.#ready.reject(error);
    this.#serving.reject(error);
  }

  /** A bug: the session ends as on SIGTERM, with its hook, DETACH and sockets removed; exit code 1. */
  #crash(error: unknown): void {
    this.#log.logger.log('error', `internal error: ${stackOf(error)}`);
    // Another one while it ends must not start the end again.
    if (this.#crashed) return;
    this.#crashed = true;
    this.#rejectWaiters(error);
    this.#end(`internal error: ${messageOf(error)}`);
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | Promise<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** A promise that is settled from outside. Its rejection need not be handled: not every mode waits for it. */
function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, 'resolve' | 'reject'> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => {});
  return { promise, ...settle };
}
