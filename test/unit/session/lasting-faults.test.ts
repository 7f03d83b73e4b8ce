import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { validate } from '#src/config/validate.js';
import type { Effect, Input, RequestTarget, Tag, TimerName } from '#src/session/messages.js';
import { noGroup } from '#src/session/no-group.js';
import { DEVICE, Dialogue, FILE_VALUES, OWN_ADDRESS } from './dialogue.js';

/**
 * Faults that last for hours. wpa_supplicant is played by a small model that keeps its groups and answers each request; one
 * fault after the other is built into it.
 */

type Fault = (command: string, link: RequestTarget, model: Model) => string | null | undefined;

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

class Model {
  readonly d: Dialogue;
  readonly groups = new Map<string, string>();
  /** Interfaces that wpa_supplicant lists although no group runs there. */
  readonly leftovers: string[] = [];
  /** Lines of the log, without those for debugging. */
  readonly logs: string[] = [];
  readonly requests: string[] = [];
  readonly answers = new Map<number, string>();
  /** Whether the socket of a group's interface answers ATTACH. */
  attaches: (name: string) => boolean = (name) => this.groups.has(name) || this.leftovers.includes(name);
  #due: Due[] = [];
  readonly #timers = new Map<TimerName, Due>();
  #group: string | null = null;
  #asked: { readonly tag: Tag; readonly due: Due }[] = [];
  #order = 0;
  index = 0;
  readonly #fault: Fault;

  constructor(section: Readonly<Record<string, unknown>>, fault: Fault) {
    this.d = new Dialogue(section);
    this.#fault = fault;
    this.give({ type: 'start' });
    this.give({ type: 'link-up', link: 'device' });
  }

  give(input: Input): void {
    this.d.give(input);
    for (const effect of this.d.effects) this.#perform(effect);
  }

  event(link: 'device' | 'group', text: string): void {
    this.d.event(link, text);
    for (const effect of this.d.effects) this.#perform(effect);
  }

  /** Lets time go by. */
  pass(ms: number): void {
    const end = this.d.now + ms;
    for (let steps = 0; ; steps++) {
      assert.ok(steps < 200_000, 'steps without end');
      const [next] = this.#due.sort((a, b) => a.at - b.at || a.order - b.order);
      if (!next || next.at > end) break;
      this.#due.shift();
      this.d.now = Math.max(this.d.now, next.at);
      next.run();
    }
    this.d.now = end;
  }

  after(ms: number, run: () => void): Due {
    const due = { at: this.d.now + ms, order: this.#order++, run };
    this.#due.push(due);
    return due;
  }

  #drop(due: Due | undefined): void {
    this.#due = this.#due.filter((one) => one !== due);
  }

  start(): void {
    const name = `p2p-wlan0-${this.index++}`;
    this.groups.set(name, 'DIRECT-PP');
    this.event(
      'device',
      `P2P-GROUP-STARTED ${name} GO ssid="DIRECT-PP" freq=2437 passphrase="mysecretpassword" go_dev_addr=${OWN_ADDRESS} [PERSISTENT]`,
    );
  }

  remove(name: string): void {
    if (!this.groups.delete(name)) return;
    this.event('device', `P2P-GROUP-REMOVED ${name} GO reason=REQUESTED`);
  }

