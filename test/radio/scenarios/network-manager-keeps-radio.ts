import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PIN } from '../guest/daemon.js';
import type { Scenario } from '../guest/scenario.js';
import { HOME, pingHome, startHomeNetwork } from './home-access-point.js';
import {
  ADDRESSES,
  blockOf,
  placeNeighbour,
  run,
  servePhone,
  startNetworkManager,
  stateOfRadio,
} from './network-manager-host.js';
import { CONFIG, installService } from './service-units.js';

const scenario: Scenario = {
  name: 'network-manager-keeps-radio',
  title:
    'NetworkManager keeps wlan0 and its home network, and the D-Bus policy keeps it from removing our group',
  suite: 'full',
  timeoutSeconds: 400,
  system: 'debian',
  async run(lab) {
    const { units } = lab;
    const unit = await installService(lab, 'hostp2pd');
    const settings = blockOf('install.md', 'yaml', '#### NetworkManager keeps the radio').replace(
      '52107733',
      PIN,
    );
    writeFileSync(CONFIG, settings + ADDRESSES.map((line) => `  ${line}\n`).join(''));
    // NetworkManager must not see their radios.
    await startHomeNetwork(lab);
    const phone = await lab.startAndroid({ number: 1, deviceName: 'Pixel', ownNetwork: true });
    for (const name of [
      'NetworkManager/zz-hostp2pd.conf',
      'NetworkManager/zz-hostp2pd-address.conf',
      'dbus/hostp2pd.conf',
    ])
      placeNeighbour(lab, name);
    await startNetworkManager(lab);

    lab.note('NetworkManager connects wlan0 to the home network');
    const connection = 'connection add type wifi ifname wlan0 con-name home wifi-sec.key-mgmt wpa-psk';
    await run(
      lab,
      'nmcli',
      ...[...connection.split(' '), 'ssid', HOME.ssid, 'wifi-sec.psk', HOME.passphrase],
    );
    await lab.until('the home network', 60, async () => /^100 /.test(await stateOfRadio(lab)));
    await pingHome(lab);
    const keys = '802-11-wireless.ssid,802-11-wireless-security.psk';
    const told = await run(lab, 'nmcli', '-s', '-g', keys, 'connection', 'show', 'home');
    assert.equal(told, `${HOME.ssid}\n${HOME.passphrase}\n`);

    const hasStayed = await servePhone(lab, unit, phone);
    lab.note('a quiet minute, then NetworkManager is restarted');
    await delay(60_000);
    await units.restart('NetworkManager.service');
    await lab.until('the home network again', 60, async () => /^100 /.test(await stateOfRadio(lab)));
    await pingHome(lab);
    lab.note('the home network is left and joined');
    await run(lab, 'nmcli', 'connection', 'down', 'home');
    await delay(15_000);
    await run(lab, 'nmcli', 'connection', 'up', 'home');
    await pingHome(lab);
    await hasStayed();
  },
};

export default scenario;
