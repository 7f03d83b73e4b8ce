import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../fakes/temporary-folder.js';
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

test('button-and-light.md has the blocks that the scenario follows', () => {
  const block = (heading: string, language: string, place = 0) =>
    blockIn('button-and-light.md', heading, language, place);
  const expected: readonly (readonly [text: string, pattern: RegExp])[] = [
    [block('The button', 'shell'), /^sudo udevadm trigger /m],
    [block('The button', 'shell', 1), /^sudo thd --dump /],
    [block('The LED', 'shell'), /enable --now hostp2pd-led/],
    [block('The display', 'shell'), /show-pin\.sh/],
    [block('The display', 'yaml'), /^hostp2pd:\n {2}pin: random$/m],
    [block('The display', 'ini'), /^# \/etc\/systemd\/system\/pin-display\.service$/m],
    [block('The display', 'shell', 1), /enable --now pin-display\.path/],
    [block('The display', 'shell', 2), /^#!\/bin\/sh\n.*>\/dev\/tty1$/m],
  ];
  for (const [text, pattern] of expected) assert.match(text, pattern);
});

/** Types commands, with a folder in place of /etc, and without root and without the programs that change the machine. */
function type(t: TestContext, commands: string, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const name of ['bin', 'network', 'dnsmasq.d']) mkdirSync(join(folder, name));
  const program = (name: string, line: string) =>
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  program('sudo', 'exec "$@"');
  for (const name of ['ifdown', 'ifup', 'systemctl']) program(name, `echo "${name} $*" >> ${folder}/calls`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const env = { ...process.env, PATH: `${folder}/bin:${process.env['PATH'] ?? ''}` };
  execFileSync('bash', ['-euo', 'pipefail', '-c', commands.replaceAll('/etc/', `${folder}/`)], { env });
  return folder;
}

test('the commands for ifupdown take the lines wpa-… of wlan0 only, and keep a copy', (t) => {
  const before = [
    'source /etc/network/interfaces.d/*',
    'auto lo wlan0 wlan1',
    'iface lo inet loopback',
    'iface wlan0 inet dhcp',
    '    wpa-ssid home',
    '\twpa-psk secret # of wlan1',
    '    metric 5',
    'iface wlan0 inet6 auto',
    'wpa-driver nl80211',
    '# wpa-conf is for wlan0 no more',
    'iface wlan1 inet dhcp # not wlan0',
    '    wpa-ssid other',
    'iface wlan01 inet dhcp',
    '    wpa-conf /etc/other.conf',
    '',
  ].join('\n');
  const folder = type(t, blockIn('install.md', 'With neither', 'shell'), { 'network/interfaces': before });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const after = before.replace(/.*(?:ssid home|psk secret.*|driver nl80211)\n/g, '');
  assert.equal(after.split('\n').length, before.split('\n').length - 3);
  assert.equal(read('network/interfaces'), after);
  assert.equal(read('network/interfaces.bak'), before);
  assert.equal(read('calls'), 'ifdown wlan0\nsystemctl enable --now wpa_supplicant@wlan0\nifup wlan0\n');
});

test('the commands for dnsmasq write bind-dynamic if no file says how it binds', (t) => {
  const commands = blockIn('install.md', '8. Addresses', 'shell');
  const written = (files: Readonly<Record<string, string>>) =>
    readFileSync(join(type(t, commands, files), 'dnsmasq.d/hostp2pd.conf'), 'utf8');
  const own = 'except-interface=p2p-*\n';
  assert.equal(written({}), `${own}bind-dynamic\n`);
  assert.equal(written({ 'dnsmasq.conf': '#bind-interfaces\n' }), `${own}bind-dynamic\n`);
  assert.equal(written({ 'dnsmasq.d/hostp2pd.conf': `${own}bind-dynamic\n` }), `${own}bind-dynamic\n`);
  assert.equal(written({ 'dnsmasq.conf': 'no-resolv\nbind-interfaces\n' }), own);
  assert.equal(written({ 'dnsmasq.d/libvirt-daemon': '  bind-interfaces\n' }), own);
  assert.equal(written({ 'dnsmasq.conf': 'bind-dynamic\n' }), own);
});

test("the reader's own values replace the examples, and an example that is not there is an error", () => {
  assert.equal(withOwnValues('ssid="NAME"\n', { NAME: 'home' }), 'ssid="home"\n');
  assert.throws(() => withOwnValues('ssid="NAME"\n', { PSK: 'x' }), /expected "PSK"/);
});
