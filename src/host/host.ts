import { setTimeout } from 'node:timers/promises';
import type { Configuration } from '../config/load.js';
import { formatProblems } from '../config/problem.js';
import { secretsIn } from '../config/secret-values.js';
import { type Logger, redacting, SILENT } from '../logging/logger.js';
import type { ClientView, OperatorCommand, PairingView, StationView } from '../session/session-event.js';
import { HostP2pError } from '../system/errors.js';
import { Problems } from '../system/problems.js';
import { secrets } from '../system/secrets.js';
import { stackOf } from '../system/stack.js';
import { P2P_GET_PASSPHRASE, sta } from '../wpa/command.js';
import { loadAddon } from '../wpa/native-addon.js';
import { isFailure, isUnknownCommand, parseStationCounters } from '../wpa/reply.js';
import { EventHub, type Listener } from './event-hub.js';
import { checkFindSeconds, deviceAddressOf, pairingOf, pinOf, requestOf } from './operator-input.js';
import { configurationOf, type HostP2pDOptions, type PairOptions } from './options.js';
import { PeerRegister } from './peer-register.js';
import { PinSource } from './pin-module.js';
import type { PeerView, SessionEvent, SessionEventName } from './public-event.js';
import { whyRefused } from './refusal-text.js';
import { RunningSession } from './running-session.js';
import { Statistics, type StatisticsView } from './statistics.js';
import { type StationDetail, type StatusView, statusWithoutSession } from './status.js';

/**
 * A Wi-Fi Direct session: the link to wpa_supplicant, the group, its stations and the hooks.
 * ```ts
 * const host = new HostP2pD({ interface: 'p2p-dev-wlan0', pin: '12345670' });
 * host.on('stationConnected', ({ station }) => console.log(station.name));
 * await host.start();
 * ```
 */
export class HostP2pD implements AsyncDisposable {
  readonly #options: HostP2pDOptions;
  readonly #logger: Logger;
  readonly #peers = new PeerRegister();
  readonly #statistics = new Statistics();
  readonly #events: EventHub;
  readonly #pins: PinSource;
  readonly #problems: Problems;
  #since = new Date();
  readonly #stopping = new AbortController();
  /** Resolves when the session has ended; rejects with the error that ended it. */
  readonly closed: Promise<void>;
  #settleClosed: (error: HostP2pError | null) => void = () => {};
  #session: RunningSession | null = null;
  #configuration: Configuration | null = null;
  #used = false;
  #begun = false;

