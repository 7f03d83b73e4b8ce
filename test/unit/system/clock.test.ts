import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backoff, systemClock } from '#src/system/clock.js';
import { ManualClock } from '../../fakes/manual-clock.js';

describe('the clock of the system', () => {
  test('a timer fires once, not before its time', async () => {
    const start = systemClock.now();
    let fired = 0;
    await new Promise<void>((resolve) => {
      systemClock.after(20, () => {
        fired += 1;
        resolve();
      });
    });
    assert.ok(systemClock.now() - start >= 19);
    assert.equal(fired, 1);
  });

  test('a cancelled timer never fires', async () => {
    const early = systemClock.after(1, () => assert.fail('fired'));
    early.cancel();
    await new Promise<void>((resolve) => systemClock.after(10, resolve));
    early.cancel();
  });

  test('a timer may be cancelled in its callback and afterwards', async () => {
    await new Promise<void>((resolve) => {
      const timer = systemClock.after(0, () => {
        timer.cancel();
        resolve();
      });
    });
  });
});

/** Other tests rely on it. */
describe('the manual clock', () => {
  test('timers fire in the order of their times, then of the calls, each at its time', () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name} ${clock.now()}`);
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(10, () => clock.after(5, note('inner')));
    clock.after(11, note('cancelled')).cancel();
    clock.advance(19);
    assert.deepEqual(fired, ['a 10', 'b 10', 'inner 15']);
    assert.deepEqual(clock.waiting, [1]);
    clock.advance(1);
    assert.deepEqual(fired.at(-1), 'c 20');
    assert.deepEqual(clock.waiting, []);
  });
});

test('a back-off doubles from the first wait to the longest, and stays there', () => {
  const waits = [0, 1, 2, 3, 4, 2_000].map((failures) =>
    backoff(failures, { firstMs: 200, longestMs: 1_500 }),
  );
  assert.deepEqual(waits, [200, 400, 800, 1_500, 1_500, 1_500]);
});

test('a timer that Node fires a millisecond early waits for its time', (t) => {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let fired = 0;
  systemClock.after(50, () => fired++);
  now += 49;
  t.mock.timers.tick(50);
  assert.equal(fired, 0);
  now += 1;
  t.mock.timers.tick(1);
  assert.equal(fired, 1);
});
