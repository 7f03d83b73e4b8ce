import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BOX_CONTROL_DIRECTORY, type Box, LAB_GROUP } from '../guest/box.js';
import { DEVICE, GROUP, groupIsUp, startHostP2pD } from '../guest/daemon.js';
import { Examination } from '../guest/examination.js';
import type { Lab } from '../guest/lab.js';
import { Program } from '../guest/program.js';
import type { Scenario } from '../guest/scenario.js';
import { Supplicant } from '../guest/supplicant.js';

const COUNTRY = { country: 'IT' };
/** The files that are shipped for other programs. */
const DAEMON_FILES = fileURLToPath(new URL('../../../../packaging/neighbours/', import.meta.url));

const scenario: Scenario = {
  name: 'doctor',
  title: 'doctor finds each planted error with its fix, and finds nothing on a healthy machine',
  suite: 'full',
  timeoutSeconds: 420,
  async run(lab) {
    const doctor = new Examination(lab);
    const box = await lab.startBox({ group: LAB_GROUP, settings: COUNTRY });
    await doctor.isHealthy();
    await doctor.isHealthy({ interface: DEVICE });
    await besideASession(lab, doctor, box);
    await wrongConfigurations(lab, doctor);
    await radioFaults(lab, doctor, box);
    await otherPrograms(lab, doctor);
    await supplicantGone(lab, doctor, box);
    await box.stop();
    await otherSupplicants(lab, doctor);
    await notPermitted(lab);
  },
};

/** The examination does not disturb a session: it keeps its links, its group and its sockets. */
async function besideASession(lab: Lab, doctor: Examination, box: Box): Promise<void> {
  lab.note('beside a session with a group');
  const daemon = startHostP2pD(lab);
  await groupIsUp(daemon);
  const mark = daemon.mark();
  // Those of the session have another pid; it may ask the radio just now.
  const ours = () => readdirSync('/run/hostp2pd').filter((name) => name.includes(`.${process.pid}-`));
  await doctor.isHealthy();
  await doctor.isHealthy();
  assert.deepEqual(ours(), [], 'no socket of the examination is left');
  assert.deepEqual(box.groupInterfaces(), [GROUP]);
  const said = daemon.output.slice(mark).map(({ text }) => text);
  assert.deepEqual(
    said.filter((line) => !/ debug /.test(line)),
    [],
    'the session logs nothing about it',
  );
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  await (await box.p2p()).command(`P2P_GROUP_REMOVE ${GROUP}`);
  await doctor.becomesHealthy();
}

async function wrongConfigurations(lab: Lab, doctor: Examination): Promise<void> {
  lab.note('configurations');
  const find = doctor.findsInConfiguration.bind(doctor);
  await find({ pin: /everybody knows/ }, ['pin: "00000000"']);
  await find({ pin: /4 digits/ }, ['pin: "5210"']);
  await find({ 'config-permissions': /mode 0644/ }, [], { mode: 0o644 });
  await find({ 'push-button': /pbc_in_use|white_list/ }, ['pbc_in_use: true']);
  await find({ 'push-button': /a name/ }, ['pbc_in_use: true', 'pbc_white_list: [Pixel]']);
  await find({ configuration: /ssid_postfx|max_scan_polling/ }, [
    'ssid_postfx: x',
    'max_scan_polling: often',
  ]);
  const broken = lab.file('broken.yaml', 'hostp2pd: [\n', 0o600);
  // The defaults are used instead, and not checked.
  doctor.shows(await doctor.examine({ configFile: broken }), { configuration: /broken\.yaml/ });

  await find({ 'interface-name': /not arrive on wlan0, but on p2p-dev-wlan0/ }, ['interface: wlan0']);
  await find({ 'interface-name': /no interface p2p-dev-wlan7/ }, ['interface: p2p-dev-wlan7']);
  await find({ 'control-folder': /elsewhere/ }, ['ctrl_interface: /run/nowhere']);

  const plain = lab.file('plain', 'x');
  await find({ 'log-file': /cannot be created in/ }, [], { logging: `file: ${plain}/hostp2pd.log` });
  await find({ 'log-file': /is not a file/ }, [], { logging: `file: ${lab.scratch}` });
  await find({ configuration: /logging\.file/ }, [], { logging: 'file: /dev/null' });
  await find({ 'state-folder': /cannot be created/ }, [`state_folder: ${plain}/state`]);
  await find({ 'pin-module': /cannot be read/ }, [`pin_module: ${lab.scratch}/nothing.js`]);
  await find({ hook: /no such file/ }, [`run_program: ${lab.scratch}/nothing`]);
  await find({ hook: /may not be executed/ }, [`run_program: ${plain}`]);
  const script = lab.file('script', '#!/bin/nothing\n', 0o755);
  await find({ hook: /does not exist: \/bin\/nothing/ }, [`run_program: ${script}`]);
}

