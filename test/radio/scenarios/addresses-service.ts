import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { AndroidPhone } from '../guest/android-phone.js';
import { LAB_GROUP } from '../guest/box.js';
import { DEVICE, GROUP, PIN } from '../guest/daemon.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { ask, configure, installService, LOG } from './service-units.js';

const NETWORK_FILE = `/run/systemd/network/60-hostp2pd-${DEVICE}.network`;

const scenario: Scenario = {
  name: 'addresses-service',
  title:
    'the hardened service gives addresses by systemd-networkd, then by dnsmasq; a phone has them and no default route',
  timeoutSeconds: 400,
  system: 'debian',
  async run(lab) {
    const { units } = lab;
    // networkd does not configure an interface that udev has not seen.
    await units.start('dbus.socket', 'systemd-udevd.service', 'systemd-networkd.service');
    const [box, phone] = await Promise.all([
      lab.startBox({ group: LAB_GROUP }),
      lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true }),
    ]);
    const unit = await installService(lab, 'hostp2pd');
    configure('addressing: networkd', 'group_address: 10.77.0.1/24');
    await units.start(unit);
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
    await logged(lab, /addresses are given by dnsmasq/);
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

    lab.note('stop');
    await units.stop(unit);
    assert.deepEqual(await units.processes(unit), []);
    const { stdout } = await lab.run({ command: 'ip', args: ['address', 'show', GROUP] });
    assert.doesNotMatch(stdout, /10\.7[78]\.0\.1/);
  },
};

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

async function logged(lab: Lab, pattern: RegExp): Promise<void> {
  const log = () => (existsSync(LOG) ? readFileSync(LOG, 'utf8') : '');
  try {
    await lab.until(String(pattern), 60, () => pattern.test(log()));
  } catch (error) {
    lab.note(log());
    throw error;
  }
}

export default scenario;
