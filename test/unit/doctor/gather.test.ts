import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { examine, gather } from '#src/doctor/examine.js';
import type { Facts } from '#src/doctor/facts.js';
import { systemSources } from '#src/doctor/gather/sources.js';
import { known } from '#src/system/missing.js';
import { GROUP_STATUS, STATUS } from './healthy.js';
import { PlantedMachine } from './planted-machine.js';

const SHIPPED_POLICY = new URL('../../../../packaging/neighbours/dbus/hostp2pd.conf', import.meta.url);
const NO_ROOT = process.getuid?.() === 0 ? false : 'needs root';

async function machine(t: TestContext, ...sockets: readonly string[]): Promise<PlantedMachine> {
  const planted = new PlantedMachine(t);
  await planted.sockets(t, ...(sockets.length > 0 ? sockets : ['p2p-dev-wlan0', 'wlan0']));
  return planted;
}

const reportedBy = ({ reported }: Facts['device']) => known(reported)?.by;
const answered = ({ name, reported }: Facts['device']) => [name, reported];

test('a healthy machine: nothing but ok', async (t) => {
  const planted = await machine(t);
  const report = await examine({ configFile: planted.configuration() }, planted.sources);
  assert.deepEqual(
    report.findings.filter(({ level }) => level !== 'ok'),
    [],
  );
  assert.equal(report.worst, 'ok');
});

test('an empty machine is examined to the end', async (t) => {
  const planted = new PlantedMachine(t);
  for (const folder of ['proc', 'sys', 'etc', 'usr', 'var', 'tmp']) {
    rmSync(join(planted.root, folder), { recursive: true });
  }
  planted.iw.clear();
  const { findings, worst } = await examine({ configFile: planted.configuration() }, planted.sources);
  assert.equal(worst, 'error');
  const bad = findings.filter(({ level }) => level === 'warning' || level === 'error');
  assert.deepEqual(
    bad.map(({ check }) => check),
    ['p2p-go'],
    'no card; processes are hidden without /proc',
  );
});

test('wpa_supplicant gets only requests that change nothing, whatever it answers', async (t) => {
  const planted = await machine(t, 'p2p-dev-wlan0', 'wlan0', 'p2p-wlan0-0');
  await planted.gather();
  const requests = new Set(planted.asked.map((line) => line.slice(line.indexOf(' ') + 1)));
  for (const request of requests)
    assert.match(request, /^(STATUS|INTERFACES|P2P_PEER FIRST|GET \w+|GET_CAPABILITY key_mgmt)$/);
  assert.ok(requests.size > 5);
});

test('processes: kernel threads and zombies are left out', async (t) => {
  const planted = await machine(t);
  planted.process(400, 'wpa_supplicant', []);
  planted.process(500, 'wpa_supplicant', ['wpa_supplicant', '-u', '-s']);
  const { processes, visible, program } = (await planted.gather()).supplicant;
  assert.deepEqual(
    processes.map(({ pid }) => pid),
    [300, 500],
  );
  assert.deepEqual([visible, program], [true, '/usr/sbin/wpa_supplicant']);
  assert.deepEqual(processes[0]?.started, [
    {
      name: 'wlan0',
      configFile: '/etc/w.conf',
      controlInterface: 'DIR=/run/wpa_supplicant GROUP=netdev',
      configUnreadable: false,
      persistentAddress: null,
      networks: [],
      deviceFile: null,
    },
  ]);
  rmSync(join(planted.root, 'etc/w.conf'));
  const [unread] = (await planted.gather()).supplicant.processes[0]?.started ?? [];
  assert.deepEqual([unread?.controlInterface, unread?.configUnreadable], [null, true]);
  rmSync(join(planted.root, 'proc/1'), { recursive: true });
  assert.equal(
    (await planted.gather()).supplicant.visible,
    false,
    'hidepid hides the processes of root first',
  );
});

test('the sockets that a wpa_supplicant is bound to are found by their inodes', async (t) => {
  const planted = await machine(t);
  planted.write(
    'proc/net/unix',
    'Num       RefCount Protocol Flags    Type St Inode Path\n' +
      '0000000000000000: 00000002 00000000 00000000 0002 01 12895 /run/other/wlan0\n' +
      '0000000000000000: 00000002 00000000 00000000 0002 01   901 /run/a b\n' +
      '0000000000000000: 00000003 00000000 00000000 0001 03 12947\n',
  );
  for (const [fd, target] of [
    ['0', '/dev/null'],
    ['3', 'socket:[12895]'],
    ['4', 'socket:[901]'],
    ['5', 'socket:[12947]'],
    ['6', 'socket:[7]'],
  ] as const)
    planted.link(`proc/300/fd/${fd}`, target);
  assert.deepEqual((await planted.gather()).supplicant.processes[0]?.sockets, [
    '/run/other/wlan0',
    '/run/a b',
  ]);
});

