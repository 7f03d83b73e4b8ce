import assert from 'node:assert/strict';
import { validate } from '#src/config/validate.js';
import { type HookCall, hookCall } from '#src/hooks/contract.js';
import { eventText } from '#src/host/event-text.js';
import { noticeText } from '#src/host/notice-text.js';
import { PeerRegister } from '#src/host/peer-register.js';
import { type OperatorEvent, publicEvent } from '#src/host/public-event.js';
import { whyRefused } from '#src/host/refusal-text.js';
import { react, settle } from '#src/session/machine.js';
import type { Effect, Input, PhaseQuestion, Tag, World } from '#src/session/messages.js';
import type { StoredGroup } from '#src/session/model.js';
import { type ConfigFile, INITIAL, type LinkName, type SessionState } from '#src/session/model.js';
import type { RadioBlock } from '#src/session/reasons.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import { UNSET, VALUE_KEYS, type Values } from '#src/session/temporary-values.js';
import { parseEvent } from '#src/wpa/event.js';

export const DEVICE = 'p2p-dev-wlan0';
export const GROUP = 'p2p-wlan0-0';

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** A tag whose number of the phase may be left out: it is that of the present phase then. */
export type AnyTag = Tag | PhaseQuestion;
type Replies<I> = I extends { readonly tag: Tag } ? Omit<I, 'tag'> & { readonly tag: AnyTag } : I;
export type AnyInput = Replies<Input>;

const PHASE_QUESTIONS: Readonly<Record<PhaseQuestion['kind'], true>> = {
  'station-use': true,
  station: true,
  'station-networks': true,
  interfaces: true,
  adoption: true,
  networks: true,
  'profile-mode': true,
  'add-network': true,
  'set-network': true,
  'group-add': true,
  channels: true,
  'radio-use': true,
  'group-remove': true,
  'group-status': true,
  walk: true,
  'station-name': true,
  'group-check': true,
  'group-profile': true,
  'group-profile-mode': true,
  'group-passphrase': true,
  'group-clients': true,
  'restore-profile': true,
};

const DEFAULTS = settingsOf({});

/** What `freshPin` of the world gives by default. */
export const FRESH_PIN = '51704711';

/**
 * Drives the session core step by step: inputs in, effects out. The core and the parsers are the real ones. The peer register
 * is filled by the core's own effects, as in the program.
 */
export class Dialogue {
  state: SessionState = INITIAL;
  now = 1_000_000;
  effects: readonly Effect[] = [];
  /** The content of the state file. The core's own effects change it, as in the program. */
  stored: StoredGroup | null = null;
  configFile: ConfigFile;
  radioBlock: RadioBlock | null = null;
  /** What `freshPin` of the world gives next. */
  nextPin = FRESH_PIN;
  /** Every step so far. */
  readonly steps: { readonly before: SessionState; readonly after: SessionState; readonly input: Input }[] =
    [];
  /** Every answer to an operator so far. */
  readonly answers: EffectOf<'answer'>[] = [];
  readonly #peers = new PeerRegister();
  #settings: World['settings'];

  readonly #deviceInterface: string;

  constructor(section?: Readonly<Record<string, unknown>>, deviceInterface = DEVICE) {
    this.#deviceInterface = deviceInterface;
    this.configFile = deviceInterface.startsWith('p2p-dev-') ? 'shared' : 'radio';
    this.#settings = section === undefined ? DEFAULTS : settingsOf(section);
  }

