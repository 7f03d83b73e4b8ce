import type { Settings } from '../config/schema.js';
import type { LogLevel } from '../logging/logger.js';
import type { Position } from '../recording/format.js';
import type { Recorder } from '../recording/recorder.js';
import { react, settle } from '../session/machine.js';
import type { Effect, Input, World } from '../session/messages.js';
import type { TimerName } from '../session/model.js';
import { INITIAL, type SessionState } from '../session/model.js';
import type { PhaseName } from '../session/phase.js';
import type { OperatorAnswer, OperatorCommand } from '../session/session-event.js';
import type { Transition } from '../session/transition.js';
import type { Timer } from '../system/clock.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import type { AddressService } from './address-service.js';
import { configFileOf } from './config-file.js';
import { eventText } from './event-text.js';
import { freshPin } from './fresh-pin.js';
import type { GroupStore } from './group-store.js';
import type { HookCaller } from './hook-caller.js';
import type { KnownAddresses } from './known-addresses.js';
import { inputText, noticeText } from './notice-text.js';
import type { PeerRegister } from './peer-register.js';
import type { PinStation } from './pin-module.js';
import { publicEvent } from './public-event.js';
import { investigateLoss, radioBlock } from './radio.js';
import { whyRefused, wrongInterfaceText } from './refusal-text.js';
import { type SessionLinkParts, SessionLinks } from './session-links.js';

/** What the runner works with. */
interface RunnerParts extends Omit<SessionLinkParts, 'feed' | 'wantsDebug'> {
  readonly settings: Settings;
  readonly hooks: HookCaller;
  readonly peers: PeerRegister;
  readonly addresses: AddressService;
  readonly knownAddresses: KnownAddresses;
  readonly store: GroupStore;
  /** The PIN for a station, given the one of the settings. */
  readonly askPin: (pin: string, station: PinStation) => Promise<string>;
  /** The machine has taken an input. */
  readonly onStep: () => void;
  /** The machine has entered another phase, and the effects of that step are under way. */
  readonly onPhase: () => void;
  /** The machine gave up: the session is ending with this error. */
  readonly onFailure: (error: HostP2pError) => void;
  readonly onEnd: () => void;
}

/**
 * The imperative shell around the session machine: gives it inputs one at a time, keeps its state, and carries out
 * its effects. Inputs that arise meanwhile are queued, so an effect never re-enters the transition.
 */
