import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchesBySystem, distribute, usualMachines } from '../radio/host/batches.js';

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

test('two machines by default, fewer if there is little to run or little memory', () => {
  assert.deepEqual(usualMachines(30, 8, 24_000), { machines: 2 });
  assert.deepEqual(usualMachines(1, 8, 24_000), { machines: 1 });
  assert.deepEqual(usualMachines(30, 1, 24_000), { machines: 1 });
  assert.deepEqual(usualMachines(1, 8, 1_000), { machines: 1 });
  const scarce = usualMachines(30, 8, 4_900);
  assert.equal(scarce.machines, 1);
  assert.match(scarce.reason ?? '', /4900 MB/);
});

test('a machine has one system; the few Debian scenarios go first, and the others get one more machine', () => {
  const host = scenarios(100, 100, 100, 100).map((one) => ({ ...one, system: 'host' as const }));
  const debian = scenarios(200, 50).map((one) => ({ ...one, system: 'debian' as const }));
  const batches = batchesBySystem([...host, ...debian], 2);
  assert.deepEqual(
    batches.map((batch) => [batch.system, batch.scenarios.length]),
    [
      ['debian', 2],
      ['host', 2],
      ['host', 1],
      ['host', 1],
    ],
  );
  assert.deepEqual(
    batchesBySystem(host, 2).map((batch) => batch.scenarios.length),
    [2, 2],
  );
  assert.deepEqual(batchesBySystem(debian, 2), [{ system: 'debian', scenarios: debian }]);
  assert.deepEqual(
    batchesBySystem([...host, ...debian], 1).map((batch) => batch.system),
    ['debian', 'host'],
  );
});
