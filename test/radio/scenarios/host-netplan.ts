import type { Lab } from '../guest/lab.js';
import { blockIn } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { HOME } from './home-access-point.js';
import {
  misconfigured,
  plantAccess,
  plantChannels,
  plantEndedSupplicant,
  plantForDoctor,
  plantUsualFaults,
  UPDATES_FILE,
} from './host-faults.js';
import { joins, keepsHome, ON_HOST, prepareHost, serve, shell } from './hosts.js';
import { run } from './network-manager-host.js';
import { CONFIG } from './service-units.js';

const PLAN = '/etc/netplan/50-cloud-init.yaml';

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-netplan',
  title: 'Ubuntu servers: netplan starts a wpa_supplicant for wlan0, which is connected to the home network',
  async run(lab) {
    const host = await prepareHost(lab, 'netplan.io');
    const { reader, faults } = host;
    await connectByNetplan(lab);
    await keepsHome(host);

    const began = lab.now();
    lab.note('section 4: with netplan');
    await reader.follow('With netplan');
    reader.write(CONFIG, blockIn('install.md', 'NetworkManager keeps the radio', 'yaml'));
    await serve(host, began);
    await keepsHome(host);

    await faults.plant({
      name: 'the file that netplan generates is to be saved',
      ...misconfigured(lab, UPDATES_FILE, /^take update_config out of config_parms/),
      check: 'netplan',
      message: /netplan writes again at each start/,
    });
    await faults.plant({
      name: 'a second wpa_supplicant on the radio',
      plant: () => shell(lab, 'wpa_supplicant -B -iwlan0 -C/run/second'),
      check: 'second-supplicant',
      message: /2 wpa_supplicants serve wlan0/,
    });
    await plantEndedSupplicant(host, 'systemctl stop netplan-wpa-wlan0');
    await plantAccess(host, /^run hostp2pd as root$/);
    await plantChannels(host);
    await plantUsualFaults(host);
    await plantForDoctor(host);
    lab.note('netplan apply: the group ends and comes back');
    await run(lab, 'netplan', 'apply');
    await keepsHome(host);
    await joins(host);
  },
};

export async function connectByNetplan(lab: Lab): Promise<void> {
  lab.units.place(PLAN, planText('networkd'), 0o600);
  await lab.units.start('systemd-networkd.service');
  await run(lab, 'netplan', 'apply');
}

/** As an installer writes it. */
export function planText(renderer: string): string {
  return [
    'network:',
    '  version: 2',
    `  renderer: ${renderer}`,
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