  #reply(link: RequestTarget, command: string): string | null {
    const faulty = this.#fault(command, link, this);
    if (faulty !== undefined) return faulty;
    const [word = '', argument = ''] = command.split(' ');
    switch (word) {
      case 'STATUS':
        if (link === 'device') return `p2p_device_address=${OWN_ADDRESS}\n`;
        return this.groups.has(this.#group ?? '')
          ? 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n'
          : 'wpa_state=DISCONNECTED\n';
      case 'GET':
        return (FILE_VALUES as Readonly<Record<string, string>>)[argument] || 'FAIL\n';
      case 'INTERFACES':
        return `${[...this.groups.keys(), ...this.leftovers].join('\n')}\nwlan0\n${DEVICE}\n`;
      case 'LIST_NETWORKS':
        return 'network id / ssid / bssid / flags\n0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n';
      case 'GET_NETWORK':
        return command.endsWith('mode') ? '3' : 'FAIL\n';
      case 'P2P_GROUP_ADD':
        this.after(100, () => this.start());
        return 'OK\n';
      case 'P2P_GROUP_REMOVE':
        this.after(100, () => this.remove(argument));
        return 'OK\n';
      case 'STA-FIRST':
        return '';
      case 'P2P_GET_PASSPHRASE':
        return 'mysecretpassword';
      default:
        return 'OK\n';
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'request': {
        const { link, command, tag } = effect;
        this.requests.push(`${link} ${command}`);
        const reply = this.#reply(link, command);
        if (!tag) return;
        const due = this.after(reply === null ? 10_000 : 5, () => {
          this.#asked = this.#asked.filter((asked) => asked.due !== due);
          if (reply === null)
            this.give({ type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'no reply' });
          else this.give({ type: 'reply', tag, reply });
        });
        if (link === 'group') this.#asked.push({ tag, due });
        return;
      }
      case 'close-group':
        return this.#close();
      case 'open-group': {
        this.#close();
        const name = effect.interface;
        this.#group = name;
        this.after(20, () => {
          if (this.#group !== name) return;
          if (this.attaches(name)) this.give({ type: 'link-up', link: 'group' });
          else
            this.give({
              type: 'link-waiting',
              link: 'group',
              code: 'CONTROL_UNAVAILABLE',
              reason: `${name}: nobody answers there (ECONNREFUSED)`,
            });
        });
        return;
      }
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
        if (call !== null) this.after(50, () => this.give({ type: 'hook-done', hook: event.hook, call }));
        return;
      }
      case 'investigate-loss':
        this.after(50, () => this.give({ type: 'loss-investigated', culprit: null, leftover: null }));
        return;
      case 'answer':
        this.answers.set(effect.id, effect.answer.ok ? 'ok' : effect.answer.code);
        return;
      case 'log':
        if (effect.level !== 'debug') this.logs.push(effect.message);
        return;
      default:
        return;
    }
  }

  #close(): void {
    this.#group = null;
    for (const { due } of this.#asked.splice(0)) this.#drop(due);
  }
}

const HOUR = 3_600_000;
const isAdd = (c: string) => c.startsWith('P2P_GROUP_ADD');

const FAULTS: Readonly<Record<string, { fault: Fault; begin?: (m: Model) => void }>> = {
  none: { fault: () => undefined },
  'add refused': { fault: (c) => (isAdd(c) ? 'FAIL\n' : undefined) },
  'add: nothing comes': { fault: (c) => (isAdd(c) ? 'OK\n' : undefined) },
  'add: no reply': { fault: (c) => (isAdd(c) ? null : undefined) },
  'add: ends at once': {
    fault: (c, _l, m) => {
      if (!isAdd(c)) return undefined;
      m.after(100, () => m.event('device', `P2P-GROUP-REMOVED p2p-wlan0-${m.index++} GO reason=REQUESTED`));
      return 'OK\n';
    },
  },
  'add: up and removed': {
    fault: (c, _l, m) => {
      if (!isAdd(c)) return undefined;
      m.after(100, () => m.start());
      m.after(1000, () => m.remove([...m.groups.keys()][0] ?? ''));
      return 'OK\n';
    },
  },
  'add: up and vanishes': {
    fault: (c, _l, m) => {
      if (!isAdd(c)) return undefined;
      m.after(100, () => m.start());
      m.after(1000, () => {
        m.groups.clear();
        m.give({ type: 'link-down', link: 'group', reason: 'ENOENT' });
      });
      return 'OK\n';
    },
  },
  'add: words': {
    fault: (c, _l, m) => {
      if (!isAdd(c)) return undefined;
      m.after(100, () => m.event('device', `P2P: Failed to add group interface p2p-wlan0-${m.index++}`));
      return 'OK\n';
    },
  },
  'add refused, two silent candidates': {
    fault: (c, l) => (l === 'group' && c === 'STATUS' ? 'FAIL\n' : isAdd(c) ? 'FAIL\n' : undefined),
    begin: (m) => m.leftovers.push('p2p-wlan0-7', 'p2p-wlan0-8'),
  },
  'add refused, a socket without anybody': {
    fault: (c) => (isAdd(c) ? 'FAIL\n' : undefined),
    begin: (m) => {
      m.leftovers.push('p2p-wlan0-7');
      m.attaches = () => false;
    },
  },
  'refused and nothing by turns': {
    fault: (c, _l, m) => (isAdd(c) ? (m.index++ % 2 ? 'FAIL\n' : 'OK\n') : undefined),
  },
  'remove refused': { fault: (c) => (c.startsWith('P2P_GROUP_REMOVE') ? 'FAIL\n' : undefined) },
  'remove: nothing comes': { fault: (c) => (c.startsWith('P2P_GROUP_REMOVE') ? 'OK\n' : undefined) },
  'list refused': { fault: (c) => (c.startsWith('LIST_NETWORKS') ? 'FAIL\n' : undefined) },
  'interfaces refused': { fault: (c) => (c === 'INTERFACES' ? 'FAIL\n' : undefined) },
  'find refused': { fault: (c) => (c.startsWith('P2P_FIND') ? 'FAIL\n' : undefined) },
  'everything refused': { fault: () => 'FAIL\n' },
  'walk refused': { fault: (c) => (c.startsWith('STA') && c !== 'STATUS' ? 'FAIL\n' : undefined) },
  'no socket of the group': { fault: () => undefined, begin: (m) => (m.attaches = () => false) },
  'status says no group': {
    fault: (c, l, m) => {
      if (l !== 'group' || c !== 'STATUS') return undefined;
      m.groups.clear();
      return 'wpa_state=DISCONNECTED\n';
    },
  },
  'set refused': { fault: (c) => (c.startsWith('SET') ? 'FAIL\n' : undefined) },
};

