import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '#src/system/problems.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const because = (reason: string, nextTryAt: number | null = null) => {
  return { reason, waitsFor: nextTryAt === null ? 'x' : null, nextTryAt };
};

test('a problem keeps its beginning while its reason changes, and has another one when it comes again', async () => {
  const problems = new Problems();
  const first = () => problems.list.map(({ reason, since }) => ({ reason, since: since.getTime() }));
  problems.report('log', because('full'));
  const [begun] = first();
  await new Promise((resolve) => setTimeout(resolve, 5));
  problems.report('log', because('read-only'));
  assert.deepEqual(first(), [{ reason: 'read-only', since: begun?.since }]);
  problems.report('log', null);
  assert.deepEqual(problems.list, []);
  problems.of('log')(because('full'));
  const [again] = first();
  assert.ok(again && begun && again.since > begun.since);
});

test('a change is told once, and a problem of time alone is over in time', () => {
  const clock = new ManualClock();
  let changes = 0;
  const problems = new Problems(() => changes++, clock);
  problems.report('hooks', null);
  problems.report('admission', because('wrong PINs', clock.now() + 60_000));
  problems.report('admission', because('wrong PINs', clock.now() + 60_000));
  assert.deepEqual([changes, problems.list.length], [1, 1]);
  clock.advance(60_000);
  assert.deepEqual(problems.list, []);
});
