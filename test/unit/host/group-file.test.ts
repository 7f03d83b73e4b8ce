import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGroupFile, parseGroupFile } from '#src/host/group-file.js';
import type { StoredGroup } from '#src/session/stored-group.js';
import { MAX_CLIENTS } from '#src/session/stored-group.js';

const GROUP: StoredGroup = {
  ssidHex: '4449524543542d5850',
  passphrase: 'a "secret" of ümlauts',
  psk: null,
  clients: ['02:00:00:00:01:00', '02:00:00:00:02:00'],
  forgotten: ['02:00:00:00:03:00'],
};
const PSK = '0123456789abcdef'.repeat(4);

function problemOf(change: Readonly<Record<string, unknown>>): string {
  const content: unknown = JSON.parse(formatGroupFile(GROUP));
  assert.ok(typeof content === 'object');
  const parsed = parseGroupFile(JSON.stringify({ ...content, ...change }));
  return 'problem' in parsed ? parsed.problem : '';
}

test('what is written is read again', () => {
  const withPsk = { ...GROUP, passphrase: null, psk: PSK, clients: [] };
  for (const group of [GROUP, withPsk]) assert.deepEqual(parseGroupFile(formatGroupFile(group)), { group });
});

test('capital letters in what a person has written become small', () => {
  const text = formatGroupFile({
    ssidHex: '4449524543542D5850',
    passphrase: null,
    psk: PSK.toUpperCase(),
    clients: ['0A:00:00:00:01:00'],
    forgotten: [],
  });
  const group = {
    ssidHex: GROUP.ssidHex,
    passphrase: null,
    psk: PSK,
    clients: ['0a:00:00:00:01:00'],
    forgotten: [],
  };
  assert.deepEqual(parseGroupFile(text), { group });
});

test('the limits of each field', () => {
  const address = '02:00:00:00:01:00';
  for (const change of [
    { ssidHex: 'ff' },
    { ssidHex: 'ff'.repeat(32) },
    { passphrase: '8 bytes.' },
    { passphrase: 'x'.repeat(63) },
    { clients: Array.from({ length: MAX_CLIENTS }, () => address) },
  ]) {
    assert.equal(problemOf(change), '');
  }
  const wrong: readonly [change: Readonly<Record<string, unknown>>, report: RegExp][] = [
    [{ version: 2 }, /^version: found a number, wanted 1$/],
    [{ version: '1' }, /^version: /],
    [{ ssidHex: '' }, /^ssidHex: found a text of 0 characters, wanted 2 to 64/],
    [{ ssidHex: 'fff' }, /^ssidHex: /],
    [{ ssidHex: 'ff'.repeat(33) }, /^ssidHex: /],
    [{ ssidHex: 'gg' }, /^ssidHex: /],
    [{ ssidHex: null }, /^ssidHex: found nothing/],
    [{ passphrase: '7 bytes' }, /^passphrase: found a text of 7 characters, wanted 8 to 63 bytes/],
    [{ passphrase: 'x'.repeat(64) }, /^passphrase: /],
    [{ passphrase: 'ü'.repeat(32) }, /^passphrase: /],
    [{ passphrase: 'with\nline ends' }, /^passphrase: /],
    [{ passphrase: 12345678 }, /^passphrase: found a number/],
    [{ passphrase: undefined }, /^passphrase: found nothing/],
    [{ psk: PSK.slice(1) }, /^psk: found a text of 63 characters, wanted 64 hexadecimal digits/],
    [{ passphrase: null }, /^found neither, wanted either passphrase or psk$/],
    [{ psk: PSK }, /^found both, wanted either passphrase or psk$/],
    [{ clients: null }, /^clients: found nothing, wanted a list of at most 100/],
    [{ clients: ['phone'] }, /^clients: found a list/],
    [{ clients: [5] }, /^clients: /],
    [{ forgotten: ['phone'] }, /^forgotten: found a list/],
    [{ clients: Array.from({ length: MAX_CLIENTS + 1 }, () => address) }, /^clients: /],
  ];
  for (const [change, report] of wrong) assert.match(problemOf(change), report);
});

test('a text that is no map in JSON is a problem that does not quote it', () => {
  for (const text of ['', '{"passphrase": "my secret words', '[]', '"my secret words"', '5', 'null']) {
    const parsed = parseGroupFile(text);
    assert.ok('problem' in parsed, text);
    assert.match(parsed.problem, /^found .*, wanted a map in JSON$/);
    assert.doesNotMatch(parsed.problem, /secret/);
  }
});

test('a secret in the wrong place is not quoted either', () => {
  for (const key of ['version', 'ssidHex', 'psk', 'clients']) {
    assert.match(problemOf({ [key]: 'my secret words' }), /found a text of 15 characters/, key);
  }
});
