import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { BusyDay } from '../../model/busy-day.js';

test('a hundred groups later the program holds no more timers, sockets and watches than before, and after stop none', async (t) => {
  // "npm run soak -- --day" plays 24 hours, and looks at the memory.
  const day = new BusyDay(temporaryFolder(t));
  await day.goOn(10);
  const { timers, sockets, watches, state } = day.footprint;
  await day.goOn(100);
  const later = day.footprint;
  assert.deepEqual([later.timers, later.sockets, later.watches], [timers, sockets, watches]);
  assert.ok(later.state < 2 * state, `the state has grown from ${state} to ${later.state} characters`);
  assert.equal(later.peers, 1_000);
  await day.stop();
});
