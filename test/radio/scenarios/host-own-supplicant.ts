import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { runDoctor } from '../guest/planted.js';
import { blockIn } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { changeSupplicant, plantAccess, plantSupplicantFaults } from './host-faults.js';
import { planText } from './host-netplan.js';
import { connectHome } from './host-network-manager.js';
import {
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
import { run } from './network-manager-host.js';

const SECTION = 'wpa_supplicant has the radio';

const scenario: Scenario = {
  ...ON_HOST,
  name: 'host-own-supplicant',
  title:
    'the same hosts: NetworkManager gives wlan0 and its home network to a wpa_supplicant with its own file',
  async run(lab) {
    // For a fault further below: Raspberry Pi OS trixie has it from the beginning.
    const host = await prepareHost(lab, 'netplan.io');
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

    await plantAccess(host);
    await plantContainer(host);
    await faults.plant({
      name: 'NetworkManager manages the radio',
      plant: () =>
        shell(lab, 'rm /etc/NetworkManager/conf.d/zz-hostp2pd-radio.conf; systemctl restart NetworkManager'),
      check: 'network-manager',
      message: /removes every group/,
    });
    await faults.plant({
      name: 'the home network was not moved',
      plant: () => changeSupplicant(lab, (text) => text.replace(ownNetwork(), '')),
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
    await plantSupplicantFaults(host);
    await joins(host);
  },
};

/** As in Raspberry Pi OS trixie, where a connection of NetworkManager is netplan's, and an edit of its file does not last. */
async function plantConnectionOfNetplan({ lab, faults }: Host): Promise<void> {
  const plan = '/etc/netplan/50-cloud-init.yaml';
  await run(lab, 'nmcli', 'connection', 'delete', 'home');
  await faults.plant({
    name: 'the home network is one of netplan, and was not moved',
    plant: async () => {
      writeFileSync(plan, planText('NetworkManager'), { mode: 0o600 });
      await run(lab, 'netplan', 'generate');
      await run(lab, 'nmcli', 'connection', 'reload');
      await changeSupplicant(lab, (text) => text.replace(ownNetwork(), ''));
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
    endsHome: true,
  });
  await changeSupplicant(lab, (text) => text + ownNetwork());
}

/** Has what a container has: a /run of its own, its own processes, and the folders of the host that it gets. */
const IN_CONTAINER = `
set -eu
root=$(mktemp -d)
trap 'rm "$root/run/.containerenv"' EXIT
mount --rbind / "$root"
umount --lazy "$root/run"
touch "$root/run/.containerenv"
mount -t proc proc "$root/proc"
for folder; do
  mkdir -p "$root$folder"
  mount --bind "$folder" "$root$folder"
done
chroot "$root" hostp2pd doctor --json
`;

/** The doctor in a container, without and with the folders of the sockets at the same paths. */
async function plantContainer({ lab, faults }: Host): Promise<void> {
  const folders: string[] = [];
  await faults.plant({
    name: 'a container without the folders of the sockets',
    plant: () => undefined,
    check: 'container',
    message: /this container \(podman\) does not have \/run\/wpa_supplicant and \/run\/hostp2pd/,
    byHand: [
      /-v (\/run\/wpa_supplicant):\1 -v (\/run\/hostp2pd):\2/,
      ([, ...shared]) => {
        folders.push(...shared);
      },
    ],
    examine: () =>
      runDoctor(
        lab,
        'unshare',
        ...['--mount', '--pid', '--fork', 'bash', '-c', IN_CONTAINER, 'container', ...folders],
      ),
  });
}

export default scenario;
