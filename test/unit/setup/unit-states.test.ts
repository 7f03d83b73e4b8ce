import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type UnitState, unitStates } from '#src/setup/unit-states.js';
import { HostP2pError } from '#src/system/errors.js';

const block = (load: string, file: string, active: string) =>
  `LoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n`;

const NONE: UnitState = { known: false, enabled: false, active: false };

test('the states of units are asked in one call, and told in its order', async () => {
  const calls: (readonly string[])[] = [];
  const output = [
    block('loaded', 'enabled', 'active'),
    block('not-found', '', 'inactive'),
    block('loaded', 'enabled-runtime', 'failed'),
    block('loaded', 'disabled', 'activating'),
    block('loaded', 'generated', 'inactive'),
  ].join('\n');
  const states = await unitStates(
    async (program, args) => {
      calls.push([program, ...args]);
      return output;
    },
    ['a', 'b', 'c', 'a', 'd', 'e'],
  );
  assert.deepEqual(calls, [
    [
      'systemctl',
      'show',
      '--property',
      'LoadState,UnitFileState,ActiveState',
      '--',
      ...['a.service', 'b.service', 'c.service', 'd.service', 'e.service'],
    ],
  ]);
  assert.deepEqual(
    [...states],
    [
      ['a', { known: true, enabled: true, active: true }],
      ['b', NONE],
      ['c', { known: true, enabled: true, active: false }],
      ['d', { known: true, enabled: false, active: true }],
      ['e', { known: true, enabled: true, active: false }],
    ],
  );
});

test('a late answer of systemd is waited for', async () => {
  let calls = 0;
  const states = await unitStates(
    async () => {
      calls += 1;
      return calls < 3
        ? { missing: 'systemctl did not end within 10 s' }
        : block('loaded', 'enabled', 'active');
    },
    ['a'],
    { limitMs: 60_000, pauseMs: 1 },
  );
  assert.equal(calls, 3);
  assert.deepEqual(states.get('a'), { known: true, enabled: true, active: true });
});

for (const [output, message] of [
  [
    { missing: 'systemctl did not end within 10 s' },
    /does not report .*: systemctl did not end within 10 s$/,
  ],
  ['', /expected the states of 2 units, got /],
  [block('loaded', 'enabled', 'active'), /expected the states of 2 units, got LoadState=loaded/],
] as const)
  test(`no unit counts as stopped without its state: ${JSON.stringify(output)}`, async () => {
    await assert.rejects(
      unitStates(async () => output, ['a', 'b'], { limitMs: 5, pauseMs: 1 }),
      (error) => error instanceof HostP2pError && error.code === 'STATE' && message.test(error.message),
    );
  });
