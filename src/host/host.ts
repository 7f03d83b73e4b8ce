import type { Configuration } from '../config/load.js';
import { formatProblems } from '../config/validate.js';
import { type Logger, SILENT } from '../logging/logger.js';
import { redacting } from '../logging/redacting.js';
import { enrolmentView, groupView, pairingView, stationView, withoutAddress } from '../session/facts.js';
import { INITIAL } from '../session/model.js';
import { noGroup } from '../session/no-group.js';
import type { PeerView, SessionEvent, SessionEventName, StationView } from '../session/session-event.js';
import { systemClock } from '../system/clock.js';
import { HOOKS_AT_END_MS, RELEASE_MS } from '../system/end-limits.js';
import { HostP2pError, stackOf } from '../system/errors.js';
import { watchFolder } from '../system/folder-watch.js';
import { secrets } from '../system/secrets.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { loadAddon, openUnixDatagram } from '../wpa/unix-datagram.js';
import { AddressService } from './address-service.js';
import { configFileOf } from './config-file.js';
import { controlClients } from './control-clients.js';
import { EventHub, type Listener } from './event-hub.js';
import { GroupStore } from './group-store.js';
import { HookCaller } from './hook-caller.js';
import { InterfaceSearch } from './interface-search.js';
import { Operations } from './operations.js';
import { configurationOf, type HostP2pDOptions, hookProgramOf, pinModuleOf, secretsIn } from './options.js';
import { PinSource } from './pin-source.js';
import { radioBlock } from './radio-block.js';
import { PeerRegister, Statistics, type StatisticsView } from './registers.js';
import { SessionRunner } from './runner.js';
import { atMost, Deferred } from './settling.js';
import type { NoGroupView, StatusView } from './status.js';

interface Running {
  readonly runner: SessionRunner;
  readonly hooks: HookCaller;
  readonly store: GroupStore;
  readonly addresses: AddressService;
  readonly folder: ClientFolder;
  readonly search: InterfaceSearch;
}

/**
 * A Wi-Fi Direct session: the link to wpa_supplicant, the group, its stations and the hooks.
 *
 * ```ts
 * const host = new HostP2pD({ interface: 'p2p-dev-wlan0', pin: '12345670' });
 * host.on('stationConnected', ({ station }) => console.log(station.name));
 * await host.start();
 * ```
 */
export class HostP2pD extends Operations implements AsyncDisposable {
  readonly #options: HostP2pDOptions;
  readonly #logger: Logger;
  readonly #peers = new PeerRegister();
  readonly #statistics = new Statistics();
  readonly #hub: EventHub;
  readonly #phaseListeners = new Set<() => void>();
  readonly #pins: PinSource;
  readonly #closed = new Deferred();
  #running: Running | null = null;
  #configuration: Configuration | null = null;
  #used = false;
  readonly #stopping = new AbortController();
  #begun = false;
  /** The session has told its hook that it is there; so it must also tell it of the end. */
  #announced = false;
  #failure: HostP2pError | null = null;