  constructor(options: HostP2pDOptions = {}) {
    this.#options = options;
    this.#logger = redacting(
      options.logger ?? SILENT,
      () => this.#configuration?.settings.force_logging ?? false,
    );
    this.#events = new EventHub((type, error) => {
      const text = `a listener of the event ${type} failed: ${stackOf(error)}`;
      if (options.logger) this.#logger.log('error', text);
      // Without a log nobody would see it.
      else process.emitWarning(secrets.redact(text), 'HostP2pDWarning');
    });
    this.#problems = options.problems ?? new Problems();
    this.#pins = new PinSource(this.#logger, this.#problems.of('pin_module'));
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = (error) => {
        this.#events.close();
        if (error) reject(error);
        else resolve();
      };
    });
    // A caller that does not look at it must not get an unhandled rejection.
    this.closed.catch(() => {});
  }

  /**
   * Reads the configuration and begins: finds the interface, attaches, brings the group up. Returns as soon as all that
   * is under way; if wpa_supplicant is not there yet the session waits for it.
   * @throws {HostP2pError} CONFIG_UNREADABLE, CONFIG_INVALID, SOCKET_PATH, ADDON; STATE when called twice
   */
  async start(): Promise<void> {
    if (this.#used) throw new HostP2pError('STATE', 'a session can be started only once; make a new one');
    this.#used = true;
    // Fails before anything is begun.
    loadAddon();
    const { signal } = this.#stopping;
    const configuration = await configurationOf(this.#options, { signal });
    if (signal.aborted) return;
    this.#review(configuration);
    this.#configuration = configuration;
    await this.#options.beforeStart?.(configuration);
    if (signal.aborted) return;
    this.#session = new RunningSession(configuration, this.#options, {
      logger: this.#logger,
      peers: this.#peers,
      statistics: this.#statistics,
      pins: this.#pins,
      problems: this.#problems,
      events: this.#events,
      onEnding: () => {
        [this.#session, this.#since] = [null, new Date()];
      },
      onEnd: this.#settleClosed,
    });
    this.#begun = true;
    await this.#session.start();
  }

  /**
   * Ends the session: hook `terminated`, DETACH, sockets removed. The group stays up, unless it is negotiated on demand.
   * Safe to call at any time; resolves when all is done.
   */
  async stop(): Promise<void> {
    this.#used = true;
    this.#stopping.abort();
    if (!this.#begun) this.#settleClosed(null);
    this.#session?.stop();
    await this.closed.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Reads the configuration again and makes wpa_supplicant read its own. If it cannot be used nothing changes.
   * @param file another file, or `reset` for the defaults; default: the file that is in force
   * @throws {HostP2pError} CONFIG_UNREADABLE, CONFIG_INVALID; STATE when the session is not running
   */
  async reload(file?: string): Promise<void> {
    const session = this.#running();
    const { source, settings } = session.configuration;
    if (file === undefined && source.kind === 'stdin') {
      const message = 'the configuration came from standard input, which can be read only once: it stays';
      this.#logger.log('warning', message);
      session.runner.configure(settings);
      return;
    }
    const inForce = source.kind === 'file' ? source : null;
    const configuration = await configurationOf(this.#options, {
      file: file ?? inForce?.path,
      found: file === undefined && inForce?.found === true,
      signal: this.#stopping.signal,
    });
    if (this.#session !== session) throw new HostP2pError('STATE', 'the session has ended');
    this.#review(configuration);
    this.#configuration = configuration;
    session.configure(configuration);
  }

  /**
   * Asks for a sign of life, for watchdogs: settles when the session has taken one more input and carried out its
   * effects. A session that is stuck never settles it.
   * @throws {HostP2pError} STATE when the session is not running, or ends first
   */
  async pulse(): Promise<void> {
    await this.#running().runner.pulse();
  }

  /**
   * Handles an error that nobody has caught, if the code of `pin_module` threw it: logs it, and the session goes on. Call
   * it in handlers of `uncaughtException` and `unhandledRejection`.
   * @returns whether the code of `pin_module` threw it
   */
  takeStrayError(error: unknown): boolean {
    return this.#pins.takeStrayError(error);
  }

  /** The configuration in force, or last in force; null before `start` has read it. */
  get configuration(): Configuration | null {
    return this.#configuration;
  }

  /** The folder that relative names in the configuration start from. */
  get folder(): string {
    return this.#options.folder ?? process.cwd();
  }

  /** The state of the session now; also before the start and after the end. */
  get status(): StatusView {
    return this.#session?.status ?? statusWithoutSession(this.#stopping.signal.aborted, this.#since);
  }

  /** Stations that are in the group now. */
  get stations(): readonly StationView[] {
    return this.#session?.stations ?? [];
  }

  /** Wi-Fi Direct devices seen so far, by device address; at most the last 1,000. */
  get peers(): ReadonlyMap<string, PeerView> {
    return this.#peers.view;
  }

  /** Counters since the start, or since {@link resetStatistics}. */
  get statistics(): StatisticsView {
    return this.#statistics.view;
  }

  /** Sets all counters to zero. */
  resetStatistics(): void {
    this.#statistics.reset();
  }

  /** @returns a function that removes the listener */
  on<T extends SessionEventName>(type: T, listener: Listener<T>): () => void {
    return this.#events.on(type, listener);
  }

  /** Calls `listener` whenever the session enters another phase. `status` may change then without an event. */
  onPhase(listener: () => void): void {
    this.#events.onPhase(listener);
  }

  /** All events from now on; ends with the session, or when `signal` aborts. */
  events(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<SessionEvent, void, undefined> {
    return this.#events.events(options.signal);
  }

  /**
   * Enters the PIN that a phone shows (event `pinWanted`, hook `enter_pin`).
   * @param pin 4 or 8 digits
   * @throws {HostP2pError} COMMAND_INVALID, DEVICE_UNKNOWN if no such phone waits; CONTROL_UNAVAILABLE, STATE
   */
  async enterPin(deviceAddress: string, pin: string): Promise<void> {
    const entered = pinOf(pin);
    secrets.remember(entered);
    const address = deviceAddressOf(deviceAddress);
    await this.#operate({ kind: 'enter-pin', deviceAddress: address, pin: entered });
  }

  /**
   * Phones that have joined the persistent group before and come back without a PIN, the most recent first.
   * @throws {HostP2pError} CONTROL_UNAVAILABLE, CONTROL_TIMEOUT, STATE
   */
  async clients(): Promise<readonly ClientView[]> {
    return this.#operate({ kind: 'clients' });
  }

  /**
   * Invites a phone into the running group, or without one into the persistent group, which then starts. Returns when the
   * phone has accepted the invitation or asks its user.
   * @param signal ends the wait with CONTROL_CLOSED
   * @throws {HostP2pError} COMMAND_INVALID, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async invite(deviceAddress: string, signal?: AbortSignal): Promise<void> {
    await this.#operate({ kind: 'invite', deviceAddress: deviceAddressOf(deviceAddress) }, signal);
  }

  /**
   * Disconnects a station. One that knows the group usually comes back at once; see {@link forget}.
   * @param address P2P device address, or the interface address of a station without Wi-Fi Direct
   * @throws {HostP2pError} COMMAND_INVALID, DEVICE_UNKNOWN, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async disconnect(address: string): Promise<void> {
    await this.#operate({ kind: 'disconnect', address: deviceAddressOf(address) });
  }

  /**
   * Removes a phone from the list of those that have joined, and disconnects it. With `per_sta_psk` it cannot come back
   * by itself; without, it still knows the passphrase of the group.
   * @throws {HostP2pError} COMMAND_INVALID, DEVICE_UNKNOWN if it has never joined; COMMAND_REFUSED,
   * CONTROL_UNAVAILABLE, STATE
   */
  async forget(deviceAddress: string): Promise<void> {
    const address = deviceAddressOf(deviceAddress);
    const joined = [...(await this.clients()), ...this.stations];
    // wpa_supplicant answers OK for any address.
    if (!joined.some((device) => device.deviceAddress === address))
      throw new HostP2pError(
        'DEVICE_UNKNOWN',
        `forget: expected a phone that has joined, got ${address}; see "clients"`,
      );
    await this.#operate({ kind: 'forget', deviceAddress: address });
  }

  /**
   * Opens the pairing window for `max_negotiation_time`: any device, or the one that is named, may join by that method,
   * whatever the settings say. A window that is open already is replaced.
   * @returns the window; with `pin` the PIN to type on the phone
   * @throws {HostP2pError} COMMAND_INVALID, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async pair(options: PairOptions = {}): Promise<PairingView> {
    const { method } = this.#running().runner.state;
    const wanted = pairingOf(options, method.used);
    await this.#operate({ kind: 'pair', ...wanted });
    // It may be closed already: by a phone whose user pressed the button first.
    return this.status.pairing ?? { ...wanted, secondsLeft: 0 };
  }

  /** Closes the pairing window; does nothing if none is open. @throws {HostP2pError} STATE */
  async stopPairing(): Promise<void> {
    await this.#operate({ kind: 'stop-pairing' });
  }

  /**
   * Forms the group now, whenever the settings would form it, and undoes {@link stopGroup}. Returns when it is up.
   * @param signal ends the wait with CONTROL_CLOSED
   * @throws {HostP2pError} COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async startGroup(signal?: AbortSignal): Promise<void> {
    await this.#operate({ kind: 'start-group' }, signal);
  }

  /**
   * Removes the group, and forms none until {@link startGroup}. Returns when it is gone.
   * @param signal ends the wait with CONTROL_CLOSED; the group is removed all the same
   * @throws {HostP2pError} COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async stopGroup(signal?: AbortSignal): Promise<void> {
    await this.#operate({ kind: 'stop-group' }, signal);
  }

  /** Until {@link resume}: admits no one, forms no group and stops searching. Connected stations stay. @throws {HostP2pError} STATE */
  async pause(): Promise<void> {
    await this.#operate({ kind: 'pause' });
  }

  /** Ends {@link pause}: forms the group and searches as the settings say. @throws {HostP2pError} STATE */
  async resume(): Promise<void> {
    await this.#operate({ kind: 'resume' });
  }

  /**
   * Searches for devices.
   * @param seconds 1 to 120; returns after that time, or when `signal` aborts
   * @returns the devices found in that time
   * @throws {HostP2pError} COMMAND_INVALID, COMMAND_REFUSED, CONTROL_UNAVAILABLE, STATE
   */
  async find(seconds = 10, signal?: AbortSignal): Promise<readonly PeerView[]> {
    checkFindSeconds(seconds);
    const found = new Set<string>();
    const off = this.on('wpaEvent', ({ event }) => {
      if (event.type === 'P2P-DEVICE-FOUND') found.add(event.deviceAddress);
    });
    try {
      await this.#operate({ kind: 'find', seconds });
      await setTimeout(seconds * 1000, undefined, { signal }).catch(() => {});
    } finally {
      off();
    }
    return [...this.peers.values()].filter(({ deviceAddress }) => found.has(deviceAddress));
  }

  /**
   * Sends a request of the control interface past the session, for what the session has no method for.
   * @param link the P2P device interface, or the group's
   * @returns wpa_supplicant's reply as it comes, including a refusal (`FAIL`)
   * @throws {HostP2pError} COMMAND_INVALID, CONTROL_UNAVAILABLE, CONTROL_TIMEOUT, CONTROL_CLOSED, STATE
   */
  async wpa(command: string, link: 'device' | 'group' = 'device'): Promise<string> {
    const request = requestOf(command);
    return this.#running().runner.links.ask(link, request);
  }

  /** The stations with what the radio knows of each. @throws {HostP2pError} STATE */
  async stationDetails(): Promise<readonly StationDetail[]> {
    const { links } = this.#running().runner;
    const details = this.stations.map(async (station) => {
      // It may leave in the meantime; then nothing is known of it.
      const reply = await links.ask('group', sta(station.address)).catch(() => '');
      return { ...station, ...parseStationCounters(reply) };
    });
    return Promise.all(details);
  }

  /**
   * The passphrase by which stations without Wi-Fi Direct join the running group.
   * @throws {HostP2pError} STATE if no group is running; COMMAND_REFUSED, CONTROL_UNAVAILABLE
   */
  async passphrase(): Promise<string> {
    const { links } = this.#running().runner;
    const { group } = this.status;
    if (!group) throw new HostP2pError('STATE', 'no group is running');
    const reply = await links.ask('group', P2P_GET_PASSPHRASE);
    const announced = links.announcedPassphrase(group.interface);
    if (isUnknownCommand(reply)) {
      if (announced !== null) return announced;
      throw new HostP2pError('COMMAND_REFUSED', CANNOT_BE_ASKED);
    }
    if (isFailure(reply)) throw new HostP2pError('COMMAND_REFUSED', withoutPassphrase(group.networkId));
    // It may end with a blank.
    return reply.replace(/\n$/, '');
  }

  #running(): RunningSession {
    if (!this.#session) throw new HostP2pError('STATE', 'the session is not running');
    return this.#session;
  }

  async #operate(command: OperatorCommand, signal?: AbortSignal): Promise<readonly ClientView[]> {
    const answer = await this.#running().runner.operate(command, signal);
    if (!answer.ok) throw new HostP2pError(answer.code, whyRefused(answer.reason));
    return answer.clients;
  }

  /** Registers the secrets of a configuration, and logs its warnings. */
  #review(configuration: Configuration): void {
    secrets.register(...secretsIn(configuration.settings));
    for (const warning of configuration.warnings) this.#logger.log('warning', formatProblems([warning]));
  }
}

const CANNOT_BE_ASKED =
  'this wpa_supplicant cannot be asked for the passphrase (it does not know P2P_GET_PASSPHRASE), and it has told none when the group began';

/** wpa_supplicant has no passphrase to tell where the profile holds only a key (p2p_supplicant.c, wpas_p2p_get_passphrase). */
function withoutPassphrase(networkId: number | null): string {
  const remove = networkId === null ? '' : ` after "hostp2pd wpa REMOVE_NETWORK ${networkId}"`;
  return (
    'the group has no passphrase, only a key of 64 hexadecimal digits, which phones cannot be given; let psk be one of 8 to ' +
    `63 characters in double quotes: in its network block of wpa_supplicant.conf, or in network_parms${remove}`
  );
}
