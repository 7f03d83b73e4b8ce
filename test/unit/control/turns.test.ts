import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shared } from '#src/control/routes.js';
import { Turns } from '#src/control/server.js';
import { processStart } from '#src/system/processes.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one piece of work in each turn of the event loop, in order', async () => {
  const turns = new Turns();
  const done: number[] = [];
  for (let n = 0; n < 3; n++) turns.take(() => done.push(n));
  assert.equal(done.length, 0);
  for (let n = 1; n <= 3; n++) {
    await turn();
    assert.deepEqual(done, [0, 1, 2].slice(0, n));
  }
  // Also work that a piece of work adds, and work that is added after all was done.
  turns.take(() => turns.take(() => done.push(3)));
  await turn();
  assert.equal(done.length, 3);
  await turn();
  assert.equal(done.length, 4);
});

test('many requests at once share one call, later ones the next call', async () => {
  let asked = 0;
  const answer = shared(async () => {
    asked++;
    await turn();
    if (asked === 2) throw new Error('no');
    return asked;
  });
  assert.deepEqual(await Promise.all([answer(), answer(), answer()]), [1, 1, 1]);
  const failing = [answer(), answer()];
  for (const one of failing) await assert.rejects(one, /no/);
  assert.equal(await answer(), 3);
});

test('the start time of the process stays the same while the clock is slewed, and moves when the clock is set', (t) => {
  const start = processStart();
  assert.ok(Math.abs(Date.now() - process.uptime() * 1000 - start) < 2_000);
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  Date.now = () => now() + 900;
  assert.equal(processStart(), start);
  Date.now = () => now() + 1e9;
  assert.ok(Math.abs(processStart() - start - 1e9) < 2_000);
});
