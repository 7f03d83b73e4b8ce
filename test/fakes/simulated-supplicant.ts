import assert from 'node:assert/strict';
import type { Effect, Input, RequestTarget, Tag } from '#src/session/messages.js';
import type { LinkName, TimerName } from '#src/session/model.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import type { Timer } from '#src/system/clock.js';
import { parseEvent } from '#src/wpa/event.js';
import { DEVICE, FILE_VALUES, OWN_ADDRESS } from '../unit/session/dialogue.js';
import { ManualClock } from './manual-clock.js';

/** The session core, as the simulation drives it: inputs in, effects out, at a time that the simulation sets. */
interface DrivenSession {
  now: number;
  readonly state: { readonly phase: { readonly name: string } };
  give(input: Input): { readonly effects: readonly Effect[] };
}

/** What the simulation needs to know of a station. */
interface SimulatedStation {
  /** Interface address. */
  readonly station: string;
  /** Its `AP-STA-DISCONNECTED` event. */
  readonly leaves: string;
  /** Its entry in the reply to `STA-FIRST`. */
  readonly entry: string;
}

/** How a test changes the simulation. Without it every request succeeds and nothing is late. */
export interface Conditions {
  /** The reply to a request: null for none, undefined for the simulation's own. */
  readonly reply?: (command: string, link: RequestTarget) => string | null | undefined;
  readonly replyMs?: () => number;
  readonly hookMs?: () => number;
  /** Whether an event comes later, and whether it comes twice. */
  readonly eventMs?: () => number;
  readonly repeatsEvent?: () => boolean;
  /** Called with each effect, before it is carried out. */
  readonly watch?: (effect: Effect) => void;
  /** Called after each step. */
  readonly check?: () => void;
}

/** The link reports a reply as missing after this time. */
const NO_REPLY_MS = 10_000;
const HEARTBEAT_MS = 10_000;
const HEARTBEATS_BETWEEN_LOOKS = 6;
const MAX_STEPS = 200_000;
const TRACE_LINES = 260;

/**
 * A wpa_supplicant that keeps groups, stations and what its registrar holds, and the shell around a session core: links,
 * timers, hooks and operators, on a simulated time.
 */
export class SimulatedSupplicant {
  /** The stations of each group, by its interface. */
  readonly groups = new Map<string, Set<SimulatedStation>>();
  /** What the registrar of each group holds. */
  readonly registrar = new Map<string, Set<string>>();
  /** The settings of wpa_supplicant; another program may change them. */
  readonly settings = new Map<string, string>();
  /** Interfaces that `INTERFACES` lists although no group runs there. */
  readonly leftovers: string[] = [];
  /** Operators' commands without an answer, and since when. */
  readonly unanswered = new Map<number, number>();
  /** `ok`, or the code of the error, of each operator's command that has an answer. */
  readonly answers = new Map<number, string>();
  /** Whether the control socket of a group's interface answers. */
  attaches = (name: string): boolean => this.groups.has(name) || this.leftovers.includes(name);
  /** Events are held back. */
  heldBack = false;
  readonly #session: DrivenSession;
  readonly #conditions: Conditions;
  readonly #attached = { device: false, group: false };
  readonly #trace: string[] = [];
  #running = true;
  readonly #clock = new ManualClock();
  readonly #began: number;
  readonly #timers = new Map<TimerName, Timer>();
  #asked: { readonly link: RequestTarget; readonly tag: Tag; readonly due: Timer }[] = [];
  readonly #nextReply = { device: 0, group: 0, radio: 0 };
  readonly #nextEvent = { device: 0, group: 0 };
  /** The interface to whose socket the core wants a link. */
  #group: string | null = null;
  #interfaces = 0;
  #operators = 0;
  #heartbeats = 0;

  constructor(session: DrivenSession, conditions: Conditions = {}) {
    this.#session = session;
    this.#began = session.now;
    this.#conditions = conditions;
    this.readFile();
    this.give({ type: 'start' });
    this.#attachDevice();
    this.#beat();
  }

