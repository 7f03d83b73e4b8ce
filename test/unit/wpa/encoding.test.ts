import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAddress } from '#src/system/mac-address.js';
import { printfDecode, printfDecodeBytes } from '#src/wpa/fields.js';
import { seeded } from '../../fakes/seeded.js';
import { printfEncode } from '../../fuzz/printed.js';

describe('escaped text is decoded to the original', () => {
  const CASES = [
    { printed: 'DIRECT-PP-group', text: 'DIRECT-PP-group' },
    { printed: '', text: '' },
    { printed: 'tab\\tline\\nreturn\\rescape\\e', text: 'tab\tline\nreturn\rescape\u001b' },
    { printed: '\\"quoted\\" \\\\ back', text: '"quoted" \\ back' },
    { printed: 'Gr\\xc3\\xbc\\xC3\\x9fe', text: 'Grüße' },
    { printed: '\\xf0\\x9f\\x93\\xb1', text: '📱' },
    { printed: '\\x00', text: '\u0000' },
    { printed: '\\\\x41', text: '\\x41' },
    { printed: '\\x41\\x4', text: 'A\\x4' },
  ];
  for (const { printed, text } of CASES) {
    test(printed, () => assert.equal(printfDecode(printed), text));
  }
});

describe('an invalid escape is kept', () => {
  for (const broken of [
    '\\',
    'end\\',
    '\\x',
    '\\x1',
    '\\xg0',
    '\\x1g',
    '\\q',
    '\\E',
    '\\X41',
    '\\0',
    'Grü\\q',
  ]) {
    test(broken, () => assert.equal(printfDecode(broken), broken));
  }

  test('and the text after it is still decoded', () => {
    assert.equal(printfDecode('\\q\\x41\\xzz\\n'), '\\qA\\xzz\n');
  });
});

describe('bytes that are not UTF-8', () => {
  test('are kept in bytes', () => {
    assert.deepEqual(printfDecodeBytes('a\\xff\\xfe\\x80b'), Buffer.from([0x61, 0xff, 0xfe, 0x80, 0x62]));
  });

  test('become U+FFFD in text', () => {
    assert.equal(printfDecode('a\\xffb'), 'a\ufffdb');
    assert.equal(printfDecode('\\xc3'), '\ufffd');
  });
});

test('every SSID is decoded to its original bytes', () => {
  const random = seeded(7);
  for (let i = 0; i < 2_000; i++) {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 33) }, () => Math.floor(random() * 256)),
    );
    assert.deepEqual(printfDecodeBytes(printfEncode(bytes)), bytes);
  }
});

test('an address is six pairs of hexadecimal digits and nothing else', () => {
  for (const good of ['00:11:22:33:44:55', 'aA:bB:cC:dD:eE:fF'])
    assert.equal(parseAddress(good), good.toLowerCase());
  const BAD = ['', 'any', '00:11:22:33:44', '00:11:22:33:44:55:66', '0:11:22:33:44:55', '00-11-22-33-44-55'];
  for (const bad of [...BAD, '00:11:22:33:44:5g', ' 00:11:22:33:44:55', '00:11:22:33:44:55\n']) {
    assert.equal(parseAddress(bad), null, JSON.stringify(bad));
  }
});
