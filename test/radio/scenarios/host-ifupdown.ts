import type { Scenario } from '../guest/scenario.js';
import { HOME } from './home-access-point.js';
import { plantSupplicantFaults, supplicantFile } from './host-own-supplicant.js';
import { joins, keepsHome, prepareHost, SUPPLICANT_FILE, serve } from './hosts.js';
import { run } from './network-manager-host.js';

const SECTION = 'With neither';

const scenario: Scenario = {
  name: 'host-ifupdown',
  title:
    'Debian servers: ifupdown has connected wlan0 to the home network; wlan0 gets a wpa_supplicant with its own file',
  timeoutSeconds: 1200,
  system: 'debian',
  needsPackage: true,
  host: true,
  async run(lab) {
    const host = await prepareHost(lab, 'ifupdown', 'dhcpcd-base');
    const { reader } = host;
    const wlan0 = [
      'auto wlan0',
      'iface wlan0 inet dhcp',
      `wpa-ssid ${HOME.ssid}`,
      `wpa-psk ${HOME.passphrase}`,
    ];
    await run(lab, 'bash', '-c', `printf '%s\\n' "$@" > /etc/network/interfaces`, 'bash', ...wlan0);
    await run(lab, 'ifup', 'wlan0');
    await keepsHome(host);

    const began = lab.now();
    lab.note('section 4: with neither');
    reader.write(SUPPLICANT_FILE, supplicantFile(), 0o600);
    await reader.follow(SECTION);
    await reader.follow(SECTION, {}, 1);
    await serve(host, began);
    await keepsHome(host);

    await plantSupplicantFaults(host, SUPPLICANT_FILE, 'wpa_supplicant@wlan0');
    await keepsHome(host);
    await joins(host);
  },
};

export default scenario;