test('a wpa_supplicant of ifupdown is recognized by its pid file', async (t) => {
  const planted = await machine(t);
  const ofIfupdown = async (...more: string[]) => {
    planted.process(300, 'wpa_supplicant', ['/usr/sbin/wpa_supplicant', '-s', '-B', ...more, '-iwlan0']);
    return (await planted.gather()).supplicant.processes[0]?.ofIfupdown;
  };
  assert.equal(await ofIfupdown('-P', '/run/wpa_supplicant.wlan0.pid'), true);
  assert.equal(await ofIfupdown('-P', '/var/run/wpa_supplicant.wlan0.pid'), true, 'before Debian 10');
  assert.equal(
    await ofIfupdown('-P', '/run/sendsigs.omit.d/wpasupplicant.pid'),
    false,
    'of its D-Bus service',
  );
  assert.equal(await ofIfupdown(), false);
});

test('the mount namespace of wpa_supplicant decides whether it sees our sockets', async (t) => {
  const planted = await machine(t);
  const sees = async () => (await planted.gather()).supplicant.processes[0]?.seesClients;
  assert.equal(await sees(), true, 'the same one');
  rmSync(join(planted.root, 'proc/300/ns/mnt'));
  assert.equal(await sees(), null, 'not accessible');
  planted.link('proc/300/ns/mnt', 'mnt:[2]');
  mkdirSync(join(planted.root, 'run/hostp2pd'));
  planted.write('elsewhere/run/hostp2pd/x', '');
  planted.link('proc/300/root', join(planted.root, 'elsewhere'));
  assert.equal(await sees(), false, 'another folder at this path');
  rmSync(join(planted.root, 'proc/300/root'));
  planted.link('proc/300/root', planted.root);
  assert.equal(await sees(), true, 'another namespace, the same folder');
  rmSync(join(planted.root, 'run/hostp2pd'), { recursive: true });
  assert.equal(await sees(), true, 'the folder does not exist yet: its parent counts');
});

test('PrivateTmp: the later file wins, and drop-ins come after the unit', async (t) => {
  const planted = await machine(t);
  const isPrivate = async () => (await planted.gather()).control.privateTmp;
  assert.equal(await isPrivate(), false);
  planted.write('lib/systemd/system/wpa_supplicant.service', '[Service]\nPrivateTmp=yes\n');
  assert.equal(await isPrivate(), true);
  planted.write('etc/systemd/system/wpa_supplicant.service.d/override.conf', '[Service]\nPrivateTmp = no\n');
  assert.equal(await isPrivate(), false);
  planted.write('etc/systemd/system/wpa_supplicant@.service', '[Service]\n#PrivateTmp=no\nPrivateTmp=true\n');
  assert.equal(await isPrivate(), true);
});

test('the control folder: missing, with sockets, and with other files', async (t) => {
  const planted = new PlantedMachine(t);
  assert.deepEqual((await planted.gather()).control.state, 'missing');
  await planted.sockets(t, 'wlan0', 'p2p-dev-wlan0');
  planted.write('run/wpa_supplicant/notes', '');
  planted.replies.set('wlan0 STATUS', { code: 'CONTROL_UNAVAILABLE' });
  const { state, sockets } = (await planted.gather()).control;
  assert.equal(state, 'listed');
  assert.deepEqual(
    sockets.map(({ name, answer }) => [name, answer]),
    [
      ['p2p-dev-wlan0', { status: STATUS }],
      ['wlan0', { code: 'CONTROL_UNAVAILABLE' }],
    ],
  );
});

test('owner and group of the control folder, by its mode and the names in /etc', {
  skip: NO_ROOT,
}, async (t) => {
  const planted = await machine(t);
  const folder = join(planted.root, 'run/wpa_supplicant');
  const owner = async () => (await planted.gather()).control.owner;
  planted.sources = { ...planted.sources, user: { uid: 1000, groups: [1000] } };
  for (const [gid, mode, group, needsLogin] of [
    [106, 0o750, 'netdev', true],
    [106, 0o700, null, false],
    [0, 0o770, null, false],
    [77, 0o770, '77', false],
  ] as const) {
    chownSync(folder, 0, gid);
    chmodSync(folder, mode);
    assert.deepEqual(await owner(), { user: 'root', group, needsLogin });
  }
  chownSync(folder, 0, 106);
  chmodSync(folder, 0o750);
  planted.sources = { ...planted.sources, user: { uid: 1000, groups: [1000, 106] } };
  assert.equal((await owner())?.needsLogin, false, 'active in this login');
  assert.equal((await planted.gather()).user.name, 'pi');
});

