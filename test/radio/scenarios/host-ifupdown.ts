import { writeFileSync } from 'node:fs';
import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { HOME } from './home-access-point.js';
import {
  changeSupplicant,
  plantEndedSupplicant,
  plantRouterFaults,
  plantSupplicantFaults,
  SUPPLICANT_SERVICE,
} from './host-faults.js';
import {
  changeText,
  type Host,
  joins,
  keepsHome,
  ON_HOST,
  ownNetwork,
  prepareHost,
  SUPPLICANT_FILE,
  serve,
  shell,
  supplicantFile,
} from './hosts.js';

const SECTION = 'With neither';
const INTERFACES = '/etc/network/interfaces';
export const IFUPDOWN_PACKAGES = ['ifupdown', 'dhcpcd-base'];

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-ifupdown',
  title:
    'Debian servers: ifupdown has connected wlan0 to the home network; wlan0 gets a wpa_supplicant with its own file',
  async run(lab) {
    const host = await prepareHost(lab, ...IFUPDOWN_PACKAGES);
    const { reader } = host;
    await connectByIfupdown(lab);
    await keepsHome(host);

    const began = lab.now();
    lab.note('section 4: with neither');
    reader.write(SUPPLICANT_FILE, supplicantFile(), 0o600);
    await reader.follow(SECTION);
    await reader.follow(SECTION, {}, 1);
    await serve(host, began);
    await keepsHome(host);

    await plantSupplicantFaults(host);
    await plantSharedInterface(host);
    await plantRouterFaults(host);
    await plantOwnSupplicant(host);
    await joins(host);
  },
};

/** As the installer of Debian leaves it. */
export async function connectByIfupdown(lab: Lab): Promise<void> {
  const home = `    wpa-ssid ${HOME.ssid}\n    wpa-psk ${HOME.passphrase}\n`;
  writeFileSync(INTERFACES, `auto lo\niface lo inet loopback\n\nauto wlan0\niface wlan0 inet dhcp\n${home}`);
  await lab.units.start('networking.service');
}

/** A group on wlan0 itself would end its connection to the home network. */
async function plantSharedInterface({ lab, faults }: Host): Promise<void> {
  const change = (edit: (text: string) => string) => () => changeSupplicant(lab, edit);
  await faults.plant({
    name: 'the group is to use wlan0, which is connected to the home network',
    plant: change((text) => `p2p_no_group_iface=1\n${text}`),
    check: 'keep-station',
    message: /wlan0 itself, which is connected to "home" .*: no group is formed/,
    byHand: [
      /^use another Wi-Fi card, or a cable, for that network/,
      change((text) => text.replace(ownNetwork(), '')),
    ],
    endsHome: true,
  });
  await change((text) => text.replace('p2p_no_group_iface=1\n', '') + ownNetwork())();
}

/** The wpa_supplicant that ifupdown starts may also serve hostp2pd, if it has a file: it is restarted with its interface. */
async function plantOwnSupplicant(host: Host): Promise<void> {
  const { lab, faults } = host;
  await shell(lab, `systemctl disable --now ${SUPPLICANT_SERVICE}; ifdown wlan0`);
  changeText(INTERFACES, (text) => `${text}    wpa-conf ${SUPPLICANT_FILE}\n`);
  await shell(lab, 'ifup wlan0');
  await faults.plant({
    name: 'no country in the file of the wpa_supplicant that ifupdown has started',
    plant: () => {
      changeText(SUPPLICANT_FILE, (text) => text.replace(/^country=.*\n/m, ''));
      return shell(lab, 'ifdown wlan0; ifup wlan0; iw reg set 00');
    },
    check: 'country',
    message: /no country is set/,
  });
  await plantEndedSupplicant(host, 'wpa_cli -i wlan0 terminate');
}

export default scenario;
