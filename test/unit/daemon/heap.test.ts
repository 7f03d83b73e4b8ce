import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HeapWatch } from '#src/daemon/heap.js';

const MIB = 2 ** 20;
const EVERY_MS = 10_000;
const HEAP_URL = import.meta.resolve('#src/daemon/heap.js');

/** A watch over a heap whose size the test sets. */
function watched() {
  const heap = { now: 0, size: 10 * MIB, cpuMs: 0, collected: 0, hold: false, done: () => {} };
  const watch = new HeapWatch({
    clock: { now: () => heap.now },
    size: () => heap.size,
    cpuMs: () => heap.cpuMs,
    collect(done) {
      heap.collected++;
      heap.done = () => {
        heap.size = 10 * MIB;
        done();
      };
      if (!heap.hold) heap.done();
    },
  });
  /** A look after the usual time, in which the process has used this share of a processor. */
  const look = (share = 0) => {
    heap.now += EVERY_MS;
    heap.cpuMs += EVERY_MS * share;
    watch.look();
  };
  look();
  return { heap, look };
}

test('while the heap has grown by less than 1 MiB, nothing is collected', () => {
  const { heap, look } = watched();
  heap.size = 11 * MIB - 1;
  look();
  assert.equal(heap.collected, 0);
});

test('what the heap has grown by is given back, each time', () => {
  const { heap, look } = watched();
  for (const times of [1, 2]) {
    heap.size = 11 * MIB;
    look();
    assert.equal(heap.collected, times);
    look();
    assert.equal(heap.collected, times);
  }
});

test('a heap that V8 has made smaller is compared with its new size', () => {
  const { heap, look } = watched();
  heap.size = 7 * MIB;
  look();
  heap.size = 10 * MIB;
  look();
  assert.equal(heap.collected, 1);
});

test('a busy process is not stopped', () => {
  const { heap, look } = watched();
  heap.size = 40 * MIB;
  for (let looks = 0; looks < 3; looks++) look(0.2);
  assert.equal(heap.collected, 0);
  look(0.05);
  assert.equal(heap.collected, 1);
});

test('work while nobody looked does not count for the time after the next look', () => {
  const { heap, look } = watched();
  heap.size = 40 * MIB;
  heap.now += 100 * EVERY_MS;
  look(50);
  assert.equal(heap.collected, 0);
  look();
  assert.equal(heap.collected, 1);
});

test('a look while garbage is being collected does not start that again', () => {
  const { heap, look } = watched();
  heap.hold = true;
  heap.size = 40 * MIB;
  look();
  look();
  assert.equal(heap.collected, 1);
  heap.done();
  heap.size = 40 * MIB;
  look();
  assert.equal(heap.collected, 2);
});

test('where the inspector is forbidden, nothing is thrown', async () => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const text = `
    const { HeapWatch } = await import(${JSON.stringify(HEAP_URL)});
    const heap = { now: 0, size: 1, looks: 0 };
    const size = () => {
      heap.looks++;
      return heap.size;
    };
    const watch = new HeapWatch({ clock: { now: () => heap.now++ }, size, cpuMs: () => 0 });
    watch.look();
    heap.size = 2 ** 30;
    watch.look();
    watch.look();
    process.stdout.write(String(heap.looks));`;
  const options = [flag, '--allow-fs-read=*', '--no-warnings', '--input-type=module', '--eval', text];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  assert.equal(stdout, '2', 'after the refusal it does not look again');
});

test('with the heap of V8: memory of objects that were kept for a while is given back', async () => {
  const size = () => process.memoryUsage().heapTotal;
  let now = 0;
  const watch = new HeapWatch({ clock: { now: () => now }, cpuMs: () => 0 });
  const look = () => {
    now += EVERY_MS;
    watch.look();
  };
  look();
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
      look();
      await setImmediate();
    }
  }
});

test('the size of the heap can be read when no file can be opened', async () => {
  const script = `
    const { openSync } = require('node:fs');
    import(${JSON.stringify(HEAP_URL)}).then(({ HeapWatch }) => {
      const watch = new HeapWatch();
      try { for (;;) openSync('/dev/null'); } catch (error) { console.log(error.code); }
      watch.look();
      console.log('looked');
    });`;
  const { stdout } = await promisify(execFile)('sh', [
    ...['-c', 'ulimit -n 40; exec "$0" -e "$1"', process.execPath, script],
  ]);
  assert.equal(stdout, 'EMFILE\nlooked\n');
});