test('auto takes the P2P device; if there is none, the radio with a P2P device address', async (t) => {
  const planted = await machine(t);
  const device = async (...lines: string[]) => (await planted.gather(...lines)).device;
  assert.deepEqual(
    [(await device()).name, (await device()).address, reportedBy(await device())],
    ['p2p-dev-wlan0', '42:00:00:00:00:00', 'p2p-dev-wlan0'],
  );
  planted.replies.set('p2p-dev-wlan0 STATUS', { code: 'CONTROL_UNAVAILABLE' });
  assert.equal((await device()).name, 'wlan0');
  planted.replies.set('wlan0 STATUS', 'wpa_state=DISCONNECTED\n');
  assert.deepEqual([(await device()).name, reportedBy(await device())], [null, 'wlan0']);
  planted.replies.set('wlan0 STATUS', { code: 'CONTROL_TIMEOUT' });
  assert.deepEqual(answered(await device()), [null, { missing: 'wpa_supplicant does not answer for wlan0' }]);
});

test('a P2P device that has not answered: neither its radio in its place, nor the settings of a part', async (t) => {
  const planted = await machine(t);
  const device = async (...lines: string[]) => answered((await planted.gather(...lines)).device);
  const SILENT = { code: 'CONTROL_TIMEOUT' } as const;
  planted.replies.set('p2p-dev-wlan0 STATUS', SILENT);
  const awaited = [null, { missing: 'wpa_supplicant does not answer for p2p-dev-wlan0' }];
  assert.deepEqual(await device(), awaited);
  assert.deepEqual(await device('interface: p2p-dev-wlan0'), awaited);
  assert.deepEqual((await device('interface: wlan0'))[0], 'wlan0', 'the user has named it');
  planted.replies.delete('p2p-dev-wlan0 STATUS');
  planted.replies.set('p2p-dev-wlan0 INTERFACES', SILENT);
  assert.deepEqual(await device(), [
    'p2p-dev-wlan0',
    { missing: 'wpa_supplicant does not answer INTERFACES for p2p-dev-wlan0' },
  ]);
  const { findings } = await examine({ configFile: planted.configuration() }, planted.sources);
  assert.deepEqual(
    findings.filter(({ level }) => level === 'warning' || level === 'error'),
    [],
    'an answer that did not come is no error of Wi-Fi Direct',
  );
});

test('a configured name takes precedence, and its radio is examined', async (t) => {
  const planted = await machine(t);
  planted.radio('wlan1', { phy: 'phy1' });
  const device = async (...lines: string[]) => (await planted.gather(...lines)).device;
  const radios = ({ radios: all }: Awaited<ReturnType<typeof device>>) => all.map(({ name }) => name);
  assert.deepEqual(radios(await device()), ['wlan0'], 'the radio of the interface that auto takes');
  const named = await device('interface: wlan1');
  assert.deepEqual([named.name, reportedBy(named), radios(named)], [null, 'wlan0', ['wlan1']]);
  const nothing = await device('interface: p2p-dev-wlan7');
  assert.deepEqual(
    [nothing.name, radios(nothing)],
    ['p2p-dev-wlan0', ['wlan0']],
    'a slip: the rest as with auto',
  );
  planted.replies.set('STATUS', { code: 'CONTROL_TIMEOUT' });
  assert.deepEqual(radios(await device()), ['wlan0', 'wlan1'], 'open');
  assert.deepEqual(radios(await device('interface: p2p-dev-wlan1')), ['wlan1']);
  const { device: given } = await planted.gatherWith('wlan1');
  assert.equal(given.requested, 'wlan1', '-i takes precedence over the file');
});

test('a truncated name is matched to its radio', async (t) => {
  const planted = await machine(t, 'p2p-dev-wlx00c0', 'wlx00c0caaabbcc');
  planted.radio('wlx00c0caaabbcc', { phy: 'phy1' });
  const { name, radios } = (await planted.gather()).device;
  assert.deepEqual([name, radios.map((radio) => radio.name)], ['p2p-dev-wlx00c0', ['wlx00c0caaabbcc']]);
});

