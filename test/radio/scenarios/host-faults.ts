import { readFileSync, writeFileSync } from 'node:fs';
import type { Lab } from '../guest/lab.js';
import { type Fault, runDoctor } from '../guest/planted.js';
import type { Program } from '../guest/program.js';
import { withSetting } from '../guest/reader.js';
import { changeText, type Host, NODE, SUPPLICANT_FILE, shell, UNIT } from './hosts.js';
import { run } from './network-manager-host.js';
import { CONFIG } from './service-units.js';

/** Faults that are possible on several kinds of hosts. */

/** Reads SUPPLICANT_FILE. */
export const SUPPLICANT_SERVICE = 'wpa_supplicant@wlan0';

/** Faults that are possible on every host. */
export async function plantUsualFaults({ lab, faults }: Host): Promise<void> {
  await faults.plant({
    name: 'the radio is switched off',
    // Its own radio alone: the access point of the home network is another machine, and so is the phone.
    plant: () => shell(lab, 'rfkill block "$(cat /sys/class/net/wlan0/phy80211/rfkill*/index)"'),
    check: 'rfkill',
    message: /wlan0 is switched off by software/,
  });
  await faults.plant({
    name: 'an interface of a group is left over',
    plant: () => run(lab, 'iw', 'dev', 'wlan0', 'interface', 'add', 'p2p-wlan0-9', 'type', 'managed'),
    check: 'leaked-group',
    message: /p2p-wlan0-9 is left over/,
  });
  await faults.plant({
    name: 'dnsmasq is not installed',
    plant: () => shell(lab, 'dpkg --purge --force-depends dnsmasq-base'),
    check: 'addressing',
    message: /dnsmasq, which is needed/,
  });
  await faults.plant({
    name: 'others can read the PIN',
    plant: () => run(lab, 'chmod', '644', CONFIG),
    check: 'config-permissions',
    message: /mode 0644/,
  });
  await faults.plant({
    name: 'udev changes the addresses of groups',
    plant: () => run(lab, 'rm', '/usr/lib/systemd/network/10-hostp2pd-p2p.link'),
    check: 'link-policy',
    message: /MACAddressPolicy=persistent/,
  });
  await faults.plant({
    name: 'the database of countries is missing',
    plant: () => shell(lab, 'dpkg --purge wireless-regdb; iw reg set 00'),
    check: 'country',
    message: /the kernel 00/,
  });
}

/** Faults that `hostp2pd doctor --fix` repairs. */
export async function plantForDoctor({ lab, faults }: Host): Promise<void> {
  await faults.plant({
    name: 'the radio is switched off, for doctor --fix',
    plant: () => shell(lab, 'rfkill block "$(cat /sys/class/net/wlan0/phy80211/rfkill*/index)"'),
    check: 'rfkill',
    message: /wlan0 is switched off by software/,
    byDoctor: true,
  });
  await faults.plant({
    name: 'an interface of a group is left over, for doctor --fix',
    plant: () => run(lab, 'iw', 'dev', 'wlan0', 'interface', 'add', 'p2p-wlan0-9', 'type', 'managed'),
    check: 'leaked-group',
    message: /p2p-wlan0-9 is left over/,
    byDoctor: true,
  });
  await faults.plant({
    name: 'others can read the PIN, for doctor --fix',
    plant: () => run(lab, 'chmod', '644', CONFIG),
    check: 'config-permissions',
    message: /mode 0644/,
    byDoctor: true,
  });
}

