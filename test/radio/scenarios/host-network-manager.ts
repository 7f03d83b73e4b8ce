import type { Lab } from '../guest/lab.js';
import { runDoctor } from '../guest/planted.js';
import { blockIn } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { HOME } from './home-access-point.js';
import { misconfigured, plantChannels, plantOldNode, plantUsualFaults, UPDATES_FILE } from './host-faults.js';
import { type Host, joins, keepsHome, ON_HOST, prepareHost, serve, shell } from './hosts.js';
import { run, startNetworkManager, stateOfRadio } from './network-manager-host.js';
import { CONFIG } from './service-units.js';

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-network-manager',
  title:
    'Raspberry Pi OS, Debian and Ubuntu desktops: NetworkManager keeps wlan0, which is connected to the home network',
  async run(lab) {
    const host = await prepareHost(lab);
    const { reader } = host;
    await connectHome(lab);

    const began = lab.now();
    lab.note('section 4: NetworkManager keeps the radio');
    await reader.follow('NetworkManager keeps the radio');
    await reader.follow('5. Other network daemons');
    await reader.follow('NetworkManager keeps the radio', {}, 1);
    reader.write(CONFIG, blockIn('install.md', 'NetworkManager keeps the radio', 'yaml'));
    await serve(host, began);
    await keepsHome(host);

    await plantOldNode(host);
    await plantManagerFaults(host);
    await plantChannels(host);
    await plantUsualFaults(host);
    await joins(host);
  },
};

/** As the imager of Raspberry Pi OS or the installer of a desktop leave it. */
export async function connectHome(lab: Lab): Promise<void> {
  await startNetworkManager(lab);
  const connection = 'connection add type wifi ifname wlan0 con-name home wifi-sec.key-mgmt wpa-psk';
  await run(lab, 'nmcli', ...connection.split(' '), 'ssid', HOME.ssid, 'wifi-sec.psk', HOME.passphrase);
  await lab.until('the home network', 60, async () => /^100 /.test(await stateOfRadio(lab)));
}

async function plantManagerFaults({ lab, faults }: Host): Promise<void> {
  await faults.plant({
    name: 'NetworkManager may remove groups',
    plant: () => shell(lab, 'rm /etc/dbus-1/system.d/hostp2pd.conf; systemctl reload dbus'),
    check: 'network-manager',
    message: /removes every group/,
  });
  await faults.plant({
    name: 'NetworkManager configures groups',
    plant: () =>
      shell(lab, 'rm /usr/lib/NetworkManager/conf.d/zz-hostp2pd.conf; systemctl reload NetworkManager'),
    check: 'network-manager',
    message: /configures the interfaces of groups itself/,
  });
  await faults.plant({
    name: 'NetworkManager changes the address of the radio',
    plant: () =>
      shell(lab, 'rm /etc/NetworkManager/conf.d/zz-hostp2pd-address.conf; systemctl restart NetworkManager'),
    check: 'random-address',
    message: /random addresses while it scans/,
  });
  await faults.plant({
    name: 'a connection that others can read',
    plant: () =>
      shell(
        lab,
        'cp /etc/NetworkManager/system-connections/home.nmconnection "/etc/NetworkManager/system-connections/my cellar.nmconnection"; ' +
          'chmod 644 "/etc/NetworkManager/system-connections/my cellar.nmconnection"',
      ),
    check: 'connection-profiles',
    message: /others than root can read or change/,
  });
  await faults.plant({
    name: 'another program changes the device name',
    plant: () => run(lab, 'wpa_cli', '-i', 'p2p-dev-wlan0', 'set', 'device_name', 'lab'),
    check: 'device-name',
    message: /another program has changed it/,
    examine: () => runDoctor(lab),
  });
  await faults.plant({
    name: 'wpa_supplicant has no file, and is to save its changes',
    ...misconfigured(
      lab,
      UPDATES_FILE,
      /^set save_config_enabled to false and take update_config out of config_parms; (sudo systemctl restart \S+);/,
    ),
    check: 'update-config',
    message: /wpa_supplicant runs without a configuration file/,
  });
  await faults.plant({
    name: 'a second wpa_supplicant on the radio',
    plant: () => shell(lab, 'wpa_supplicant -B -iwlan0 -C/run/second'),
    check: 'second-supplicant',
    message: /2 wpa_supplicants serve wlan0/,
  });
}

export default scenario;
