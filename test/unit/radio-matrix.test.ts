import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, figuresTable, matrixTable } from '../radio/host/matrix.js';

const column = (name: string, cells: Readonly<Record<string, Cell>>) => ({
  name,
  cells: new Map(Object.entries(cells)),
  died: false,
});

test('the matrix has a row for each scenario, a column for each system, and the reasons below', () => {
  const passed = { outcome: 'passed' } as const;
  const columns = [
    column('bookworm', {
      'main-job': passed,
      'debian-package': { outcome: 'left out', reason: 'its nodejs is too old' },
    }),
    column('sid', { 'main-job': { outcome: 'passed again' }, 'debian-package': { outcome: 'failed' } }),
  ];
  assert.deepEqual(matrixTable(columns).split('\n'), [
    'scenario        bookworm  sid',
    'debian-package  left out  failed',
    'main-job        passed    passed again',
    'debian-package on bookworm left out: its nodejs is too old',
  ]);
});

test('the figures have a row for each scenario that has counted or measured something', () => {
  const passed = { outcome: 'passed' } as const;
  const results = column('trixie', {
    'main-job': passed,
    'host-netplan': { ...passed, figures: { minutes: '1.5', 'typed lines': '12' } },
  });
  assert.deepEqual(figuresTable(results).split('\n'), [
    'scenario      minutes  typed lines',
    'host-netplan  1.5      12',
  ]);
  assert.equal(figuresTable(column('trixie', { 'main-job': passed })), '');
});
