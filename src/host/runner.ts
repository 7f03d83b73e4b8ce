import type { Settings } from '../config/schema.js';
import { describeInput } from '../session/describe-input.js';
import { parentOf } from '../session/group-name.js';
import type { Effect, Input, RequestTarget, TimerName, World } from '../session/messages.js';
import type { LinkName, SessionState } from '../session/model.js';
import { INITIAL } from '../session/model.js';
import type { LinkProblem } from '../session/no-group.js';
import type { OperatorAnswer, OperatorCommand, PairingMethod } from '../session/operator-command.js';
import { transition } from '../session/transition.js';
import type { Timer } from '../system/clock.js';
import { causeOf, HostP2pError, messageOf } from '../system/errors.js';
import { HIDDEN } from '../system/secrets.js';
import type { Outcome } from '../wpa/channel.js';
import { P2P_GET_PASSPHRASE, tellsSecret } from '../wpa/command.js';
import { ControlLink, type LinkListener } from '../wpa/link.js';
import { isFailure } from '../wpa/reply.js';
import { Questions } from './ask-control.js';
import { suspects } from './control-clients.js';
import type { RunnerParts, Step } from './runner-parts.js';
import { explain } from './waiting.js';

/**
 * The imperative shell around the session machine: gives it inputs one at a time, keeps its state, and carries out
 * its effects. Inputs that arise meanwhile wait, so an effect never re-enters the transition.
 */
