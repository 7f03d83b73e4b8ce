import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deal, dealBySystem, usualMachines } from '../radio/host/deal.js';

const scenarios = (...seconds: number[]) => seconds.map((timeoutSeconds, at) => ({ at, timeoutSeconds }));
const times = (hands: ReturnType<typeof scenarios>[]) =>
  hands.map((hand) => hand.map(({ timeoutSeconds }) => timeoutSeconds));

test('the longest scenarios go out first, each to the machine with the least', () => {
  assert.deepEqual(times(deal(scenarios(120, 300, 180, 900, 240), 2)), [[900], [120, 300, 180, 240]]);
  assert.deepEqual(times(deal(scenarios(100, 100, 100), 2)), [[100, 100], [100]]);
});

test('every scenario is dealt once, and one machine gets them as they are', () => {
  const all = scenarios(40, 300, 180, 180, 900, 240, 120);
  for (const machines of [1, 2, 3, 7]) {
    const hands = deal(all, machines);
    assert.equal(hands.length, machines);
    assert.deepEqual(
      hands.flat().sort((a, b) => a.at - b.at),
      all,
    );
  }
  assert.deepEqual(deal(all, 1), [all]);
});

test('two machines are usual, unless there is too little to run, or to run it on', () => {
  assert.deepEqual(usualMachines(30, 8, 24_000), { machines: 2 });
  assert.deepEqual(usualMachines(1, 8, 24_000), { machines: 1 });
  assert.deepEqual(usualMachines(30, 1, 24_000), { machines: 1 });
  assert.deepEqual(usualMachines(1, 8, 1_000), { machines: 1 });
  const scarce = usualMachines(30, 8, 4_900);
  assert.equal(scarce.machines, 1);
  assert.match(scarce.reason ?? '', /4900 MB/);
});

test('a machine has one system; the one of the few goes first, and the others have a machine to spare', () => {
  const host = scenarios(100, 100, 100, 100).map((one) => ({ ...one, system: 'host' as const }));
  const debian = scenarios(200, 50).map((one) => ({ ...one, system: 'debian' as const }));
  const hands = dealBySystem([...host, ...debian], 2);
  assert.deepEqual(
    hands.map((hand) => [hand.system, hand.scenarios.length]),
    [
      ['debian', 2],
      ['host', 2],
      ['host', 1],
      ['host', 1],
    ],
  );
  assert.deepEqual(
    dealBySystem(host, 2).map((hand) => hand.scenarios.length),
    [2, 2],
  );
  assert.deepEqual(dealBySystem(debian, 2), [{ system: 'debian', scenarios: debian }]);
  assert.deepEqual(
    dealBySystem([...host, ...debian], 1).map((hand) => hand.system),
    ['debian', 'host'],
  );
});
