import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hookCall } from '#src/hooks/contract.js';
import type { Effect, Input, RequestTarget, Tag } from '#src/session/messages.js';
import type { LinkName, TimerName, WpsMethod } from '#src/session/model.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import { throughJson } from '../../fakes/recorded-session.js';
import { seeded } from '../../fakes/seeded.js';
import { DEVICE, Dialogue, GROUP, OWN_ADDRESS, Phone, REMOVED, STARTED } from './dialogue.js';

/**
 * What is true in every sequence of inputs: nothing that was begun is forgotten, and nothing waits without a bound. The
 * sequences are random, and the same ones each time.
 */

const PHONES = [new Phone(1, 'A'), new Phone(2, 'B')] as const;
const SETTINGS = [
  {},
  { dynamic_group: true },
  { activate_persistent_group: false },
  { activate_persistent_group: false, dynamic_group: true },
  { network_parms: ['ssid "DIRECT-xy"'] },
  { pbc_in_use: true, pbc_white_list: PHONES.map(({ device }) => device) },
] as const;
const OTHER = 'p2p-wlan0-1';
const OTHER_STARTED = STARTED.replace(GROUP, OTHER);

const DEVICE_EVENTS = [
  STARTED,
  STARTED,
  OTHER_STARTED,
  STARTED.replace('DIRECT-PP', 'DIRECT-QQ'),
  STARTED.replace(GROUP, 'p2p-wlan1-0'),
  STARTED.replace(' GO ', ' client '),
  REMOVED,
  REMOVED.replace(GROUP, OTHER),
  'P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=42:00:00:00:01:00',
  'P2P-GO-NEG-FAILURE status=-1',
  'P2P-GO-NEG-FAILURE status=7',
  'P2P-GROUP-FORMATION-FAILURE ',
  'P2P-INVITATION-RESULT status=0',
  'P2P-INVITATION-RESULT status=8',
  'P2P-FIND-STOPPED ',
  'P2P-REMOVE-AND-REFORM-GROUP ',
  ...PHONES.flatMap((phone) => [
    phone.asksByPin,
    phone.asksByButton,
    phone.asksShowingPin,
    phone.negotiates(1),
    phone.negotiates(4),
    `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`,
  ]),
];
const GROUP_EVENTS = [
  'AP-DISABLED ',
  'WPS-FAIL msg=8 config_error=18',
  'WPS-PBC-DISABLE ',
  'WPS-TIMEOUT ',
  ...PHONES.flatMap((phone) => [
    phone.seen,
    phone.joins,
    phone.leaves,
    `WPS-REG-SUCCESS ${phone.station} 572cf82f-c957-5653-9b16-b5cfb298abf1`,
  ]),
];
const COMMANDS: readonly OperatorCommand[] = [
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  { kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: null },
  { kind: 'stop-pairing' },
  { kind: 'invite', deviceAddress: PHONES[0].device },
  { kind: 'clients' },
  { kind: 'find', seconds: 5 },
];
const STATUSES = [
  'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n',
  'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n',
  'freq=2412\nssid=DIRECT-QQ\nmode=P2P GO\n',
  'wpa_state=DISCONNECTED\n',
  'mode=station\n',
  'FAIL\n',
];
const LISTS = [
  `${GROUP}\n${DEVICE}\n`,
  `${OTHER}\n${DEVICE}\n`,
  `${DEVICE}\n`,
  `${GROUP}\n${OTHER}\n`,
  'FAIL\n',
];

function repliesTo({ kind }: Tag): readonly string[] {
  switch (kind) {
    case 'device-status':
      return [`p2p_device_address=${OWN_ADDRESS}\n`];
    case 'interfaces':
    case 'group-check':
      return LISTS;
    case 'adoption':
    case 'group-status':
      return STATUSES;
    case 'networks':
    case 'group-profile':
      return ['', '0\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n', 'FAIL\n'];
    case 'driver':
      return ['capa.num_multichan_concurrent=1\n', 'capa.num_multichan_concurrent=2\n'];
    case 'station':
    case 'station-use':
      return ['COMPLETED', 'SCANNING', 'DISCONNECTED'].map((state) => `wpa_state=${state}\n`);
    case 'station-networks':
      return ['', '0\thome\tany\t\n'];
    case 'profile-mode':
    case 'group-profile-mode':
      return ['3', '2', 'FAIL\n'];
    case 'add-network':
    case 'restore-profile':
      return ['1\n', 'FAIL\n'];
    case 'walk':
      return ['', PHONES[0].entry, PHONES[1].entry, 'FAIL\n'];
    case 'station-name':
      return [PHONES[0].entry, 'FAIL\n'];
    case 'group-clients':
      return [PHONES[0].device, 'FAIL\n'];
    default:
      return ['OK\n', 'OK\n', 'FAIL\n'];
  }
}

