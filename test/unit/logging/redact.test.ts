import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HIDDEN, isSecretField, Redactor, redact } from '#src/system/secrets.js';

const STATION = '02:00:00:00:01:00';
const PSK = '0123456789abcdef'.repeat(4);

describe('secrets that are recognised by their form', () => {
  const LINES: readonly [line: string, hidden: string][] = [
    [`WPS_PIN ${STATION} 12345670`, `WPS_PIN ${STATION} <hidden>`],
    ['WPS_PIN any 1234 60', 'WPS_PIN any <hidden> 60'],
    ['> wps_pin any 12345670', '> wps_pin any <hidden>'],
    [
      `P2P_CONNECT ${STATION} 12345670 display persistent`,
      `P2P_CONNECT ${STATION} <hidden> display persistent`,
    ],
    [
      `<3>P2P-PROV-DISC-SHOW-PIN ${STATION} 44490607 p2p_dev_addr=${STATION}`,
      `<3>P2P-PROV-DISC-SHOW-PIN ${STATION} <hidden> p2p_dev_addr=${STATION}`,
    ],
    ['WPS_CHECK_PIN 1234-5670', 'WPS_CHECK_PIN <hidden>'],
    ['WPS_CHECK_PIN 1234 5670', 'WPS_CHECK_PIN <hidden>'],
    ['WPS_AP_PIN set 12345670 300', 'WPS_AP_PIN set <hidden> 300'],
    [
      `P2P-GROUP-STARTED p2p-wlan0-0 GO ssid="DIRECT-ab" freq=2412 passphrase="secret12" go_dev_addr=${STATION} [PERSISTENT]`,
      `P2P-GROUP-STARTED p2p-wlan0-0 GO ssid="DIRECT-ab" freq=2412 passphrase="<hidden>" go_dev_addr=${STATION} [PERSISTENT]`,
    ],
    [`passphrase="a" go_dev_addr="b" go_dev_addr=${STATION}`, `passphrase="<hidden>" go_dev_addr=${STATION}`],
    ['passphrase="with "quotes" inside"', 'passphrase="<hidden>"'],
    ['passphrase="cut off in the mid', 'passphrase="<hidden>'],
    [
      `P2P-GROUP-STARTED p2p-wlan0-0 client psk=${PSK} go_dev_addr=${STATION}`,
      `P2P-GROUP-STARTED p2p-wlan0-0 client psk=<hidden> go_dev_addr=${STATION}`,
    ],
    ['psk="two words"', 'psk=<hidden>'],
    ['psk "two words"', 'psk <hidden>'],
    [`psk ${PSK}`, 'psk <hidden>'],
    ['SET_NETWORK 0 psk "two words"', 'SET_NETWORK 0 psk <hidden>'],
    [`SET_NETWORK 12 psk ${PSK}`, 'SET_NETWORK 12 psk <hidden>'],
    ['SET_NETWORK 0 sae_password "a b"', 'SET_NETWORK 0 sae_password <hidden>'],
    ['SET_NETWORK 0 wep_key0 "abcde"', 'SET_NETWORK 0 wep_key0 <hidden>'],
    ['SET_NETWORK 0 private_key_passwd "x y"', 'SET_NETWORK 0 private_key_passwd <hidden>'],
    ['bssid=02:00\npassphrase=my pass phrase\nmode=P2P GO', 'bssid=02:00\npassphrase=<hidden>\nmode=P2P GO'],
    ['reply: wps_pin=12345670', 'reply: wps_pin=<hidden>'],
    ['WPS-CRED-RECEIVED 100e00', 'WPS-CRED-RECEIVED <hidden>'],
  ];
  for (const [line, hidden] of LINES) {
    test(line.slice(0, 60), () => {
      assert.equal(redact(line), hidden);
      assert.equal(redact(hidden), hidden, 'hiding twice changes nothing');
    });
  }

  test('lines without secrets are not changed', () => {
    for (const line of [
      `P2P_CONNECT ${STATION} pbc persistent`,
      `P2P_CONNECT ${STATION} failed`,
      'WPS_PIN any',
      'WPS_CANCEL',
      `P2P-PROV-DISC-ENTER-PIN ${STATION} p2p_dev_addr=${STATION} pri_dev_type=10-0050F204-5`,
      `P2P-GO-NEG-REQUEST ${STATION} dev_passwd_id=1 go_intent=7`,
      'SET_NETWORK 0 key_mgmt WPA-PSK',
      'key_mgmt=WPA-PSK pairwise=CCMP',
      'SET p2p_passphrase_len 8',
      'SET_NETWORK 0 group_rekey 86400',
      'SET wpa_group_rekey 3600',
    ]) {
      assert.equal(redact(line), line);
    }
  });
});

