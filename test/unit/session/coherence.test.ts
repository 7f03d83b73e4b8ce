import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hookCall } from '#src/hooks/contract.js';
import type { Effect, Input, RequestTarget, Tag, TimerName } from '#src/session/messages.js';
import type { OperatorCommand } from '#src/session/operator-command.js';
import { seeded } from '../../fakes/seeded.js';
import { DEVICE, Dialogue, FILE_VALUES, OWN_ADDRESS, Phone } from './dialogue.js';

const PHONES = [new Phone(1, 'A'), new Phone(2, 'B')] as const;

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A wpa_supplicant with groups and stations of its own, and the two links to it. Time goes by in it. */
class World {
  readonly d: Dialogue;
  readonly groups = new Map<string, Set<Phone>>();
  readonly registrar = new Map<string, Set<string>>();
  readonly open = new Map<number, number>();
  readonly trace: string[] = [];
  readonly random: () => number;
  alive = true;
  attached = { device: false, group: false };
  deaf = false;
  faulty = true;
  readonly nextReply = { device: 0, group: 0, radio: 0 };
  readonly nextEvent = { device: 0, group: 0 };
  #due: Due[] = [];
  readonly #timers = new Map<TimerName, Due>();
  #group: string | null = null;
  #asked: { readonly link: RequestTarget; readonly tag: Tag; readonly due: Due }[] = [];
  #order = 0;
  #index = 0;
  #ids = 0;
  readonly present = new Map<string, number>();

  constructor(section: Readonly<Record<string, unknown>>, random: () => number) {
    this.random = random;
    this.d = new Dialogue(section);
    this.give({ type: 'start' });
    this.attach();
    this.#beat();
  }

  attach(): void {
    this.after(20, () => {
      if (!this.alive || this.attached.device) return;
      this.attached.device = true;
      this.give({ type: 'link-up', link: 'device' });
    });
  }