  constructor(options: HostP2pDOptions = {}) {
    super();
    this.#options = options;
    this.#logger = redacting(
      options.logger ?? SILENT,
      () => this.#configuration?.settings.force_logging ?? false,
    );
    this.#hub = new EventHub((type, error) => {
      const text = `a listener of the event ${type} failed: ${stackOf(error)}`;
      if (options.logger) this.#logger.log('error', text);
      // Without a log nobody would ever learn of it.
      else process.emitWarning(secrets.redact(text), 'HostP2pDWarning');
    });
    this.#pins = new PinSource(this.#logger);
    // Whoever never asks for the end must not be punished with an unhandled rejection.
    this.#closed.promise.catch(() => {});
  }

  /**
   * Reads the configuration and begins: looks for the interface, attaches, brings the group up. Returns as soon
   * as all that is under way; where wpa_supplicant is not there yet the session waits for it.
   * @throws {HostP2pError} CONFIG_UNREADABLE, CONFIG_INVALID, SOCKET_PATH; STATE when called twice
   */
  async start(): Promise<void> {
    if (this.#used) throw new HostP2pError('STATE', 'a session is started once; make a new one');
    this.#used = true;
    // Before anything is begun.
    loadAddon();
    const configuration = await configurationOf(this.#options, { signal: this.#stopping.signal });
    if (this.#stopping.signal.aborted) return;
    this.#review(configuration);
    this.#configuration = configuration;
    await this.#options.beforeStart?.(configuration);
    if (this.#stopping.signal.aborted) return;
    const { settings } = configuration;
    const folder = ClientFolder.open();
    const hooks = new HookCaller(hookProgramOf(configuration, this.#options), this.#logger);
    const stateFolder = GroupStore.folder(settings.state_folder);
    const store = new GroupStore(stateFolder, this.#logger);
    const addresses = new AddressService({
      logger: this.#logger,
      clock: systemClock,
      stateFolder,
      onLeases: (leases) => runner.feed({ type: 'leases', leases }),
      onConfirmed: (address, ip) => runner.feed({ type: 'address-confirmed', address, ip }),
      onMissing: (address) => runner.feed({ type: 'no-address', address }),
    });
    this.#pins.configure(pinModuleOf(configuration, this.#options));
    const links = {
      open: openUnixDatagram,
      clock: systemClock,
      watch: watchFolder,
      folder,
      logger: this.#logger,
    };
    const runner: SessionRunner = new SessionRunner({
      ...links,
      settings,
      hooks,
      peers: this.#peers,
      statistics: this.#statistics,
      store,
      addresses,
      configFile: configFileOf,
      askPin: (pin, station) => this.#pins.ask(pin, station),
      controlClients,
      // It starts programs: loaded only when a group is lost.
      investigateLoss: async (...lost) => (await import('./group-loss.js')).investigateLoss(...lost),
      radioBlock,
      emit: (event) => this.#hub.emit(event),
      onPhase: () => {
        for (const listener of this.#phaseListeners) listener();
      },
      onSecret: (secret) => secrets.remember(secret),
      onFailure: (error) => {
        this.#failure = error;
      },
      onEnd: () => void this.#finish(),
      ...(this.#options.record ? { record: this.#options.record } : {}),
    });
    const search = new InterfaceSearch(settings, {
      ...links,
      found: (name) => void this.#take(name, runner),
      emit: (event) => {
        this.#announce(runner);
        this.#hub.emit(event);
      },
    });
    this.#running = { runner, hooks, store, addresses, folder, search };
    this.#begun = true;
    search.start();
  }

  /**
   * Ends the session: hook `terminated`, DETACH, sockets removed. The group stays up, unless it is
   * negotiated on demand. Safe to call at any time;
   * resolves when all is done.
   */
  async stop(): Promise<void> {
    this.#used = true;
    this.#stopping.abort();
    if (this.#running) this.#end(this.#running.runner);
    else if (!this.#begun) {
      this.#hub.close();
      this.#closed.resolve();
    }
    await this.#closed.promise.catch(() => {});
  }

  /**
   * Reads the configuration again and lets wpa_supplicant read its own. When it cannot be used nothing changes.
   * @param file another file, or `reset` for the defaults; default: the file that is in force
   * @throws {HostP2pError} CONFIG_UNREADABLE, CONFIG_INVALID; STATE when the session is not running
   */
  async reload(file?: string): Promise<void> {
    const running = this.#running;
    const former = this.#configuration;
    if (!running || !former) throw new HostP2pError('STATE', 'the session is not running');
    const { source } = former;
    if (file === undefined && source.kind === 'stdin') {
      this.#logger.log(
        'warning',
        'the configuration came from standard input, which is read only once: it stays',
      );
      running.runner.configure(former.settings);
      return;
    }
    const inForce = source.kind === 'file' ? source : null;
    const configuration = await configurationOf(this.#options, {
      file: file ?? inForce?.path,
      found: file === undefined && inForce?.found === true,
      signal: this.#stopping.signal,
    });
    if (this.#running !== running) throw new HostP2pError('STATE', 'the session ended meanwhile');
    this.#review(configuration);
    for (const key of ['interface', 'ctrl_interface', 'state_folder'] as const) {
      if (configuration.settings[key] !== former.settings[key]) {
        this.#logger.log('warning', `${key}: the new value counts from the next start on`);
      }
    }
    this.#configuration = configuration;
    this.#pins.configure(pinModuleOf(configuration, this.#options));
    running.hooks.configure(hookProgramOf(configuration, this.#options));
    running.runner.configure(configuration.settings);
    this.#logger.log('info', 'configuration reloaded');
  }

  /**
   * Asks for a sign of life, for watchdogs: settles when the session has taken one more input and carried out what
   * came of it. A session that is stuck never does.
   * @throws {HostP2pError} STATE when it is not running, or ends before it could
   */
  async pulse(): Promise<void> {
    await this.runner().pulse();
  }

  /**
   * Takes an error that nobody has caught, if the code of `pin_module` threw it: then it is logged and the session goes
   * on. Call it in handlers of `uncaughtException` and `unhandledRejection`.
   * @returns whether it was one
   */
  takeStrayError(error: unknown): boolean {
    return this.#pins.takeStrayError(error);
  }

  /** The session that operations act on. @throws HostP2pError STATE */
  protected override runner(): SessionRunner {
    if (!this.#running) throw new HostP2pError('STATE', 'the session is not running');
    return this.#running.runner;
  }

  /** Resolves when the session has ended; rejects with the error that ended it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The configuration in force, or last in force; null before `start` has read it. */
  get configuration(): Configuration | null {
    return this.#configuration;
  }

  /** That relative names of the configuration start from. */
  get folder(): string {
    return this.#options.folder ?? process.cwd();
  }

  override get status(): StatusView {
    const runner = this.#running?.runner;
    const { phase, enrolments, pairing, paused, groupStopped, deaf } = runner?.state ?? INITIAL;
    const now = systemClock.now();
    return {
      phase: phase.name,
      interface: runner?.deviceInterface ?? null,
      attached: runner?.attached ?? false,
      eventsHeldBack: deaf.device ?? deaf.group,
      group: phase.name === 'running' ? groupView(phase.group) : null,
      noGroup: this.#noGroup(now),
      enrolling: enrolments.map(enrolmentView),
      pairing: pairing && pairingView(pairing, now),
      paused,
      groupStopped,
      withoutAddress: phase.name === 'running' ? withoutAddress(phase.group) : [],
      addresses: this.#running?.addresses.view ?? null,
    };
  }

  #noGroup(now: number): NoGroupView | null {
    const { runner, search } = this.#running ?? {};
    const settings = this.#configuration?.settings;
    if (!runner || !search || !settings)
      return {
        cause: 'starting',
        reason: this.#stopping.signal.aborted ? 'the session has ended' : 'starting',
        nextTrySeconds: null,
      };
    const found = noGroup(runner.state, settings, runner.linkProblem ?? search.problem);
    if (!found) return null;
    const { cause, reason, nextTryAt } = found;
    const nextTrySeconds = nextTryAt === null ? null : Math.max(0, Math.round((nextTryAt - now) / 1000));
    return { cause, reason, nextTrySeconds };
  }

  /** Stations that are on the group now. */
  override get stations(): readonly StationView[] {
    const phase = this.#running?.runner.state.phase;
    return phase?.name === 'running' ? [...phase.group.stations.values()].map(stationView) : [];
  }

  /** Wi-Fi Direct devices heard of, by device address; at most the last 1,000. */
  override get peers(): ReadonlyMap<string, PeerView> {
    return this.#peers.view;
  }

  get statistics(): StatisticsView {
    return this.#statistics.view;
  }

  /** Begins to count anew. */
  resetStatistics(): void {
    this.#statistics.reset();
  }

  /** @returns a function that takes the listener away again */
  override on<T extends SessionEventName>(type: T, listener: Listener<T>): () => void {
    return this.#hub.on(type, listener);
  }

  /**
   * Calls `listener` whenever the session enters another phase. `status` may then differ, also where no event says so.
   */
  onPhase(listener: () => void): void {
    this.#phaseListeners.add(listener);
  }

  /** All events from now on; ends with the session, or when `signal` aborts. */
  events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<SessionEvent, void, undefined> {
    return this.#hub.events(options.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Binds the session to its interface, unless whoever made it has a reason against it. */
  async #take(name: string, runner: SessionRunner): Promise<void> {
    const { beforeAttach } = this.#options;
    try {
      if (beforeAttach) await beforeAttach(name);
    } catch (error) {
      if (this.#running?.runner !== runner) return;
      this.#failure =
        error instanceof HostP2pError ? error : new HostP2pError('STATE', stackOf(error), { cause: error });
      this.#end(runner);
      return;
    }
    // It may have been stopped meanwhile.
    if (this.#running?.runner !== runner || this.#stopping.signal.aborted) return;
    this.#running.hooks.setInterface(name);
    this.#announce(runner);
    runner.attach(name);
    if (this.#configuration?.settings.addressing === 'none') void this.#running.addresses.clearLeftOver(name);
  }

  /** Tells the hook that the session is there: when it has its interface, or is known to wait for one. */
  #announce(runner: SessionRunner): void {
    if (this.#announced) return;
    this.#announced = true;
    runner.feed({ type: 'start' });
  }

  #end(runner: SessionRunner): void {
    try {
      if (this.#announced) {
        runner.feed({ type: 'stop' });
        return;
      }
    } catch (error) {
      // A fault of ours may have brought us here, and come again: the session ends without its state machine.
      this.#logger.log('error', `the session cannot end as it should: ${stackOf(error)}`);
      this.#running?.hooks.call({ hook: 'terminated' }, () => {});
    }
    runner.close();
    this.#hub.emit({ type: 'stopped' });
    void this.#finish(HOOKS_AT_END_MS);
  }

  /** Takes note of what must not be logged, and says what is odd. */
  #review(configuration: Configuration): void {
    secrets.register(...secretsIn(configuration.settings));
    for (const warning of configuration.warnings) this.#logger.log('warning', formatProblems([warning]));
  }

  /** @param hooksMs for hooks that still run */
  async #finish(hooksMs = HOOK_GRACE_MS): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    running.search.close();
    await running.hooks.close(hooksMs);
    await atMost(RELEASE_MS, Promise.all([running.addresses.close(), running.store.close()]));
    running.folder.close();
    this.#hub.close();
    if (this.#failure) this.#closed.reject(this.#failure);
    else this.#closed.resolve();
  }
}

/** The last hook has been waited for; this is for stragglers that were queued behind it. */
const HOOK_GRACE_MS = 1_000;
