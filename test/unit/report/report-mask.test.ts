import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRecording } from '#src/recording/format.js';
import { firstDifference } from '#src/replay/playback.js';
import { ReportMask } from '#src/report/report-mask.js';
import { secrets } from '#src/system/secrets.js';

const FOLDER = fileURLToPath(new URL('../../../fixtures/dialogues/', import.meta.url));

test('an address becomes another one, the same everywhere and in every form', () => {
  const mask = new ReportMask();
  const hidden = mask.text('42:12:34:56:78:9a');
  assert.match(hidden, /^42(?::[0-9a-f]{2}){5}$/);
  assert.notEqual(hidden, '42:12:34:56:78:9a');
  const dashes = hidden.replaceAll(':', '-');
  const plain = hidden.replaceAll(':', '');
  const forms =
    'a 42-12-34-56-78-9A b "42:12:34:56:78:9a": c wlx42123456789a, p2p_dev_addr=42:12:34:56:78:9a';
  assert.equal(mask.text(forms), `a ${dashes} b "${hidden}": c wlx${plain}, p2p_dev_addr=${hidden}`);
  // As nmcli -t names a phone that is known by Bluetooth, and udev a network card.
  const nmcli = mask.text('42\\:12\\:34\\:56\\:78\\:9A:connected\nenx42123456789a:connected');
  assert.equal(nmcli, `${hidden.replaceAll(':', '\\:')}:connected\nenx${plain}:connected`);
  // The address at the end of a DHCP client id.
  assert.equal(mask.text('00:01:00:01:2c:aa:bb:cc:42:12:34:56:78:9a').slice(-17), hidden);
});

test('two addresses share as many bytes as before, and two stay two', () => {
  const mask = new ReportMask();
  const [device = '', group = '', other = ''] = mask
    .text('42:12:34:56:78:9a 46:12:34:d6:78:9a 42:12:34:56:78:9b')
    .split(' ');
  const shared = (a: string, b: string) =>
    a.split(':').filter((byte, place) => byte === b.split(':')[place]).length;
  assert.deepEqual([shared(device, group), shared(device, other)], [4, 5]);
  const all = Array.from(
    { length: 256 },
    (_, byte) => `42:00:00:00:00:${byte.toString(16).padStart(2, '0')}`,
  );
  assert.equal(new Set(mask.text(all.join('\n')).split('\n')).size, 256);
});

test('what is no address of a device stays: times, versions, no address and all addresses', () => {
  const text =
    '2026-11-29 16:04:48.123 00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 192.168.16.2 phy0 5.10.103-v7+ fe80';
  assert.equal(new ReportMask().text(text), text);
});

test('what is made from an address is replaced as well', () => {
  const masked = new ReportMask().text(
    'fe80::4012:34ff:fe56:789a%p2p-wlan0-0 572cf82f-c957-5653-9b16-b5cfb298abf1 FE80::4012:34FF:FE56:789A',
  );
  assert.equal(masked, 'fe80::1%p2p-wlan0-0 00000000-0000-0000-0000-000000000001 fe80::1');
});

test('PINs and passphrases are hidden: known ones, and those of a known form', () => {
  secrets.register('the words of the network');
  const mask = new ReportMask();
  const cases: readonly (readonly [string, string])[] = [
    [
      '2026-11-29 16:04:48.123 info: PIN for 42 "A": 87654325',
      '2026-11-29 16:04:48.123 info: PIN for 42 "A": <hidden>',
    ],
    ['hook show_pin: it is 4711', 'hook show_pin: it is <hidden>'],
    ['hook show_pin: 4711 4713', 'hook show_pin: <hidden>'],
    ['hook connect: code 12345670', 'hook connect: code <hidden>'],
    ['12345671 bytes at 2437 MHz', '12345671 bytes at 2437 MHz'],
    ['x the words of the network y', 'x <hidden> y'],
    [
      'P2P-GROUP-STARTED a GO ssid="x" freq=2437 passphrase="eightchars"',
      'P2P-GROUP-STARTED a GO ssid="x" freq=2437 passphrase="<hidden>"',
    ],
  ];
  for (const [text, expected] of cases) assert.equal(mask.text(text), expected);
  const view = {
    pin: '4711',
    passphrase: 'eightchars',
    list: ['PIN for x: 4712'],
    setting: { pin: 'random' },
  };
  assert.deepEqual(JSON.parse(mask.json(view)), {
    pin: '<hidden>',
    passphrase: '<hidden>',
    list: ['PIN for x: <hidden>'],
    setting: { pin: 'random' },
  });
});

for (const file of readdirSync(FOLDER)) {
  test(`${file}: a recording with other addresses still plays back`, () => {
    const text = readFileSync(FOLDER + file, 'utf8');
    const masked = new ReportMask().recording(text);
    assert.notEqual(masked, text);
    const { segments, notes } = parseRecording(masked);
    assert.deepEqual([segments.length, notes], [1, []]);
    for (const segment of segments) assert.equal(firstDifference(segment), null);
  });
}
