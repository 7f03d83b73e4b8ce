import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGroupFile, parseGroupFile } from '#src/host/group-store.js';
import type { StoredGroup } from '#src/session/model.js';
import { MAX_CLIENTS } from '#src/session/persistent-group.js';

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

test('a written group is read back', () => {
  const withPsk = { ...GROUP, passphrase: null, psk: PSK, clients: [] };
  for (const group of [GROUP, withPsk]) assert.deepEqual(parseGroupFile(formatGroupFile(group)), { group });
});

test('addresses with capital letters become lower case', () => {
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
    [{ version: 2 }, /^version: expected 1, got 2$/],
    [{ version: 12345678 }, /^version: expected 1, got a number$/],
    [{ version: '1' }, /^version: /],
    [{ ssidHex: '' }, /^ssidHex: expected 2 to 64 .*, got a text of 0 characters$/],
    [{ ssidHex: 'fff' }, /^ssidHex: /],
    [{ ssidHex: 'ff'.repeat(33) }, /^ssidHex: /],
    [{ ssidHex: 'gg' }, /^ssidHex: /],
    [{ ssidHex: null }, /^ssidHex: .* got nothing$/],
    [{ passphrase: '7 bytes' }, /^passphrase: expected 8 to 63 bytes.*, got a text of 7 characters$/],
    [{ passphrase: 'x'.repeat(64) }, /^passphrase: /],
    [{ passphrase: 'ü'.repeat(32) }, /^passphrase: /],
    [{ passphrase: 'with\nline ends' }, /^passphrase: /],
    [{ passphrase: 12345678 }, /^passphrase: .* got a number$/],
    [{ passphrase: undefined }, /^passphrase: .* got nothing$/],
    [{ psk: PSK.slice(1) }, /^psk: expected 64 hexadecimal digits.*, got a text of 63 characters$/],
    [{ passphrase: null }, /^expected either passphrase or psk, got neither$/],
    [{ psk: PSK }, /^expected either passphrase or psk, got both$/],
    [{ clients: null }, /^clients: expected a list of at most 100 .*, got nothing$/],
    [{ clients: ['phone'] }, /^clients: .* got a list/],
    [{ clients: [5] }, /^clients: /],
    [{ forgotten: ['phone'] }, /^forgotten: .* got a list/],
    [{ clients: Array.from({ length: MAX_CLIENTS + 1 }, () => address) }, /^clients: /],
  ];
  for (const [change, report] of wrong) assert.match(problemOf(change), report);
});

test('a text that is no JSON object is a problem that does not quote it', () => {
  for (const text of ['', '{"passphrase": "my secret words', '[]', '"my secret words"', '5', 'null']) {
    const parsed = parseGroupFile(text);
    assert.ok('problem' in parsed, text);
    assert.match(parsed.problem, /^expected a map in JSON, got /);
    assert.doesNotMatch(parsed.problem, /secret/);
  }
});

test('nor is a secret in a wrong field quoted', () => {
  for (const key of ['version', 'ssidHex', 'psk', 'clients']) {
    assert.match(problemOf({ [key]: 'my secret words' }), /got a text of 15 characters/, key);
  }
});