async function radioFaults(lab: Lab, doctor: Examination, box: Box): Promise<void> {
  lab.note('the radio');
  await doctor.finds({ rfkill: /wlan0 is switched off by software/ }, async () => {
    const phy = wordOf('/sys/class/net/wlan0/phy80211/name');
    const number = readdirSync('/sys/class/rfkill').find(
      (name) => wordOf(`/sys/class/rfkill/${name}/name`) === phy,
    );
    const file = `/sys/class/rfkill/${number}/soft`;
    writeFileSync(file, '1');
    return () => writeFileSync(file, '0');
  });
  await doctor.finds({ 'leaked-group': /p2p-wlan0-9 is left over/ }, async () => {
    execFileSync('iw', ['dev', 'wlan0', 'interface', 'add', 'p2p-wlan0-9', 'type', 'managed']);
    return () => void execFileSync('iw', ['dev', 'p2p-wlan0-9', 'del']);
  });
  await doctor.finds({ 'p2p-device': /p2p_disabled=1/ }, async () => {
    await (await box.p2p()).command('SET p2p_disabled 1');
    return async () => void (await (await box.p2p()).command('SET p2p_disabled 0'));
  });
  await doctor.finds({ 'second-supplicant': /2 wpa_supplicants serve wlan0/ }, async () => {
    const second = new Supplicant(lab, { name: 'second', radio: 'wlan0', controlDirectory: '/run/second' });
    await second.start();
    return async () => {
      await second.stop();
      await box.restart();
    };
  });
  await doctor.finds({ 'control-socket': /\/old is left over/ }, async () => {
    const socket = `${BOX_CONTROL_DIRECTORY}/old`;
    // Bound and abandoned, as by a crash.
    const leave = `require('net').createServer().listen('${socket}', () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', leave]);
    return () => rmSync(socket);
  });
}

function placeOf(name: string): string {
  const [folder = '', file = ''] = name.split('/');
  return folder === 'dbus' ? `/etc/dbus-1/system.d/${file}` : `/etc/${folder}/conf.d/${file}`;
}

async function otherPrograms(lab: Lab, doctor: Examination): Promise<void> {
  lab.note('other programs');
  const pretend = (name: string) => async () => {
    const path = `/tmp/${name}`;
    copyFileSync('/bin/cat', path);
    // Without arguments it waits for input, so it is a program of that name that does nothing.
    const program = new Program(lab, { name, command: path, input: true });
    await lab.until(name, 5, () => wordOf(`/proc/${program.pid}/comm`) === name);
    return async () => void (await program.stop());
  };
  const managed = { 'network-manager': /manages wlan0/, 'random-address': /NetworkManager/ };
  await doctor.finds(managed, pretend('NetworkManager'));
  // The two fixes: it does not manage the radio, or it may not remove groups.
  for (const ways of [
    ['NetworkManager/zz-hostp2pd-radio.conf'],
    ['dbus/hostp2pd.conf', 'NetworkManager/zz-hostp2pd.conf', 'NetworkManager/zz-hostp2pd-address.conf'],
  ]) {
    const files = ways.map((name) => ({ from: `${DAEMON_FILES}${name}`, to: placeOf(name) }));
    for (const { from, to } of files) {
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(from, to);
    }
    const manager = await pretend('NetworkManager')();
    await doctor.isHealthy();
    await manager();
    for (const { to } of files) rmSync(to);
  }

  await doctor.finds({ dhcpcd: /dhcpcd/ }, pretend('dhcpcd'));
  copyFileSync(`${DAEMON_FILES}dhcpcd/hostp2pd.conf`, '/etc/dhcpcd.conf');
  const dhcpcd = await pretend('dhcpcd')();
  await doctor.isHealthy();
  await dhcpcd();
  rmSync('/etc/dhcpcd.conf');

  const serving = { configFile: doctor.configuration(['addressing: dnsmasq']) };
  await doctor.isHealthy(serving);
  const narrow = await startDnsmasq(lab, '--bind-dynamic');
  await doctor.isHealthy(serving);
  await narrow.stop();
  const wide = await startDnsmasq(lab);
  doctor.shows(await doctor.examine(serving), { addressing: /^dnsmasq \(pid \d+\) has UDP port 67 on all/ });
  await wide.stop();

  const links = '/etc/systemd/network';
  mkdirSync(links, { recursive: true });
  // As systemd ships it.
  writeFileSync(`${links}/99-default.link`, '[Match]\nOriginalName=*\n[Link]\nMACAddressPolicy=persistent\n');
  await doctor.finds({ 'link-policy': /99-default\.link/ }, pretend('systemd-udevd'));
  copyFileSync(`${DAEMON_FILES}udev/10-hostp2pd-p2p.link`, `${links}/10-hostp2pd-p2p.link`);
  const udev = await pretend('systemd-udevd')();
  await doctor.isHealthy();
  await udev();
  for (const name of ['99-default.link', '10-hostp2pd-p2p.link']) rmSync(`${links}/${name}`);
}

/** Another dnsmasq than ours, for a network that no interface uses. */
async function startDnsmasq(lab: Lab, ...more: readonly string[]) {
  const network = ['--dhcp-range=10.99.0.10,10.99.0.20', `--dhcp-leasefile=${lab.scratch}/other.leases`];
  const quiet = [
    '--keep-in-foreground',
    '--log-facility=-',
    '--conf-file=/dev/null',
    '--pid-file=',
    '--port=0',
  ];
  const program = lab.startDaemon({
    name: 'dnsmasq',
    command: 'dnsmasq',
    args: [...quiet, ...network, ...more],
  });
  await program.waitOutput(/started/, 10);
  return program;
}

async function supplicantGone(lab: Lab, doctor: Examination, box: Box): Promise<void> {
  lab.note('wpa_supplicant hangs, crashes, is stopped');
  await doctor.finds({ 'control-socket': /does not answer/ }, async () => {
    box.signal('SIGSTOP');
    return () => box.signal('SIGCONT');
  });
  await doctor.finds({ 'supplicant-running': /does not run/, 'control-socket': /left over/ }, async () => {
    await box.kill();
    return () => box.start();
  });
  await doctor.finds({ 'supplicant-running': /does not run/ }, async () => {
    await box.stop();
    return () => box.start();
  });
}

async function otherSupplicants(lab: Lab, doctor: Examination): Promise<void> {
  lab.note('without a country; without a configuration file');
  const unset = await lab.startBox({ configFile: false });
  doctor.shows(await doctor.examine(), { country: /no country/ });
  await (await unset.p2p()).command('SET country IT');
  await doctor.isHealthy();
  await (await unset.p2p()).command('SET update_config 1');
  doctor.shows(await doctor.examine(), { 'update-config': /without a configuration file/ });
  await (await unset.p2p()).command('SET update_config 0');
  await (await unset.p2p()).command('SET p2p_device_random_mac_addr 1');
  doctor.shows(await doctor.examine(), { 'random-address': /p2p_device_random_mac_addr=1/ });
  await (await unset.p2p()).command('SET p2p_device_random_mac_addr 0');
  await doctor.findsInConfiguration({ 'update-config': /without a configuration file/ }, [
    'config_parms: { update_config: 1 }',
  ]);
  await doctor.isHealthy();
  await unset.stop();

  lab.note('with an address that the P2P Device cannot get');
  const before = readFileSync(unset.configFile);
  rmSync(unset.configFile);
  const random = await lab.startBox({ settings: { ...COUNTRY, p2p_device_random_mac_addr: '1' } });
  doctor.shows(await doctor.examine(), { 'p2p-device': /p2p_device_random_mac_addr=1 asks for/ });
  await random.stop();
  writeFileSync(random.configFile, before);

  lab.note('as a service, over D-Bus');
  const service = await lab.startBox({ service: true });
  doctor.shows(await doctor.examine(), { country: /no country/ });
  await (await service.p2p()).command('SET country IT');
  await doctor.isHealthy();
  await service.stop();

  lab.note('in its own mount namespace, which does not have our sockets');
  const hidden = lab.startDaemon({
    name: 'hidden',
    command: 'unshare',
    args: [
      ...['-m', 'sh', '-c', 'mount -t tmpfs none /run/hostp2pd && exec wpa_supplicant "$@"', 'sh'],
      ...['-Dnl80211', '-i', 'wlan0', '-C', BOX_CONTROL_DIRECTORY],
    ],
  });
  await hidden.waitOutput(/Successfully initialized/, 20);
  const wanted = { 'client-folder': /does not see \/run\/hostp2pd/, 'control-socket': /does not answer/ };
  doctor.shows(await doctor.examine(), wanted);
  await hidden.stop();

  lab.note('with its sockets elsewhere, or none');
  mkdirSync(BOX_CONTROL_DIRECTORY, { recursive: true });
  for (const [args, fix] of [
    [['-C', '/run/elsewhere'], /^set ctrl_interface to \/run\/elsewhere /],
    [['-c', lab.file('none.conf', 'country=IT\n'), '-g', '/run/wpa-global'], /into .*none\.conf; /],
  ] as const) {
    const other = lab.startDaemon({
      name: 'elsewhere',
      command: 'wpa_supplicant',
      args: ['-Dnl80211', '-i', 'wlan0', ...args],
    });
    await other.waitOutput(/Successfully initialized/, 20);
    const found = await doctor.examine();
    doctor.shows(found, { 'control-socket': /there is no socket in/ });
    const finding = found.findings.find(({ check }) => check === 'control-socket');
    assert.match(finding?.fix ?? '', fix);
    await other.stop();
  }

  lab.note('an interface with a long name');
  execFileSync('ip', ['link', 'set', 'wlan0', 'down']);
  execFileSync('ip', ['link', 'set', 'wlan0', 'name', 'wlx00c0caaabbcc']);
  const long = new Supplicant(lab, {
    name: 'long',
    radio: 'wlx00c0caaabbcc',
    controlDirectory: BOX_CONTROL_DIRECTORY,
    config: `ctrl_interface=${BOX_CONTROL_DIRECTORY}\ncountry=IT\n`,
  });
  await long.start();
  const report = await doctor.examine();
  doctor.shows(report, { 'interface-name-length': /cuts it to p2p-dev-wlx00c0/ });
  assert.ok(report.findings.some(({ fix }) => fix?.includes('ip link set wlx00c0caaabbcc name wlan0')));
  await long.stop();
  execFileSync('ip', ['link', 'set', 'wlx00c0caaabbcc', 'down']);
  execFileSync('ip', ['link', 'set', 'wlx00c0caaabbcc', 'name', 'wlan0']);
  const again = await lab.startBox({ settings: COUNTRY });
  await doctor.becomesHealthy();
  await again.stop();
}

const EXAMINE = fileURLToPath(new URL('../../../../.build/doctor/examine.js', import.meta.url));

/** As another user, with and without the group of the sockets. */
async function notPermitted(lab: Lab): Promise<void> {
  lab.note('as another user');
  const config = lab.file('theirs.yaml', 'logging: { file: null }\npin: "52107733"\n', 0o644);
  const script = `const { examine } = await import(${JSON.stringify(EXAMINE)});
    const { findings } = await examine({ configFile: ${JSON.stringify(config)} });
    console.log(findings.map(({ check, level, message, fix }) => [check, level, message, fix].join('|')).join('\\n'));`;
  for (const [group, groups, wanted] of [
    [
      '',
      '--clear-groups',
      /control-permission\|error\|.*only root has access\|write "ctrl_interface=.* GROUP=netdev"/,
    ],
    [
      ' GROUP=netdev',
      '--clear-groups',
      /control-permission\|error\|.*group netdev\|sudo usermod -aG netdev nobody/,
    ],
    [' GROUP=netdev', '--groups=netdev', /control-permission\|ok\|/],
  ] as const) {
    const settings = { ...COUNTRY, ctrl_interface: `DIR=${BOX_CONTROL_DIRECTORY}${group}` };
    rmSync(`${lab.scratch}/box.conf`, { force: true });
    const box = await lab.startBox({ settings });
    const { stdout, stderr } = await lab.run({
      command: 'setpriv',
      args: ['--reuid=65534', '--regid=65534', groups, process.execPath, '--input-type=module', '-e', script],
      env: { XDG_RUNTIME_DIR: undefined, HOME: '/nonexistent' },
    });
    assert.match(stdout, wanted, stderr);
    assert.match(stdout, /^supplicant-running\|ok/m);
    assert.match(stdout, groups === '--clear-groups' ? /^p2p-device\|unknown/m : /^p2p-device\|ok/m);
    // These users have no access to the folders of root.
    assert.match(stdout, /^pid-file\|warning\|.*XDG_RUNTIME_DIR is not set/m);
    assert.match(stdout, /^state-folder\|warning/m);
    await box.stop();
  }
}

function wordOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

export default scenario;
