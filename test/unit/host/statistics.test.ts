import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Statistics } from '#src/host/statistics.js';

test('beyond a limit, further event names are counted together', () => {
  const statistics = new Statistics();
  for (let n = 0; n < 600; n++) statistics.countEvent(`N${n}`);
  statistics.countEvent('N0');
  const { events } = statistics.view;
  assert.equal(events['N0'], 2);
  assert.equal(Object.keys(events).length, 501);
  assert.equal(events['(other)'], 100);
});

test('reset sets all counters to 0', () => {
  const statistics = new Statistics();
  statistics.count('hooks');
  statistics.countEvent('X');
  statistics.reset();
  assert.equal(statistics.view.hooks, 0);
  assert.deepEqual(statistics.view.events, {});
});
