import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { cut, displayWidth, fit } from '#src/commands/text-table.js';

test('the width of a text in a terminal', () => {
  const widths: readonly (readonly [string, number])[] = [
    ['', 0],
    ['DIRECT-PP', 9],
    ['Käse', 4],
    ['Ka\u0308se', 4],
    ['日本語', 6],
    ['ｱｲｳ', 3],
    ['한국', 4],
    ['📱', 2],
    ['👨‍👩‍👧', 2],
    ['👍🏽', 2],
    ['🇮🇹', 2],
    ['❤️', 2],
    ['❤', 1],
    ['a\u200bb', 2],
    ['▂▄▆█…', 5],
  ];
  for (const [text, width] of widths) assert.equal(displayWidth(text), width, JSON.stringify(text));
});

test('a text that is too long ends with an ellipsis, and no character is cut in two', () => {
  assert.equal(cut('abcdef', 6), 'abcdef');
  assert.equal(cut('abcdef', 5), 'abcd…');
  assert.equal(cut('abcdef', 1), '…');
  assert.equal(cut('abcdef', 0), '');
  assert.equal(cut('日本語', 6), '日本語');
  assert.equal(cut('日本語', 5), '日本…');
  assert.equal(cut('日本語', 4), '日…', 'one column is left over');
  assert.equal(cut('x👨‍👩‍👧y', 3), 'x…');
  assert.equal(cut('x👨‍👩‍👧yz', 4), 'x👨‍👩‍👧…');
  assert.equal(cut('e\u0301e\u0301e\u0301', 2), 'e\u0301…');
});

test('a text padded or cut to an exact width', () => {
  assert.equal(fit('日本', 6), '日本  ');
  assert.equal(fit('日本', 6, 'right'), '  日本');
  assert.equal(fit('日本語', 4), '日… ');
  for (const text of ['', 'abc', '日本語', '📱📱📱', 'e\u0301'.repeat(9)]) {
    for (let columns = 0; columns < 10; columns++) assert.equal(displayWidth(fit(text, columns)), columns);
  }
});

test('a character takes as many columns as the tables of all characters say', () => {
  for (let code = 0; code < 0x3000; code++) {
    const character = String.fromCodePoint(code);
    assert.equal(displayWidth(character), stringWidth(character), code.toString(16));
  }
});
