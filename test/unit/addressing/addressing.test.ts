import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AddressRequest, ServerParts } from '#src/addressing/address-server.js';
import { Addressing } from '#src/addressing/addressing.js';
import { addressPlan } from '#src/config/address-plan.js';
import { validate } from '#src/config/validate.js';
import { Problems } from '#src/system/problems.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const plan = addressPlan(validate({ addressing: 'dnsmasq' }).settings);

function request(group = 'p2p-wlan0-0'): Omit<AddressRequest, 'interface' | 'index'> {
  const usual = { owner: 'p2p-dev-wlan0', plan, leaseSeconds: 3600, announceRouter: false };
  return { mode: 'dnsmasq', group, ...usual };
}

/** Servers that a test controls; `story` is what happened to them, in order. */
function scene({ carriers = {} }: { carriers?: Readonly<Record<string, string>> } = {}) {
  const story: string[] = [];
  const failures: string[] = [];
  const held: (() => void)[] = [];
  let hold = false;
  let last: ServerParts | null = null;
  let index = 3;
  const clock = new ManualClock();
  const log = new CapturedLog();
  const problems = new Problems(() => {}, clock);
  const addressing = new Addressing({
    ...{ logger: log, clock, stateFolder: '/state', onLeases: () => {}, onProblem: problems.of('addresses') },
    lookUp: (name) => ({ interface: carriers[name] ?? name, index }),
    open: async ({ interface: name }, parts) => {
      last = parts;
      return {
        async start() {
          if (hold) await new Promise<void>((resolve) => held.push(resolve));
          const failure = failures.shift();
          story.push(failure === undefined ? `start ${name}` : `fail ${name}`);
          if (failure !== undefined) throw new Error(failure);
        },
        expectLease: () => story.push(`expect ${name}`),
        async stop() {
          story.push(`stop ${name}`);
        },
      };
    },
  });
  return {
    ...{ story, failures, clock, log, problems, addressing },
    end: (reason: string) => last?.onEnd(reason),
    makeAnew: () => {
      index++;
    },
    holdStarts: () => {
      hold = true;
    },
    letGo: () => {
      hold = false;
      for (const go of held.splice(0)) go();
    },
  };
}

