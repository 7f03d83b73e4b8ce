import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AndroidPhone } from '../guest/android-phone.js';
import { LAB_GROUP } from '../guest/box.js';
import { DEVICE, GROUP, PIN } from '../guest/daemon.js';
import { fileText } from '../guest/file-text.js';
import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import type { Scenario } from '../guest/scenario.js';
import { ask, configure, installService, LOG } from './service-units.js';

/** The file that the documents offer for `addressing: none`. */
const OWN_SERVER = fileURLToPath(
  new URL('../../../../packaging/networkd/60-hostp2pd.network', import.meta.url),
);
const NETWORK_FILE = `/run/systemd/network/60-hostp2pd-${DEVICE}.network`;

const scenario: Scenario = {
  name: 'addresses-service',
  title:
    'the hardened service gives addresses by systemd-networkd, then by dnsmasq; a phone has them and no default route; then a laptop has the internet',
  suite: 'full',
  timeoutSeconds: 560,
  system: 'debian',
  async run(lab) {
    const { units } = lab;
    // networkd does not configure an interface that udev has not seen.
    await units.start('dbus.socket', 'systemd-udevd.service', 'systemd-networkd.service');
    const [box, phone, laptop] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true }),
      lab.startPhone({ number: 2, deviceName: 'laptop', ownNetwork: true }),
    ]);
    const unit = await installService(lab, 'hostp2pd');
    lab.note('a DHCP server that the user has set up for groups is left alone');
    const own = '/etc/systemd/network/60-hostp2pd.network';
    units.place(own, readFileSync(OWN_SERVER, 'utf8'));
    await networkctl(lab, 'reload');
    configure('addressing: dnsmasq');
    await units.start(unit);
    await logged(
      lab,
      new RegExp(`systemd-networkd gives addresses on ${GROUP} \\(${own}\\); set addressing to none`),
    );
    assert.match(await ask(lab, 'status'), new RegExp(`${own}`));
    await lab.until('its address', 30, async () => (await addressesOf(lab)).includes('192.168.49.1'));
    rmSync(own);
    await networkctl(lab, 'reload');

    configure('addressing: networkd', 'group_address: 10.77.0.1/24');
    await units.reload(unit);
    await logged(lab, /addresses are given by networkd/);
    await phone.joinWithPin(box.address, PIN);

    lab.note('addresses by systemd-networkd');
    const first = await isServed(lab, phone, '10.77.0.1');
    assert.match(first, /^10\.77\.0\./);

    lab.note('addresses by dnsmasq after a reload; the phone stays connected');
    const events = await box.on(GROUP);
    const mark = events.mark();
    configure('addressing: dnsmasq', 'group_address: 10.78.0.1/24');
    await units.reload(unit);
    // dnsmasq may have served for a moment before, so the log does not tell.
    await hasOnly(lab, ['10.78.0.1/24']);
    assert.equal(existsSync(NETWORK_FILE), false);
    const second = await isServed(lab, phone, '10.78.0.1');
    assert.match(second, /^10\.78\.0\./);
    assert.deepEqual(
      events.since(mark).filter(({ text }) => text.startsWith('AP-STA-DISCONNECTED')),
      [],
    );

    lab.note('kill -9: the leftovers of the former process do no harm, and the lease is known');
    const pid = await units.mainPid(unit);
    process.kill(pid, 'SIGKILL');
    await units.until(unit, 'NRestarts', /^1$/, 40);
    await lab.until('the station and its address', 60, async () => {
      const { code, stdout } = await lab.run({ args: ['-i', DEVICE, 'stations'] });
      return code === 0 && stdout.includes(second);
    });
    await phone.network().ping('10.78.0.1');

    lab.note('the internet for a laptop: dnsmasq. Android would not use the router of a Wi-Fi Direct group');
    await laptop.joinByPassphrase(LAB_GROUP.ssid, LAB_GROUP.passphrase);
    const internet = await Internet.start(lab);
    const before = await internet.rules();
    configure('addressing: dnsmasq', 'group_address: 10.78.0.1/24', 'share_internet: auto');
    await units.reload(unit);
    await surfs(lab, laptop, '10.78.0.1');
    assert.equal(await internet.forwarding(), '0011', 'only the group and the uplink');

    lab.note('kill -9: the internet is there all the time, and the next process takes over');
    process.kill(await units.mainPid(unit), 'SIGKILL');
    await laptop.network().ping(INTERNET);
    await units.until(unit, 'NRestarts', /^2$/, 40);
    await surfs(lab, laptop, '10.78.0.1');

    lab.note('the internet for the laptop: systemd-networkd');
    configure('addressing: networkd', 'group_address: 10.79.0.1/24', 'share_internet: auto');
    await units.reload(unit);
    await surfs(lab, laptop, '10.79.0.1');

    lab.note('kill -9, and then another network: the address that networkd has assigned is removed');
    configure('addressing: networkd', 'group_address: 10.80.0.1/24');
    process.kill(await units.mainPid(unit), 'SIGKILL');
    await units.until(unit, 'NRestarts', /^3$/, 40);
    await hasOnly(lab, ['10.80.0.1/24']);

    lab.note('kill -9, and then no addresses');
    configure('addressing: none');
    process.kill(await units.mainPid(unit), 'SIGKILL');
    await units.until(unit, 'NRestarts', /^4$/, 40);
    await hasOnly(lab, []);
    assert.equal(existsSync(NETWORK_FILE), false);

    lab.note('stop');
    await units.stop(unit);
    assert.deepEqual(await units.processes(unit), []);
    assert.equal(await internet.rules(), before);
    assert.equal(await internet.forwarding(), '0000');
    await internet.end();
  },
};

