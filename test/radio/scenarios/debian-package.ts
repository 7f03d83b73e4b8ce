import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { LAB_GROUP } from '../guest/box.js';
import { DEVICE, PIN } from '../guest/daemon.js';
import { fileText } from '../guest/file-text.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { ask, LOG, pidFile, processes } from './service-units.js';

const PACKAGES = '/lab/results/packages';
const CONFIG = '/etc/hostp2pd.yaml';
const UNIT = `hostp2pd@${DEVICE}.service`;

const scenario: Scenario = {
  name: 'debian-package',
  title:
    'the Debian package in a clean Debian 13: installed, its service serves a phone; removed, purged, nothing is left',
  timeoutSeconds: 500,
  system: 'debian',
  needsPackage: true,
  leftOut: { bookworm: 'the package needs nodejs 20.19 or later, Debian 12 has 18' },
  run: play,
};

async function play(lab: Lab): Promise<void> {
  const { units } = lab;
  const before = await files(lab);
  lab.note('installed: no service is started');
  const names = readdirSync(PACKAGES).filter((name) => name.endsWith('.deb'));
  assert.equal(names.length, 1, names.join());
  await dpkg(lab, '--install', `${PACKAGES}/${names[0]}`);
  assert.deepEqual(processes(), []);
  assert.equal(statSync(CONFIG).mode & 0o777, 0o600);
  const text = readFileSync(CONFIG, 'utf8').replace(/^ {2}pin: .*$/m, `  pin: "${PIN}"`);
  assert.ok(text.includes(PIN));
  writeFileSync(CONFIG, text);

  lab.note('its service, with a phone');
  const [box, phone] = await Promise.all([
    lab.startBox({ group: LAB_GROUP }),
    lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true }),
  ]);
  await withoutDnsmasq(lab);
  assert.ok(await units.isActive(UNIT));
  assert.equal(await units.mainPid(UNIT), pidFile());
  // The installed program, by the installed Node.
  const program = await lab.run({ command: 'hostp2pd', args: ['--version'] }, 60);
  assert.match(program.stdout, /^hostp2pd \d/);
  await phone.joinWithPin(box.address, PIN);
  await lab.until('the station', 30, async () => (await ask(lab, 'stations')).includes('Pixel'));
  const network = phone.network();
  const { ip } = await network.ask();
  await network.ping('192.168.49.1');
  await lab.until('its address', 30, async () => (await ask(lab, 'stations')).includes(ip));

  lab.note('removed: the service ends, the configuration stays');
  await dpkg(lab, '--remove', 'hostp2pd');
  assert.deepEqual(processes(), []);
  assert.equal(pidFile(), null);
  assert.ok(readFileSync(CONFIG, 'utf8').includes(PIN));
  assert.equal(existsSync('/usr/bin/hostp2pd'), false);

  lab.note('purged: nothing is left');
  await dpkg(lab, '--purge', 'hostp2pd');
  const left = (await files(lab)).filter((path) => !before.includes(path));
  assert.deepEqual(left, []);
}

const DNSMASQ = '/usr/sbin/dnsmasq';

/** The service starts where the recommended dnsmasq-base is not installed: the group comes up, and each place names the fix. */
async function withoutDnsmasq(lab: Lab): Promise<void> {
  const aside = `${DNSMASQ}.aside`;
  renameSync(DNSMASQ, aside);
  try {
    await lab.units.start(UNIT);
    const missing = /dnsmasq is not installed \(Debian: apt install dnsmasq-base\)/;
    await lab.until('the problem in the status', 60, async () => missing.test(await ask(lab, 'status')));
    assert.match(await ask(lab, 'status'), /^group: .*p2p-wlan0-0/m);
    await lab.until('the problem in the log', 20, () =>
      /p2p-wlan0-0: no addresses for phones: dnsmasq is not/.test(fileText(LOG)),
    );
    const { stdout } = await lab.run({ args: ['doctor', '-i', DEVICE, '-c', CONFIG] }, 60);
    assert.match(
      stdout,
      /^error +addressing +dnsmasq, .* is not installed\n +fix: sudo apt-get install -y dnsmasq-base$/m,
    );
  } finally {
    renameSync(aside, DNSMASQ);
  }
  // It is tried again after a minute at most.
  await lab.until('addresses by dnsmasq', 90, async () =>
    /^addresses: +dnsmasq on p2p-wlan0-0/m.test(await ask(lab, 'status')),
  );
}

async function dpkg(lab: Lab, ...args: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const { code, stdout, stderr } = await lab.run({ name: 'dpkg', command: 'dpkg', args, env }, 120);
  assert.equal(code, 0, `dpkg ${args.join(' ')}: ${stdout}${stderr}`);
}

/** Every file on the machine whose name contains that of the program. */
async function files(lab: Lab): Promise<string[]> {
  const { stdout } = await lab.run(
    {
      name: 'find',
      command: 'find',
      args: ['/etc', '/usr', '/var', '/run', '-xdev', '-name', '*hostp2pd*', '-not', '-path', '*/journal/*'],
    },
    120,
  );
  return stdout.split('\n').filter((path) => path !== '');
}

export default scenario;