interface Asked {
  readonly link: RequestTarget;
  readonly tag: Tag;
}

/** Gives inputs to a state machine, and keeps a record of what it must not forget. */
class Run {
  readonly d: Dialogue;
  readonly trace: string[] = [];
  readonly timers = new Map<TimerName, number>();
  asked: Asked[] = [];
  awaited: number[] = [];
  operators: number[] = [];
  readonly #present = new Set<string>();
  /** The last hook about a group. */
  #told: 'start_group' | 'stop_group' | null = null;
  #up = false;
  #commands = 0;

  constructor(settings: Readonly<Record<string, unknown>>) {
    this.d = new Dialogue(settings);
    this.give({ type: 'start' });
  }

  give(input: Input): void {
    this.trace.push(`${this.d.phase}: ${JSON.stringify(input).slice(0, 160)}`);
    if (this.trace.length > 25) this.trace.shift();
    const open = this.#open();
    this.d.give(input);
    this.#took(open);
  }

  configure(settings: Readonly<Record<string, unknown>>): void {
    this.trace.push(`${this.d.phase}: configure ${JSON.stringify(settings)}`);
    const open = this.#open();
    this.d.configure(settings);
    this.#took(open);
  }

  /** One of the texts, as an event of this link. */
  event(link: LinkName, text: string): void {
    this.trace.push(`${this.d.phase}: ${link} ${text}`);
    const open = this.#open();
    this.d.event(link, text);
    this.#took(open);
  }

  command(command: OperatorCommand): void {
    const id = this.#commands++;
    this.operators.push(id);
    this.give({ type: 'operator', id, command });
  }

  /** The timer that is due first. */
  timer(): void {
    const [first] = [...this.timers].sort(([, a], [, b]) => a - b);
    if (!first) return;
    const [timer, at] = first;
    this.timers.delete(timer);
    this.d.now = Math.max(this.d.now, at);
    this.give({ type: 'timer', timer });
  }

  lose(link: LinkName): void {
    const lost = this.asked.filter((asked) => asked.link === link);
    this.asked = this.asked.filter((asked) => asked.link !== link);
    for (const { tag } of lost) this.noReply(tag);
    this.give({ type: 'link-down', link, reason: 'gone' });
  }

  noReply(tag: Tag): void {
    this.give({ type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'no answer' });
  }

  fail(message: string): never {
    assert.fail(`${message}\n${this.trace.join('\n')}\n→ ${JSON.stringify(this.d.state.phase)}`);
  }

