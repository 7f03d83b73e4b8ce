import { readFileSync, writeFileSync } from 'node:fs';
import { blockIn } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { HOME } from './home-access-point.js';
import { shell } from './host-own-supplicant.js';
import { joins, keepsHome, plantUsualFaults, prepareHost, serve, UNIT } from './hosts.js';
import { run } from './network-manager-host.js';
import { CONFIG } from './service-units.js';

const PLAN = '/etc/netplan/50-cloud-init.yaml';

const scenario: Scenario = {
  name: 'host-netplan',
  title: 'Ubuntu servers: netplan starts a wpa_supplicant for wlan0, which is connected to the home network',
  timeoutSeconds: 1200,
  system: 'debian',
  needsPackage: true,
  host: true,
  async run(lab) {
    const host = await prepareHost(lab, 'netplan.io');
    const { reader, faults } = host;
    lab.units.place(PLAN, planText(), 0o600);
    await lab.units.start('systemd-networkd.service');
    await run(lab, 'netplan', 'apply');
    await keepsHome(host);

    const began = lab.now();
    lab.note('section 4: with netplan');
    await reader.follow('With netplan');
    reader.write(CONFIG, blockIn('install.md', 'NetworkManager keeps the radio', 'yaml'));
    await serve(host, began);
    await keepsHome(host);

    await faults.plant({
      name: 'the file that netplan generates is to be saved',
      plant: () =>
        shell(
          lab,
          `sed -i 's/^  config_parms:$/&\\n    update_config: 1/' ${CONFIG}; systemctl reload ${UNIT}`,
        ),
      check: 'netplan',
      message: /netplan writes again at each start/,
      byHand: [
        /^take update_config out of config_parms/,
        () => {
          writeFileSync(CONFIG, readFileSync(CONFIG, 'utf8').replace('    update_config: 1\n', ''));
          return shell(lab, `systemctl reload ${UNIT}`);
        },
      ],
    });
    await faults.plant({
      name: 'a second wpa_supplicant on the radio',
      plant: () => shell(lab, 'wpa_supplicant -B -iwlan0 -C/run/second'),
      check: 'second-supplicant',
      message: /2 wpa_supplicants serve wlan0/,
    });
    await plantUsualFaults(host);
    lab.note('netplan apply: the group ends and comes back');
    await run(lab, 'netplan', 'apply');
    await keepsHome(host);
    await joins(host);
  },
};

function planText(): string {
  return [
    'network:',
    '  version: 2',
    '  renderer: networkd',
    '  wifis:',
    '    wlan0:',
    '      dhcp4: true',
    '      access-points:',
    `        ${HOME.ssid}:`,
    `          password: "${HOME.passphrase}"`,
    '',
  ].join('\n');
}

export default scenario;
