import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DAEMON_FILES } from '#src/doctor/daemon-files.js';
import { parseNetworkManager } from '#src/doctor/gather/network-daemon-files.js';
import { known } from '#src/system/missing.js';
import { PlantedMachine } from './planted-machine.js';

test('the machine: model, system, kernel, firmware', async (t) => {
  const planted = new PlantedMachine(t);
  planted.write('proc/device-tree/model', 'Raspberry Pi Zero 2 W Rev 1.0\0');
  planted.write('etc/os-release', 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
  planted.write('proc/sys/kernel/osrelease', '6.12.34+rpt-rpi-v8\n');
  planted.ethtool =
    'driver: brcmfmac\nversion: 7.45.96\nfirmware-version: 01-70bd2af7\nbus-info: mmc1:0001:1\n';
  assert.deepEqual((await planted.gather()).machine, {
    model: 'Raspberry Pi Zero 2 W Rev 1.0',
    system: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.12.34+rpt-rpi-v8',
    hasRegulatoryDatabase: true,
    disabledFeatures: 0,
    firmware: new Map([['wlan0', '01-70bd2af7']]),
    container: null,
  });
});

test('the options of brcmfmac: files by name, the last value counts, the boot loader comes last', async (t) => {
  const planted = new PlantedMachine(t);
  const features = async () => (await planted.gather()).machine.disabledFeatures;
  planted.write(
    'usr/lib/modprobe.d/rpi-brcmfmac.conf',
    'options brcmfmac roamoff=1 feature_disable=0x282000\n',
  );
  assert.equal(await features(), 0x282000);
  planted.write(
    'etc/modprobe.d/zz.conf',
    '# options brcmfmac feature_disable=1\noptions brcmfmac feature_disable=0x2282000\n',
  );
  assert.equal(await features(), 0x2282000);
  planted.write('proc/cmdline', 'console=tty1 brcmfmac.feature_disable=0x2000 quiet\n');
  assert.equal(await features(), 0x2000);
});

test('a container of docker or podman, with its mounts', async (t) => {
  const planted = new PlantedMachine(t);
  const container = async () => (await planted.gather()).machine.container;
  planted.write(
    'proc/self/mountinfo',
    '36 35 0:30 / / rw shared:1 - overlay overlay rw\n98 36 0:25 /hostp2pd /run/hostp2pd rw - tmpfs tmpfs rw\n',
  );
  assert.equal(await container(), null);
  planted.write('.dockerenv', '');
  assert.deepEqual(await container(), {
    kind: 'docker',
    mounts: [
      { root: '/', point: '/' },
      { root: '/hostp2pd', point: '/run/hostp2pd' },
    ],
  });
  planted.write('run/.containerenv', '');
  assert.equal((await container())?.kind, 'podman');
  planted.write('proc/2/comm', 'kthreadd\n');
  assert.equal(await container(), null, 'the mark is there, but the kernel threads are seen: no container');
});

test('the Wi-Fi connections of NetworkManager', async (t) => {
  const planted = new PlantedMachine(t);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  const place = (folder: string, name: string, text: string, mode = 0o600) =>
    planted.write(`${folder}/NetworkManager/system-connections/${name}`, text, mode);
  place('etc', 'cable', '[connection]\nid=cable\ntype=ethernet\n');
  place(
    'etc',
    'b.nmconnection',
    '[connection]\nid=home\ntype=wifi\ninterface-name=wlan0\n[wifi]\nssid=104;111;\n',
    0o644,
  );
  place('etc', 'c', '[connection]\nid=spot\ntype=802-11-wireless\n[802-11-wireless]\nmode=ap\nssid=spot\n');
  place(
    'run',
    'netplan-wlan0-x',
    '[connection]\nid=x\ntype=wifi\nautoconnect=false\n[wifi]\nssid=a\\sb\\;\n',
  );
  const secret = (section: string, line: string) =>
    `[connection]\nid=${line}\ntype=wifi\nautoconnect=0\n[wifi]\nssid=y\n[${section}]\n${line}\n`;
  place('run', 'y1', secret('wifi-security', 'psk-flags=1'));
  place('run', 'y2', secret('802-1x', 'password-flags=2'));
  place('run', 'y3', secret('802-1x', 'phase1-auth-flags=3'));
  place('run', 'y4', secret('802-11-wireless-security', 'psk-flags=0'));
  place('usr/lib', 'shipped', '[connection]\nid=shipped\ntype=wifi\n[wifi]\nssid=s\n', 0o644);
  const { networkManager, netplan } = (await planted.gather()).services;
  assert.deepEqual(
    known(networkManager?.profiles ?? [])?.map(
      ({ name, ssid, interface: only, station, automatic, askedSecret, exposed }) => {
        return [name, ssid, only, station, automatic, askedSecret, exposed];
      },
    ),
    [
      ['home', 'ho', 'wlan0', true, true, null, true],
      ['spot', 'spot', null, false, true, null, false],
      ['x', 'a b;', null, true, false, null, false],
      ['psk-flags=1', 'y', null, true, false, 'wifi-sec.psk', false],
      ['password-flags=2', 'y', null, true, false, '802-1x.password', false],
      ['phase1-auth-flags=3', 'y', null, true, false, null, false],
      ['psk-flags=0', 'y', null, true, false, null, false],
      ['shipped', 's', null, true, true, null, false],
    ],
  );
  assert.deepEqual(netplan, {
    files: [],
    generated: ['/run/NetworkManager/system-connections/netplan-wlan0-x'],
  });
});

test('what the files for NetworkManager say counts beside the usual files of a user', async (t) => {
  const planted = new PlantedMachine(t);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  const folder = '/etc/NetworkManager/conf.d';
  planted.write(`${folder}/unmanaged.conf`, '[keyfile]\nunmanaged-devices=interface-name:eth1\n');
  planted.write(`${folder}/wifi_rand_mac.conf`, '[device-mac]\nwifi.scan-rand-mac-address=yes\n');
  const { networkManager, networkManagerAddress } = DAEMON_FILES;
  for (const { place, lines } of [networkManager, networkManagerAddress])
    planted.write(place, lines.join('\n'));
  const found = (await planted.gather()).services.networkManager;
  assert.deepEqual(found?.unmanaged, ['interface-name:eth1', 'interface-name:p2p-*']);
  assert.deepEqual(found?.fixedAddress[0], { devices: ['type:wifi'], value: true });
});

test('files that are there and cannot be read are not taken for files that are not there', async (t) => {
  const planted = new PlantedMachine(t);
  await planted.sockets(t, 'p2p-dev-wlan0', 'wlan0');
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  planted.write('usr/sbin/ifup', '');
  planted.process(300, 'wpa_supplicant', ['wpa_supplicant', '-i', 'wlan0', '-m', '/etc/p2p.conf', '-O', 'x']);
  const unreadable = [
    'etc/NetworkManager/system-connections/home',
    'etc/network/interfaces',
    'etc/p2p.conf',
  ] as const;
  for (const path of unreadable) {
    planted.write(path, '');
    rmSync(join(planted.root, path));
    // Root can read every file, but not this.
    execFileSync('mkfifo', [join(planted.root, path)]);
  }
  const [home, interfaces, own] = unreadable.map((path) => {
    return { missing: `/${path}: expected a regular file, got a FIFO` };
  });
  const { services, supplicant } = await planted.gather();
  assert.deepEqual(services.networkManager?.profiles, home);
  assert.deepEqual(services.ifupdown, interfaces);
  assert.deepEqual(supplicant.processes[0]?.started[0]?.deviceFile?.controlInterface, own);
  for (const path of unreadable) rmSync(join(planted.root, path));
  assert.deepEqual((await planted.gather()).services.networkManager?.profiles, []);
  assert.deepEqual((await planted.gather()).services.ifupdown, { wpa: [], wireless: [] });
});

test('netplan: its files, and what it writes', async (t) => {
  const planted = new PlantedMachine(t);
  const found = async () => (await planted.gather()).services.netplan;
  planted.write('etc/netplan/50-cloud-init.yaml', 'network: {}\n');
  planted.write('etc/netplan/notes.txt', '');
  assert.equal(await found(), null, 'nothing is written, so nothing is configured');
  planted.write('run/netplan/wpa-wlan0.conf', '');
  planted.write('run/systemd/network/10-netplan-wlan0.network', '');
  planted.write('run/systemd/network/other.network', '');
  assert.deepEqual(await found(), {
    files: ['/etc/netplan/50-cloud-init.yaml'],
    generated: ['/run/netplan/wpa-wlan0.conf', '/run/systemd/network/10-netplan-wlan0.network'],
  });
});

test('wifi-p2p.device-name of NetworkManager: later files come first, and in a file [device] comes last', () => {
  const texts = [
    '[device]\nwifi-p2p.device-name=a\n',
    '[device]\nwifi-p2p.device-name=b\n[device-x]\nmatch-device=type:wifi-p2p\nwifi-p2p.device-name=c d\n',
    '[device-y]\n',
  ];
  assert.deepEqual(parseNetworkManager(texts).deviceNames, [
    { devices: ['type:wifi-p2p'], value: 'c d' },
    { devices: ['*'], value: 'b' },
    { devices: ['*'], value: 'a' },
  ]);
});

test('who has a port: also a socket for both versions of IP', async (t) => {
  const planted = new PlantedMachine(t);
  const row = (address: string, port: string, inode: string) =>
    `  1: ${address}:${port} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0 0\n`;
  planted.write('proc/net/udp', row('0100007F', '0035', '11'));
  planted.write(
    'proc/net/udp6',
    row('0'.repeat(32), '0035', '12') + row(`${'0'.repeat(24)}01000000`, '0043', '13'),
  );
  planted.process(812, 'AdGuardHome', ['/opt/AdGuardHome/AdGuardHome']);
  planted.link('proc/812/fd/5', 'socket:[12]');
  assert.deepEqual((await planted.gather()).addressing.portOwners, [
    { port: 53, pid: 812, name: 'AdGuardHome', unit: null, shares: null },
  ]);
});

test('what wpa_supplicant reports about its name, its capabilities and its networks', async (t) => {
  const planted = new PlantedMachine(t);
  await planted.sockets(t, 'p2p-dev-wlan0', 'wlan0');
  planted.replies.set('GET_CAPABILITY key_mgmt', 'NONE WPA-PSK SAE FT-SAE');
  planted.write('etc/w.conf', 'network={\n  ssid="home"\n}\nnetwork={\n\tssid="a \\"b\\""\n}\n');
  const { device, supplicant } = await planted.gather();
  const { deviceName, protectedFrames, offersSae } = known(device.reported) ?? {};
  assert.deepEqual([deviceName, protectedFrames, offersSae], ['DIRECT-box', '0', true]);
  assert.deepEqual(supplicant.processes[0]?.started[0]?.networks, ['home', 'a \\"b\\"']);
});

test('ifupdown: the interfaces whose Wi-Fi it connects, with the files of its folder; by wireless-tools is another way', async (t) => {
  const planted = new PlantedMachine(t);
  const interfaces = async () => (await planted.gather()).services.ifupdown;
  planted.write(
    'etc/network/interfaces',
    `source /etc/network/interfaces.d/*
auto lo eth0 wlan0
iface lo inet loopback
iface eth0 inet dhcp
iface wlan0 inet dhcp
    # wpa-ssid old
    metric 20
    wpa-ssid home
    wpa-psk secret
iface wlan1 inet \\
    dhcp
mapping wlan2
    wpa-ssid is an option of no interface
`,
  );
  planted.write('etc/network/interfaces.d/card', 'iface wlan3 inet manual\n\twpa-conf /etc/card.conf\n');
  assert.deepEqual(await interfaces(), { wpa: [], wireless: [] }, 'ifupdown is not installed');
  planted.write('usr/sbin/ifup', '');
  assert.deepEqual(await interfaces(), { wpa: ['wlan0', 'wlan3'], wireless: [] });
  planted.write('etc/network/interfaces', 'iface wlan0 inet dhcp\n  wireless-essid home\n');
  assert.deepEqual(await interfaces(), { wpa: [], wireless: ['wlan0'] }, 'without source');
});

test('dhcpcd: its hook that starts wpa_supplicant', async (t) => {
  const planted = new PlantedMachine(t);
  const hook = async () => (await planted.gather()).services.dhcpcd?.supplicantHook;
  planted.process(610, 'dhcpcd', ['/usr/sbin/dhcpcd', '-q', '-b']);
  planted.write('usr/share/dhcpcd/hooks/10-wpa_supplicant', '');
  planted.write('etc/dhcpcd.conf', 'interface wlan1\nnohook wpa_supplicant\n');
  assert.equal(await hook(), null, 'among the examples');
  planted.write('usr/lib/dhcpcd/dhcpcd-hooks/10-wpa_supplicant', '');
  assert.deepEqual(await hook(), { except: ['wlan1'] });
});