  #beat(): void {
    this.after(10_000, () => {
      if (this.deaf)
        for (const link of ['device', 'group'] as const)
          if (this.attached[link]) this.give({ type: 'link-deaf', link, reason: 'x' });
      this.#beat();
    });
  }

  give(input: Input): void {
    const before = this.d.phase;
    this.d.give(input);
    this.trace.push(
      `${this.d.now} ${before} → ${this.d.phase}: ${JSON.stringify(input).slice(0, 150)} ⇒ ${this.d.commands().join(' | ').slice(0, 200)}`,
    );
    if (this.trace.length > 260) this.trace.shift();
    for (const effect of this.d.effects) this.#perform(effect);
  }

  say(link: 'device' | 'group', text: string): void {
    if (!this.attached[link] || this.deaf) return;
    const slow = this.faulty && this.random() < 0.15 ? this.random() * 1_500 : 0;
    this.nextEvent[link] = Math.max(this.nextEvent[link], this.d.now + slow);
    const name = this.#group;
    const twice = this.faulty && this.random() < 0.03;
    const deliver = () => {
      if (this.attached[link] && !this.deaf && (link === 'device' || name === this.#group))
        this.hear(link, text);
    };
    if (this.nextEvent[link] === this.d.now) deliver();
    else this.after(this.nextEvent[link] - this.d.now, deliver);
    if (twice) this.after(this.nextEvent[link] - this.d.now, deliver);
  }

  hear(link: 'device' | 'group', text: string): void {
    const before = this.d.phase;
    this.d.event(link, text);
    this.trace.push(
      `${this.d.now} ${before} → ${this.d.phase}: ${link} ${text.slice(0, 100)} ⇒ ${this.d.commands().join(' | ').slice(0, 200)}`,
    );
    for (const effect of this.d.effects) this.#perform(effect);
  }

  pass(ms: number): void {
    const end = this.d.now + ms;
    for (let steps = 0; ; steps++) {
      if (steps > 100_000) this.fail('steps without end');
      const [next] = this.#due.sort((a, b) => a.at - b.at || a.order - b.order);
      if (!next || next.at > end) break;
      this.#due.shift();
      this.d.now = Math.max(this.d.now, next.at);
      next.run();
      this.check();
    }
    this.d.now = end;
  }

  fail(why: string): never {
    assert.fail(
      `${why}\n${this.trace.join('\n')}\n→ ${JSON.stringify(this.d.state.phase, (_k, v) => (v instanceof Map ? [...v] : v))}\nmodel ${[...this.groups].map(([n, s]) => `${n}:${[...s].map((p) => p.name)}`)}`,
    );
  }

  check(): void {
    const { state } = this.d;
    for (const [name, held] of this.registrar) {
      if (
        (state.paused || state.groupStopped) &&
        held.size > 0 &&
        this.attached.group &&
        name === this.#group &&
        state.phase.name === 'running' &&
        state.phase.group.linkUp
      )
        this.fail(`admits while halted: ${[...held]}`);
    }
  }

  after(ms: number, run: () => void): Due {
    const due = { at: this.d.now + ms, order: this.#order++, run };
    this.#due.push(due);
    return due;
  }

  #drop(due: Due | undefined): void {
    this.#due = this.#due.filter((one) => one !== due);
  }

  operate(command: OperatorCommand): void {
    const id = this.#ids++;
    this.open.set(id, this.d.now);
    this.give({ type: 'operator', id, command });
  }

  start(): void {
    if (!this.alive) return;
    const name = `p2p-wlan0-${this.#index++}`;
    this.groups.set(name, new Set());
    this.registrar.set(name, new Set());
    this.say(
      'device',
      `P2P-GROUP-STARTED ${name} GO ssid="DIRECT-PP" freq=2437 passphrase="mysecretpassword" go_dev_addr=${OWN_ADDRESS} [PERSISTENT]`,
    );
  }

  remove(name: string, quiet = false): void {
    const stations = this.groups.get(name);
    if (!stations) return;
    if (!quiet) for (const phone of stations) this.sayOf(name, phone.leaves);
    this.groups.delete(name);
    this.registrar.delete(name);
    if (!quiet) this.say('device', `P2P-GROUP-REMOVED ${name} GO reason=REQUESTED`);
    if (name === this.#group && this.attached.group) this.loseGroup();
  }

  sayOf(name: string, text: string): void {
    if (name === this.#group) this.say('group', text);
    this.say('device', text);
  }

  loseGroup(): void {
    if (!this.attached.group) return;
    this.attached.group = false;
    this.#end('group');
    this.give({ type: 'link-down', link: 'group', reason: 'gone' });
    this.#attachGroup(this.#group, 200);
  }

  loseDevice(): void {
    if (!this.attached.device) return;
    this.attached.device = false;
    this.#end('device');
    this.give({ type: 'link-down', link: 'device', reason: 'gone' });
    this.attach();
  }

  restart(): void {
    for (const name of [...this.groups.keys()]) this.remove(name, true);
    this.#index = 0;
    this.deaf = false;
    this.alive = false;
    this.loseDevice();
    this.after(this.random() * 6_000, () => {
      this.alive = true;
      this.attach();
    });
  }

  hears(): void {
    if (!this.deaf) return;
    this.deaf = false;
    for (const link of ['device', 'group'] as const)
      if (this.attached[link]) this.give({ type: 'link-missed', link });
  }

  /** Requests on a lost link are not answered. */
  #end(link: RequestTarget): void {
    const lost = this.#asked.filter((asked) => asked.link === link);
    this.#asked = this.#asked.filter((asked) => asked.link !== link);
    for (const { tag, due } of lost) {
      this.#drop(due);
      this.give({ type: 'no-reply', tag, code: 'CONTROL_UNAVAILABLE', reason: 'gone' });
    }
  }

  #attachGroup(name: string | null, ms: number): void {
    this.after(ms, () => {
      if (this.#group !== name || name === null || this.attached.group) return;
      if (this.alive && this.groups.has(name)) {
        this.attached.group = true;
        this.give({ type: 'link-up', link: 'group' });
      } else {
        if (ms < 1_000)
          this.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'ENOENT' });
        this.#attachGroup(name, Math.min(5_000, ms * 2));
      }
    });
  }

  #reply(link: RequestTarget, command: string): string {
    const chance = this.faulty ? this.random() : 1;
    const [word = '', argument = ''] = command.split(' ');
    const stations = this.groups.get(this.#group ?? '') ?? new Set<Phone>();
    const held = this.registrar.get(this.#group ?? '') ?? new Set<string>();
    switch (word) {
      case 'STATUS':
        if (link !== 'group') return `p2p_device_address=${OWN_ADDRESS}\n`;
        return this.groups.has(this.#group ?? '')
          ? 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n'
          : 'wpa_state=DISCONNECTED\n';
      case 'GET':
        return (FILE_VALUES as Readonly<Record<string, string>>)[argument] || 'FAIL\n';
      case 'INTERFACES':
        return `${[...this.groups.keys()].join('\n')}\nwlan0\n${DEVICE}\n`;
      case 'LIST_NETWORKS':
        if (chance < 0.1) return 'FAIL\n';
        return 'network id / ssid / bssid / flags\n0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n';
      case 'GET_NETWORK':
        return command.endsWith('mode') ? '3' : 'FAIL\n';
      case 'P2P_GROUP_ADD':
        if (chance < 0.2) return 'FAIL\n';
        if (chance < 0.3) return 'OK\n';
        if (this.groups.size > 0) return 'FAIL\n';
        this.after(chance < 0.5 ? this.random() * 15_000 : 300, () => this.groups.size === 0 && this.start());
        return 'OK\n';
      case 'P2P_GROUP_REMOVE':
        if (chance < 0.1) return 'FAIL\n';
        if (chance < 0.2) return 'OK\n';
        this.after(chance < 0.4 ? 7_000 : 100, () => this.remove(argument));
        return 'OK\n';
      case 'STA-FIRST': {
        const [first] = stations;
        return first ? first.entry : '';
      }
      case 'STA-NEXT': {
        const all = [...stations];
        const at = all.findIndex((p) => p.station === argument);
        if (at < 0) return 'FAIL\n';
        return all[at + 1]?.entry ?? '';
      }
      case 'STA': {
        const one = [...stations].find((p) => p.station === argument);
        return one ? one.entry : 'FAIL\n';
      }
      case 'WPS_PIN':
      case 'WPS_PBC':
        held.clear();
        held.add(command);
        return 'OK\n';
      case 'WPS_CANCEL':
        held.clear();
        return 'OK\n';
      case 'P2P_GET_PASSPHRASE':
        return 'mysecretpassword';
      case 'P2P_INVITE':
        if (chance < 0.5) return 'OK\n';
        this.after(500, () => this.say('device', `P2P-INVITATION-RESULT status=${chance < 0.7 ? 0 : 8}`));
        return 'OK\n';
      case 'P2P_CONNECT':
        if (chance < 0.2) return 'FAIL\n';
        this.after(500, () => {
          if (chance < 0.4) this.say('device', 'P2P-GO-NEG-FAILURE status=-1');
          else if (chance < 0.6) this.say('device', 'P2P-GROUP-FORMATION-FAILURE ');
          else if (chance < 0.9 && this.groups.size === 0) {
            this.say('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${argument}`);
            this.after(2000, () => this.groups.size === 0 && this.start());
          }
        });
        return 'OK\n';
      default:
        return 'OK\n';
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'request': {
        const { link, command, tag } = effect;
        const there = link === 'radio' || this.attached[link];
        const reply = there ? this.#reply(link, command) : null;
        if (!tag) return;
        const slow = this.faulty && this.random() < 0.1 ? this.random() * 3_000 : 5;
        this.nextReply[link] = Math.max(this.nextReply[link], this.d.now + slow);
        const due = this.after(reply === null ? 0 : this.nextReply[link] - this.d.now, () => {
          this.#asked = this.#asked.filter((asked) => asked.due !== due);
          if (reply === null)
            this.give({ type: 'no-reply', tag, code: 'CONTROL_UNAVAILABLE', reason: 'no link' });
          else this.give({ type: 'reply', tag, reply });
        });
        if (reply !== null) this.#asked.push({ link, tag, due });
        return;
      }
      case 'close-group':
        return this.#close();
      case 'open-group':
        this.#close();
        this.#group = effect.interface;
        this.#attachGroup(effect.interface, 20);
        return;
      case 'timer': {
        const { timer, ms } = effect;
        this.#drop(this.#timers.get(timer));
        this.#timers.set(
          timer,
          this.after(ms, () => this.give({ type: 'timer', timer })),
        );
        return;
      }
      case 'cancel':
        this.#drop(this.#timers.get(effect.timer));
        return;
      case 'hook': {
        const { event, call } = effect;
        const { hook } = event;
        if (call !== null)
          this.after(50 + this.random() * 500, () => this.give({ type: 'hook-done', hook, call }));
        const [phone = ''] = hookCall(event, '').args;
        if (hook === 'connect') this.present.set(phone, (this.present.get(phone) ?? 0) + 1);
        if (hook === 'disconnect') this.present.set(phone, (this.present.get(phone) ?? 0) - 1);
        return;
      }
      case 'investigate-loss':
        this.after(50, () => this.give({ type: 'loss-investigated', culprit: null, leftover: null }));
        return;
      case 'answer':
        if (!this.open.delete(effect.id)) this.fail(`operator ${effect.id} is answered twice`);
        return;
      default:
        return;
    }
  }

  #close(): void {
    this.#group = null;
    this.attached.group = false;
    for (const { link, due } of this.#asked) if (link === 'group') this.#drop(due);
    this.#asked = this.#asked.filter(({ link }) => link !== 'group');
  }
}

const COMMANDS: readonly OperatorCommand[] = [
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'start-group' },
  { kind: 'pause' },
  { kind: 'resume' },
  { kind: 'resume' },
  { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  { kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: null },
  { kind: 'stop-pairing' },
  { kind: 'invite', deviceAddress: PHONES[0].device },
];

function disturb(w: World): void {
  const { random } = w;
  const dice = random();
  const [name] = w.groups.keys();
  const phone = PHONES[random() < 0.5 ? 0 : 1];
  if (dice < 0.12 && name) {
    const stations = w.groups.get(name);
    if (stations?.has(phone)) {
      stations.delete(phone);
      w.sayOf(name, phone.leaves);
    } else {
      stations?.add(phone);
      w.sayOf(name, phone.joins);
    }
  } else if (dice < 0.2) w.say('device', name ? phone.asksByPin : phone.asksByPinAlone);
  else if (dice < 0.25) w.say('device', phone.negotiates(random() < 0.5 ? 1 : 4));
  else if (dice < 0.3 && name) w.sayOf(name, phone.seen);
  else if (dice < 0.35 && name) w.say('group', phone.needsPin);
  else if (dice < 0.4 && !name) {
    w.say('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`);
    if (random() < 0.7) w.after(random() * 5000, () => w.groups.size === 0 && w.start());
  } else if (dice < 0.44 && name) w.remove(name);
  else if (dice < 0.48 && name) w.remove(name, true);
  else if (dice < 0.54) w.loseGroup();
  else if (dice < 0.6) w.loseDevice();
  else if (dice < 0.63) w.restart();
  else if (dice < 0.68) w.deaf = true;
  else if (dice < 0.74) w.hears();
  else if (dice < 0.9) w.operate(COMMANDS[Math.floor(random() * COMMANDS.length)] ?? { kind: 'resume' });
  else if (dice < 0.93) w.start();
  else if (dice < 0.96)
    w.after(random() * 3_000, () =>
      w.operate(COMMANDS[Math.floor(random() * COMMANDS.length)] ?? { kind: 'resume' }),
    );
}

const SECTIONS = [
  {},
  { dynamic_group: true },
  { activate_persistent_group: false },
  { pin: '12345670' },
  { pin: '12345670', dynamic_group: true },
  { pbc_in_use: true, pbc_white_list: PHONES.map(({ device }) => device) },
];
const SEEDS = 200;

/** When all has been quiet for a while. */
function compare(w: World, standing: boolean): void {
  for (const [id, at] of w.open) w.fail(`operator ${id} has no answer since ${at}`);
  const { phase, paused, groupStopped } = w.d.state;
  const group = phase.name === 'running' ? phase.group : null;
  if (group) {
    if (!w.groups.has(group.interface)) w.fail('a group in our books only');
    if (!group.linkUp) w.fail('no link to the group');
    const theirs = [...(w.groups.get(group.interface) ?? [])].map(({ station }) => station).sort();
    const ours = [...group.stations.keys()].sort();
    if (theirs.join() !== ours.join()) w.fail(`our stations: ${ours.join()}, there: ${theirs.join()}`);
    if (groupStopped) w.fail('stopped, and a group runs');
  } else {
    if (w.groups.size > 0) w.fail('a group runs unseen');
    if (standing && !paused && !groupStopped) w.fail('no group');
  }
  const here = [...(group?.stations.values() ?? [])].map(({ deviceAddress }) => deviceAddress);
  for (const [phone, count] of w.present)
    if (count !== (here.includes(phone) ? 1 : 0))
      w.fail(`${phone}: ${count} hooks connect without disconnect`);
}

test('after any disturbances what we hold is what wpa_supplicant has', () => {
  let running = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seeded(seed);
    const section = SECTIONS[seed % SECTIONS.length] ?? {};
    const w = new World(section, random);
    for (let step = 0; step < 60; step++) {
      w.pass(random() < 0.5 ? random() * 200 : random() * 8_000);
      disturb(w);
      w.check();
    }
    w.hears();
    w.faulty = false;
    w.pass(150_000);
    compare(w, !('dynamic_group' in section) && !('activate_persistent_group' in section));
    if (w.d.phase === 'running') running++;
  }
  assert.ok(running > SEEDS / 10, `${running} groups`);
});