/** The Node.js of Debian 12. Debian 13 has none that is too old. */
export async function plantOldNode({ lab, faults, oldNode }: Host): Promise<void> {
  if (oldNode === null) return;
  let node = oldNode;
  const installOther = () => {
    node = NODE;
  };
  await faults.plant({
    name: 'Node.js is too old',
    plant: () => undefined,
    check: 'node-version',
    message: /^Node\.js v?18\.\S+ is too old \(on Debian GNU\/Linux 12/,
    byHand: [/^install 20\.19 or later: an archive of https:\/\/nodejs\.org/, installOther],
    examine: () => runDoctor(lab, node, '/usr/lib/hostp2pd/dist/hostp2pd.cjs', 'doctor', '--json'),
  });
}

/** A change of /etc/hostp2pd.yaml, which a person takes back as the fix says. @param words and in a group, the command after it */
export function misconfigured(
  lab: Lab,
  change: (text: string) => string,
  words: RegExp,
): Pick<Fault, 'plant' | 'byHand'> {
  let before = '';
  const apply = () => shell(lab, `systemctl reload ${UNIT}`);
  return {
    plant: () => {
      before = readFileSync(CONFIG, 'utf8');
      changeText(CONFIG, change);
      return apply();
    },
    byHand: [
      words,
      async ([, command]) => {
        writeFileSync(CONFIG, before);
        await apply();
        if (command !== undefined) await shell(lab, command);
      },
    ],
  };
}

/** Lets hostp2pd save the changes of wpa_supplicant. */
export const UPDATES_FILE = (text: string) =>
  text.replace(/^ {2}config_parms:\n/m, '$&    update_config: 1\n');

/** Channels that the group cannot have while wlan0 is connected to the home network, on 2437 MHz. */
export async function plantChannels({ lab, faults }: Host): Promise<void> {
  const asking = (frequency: number, words: RegExp) =>
    misconfigured(lab, (text) => withSetting(text, 'p2p_group_add_opts', `freq=${frequency}`), words);
  await faults.plant({
    name: 'another channel than that of the home network',
    ...asking(2412, /^take freq=2412 out of p2p_group_add_opts/),
    check: 'channel',
    message: /one channel at a time, and wlan0 is connected on 2437 MHz: a group with freq=2412/,
  });
  await faults.plant({
    name: 'a channel with radar detection',
    ...asking(5260, /^use one of the channels 1 to 11/),
    check: 'channel',
    message: /the channel of freq=5260 \(p2p_group_add_opts\) needs radar detection/,
  });
}

/** A copy of the configuration file for a user who may not read the real one. */
const READABLE = '/run/readable.yaml';

/** A user who may not use the control sockets of wpa_supplicant. @param asRoot the fix, if it is no command */
export async function plantAccess({ lab, faults }: Host, asRoot?: RegExp): Promise<void> {
  let user = 'visitor';
  const becomeRoot = () => {
    user = 'root';
  };
  await faults.plant({
    name: 'a user without access to wpa_supplicant',
    plant: async () => {
      await run(lab, 'useradd', user);
      // The real one is for root alone, and without a configuration the doctor says nothing else.
      await run(lab, 'install', '--mode=644', CONFIG, READABLE);
    },
    check: 'control-permission',
    message: /permission denied for visitor/,
    ...(asRoot && { byHand: [asRoot, becomeRoot] }),
    examine: () =>
      runDoctor(lab, 'runuser', '-u', user, '--', 'hostp2pd', 'doctor', '--json', '-c', READABLE),
  });
}

/** The box as a router, and another program on its ports. */
export async function plantRouterFaults({ lab, faults }: Host): Promise<void> {
  let server: Program | undefined;
  const occupy = async (port: number, options = `{ type: 'udp4' }`, address = '0.0.0.0') => {
    // Beside our dnsmasq it could not start.
    await lab.units.stop(UNIT);
    await server?.stop();
    const bind = `.bind(${port}, '${address}', () => console.log('bound'))`;
    const code = `require('node:dgram').createSocket(${options})${bind}`;
    server = lab.startDaemon({ name: 'server', command: process.execPath, args: ['-e', code] });
    await server.waitOutput(/bound/, 20);
    await lab.units.start(UNIT);
  };
  const asRouter = misconfigured(
    lab,
    (text) => withSetting(text, 'announce_router', 'true'),
    /, or set announce_router to false$/,
  );
  await faults.plant({
    name: 'a router that forwards no packets',
    plant: asRouter.plant,
    check: 'addressing',
    message: /it forwards no packets/,
  });
  await faults.plant({
    name: 'another program has the port of DNS',
    plant: () => occupy(53),
    check: 'addressing',
    message: /\(pid \d+\) has port 53 on all interfaces/,
    byHand: asRouter.byHand,
  });
  await faults.plant({
    name: 'another program has the port of DHCP',
    plant: () => occupy(67),
    check: 'addressing',
    message: /\(pid \d+\) has UDP port 67 on all interfaces/,
    byHand: [
      /^configure it to serve its own interfaces only/,
      () => occupy(67, `{ type: 'udp4', reuseAddr: true }`, '127.0.0.1'),
    ],
  });
}

/** The wpa_supplicant that another program starts has ended: only that program has the home network. */
export async function plantEndedSupplicant({ lab, faults }: Host, end: string): Promise<void> {
  await faults.plant({
    name: 'wpa_supplicant has ended',
    plant: () => shell(lab, end),
    ...SUPPLICANT_GONE,
  });
}

/** What the doctor finds. Another wpa_supplicant may run, without an interface, and its folder may exist. */
const SUPPLICANT_GONE = {
  check: /^(?:supplicant-running|control-folder|control-socket)$/,
  message: /does not run|sockets elsewhere, or none|serves no interface/,
};

/** Faults of a wpa_supplicant with a file of its own. */
export async function plantSupplicantFaults({ lab, faults }: Host): Promise<void> {
  const change = (edit: (text: string) => string) => () => changeSupplicant(lab, edit);
  await faults.plant({
    name: 'wpa_supplicant does not run',
    plant: () => shell(lab, `systemctl disable --now ${SUPPLICANT_SERVICE}`),
    ...SUPPLICANT_GONE,
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
    // Some releases of wpa_supplicant then make no P2P device.
    check: /^(?:p2p-device|random-address)$/,
    message: /p2p_device_random_mac_addr=1/,
  });
  await faults.plant({
    name: 'a second wpa_supplicant on the radio',
    plant: () => shell(lab, 'wpa_supplicant -B -iwlan0 -C/run/second'),
    check: 'second-supplicant',
    message: /2 wpa_supplicants serve wlan0/,
  });
}

/** Changes the file of the wpa_supplicant that systemd starts for wlan0, and restarts it. */
export function changeSupplicant(lab: Lab, change: (text: string) => string): Promise<string> {
  changeText(SUPPLICANT_FILE, change);
  return shell(lab, `systemctl restart ${SUPPLICANT_SERVICE}`);
}
