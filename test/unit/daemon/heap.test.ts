import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { PerformanceObserver } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HeapWatch, LOOK_MS } from '#src/daemon/heap.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const MIB = 2 ** 20;
const HEAP_URL = import.meta.resolve('#src/daemon/heap.js');

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

test('a second start while a look is due adds no timer', async (t) => {
  const { watch, clock, heap } = await watched(t);
  heap.size = 40 * MIB;
  await collection();
  watch.start();
  await collection();
  assert.deepEqual(clock.waiting, [LOOK_MS]);
  watch.close();
  assert.deepEqual(clock.waiting, []);
});

test('a start while garbage is being collected adds no timer', async (t) => {
  const clock = new ManualClock();
  const heap = { size: 10 * MIB, done: () => {} };
  const watch = new HeapWatch({
    ...{ clock, size: () => heap.size, cpuMs: () => 0 },
    collect(done) {
      heap.done = done;
    },
  });
  t.after(() => watch.close());
  watch.start();
  await collection();
  heap.size = 40 * MIB;
  await collection();
  clock.advance(LOOK_MS);
  watch.start();
  await collection();
  assert.deepEqual(clock.waiting, []);
  heap.done();
  heap.size = 80 * MIB;
  await collection();
  assert.deepEqual(clock.waiting, [LOOK_MS]);
});

test('where the inspector is forbidden, nothing is thrown, and no timer runs afterwards', async () => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  // The timer of the watch is its only one, so an error that it throws is an uncaught exception.
  const text = `
    const { HeapWatch } = await import(${JSON.stringify(HEAP_URL)});
    const heap = { size: 1, fire: null };
    const clock = { now: () => 0, after: (_, fire) => { heap.fire = fire; return { cancel() {} }; } };
    const watch = new HeapWatch({ clock, size: () => heap.size, cpuMs: () => 0 });
    watch.start();
    for (let looks = 0; looks < 2; looks++) {
      gc();
      await new Promise((done) => setTimeout(done, 20));
      heap.size = 2 ** 30;
    }
    if (!heap.fire) throw new Error('expected a timer');
    heap.fire();
    heap.fire = null;
    heap.size = 2 ** 31;
    watch.start();
    gc();
    await new Promise((done) => setTimeout(done, 20));
    if (heap.fire) throw new Error('expected no timer');
    process.stdout.write('ok');`;
  const options = [
    flag,
    '--allow-fs-read=*',
    '--no-warnings',
    '--expose-gc',
    '--input-type=module',
    '--eval',
    text,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  assert.equal(stdout, 'ok');
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
