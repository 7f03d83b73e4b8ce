import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Input } from '#src/session/messages.js';
import type { SessionState } from '#src/session/model.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import { event } from './every-event.js';
import { ALL, EFFECTS } from './every-input.js';
import { ATTACHED, PHASES, phone } from './every-phase.js';

/** Gives every phase every input, and compares the result with the tables of every-input.ts. */

for (const [phaseName, make] of Object.entries(PHASES)) {
  test(`phase ${phaseName}: every input is handled, or ignored on purpose`, () => {
    assert.equal(make().phase, phaseName);
    for (const [input, handled] of ALL) {
      const dialogue = make();
      const before: SessionState = dialogue.state;
      // Later, so that a timer that is set again differs from the one before.
      dialogue.now += 1;
      dialogue.give(input);
      const happened = dialogue.effects.length > 0 || !isDeepStrictEqual(dialogue.state, before);
      const wanted = handled.some((phase) => phase === phaseName);
      const what = `${phaseName} × ${JSON.stringify(input)}: ${JSON.stringify(dialogue.effects)}`;
      assert.equal(happened, wanted, what);
    }
  });
}

test('the effects that these inputs have are those of the table', () => {
  const seen = new Set<string>();
  for (const make of Object.values(PHASES))
    for (const [input] of ALL) for (const { type } of make().give(input).effects) seen.add(type);
  const expected = Object.entries(EFFECTS).flatMap(([type, happens]) => (happens ? [type] : []));
  assert.deepEqual([...seen].sort(), expected.sort());
});

test('the same input on the same state gives the same result', () => {
  for (const make of Object.values(PHASES)) {
    for (const [input] of ALL) {
      const [a, b] = [make().give(input), make().give(input)];
      assert.deepEqual(a.effects, b.effects);
      assert.deepEqual(a.state, b.state);
    }
  }
});

const ORDERS: readonly OperatorCommand[] = [
  { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  { kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: phone.device },
  { kind: 'stop-pairing' },
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'pause' },
  { kind: 'resume' },
];
const ENDS: readonly Input[] = [
  { type: 'stop' },
  { type: 'link-down', link: 'device', reason: 'x' },
  event('device', 'CTRL-EVENT-TERMINATING '),
];

test('an operator gets exactly one answer, whatever ends the wait and whatever came before', () => {
  for (const phase of ATTACHED) {
    for (const command of ORDERS) {
      for (const before of [null, ...ORDERS]) {
        for (const end of ENDS) {
          const d = PHASES[phase]();
          if (before) d.operate(before, 1);
          d.operate(command, 2).give(end);
          const what = `${phase}: ${before?.kind}, ${command.kind}, ${end.type}`;
          assert.notEqual(d.outcome(2), null, what);
          if (before) assert.notEqual(d.outcome(1), null, what);
          assert.deepEqual(d.state.operator.orders, [], what);
        }
      }
    }
  }
});