test('radios from the kernel, and from iw as far as it works', async (t) => {
  const planted = await machine(t);
  planted.write('sys/class/net/eth0/flags', '0x1003\n');
  planted.radio('uap0', { flags: '0x1002', kind: '1' });
  planted.write('sys/class/rfkill/rfkill1/type', 'bluetooth\n');
  for (const [name, value] of [
    ['type', 'wlan'],
    ['name', 'ideapad_wlan'],
    ['soft', '1'],
  ])
    planted.write(`sys/class/rfkill/rfkill2/${name}`, `${value}\n`);
  planted.iw.delete('list');
  const { interfaces, switches, capabilities, inUse } = (await planted.gather()).radios;
  assert.deepEqual(interfaces, [
    { name: 'uap0', phy: 'phy0', driver: 'brcmfmac', up: false, randomAddress: true },
    { name: 'wlan0', phy: 'phy0', driver: 'brcmfmac', up: true, randomAddress: false },
  ]);
  assert.deepEqual(switches, [
    { phy: 'phy0', soft: false, hard: false },
    { phy: null, soft: true, hard: false },
  ]);
  assert.deepEqual(capabilities, { missing: 'iw is not installed' });
  assert.ok(Array.isArray(inUse));
});

test('NetworkManager and dhcpcd are examined if they run, with their files', async (t) => {
  const planted = await machine(t);
  planted.write('usr/lib/NetworkManager/conf.d/10.conf', '[keyfile]\nunmanaged-devices=a\n');
  planted.write('etc/NetworkManager/NetworkManager.conf', '[keyfile]\nunmanaged-devices=b\n');
  planted.write('etc/NetworkManager/conf.d/z.conf', '[keyfile]\nunmanaged-devices+=c\n');
  planted.write('etc/NetworkManager/conf.d/z.conf.bak', '[keyfile]\nunmanaged-devices=d\n');
  planted.write('etc/dhcpcd.conf', 'denyinterfaces p2p-*\n');
  const none = {
    ...{ networkManager: null, dhcpcd: null, udev: null, netplan: null },
    ...{ ifupdown: { wpa: [], wireless: [] }, iwd: false },
  };
  assert.deepEqual((await planted.gather()).services, none);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager', '--no-daemon']);
  planted.process(601, 'dhcpcd', ['dhcpcd: [manager] [ip4]']);
  assert.deepEqual((await planted.gather()).services, {
    networkManager: {
      ...{ states: { missing: 'nmcli is not installed' }, version: { missing: 'nmcli is not installed' } },
      removalDenied: false,
      ...{ unmanaged: ['b', 'c'], fixedAddress: [], deviceNames: [], profiles: [] },
    },
    dhcpcd: { denied: ['p2p-*'], allowed: [], blocks: [], supplicantHook: null },
    udev: null,
    netplan: null,
    ifupdown: { wpa: [], wireless: [] },
    iwd: false,
  });
});

test('NetworkManager: a file of conf.d hides those of the same name for all machines, and keeps its own place', async (t) => {
  const planted = await machine(t);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  const write = (folder: string, name: string, device: string) =>
    planted.write(`${folder}/NetworkManager/conf.d/${name}`, `[keyfile]\nunmanaged-devices+=${device}\n`);
  const unmanaged = async () => (await planted.gather()).services.networkManager?.unmanaged;
  for (const name of ['1.conf', '2.conf', '3.conf']) write('usr/lib', name, `lib${name}`);
  write('run', '0.conf', 'run0');
  write('run', '2.conf', 'run2');
  assert.deepEqual(await unmanaged(), ['lib1.conf', 'lib3.conf', 'run0', 'run2']);
  write('etc', '2.conf', 'etc2');
  planted.write('etc/NetworkManager/conf.d/3.conf', '');
  planted.write('etc/NetworkManager/NetworkManager.conf', '[keyfile]\nunmanaged-devices+=main\n');
  assert.deepEqual(await unmanaged(), ['lib1.conf', 'run0', 'main', 'etc2']);
  planted.write(
    'run/NetworkManager/conf.d/0.conf',
    '[.config]\nenable=false\n[keyfile]\nunmanaged-devices+=off\n',
  );
  assert.deepEqual(await unmanaged(), ['lib1.conf', 'main', 'etc2']);
});

test('NetworkManager: a D-Bus policy that is for another user, or comes before that of root, protects no group', async (t) => {
  const planted = await machine(t);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  const denied = async (attribute: string) => {
    const deny = '<deny send_destination="fi.w1.wpa_supplicant1" send_member="RemoveInterface"/>';
    const policy = `<policy user="messagebus"></policy>\n<policy ${attribute}>\n${deny}\n</policy>`;
    planted.write('etc/dbus-1/system.d/x.conf', `<busconfig>${policy}</busconfig>`);
    return (await planted.gather()).services.networkManager?.removalDenied;
  };
  for (const attribute of ['context="mandatory"', "context='mandatory'", 'user="root"', 'user="0"'])
    assert.equal(await denied(attribute), true, attribute);
  for (const attribute of ['user="nobody"', 'context="default"', 'group="netdev"', 'at_console="true"'])
    assert.equal(await denied(attribute), false, attribute);
});

