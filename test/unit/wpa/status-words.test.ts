import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deviceKind,
  p2pStatus,
  p2pStatusText,
  passwordIdText,
  refusalOf,
  replyText,
  wpsError,
  wpsErrorText,
} from '#src/wpa/status-words.js';

/** Each code of the specifications has a text, followed by the number; any other code is only a number. */

test('P2P status codes', () => {
  for (let status = -1; status <= 12; status++)
    assert.match(p2pStatusText(status), new RegExp(`^[a-z].{5,} \\(status ${status}\\)$`), String(status));
  assert.match(p2pStatusText(9), /both devices insist on owning the group; lower go_intent/);
  assert.match(p2pStatusText(7), /no common channel; .*freq=/);
  assert.equal(p2pStatusText(77), 'status 77');
  assert.equal(p2pStatusText(null), 'status unknown');
});

test('WPS configuration errors', () => {
  for (let error = 0; error <= 20; error++)
    assert.match(
      wpsErrorText(error),
      new RegExp(`^[a-z].{5,} \\(WPS error ${error}\\)$`, 'i'),
      String(error),
    );
  assert.equal(wpsErrorText(18), 'wrong PIN (WPS error 18)');
  for (const [index, text] of [
    'TKIP alone is not allowed',
    'WEP is not allowed',
    'authentication failed',
  ].entries())
    assert.ok(wpsErrorText(0, index + 1).endsWith(`(WPS error 0), ${text}`), text);
  assert.ok(wpsErrorText(0, 4).endsWith('(WPS error 0)'));
  assert.equal(wpsErrorText(99), 'WPS error 99');
  assert.equal(wpsErrorText(null), 'WPS error unknown');
});

test('codes with the name of their table, for programs', () => {
  assert.deepEqual(p2pStatus(9), { table: 'P2P status', value: 9 });
  assert.deepEqual(wpsError(18), { table: 'WPS configuration error', value: 18 });
  assert.deepEqual([p2pStatus(null), wpsError(null)], [null, null]);
});

test('device password ids', () => {
  for (const [id, start] of [
    'the PIN on',
    'a PIN that its user',
    'a password',
    'a new',
    'push',
    'a PIN that it shows',
  ].entries())
    assert.match(passwordIdText(id), new RegExp(`^${start}.* \\(WPS password id ${id}\\)$`));
  assert.equal(passwordIdText(6), 'WPS password id 6');
  assert.equal(passwordIdText(7), 'NFC (WPS password id 7)');
  assert.equal(passwordIdText(8), 'P2P services (WPS password id 8)');
  assert.equal(passwordIdText(3000), 'WPS password id 3000');
  assert.equal(passwordIdText(null), 'WPS password id unknown');
});

test("wpa_supplicant's refusals", () => {
  assert.equal(replyText('FAIL\n'), 'FAIL');
  assert.match(replyText('FAIL-CHANNEL-UNSUPPORTED\n'), /^FAIL-CHANNEL-UNSUPPORTED \(no group may/);
  assert.match(replyText('UNKNOWN COMMAND\n'), /^UNKNOWN COMMAND \(/);
  for (const word of ['FAIL', 'FAIL-BUSY', 'UNKNOWN COMMAND']) assert.equal(refusalOf(`${word}\n`), word);
  assert.equal(refusalOf('FAIL-OF-A-LATER-RELEASE\n'), 'FAIL');
  for (const reply of ['', 'OK\n', 'PONG\n', 'toString', 'mode=FAIL\n']) assert.equal(refusalOf(reply), null);
});

test('device types in words', () => {
  const kinds = [
    '1-0050F204-1',
    '10-0050f204-5',
    '12-0050F204-9',
    '5-0050F204-0',
    '4-0050F204-1',
    '8-0050F204-3',
    '13-0050F204-1',
    '1-00000000-1',
    '1',
  ];
  assert.deepEqual([...kinds, null].map(deviceKind), [
    ...['PC', 'Smartphone', 'Docking device', 'Storage', 'Digital camera', 'Media center extender'],
    ...[null, null, null, null],
  ]);
});
