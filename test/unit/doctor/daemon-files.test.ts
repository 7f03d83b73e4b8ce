import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { judgeAll } from '#src/doctor/checks.js';
import {
  DAEMON_FILES,
  DHCPCD_RESTART_ENDS,
  install,
  prepend,
  RESTART_ENDS,
} from '#src/doctor/daemon-files.js';
import type { Facts } from '#src/doctor/facts.js';
import { gatherServices } from '#src/doctor/gather/network-daemon-files.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { isBad } from './case.js';
import { having } from './healthy.js';

const PACKAGING = fileURLToPath(new URL('../../../../packaging/', import.meta.url));
const SHIPPED = join(PACKAGING, 'neighbours');
const ALL = Object.values(DAEMON_FILES);

function shipped(path: string): string {
  return readFileSync(join(SHIPPED, path), 'utf8');
}

/** The lines that have an effect. */
function linesOf(text: string): string[] {
  return text
    .replace(/<!--.*?-->\n?/gs, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

test('each shipped file has the lines that the fix writes, and names its place in a comment', () => {
  const files = readdirSync(SHIPPED, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(SHIPPED, path)).isFile(),
  );
  assert.deepEqual(files.sort(), ALL.map(({ shipped: path }) => path).sort());
  for (const { shipped: path, lines, place } of ALL) {
    assert.deepEqual(linesOf(shipped(path)), lines);
    assert.match(shipped(path), /^(?:# |<!-- )/m);
    assert.ok(shipped(path).includes(place), path);
    if (place !== DAEMON_FILES.dhcpcd.place) assert.equal(basename(place), basename(path));
  }
});

test('packaging/README.md has a line for each', () => {
  const readme = readFileSync(join(PACKAGING, 'README.md'), 'utf8');
  for (const { shipped: path, place } of ALL) {
    assert.ok(readme.includes(`](neighbours/${path})`), path);
    assert.ok(readme.includes(`\`${place}\``), place);
  }
});

/** Runs a fix on a file in a temporary folder, without root and without the services. */
function carryOut(t: TestContext, fix: string, place: string, before?: string): string {
  const folder = temporaryFolder(t);
  const [bin, file] = [join(folder, 'bin'), join(folder, 'file')];
  mkdirSync(bin);
  writeFileSync(join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  for (const name of ['systemctl', 'udevadm'])
    writeFileSync(join(bin, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  if (before !== undefined) writeFileSync(file, before);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  execFileSync('sh', ['-c', fix.replaceAll(place, file)], { env });
  return readFileSync(file, 'utf8');
}

test('the commands of the fixes write the shipped files', (t) => {
  for (const neighbour of ALL.filter((one) => one !== DAEMON_FILES.dhcpcd))
    assert.deepEqual(linesOf(carryOut(t, install(neighbour), neighbour.place)), neighbour.lines);
  const { dhcpcd } = DAEMON_FILES;
  const before = 'hostname\ninterface eth0\nstatic ip_address=10.0.0.2/24\n';
  assert.equal(carryOut(t, prepend(dhcpcd), dhcpcd.place, before), `denyinterfaces p2p-*\n${before}`);
});

const SYSTEM = {
  'usr/lib/systemd/network/99-default.link':
    '[Match]\nOriginalName=*\n\n[Link]\nNamePolicy=keep kernel database onboard slot path\nMACAddressPolicy=persistent\n',
  'usr/lib/NetworkManager/conf.d/no-mac-addr-change.conf':
    '[device-31-mac-addr-change]\nmatch-device=driver:eagle_sdio,driver:wl\nwifi.scan-rand-mac-address=no\n',
  'etc/NetworkManager/NetworkManager.conf': '[main]\nplugins=ifupdown,keyfile\n\n[ifupdown]\nmanaged=false\n',
  'etc/dhcpcd.conf': 'hostname\npersistent\ninterface eth0\nstatic ip_address=10.0.0.2/24\n',
};

/** All other network daemons run, with the files of their packages and the given ones. */
async function surroundings(t: TestContext, files: Readonly<Record<string, string>>): Promise<Facts> {
  const root = temporaryFolder(t);
  for (const [path, text] of Object.entries({ ...SYSTEM, ...files })) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const running = ['NetworkManager', 'dhcpcd', 'systemd-udevd'].map((name, index) => ({
    pid: 600 + index,
    name,
    args: [name],
  }));
  // nmcli cannot tell.
  const run = async () => ({ missing: 'nmcli is not installed' });
  return having.services(await gatherServices({ root, run }, { visible: true, running }));
}

const found = (facts: Facts) =>
  judgeAll(facts)
    .filter(isBad)
    .map(({ check }) => check);

test('the doctor finds each missing file, and its fix writes it', async (t) => {
  const facts = await surroundings(t, {});
  const fixes = new Map(judgeAll(facts).map(({ check, fix }) => [check, fix]));
  assert.deepEqual(found(facts), ['random-address', 'link-policy', 'network-manager', 'dhcpcd']);
  assert.equal(
    fixes.get('random-address'),
    `${install(DAEMON_FILES.networkManagerAddress)}; ${RESTART_ENDS}`,
  );
  assert.equal(fixes.get('link-policy'), install(DAEMON_FILES.udev));
  assert.equal(
    fixes.get('network-manager'),
    `${install(DAEMON_FILES.networkManagerRadio)}; ${RESTART_ENDS}, and that of wlan0 for good`,
  );
  assert.equal(fixes.get('dhcpcd'), `${prepend(DAEMON_FILES.dhcpcd)}; ${DHCPCD_RESTART_ENDS}`);
});

test('with all shipped files the doctor finds nothing, and each file fixes its own finding', async (t) => {
  const { networkManager, networkManagerRadio, networkManagerAddress, dbus, dhcpcd, udev } = DAEMON_FILES;
  const put = ({ place, shipped: path }: { readonly place: string; readonly shipped: string }) => ({
    [place.slice(1)]: shipped(path),
  });
  const head = { 'etc/dhcpcd.conf': `${shipped(dhcpcd.shipped)}${SYSTEM['etc/dhcpcd.conf']}` };
  const fixed: Readonly<Record<string, string>> = {
    ...put(networkManager),
    ...put(networkManagerAddress),
    ...put(dbus),
    ...put(udev),
    ...head,
  };
  // The alternative: NetworkManager does not manage the radio.
  assert.deepEqual(found(await surroundings(t, { ...put(networkManagerRadio), ...put(udev), ...head })), []);
  assert.deepEqual(found(await surroundings(t, fixed)), []);
  for (const [path, check] of [
    [networkManager.place, 'network-manager'],
    [dbus.place, 'network-manager'],
    [networkManagerAddress.place, 'random-address'],
    [udev.place, 'link-policy'],
    [dhcpcd.place, 'dhcpcd'],
  ] as const) {
    const others = Object.entries(fixed).filter(([other]) => other !== path.slice(1));
    assert.deepEqual(found(await surroundings(t, Object.fromEntries(others))), [check]);
  }
});
