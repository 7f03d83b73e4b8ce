import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { pairedRatio, quantile, replaceRows, row, rowsIn, table } from '../bench/report.js';
import { type Bound, boundText, isRowName, ROWS } from '../bench/rows.js';

const NAME = 'start: exec → ATTACH';
const LIMIT = ROWS[NAME].ratio;
const at = (ratio: number) => row(NAME, { ours: '3 ms', reference: '2 ms', ratio });

describe('the report of the benchmark', () => {
  test('a ratio up to its bound holds; the guard sees one that is more than 15 % worse', () => {
    const name = 'operator: hostp2pd -r';
    const { ratio: limit } = ROWS[name];
    const judged = (ratio: number) => {
      const { holds, regressed } = row(name, { ours: '', ratio });
      return [holds, regressed];
    };
    assert.deepEqual(judged(limit), [true, false]);
    assert.deepEqual(judged(limit * 1.1), [false, false]);
    assert.deepEqual(judged(limit * 1.2), [false, true]);
    assert.deepEqual(judged(Number.NaN), [false, true], 'a figure that was not measured');
  });

  test('where the bound is not reached yet, the guard compares with what was reached', () => {
    const name = 'start: exec → ATTACH';
    const { known } = ROWS[name];
    assert.equal(row(name, { ours: '', ratio: known * 1.1 }).regressed, false);
    assert.equal(row(name, { ours: '', ratio: known * 1.2 }).regressed, true);
  });

  test('the guard leaves out the rows whose reference depends on the machine', () => {
    const name = 'events: CPU per 10,000 scan noise';
    const { holds, regressed } = row(name, { ours: '', ratio: ROWS[name].ratio * 2 });
    assert.deepEqual([holds, regressed], [false, false]);
  });

  test('other bounds are for the value; without a bound a row is only for information', () => {
    const holds = (name: Parameters<typeof row>[0], figures: object) =>
      row(name, { ours: '', ...figures }).holds;
    const { most } = ROWS['memory: private dirty'];
    assert.equal(holds('memory: private dirty', { value: most }), true);
    assert.equal(holds('memory: private dirty', { value: most + 0.1, ratio: 0 }), false);
    assert.equal(holds('memory: private dirty', {}), false);
    const { least } = ROWS['events: scan noise without loss'];
    assert.equal(holds('events: scan noise without loss', { value: least }), true);
    assert.equal(holds('events: scan noise without loss', { value: least - 1 }), false);
    assert.equal(holds('events: counted by the library', { holds: true }), true);
    assert.equal(holds('events: counted by the library', {}), false);
    assert.equal(holds('reaction: the first after the start', { ratio: 9 }), null);
  });

  test('the text of a bound', () => {
    assert.equal(boundText('memory: RSS'), `ratio ≤ ${ROWS['memory: RSS'].ratio}`);
    assert.equal(boundText('memory: processes'), '≤ 1');
    assert.equal(boundText('memory: private dirty'), `≤ ${ROWS['memory: private dirty'].most} MiB`);
    assert.equal(boundText('events: scan noise without loss'), '≥ 100,000/s, none lost');
    assert.equal(boundText('reaction: longer than 20 ms'), '0 (quiet machine)');
    assert.equal(boundText('reaction: the first after the start'), '');
  });

  const DOCUMENT = 'Text\n<!-- npm run bench -- --write -->\n\n<!-- end -->\nMore\n';

  test('the rows that were measured are put into the table of a document, in the order of the list', () => {
    const last = row('peers: 1,000 known peers', { ours: '9 µs', reference: '9 µs', ratio: 1 });
    const one = replaceRows(DOCUMENT, [last, at(LIMIT)]);
    const [names, cells] = [[...rowsIn(one).keys()], rowsIn(one).get(NAME)];
    assert.deepEqual(names, [NAME, last.name]);
    assert.deepEqual(cells, [NAME, '3 ms', '2 ms', LIMIT.toFixed(2), boundText(NAME), 'yes']);
    assert.match(one, /^Text\n[\s\S]*\nMore\n$/);
    const two = replaceRows(one, [at(LIMIT * 2)]);
    assert.deepEqual([...rowsIn(two).keys()], names, 'the other row stays');
    assert.equal(rowsIn(two).get(NAME)?.[5], 'NO');
    assert.throws(() => replaceRows('Text', []), /no place for the table/);
  });

  test('the text has the same cells as the document', () => {
    const rows = [at(LIMIT), row('operator: hostp2pd -r', { ours: '1 ms' })];
    const [, , ...lines] = table(rows).split('\n');
    const cells = (line: readonly string[]) => line.filter((cell) => cell !== '');
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/)),
      [...rowsIn(replaceRows(DOCUMENT, rows)).values()].map(cells),
    );
  });

  test('the figures', () => {
    assert.equal(pairedRatio([2, 30, 6], [1, 10, 2]), 3);
    assert.deepEqual(
      [quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 0.99), quantile([], 0.5)],
      [2, 3, Number.NaN],
    );
  });
});

describe('native-notes/performance.md agrees with the benchmark', () => {
  const text = readFileSync(new URL('../../../native-notes/performance.md', import.meta.url), 'utf8');
  const rows = rowsIn(text);

  test('its table has each row of the benchmark, and no other', () => {
    assert.deepEqual([...rows.keys()], Object.keys(ROWS));
  });

  test('each bound is that of the code, and "holds" is what the ratio says', () => {
    for (const [name, [, , , ratio, bound, holds]] of rows) {
      assert.ok(isRowName(name), name);
      assert.equal(bound, boundText(name), name);
      const code: Bound = ROWS[name];
      if (code !== null && 'ratio' in code)
        assert.equal(holds, Number(ratio) <= code.ratio ? 'yes' : 'NO', name);
    }
  });
});
