import type { Scenario } from '../guest/scenario.js';
import {
  install,
  joins,
  ON_HOST,
  prepareHost,
  SUPPLICANT_FILE,
  serve,
  shell,
  supplicantFile,
  UNIT,
} from './hosts.js';

const SECTION = 'With neither';
/** On the loopback interface, because the kernel of the lab has no other to spare. */
const LAN = 'interface=lo\ndhcp-range=10.55.0.10,10.55.0.50,1h\n';

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-dnsmasq',
  title: 'a router: another dnsmasq has the ports 67 and 53 on all interfaces',
  async run(lab) {
    const host = await prepareHost(lab);
    const { reader, faults } = host;
    await shell(lab, 'ip address add 10.55.0.1/24 dev lo; ip address add 10.66.0.7/24 dev wlan0');
    lab.units.place('/etc/dnsmasq.d/lan.conf', LAN);
    await install(lab, 'dnsmasq');

    const began = lab.now();
    lab.note('section 4: with neither');
    reader.write(SUPPLICANT_FILE, supplicantFile(), 0o600);
    await reader.follow(SECTION, {}, 1);
    lab.note('section 8: another dnsmasq');
    await reader.follow('8. Addresses');
    await serve(host, began);

    await faults.plant({
      name: 'another dnsmasq has the ports of all interfaces',
      // With ours in place it could not start.
      plant: () =>
        shell(
          lab,
          `systemctl stop ${UNIT}; rm /etc/dnsmasq.d/hostp2pd.conf; systemctl restart dnsmasq; systemctl start ${UNIT}`,
        ),
      check: 'addressing',
      message: /dnsmasq \(pid \d+\) has UDP port 67 on all interfaces/,
    });
    await faults.plant({
      name: 'group_address is in the network of the machine',
      plant: () => shell(lab, 'ip address add 192.168.49.7/24 dev wlan0'),
      check: 'addressing',
      message: /is in the network of/,
      byHand: [
        /^set group_address to an address in another network/,
        () => shell(lab, 'ip address del 192.168.49.7/24 dev wlan0'),
      ],
    });
    await joins(host);
  },
};

export default scenario;
