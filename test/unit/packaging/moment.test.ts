import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Moment {
  local(): Moment;
  format(pattern: string): string;
  add(count: number, unit: 'day'): Moment;
  subtract(count: number, unit: 'days'): Moment;
  endOf(unit: 'day'): Moment;
  valueOf(): number;
}

const load = createRequire(import.meta.url);
const original: () => Moment = load('moment');
const replacement: () => Moment = load(
  fileURLToPath(new URL('../../../../packaging/bundle/moment.cjs', import.meta.url)),
);

test('what the bundle has in place of moment gives the same dates', (t) => {
  for (const time of [
    '2026-01-31T00:00',
    '2026-12-31T23:59:59.999',
    '2024-02-28T12:00',
    '2026-03-29T01:30',
    '2026-10-25T02:30',
    '0999-06-01T00:00',
  ]) {
    t.mock.timers.enable({ apis: ['Date'], now: new Date(time) });
    for (const change of [
      (moment: Moment) => moment.local(),
      (moment: Moment) => moment.endOf('day'),
      (moment: Moment) => moment.add(1, 'day'),
      (moment: Moment) => moment.subtract(40, 'days'),
    ]) {
      const [ours, theirs] = [change(replacement()), change(original())];
      assert.equal(ours.valueOf(), theirs.valueOf(), time);
      assert.equal(ours.format('YYYY-MM-DD'), theirs.format('YYYY-MM-DD'), time);
    }
    t.mock.timers.reset();
  }
});