const INTERNET = '192.0.2.80';
const UPLINK = 'uplink0';
const SHARED = new RegExp(`^internet: +shared over ${UPLINK}$`, 'm');

/** A third host behind the box, which knows no way back to phones; and a firewall that is not ours. */
class Internet {
  readonly #lab: Lab;

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  static async start(lab: Lab): Promise<Internet> {
    const internet = new Internet(lab);
    const far = ['-n', 'internet'];
    for (const args of [
      ['netns', 'add', 'internet'],
      ['link', 'add', UPLINK, 'type', 'veth', 'peer', 'name', 'far', 'netns', 'internet'],
      ['address', 'add', '203.0.113.1/24', 'dev', UPLINK],
      [...far, 'address', 'add', '203.0.113.2/24', 'dev', 'far'],
      [...far, 'address', 'add', `${INTERNET}/32`, 'dev', 'lo'],
      ...['lo', 'far'].map((name) => [...far, 'link', 'set', name, 'up']),
      ['link', 'set', UPLINK, 'up'],
      ['route', 'add', 'default', 'via', '203.0.113.2'],
    ])
      await internet.#run('ip', ...args);
    await internet.#run('nft', 'add table inet other');
    await internet.#run(
      'nft',
      'add chain inet other in { type filter hook input priority 5; policy accept; }',
    );
    return internet;
  }

  /** Of all programs. */
  rules(): Promise<string> {
    return this.#run('nft', 'list', 'ruleset');
  }

  /** Of the machine, the radio, the group and the uplink. */
  async forwarding(): Promise<string> {
    const paths = ['all', 'wlan0', GROUP, UPLINK].map((name) => `/proc/sys/net/ipv4/conf/${name}/forwarding`);
    return (await this.#run('cat', ...paths)).replaceAll('\n', '');
  }

  async end(): Promise<void> {
    await this.#run('nft', 'delete table inet other');
    await this.#run('ip', 'link', 'del', UPLINK);
    await this.#run('ip', 'netns', 'del', 'internet');
  }

  async #run(command: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.run({ command, args: [...args] });
    assert.equal(code, 0, `${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
}

/** The laptop gets its router by DHCP and reaches the third host. */
async function surfs(lab: Lab, laptop: Phone, box: string): Promise<void> {
  await lab.until(`addresses of ${box}, and the internet`, 60, async () => {
    const { code, stdout } = await lab.run({ args: ['-i', DEVICE, 'status'] });
    return code === 0 && /^addresses: .*leases/m.test(stdout) && SHARED.test(stdout);
  });
  const network = laptop.network();
  const { router } = await network.ask();
  assert.equal(router, box);
  await network.ping(INTERNET);
}

/** The phone gets an address by DHCP and reaches the box, and hostp2pd knows the address. @returns the address */
async function isServed(lab: Lab, phone: AndroidPhone, box: string): Promise<string> {
  const network = phone.network();
  const given = await network.ask();
  await network.ping(box);
  assert.deepEqual([given.router, given.dns], [undefined, undefined]);
  assert.doesNotMatch(await network.routes(), /default/);
  await lab.until('the lease in the list of stations', 40, async () =>
    (await ask(lab, 'stations')).includes(given.ip),
  );
  assert.match(await ask(lab, 'status', '--json'), new RegExp(`"ip":\\s*"${given.ip}"`));
  return given.ip;
}

async function networkctl(lab: Lab, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await lab.run({ command: 'networkctl', args: [...args] });
  assert.equal(code, 0, stderr);
}

/** The addresses of the interface of the group. */
async function addressesOf(lab: Lab): Promise<string> {
  return (await lab.run({ command: 'ip', args: ['address', 'show', GROUP] })).stdout;
}

/** Waits until the interface of the group has these IPv4 addresses and no others. */
async function hasOnly(lab: Lab, wanted: readonly string[]): Promise<void> {
  await lab.until(`the addresses ${wanted.join(', ') || 'gone'}`, 60, async () => {
    const found = [...(await addressesOf(lab)).matchAll(/ inet (\S+)/g)].map(([, address]) => address);
    return found.join() === wanted.join();
  });
}

async function logged(lab: Lab, pattern: RegExp): Promise<void> {
  const log = () => fileText(LOG);
  try {
    await lab.until(String(pattern), 60, () => pattern.test(log()));
  } catch (error) {
    lab.note(log());
    throw error;
  }
}

export default scenario;
