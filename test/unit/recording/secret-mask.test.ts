import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasPinChecksum } from '#src/config/text-values.js';
import { SecretMask } from '#src/recording/secret-mask.js';
import { isRecord } from '#src/system/values.js';

const PSK = 'abcdef0123456789'.repeat(4);

function masked(value: object, mask = new SecretMask()): unknown {
  return JSON.parse(mask.json(value));
}

test('every kind of secret is replaced, wherever it is', () => {
  const secrets = {
    pin: '12345670',
    'a PIN of four digits': '4711',
    'a PIN without a checksum': '12345678',
    passphrase: 'pass "phrase" \\ one',
    key: PSK,
    'a passphrase in a network line': 'of the network lines',
    'a WEP key': 'wepwepwepwepw',
    'a credential': '100e0045deadbeef',
    'a passphrase of a reply': 'bare reply passphrase',
  };
  const mask = new SecretMask();
  const steps: object[] = [
    {
      settings: {
        pin: secrets.pin,
        network_parms: ['ssid "DIRECT-xy"', `psk "${secrets['a passphrase in a network line']}"`],
      },
    },
    { settings: { config_parms: { wep_key0: secrets['a WEP key'], country: 'DE' } } },
    { stored: { ssidHex: '00', passphrase: secrets.passphrase, psk: null } },
    { stored: { ssidHex: '00', passphrase: null, psk: PSK } },
    {
      input: {
        type: 'reply',
        tag: { kind: 'group-passphrase' },
        reply: `${secrets['a passphrase of a reply']}\n`,
      },
    },
    { input: { type: 'event', text: `WPS-CRED-RECEIVED ${secrets['a credential']}` } },
    {
      input: {
        type: 'event',
        text: `P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00 ${secrets['a PIN of four digits']} p2p_dev_addr=42:00:00:00:01:00`,
      },
    },
    { effects: [{ command: `WPS_PIN any ${secrets['a PIN without a checksum']} 120` }] },
    { effects: [{ command: `P2P_CONNECT 42:00:00:00:01:00 ${secrets.pin} display` }] },
  ];
  // As the name of a phone, in the reason of an error, alone in a line.
  const later = Object.values(secrets).map((secret) => ({
    name: secret,
    reason: `no (${secret})`,
    reply: `OK\n${secret}\nx`,
  }));
  const text = [...steps, ...later].map((step) => mask.json(step)).join('\n');
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(!text.includes(JSON.stringify(secret).slice(1, -1)), what);
    assert.ok(!text.includes(secret), what);
  }
  assert.match(text, /"ssid \\"DIRECT-xy\\""/, 'what is no secret stays');
});

test('a passphrase that begins as a refusal does is a secret, and a refusal is none', () => {
  const mask = new SecretMask();
  for (const [passphrase, reply] of [
    ['FAILing bravely', 'FAILing bravely\n'],
    ['FAIL1234', 'OK'],
  ]) {
    const text = mask.json({ tag: { kind: 'group-passphrase' }, reply, stored: { passphrase } });
    assert.ok(!text.includes(passphrase ?? ''), text);
  }
  for (const reply of ['FAIL\n', 'UNKNOWN COMMAND\n', 'FAIL (P2P_GET_PASSPHRASE: no link)']) {
    const told = { tag: { kind: 'group-passphrase' }, reply };
    assert.deepEqual(masked(told, mask), told);
  }
});

test('the same secret has one placeholder, and two secrets have two', () => {
  const mask = new SecretMask();
  const pins = ['12345670', '00000000', '12345678', '1234', '4321'];
  const shown = (pin: string): string => {
    const value = masked({ pin, reply: `OK ${pin}` }, mask);
    assert.ok(isRecord(value) && typeof value['pin'] === 'string');
    assert.equal(value['reply'], `OK ${value['pin']}`);
    return value['pin'];
  };
  const first = pins.map(shown);
  assert.equal(new Set(first).size, pins.length);
  assert.deepEqual(pins.map(shown), first);
  for (const [index, pin] of pins.entries()) {
    assert.equal(first[index]?.length, pin.length);
    assert.equal(hasPinChecksum(first[index] ?? ''), hasPinChecksum(pin), pin);
  }
});

test('what only looks like a secret stays: a word in another word, a number, the word random', () => {
  const mask = new SecretMask();
  mask.json({ pin: '2412', passphrase: 'secretsecret' });
  const value = { at: 2412, name: 'secretsecrets', uuid: '24125', pin: 'random', key: 'config_methods' };
  assert.deepEqual(masked(value, mask), value);
});

test('a placeholder is valid where a secret was: the settings of a recording can be read', () => {
  const lines = [`psk "${'p'.repeat(63)}"`, `psk ${PSK}`];
  const value = masked({ settings: { network_parms: lines } });
  assert.deepEqual(value, {
    settings: { network_parms: ['psk "hidden-secret-1"', `psk ${'2'.padStart(64, '0')}`] },
  });
});

test('hundreds of PINs do not fill the memory, and none of them is left', () => {
  const mask = new SecretMask();
  const pins = Array.from({ length: 300 }, (_, number) => String(10_000_000 + number * 7));
  for (const pin of pins) assert.ok(!mask.json({ pin, reply: `PIN ${pin}` }).includes(pin));
  // Those of the last 256 are known, and the others take no memory any more.
  const known = pins.filter((pin) => !mask.json({ name: pin }).includes(pin));
  assert.deepEqual(known, pins.slice(-256));
});
