import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblems } from '#src/config/problem.js';
import { validate } from '#src/config/validate.js';

/** Lines of network_parms that wpa_supplicant would refuse, or with which phones would not list the group. */

const problems = (...lines: readonly string[]) => formatProblems(validate({ network_parms: lines }).problems);

test('valid lines', () => {
  for (const line of [
    'ssid "DIRECT-PP-group"',
    'ssid P"DIRECT-xy\\x20box"',
    `ssid ${Buffer.from('DIRECT-xy').toString('hex')}`,
    'psk "12345678"',
    'psk "a \\"quoted\\" passphrase"',
    `psk "${'x'.repeat(63)}"`,
    `psk ${'0aF9'.repeat(16)}`,
    'mode 3',
    'disabled 2',
    'key_mgmt WPA-PSK',
    'pairwise CCMP TKIP',
    'bssid 02:00:00:00:00:00',
    'p2p_client_list 02:00:00:00:01:00',
    'some_key_of_a_later_version 1',
  ])
    assert.equal(problems(line), '', line);
});

test('invalid lines, and what is expected instead', () => {
  for (const [line, wanted] of [
    ['ssid "MyNet"', /begins with DIRECT- and two letters or digits/],
    ['ssid "DIRECT-x"', /begins with DIRECT-/],
    ['ssid DIRECT-xy', /in double quotes/],
    ["ssid 'DIRECT-xy'", /in double quotes/],
    ['ssid "DIRECT-xy', /in double quotes/],
    ['ssid 4d794e6574', /begins with DIRECT-/],
    [`ssid "DIRECT-xy${'x'.repeat(24)}"`, /at most 32 bytes/],
    [`ssid "DIRECT-xy${'é'.repeat(12)}"`, /at most 32 bytes/],
    ['psk "short"', /8 to 63 characters in double quotes/],
    ['psk mysecretpassword', /8 to 63 characters in double quotes/],
    [`psk "${'x'.repeat(64)}"`, /8 to 63 characters/],
    [`psk ${'a'.repeat(63)}`, /64 hexadecimal digits/],
    ['mode 2', /mode 3/],
    ['disabled 1', /disabled 2/],
    ['key_mgmt "WPA-PSK"', /key_mgmt with its value without quotes/],
    ['ssid="DIRECT-xy"', /a line "key value"/],
    ['ssid', /a line "key value"/],
  ] as const) {
    assert.match(problems(line), wanted, line);
    assert.match(problems(line), /^hostp2pd\.network_parms\[0\]: /, line);
  }
});

test('the secret is not shown', () => {
  for (const line of [
    'psk mysecretpassword',
    'psk "secret1"',
    'psk=mysecretpassword',
    'psk "mysecretpassword',
  ])
    assert.doesNotMatch(problems(line), /secret/, line);
});