export class SessionRunner {
  readonly #parts: RunnerParts;
  readonly #timers = new Map<TimerName, Timer>();
  readonly #inputs: { readonly input: Input; readonly text?: string }[] = [];
  readonly #questions: Questions;
  /** A reload may name another; both links stay where the session began. */
  readonly #controlFolder: string;
  readonly #answers = new Map<number, (answer: OperatorAnswer) => void>();
  readonly #pulses: { readonly taken: () => void; readonly ended: (error: HostP2pError) => void }[] = [];
  #commands = 0;
  #settings: Settings;
  #state: SessionState = INITIAL;
  #device: ControlLink | null = null;
  #group: ControlLink | null = null;
  #busy = false;
  /** Whether debug lines are wanted: asked after each step, for before it a phone waits. */
  #debug: boolean;
  readonly #lastWaiting: Record<LinkName, string> = { device: '', group: '' };
  /** Why the link to the device interface is down; null where it is not known to be. */
  #deviceProblem: string | null = null;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#controlFolder = parts.settings.ctrl_interface;
    this.#questions = new Questions(this.#controlFolder, parts);
    this.#debug = parts.logger.wants('debug');
  }

  get state(): SessionState {
    return this.#state;
  }

  get deviceInterface(): string | null {
    return this.#device?.interface ?? null;
  }

  get attached(): boolean {
    return this.#device?.attached ?? false;
  }

  /** What stands in the way of the link to wpa_supplicant; null while there is one, and before the first try. */
  get linkProblem(): LinkProblem | null {
    const device = this.#device;
    if (!device || device.attached || this.#deviceProblem === null) return null;
    return { reason: this.#deviceProblem, nextTryAt: device.nextTryAt };
  }

  /** Opens the link to the P2P device interface and keeps it open. */
  attach(deviceInterface: string): void {
    if (this.#device) throw new HostP2pError('STATE', `already bound to ${this.#device.interface}`);
    this.#parts.hooks.setInterface(deviceInterface);
    this.#device = this.#openLink('device', deviceInterface);
    this.#device.open();
    // While the first answer is on its way; no group is chosen before it.
    this.#parts.addresses.open(deviceInterface);
    const stored = this.#parts.store.open(deviceInterface);
    this.#parts.onSecret(stored?.passphrase ?? stored?.psk ?? '');
  }

  /** Puts new settings in force. */
  configure(settings: Settings): void {
    this.#settings = settings;
    this.feed({ type: 'configure' });
  }

  /**
   * Has an operator's command carried out; settles when it is done, or the session ends.
   * @param signal aborts the wait for the group or a phone; what has been begun goes on
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

  /** Settles when the machine has taken one more input. @throws {HostP2pError} STATE where the session ends first */
  pulse(): Promise<void> {
    return new Promise((taken, ended) => {
      this.#pulses.push({ taken, ended });
      this.feed({ type: 'pulse' });
    });
  }

  /** The way in that the settings, or wpa_supplicant's, have chosen. */
  get pairingMethod(): PairingMethod {
    return this.#state.method === 'keypad' ? 'pin' : 'pbc';
  }

  /** Sends a request past the machine. @throws {HostP2pError} as {@link ControlLink.request} reports */
  send(link: LinkName, command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#send(link, command, (outcome) => {
        if ('reply' in outcome) resolve(outcome.reply);
        else reject(outcome.error);
      });
    });
  }

  /** Hands one input to the machine; returns when its effects are under way. */
  feed(input: Input, text?: string): void {
    this.#inputs.push(text === undefined ? { input } : { input, text });
    if (this.#busy) return;
    this.#busy = true;
    try {
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
    this.#closeGroup();
    this.#device?.close();
    this.#questions.close();
    const ended = { ok: false, code: 'STATE', message: 'the session has ended' } as const;
    for (const answer of this.#answers.values()) answer(ended);
    this.#answers.clear();
    for (const pulse of this.#pulses.splice(0)) pulse.ended(new HostP2pError(ended.code, ended.message));
  }

  /** A group that runs on the device's own interface has no link of its own. */
  #closeGroup(): void {
    const group = this.#group;
    // Before its requests end: nothing that was asked over it counts any more.
    this.#group = null;
    if (group !== this.#device) group?.close();
  }

  #openGroup(interfaceName: string): void {
    this.#closeGroup();
    this.#lastWaiting.group = '';
    if (interfaceName === this.#device?.interface) {
      this.#group = this.#device;
      if (this.#device.attached) this.feed({ type: 'link-up', link: 'group' });
      return;
    }
    this.#group = this.#openLink('group', interfaceName);
    this.#group.open();
  }

  #step(input: Input, text: string | undefined): void {
    const { clock, logger, peers, record } = this.#parts;
    const world: World = {
      now: clock.now(),
      settings: this.#settings,
      deviceInterface: this.deviceInterface ?? '',
      configFile: () => this.#parts.configFile(this.deviceInterface ?? ''),
      peerName: (address) => peers.name(address),
      stored: this.#parts.store.current,
      radioBlock: () => this.#parts.radioBlock(this.deviceInterface ?? ''),
    };
    const { state, effects } = transition(this.#state, input, world);
    const before = this.#state.phase.name;
    this.#state = state;
    if (this.#debug && before !== state.phase.name) {
      logger.log('debug', `${before} → ${state.phase.name} (${describeInput(input)})`);
    }
    if (record)
      this.#record(record, { at: world.now, input, effects, ...(text === undefined ? {} : { text }) });
    for (const effect of effects) this.#perform(effect);
    if (before !== state.phase.name) this.#parts.onPhase();
  }

  /** Whose recorder fails must not lose the effects of the step. */
  #record(record: (step: Step) => void, step: Step): void {
    try {
      record(step);
    } catch (error) {
      this.#parts.logger.log('error', `the recorder failed: ${String(error)}`);
    }
  }

  #perform(effect: Effect): void {
    const { clock, hooks, logger, peers, emit } = this.#parts;
    switch (effect.type) {
      case 'request':
        return this.#request(effect);
      case 'open-group':
        return this.#openGroup(effect.interface);
      case 'close-group':
        return this.#closeGroup();
      case 'investigate-loss':
        this.#parts
          .investigateLoss(effect.interface, this.deviceInterface ?? '', this.#controlFolder)
          .then((report) => this.feed({ type: 'loss-investigated', ...report }));
        return;
      case 'serve-addresses':
        return this.#parts.addresses.serve(effect.interface, this.deviceInterface ?? '', this.#settings);
      case 'withdraw-addresses':
        return this.#parts.addresses.withdraw();
      case 'expect-lease':
        return this.#parts.addresses.expectLease();
      case 'note-address':
        return this.#parts.addresses.note(effect.address, effect.ip);
      case 'seek-address':
        return this.#parts.addresses.seek(effect.interface, effect.address);
      case 'confirm-address':
        return this.#parts.addresses.confirm(effect.interface, effect.address);
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
        logger.log(effect.level, effect.message);
        return;
      case 'emit':
        this.#parts.statistics.countSessionEvent(effect.event.type);
        emit(effect.event);
        return;
      case 'fail':
        this.#parts.onFailure(new HostP2pError(effect.code, effect.message));
        return;
      case 'end':
        this.close();
        this.#parts.onEnd();
        return;
    }
  }

  #askPin({ deviceAddress, name, pin, call }: Extract<Effect, { type: 'ask-pin' }>): void {
    this.#parts
      .askPin(pin, { deviceAddress, name })
      .then(
        (own): Input => ({ type: 'pin', deviceAddress, call, pin: own, reason: '' }),
        (error: unknown): Input => ({
          type: 'pin',
          deviceAddress,
          call,
          pin: null,
          reason: messageOf(error),
        }),
      )
      .then((input) => this.feed(input));
  }

  #request({ link, command, tag }: Extract<Effect, { type: 'request' }>): void {
    const group = this.#group;
    this.#send(link, command, (outcome) => {
      if (tag === null) return;
      // What was asked over a link that was closed or replaced meanwhile says nothing about the interface of the new one.
      // An operator still waits for the answer.
      if (link === 'group' && group !== this.#group && tag.kind !== 'operator') return;
      if ('reply' in outcome) this.feed({ type: 'reply', tag, reply: outcome.reply });
      // What cannot be sent counts as refused; the machine need not know by whom.
      else if (outcome.error.code === 'COMMAND_INVALID')
        this.feed({ type: 'reply', tag, reply: `FAIL (${outcome.error.message})` });
      else this.feed({ type: 'no-reply', tag, code: outcome.error.code, reason: outcome.error.message });
    });
  }

  #send(to: RequestTarget, command: string, then: (outcome: Outcome) => void): void {
    const { logger, statistics } = this.#parts;
    const radio = parentOf(this.deviceInterface ?? '');
    // Where there is no P2P device it is the same interface.
    const link = to === 'radio' && radio === this.deviceInterface ? 'device' : to;
    const target = link === 'device' ? this.#device : this.#group;
    const name = link === 'radio' ? radio : (target?.interface ?? link);
    if (this.#debug) logger.log('debug', `${name} ← ${command}`);
    const done = (outcome: Outcome): void => {
      const text = 'reply' in outcome ? outcome.reply : outcome.error.message;
      if (!('reply' in outcome) || isFailure(outcome.reply)) statistics.count('requestsFailed');
      const secret = 'reply' in outcome && tellsSecret(command) && !isFailure(outcome.reply);
      if (secret && command === P2P_GET_PASSPHRASE) this.#parts.onSecret(outcome.reply.trim());
      if (this.#debug) logger.log('debug', `${name} → ${secret ? HIDDEN : text.trimEnd()}`);
      then(outcome);
    };
    if (link === 'radio') this.#questions.ask(radio, command, done);
    else if (target) target.request(command, done);
    else
      done({ error: new HostP2pError('CONTROL_UNAVAILABLE', `there is no link to the ${link} interface`) });
    statistics.count('requests');
  }

  #openLink(name: LinkName, interfaceName: string): ControlLink {
    const folder = this.#controlFolder;
    // A link that was replaced may still have something to say, which is of no more interest.
    const current = () => (name === 'device' ? this.#device : this.#group) === link;
    const listener: LinkListener = {
      up: () => {
        this.#lastWaiting[name] = '';
        if (!current()) return;
        if (name === 'device') this.#deviceProblem = null;
        this.feed({ type: 'link-up', link: name });
      },
      down: (error) => {
        if (!current()) return;
        if (name === 'device') this.#deviceProblem = error.message;
        this.feed({ type: 'link-down', link: name, reason: error.message });
      },
      missed: () => {
        if (current()) this.feed({ type: 'link-missed', link: name });
      },
      deaf: () => {
        void this.#parts.controlClients(folder).then((clients) => {
          // With nobody who could hold them back it is a wpa_supplicant without debug messages.
          if (clients.length === 0 && !link.provesHearing) return;
          if (current() && link.deaf) this.feed({ type: 'link-deaf', link: name, reason: suspects(clients) });
        });
      },
      event: (event, text) => {
        const { logger, statistics, emit, onSecret } = this.#parts;
        if (event.type === 'P2P-GROUP-STARTED') onSecret(event.passphrase ?? event.psk ?? '');
        if (this.#debug) logger.log('debug', `${interfaceName} event ${text}`);
        if (current()) this.feed({ type: 'event', link: name, event }, text);
        // A phone waits for the reaction; nobody waits for the books.
        statistics.countEvent(event.type === 'unknown' ? event.name : event.type);
        emit({ type: 'wpaEvent', link: name, event });
      },
      waiting: (error) => {
        if (current()) this.#waiting(name, name === 'device' ? explain(error, folder, interfaceName) : error);
      },
    };
    const link: ControlLink = new ControlLink(folder, interfaceName, this.#parts, listener);
    return link;
  }

  /** A link says the same every few seconds; once is enough. */
  #waiting(link: LinkName, error: HostP2pError): void {
    if (link === 'device') this.#deviceProblem = error.message;
    const cause = causeOf(error.message);
    if (this.#lastWaiting[link] === cause) return;
    this.#lastWaiting[link] = cause;
    this.feed({ type: 'link-waiting', link, code: error.code, reason: error.message });
  }
}
