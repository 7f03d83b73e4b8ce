import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedEvents } from '#src/cli/prompt.js';
import { anEvent } from '../../fakes/monitor-data.js';

const PAUSED = anEvent(1, { type: 'paused' }, 'paused');
const RESUMED = anEvent(2, { type: 'resumed' }, 'resumed');

test('the event that a command caused is hidden once, before its reply or shortly after it', () => {
  let now = 0;
  const repeats = new RepeatedEvents(() => now);
  assert.equal(repeats.takes(PAUSED), false, 'no command is running');
  repeats.expect(['paused']);
  assert.equal(repeats.takes(RESUMED), false, 'another event');
  assert.equal(repeats.takes(PAUSED), true);
  assert.equal(repeats.takes(PAUSED), false, 'another client has paused as well');
  assert.deepEqual(repeats.settle(false), []);
  repeats.expect(['resumed']);
  assert.deepEqual(repeats.settle(false), []);
  now = 900;
  assert.equal(repeats.takes(RESUMED), true, 'a daemon in another process reports it later');
  repeats.expect(['paused']);
  repeats.settle(false);
  now = 5_000;
  assert.equal(repeats.takes(PAUSED), false, 'that one comes from another client');
});

test('if the command prints nothing, or fails, the event is shown', () => {
  const repeats = new RepeatedEvents(() => 0);
  repeats.expect(['paused']);
  assert.equal(repeats.takes(PAUSED), true);
  assert.deepEqual(repeats.settle(true), [PAUSED]);
  assert.equal(repeats.takes(PAUSED), false);
});