test('the name of a phone that looks like a secret hides no more than itself', () => {
  for (const word of ['key', 'psk', 'pin', 'pass']) {
    const found = `P2P-DEVICE-FOUND ${STATION} name='${word}=r1ng' config_methods=0x188 dev_capab=0x25`;
    assert.equal(redact(found), found.replace('r1ng', HIDDEN));
  }
});

describe('secrets that are registered', () => {
  test('are hidden anywhere as a whole word', () => {
    const redactor = new Redactor();
    redactor.register('00000000', 'correct horse');
    assert.equal(redactor.redact('the PIN 00000000, and "00000000"'), 'the PIN <hidden>, and "<hidden>"');
    assert.equal(redactor.redact('say correct horse.'), 'say <hidden>.');
  });

  test('are not hidden inside longer numbers', () => {
    const redactor = new Redactor();
    redactor.register('00000000');
    for (const line of [
      '0000000000000000abcdef',
      'a00000000',
      '000000001',
      'uuid=00000000-0000-1000-8000-02000000aaaa',
      'capability 0x00000000',
    ]) {
      assert.equal(redactor.redact(line), line);
    }
  });

  test('may contain any character, also those of regular expressions', () => {
    const redactor = new Redactor();
    const secrets = ['a.b*c+', '(x|y)[z]', '$1\\d{4}', '^-/start', 'p$&w0rd!', 'ends)'];
    redactor.register(...secrets);
    for (const secret of secrets) assert.equal(redactor.redact(`is ${secret} it`), 'is <hidden> it', secret);
    assert.equal(redactor.redact('aXbbbc+'), 'aXbbbc+');
  });

  test('shorter than four characters are ignored', () => {
    const redactor = new Redactor();
    redactor.register('', 'abc');
    assert.equal(redactor.redact('abc'), 'abc');
  });

  test('are hidden beside those that are recognised by their form', () => {
    const redactor = new Redactor();
    redactor.register('hunter22');
    assert.equal(redactor.redact('hunter22 WPS_PIN any 12345670'), '<hidden> WPS_PIN any <hidden>');
  });
});

test('redacting a hostile line takes time in proportion to its length', () => {
  const redactor = new Redactor();
  const line = `${'passphrase="'.repeat(400)}${' psk '.repeat(400)}${'WPS_PIN '.repeat(400)}`;
  const started = performance.now();
  redactor.redact(line);
  assert.ok(performance.now() - started < 500);
});

test('of temporary secrets the latest ones are hidden', () => {
  const redactor = new Redactor();
  redactor.register('configured');
  for (let n = 1; n <= 300; n++) redactor.remember(`passphrase${n}`);
  assert.equal(redactor.redact('it is passphrase300 or configured'), `it is ${HIDDEN} or ${HIDDEN}`);
  assert.equal(redactor.redact('passphrase45 passphrase44'), `${HIDDEN} passphrase44`);
  redactor.remember('abc');
  assert.equal(redactor.redact('abc'), 'abc');
});

test('no message of the program looks like a secret: its end would be hidden', () => {
  const folder = join(import.meta.dirname, '../../../../src');
  const files = readdirSync(folder, { encoding: 'utf8', recursive: true }).filter((name) =>
    name.endsWith('.ts'),
  );
  // What a setting means stands in the manual only.
  const texts = files
    .filter((name) => name !== 'config/schema.ts')
    .flatMap(
      (name) =>
        readFileSync(join(folder, name), 'utf8').match(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`/g) ?? [],
    );
  const messages = texts.filter((text) => text.split(' ').length > 3);
  assert.ok(messages.length > 1_000, `${messages.length} messages`);
  for (const text of messages) assert.equal(redact(text), text);
});

test('the name of a field says whether it is secret, in the words of any program', () => {
  for (const name of [
    ...[
      'passphrase',
      'psk',
      'wpa-psk',
      '802-1x.password',
      'private-key-password',
      'sae_password',
      'wep_key0',
      'wep-key1',
    ],
    ...[
      'pin',
      'pin2',
      'mka_cak',
      'dpp_connector',
      'wps_nfc_dev_pw',
      'external_sim',
      'networkKey',
      'credential',
      'token',
    ],
  ])
    assert.equal(isSecretField(name), true, name);
  for (const name of [
    'key_mgmt',
    'key-mgmt',
    'group_rekey',
    'wpa_ptk_rekey',
    'keyid',
    'passive_scan',
    'pin_module',
    'pins',
    'sae_pwe',
    'ssid',
    'similar',
  ])
    assert.equal(isSecretField(name), false, name);
});
