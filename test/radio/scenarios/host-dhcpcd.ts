import type { Lab } from '../guest/lab.js';
import type { Scenario } from '../guest/scenario.js';
import { plantEndedSupplicant } from './host-faults.js';
import {
  changeText,
  install,
  joins,
  keepsHome,
  ON_HOST,
  ownNetwork,
  prepareHost,
  serve,
  shell,
  supplicantFile,
  UNIT,
} from './hosts.js';
import { CONFIG } from './service-units.js';

const SETTINGS = '/etc/dhcpcd.conf';
const FILE = '/etc/wpa_supplicant/wpa_supplicant.conf';

/** As in Raspberry Pi OS: that of Debian may not start a wpa_supplicant. */
const SERVICE = `[Unit]
Description=dhcpcd on all interfaces
[Service]
Type=forking
PIDFile=/run/dhcpcd/pid
RuntimeDirectory=dhcpcd
ExecStart=/usr/sbin/dhcpcd -q -b
ExecStop=/usr/sbin/dhcpcd -x
[Install]
WantedBy=multi-user.target
`;

const BLOCK = '\ninterface p2p-wlan0-0\nstatic ip_address=192.168.49.1/24\n';

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-dhcpcd',
  title:
    'Raspberry Pi OS bullseye: dhcpcd starts the wpa_supplicant of wlan0, and gives the group an address or none',
  async run(lab) {
    const host = await prepareHost(lab);
    const { reader, faults } = host;
    await connectByDhcpcd(lab);
    await keepsHome(host);

    const began = lab.now();
    lab.note('section 4: with dhcpcd');
    reader.write(FILE, supplicantFile());
    await reader.follow('With dhcpcd');
    await reader.follow('5. Other network daemons', {}, 3);
    await serve(host, began);
    await keepsHome(host);

    await faults.plant({
      name: 'dhcpcd requests an address for the group',
      plant: () => changeSettings(lab, (text) => text.replace(/^denyinterfaces .*\n/m, '')),
      check: 'dhcpcd',
      message: /requests an address on the interfaces of groups/,
    });

    await plantEndedSupplicant(host, 'wpa_cli -i wlan0 terminate');

    lab.note('with a block for the group');
    const addressing = (value: string) =>
      shell(lab, `sed -i 's/^  addressing: .*/  addressing: ${value}/' ${CONFIG}; systemctl reload ${UNIT}`);
    await faults.plant({
      name: 'an address for the group, on an interface that dhcpcd ignores',
      plant: async () => {
        await addressing('none');
        await changeSettings(lab, (text) => text + BLOCK);
      },
      check: 'dhcpcd',
      message: /but dhcpcd ignores that interface/,
      byHand: [
        /^take the interfaces of groups out of denyinterfaces .* write "nohook wpa_supplicant" below "interface p2p-wlan0-0"/,
        () =>
          changeSettings(
            lab,
            (text) => `${text.replace(/^denyinterfaces .*\n/m, '')}nohook wpa_supplicant\n`,
          ),
      ],
    });
    await faults.plant({
      name: 'both give the group an address',
      plant: () => addressing('dnsmasq'),
      check: 'dhcpcd',
      message: /both give p2p-wlan0-0 an address/,
      byHand: [
        /^delete the block "interface p2p-wlan0-0"/,
        () =>
          changeSettings(
            lab,
            (text) => `denyinterfaces p2p-*\n${text.replace(`${BLOCK}nohook wpa_supplicant\n`, '')}`,
          ),
      ],
    });
    await joins(host);
  },
};

/** As Raspberry Pi OS leaves it after its first start. */
export async function connectByDhcpcd(lab: Lab): Promise<void> {
  await lab.units.install({ 'dhcpcd.service': SERVICE });
  lab.units.place(
    FILE,
    `ctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev\nupdate_config=1\n${ownNetwork()}`,
  );
  await install(lab, 'dhcpcd');
  await shell(
    lab,
    'cp /usr/share/dhcpcd/hooks/10-wpa_supplicant "$(dirname "$(find /usr/lib /lib -name 20-resolv.conf | head -n 1)")"',
  );
  await lab.units.restart('dhcpcd.service');
}

function changeSettings(lab: Lab, change: (text: string) => string): Promise<void> {
  changeText(SETTINGS, change);
  return lab.units.restart('dhcpcd.service');
}

export default scenario;
