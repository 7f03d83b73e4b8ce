import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAddress } from '#src/system/mac-address.js';
import { firstWord, Keys, parseNumber } from '#src/wpa/fields.js';

describe('key=value words', () => {
  test('a key can be taken once', () => {
    const keys = new Keys('freq=2437 dfs=0');
    assert.equal(keys.number('freq'), 2437);
    assert.equal(keys.number('freq'), null);
    assert.deepEqual(keys.rest(), { dfs: '0' });
  });

  test('the first of two equal keys counts, even when it has been taken', () => {
    const keys = new Keys('status=4 x=1 status=0');
    assert.equal(keys.number('status'), 4);
    assert.deepEqual(keys.rest(), { x: '1' });
  });

  test('the first equals sign separates, and a value may be empty', () => {
    assert.deepEqual(new Keys('a=b=c d= e').rest(), { a: 'b=c', d: '', e: '' });
  });

  test('repeated, leading and trailing spaces are ignored', () => {
    assert.deepEqual(new Keys('  a=1   b=2  ').rest(), { a: '1', b: '2' });
    assert.deepEqual(new Keys('').rest(), {});
  });

  test('a word that begins with an equals sign is no key with a value', () => {
    assert.deepEqual(new Keys('=x').rest(), { '=x': '' });
  });

  test('a flag is there or not', () => {
    const keys = new Keys('[PERSISTENT]');
    assert.equal(keys.flag('[PERSISTENT]'), true);
    assert.equal(keys.flag('[PERSISTENT]'), false);
  });
});

describe('numbers', () => {
  const CASES: readonly (readonly [string | null | undefined, number | null])[] = [
    ['0', 0],
    ['2437', 2437],
    ['-1', -1],
    ['007', 7],
    ['0x0', 0],
    ['0xFf', 255],
    ['', null],
    [null, null],
    [undefined, null],
    ['N/A', null],
    ['0x', null],
    ['-0x1', null],
    ['1.5', null],
    ['1e3', null],
    [' 1', null],
    ['1\n', null],
    ['٣', null],
    ['Infinity', null],
    ['9'.repeat(400), null],
  ];
  for (const [text, number] of CASES) {
    test(`${JSON.stringify(text)?.slice(0, 20)} → ${number}`, () => assert.equal(parseNumber(text), number));
  }
});

test('an address becomes lower case; an invalid one is null', () => {
  assert.equal(parseAddress('AA:bb:CC:00:11:22'), 'aa:bb:cc:00:11:22');
  for (const text of ['any', '', null, undefined, 'aa:bb:cc:00:11', 'aa:bb:cc:00:11:22 ']) {
    assert.equal(parseAddress(text), null);
  }
});

test('the first word ends at the first space', () => {
  assert.deepEqual(firstWord('a b c'), ['a', 'b c']);
  assert.deepEqual(firstWord('a'), ['a', '']);
  assert.deepEqual(firstWord(' a'), ['', 'a']);
  assert.deepEqual(firstWord(''), ['', '']);
});
