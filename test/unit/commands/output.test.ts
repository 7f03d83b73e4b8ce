import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf } from '#src/commands/command.js';
import { bytesText, durationText } from '#src/commands/station-table.js';
import { columns, facts } from '#src/commands/text-table.js';
import { eventText } from '#src/host/event-text.js';
import { printable } from '#src/system/names.js';

test('bytes and durations in a readable form', () => {
  assert.deepEqual(
    [null, 0, 999, 1000, 1234, 99_949, 123_456, 999_999_999, 5_000_000_000_000].map(bytesText),
    ['-', '0 B', '999 B', '1.0 kB', '1.2 kB', '99.9 kB', '123 kB', '1.0 GB', '5.0 TB'],
  );
  assert.deepEqual([null, 0, 61, 3_661, 86_399, 86_400, 200_000].map(durationText), [
    '-',
    '00:00:00',
    '00:01:01',
    '01:01:01',
    '23:59:59',
    '1 d 00:00:00',
    '2 d 07:33:20',
  ]);
});

test('columns are aligned, and no line ends with blanks', () => {
  const text = columns([
    ['a', 'long', ''],
    ['much longer', 'b', 'c'],
  ]);
  assert.equal(text, '  a            long\n  much longer  b     c');
  assert.equal(
    facts([
      ['SSID', 'DIRECT-xy'],
      ['frequency', '2412 MHz'],
    ]),
    'SSID:       DIRECT-xy\nfrequency:  2412 MHz',
  );
});

test('values that JSON does not have are left out', () => {
  const value = { a: undefined, b: Number.NaN, c: [1, undefined], d: () => 1, e: null, f: { g: 'x' } };
  assert.deepEqual(jsonOf(value), { b: null, c: [1, null], e: null, f: { g: 'x' } });
  assert.deepEqual(JSON.parse(JSON.stringify(jsonOf(value))), jsonOf(value));
});

test('control characters in a device name do not reach the terminal', () => {
  assert.equal(printable('a\u001b[2Jb\u0007\u009b31m\u202ec'), 'a_[2Jb__31m_c');
  const peer = {
    deviceAddress: '42:00:00:00:01:00',
    name: '\u001b]0;x\u0007',
    deviceType: null,
    deviceKind: null,
  };
  const armed = { stationAddress: null, deviceAddress: '42:00:00:00:01:00', name: '\u001b[2J' };
  assert.equal(
    eventText({ type: 'enrolmentArmed', ...armed }),
    'push button open for 42:00:00:00:01:00 "_[2J"',
  );
  assert.equal(eventText({ type: 'waiting', code: 'CONTROL_DENIED', reason: 'a\u0007b' }), 'a_b; waiting');
  assert.equal(eventText({ type: 'peerFound', peer }), 'device 42:00:00:00:01:00 "_]0;x_"');
});