test('NetworkManager: the output of nmcli, and whether a D-Bus policy forbids it to remove groups', async (t) => {
  const planted = await machine(t);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager']);
  planted.nmcli = 'wlan0:disconnected\n';
  planted.managerVersion = '1.60.2\n';
  const facts = async () => (await planted.gather()).services.networkManager;
  const policy = (name: string, text: string) => planted.write(`etc/dbus-1/system.d/${name}`, text);
  policy(
    'wpa_supplicant.conf',
    '<policy user="root"><allow send_destination="fi.w1.wpa_supplicant1"/></policy>',
  );
  policy('old.conf', '<!-- <deny send_member="RemoveInterface"/> -->');
  assert.deepEqual(await facts(), {
    states: 'wlan0:disconnected\n',
    version: '1.60.2',
    removalDenied: false,
    unmanaged: [],
    fixedAddress: [],
    deviceNames: [],
    profiles: [],
  });
  policy('hostp2pd.conf', readFileSync(SHIPPED_POLICY, 'utf8'));
  assert.equal((await facts())?.removalDenied, true);
});

test('udev is examined if it runs, with its .link files in the order of their names', async (t) => {
  const planted = await machine(t);
  const at = (folder: string, name: string, ...lines: string[]) =>
    planted.write(`${folder}/systemd/network/${name}`, lines.map((line) => `${line}\n`).join(''));
  at('usr/lib', '99-default.link', '[Match]', 'OriginalName=*', '[Link]', 'MACAddressPolicy=persistent');
  at('etc', '50-a.link', '# [Match]', '[Match]', 'Driver=x', 'Driver=', 'Driver=y  z', '[Link]', 'Name=a');
  at('usr/lib', '50-a.link', '[Match]', 'OriginalName=hidden');
  at(
    'run',
    '60-b.link',
    '[Match]',
    'constructor=x',
    'constructor=',
    '[Link]',
    'MACAddressPolicy=random',
    'MACAddressPolicy=',
  );
  at('lib', '70-masked.link', '[Match]', 'OriginalName=*');
  planted.link('etc/systemd/network/70-masked.link', '/dev/null');
  at('etc', '80-not.network', '[Match]', 'Name=*');
  assert.equal((await planted.gather()).services.udev, null);
  planted.process(602, 'systemd-udevd', ['/lib/systemd/systemd-udevd']);
  const files = async () => (await planted.gather()).services.udev?.linkFiles;
  const [first, second] = [
    { path: '/etc/systemd/network/50-a.link', conditions: { Driver: ['y', 'z'] }, policy: 'none' },
    { path: '/run/systemd/network/60-b.link', conditions: {}, policy: 'none' },
  ];
  const last = { path: '/usr/lib/systemd/network/99-default.link', conditions: { OriginalName: ['*'] } };
  assert.deepEqual(await files(), [first, second, { ...last, policy: 'persistent' }]);
  at('run', '99-default.link.d/a.conf', '[Link]', 'MACAddressPolicy=random');
  at('etc', '99-default.link.d/b.conf', '[Link]', 'MACAddressPolicy=none');
  assert.deepEqual(
    await files(),
    [first, second, { ...last, policy: 'none' }],
    'additions come after the file',
  );
});

test('the socket of a running group is examined like any other', async (t) => {
  const planted = await machine(t, 'p2p-dev-wlan0', 'wlan0', 'p2p-wlan0-0');
  planted.radio('p2p-wlan0-0');
  planted.replies.set('INTERFACES', 'p2p-wlan0-0\np2p-dev-wlan0\nwlan0\n');
  const { control, device } = await planted.gather();
  const group = control.sockets.find(({ name }) => name === 'p2p-wlan0-0');
  assert.deepEqual(group?.answer, { status: GROUP_STATUS });
  assert.deepEqual([device.name, device.radios.map(({ name }) => name)], ['p2p-dev-wlan0', ['wlan0']]);
});

test('a program that does not exist, fails or prints something', async () => {
  const { run } = systemSources();
  assert.deepEqual(await run('hostp2pd-no-such-program', []), {
    missing: 'hostp2pd-no-such-program is not installed (Debian: apt install hostp2pd-no-such-program)',
  });
  assert.deepEqual(await run('false', ['x']), { missing: 'false x: it ended with 1' });
  assert.deepEqual(await run('echo', ['$HOME;']), '$HOME;\n');
});

