import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '#src/config/validate.js';
import { type LinkProblem, noGroup } from '#src/host/no-group.js';
import { Dialogue, REMOVED } from './dialogue.js';

/** Why there is no group, and when the next attempt is: for each reason. */

const { settings } = validate({});
const ON_DEMAND = validate({ dynamic_group: true }).settings;
const why = (d: Dialogue, link: LinkProblem | null = null, chosen = settings) =>
  noGroup(d.state, chosen, link);

test('a group is up', () => {
  assert.equal(why(new Dialogue().toRunning()), null);
});

test('no wpa_supplicant: the status says where it was looked for, and when it is looked for again', () => {
  const d = new Dialogue().give({ type: 'start' });
  assert.deepEqual(why(d), {
    cause: 'starting',
    reason: 'connecting to wpa_supplicant',
    waitsFor: 'an answer of wpa_supplicant',
    nextTryAt: null,
  });
  const problem = {
    reason: '/run/wpa_supplicant/p2p-dev-wlan0: no program answers there',
    nextTryAt: 1_002_000,
  };
  const waitsFor = 'an answer of wpa_supplicant';
  assert.deepEqual(why(d, problem), { cause: 'supplicant', ...problem, waitsFor });
  assert.deepEqual(why(new Dialogue().toRunning().down('device'), problem), {
    cause: 'supplicant',
    ...problem,
    waitsFor,
  });
});

test('a refused attempt: its reason and the time of the next one, which stay while that is under way', () => {
  const d = new Dialogue().toChoosing().profiles().hookDone('start_group');
  const waitsFor = 'wpa_supplicant to report that the group has started';
  assert.deepEqual(why(d), { cause: 'forming', reason: 'being formed', waitsFor, nextTryAt: null });
  d.reply('P2P_GROUP_ADD persistent', 'FAIL\n');
  assert.deepEqual(why(d), {
    cause: 'refused',
    reason: 'P2P_GROUP_ADD was refused: FAIL',
    waitsFor: null,
    nextTryAt: d.now + 1_000,
  });
  assert.deepEqual(d.events(), [
    { type: 'groupFailed', reason: 'P2P_GROUP_ADD was refused: FAIL', cause: 'refused', retrySeconds: 1 },
  ]);
  d.timer('backoff', 1_000);
  assert.equal(why(d)?.cause, 'starting');
  assert.match(why(d)?.reason ?? '', /the last attempt failed: P2P_GROUP_ADD was refused: FAIL/);
});

test('the pauses grow, and the status shows each of them', () => {
  const d = new Dialogue().toChoosing().profiles().hookDone('start_group');
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    d.answer({ kind: 'group-add' }, 'FAIL\n');
    pauses.push((why(d)?.nextTryAt ?? 0) - d.now);
    assert.equal(d.timers()['backoff'], pauses.at(-1));
    d.timer('backoff').reply('INTERFACES', 'wlan0\n').profiles().hookDone('start_group');
  }
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('a group that another program removed', () => {
  const d = new Dialogue().toRunning().event('device', REMOVED);
  assert.deepEqual(why(d), {
    cause: 'removed',
    reason:
      'another program has told wpa_supplicant to remove the group (REQUESTED), such as wpa_cli or NetworkManager',
    waitsFor: null,
    nextTryAt: d.now + 1_000,
  });
});

test('paused, stopped, on demand', () => {
  const removed = new Dialogue().toRunning().operate({ kind: 'stop-group' }).event('device', REMOVED);
  assert.equal(why(removed)?.cause, 'stopped');
  const paused = new Dialogue().toRunning().operate({ kind: 'pause' }).event('device', REMOVED);
  assert.equal(why(paused)?.cause, 'paused');
  const idle = new Dialogue({ dynamic_group: true }).toIdle();
  assert.deepEqual(why(idle, null, ON_DEMAND), {
    cause: 'on-demand',
    reason: 'it is formed on demand',
    waitsFor: 'a phone that asks for it or comes back to it',
    nextTryAt: null,
  });
});

test('the end', () => {
  assert.equal(why(new Dialogue().toRunning().give({ type: 'stop' }))?.cause, 'ending');
});

test('a group that vanished: its cause is still named during the next attempt', () => {
  const d = new Dialogue().toRunning().answer({ kind: 'group-check', reason: null }, 'wlan0\n');
  d.timer('backoff').give({
    type: 'loss-investigated',
    culprit: 'another program has removed it',
    leftover: null,
  });
  assert.match(why(d)?.reason ?? '', /the last attempt failed: another program has removed it$/);
});

test('the cause of a vanished group is found during the pause: reported with the time that is left', () => {
  const d = new Dialogue().toRunning().answer({ kind: 'group-check', reason: null }, 'wlan0\n');
  d.now += 400;
  d.give({ type: 'loss-investigated', culprit: 'another program has removed it', leftover: null });
  const [failed] = d.events();
  assert.deepEqual(failed, {
    type: 'groupFailed',
    reason: 'another program has removed it',
    cause: 'vanished',
    retrySeconds: 0.6,
  });
});