/** All work is done in promises, so it is finished after one turn of the event loop. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the DHCP server of the group', () => {
  test('is started once for the same request, and stopped when addresses are no longer wanted', async () => {
    const { addressing, story } = scene();
    addressing.serve(request());
    addressing.serve(request());
    await settled();
    addressing.serve(request());
    assert.deepEqual(addressing.state?.serving, true);
    addressing.withdraw();
    await addressing.close();
    assert.deepEqual(story, ['start p2p-wlan0-0', 'stop p2p-wlan0-0']);
    assert.equal(addressing.state, null);
  });

  test('a problem stays while the next attempt is under way, and ends when that has succeeded', async () => {
    const { addressing, failures, clock, problems, holdStarts, letGo } = scene();
    failures.push('no dnsmasq');
    addressing.serve(request());
    await settled();
    const shown = () => problems.list.map(({ reason, waitsFor }) => [reason, waitsFor]);
    assert.deepEqual(shown(), [['no dnsmasq', null]]);
    const since = problems.list[0]?.since;
    holdStarts();
    clock.advance(1_000);
    await settled();
    clock.advance(5_000);
    assert.deepEqual(shown(), [['no dnsmasq', 'the attempt under way']]);
    assert.equal(problems.list[0]?.since, since);
    failures.push('no dnsmasq');
    letGo();
    await settled();
    assert.deepEqual(shown(), [['no dnsmasq', null]]);
    clock.advance(2_000);
    await settled();
    assert.equal(addressing.state?.serving, true);
    assert.deepEqual(shown(), []);
    await addressing.close();
  });

  test('is stopped before another one starts', async () => {
    const { addressing, story } = scene();
    addressing.serve(request('p2p-wlan0-0'));
    await settled();
    addressing.serve(request('p2p-wlan0-1'));
    await settled();
    assert.deepEqual(story, ['start p2p-wlan0-0', 'stop p2p-wlan0-0', 'start p2p-wlan0-1']);
  });

  test('is started again for a new interface of the same name', async () => {
    const { addressing, story, makeAnew } = scene();
    addressing.serve(request());
    await settled();
    makeAnew();
    addressing.serve(request());
    await settled();
    assert.deepEqual(story, ['start p2p-wlan0-0', 'stop p2p-wlan0-0', 'start p2p-wlan0-0']);
  });

  test('changes during a start are applied after it, and only the last one', async () => {
    const { addressing, story, holdStarts, letGo } = scene();
    holdStarts();
    addressing.serve(request('p2p-wlan0-0'));
    await settled();
    assert.equal(addressing.state?.serving, false);
    addressing.withdraw();
    addressing.serve(request('p2p-wlan0-1'));
    addressing.serve(request('p2p-wlan0-2'));
    letGo();
    await settled();
    assert.deepEqual(story, ['start p2p-wlan0-0', 'stop p2p-wlan0-0', 'start p2p-wlan0-2']);
  });

  test('that cannot start is tried again after growing pauses, and the reason is logged once', async () => {
    const { addressing, story, failures, clock, log } = scene();
    failures.push('no dnsmasq', 'no dnsmasq', 'no dnsmasq');
    addressing.serve(request());
    await settled();
    assert.deepEqual(story, ['fail p2p-wlan0-0', 'stop p2p-wlan0-0']);
    const known = { ...request(), interface: 'p2p-wlan0-0', index: 3 };
    assert.deepEqual(addressing.state, { request: known, serving: false, problem: 'no dnsmasq' });
    clock.advance(999);
    await settled();
    assert.equal(story.length, 2);
    clock.advance(1);
    await settled();
    clock.advance(2_000);
    await settled();
    clock.advance(3_999);
    await settled();
    assert.equal(story.length, 6);
    clock.advance(1);
    await settled();
    assert.equal(story.at(-1), 'start p2p-wlan0-0');
    assert.equal(addressing.state?.problem, null);
    assert.equal(log.lines.filter((line) => line.startsWith('error')).length, 1);
  });

  test('that ends by itself is cleaned up and started again', async () => {
    const { addressing, story, clock, end } = scene();
    addressing.serve(request());
    await settled();
    end('dnsmasq has ended');
    assert.equal(addressing.state?.serving, false);
    await settled();
    clock.advance(1_000);
    await settled();
    assert.deepEqual(story, ['start p2p-wlan0-0', 'stop p2p-wlan0-0', 'start p2p-wlan0-0']);
    assert.equal(addressing.state?.serving, true);
  });

  test('that ends together with its group is not started again', async () => {
    const { addressing, story, clock, log, end } = scene();
    addressing.serve(request());
    await settled();
    addressing.withdraw();
    end('dnsmasq has ended');
    await settled();
    clock.advance(120_000);
    await settled();
    assert.deepEqual(story, ['start p2p-wlan0-0', 'stop p2p-wlan0-0']);
    assert.deepEqual(
      log.lines.filter((line) => line.startsWith('error')),
      [],
    );
  });

  test('the pause before another attempt ends when addresses are no longer wanted', async () => {
    const { addressing, story, failures, clock } = scene();
    failures.push('x');
    addressing.serve(request());
    await settled();
    await addressing.close();
    clock.advance(120_000);
    await settled();
    assert.deepEqual(story, ['fail p2p-wlan0-0', 'stop p2p-wlan0-0']);
  });

  test('serves the bridge if the group is a port of it', async () => {
    const { addressing, story } = scene({ carriers: { 'p2p-wlan0-0': 'br0' } });
    addressing.serve(request());
    await settled();
    addressing.expectLease();
    assert.deepEqual(story, ['start br0', 'expect br0']);
    assert.equal(addressing.state?.request.interface, 'br0');
  });
});
