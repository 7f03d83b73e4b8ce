import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { markdown, pairedRatio, plainRow, quantile, ratioRow, table } from '../bench/report.js';

describe('the report of the benchmark', () => {
  const row = (ratio: number, known?: number) => ratioRow('start', '3 ms', '2 ms', ratio, 1.5, known);

  test('a ratio up to its bound holds; the guard sees one that is more than 15 % worse', () => {
    assert.deepEqual([row(1.5).holds, row(1.5).regressed], [true, false]);
    assert.deepEqual([row(1.6).holds, row(1.6).regressed], [false, false]);
    assert.deepEqual([row(1.8).holds, row(1.8).regressed], [false, true]);
    assert.equal(row(Number.NaN).regressed, true, 'a figure that was not measured');
  });

  test('where the bound is not reached yet, the guard compares with what was reached', () => {
    assert.deepEqual([row(2.2, 2).holds, row(2.2, 2).regressed], [false, false]);
    assert.equal(row(2.4, 2).regressed, true);
  });

  test('without a bound a row is only for information', () => {
    const { bound, holds, regressed } = ratioRow('start', '3 ms', '2 ms', 9);
    assert.deepEqual([bound, holds, regressed], ['', null, false]);
  });

  test('as text and as Markdown it has the same cells', () => {
    const rows = [row(1.5), plainRow('processes', '1', '1', true)];
    const cells = (text: string, separator: RegExp) =>
      text.split('\n').map((line) => line.split(separator).filter((cell) => cell.trim() !== ''));
    const plain = cells(table(rows), / {2,}/);
    const marked = cells(markdown(rows), /[|]/).map((line) => line.map((cell) => cell.trim()));
    assert.deepEqual(
      plain.filter((_, i) => i !== 1),
      marked.filter((_, i) => i !== 1),
    );
    assert.match(markdown(rows), /\n\| start \| 3 ms \| 2 ms \| 1\.50 \| ratio ≤ 1\.5 \| yes \|\n/);
  });

  test('the figures', () => {
    assert.equal(pairedRatio([2, 30, 6], [1, 10, 2]), 3);
    assert.deepEqual(
      [quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 0.99), quantile([], 0.5)],
      [2, 3, Number.NaN],
    );
  });
});
