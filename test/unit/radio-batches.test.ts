import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchesBySystem, distribute, usualMachines } from '../radio/host/batches.js';
import type { System } from '../radio/protocol.js';

const scenarios = (...seconds: number[]) => seconds.map((timeoutSeconds, at) => ({ at, timeoutSeconds }));
const times = (batches: ReturnType<typeof scenarios>[]) =>
  batches.map((batch) => batch.map(({ timeoutSeconds }) => timeoutSeconds));

test('the longest scenarios are assigned first, each to the machine with the least', () => {
  assert.deepEqual(times(distribute(scenarios(120, 300, 180, 900, 240), 2)), [[900], [120, 300, 180, 240]]);
  assert.deepEqual(times(distribute(scenarios(100, 100, 100), 2)), [[100, 100], [100]]);
});

test('every scenario is assigned once, and a machine keeps their order', () => {
  const all = scenarios(40, 300, 180, 180, 900, 240, 120);
  for (const machines of [1, 2, 3, 7]) {
    const batches = distribute(all, machines);
    assert.equal(batches.length, machines);
    assert.deepEqual(
      batches.flat().sort((a, b) => a.at - b.at),
      all,
    );
  }
  assert.deepEqual(distribute(all, 1), [all]);
});

test('three machines on two CPUs, fewer if there is little to run or little memory', () => {
  assert.deepEqual(usualMachines(30, 8, 24_000), { machines: 3 });
  assert.deepEqual(usualMachines(30, 2, 24_000), { machines: 3 });
  assert.deepEqual(usualMachines(30, 1, 24_000), { machines: 1 });
  assert.deepEqual(usualMachines(1, 8, 24_000), { machines: 1 });
  assert.deepEqual(usualMachines(1, 8, 1_000), { machines: 1 });
  const scarce = usualMachines(30, 8, 4_900);
  assert.equal(scarce.machines, 1);
  assert.match(scarce.reason ?? '', /4900 MB/);
});

describe('a machine has one system', () => {
  const of = (system: System, ...seconds: number[]) =>
    scenarios(...seconds).map((one) => ({ ...one, system }));
  const plan = (machines: number, ...all: ReturnType<typeof of>[]) =>
    batchesBySystem(all.flat(), machines).map((batch) => [
      batch.system,
      batch.scenarios.map(({ timeoutSeconds }) => timeoutSeconds).join(' '),
    ]);

  test('the systems share the machines so that all is done early, and the longest begins', () => {
    const host = of('host', 900, 700, 600, 500, 400, 300);
    const debian = of('debian', 600, 300);
    assert.deepEqual(plan(4, host, debian), [
      ['host', '900 300'],
      ['host', '700 400'],
      ['host', '600 500'],
      ['debian', '600 300'],
    ]);
  });

  test('with a single machine at a time, each system has one', () => {
    assert.deepEqual(plan(1, of('host', 100, 100), of('debian', 200, 50)), [
      ['debian', '200 50'],
      ['host', '100 100'],
    ]);
  });

  test('a machine more than run at once, where that ends earlier', () => {
    const host = of('host', 500, 500, 500, 500);
    assert.deepEqual(plan(2, host, of('debian', 900)), [
      ['host', '500 500'],
      ['debian', '900'],
      ['host', '500'],
      ['host', '500'],
    ]);
  });

  test('of one system alone', () => {
    assert.deepEqual(plan(2, of('debian', 200, 50)), [
      ['debian', '200'],
      ['debian', '50'],
    ]);
  });
});
