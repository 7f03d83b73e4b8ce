import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsOf } from '#src/host/limits.js';
import { REMOVED } from './dialogue.js';
import { ALL } from './every-input.js';
import { PHASES } from './every-phase.js';
import { unsaid } from './unusable-group.js';

/** Each state in which something does not work says why, and what ends it. test/model checks it in random stories, too. */

for (const [phase, make] of Object.entries(PHASES)) {
  test(`phase ${phase}, and after every input: why it is not usable, and what it waits for`, () => {
    const d = make();
    assert.equal(unsaid(d.state, d.now), null);
    for (const [input] of ALL) {
      const after = make().give(input);
      assert.equal(unsaid(after.state, after.now), null, JSON.stringify(input));
    }
  });
}

test('a group without its link: told after two seconds, and over with the link', () => {
  const d = PHASES.running().down('group');
  const { now } = d;
  assert.equal(limitsOf(d.state, now)?.group, null);
  assert.match(limitsOf(d.state, now + 2_000).group?.reason ?? '', /^no link to p2p-wlan0-0, so stations/);
  d.up('group');
  assert.equal(limitsOf(d.state, now + 2_000).group, null);
});

test('a group that is being removed, one that could not be, and its end', () => {
  const d = PHASES.running().operate({ kind: 'stop-group' });
  assert.match(limitsOf(d.state, d.now).group?.reason ?? '', /is being removed$/);
  for (let n = 0; n < 10 && !/could not/.test(limitsOf(d.state, d.now).group?.reason ?? ''); n++)
    d.timer('removal', d.timers()['removal'] ?? 0);
  const { reason, nextTryAt } = limitsOf(d.state, d.now).group ?? {};
  assert.match(reason ?? '', /could not be removed$/);
  assert.ok((nextTryAt ?? 0) > d.now);
  d.event('device', REMOVED);
  assert.equal(limitsOf(d.state, d.now).group, null);
});

test('a pause, and wrong PINs', () => {
  const d = PHASES.running().operate({ kind: 'pause' });
  assert.deepEqual(limitsOf(d.state, d.now).admission?.waitsFor, 'the command "resume"');
  d.operate({ kind: 'resume' });
  assert.equal(limitsOf(d.state, d.now).admission, null);
  const pausedUntil = d.now + 60_000;
  const locked = { ...d.state, wrongPins: { count: 0, pausedUntil } };
  assert.equal(limitsOf(locked, d.now).admission?.nextTryAt, pausedUntil);
  assert.equal(limitsOf(locked, pausedUntil).admission, null);
});