export class SessionRunner {
  readonly links: SessionLinks;
  readonly #parts: RunnerParts;
  readonly #timers = new Map<TimerName, Timer>();
  readonly #inputs: { readonly input: Input; readonly text?: string }[] = [];
  /** A reload may name another; the links stay where the session began. */
  readonly #controlFolder: string;
  readonly #answers = new Map<number, (answer: OperatorAnswer) => void>();
  readonly #pulses: { readonly taken: () => void; readonly ended: (error: HostP2pError) => void }[] = [];
  readonly #configFile = () => configFileOf(this.#deviceInterface);
  readonly #peerName = (address: string) => this.#parts.peers.name(address);
  readonly #radioBlock = () => radioBlock(this.#deviceInterface);
  #commands = 0;
  #settings: Settings;
  #state: SessionState = INITIAL;
  #recorder: Recorder | null = null;
  #busy = false;
  /** Whether debug lines are wanted. Looked up after each step rather than before: a phone waits for the step. */
  #debug: boolean;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#controlFolder = parts.settings.ctrl_interface;
    this.links = new SessionLinks(this.#controlFolder, {
      ...parts,
      feed: (input, text) => this.feed(input, text),
      wantsDebug: () => this.#debug,
    });
    this.#debug = parts.logger.wants('debug');
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What the machine has now, for the head of a recording. */
  get position(): Position {
    return {
      at: this.#parts.clock.now(),
      deviceInterface: this.#deviceInterface,
      settings: this.#settings,
      stored: this.#parts.store.current,
      peers: this.#parts.peers.recorded,
      state: this.#state,
    };
  }

  /** Each step from now on goes there. */
  record(recorder: Recorder | null): void {
    this.#recorder = recorder;
  }

  /** Opens the link to the P2P device interface, which is kept open from then on. */
  attach(deviceInterface: string): void {
    this.links.openDevice(deviceInterface);
    // While the first reply is on its way; no group is chosen before it.
    this.#parts.knownAddresses.open(deviceInterface);
    const stored = this.#parts.store.open(deviceInterface);
    this.#parts.onSecret(stored?.passphrase ?? stored?.psk ?? '');
  }

  /** Puts new settings in force. */
  configure(settings: Settings): void {
    this.#settings = settings;
    this.feed({ type: 'configure' });
  }

  /**
   * Carries out an operator's command; settles when it is done or the session ends. Never rejects.
   * @param signal ends the wait for the group or a phone; what was started goes on
   */
  operate(command: OperatorCommand, signal?: AbortSignal): Promise<OperatorAnswer> {
    const id = this.#commands++;
    const gone = (): void => this.feed({ type: 'operator-gone', id });
    signal?.addEventListener('abort', gone, { once: true });
    return new Promise((resolve) => {
      this.#answers.set(id, (answer) => {
        signal?.removeEventListener('abort', gone);
        resolve(answer);
      });
      this.feed({ type: 'operator', id, command });
      if (signal?.aborted) gone();
    });
  }

  /** Settles when the machine has taken one more input. @throws {HostP2pError} STATE if the session ends first */
  pulse(): Promise<void> {
    return new Promise((taken, ended) => {
      this.#pulses.push({ taken, ended });
      this.feed({ type: 'pulse' });
    });
  }

  /** Hands one input to the machine; returns when its effects are under way. */
  feed(input: Input, text?: string): void {
    if (this.#busy) {
      this.#inputs.push(text === undefined ? { input } : { input, text });
      return;
    }
    this.#busy = true;
    try {
      this.#step(input, text);
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift())
        this.#step(next.input, next.text);
    } finally {
      this.#busy = false;
      this.#debug = this.#parts.logger.wants('debug');
    }
  }

  /** Ends links and timers, whatever the machine's state. */
  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.links.close();
    const ended = { ok: false, code: 'STATE', reason: { cause: 'session-ended' } } as const;
    for (const answer of this.#answers.values()) answer(ended);
    this.#answers.clear();
    for (const pulse of this.#pulses.splice(0))
      pulse.ended(new HostP2pError(ended.code, whyRefused(ended.reason)));
  }

  /** Empty before the session has its interface. */
  get #deviceInterface(): string {
    return this.links.deviceInterface ?? '';
  }

  #step(input: Input, text: string | undefined): void {
    const { clock, logger } = this.#parts;
    const recorder = this.#recorder;
    const own: World = {
      now: clock.now(),
      settings: this.#settings,
      deviceInterface: this.#deviceInterface,
      configFile: this.#configFile,
      peerName: this.#peerName,
      stored: this.#parts.store.current,
      freshPin,
      radioBlock: this.#radioBlock,
    };
    const world = recorder ? recorder.watch(own) : own;
    const before = this.#state.phase.name;
    let effects: readonly Effect[] | undefined;
    let thrown: string | undefined;
    try {
      const t = react(this.#state, input, world);
      const sent = this.#sendFirst(t, before);
      const decision = settle(t, input);
      effects = decision.effects;
      this.#state = decision.state;
      if (this.#debug && before !== this.#state.phase.name) {
        logger.log('debug', `${before} → ${this.#state.phase.name} (${inputText(input)})`);
      }
      for (const effect of effects.slice(sent)) this.#perform(effect);
    } catch (error) {
      if (!effects) thrown = messageOf(error);
      throw error;
    } finally {
      const phase = this.#state.phase.name;
      const changes = { ...(phase !== before && { phase }), ...(thrown !== undefined && { thrown }) };
      recorder?.note({ at: world.now, input, text, effects: effects ?? [], ...changes }, world);
    }
    this.#parts.onStep();
    if (before !== this.#state.phase.name) this.#parts.onPhase();
  }

  /**
   * Sends the requests with which the effects begin, if the phase stays: a phone waits for them, and the rest of the step
   * takes as long as the reaction itself.
   * @returns how many effects that were
   */
  #sendFirst({ state, effects }: Transition, before: PhaseName): number {
    if (state.phase.name !== before) return 0;
    let sent = 0;
    for (const effect of effects) {
      if (effect.type !== 'request') break;
      this.links.request(effect);
      sent++;
    }
    return sent;
  }

  #perform(effect: Effect): void {
    const { clock, hooks, logger, peers, emit } = this.#parts;
    switch (effect.type) {
      case 'request':
        return this.links.request(effect);
      case 'open-group':
        return this.links.openGroup(effect.interface);
      case 'close-group':
        return this.links.closeGroup();
      case 'investigate-loss':
        investigateLoss(effect, this.#deviceInterface, this.#controlFolder).then((report) =>
          this.feed({ type: 'loss-investigated', ...report }),
        );
        return;
      case 'serve-addresses':
        return this.#parts.addresses.serve(effect.interface, this.#deviceInterface, this.#settings);
      case 'withdraw-addresses':
        return this.#parts.addresses.withdraw();
      case 'expect-lease':
        return this.#parts.addresses.expectLease();
      case 'note-address':
        return this.#parts.knownAddresses.note(effect.address, effect.ip);
      case 'seek-address':
        return this.#parts.knownAddresses.seek(effect.interface, effect.address);
      case 'confirm-address':
        return this.#parts.knownAddresses.confirm(effect.interface, effect.address);
      case 'timer': {
        const { timer, ms } = effect;
        this.#timers.get(timer)?.cancel();
        const fire = () => {
          this.#timers.delete(timer);
          this.feed({ type: 'timer', timer });
        };
        this.#timers.set(timer, clock.after(ms, fire));
        return;
      }
      case 'cancel':
        this.#timers.get(effect.timer)?.cancel();
        this.#timers.delete(effect.timer);
        return;
      case 'hook':
        if (hooks.active) this.#parts.statistics.count('hooks');
        hooks.call(effect.event, () => {
          const { event, call } = effect;
          if (call !== null) this.feed({ type: 'hook-done', hook: event.hook, call });
        });
        return;
      case 'remember': {
        const peer = peers.remember(effect.address, effect.name, effect.deviceType);
        if (peer) emit({ type: 'peerFound', peer });
        return;
      }
      case 'ask-pin':
        return this.#askPin(effect);
      case 'store':
        this.#parts.store.save(effect.group);
        return;
      case 'answer': {
        const answer = this.#answers.get(effect.id);
        this.#answers.delete(effect.id);
        answer?.(effect.answer);
        return;
      }
      case 'pulse':
        for (const pulse of this.#pulses.splice(0)) pulse.taken();
        return;
      case 'log':
        if (this.#wants(effect.level)) logger.log(effect.level, noticeText(effect.notice));
        return;
      case 'emit':
        this.#report(effect);
        return;
      case 'fail':
        this.#parts.onFailure(new HostP2pError(effect.code, wrongInterfaceText(effect)));
        return;
      case 'end':
        this.close();
        this.#parts.onEnd();
        return;
      default:
        effect satisfies never;
    }
  }

  /** Whether a line of that level is worth its words. */
  #wants(level: LogLevel): boolean {
    return this.#debug || level !== 'debug';
  }

  /** An event goes to the log and to the listeners. */
  #report(effect: Extract<Effect, { type: 'emit' }>): void {
    const { emit, logger, statistics } = this.#parts;
    const event = publicEvent(effect.event);
    if (effect.level !== null && this.#wants(effect.level)) logger.log(effect.level, eventText(event));
    statistics.countSessionEvent(event.type);
    emit(event);
  }

  #askPin({ deviceAddress, name, pin, call }: Extract<Effect, { type: 'ask-pin' }>): void {
    this.#parts
      .askPin(pin, { deviceAddress, name })
      .then(
        (own): Input => ({ type: 'pin', deviceAddress, call, pin: own, reason: '' }),
        (error: unknown): Input => {
          return { type: 'pin', deviceAddress, call, pin: null, reason: messageOf(error) };
        },
      )
      .then((input) => this.feed(input));
  }
}