  give(input: Input): void {
    const before = this.#phase;
    const { effects } = this.#session.give(input);
    const requests = effects.map((effect) => (effect.type === 'request' ? effect.command : ''));
    this.#trace.push(
      `${this.#session.now} ${before} → ${this.#phase}: ${JSON.stringify(input).slice(0, 150)} ⇒ ` +
        requests.filter(Boolean).join(' | ').slice(0, 200),
    );
    if (this.#trace.length > TRACE_LINES) this.#trace.shift();
    for (const effect of effects) this.#perform(effect);
  }

  get #phase(): string {
    return this.#session.state.phase.name;
  }

  /** Fails with the last steps and the two views of the groups. */
  fail(why: string): never {
    const groups = [...this.groups].map(([name, of]) => `${name}: ${[...of].map((s) => s.station)}`);
    const ours = JSON.stringify(this.#session.state.phase, (_, v) => (v instanceof Map ? [...v] : v));
    assert.fail(`${why}\n${this.#trace.join('\n')}\nsession: ${ours}\nsimulated: ${groups.join('; ')}`);
  }

  /** Lets that much time pass. */
  pass(ms: number): void {
    let steps = 0;
    this.#clock.advance(ms, () => {
      if (++steps > MAX_STEPS) this.fail('steps without end');
      this.#conditions.check?.();
    });
    this.#session.now = this.#began + this.#clock.now();
  }

  after(ms: number, run: () => void): Timer {
    return this.#clock.after(ms, () => {
      this.#session.now = this.#began + this.#clock.now();
      run();
    });
  }

  /** @returns the number of the command */
  operate(command: OperatorCommand): number {
    const id = this.#operators++;
    this.unanswered.set(id, this.#session.now);
    this.give({ type: 'operator', id, command });
    return id;
  }

  /** An event of wpa_supplicant; it is lost while the link is down or events are held back. */
  say(link: LinkName, text: string): void {
    if (!this.#attached[link] || this.heldBack) return;
    const { now } = this.#session;
    this.#nextEvent[link] = Math.max(this.#nextEvent[link], now + (this.#conditions.eventMs?.() ?? 0));
    const name = this.#group;
    const twice = this.#conditions.repeatsEvent?.() ?? false;
    const deliver = () => {
      for (let times = twice ? 2 : 1; times > 0; times--)
        if (this.#attached[link] && !this.heldBack && (link === 'device' || name === this.#group))
          this.give({ type: 'event', link, event: parseEvent(text) });
    };
    const ms = this.#nextEvent[link] - now;
    if (ms === 0) deliver();
    else this.after(ms, deliver);
  }

  /** An event that wpa_supplicant sends on both links. */
  sayOf(name: string, text: string): void {
    if (name === this.#group) this.say('group', text);
    this.say('device', text);
  }

  /** The interface of the next group. */
  nextInterface(): string {
    return `p2p-wlan0-${this.#interfaces++}`;
  }

  /** A group comes up. */
  start(): void {
    if (!this.#running) return;
    const name = this.nextInterface();
    this.groups.set(name, new Set());
    this.registrar.set(name, new Set());
    this.say(
      'device',
      `P2P-GROUP-STARTED ${name} GO ssid="DIRECT-PP" freq=2437 passphrase="mysecretpassword" go_dev_addr=${OWN_ADDRESS} [PERSISTENT]`,
    );
  }

  /** @param quiet no event says so */
  remove(name: string, quiet = false): void {
    const stations = this.groups.get(name);
    if (!stations) return;
    if (!quiet) for (const { leaves } of stations) this.sayOf(name, leaves);
    this.groups.delete(name);
    this.registrar.delete(name);
    if (!quiet) this.say('device', `P2P-GROUP-REMOVED ${name} GO reason=REQUESTED`);
    if (name === this.#group) this.loseGroup();
  }

  /** The registrar of a group to which there is a link: what it holds. */
  get reachableRegistrar(): ReadonlySet<string> | undefined {
    return this.#attached.group ? this.registrar.get(this.#group ?? '') : undefined;
  }

  loseGroup(): void {
    if (!this.#attached.group) return;
    this.#attached.group = false;
    this.#loseRequests('group');
    this.give({ type: 'link-down', link: 'group', reason: 'gone' });
    this.#attachGroup(this.#group, 200);
  }

  loseDevice(): void {
    if (!this.#attached.device) return;
    this.#attached.device = false;
    this.#loseRequests('device');
    this.give({ type: 'link-down', link: 'device', reason: 'gone' });
    this.#attachDevice();
  }

  /** Forgets all settings but those of its file. */
  readFile(): void {
    this.settings.clear();
    for (const [key, value] of Object.entries(FILE_VALUES)) this.settings.set(key, value);
  }

  /** wpa_supplicant ends without a word and is there again after that time. */
  restart(ms: number): void {
    for (const name of [...this.groups.keys()]) this.remove(name, true);
    this.#interfaces = 0;
    this.readFile();
    this.heldBack = false;
    this.#running = false;
    this.loseDevice();
    this.after(ms, () => {
      this.#running = true;
      this.#attachDevice();
    });
  }

  /** The attachment of that link was lost for a moment. */
  missed(link: LinkName): void {
    if (this.#attached[link]) this.give({ type: 'link-missed', link });
  }

  /** Events come again. */
  hears(): void {
    if (!this.heldBack) return;
    this.heldBack = false;
    for (const link of ['device', 'group'] as const) this.missed(link);
  }

  #attachDevice(): void {
    this.after(20, () => {
      if (!this.#running || this.#attached.device) return;
      this.#attached.device = true;
      this.give({ type: 'link-up', link: 'device' });
    });
  }

  #attachGroup(name: string | null, ms: number): void {
    this.after(ms, () => {
      if (this.#group !== name || name === null || this.#attached.group) return;
      if (this.#running && this.attaches(name)) {
        this.#attached.group = true;
        this.give({ type: 'link-up', link: 'group' });
        return;
      }
      const reason = `${name}: no answer (ECONNREFUSED)`;
      if (ms < 1_000) this.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason });
      this.#attachGroup(name, Math.min(5_000, ms * 2));
    });
  }

  #beat(): void {
    this.after(HEARTBEAT_MS, () => {
      if (this.heldBack)
        for (const link of ['device', 'group'] as const)
          if (this.#attached[link]) this.give({ type: 'link-held-back', link, reason: 'x' });
      if (this.#attached.device && this.#heartbeats++ % HEARTBEATS_BETWEEN_LOOKS === 0)
        this.give({ type: 'settings-due' });
      this.#beat();
    });
  }

  /** Requests on a lost link get no reply. */
  #loseRequests(link: RequestTarget): void {
    const lost = this.#asked.filter((asked) => asked.link === link);
    this.#asked = this.#asked.filter((asked) => asked.link !== link);
    for (const { tag, due } of lost) {
      due.cancel();
      this.give({ type: 'no-reply', tag, code: 'CONTROL_UNAVAILABLE', reason: 'gone' });
    }
  }

  #perform(effect: Effect): void {
    this.#conditions.watch?.(effect);
    switch (effect.type) {
      case 'request':
        return this.#request(effect.link, effect.command, effect.tag);
      case 'close-group':
        return this.#closeGroup();
      case 'open-group':
        this.#closeGroup();
        this.#group = effect.interface;
        this.#attachGroup(effect.interface, 20);
        return;
      case 'timer': {
        const { timer, ms } = effect;
        this.#timers.get(timer)?.cancel();
        this.#timers.set(
          timer,
          this.after(ms, () => this.give({ type: 'timer', timer })),
        );
        return;
      }
      case 'cancel':
        this.#timers.get(effect.timer)?.cancel();
        return;
      case 'hook': {
        const { event, call } = effect;
        if (call === null) return;
        this.after(this.#conditions.hookMs?.() ?? 50, () =>
          this.give({ type: 'hook-done', hook: event.hook, call }),
        );
        return;
      }
      case 'investigate-loss':
        this.after(50, () => this.give({ type: 'loss-investigated', culprit: null, leftover: null }));
        return;
      case 'answer':
        if (!this.unanswered.delete(effect.id)) this.fail(`operator ${effect.id} is answered twice`);
        this.answers.set(effect.id, effect.answer.ok ? 'ok' : effect.answer.code);
        return;
      default:
        return;
    }
  }

  #closeGroup(): void {
    this.#group = null;
    this.#attached.group = false;
    const ended = this.#asked.filter(({ link }) => link === 'group');
    this.#asked = this.#asked.filter(({ link }) => link !== 'group');
    for (const { tag, due } of ended) {
      due.cancel();
      // Of the others the outcome says nothing about the next group.
      if (tag.kind !== 'operator') continue;
      const lost = { type: 'no-reply', tag, code: 'CONTROL_CLOSED', reason: 'the link was closed' } as const;
      this.after(0, () => this.give(lost));
    }
  }

  #request(link: RequestTarget, command: string, tag: Tag | null): void {
    if (link !== 'radio' && !this.#attached[link]) {
      if (!tag) return;
      const lost = { type: 'no-reply', tag, code: 'CONTROL_UNAVAILABLE', reason: 'no link' } as const;
      this.after(0, () => this.give(lost));
      return;
    }
    const changed = this.#conditions.reply?.(command, link);
    const reply = changed === undefined ? this.#reply(link, command) : changed;
    if (!tag) return;
    const due = this.after(reply === null ? NO_REPLY_MS : this.#replyDelay(link), () => {
      this.#asked = this.#asked.filter((asked) => asked.due !== due);
      if (reply === null) this.give({ type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'no reply' });
      else this.give({ type: 'reply', tag, reply });
    });
    this.#asked.push({ link, tag, due });
  }

  /** Replies of one link come in the order of the requests. */
  #replyDelay(link: RequestTarget): number {
    const { now } = this.#session;
    this.#nextReply[link] = Math.max(this.#nextReply[link], now + (this.#conditions.replyMs?.() ?? 5));
    return this.#nextReply[link] - now;
  }

  #reply(link: RequestTarget, command: string): string {
    const [word = '', argument = ''] = command.split(' ');
    const name = this.#group ?? '';
    const stations = [...(this.groups.get(name) ?? [])];
    switch (word) {
      case 'STATUS':
        if (link !== 'group') return `p2p_device_address=${OWN_ADDRESS}\n`;
        return this.groups.has(name)
          ? 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n'
          : 'wpa_state=DISCONNECTED\n';
      case 'GET':
        return this.settings.get(argument) || 'FAIL\n';
      case 'SET':
        this.settings.set(argument, command.slice(`SET ${argument} `.length));
        return 'OK\n';
      case 'RECONFIGURE':
        this.readFile();
        return 'OK\n';
      case 'INTERFACES':
        return `${[...this.groups.keys(), ...this.leftovers].join('\n')}\nwlan0\n${DEVICE}\n`;
      case 'LIST_NETWORKS':
        return 'network id / ssid / bssid / flags\n0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n';
      case 'GET_NETWORK':
        return command.endsWith('mode') ? '3' : 'FAIL\n';
      case 'P2P_GROUP_ADD':
        if (this.groups.size > 0) return 'FAIL\n';
        this.startSoon(300);
        return 'OK\n';
      case 'P2P_GROUP_REMOVE':
        this.after(100, () => this.remove(argument));
        return 'OK\n';
      case 'STA-FIRST':
        return stations[0]?.entry ?? '';
      case 'STA-NEXT': {
        const at = stations.findIndex(({ station }) => station === argument);
        return at < 0 ? 'FAIL\n' : (stations[at + 1]?.entry ?? '');
      }
      case 'STA':
        return stations.find(({ station }) => station === argument)?.entry ?? 'FAIL\n';
      case 'WPS_PIN':
      case 'WPS_PBC':
        if (this.groups.has(name)) this.registrar.set(name, new Set([command]));
        return 'OK\n';
      case 'WPS_CANCEL':
        this.registrar.get(name)?.clear();
        return 'OK\n';
      case 'P2P_GET_PASSPHRASE':
        return 'mysecretpassword';
      default:
        return 'OK\n';
    }
  }

  /** A group comes up after that time, unless there is one. */
  startSoon(ms: number): void {
    this.after(ms, () => this.groups.size === 0 && this.start());
  }
}
