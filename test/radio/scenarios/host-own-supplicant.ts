import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Lab } from '../guest/lab.js';
import { runDoctor } from '../guest/planted.js';
import { blockIn, withOwnValues } from '../guest/reader.js';
import type { Scenario } from '../guest/scenario.js';
import { connectHome } from './host-network-manager.js';
import { type Host, joins, keepsHome, OWN_NETWORK, prepareHost, SUPPLICANT_FILE, serve } from './hosts.js';
import { run } from './network-manager-host.js';

const SECTION = 'wpa_supplicant has the radio';
const SERVICE = 'wpa_supplicant@wlan0';

const scenario: Scenario = {
  name: 'host-own-supplicant',
  title:
    'the same hosts: NetworkManager gives wlan0 and its home network to a wpa_supplicant with its own file',
  timeoutSeconds: 1200,
  system: 'debian',
  needsPackage: true,
  host: true,
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
    await plantContainer(host);
    await keepsHome(host);
    await joins(host);
  },
};

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

/** The file of wpa-supplicant.md with the network of install.md. */
export function supplicantFile(): string {
  return `${blockIn('wpa-supplicant.md', 'wpa_supplicant.conf', 'ini')}\n${ownNetwork()}`;
}

export function ownNetwork(): string {
  return withOwnValues(blockIn('install.md', SECTION, 'ini'), OWN_NETWORK);
}

export function shell(lab: Lab, text: string): Promise<string> {
  return run(lab, 'bash', '-euo', 'pipefail', '-c', text);
}

/** Changes the file of a wpa_supplicant and restarts its service. */
export async function changeFile(
  lab: Lab,
  path: string,
  service: string,
  change: (text: string) => string,
): Promise<void> {
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`expected a change of ${path}`);
  writeFileSync(path, after);
  await shell(lab, `systemctl restart ${service}`);
}

/** Faults of a wpa_supplicant with a file of its own. */
export async function plantSupplicantFaults(
  { lab, faults }: Host,
  file: string,
  service: string,
): Promise<void> {
  const change = (edit: (text: string) => string) => () => changeFile(lab, file, service, edit);
  await faults.plant({
    name: 'wpa_supplicant does not run',
    plant: () => shell(lab, `systemctl disable --now ${service}`),
    // Another wpa_supplicant may run, without an interface, and its folder may exist.
    check: /^(?:supplicant-running|control-folder|control-socket)$/,
    message: /does not run|sockets elsewhere, or none|serves no interface/,
  });
  await faults.plant({
    name: 'no control socket',
    plant: change((text) => text.replace(/^ctrl_interface=.*\n/m, '')),
    check: /^control-(?:folder|socket)$/,
    message: /sockets elsewhere, or none|serves no interface/,
  });
  await faults.plant({
    name: 'no country',
    plant: async () => {
      await change((text) => text.replace(/^country=.*\n/m, ''))();
      await run(lab, 'iw', 'reg', 'set', '00');
    },
    check: 'country',
    message: /no country is set/,
  });
  await faults.plant({
    name: 'Wi-Fi Direct is switched off',
    plant: change((text) => `p2p_disabled=1\n${text}`),
    check: 'p2p-device',
    message: /p2p_disabled=1/,
  });
  await faults.plant({
    name: 'a random device address',
    plant: change((text) => `p2p_device_random_mac_addr=1\n${text}`),
    check: 'p2p-device',
    message: /p2p_device_random_mac_addr=1 asks for/,
  });
  await faults.plant({
    name: 'a second wpa_supplicant on the radio',
    plant: () => shell(lab, 'wpa_supplicant -B -iwlan0 -C/run/second'),
    check: 'second-supplicant',
    message: /2 wpa_supplicants serve wlan0/,
  });
}

export default scenario;
