import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { runDoctor } from '../guest/planted.js';
import { blockIn } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { changeFile, plantAccess, plantSupplicantFaults } from './host-faults.js';
import { planText } from './host-netplan.js';
import { connectHome } from './host-network-manager.js';
import {
  type Host,
  install,
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
import { run } from './network-manager-host.js';

const SECTION = 'wpa_supplicant has the radio';
const SERVICE = 'wpa_supplicant@wlan0';

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-own-supplicant',
  title:
    'the same hosts: NetworkManager gives wlan0 and its home network to a wpa_supplicant with its own file',
  async run(lab) {
    const host = await prepareHost(lab);
    const { reader, faults } = host;
    await connectHome(lab);

    const began = lab.now();
    lab.note('section 4: wpa_supplicant has the radio');
    reader.write(SUPPLICANT_FILE, supplicantFile(), 0o600);
    reader.write('/etc/systemd/network/wlan0.network', blockIn('install.md', SECTION, 'ini', 1));
    await reader.follow(SECTION);
    await reader.follow(SECTION, {}, 1);
    await serve(host, began);
    await keepsHome(host);

    await faults.plant({
      name: 'NetworkManager manages the radio',
      plant: () =>
        shell(lab, 'rm /etc/NetworkManager/conf.d/hostp2pd-radio.conf; systemctl restart NetworkManager'),
      check: 'network-manager',
      message: /removes every group/,
    });
    await plantSupplicantFaults(host, SUPPLICANT_FILE, SERVICE);
    await faults.plant({
      name: 'the home network was not moved',
      plant: () => changeFile(lab, SUPPLICANT_FILE, SERVICE, (text) => text.replace(ownNetwork(), '')),
      check: 'connection-profiles',
      message: /connection "home" to "home" cannot be used/,
      byHand: [
        /^write that network into (\S+) .*?; (sudo systemctl restart \S+); or/,
        ([, file = '', restart = '']) => {
          appendFileSync(file, ownNetwork());
          return shell(lab, restart);
        },
      ],
    });
    await plantConnectionOfNetplan(host);
    await plantAccess(host);
    await plantContainer(host);
    await keepsHome(host);
    await joins(host);
  },
};

/** As in Raspberry Pi OS trixie, where a connection of NetworkManager is netplan's, and an edit of its file does not last. */
async function plantConnectionOfNetplan({ lab, faults }: Host): Promise<void> {
  const plan = '/etc/netplan/50-cloud-init.yaml';
  await install(lab, 'netplan.io');
  await run(lab, 'nmcli', 'connection', 'delete', 'home');
  await faults.plant({
    name: 'the home network is one of netplan, and was not moved',
    plant: async () => {
      writeFileSync(plan, planText('NetworkManager'), { mode: 0o600 });
      await run(lab, 'netplan', 'generate');
      await run(lab, 'nmcli', 'connection', 'reload');
      await changeFile(lab, SUPPLICANT_FILE, SERVICE, (text) => text.replace(ownNetwork(), ''));
    },
    check: 'connection-profiles',
    message: /connection "netplan-wlan0-home" to "home" cannot be used/,
    byHand: [
      /; or if it is not needed: take it out of (\S+); (sudo netplan apply)$/,
      ([, file = '', apply = '']) => {
        rmSync(file);
        return shell(lab, apply);
      },
    ],
  });
  await changeFile(lab, SUPPLICANT_FILE, SERVICE, (text) => text + ownNetwork());
}

/** The doctor in a container, with and without the folders of the sockets at the same paths. */
async function plantContainer({ lab, faults }: Host): Promise<void> {
  let hidden = 'mount -t tmpfs none /run/wpa_supplicant; mount -t tmpfs none /run/hostp2pd; ';
  const mark = '/run/.containerenv';
  await faults.plant({
    name: 'a container without the folders of the sockets',
    plant: () => run(lab, 'touch', mark),
    check: 'container',
    message: /this container \(podman\) does not have \/run\/wpa_supplicant and \/run\/hostp2pd/,
    byHand: [
      /-v \/run\/wpa_supplicant:\/run\/wpa_supplicant -v \/run\/hostp2pd:\/run\/hostp2pd/,
      () => {
        hidden = '';
      },
    ],
    examine: async () => {
      const inside = `${hidden}hostp2pd doctor --json`;
      return runDoctor(lab, 'unshare', '--mount', '--pid', '--fork', '--mount-proc', 'bash', '-c', inside);
    },
  });
  await run(lab, 'rm', mark);
}

export default scenario;