test('facts about addressing: programs, networkd, other networks, forwarding', async (t) => {
  const planted = new PlantedMachine(t);
  assert.deepEqual((await planted.gather('addressing: dnsmasq')).addressing, {
    programs: { dnsmasq: null, ip: null },
    networkdRuns: false,
    portOwners: [],
    groupServers: { missing: 'ss is not installed' },
    conflict: null,
    forwards: false,
    sharing: null,
  });
  planted.write('usr/sbin/dnsmasq', '');
  planted.write('bin/ip', '');
  planted.process(400, 'systemd-network', ['/usr/lib/systemd/systemd-networkd']);
  planted.write('proc/sys/net/ipv4/ip_forward', '1\n');
  const address = (cidr: string): NetworkInterfaceInfo => {
    const [own = ''] = cidr.split('/');
    return { address: own, cidr, netmask: '255.255.255.0', family: 'IPv4', mac: '', internal: false };
  };
  // The group that is up has the address itself.
  planted.networks = { 'p2p-wlan0-0': [address('192.168.49.1/24')], eth0: [address('192.168.49.7/24')] };
  assert.deepEqual((await planted.gather('addressing: dnsmasq')).addressing, {
    programs: { dnsmasq: '/usr/sbin/dnsmasq', ip: '/bin/ip' },
    networkdRuns: true,
    portOwners: [],
    groupServers: { missing: 'ss is not installed' },
    conflict: 'eth0 (192.168.49.7/24)',
    forwards: true,
    sharing: null,
  });
});

test('facts about sharing the internet: nft, the uplink, forwarding, firewalls', async (t) => {
  const planted = new PlantedMachine(t);
  const sharing = async (wanted: string, answers: Readonly<Record<string, string>>) => {
    planted.sources = {
      ...planted.sources,
      run: async (program, args) =>
        answers[program] ?? { missing: `${program} ${args[0]}: Operation not permitted` },
    };
    const lines = `addressing: dnsmasq\nshare_internet: ${wanted}`;
    return (await planted.gather(lines)).addressing.sharing;
  };
  const none = { nft: null, uplink: null, canForward: false, blockers: [] };
  const noAnswer = { missing: 'ip -4: Operation not permitted' };
  assert.deepEqual(await sharing('auto', {}), { ...none, uplink: noAnswer, blockers: noAnswer });
  assert.deepEqual(await sharing('eth0', {}), none);
  planted.write('usr/sbin/nft', '');
  planted.write('sys/class/net/eth0/ifindex', '2\n');
  planted.write('proc/sys/net/ipv4/conf/eth0/forwarding', '1\n');
  assert.deepEqual(await sharing('eth0', {}), {
    ...{ nft: '/usr/sbin/nft', uplink: 'eth0', canForward: true },
    blockers: { missing: 'nft -j: Operation not permitted' },
  });
  const route = '198.41.0.4 via 10.0.2.2 dev wlan1 src 10.0.2.15 uid 0';
  planted.write('proc/sys/net/ipv4/conf/wlan1/forwarding', '0\n');
  const auto = await sharing('auto', { ip: route, nft: '{"nftables": []}' });
  assert.deepEqual(auto, { nft: '/usr/sbin/nft', uplink: 'wlan1', canForward: true, blockers: [] });
});

test('the unit that a wpa_supplicant belongs to', async (t) => {
  const planted = await machine(t);
  const unit = async (text: string) => {
    planted.write('proc/300/cgroup', text);
    return (await planted.gather()).supplicant.processes[0]?.unit;
  };
  assert.equal((await planted.gather()).supplicant.processes[0]?.unit, null);
  const slice = '/system.slice/system-wpa_supplicant.slice';
  assert.equal(await unit(`0::${slice}/wpa_supplicant@wlan0.service\n`), 'wpa_supplicant@wlan0');
  assert.equal(await unit('0::/system.slice/dhcpcd.service\n'), 'dhcpcd');
  assert.equal(
    await unit('12:pids:/x\n1:name=systemd:/system.slice/wpa_supplicant.service\n'),
    'wpa_supplicant',
  );
  for (const text of [
    '0::/system.slice/ssh.service\n',
    '0::/user.slice/user-0.slice/session-1.scope\n',
    '0::/\n',
    '',
  ])
    assert.equal(await unit(text), null, text);
});

test('units that could start one: enabled, or ready with their file', async (t) => {
  const planted = await machine(t);
  planted.write('etc/systemd/system/multi-user.target.wants/wpa_supplicant@wlan1.service', '');
  planted.write('etc/systemd/system/multi-user.target.wants/wpa_supplicant.service', '');
  planted.write('run/systemd/system/systemd-networkd.service.wants/netplan-wpa-wlan0.service', '');
  planted.write('etc/wpa_supplicant/wpa_supplicant-wlan2.conf', '');
  planted.write('etc/wpa_supplicant/wpa_supplicant.conf', '');
  planted.write('etc/wpa_supplicant/wpa_supplicant-nl80211-wlan3.conf', '');
  assert.deepEqual((await planted.gather()).supplicant.readyUnits, [
    'wpa_supplicant@wlan1',
    'netplan-wpa-wlan0',
    'wpa_supplicant@wlan2',
  ]);
});

