import assert from 'node:assert/strict';
import { PerformanceObserver } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { HeapWatch, LOOK_MS } from '#src/daemon/heap.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const MIB = 2 ** 20;

/** Makes garbage until V8 has collected some. */
async function collection(): Promise<void> {
  let seen = false;
  const observer = new PerformanceObserver(() => {
    seen = true;
  });
  observer.observe({ entryTypes: ['gc'] });
  for (let round = 0; !seen; round++) {
    Array.from({ length: 1000 }, (_, i) => `${round} ${i}`);
    await setImmediate();
  }
  observer.disconnect();
}

/** A watch over a heap whose size the test sets; each collection of the young generation is V8's own. */
async function watched(t: TestContext) {
  const clock = new ManualClock();
  const heap = { size: 10 * MIB, cpuMs: 0, collected: 0 };
  const watch = new HeapWatch({
    clock,
    size: () => heap.size,
    cpuMs: () => heap.cpuMs,
    collect(done) {
      heap.collected++;
      heap.size = 10 * MIB;
      done();
    },
  });
  t.after(() => watch.close());
  watch.start();
  await collection();
  return { watch, clock, heap };
}

test('as long as the heap has grown by less than 1 MiB, no timer runs', async (t) => {
  const { clock, heap } = await watched(t);
  heap.size = 11 * MIB - 1;
  await collection();
  assert.deepEqual(clock.waiting, []);
});

test('what the heap has grown by is given back, each time', async (t) => {
  const { clock, heap } = await watched(t);
  for (const times of [1, 2]) {
    heap.size = 11 * MIB;
    await collection();
    assert.deepEqual(clock.waiting, [LOOK_MS]);
    clock.advance(LOOK_MS);
    assert.equal(heap.collected, times);
    assert.deepEqual(clock.waiting, []);
  }
});

test('a heap that V8 has made smaller is compared with its new size', async (t) => {
  const { clock, heap } = await watched(t);
  heap.size = 7 * MIB;
  await collection();
  heap.size = 10 * MIB;
  await collection();
  clock.advance(LOOK_MS);
  assert.equal(heap.collected, 1);
});

test('a busy process is not stopped', async (t) => {
  const { clock, heap } = await watched(t);
  heap.size = 40 * MIB;
  await collection();
  for (let looks = 0; looks < 3; looks++) {
    heap.cpuMs += LOOK_MS / 5;
    clock.advance(LOOK_MS);
  }
  assert.equal(heap.collected, 0);
  heap.cpuMs += LOOK_MS / 20;
  clock.advance(LOOK_MS);
  assert.equal(heap.collected, 1);
});

test('nothing runs after it is closed', async (t) => {
  const { watch, clock, heap } = await watched(t);
  heap.size = 40 * MIB;
  await collection();
  watch.close();
  assert.deepEqual(clock.waiting, []);
});

test('with the heap of V8: memory of objects that were kept for a while is given back', async (t) => {
  const size = () => process.memoryUsage().heapTotal;
  const clock = new ManualClock();
  const watch = new HeapWatch({ clock, cpuMs: () => 0 });
  t.after(() => watch.close());
  watch.start();
  await collection();
  for (let flood = 0; flood < 2; flood++) {
    const before = size();
    const kept: string[][] = [];
    while (size() - before < 20 * MIB) {
      kept.push(Array.from({ length: 10_000 }, (_, i) => `${kept.length} ${i}`));
      await setImmediate();
    }
    const full = size();
    kept.length = 0;
    while (full - size() < 15 * MIB) {
      clock.advance(LOOK_MS);
      await setTimeout(10);
    }
  }
});