  /** The phones whose requests to join are open, and by which method. */
  #open(): ReadonlyMap<string, WpsMethod> {
    return new Map(this.d.state.enrolments.map(({ deviceAddress, method }) => [deviceAddress, method]));
  }

  #took(open: ReadonlyMap<string, WpsMethod>): void {
    for (const effect of this.d.effects) this.#note(effect);
    this.#check();
    this.#checkRequests(open);
  }

  /** A request to join begins with an event, and ends with exactly one: the phone is on the group, or it failed. */
  #checkRequests(before: ReadonlyMap<string, WpsMethod>): void {
    const open = new Map(before);
    for (const { event } of this.d.all('emit')) {
      if (event.type === 'enrolmentRequested') {
        const method = open.get(event.deviceAddress) ?? event.method;
        if (method !== event.method) this.fail(`two requests of ${event.deviceAddress} at once`);
        open.set(event.deviceAddress, method);
      }
      if (event.type !== 'enrolmentFailed' || event.deviceAddress === null) continue;
      if (!open.has(event.deviceAddress)) this.fail(`${event.deviceAddress} fails without a request`);
      if (!event.open) open.delete(event.deviceAddress);
    }
    const now = this.#open();
    for (const device of now.keys())
      if (!open.has(device)) this.fail(`the request of ${device} was not reported`);
    for (const device of open.keys()) {
      if (!now.has(device) && !this.#joined(device))
        this.fail(`the end of ${device}'s request was not reported`);
    }
  }

  /** It has connected in this step, which is reported now or when its name is known. */
  #joined(device: string): boolean {
    const { phase } = this.d.state;
    const stations = phase.name === 'running' ? [...phase.group.stations.values()] : [];
    const unnamed = stations.some(({ deviceAddress, announced }) => deviceAddress === device && !announced);
    const connected = this.d
      .all('emit')
      .map(({ event }) => (event.type === 'stationConnected' ? event.station : null));
    return unnamed || connected.some((station) => station?.deviceAddress === device);
  }

  #note(effect: Effect): void {
    switch (effect.type) {
      case 'request':
        if (effect.tag) this.asked.push({ link: effect.link, tag: effect.tag });
        return;
      case 'close-group':
        this.asked = this.asked.filter(({ link }) => link !== 'group');
        return;
      case 'timer':
        this.timers.set(effect.timer, this.d.now + effect.ms);
        return;
      case 'cancel':
        this.timers.delete(effect.timer);
        return;
      case 'answer':
        if (!this.operators.includes(effect.id)) this.fail(`operator ${effect.id} is answered twice`);
        this.operators = this.operators.filter((id) => id !== effect.id);
        return;
      case 'emit':
        if (effect.event.type === 'groupStarted') {
          if (this.#up) this.fail('a group started beside another');
          this.#up = true;
        } else if (effect.event.type === 'groupRemoved') {
          if (!this.#up) this.fail('a group ended twice');
          this.#up = false;
        }
        return;
      case 'hook':
        this.#hook(effect);
        return;
      default:
        return;
    }
  }

  #hook({ event, call }: Extract<Effect, { type: 'hook' }>): void {
    const { hook } = event;
    const { args } = hookCall(event, '');
    if (call !== null) this.awaited.push(call);
    const [phone = ''] = args;
    if (hook === 'start_group') {
      if (this.#told === hook) this.fail('start_group twice');
      this.#told = hook;
    } else if (hook === 'stop_group') {
      if (this.#told !== 'start_group' && args.length === 0) this.fail('stop_group without start_group');
      this.#told = hook;
    } else if (hook === 'connect') {
      if (this.#present.has(phone)) this.fail(`${phone} connects twice`);
      this.#present.add(phone);
    } else if (hook === 'disconnect') {
      if (!this.#present.delete(phone)) this.fail(`${phone} disconnects without having connected`);
    }
  }

  #check(): void {
    const { phase, attempts } = this.d.state;
    if (phase.name === 'stopping' || phase.name === 'ended') return;
    const group = phase.name === 'running' ? phase.group : 'keptGroup' in phase ? phase.keptGroup : null;
    const here = [...(group?.stations.values() ?? [])]
      .filter((station) => station.announced)
      .map((station) => station.deviceAddress ?? station.address);
    assert.deepEqual(new Set(here), this.#present, `the stations\n${this.trace.join('\n')}`);
    if (this.#up !== (group !== null)) this.fail('the group was lost, or found, without a word');
    const known = attempts.lastHook ?? 'stop_group';
    if ((this.#told ?? 'stop_group') !== known) this.fail('the last hook is forgotten');
    if (this.#up && this.#told === 'stop_group') this.fail('a group runs after stop_group');
    const attempt = phase.name === 'announcing' || phase.name === 'forming' || phase.name === 'running';
    if (this.#told === 'start_group' && !attempt && group === null)
      this.fail('start_group has no stop_group');
  }

  /** Each phase that waits has a timer, request or hook that ends the wait. */
  bounded(): void {
    const { phase } = this.d.state;
    const asked = (...kinds: readonly Tag['kind'][]) =>
      this.asked.some(({ tag }) => kinds.includes(tag.kind));
    const timer = (name: TimerName) => this.timers.has(name);
    const bounds: Partial<Record<typeof phase.name, boolean>> = {
      inspecting: asked('interfaces') || timer('backoff'),
      adopting: timer('adopting'),
      choosing: asked('networks', 'profile-mode') || timer('backoff'),
      storing: asked('add-network', 'set-network') || timer('backoff'),
      awaiting: asked('station', 'station-networks') || timer('backoff'),
      announcing: this.awaited.length > 0 || asked('station-use'),
      forming: timer('forming'),
      backoff: timer('backoff'),
      stopping: timer('stopping'),
    };
    if (bounds[phase.name] === false) this.fail(`${phase.name} waits for nothing`);
    if (phase.name === 'detached' && phase.keptGroup && !timer('kept-group'))
      this.fail('held without a limit');
    if (phase.name !== 'running') return;
    if (phase.group.removal?.stage === 'requested' && !timer('removal'))
      this.fail('removing without a limit');
    if (!phase.group.linkUp && !timer('group-check') && !asked('group-check'))
      this.fail('a group that nothing confirms');
  }
}

type Random = ReturnType<typeof seeded>;

function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** One step as wpa_supplicant, phones, operators and the air could bring it about. */
function plausible(run: Run, random: Random): void {
  const { d } = run;
  const { phase } = d.state;
  const attached = phase.name !== 'detached';
  const dice = random();
  const [request] = run.asked;
  if (!attached && dice < 0.7) return run.give({ type: 'link-up', link: 'device' });
  if (dice < 0.4 && request) {
    run.asked = run.asked.slice(1);
    if (random() < 0.05) run.noReply(request.tag);
    else run.give({ type: 'reply', tag: request.tag, reply: pick(random, repliesTo(request.tag)) ?? '' });
  } else if (dice < 0.5 && run.awaited.length > 0) {
    run.give({ type: 'hook-done', hook: 'start_group', call: run.awaited.shift() ?? 0 });
  } else if (dice < 0.6) {
    run.timer();
  } else if (dice < 0.75 && attached) {
    run.event('device', pick(random, DEVICE_EVENTS) ?? '');
  } else if (dice < 0.83 && phase.name === 'running') {
    if (phase.group.linkUp) run.event('group', pick(random, GROUP_EVENTS) ?? '');
    else run.give({ type: 'link-up', link: 'group' });
  } else if (dice < 0.87 && phase.name === 'adopting') {
    if (random() < 0.6) run.give({ type: 'link-up', link: 'group' });
    else run.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_TIMEOUT', reason: 'no answer' });
  } else if (dice < 0.9) {
    if (run.operators.length > 0 && random() < 0.3)
      run.give({ type: 'operator-gone', id: run.operators[0] ?? 0 });
    else run.command(pick(random, COMMANDS) ?? { kind: 'clients' });
  } else if (dice < 0.93 && attached) {
    run.lose(random() < 0.5 ? 'device' : 'group');
  } else if (dice < 0.95) {
    run.give({ type: 'link-missed', link: random() < 0.5 && attached ? 'device' : 'group' });
  } else if (dice < 0.96 && attached) {
    run.event('device', 'CTRL-EVENT-TERMINATING ');
    run.lose('device');
  } else if (dice < 0.97) {
    run.configure(pick(random, SETTINGS) ?? {});
  }
}

describe('sequences of inputs that can happen', () => {
  test('what was begun is ended or still there, and each wait is bounded', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 150; seed++) {
      const random = seeded(seed);
      const run = new Run(pick(random, SETTINGS) ?? {});
      for (let step = 0; step < 150; step++) {
        plausible(run, random);
        run.bounded();
        seen.add(run.d.phase);
      }
      assert.deepEqual(throughJson(run.d.state), run.d.state, 'a recording can go on from here');
      // No more inputs but timers: they must answer every operator.
      run.asked.splice(0).forEach(({ tag }) => void run.noReply(tag));
      const end = run.d.now + 600_000;
      for (let fired = 0; run.operators.length > 0 && run.d.now < end && fired < 500; fired++) {
        run.timer();
        run.asked.splice(0).forEach(({ tag }) => void run.noReply(tag));
        for (const call of run.awaited.splice(0)) run.give({ type: 'hook-done', hook: 'start_group', call });
      }
      assert.deepEqual(run.operators, [], `operators without an answer, seed ${seed}`);
      run.give({ type: 'stop' });
    }
    assert.ok(seen.size >= 9, `phases that were met: ${[...seen].join(' ')}`);
  });
});

test('any input in any phase: nothing is lost or reported twice', () => {
  const links = ['device', 'group'] as const;
  for (let seed = 1; seed <= 150; seed++) {
    const random = seeded(1000 + seed);
    const run = new Run(pick(random, SETTINGS) ?? {});
    for (let step = 0; step < 150; step++) {
      const link = pick(random, links) ?? 'device';
      const dice = random();
      if (dice < 0.5) plausible(run, random);
      else if (dice < 0.58) run.give({ type: 'link-up', link });
      else if (dice < 0.64) run.give({ type: 'link-down', link, reason: 'x' });
      else if (dice < 0.72)
        run.give({ type: 'link-waiting', link, code: 'CONTROL_UNAVAILABLE', reason: 'x' });
      else if (dice < 0.95) run.event(link, pick(random, [...DEVICE_EVENTS, ...GROUP_EVENTS]) ?? '');
      else run.timer();
    }
    assert.deepEqual(throughJson(run.d.state), run.d.state, 'a recording can go on from here');
  }
});
