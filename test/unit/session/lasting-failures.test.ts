import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { validate } from '#src/config/validate.js';
import { noGroup } from '#src/host/no-group.js';
import { noticeText } from '#src/host/notice-text.js';
import type { RequestTarget } from '#src/session/messages.js';
import { SimulatedSupplicant } from '../../fakes/simulated-supplicant.js';
import { Dialogue } from './dialogue.js';

/** Failures that last for hours, each on a simulated wpa_supplicant that has that one failure. */

type Fault = (command: string, link: RequestTarget, model: SimulatedSupplicant) => string | null | undefined;

/** What an operator sees of the failure, and the requests that wpa_supplicant gets. */
interface Observed {
  /** Lines of the log, without those for debugging. */
  readonly logs: string[];
  readonly requests: string[];
}

function simulate(d: Dialogue, fault: Fault, { logs, requests }: Observed): SimulatedSupplicant {
  const model: SimulatedSupplicant = new SimulatedSupplicant(d, {
    reply: (command, link) => fault(command, link, model),
    watch: (effect) => {
      if (effect.type === 'request') requests.push(`${effect.link} ${effect.command}`);
      else if (effect.type === 'log' && effect.level !== 'debug') logs.push(noticeText(effect.notice));
    },
  });
  return model;
}

const HOUR = 3_600_000;
const isAdd = (c: string) => c.startsWith('P2P_GROUP_ADD');

const FAULTS: Readonly<Record<string, { fault: Fault; begin?: (m: SimulatedSupplicant) => void }>> = {
  none: { fault: () => undefined },
  'add refused': { fault: (c) => (isAdd(c) ? 'FAIL\n' : undefined) },
  'add: nothing comes': { fault: (c) => (isAdd(c) ? 'OK\n' : undefined) },
  'add: no reply': { fault: (c) => (isAdd(c) ? null : undefined) },
  'add: ends at once': {
    fault: (c, _l, m) => {
      if (!isAdd(c)) return undefined;
      m.after(100, () => m.say('device', `P2P-GROUP-REMOVED ${m.nextInterface()} GO reason=REQUESTED`));
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
        m.loseGroup();
      });
      return 'OK\n';
    },
  },
  'add: words': {
    fault: (c, _l, m) => {
      if (!isAdd(c)) return undefined;
      m.after(100, () => m.say('device', `P2P: Failed to add group interface ${m.nextInterface()}`));
      return 'OK\n';
    },
  },
  'add refused, two silent candidates': {
    fault: (c, l) => (l === 'group' && c === 'STATUS' ? 'FAIL\n' : isAdd(c) ? 'FAIL\n' : undefined),
    begin: (m) => m.leftovers.push('p2p-wlan0-7', 'p2p-wlan0-8'),
  },
  'add refused, a stale socket': {
    fault: (c) => (isAdd(c) ? 'FAIL\n' : undefined),
    begin: (m) => {
      m.leftovers.push('p2p-wlan0-7');
      m.attaches = () => false;
    },
  },
  'refused and unanswered in turn': {
    fault: (c, _l, m) => (isAdd(c) ? (/[02468]$/.test(m.nextInterface()) ? 'OK\n' : 'FAIL\n') : undefined),
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
  'settings are changed all the time': {
    fault: (c, _l, m) => {
      if (!c.startsWith('GET ')) return undefined;
      m.settings.set('config_methods', 'display').set('update_config', '1');
      return undefined;
    },
  },
  'set refused': { fault: (c) => (c.startsWith('SET') ? 'FAIL\n' : undefined) },
};

/** The group comes up and ends again each time. Each time counts as a new event, with its hooks. */
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

/** An hour in which nothing changes: few log lines, few requests, and the status says what is wrong. */
function quietHour(d: Dialogue, model: SimulatedSupplicant, seen: Observed, settings: Settings): void {
  seen.logs.length = 0;
  seen.requests.length = 0;
  for (let minute = 0; minute < 60; minute++) {
    model.pass(60_000);
    const none = noGroup(d.state, settings, null);
    if (!none) continue;
    assert.notEqual(none.reason, '');
    if (none.cause !== 'stopped' && none.cause !== 'on-demand' && none.cause !== 'forming')
      assert.notEqual(none.nextTryAt, null, `no next try: ${none.cause}`);
  }
  const lines = counted(seen.logs).filter(([line, count]) => count > MAX_LINES && !LIFE.test(line));
  assert.deepEqual(lines, [], 'log lines that repeat too often');
  const requests = counted(seen.requests).filter(([, count]) => count > MAX_REQUESTS);
  assert.deepEqual(requests, [], 'requests that repeat too often');
}

describe('a lasting failure is reported once, and new attempts wait', () => {
  for (const section of [{}, { dynamic_group: true }]) {
    for (const [name, { fault, begin }] of Object.entries(FAULTS)) {
      test(`${JSON.stringify(section)}: ${name}`, () => {
        const d = new Dialogue(section);
        const seen: Observed = { logs: [], requests: [] };
        const model = simulate(d, fault, seen);
        begin?.(model);
        const { settings } = validate(section);
        const commands = ['start-group', 'stop-group', 'pause', 'resume'] as const;
        for (const kind of commands) {
          model.pass(120_000);
          const id = model.operate({ kind });
          if (kind === 'stop-group') model.give({ type: 'operator-gone', id });
        }
        model.pass(HOUR);
        quietHour(d, model, seen, settings);
        model.operate({ kind: 'start-group' });
        model.pass(HOUR);
        quietHour(d, model, seen, settings);
        assert.equal(model.answers.size, commands.length + 1, 'each operator has an answer');
      });
    }
  }
});