/** The group comes up and ends again each time; each of these is an event of its own, with its hooks. */
const LIFE = /: group ".*" (?:at # MHz is up|has ended)/;
const MAX_LINES = 2;
/** One every five seconds is the fastest that a running group is checked. */
const MAX_REQUESTS = 720;

type Settings = ReturnType<typeof validate>['settings'];

function counted(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts.map((one) => one.replace(/\d+/g, '#')))
    counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts];
}

/** An hour in which nothing new happens: few lines, few requests, and the status says what is the matter. */
function quietHour(model: Model, settings: Settings): void {
  model.logs.length = 0;
  model.requests.length = 0;
  for (let minute = 0; minute < 60; minute++) {
    model.pass(60_000);
    const none = noGroup(model.d.state, settings, null);
    if (!none) continue;
    assert.notEqual(none.reason, '');
    if (none.cause !== 'stopped' && none.cause !== 'on-demand' && none.cause !== 'forming')
      assert.notEqual(none.nextTryAt, null, `no next try: ${none.cause}`);
  }
  const lines = counted(model.logs).filter(([line, count]) => count > MAX_LINES && !LIFE.test(line));
  assert.deepEqual(lines, [], 'lines that come again and again');
  const requests = counted(model.requests).filter(([, count]) => count > MAX_REQUESTS);
  assert.deepEqual(requests, [], 'requests that come again and again');
}

describe('a fault that lasts is told once, and what is tried again waits', () => {
  for (const section of [{}, { dynamic_group: true }]) {
    for (const [name, { fault, begin }] of Object.entries(FAULTS)) {
      test(`${JSON.stringify(section)}: ${name}`, () => {
        const model = new Model(section, fault);
        begin?.(model);
        const { settings } = validate(section);
        const commands = ['start-group', 'stop-group', 'pause', 'resume'] as const;
        for (const [id, kind] of commands.entries()) {
          model.pass(120_000);
          model.give({ type: 'operator', id, command: { kind } });
          if (kind === 'stop-group') model.give({ type: 'operator-gone', id });
        }
        model.pass(HOUR);
        quietHour(model, settings);
        model.give({ type: 'operator', id: commands.length, command: { kind: 'start-group' } });
        model.pass(HOUR);
        quietHour(model, settings);
        assert.equal(model.answers.size, commands.length + 1, 'each operator has an answer');
      });
    }
  }
});
