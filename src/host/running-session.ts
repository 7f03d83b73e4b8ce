import type { Leases } from '../addressing/address-server.js';
import type { Configuration } from '../config/load.js';
import type { Logger } from '../logging/logger.js';
import type { Recorder } from '../recording/recorder.js';
import { techniqueName, techniqueOf } from '../session/selectors.js';
import type { StationView } from '../session/session-event.js';
import {
  enrolmentView,
  groupView,
  pairingView,
  secondsUntil,
  stationView,
  withoutAddress,
} from '../session/views.js';
import { systemClock } from '../system/clock.js';
import { HOOKS_AT_END_MS, RELEASE_MS } from '../system/end-limits.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import { fileIdentity, stateFolderOf, watchFolder } from '../system/folders.js';
import type { Problem, Problems } from '../system/problems.js';
import { secrets } from '../system/secrets.js';
import { stackOf } from '../system/stack.js';
import { within } from '../system/within.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { openUnixDatagram } from '../wpa/unix-datagram.js';
import { AddressService } from './address-service.js';
import { admissionView } from './admission-view.js';
import type { EventHub } from './event-hub.js';
import { GroupStore } from './group-store.js';
import { HookCaller } from './hook-caller.js';
import { InterfaceSearch } from './interface-search.js';
import { KnownAddresses } from './known-addresses.js';
import { limitsOf } from './limits.js';
import { noGroup } from './no-group.js';
import { type HostP2pDOptions, hookProgramOf, pinModuleOf, recordFileOf } from './options.js';
import type { PeerRegister } from './peer-register.js';
import type { PinSource } from './pin-module.js';
import type { SessionEvent } from './public-event.js';
import { SessionRunner } from './runner.js';
import type { Statistics } from './statistics.js';
import type { ConditionView, StatusView } from './status.js';
import { watchSupplicantEnd } from './supplicant-end.js';

/** For hooks that were queued behind `terminated`, which has been waited for. */
const HOOK_GRACE_MS = 1_000;

interface SessionParts {
  readonly logger: Logger;
  readonly peers: PeerRegister;
  readonly statistics: Statistics;
  readonly pins: PinSource;
  readonly problems: Problems;
  readonly events: EventHub;
  /** The session takes no more commands. */
  readonly onEnding: () => void;
  /** Everything has been released. The error is the one that ended the session; null after a stop. */
  readonly onEnd: (error: HostP2pError | null) => void;
}

/** A session from the moment when its configuration is known until everything that it uses has been released. */
export class RunningSession {
  readonly runner: SessionRunner;
  readonly #options: HostP2pDOptions;
  readonly #parts: SessionParts;
  readonly #folder = ClientFolder.open();
  readonly #hooks: HookCaller;
  readonly #store: GroupStore;
  readonly #addresses: AddressService;
  readonly #knownAddresses: KnownAddresses;
  readonly #search: InterfaceSearch;
  #configuration: Configuration;
  #recorder: Recorder | null = null;
  /** Since when a group is up, or none. */
  #group = { up: false, since: new Date() };
  /** Settles when recordings have begun and ended as configured. */
  #recording: Promise<void> = Promise.resolve();
  /** The machine has its input `start`, so that it calls the hook `terminated` at the end. */
  #announced = false;
  #stopping = false;
  #finished = false;
  #failure: HostP2pError | null = null;