  /** Another session that has come as far as this one. */
  copy(): Dialogue {
    const copy = new Dialogue(undefined, this.#deviceInterface);
    const { state, now, effects, stored, configFile, radioBlock, nextPin } = this;
    Object.assign(copy, { state, now, effects, stored, configFile, radioBlock, nextPin });
    copy.steps.push(...this.steps);
    copy.answers.push(...this.answers);
    for (const peer of this.#peers.recorded) copy.#peers.remember(...peer);
    copy.#settings = this.#settings;
    return copy;
  }

  give(given: AnyInput): this {
    const input = numbered(given, this.state.phaseNumber);
    const t = react(deepFreeze(this.state), deepFreeze(input), {
      now: this.now,
      settings: this.#settings,
      deviceInterface: this.#deviceInterface,
      configFile: () => this.configFile,
      peerName: (address) => this.#peers.name(address),
      stored: this.stored,
      freshPin: () => this.nextPin,
      radioBlock: () => this.radioBlock,
    });
    // The host may have sent these requests already.
    const first = [...t.effects];
    const { state, effects } = settle(t, input);
    assert.deepEqual(effects.slice(0, first.length), first, 'the second half of a step only adds effects');
    this.steps.push({ before: this.state, after: state, input });
    this.state = state;
    this.effects = effects;
    for (const effect of effects) {
      if (effect.type === 'remember') this.#peers.remember(effect.address, effect.name, effect.deviceType);
      else if (effect.type === 'store') this.stored = effect.group;
      else if (effect.type === 'answer') this.answers.push(effect);
    }
    return this;
  }

  operate(command: OperatorCommand, id = 1): this {
    return this.give({ type: 'operator', id, command });
  }

  /** The outcome of that command: `ok`, or the code of the error; null if there is none yet. There is at most one. */
  outcome(id = 1): string | null {
    const [answer, ...more] = this.answers.filter((a) => a.id === id).map((a) => a.answer);
    assert.deepEqual(more, [], 'a command is answered once');
    if (!answer) return null;
    return answer.ok ? 'ok' : answer.code;
  }

  configure(section: Readonly<Record<string, unknown>>): this {
    return this.use(section).give({ type: 'configure' });
  }

  /** Puts other settings in force, of which the core is still to be told. */
  use(section: Readonly<Record<string, unknown>>): this {
    this.#settings = validate(section).settings;
    return this;
  }

  up(link: LinkName): this {
    return this.give({ type: 'link-up', link });
  }

  down(link: LinkName, reason = 'gone'): this {
    return this.give({ type: 'link-down', link, reason });
  }

  event(link: LinkName, text: string): this {
    return this.give({ type: 'event', link, event: parseEvent(text) });
  }

  timer(timer: Extract<Input, { type: 'timer' }>['timer'], afterMs = 0): this {
    this.now += afterMs;
    return this.give({ type: 'timer', timer });
  }

  hookDone(hook: Extract<Input, { type: 'hook-done' }>['hook']): this {
    // As the program does: the answer of the newest call.
    return this.give({ type: 'hook-done', hook, call: this.state.calls.startGroup });
  }

  /** Answers this request of the last step. */
  reply(command: string, reply: string): this {
    const request = this.all('request').find((r) => r.command === command);
    assert.ok(request?.tag, `no tagged request "${command}" among: ${this.commands().join(' | ')}`);
    return this.give({ type: 'reply', tag: request.tag, reply });
  }

  /** Answers a request of any step, by its tag. */
  answer(tag: AnyTag, reply: string): this {
    return this.give({ type: 'reply', tag, reply });
  }

  all<T extends Effect['type']>(type: T): EffectOf<T>[] {
    return this.effects.filter((e): e is EffectOf<T> => e.type === type);
  }

  /** Requests of the last step, with `group:` before those on the group's link; without the marker in `config_methods`. */
  commands(): string[] {
    return this.all('request')
      .map((r) => ({ ...r, command: r.command.replace(/ hostp2pd:\S*$/, '') }))
      .map((r) => (r.link === 'group' ? `group: ${r.command}` : r.command));
  }

  hooks(): string[][] {
    return this.hookCalls().map(({ name, args }) => [name, ...args]);
  }

  /** The calls of the hook program. */
  hookCalls(): HookCall[] {
    return this.all('hook').map(({ event }) => hookCall(event, 'p2p-dev-wlan0'));
  }

  emitted(): string[] {
    return this.all('emit').map((e) => e.event.type);
  }

  /** The events of the last step as listeners get them. */
  events(): OperatorEvent[] {
    return this.all('emit').map(({ event }) => publicEvent(event));
  }

  /** Why the last step refused an operator's command, in words; empty where it refused none. */
  refusal(): string {
    const [refused] = this.all('answer').flatMap(({ answer }) => (answer.ok ? [] : [answer]));
    return refused ? whyRefused(refused.reason) : '';
  }

  /** The lines of the log in the last step, those of its events included. */
  logs(level?: string): string[] {
    const lines = this.effects.flatMap((effect) => {
      if (effect.type === 'log') return [{ level: effect.level, message: noticeText(effect.notice) }];
      if (effect.type !== 'emit' || effect.level === null) return [];
      return [{ level: effect.level, message: eventText(publicEvent(effect.event)) }];
    });
    return lines.filter((line) => level === undefined || line.level === level).map(({ message }) => message);
  }

  /** The timers that run, and in how many milliseconds they fire. */
  timers(): Record<string, number> {
    const deadlines = Object.entries(this.state.deadlines).map(
      ([timer, due]) => [timer, (due ?? 0) - this.now] as const,
    );
    return Object.fromEntries(deadlines.filter(([, ms]) => ms > 0));
  }

  get phase(): SessionState['phase']['name'] {
    return this.state.phase.name;
  }

  stations(): string[] {
    return this.state.phase.name === 'running' ? [...this.state.phase.group.stations.keys()] : [];
  }

  /** Answers the requests for wpa_supplicant's values; the effects are those of the last answer. */
  values(others: Partial<Values> = {}): this {
    const values = { ...FILE_VALUES, ...others };
    for (const key of VALUE_KEYS) this.answer({ kind: 'value', key }, values[key] || 'FAIL\n');
    return this;
  }

  /** Through start-up, without a group, to the request for the profiles. */
  toChoosing(interfaces = `wlan0\n${DEVICE}\n`): this {
    this.give({ type: 'start' }).up('device');
    this.answer({ kind: 'device-status' }, `p2p_device_address=${OWN_ADDRESS}\n`).values();
    return this.answer({ kind: 'interfaces' }, interfaces);
  }

  /** Answers the request for the profiles. All are persistent, and this device is the group owner. */
  profiles(...named: readonly (readonly [id: number, ssid: string])[]): this {
    const rows = named.map(([id, ssid]) => `${id}\t${ssid}\tany\t[DISABLED][P2P-PERSISTENT]\n`);
    this.reply('LIST_NETWORKS', `network id / ssid / bssid / flags\n${rows.join('')}`);
    const mode = this.all('request').find(({ tag }) => tag?.kind === 'profile-mode');
    return mode ? this.reply(mode.command, '3') : this;
  }

  /** A predefined persistent group is up, the link to it is attached, and it has no station. */
  toRunning(): this {
    this.toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
    this.reply('P2P_GROUP_ADD persistent=0', 'OK\n');
    this.event('device', STARTED);
    this.up('group');
    return this.answer({ kind: 'walk' }, '');
  }

  /** No group, and none until a phone asks for one. */
  toIdle(): this {
    this.toChoosing();
    return this.phase === 'choosing' ? this.profiles() : this;
  }
}

/** The values of the manual's configuration file. */
export const FILE_VALUES: Values = {
  ...UNSET,
  config_methods: 'keypad',
  update_config: '1',
  persistent_reconnect: '1',
};

/** The requests that ask for these values. */
export const VALUE_QUESTIONS: readonly string[] = VALUE_KEYS.map((key) => `GET ${key}`);

export const OWN_ADDRESS = '42:00:00:00:00:00';

export const STARTED =
  `P2P-GROUP-STARTED ${GROUP} GO ssid="DIRECT-PP" freq=2437 passphrase="mysecretpassword" ` +
  'go_dev_addr=42:00:00:00:00:00 [PERSISTENT]';
export const REMOVED = `P2P-GROUP-REMOVED ${GROUP} GO reason=REQUESTED`;

/** A phone and the events that it causes, in the form of Debian's wpa_supplicant 2.10. */
export class Phone {
  readonly device: string;
  readonly station: string;
  readonly name: string;

  constructor(n: number, name: string) {
    const place = String(n).padStart(2, '0');
    this.device = `42:00:00:00:${place}:00`;
    this.station = `46:00:00:00:${place}:00`;
    this.name = name;
  }

  get asksByPin(): string {
    return (
      `P2P-PROV-DISC-SHOW-PIN ${this.device} 99129897 p2p_dev_addr=${this.device} pri_dev_type=10-0050F204-5 ` +
      `name='${this.name}' config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=${GROUP}`
    );
  }

  /** Its request if it sees no group. */
  get asksByPinAlone(): string {
    return this.asksByPin.replace(/ group=\S+$/, '');
  }

  get asksByButton(): string {
    return this.asksByPin.replace(/SHOW-PIN (\S+) \d+ /, 'PBC-REQ $1 ');
  }

  get asksShowingPin(): string {
    return this.asksByPin.replace(/SHOW-PIN (\S+) \d+ /, 'ENTER-PIN $1 ');
  }

  /** @param passwordId 1: the user types our PIN there; 4: push button; 5: it shows a PIN */
  negotiates(passwordId: 1 | 4 | 5): string {
    return `P2P-GO-NEG-REQUEST ${this.device} dev_passwd_id=${passwordId} go_intent=0`;
  }

  get seen(): string {
    return `WPS-ENROLLEE-SEEN ${this.station} 572cf82f-c957-5653-9b16-b5cfb298abf1 0-00000000-0 0x3148 0 1 [ ]`;
  }

  /** It tries to enrol by PIN, and the registrar has none. */
  get needsPin(): string {
    return `WPS-PIN-NEEDED 572cf82f-c957-5653-9b16-b5cfb298abf1 ${this.station} [ |Manufacturer|cmodel|123|12345|1-0050F204-1]`;
  }

  get joins(): string {
    return `AP-STA-CONNECTED ${this.station} p2p_dev_addr=${this.device}`;
  }

  get leaves(): string {
    return `AP-STA-DISCONNECTED ${this.station} p2p_dev_addr=${this.device}`;
  }

  /** Its entry in wpa_supplicant's list of stations. */
  get entry(): string {
    return (
      `${this.station}\nflags=[AUTH][ASSOC][AUTHORIZED][WMM]\naid=1\nlisten_interval=5\n` +
      `p2p_dev_capab=0x25\np2p_group_capab=0x0\np2p_primary_device_type=10-0050F204-5\n` +
      `p2p_device_name=${this.name}\np2p_device_addr=${this.device}\np2p_config_methods=0x188\nconnected_time=7\n`
    );
  }
}

function numbered(input: AnyInput, phaseNumber: number): Input {
  if (input.type !== 'reply' && input.type !== 'no-reply') return input;
  const { tag } = input;
  return { ...input, tag: isPhaseQuestion(tag) ? { phaseNumber, ...tag } : tag };
}

function isPhaseQuestion(tag: AnyTag): tag is PhaseQuestion {
  return tag.kind in PHASE_QUESTIONS;
}

function settingsOf(section: Readonly<Record<string, unknown>>): World['settings'] {
  const { settings, problems } = validate(section);
  assert.deepEqual(problems, []);
  return settings;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
