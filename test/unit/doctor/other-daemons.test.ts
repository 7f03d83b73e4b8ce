import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseDhcpcd,
  parseNetworkManager,
  withoutSupplicant,
} from '#src/doctor/gather/network-daemon-files.js';
import { parseSupplicantArguments } from '#src/host/supplicant-arguments.js';
import { parseShortOptions } from '#src/system/processes.js';

const words = (line: string) => line.split(' ');

test('a command line is parsed as by getopt', () => {
  assert.deepEqual(parseShortOptions(words('-Bi wlan0 -Dnl80211 eth0 -u -- -i'), 'iD'), {
    options: [
      { letter: 'B', value: '' },
      { letter: 'i', value: 'wlan0' },
      { letter: 'D', value: 'nl80211' },
      { letter: 'u', value: '' },
    ],
    words: ['eth0', '-i'],
  });
  assert.deepEqual(parseShortOptions(['-i'], 'i').options, [{ letter: 'i', value: '' }]);
});

test('the interfaces that a wpa_supplicant was started for, each with its file', () => {
  const of = (line: string) => parseSupplicantArguments(words(line)).interfaces;
  assert.deepEqual(of('-B -c/etc/w.conf -iwlan0 -Dnl80211,wext'), [
    { name: 'wlan0', configFile: '/etc/w.conf', controlInterface: null },
  ]);
  assert.deepEqual(of('-u -s -O DIR=/run/wpa_supplicant'), [], 'over D-Bus');
  assert.deepEqual(of('-i wlan0 -C /run/w'), [
    { name: 'wlan0', configFile: null, controlInterface: '/run/w' },
  ]);
  assert.deepEqual(of('-i wlan0 -c a -C /run/w')[0]?.controlInterface, null, 'the file names the folder');
  assert.deepEqual(of('-i wlan0 -c a -N -i wlan1 -c b -m p2p.conf -O /run/o'), [
    { name: 'wlan0', configFile: 'a', controlInterface: '/run/o' },
    { name: 'wlan1', configFile: 'b', controlInterface: '/run/o' },
  ]);
});

test('the file of the P2P devices, one for all of them', () => {
  const { deviceFile, override } = parseSupplicantArguments(
    words('-i wlan0 -c a -m p.conf -O /run/o -N -i wlan1'),
  );
  assert.deepEqual([deviceFile, override], ['p.conf', '/run/o']);
  assert.equal(parseSupplicantArguments(words('-i wlan0 -c a')).deviceFile, null);
});

test('NetworkManager: later files replace the list or add to it', () => {
  const unmanaged = (...texts: string[]) => parseNetworkManager(texts).unmanaged;
  const list = (how: string, value: string) => `[keyfile]\nunmanaged-devices${how}${value}\n`;
  assert.deepEqual(unmanaged(list('=', 'interface-name:a;interface-name:b')), [
    'interface-name:a',
    'interface-name:b',
  ]);
  assert.deepEqual(unmanaged(list('=', 'a'), list(' = ', 'b')), ['b']);
  assert.deepEqual(unmanaged(list('=', 'a,'), list('+=', 'b')), ['a', 'b']);
  assert.deepEqual(unmanaged('[main]\nunmanaged-devices=a\n', '#[keyfile]\n#unmanaged-devices=a\n'), []);
});

test('NetworkManager: a section applies to the devices that it names, in any order', () => {
  const { unmanaged, fixedAddress } = parseNetworkManager([
    '[device-1]\nmanaged=0\nmatch-device=interface-name:p2p-*\n[device-2]\nmatch-device=type:wifi\nmanaged=1\n',
    '[device-31-mac-addr-change]\nmatch-device=driver:eagle_sdio,driver:wl\nwifi.scan-rand-mac-address=no\n',
    '[device]\nwifi.scan-rand-mac-address=yes\n[device-x]\nwifi.scan-rand-mac-address=0\n',
  ]);
  assert.deepEqual(unmanaged, ['interface-name:p2p-*']);
  assert.deepEqual(fixedAddress, [
    { devices: ['*'], value: true },
    { devices: ['*'], value: false },
    { devices: ['driver:eagle_sdio', 'driver:wl'], value: true },
  ]);
});

test('dhcpcd: interfaces that its file and its command line exclude', () => {
  const run = (...args: string[]) => ({ pid: 1, name: 'dhcpcd', args });
  const text = '# denyinterfaces no\ndenyinterfaces eth1 p2p-*\n  allowinterfaces eth*\n';
  assert.deepEqual(parseDhcpcd(text, [run('/sbin/dhcpcd', '-q', '-b')]), {
    denied: ['eth1', 'p2p-*'],
    allowed: ['eth*'],
    blocks: [],
  });
  for (const block of ['interface eth0', 'ssid home', 'profile x'])
    assert.deepEqual(
      parseDhcpcd(`denyinterfaces a\n${block}\ndenyinterfaces p2p-*\n`, [run('dhcpcd')]).denied,
      ['a'],
      'lines below an interface line do not apply to all',
    );
  const none = { denied: [], allowed: [], blocks: [] };
  assert.deepEqual(parseDhcpcd('', [run('dhcpcd', '-Z', 'p2p-*,lo')]), { ...none, denied: ['p2p-*', 'lo'] });
  assert.deepEqual(parseDhcpcd('', [run('dhcpcd', '-q', '-t', '30', 'eth0')]), {
    ...none,
    allowed: ['eth0'],
  });
  const proxy = run('dhcpcd: [privileged proxy] ');
  assert.deepEqual(parseDhcpcd('', [run('dhcpcd: [manager] [ip4] [ip6]'), proxy]), none);
  assert.deepEqual(parseDhcpcd('', [run('dhcpcd: eth0 [ip4]')]), { ...none, allowed: ['eth0'] });
});

test('dhcpcd: settings for single interfaces', () => {
  const text =
    'interface eth0\nstatic ip_address=10.0.0.1/24 # mine\nssid home\nstatic ip_address=10.9.9.9\n' +
    'interface p2p-wlan0-0\n#static ip_address=1.1.1.1\n  static   ip_address=192.168.49.1/24\n' +
    'nohook wpa_supplicant\ninterface p2p-*\nnodhcp\n';
  assert.deepEqual(parseDhcpcd(text, []).blocks, [
    { pattern: 'eth0', staticAddress: '10.0.0.1/24', withoutDhcp: false },
    { pattern: 'p2p-wlan0-0', staticAddress: '192.168.49.1/24', withoutDhcp: false },
    { pattern: 'p2p-*', staticAddress: null, withoutDhcp: true },
  ]);
});

test('dhcpcd: interfaces on which it starts no wpa_supplicant', () => {
  assert.deepEqual(
    withoutSupplicant('hostname\nnohook resolv.conf\ninterface wlan0\nnohook lookup-hostname\n'),
    [],
  );
  assert.deepEqual(withoutSupplicant('nohook resolv.conf, wpa_supplicant\n'), ['*']);
  assert.deepEqual(
    withoutSupplicant(
      '#nohook wpa_supplicant\ninterface wlan1\n  nohook 10-wpa_supplicant\nssid home\nnohook wpa_supplicant\ninterface p2p-*\nnohook resolv.conf wpa_supplicant\n',
    ),
    ['wlan1', 'p2p-*'],
  );
});