test('which programs have the DHCP and DNS ports on all addresses, and whether another one can share them', async (t) => {
  const planted = await machine(t);
  const line = (number: number, address: string, inode: number) =>
    ` ${number}: ${address} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0 0\n`;
  planted.write(
    'proc/net/udp',
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n' +
      line(1, '00000000:0043', 11) +
      line(2, '00000000:0043', 12) +
      line(3, '00000000:0043', 13) +
      line(4, '00000000:0035', 14) +
      line(5, '3500007F:0035', 15) +
      line(6, '00000000:0044', 16) +
      line(7, '00000000:0043', 17),
  );
  const holding = (pid: number, name: string, inode: number, ...args: string[]) => {
    planted.process(pid, name, [name, ...args]);
    planted.link(`proc/${pid}/fd/5`, `socket:[${inode}]`);
  };
  holding(801, 'dnsmasq', 11);
  planted.write('proc/801/cgroup', '0::/system.slice/dnsmasq.service\n');
  holding(802, 'dnsmasq', 12, '--conf-file=/dev/null', '--bind-interfaces');
  holding(803, 'systemd-network', 13);
  holding(804, 'unbound', 14);
  holding(806, 'dhclient', 16);
  const nobody = { pid: null, name: null, unit: null, shares: null };
  const { portOwners } = (await planted.gather()).addressing;
  assert.deepEqual(portOwners, [
    { port: 67, pid: 801, name: 'dnsmasq', unit: 'dnsmasq', shares: false },
    { port: 67, pid: 802, name: 'dnsmasq', unit: null, shares: true },
    { port: 67, pid: 803, name: 'systemd-network', unit: null, shares: true },
    { port: 53, pid: 804, name: 'unbound', unit: null, shares: null },
    { port: 67, ...nobody },
  ]);
});

test('DHCP servers of other programs on the interface of a group', async (t) => {
  const planted = await machine(t);
  const socket = (name: string, pid: number, program: string) =>
    `UNCONN 0 0 0.0.0.0%${name}:67 0.0.0.0:* users:(("${program}",pid=${pid},fd=4))\n`;
  planted.ss = [
    socket('p2p-wlan0-0', 801, 'dnsmasq'),
    socket('p2p-wlan0-0', 802, 'dnsmasq'),
    socket('p2p-wlan0-0', 803, 'systemd-network'),
    socket('virbr0', 804, 'dnsmasq'),
    'UNCONN 0 0 0.0.0.0%p2p-wlan0-0:67 0.0.0.0:*\n',
  ].join('');
  planted.process(801, 'dnsmasq', ['dnsmasq', '--dhcp-leasefile=/var/lib/hostp2pd/p2p-dev-wlan0.leases']);
  planted.process(802, 'dnsmasq', ['dnsmasq', '--interface=p2p-*', '--bind-dynamic']);
  const servers = async (mode: string) =>
    (await planted.gather(`addressing: ${mode}`)).addressing.groupServers;
  const dnsmasq = { interface: 'p2p-wlan0-0', name: 'dnsmasq', pid: 802 };
  const networkd = { interface: 'p2p-wlan0-0', name: 'systemd-network', pid: 803 };
  assert.deepEqual(await servers('dnsmasq'), [dnsmasq, networkd]);
  assert.deepEqual(await servers('networkd'), [dnsmasq]);
  assert.deepEqual(await servers('none'), []);
  planted.ss = undefined;
  assert.deepEqual(await servers('dnsmasq'), { missing: 'ss is not installed' });
});

