import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockIn, withOwnValues } from '../radio/guest/reader.js';

test('install.md has the blocks that the scenarios host-… follow', () => {
  const block = (heading: string, language: string, place = 0) =>
    blockIn('install.md', heading, language, place);
  const expected: readonly (readonly [text: string, pattern: RegExp])[] = [
    [block('NetworkManager keeps the radio', 'shell'), /cp dbus\/hostp2pd\.conf/],
    [block('NetworkManager keeps the radio', 'shell', 1), /nmcli device status/],
    [block('NetworkManager keeps the radio', 'yaml'), /^hostp2pd:\n {2}interface: p2p-dev-wlan0$/m],
    [block('wpa_supplicant has the radio', 'ini'), /^network=\{\n {4}ssid=/],
    [block('wpa_supplicant has the radio', 'ini', 1), /^\[Match\]\nName=wlan0$/m],
    [block('wpa_supplicant has the radio', 'shell'), /systemd-networkd/],
    [block('wpa_supplicant has the radio', 'shell', 1), /hostp2pd-radio\.conf/],
    [block('With netplan', 'shell'), /ls \/run\/wpa_supplicant/],
    [block('With dhcpcd', 'shell'), /systemctl restart dhcpcd/],
    [block('With neither', 'shell'), /ifdown wlan0/],
    [block('With neither', 'shell', 1), /enable --now wpa_supplicant@wlan0/],
    [block('5. Other network daemons', 'shell'), /hostp2pd-address\.conf/],
    [block('5. Other network daemons', 'shell', 3), /denyinterfaces/],
    [block('6. First start', 'shell'), /^sudo hostp2pd -c/m],
    [block('7. The service', 'shell', 1), /enable --now hostp2pd@/],
    [block('8. Addresses', 'shell'), /bind-dynamic/],
    [block('8. Addresses', 'shell', 1), /systemctl reload hostp2pd@/],
    [block('9. Check', 'shell'), /hostp2pd doctor/],
    [blockIn('wpa-supplicant.md', 'wpa_supplicant.conf', 'ini'), /^ctrl_interface=/],
  ];
  for (const [text, pattern] of expected) assert.match(text, pattern);
});

test("the reader's own values replace the examples, and an example that is not there is an error", () => {
  assert.equal(withOwnValues('ssid="NAME"\n', { NAME: 'home' }), 'ssid="home"\n');
  assert.throws(() => withOwnValues('ssid="NAME"\n', { PSK: 'x' }), /expected "PSK"/);
});