  /** @throws {HostP2pError} SOCKET_PATH */
  constructor(configuration: Configuration, options: HostP2pDOptions, parts: SessionParts) {
    this.#configuration = configuration;
    this.#options = options;
    this.#parts = parts;
    const { settings } = configuration;
    const { logger, peers, statistics, pins, events, problems } = parts;
    const emit = (event: SessionEvent): void => events.emit(event);
    const clock = systemClock;
    const stateFolder = stateFolderOf(settings.state_folder);
    this.#hooks = new HookCaller(hookProgramOf(configuration, options), logger, problems.of('hooks'));
    this.#store = new GroupStore(stateFolder, logger, problems.of('state file'));
    const onLeases = (leases: Leases) => this.runner.feed({ type: 'leases', leases });
    this.#addresses = new AddressService({ logger, clock, stateFolder, onLeases, problems });
    this.#knownAddresses = new KnownAddresses({
      ...{ logger, stateFolder },
      onConfirmed: (address, ip) => this.runner.feed({ type: 'address-confirmed', address, ip }),
      onIpv6Confirmed: (address, ipv6) => this.runner.feed({ type: 'ipv6-confirmed', address, ipv6 }),
      onMissing: (address) => this.runner.feed({ type: 'no-address', address }),
    });
    pins.configure(pinModuleOf(configuration, options));
    const linkParts = {
      ...{ open: openUnixDatagram, clock, logger },
      ...{ watch: watchFolder, watchEnd: watchSupplicantEnd, identify: fileIdentity, folder: this.#folder },
    };
    this.runner = new SessionRunner({
      ...linkParts,
      ...{ settings, peers, statistics, emit },
      ...{ hooks: this.#hooks, store: this.#store },
      ...{ addresses: this.#addresses, knownAddresses: this.#knownAddresses },
      askPin: (pin, station) => pins.ask(pin, station),
      onPhase: () => events.emitPhase(),
      onStep: () => this.#noteLimits(),
      onSecret: (secret) => secrets.remember(secret),
      onFailure: (error) => {
        this.#failure = error;
      },
      onEnd: () => void this.#finish(HOOK_GRACE_MS),
      onHeartbeat: options.onHeartbeat,
    });
    this.#search = new InterfaceSearch(settings, {
      ...linkParts,
      found: (name) => void this.#attach(name),
      emit: (event) => {
        this.#announce();
        emit(event);
      },
    });
  }

  /** Looks for the interface, and attaches to it. What is recorded is recorded from the first step on. */
  async start(): Promise<void> {
    if (recordFileOf(this.#configuration, this.#options) !== null) {
      this.#followRecord();
      await this.#recording;
    }
    if (!this.#stopping) this.#search.start();
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  configure(configuration: Configuration): void {
    const { logger, pins } = this.#parts;
    const former = this.#configuration.settings;
    for (const key of ['interface', 'ctrl_interface', 'state_folder'] as const) {
      if (configuration.settings[key] !== former[key])
        logger.log('warning', `${key}: the new value takes effect at the next start`);
    }
    this.#configuration = configuration;
    pins.configure(pinModuleOf(configuration, this.#options));
    this.#hooks.configure(hookProgramOf(configuration, this.#options));
    this.#followRecord();
    this.runner.configure(configuration.settings);
    logger.log('info', 'configuration reloaded');
  }

  /** Ends the session; `onEnd` is called when that is done. */
  stop(): void {
    this.#stopping = true;
    try {
      if (this.#announced) {
        this.runner.feed({ type: 'stop' });
        return;
      }
    } catch (error) {
      // A bug may have ended the session, and may throw again: it ends without its state machine.
      this.#parts.logger.log('error', `the session cannot end properly: ${stackOf(error)}`);
      this.#hooks.call({ hook: 'terminated' }, () => {});
    }
    this.runner.close();
    this.#parts.events.emit({ type: 'stopped' });
    void this.#finish(HOOKS_AT_END_MS);
  }

  get status(): StatusView {
    const { links, state } = this.runner;
    const { phase, enrolments, pairing, operator, supplicant } = state;
    const { settings } = this.#configuration;
    const now = systemClock.now();
    return {
      phase: phase.name,
      interface: links.deviceInterface,
      attached: links.attached,
      eventsHeldBack: supplicant.heldBack.device ?? supplicant.heldBack.group,
      group: phase.name === 'running' ? groupView(phase.group) : null,
      groupSince: this.#group.up ? this.#group.since.toISOString() : null,
      noGroup: this.#noGroup(now),
      technique: techniqueName(techniqueOf(settings)),
      admission: admissionView(state, settings, now),
      enrolling: enrolments.map((one) => enrolmentView(one, settings.max_negotiation_time, now)),
      pairing: pairing && pairingView(pairing, now),
      paused: operator.paused,
      groupStopped: operator.groupStopped,
      withoutAddress: phase.name === 'running' ? withoutAddress(phase.group) : [],
      addresses: this.#addresses.view,
      problems: this.#problems(now),
      hook: hookProgramOf(this.#configuration, this.#options)?.path ?? null,
      recording: this.#recorder?.active ? this.#recorder.file : null,
    };
  }

  get stations(): readonly StationView[] {
    const { phase } = this.runner.state;
    return phase.name === 'running' ? [...phase.group.stations.values()].map(stationView) : [];
  }

  #noGroup(now: number): StatusView['noGroup'] {
    const { links, state } = this.runner;
    const found = noGroup(state, this.#configuration.settings, links.problem ?? this.#search.problem);
    if (!found) return null;
    return { cause: found.cause, ...conditionView({ ...found, since: this.#group.since }, now) };
  }

  #problems(now: number): StatusView['problems'] {
    // Some are over at a time at which nothing happens.
    this.#noteLimits();
    return this.#parts.problems.list.map((problem) => {
      return { subject: problem.subject, ...conditionView(problem, now) };
    });
  }

  #noteLimits(): void {
    const { state } = this.runner;
    const up = state.phase.name === 'running';
    if (up !== this.#group.up) this.#group = { up, since: new Date() };
    const { group, events, admission, settings } = limitsOf(state, systemClock.now());
    const { problems } = this.#parts;
    problems.report('group', group);
    problems.report('events', events);
    problems.report('admission', admission);
    problems.report('settings', settings);
  }

  async #attach(name: string): Promise<void> {
    try {
      await this.#options.beforeAttach?.(name);
    } catch (error) {
      if (this.#finished) return;
      this.#failure =
        error instanceof HostP2pError ? error : new HostP2pError('STATE', stackOf(error), { cause: error });
      this.stop();
      return;
    }
    // It may have been stopped in the meantime.
    if (this.#stopping || this.#finished) return;
    this.#hooks.setInterface(name);
    this.#announce();
    this.runner.attach(name);
    void this.#addresses.clearLeftOver(name, this.#configuration.settings);
  }

  /** Begins or ends the recording, or goes on in another file. */
  #followRecord(): void {
    const file = recordFileOf(this.#configuration, this.#options);
    const { logger } = this.#parts;
    const follow = async (): Promise<void> => {
      if (file === (this.#recorder?.file ?? null) || this.#finished) return;
      await this.#endRecording();
      if (file === null) return;
      const { Recorder } = await import('../recording/recorder.js');
      const onProblem = this.#parts.problems.of('recording');
      this.#recorder = new Recorder({ file, logger, onProblem, position: () => this.runner.position });
      this.runner.record(this.#recorder);
    };
    this.#recording = this.#recording
      .then(follow)
      .catch((error: unknown) => logger.log('error', `nothing is recorded: ${messageOf(error)}`));
  }

  async #endRecording(): Promise<void> {
    this.runner.record(null);
    await this.#recorder?.close();
    this.#recorder = null;
    this.#parts.problems.report('recording', null);
  }

  /** Starts the machine, which calls the first hook: once there is an interface, or the session waits for one. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.runner.feed({ type: 'start' });
  }

  /** @param hooksMs how long hooks may still run */
  async #finish(hooksMs: number): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    this.#parts.onEnding();
    this.#search.close();
    try {
      await this.#hooks.close(hooksMs);
      const releases = [this.#addresses, this.#knownAddresses, this.#store].map((one) => one.close());
      const recorded = this.#recording.then(() => this.#endRecording());
      await within(RELEASE_MS, Promise.all([...releases, recorded]), () => {});
    } finally {
      // A bug above is reported as an unhandled rejection, and the session ends nevertheless.
      this.#folder.close();
      this.#parts.onEnd(this.#failure);
    }
  }
}

function conditionView(
  { reason, since, waitsFor, nextTryAt }: Problem & { readonly since: Date },
  now: number,
): ConditionView {
  const nextTrySeconds = nextTryAt === null ? null : secondsUntil(nextTryAt, now);
  return { reason, since: since.toISOString(), waitsFor, nextTrySeconds };
}