test('a dnsmasq allows others on its port because of its options or its files', async (t) => {
  const planted = await machine(t);
  planted.write('proc/net/udp', ` 1: 00000000:0043 00000000:0000 07 0:0 00:0 0     0        0 11 2 0 0\n`);
  planted.link('proc/801/fd/5', 'socket:[11]');
  const shares = async (...args: string[]) => {
    planted.process(801, 'dnsmasq', ['/usr/sbin/dnsmasq', ...args]);
    return (await planted.gather()).addressing.portOwners[0]?.shares;
  };
  planted.write('etc/dnsmasq.conf', '#bind-interfaces\ninterface=eth0\n');
  planted.write('etc/dnsmasq.d/README', 'nothing\n');
  assert.equal(await shares(), false);
  assert.equal(await shares('-z'), true);
  assert.equal(await shares('--bind-dynamic'), true);
  planted.write('srv/virbr0.conf', 'strict-order\nbind-dynamic\n');
  assert.equal(await shares('--conf-file=/srv/virbr0.conf'), true);
  assert.equal(await shares('-C', '/srv/virbr0.conf'), true);
  planted.write('etc/dnsmasq.d/p2p', '  bind-dynamic # for hostp2pd\n');
  assert.equal(await shares(), false, 'a folder that no option names');
  assert.equal(await shares('-7', '/etc/dnsmasq.d,.dpkg-dist,.dpkg-old'), true);
  planted.write('etc/dnsmasq.conf', 'conf-dir=/etc/dnsmasq.d/,*.conf\n');
  assert.equal(await shares(), true);
  assert.equal(await shares('-C', '/dev/null'), false);
  execFileSync('mkfifo', [join(planted.root, 'srv/pipe')]);
  assert.equal(await shares('-C', '/srv/pipe'), null, 'it cannot be read');
});

const RUNNING = {
  interface: 'p2p-dev-wlan0',
  uid: 0,
  folder: '/srv',
  source: { kind: 'defaults' },
  given: [],
  settings: {},
  logging: {},
} as const;

test('if a session runs, its file is read, with the options of its command line', async (t) => {
  const planted = await machine(t);
  const path = planted.configuration('run_program: ./file', 'ssid_postfix: x');
  const running = {
    ...RUNNING,
    source: { kind: 'file', path },
    given: ['run_program'],
    settings: { run_program: './given', ssid_postfix: 'old' },
  } as const;
  planted.write('srv/given', '#!/bin/sh\n', 0o755);
  const { configuration, files, device } = await gather({ running }, planted.sources);
  assert.equal(configuration.settings.pin, '52107733', 'of the file');
  assert.equal(configuration.settings.ssid_postfix, 'x', 'the current content');
  assert.equal(configuration.settings.run_program, './given');
  assert.deepEqual([configuration.secretsHidden, configuration.unreadable], [false, null]);
  assert.deepEqual(
    [files.hook?.program, files.hook?.kind],
    ['/srv/given', 'file'],
    'relative to its working directory',
  );
  assert.equal(device.requested, 'p2p-dev-wlan0');

  planted.configuration('run_program: [');
  const broken = (await gather({ running }, planted.sources)).configuration;
  assert.match(broken.unreadable ?? '', /hostp2pd\.yaml, line/);
  assert.deepEqual(
    [broken.settings.ssid_postfix, broken.secretsHidden],
    ['old', true],
    'the settings in use',
  );
});

test('if a session without a file runs, its settings in use are examined', async (t) => {
  const planted = await machine(t);
  planted.configuration('ssid_postfix: other');
  const of = async (changes: object) =>
    (await gather({ running: { ...RUNNING, ...changes } }, planted.sources)).configuration;
  const stdin = await of({ source: { kind: 'stdin' }, settings: { ssid_postfix: 'x' } });
  assert.deepEqual(
    [stdin.source, stdin.settings.ssid_postfix, stdin.secretsHidden],
    [{ kind: 'stdin' }, 'x', true],
  );
  assert.equal((await of({})).secretsHidden, false, 'the defaults are known');
  assert.equal((await of({ given: ['pin'] })).secretsHidden, true);
});

test('without a session the system-wide file is used', async (t) => {
  const planted = await machine(t);
  planted.write('etc/hostp2pd.yaml', 'pin: "52107733"\n', 0o600);
  const { configuration } = await gather({}, planted.sources);
  assert.deepEqual(configuration.source, {
    kind: 'file',
    path: join(planted.root, 'etc/hostp2pd.yaml'),
    found: true,
  });
  const refused = await gather({ running: { problem: 'permission denied' } }, planted.sources);
  assert.equal(refused.configuration.sessionProblem, 'permission denied');
});

test('FIFOs in place of the files that are read do not block', {
  timeout: 10_000,
}, async (t) => {
  const planted = await machine(t);
  planted.process(600, 'NetworkManager', ['/usr/sbin/NetworkManager', '--no-daemon']);
  planted.process(601, 'dhcpcd', ['dhcpcd: [manager] [ip4]']);
  const files = [
    'etc/passwd',
    'etc/group',
    'etc/w.conf',
    'etc/dhcpcd.conf',
    'etc/NetworkManager/NetworkManager.conf',
  ];
  for (const file of files) {
    planted.write(file, '');
    rmSync(join(planted.root, file));
    execFileSync('mkfifo', [join(planted.root, file)]);
  }
  assert.deepEqual((await planted.gather()).services.dhcpcd?.denied, []);
});
