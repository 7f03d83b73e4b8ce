import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { markdown, pairedRatio, quantile, replaceTable, row, table } from '../bench/report.js';
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
    const name = 'events: CPU per 10,000 P2P-DEVICE-FOUND, all new';
    const { known } = ROWS[name];
    assert.equal(row(name, { ours: '', ratio: known * 1.1 }).regressed, false);
    assert.equal(row(name, { ours: '', ratio: known * 1.2 }).regressed, true);
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
    assert.equal(boundText('reaction: the first after the start'), '');
  });

  test('as text and as Markdown it has the same cells, in the order of the list', () => {
    const rows = [row('operator: hostp2pd -r', { ours: '1 ms' }), at(LIMIT)];
    const cells = (text: string, separator: RegExp) =>
      text.split('\n').map((line) => line.split(separator).filter((cell) => cell.trim() !== ''));
    const plain = cells(table(rows), / {2,}/);
    const marked = cells(markdown(rows), /[|]/).map((line) => line.map((cell) => cell.trim()));
    assert.deepEqual(
      plain.filter((_, i) => i !== 1),
      marked.filter((_, i) => i !== 1),
    );
    const [, , first] = markdown(rows).split('\n');
    assert.equal(first, `| ${NAME} | 3 ms | 2 ms | ${LIMIT.toFixed(2)} | ${boundText(NAME)} | yes |`);
  });

  test('the table is written to its place in a document', () => {
    const document = 'Text\n<!-- npm run bench -- --write start -->\nold\n<!-- end -->\nMore\n';
    const rows = [at(1)];
    assert.equal(
      replaceTable(document, ['start'], rows),
      `Text\n<!-- npm run bench -- --write start -->\n\n${markdown(rows)}\n\n<!-- end -->\nMore\n`,
    );
    assert.throws(() => replaceTable(document, [], rows), /no place for this table/);
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
  const lines = [...text.matchAll(/^<!-- npm run bench -- --write.* -->\n([\s\S]*?)^<!-- end -->$/gm)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => /^\| \w/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  test('its tables have each row of the benchmark once, and no other', () => {
    assert.deepEqual(lines.map(([, name]) => name).sort(), Object.keys(ROWS).sort());
  });

  test('each bound is that of the code, and "holds" is what the ratio says', () => {
    for (const [, name = '', , , ratio, bound, holds] of lines) {
      assert.ok(isRowName(name), name);
      assert.equal(bound, boundText(name), name);
      const code: Bound = ROWS[name];
      if (code !== null && 'ratio' in code)
        assert.equal(holds, Number(ratio) <= code.ratio ? 'yes' : 'NO', name);
    }
  });
});
