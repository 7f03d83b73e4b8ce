import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AndroidPhone } from '../guest/android-phone.js';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { HOME, pingHome, startHomeNetwork } from './home-access-point.js';
import {
  ADDRESSES,
  blockOf,
  examination,
  logged,
  logLines,
  placeNeighbour,
  run,
  servePhone,
  startNetworkManager,
  startService,
  stateOfRadio,
} from './network-manager-host.js';
import { ask, configure, installService } from './service-units.js';

const RADIO_CONF = '/etc/NetworkManager/conf.d/zz-hostp2pd-radio.conf';

const scenario: Scenario = {
  name: 'network-manager',
  title:
    'NetworkManager that manages the radio removes each group, which is reported; without it a phone and the home network work',
  suite: 'full',
  timeoutSeconds: 600,
  system: 'debian',
  async run(lab) {
    const unit = await installService(lab, 'hostp2pd');
    configure(...ADDRESSES);
    // NetworkManager must not see their radios.
    await startHomeNetwork(lab);
    const phone = await lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true });
    await startNetworkManager(lab);
    placeNeighbour(lab, 'NetworkManager/zz-hostp2pd.conf');
    await lab.units.reload('NetworkManager.service');
    await managed(lab, unit);
    await lab.units.stop(unit);
    await unmanaged(lab, unit, phone);
  },
};

async function managed(lab: Lab, unit: string): Promise<void> {
  lab.note('NetworkManager manages wlan0: each group is lost at once, and the pauses between attempts grow');
  // "unavailable" comes first.
  await lab.until('wlan0 managed', 30, async () => /^30 /.test(await stateOfRadio(lab)));
  await startService(lab, unit);
  const ups = await logged(lab, /info p2p-wlan0-\d+: group .* is up/, 90, 4);
  await logged(lab, /has ended \(it has gone without P2P-GROUP-REMOVED\)/, 20, 4);
  const times = ups.map((line) => Date.parse(line.split(' ', 1)[0] ?? ''));
  const rests = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  for (const [index, rest] of rests.entries()) assert.ok(rest >= 1000 * 2 ** index, rests.join());
  const told = logLines().filter((line) => / error NetworkManager manages wlan0/.test(line));
  assert.equal(told.length, 1, told.join('\n'));
  // After the end of each group, the cause is known only when NetworkManager has been asked.
  for (const args of [['status'], ['status', '--json']])
    await lab.until(`the cause in ${args.join(' ')}`, 60, async () =>
      /NetworkManager manages wlan0/.test(await ask(lab, ...args)),
    );
  lab.note('no group interface is left');
  await lab.until('the end of the interfaces of groups', 20, () =>
    readdirSync('/sys/class/net').every((name) => !name.startsWith('p2p-')),
  );
  const { code, judgement, text } = await examination(lab);
  assert.deepEqual([code, judgement], [2, 'error']);
  // Both fixes.
  assert.match(text, /dbus-1.*reload dbus.*"With NetworkManager" in install\.md/);
}

async function unmanaged(lab: Lab, unit: string, phone: AndroidPhone): Promise<void> {
  const { units } = lab;
  lab.note('wlan0 is given to wpa_supplicant@wlan0, with the home network');
  placeNeighbour(lab, 'NetworkManager/zz-hostp2pd-radio.conf');
  const home = blockOf('install.md', 'ini', 'wpa_supplicant-wlan0.conf`, mode 0600')
    .replace('the name of your home network', HOME.ssid)
    .replace('its passphrase', HOME.passphrase);
  units.place(
    '/etc/wpa_supplicant/wpa_supplicant-wlan0.conf',
    `${blockOf('wpa-supplicant.md', 'ini')}${home}`,
    0o600,
  );
  const network = '/etc/systemd/network/wlan0.network';
  units.place(network, blockOf('install.md', 'ini', network));
  await units.restart('NetworkManager.service');
  await lab.until('wlan0 unmanaged', 30, async () => /^10 /.test(await stateOfRadio(lab)));
  await units.start('systemd-resolved.service', 'systemd-networkd.service', 'wpa_supplicant@wlan0.service');
  await lab.until('an address of the home network', 60, async () =>
    (await run(lab, 'ip', '-4', 'address', 'show', 'wlan0')).includes('10.66.0.'),
  );
  await pingHome(lab);
  assert.match(await run(lab, 'resolvectl', 'dns', 'wlan0'), new RegExp(HOME.address));

  const hasStayed = await servePhone(lab, unit, phone);
  lab.note('a quiet minute, then NetworkManager and the other wpa_supplicant are restarted');
  await delay(60_000);
  await units.restart('NetworkManager.service', 'wpa_supplicant.service');
  await lab.until('wlan0 unmanaged', 30, async () => /^10 /.test(await stateOfRadio(lab)));
  await delay(10_000);
  await pingHome(lab);
  await hasStayed();

  lab.note('a crash of wpa_supplicant is noticed before the next heartbeat');
  const pid = await units.mainPid('wpa_supplicant@wlan0.service');
  const killedAt = Date.now();
  process.kill(pid, 'SIGKILL');
  const told = (await logged(lab, /the link to wpa_supplicant is lost/, 20)).at(-1) ?? '';
  const ms = Date.parse(told.split(' ', 1)[0] ?? '') - killedAt;
  assert.ok(ms >= 0, `the line of the log is older: ${told}`);
  lab.overcome('SIGKILL under systemd: until hostp2pd notices', 'nothing more', ms / 1000);

  lab.note('back to NetworkManager');
  await units.stop(unit, 'wpa_supplicant@wlan0.service');
  for (const path of [RADIO_CONF, network]) rmSync(path);
  await units.restart('systemd-networkd.service', 'NetworkManager.service');
  await lab.until('wlan0 managed', 60, async () => /^30 /.test(await stateOfRadio(lab)));
}

export default scenario;
