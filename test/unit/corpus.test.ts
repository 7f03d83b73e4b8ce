import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findingsOf, loadTarget, readCorpus, TARGETS, type TargetName } from '../fuzz/corpus.js';
import { hostileDatagrams } from '../model/hostile-datagrams.js';

/** The targets of the fuzzer with what it has found, and with changes of that. `npm run fuzz` looks for more. */

/** How many changed inputs each target gets: about half a second. */
const RUNS: Readonly<Record<TargetName, number>> = {
  event: 10_000,
  reply: 5_000,
  printed: 5_000,
  configuration: 300,
  http: 200,
  recording: 300,
};

for (const name of TARGETS) {
  test(`${name}: what the fuzzer has found`, async (t) => {
    const { fuzz, close } = await loadTarget(name);
    t.after(close);
    const inputs = [...readCorpus(name), ...findingsOf(name)];
    assert.ok(inputs.length > 0);
    for (const input of inputs) await fuzz(input);
    const change = fc.record({
      input: fc.constantFrom(...inputs),
      at: fc.nat(),
      remove: fc.nat(8),
      other: fc.constantFrom(...inputs),
      from: fc.nat(),
      insert: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.nat(200)),
    });
    const changed = fc.asyncProperty(change, async ({ input, at, remove, other, from, insert }) => {
      const place = at % (input.length + 1);
      const start = from % (other.length + 1);
      const part = typeof insert === 'number' ? other.subarray(start, start + insert) : insert;
      await fuzz(Buffer.concat([input.subarray(0, place), part, input.subarray(place + remove)]));
    });
    await fc.assert(changed, { seed: 1, numRuns: RUNS[name] });
  });
}

test('hostile datagrams reach the session without a forged field, and nothing throws', () => {
  const { events } = hostileDatagrams(1, 2_000);
  assert.ok(events > 1_000, `${events} events`);
});
