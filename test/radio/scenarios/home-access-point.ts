import type { Lab } from '../guest/lab.js';
import type { Phone } from '../guest/phone.js';
import { Program } from '../guest/program.js';

/** The home network of the person with the box: an access point, with DHCP, on the radio of phone 2. */
export const HOME = { ssid: 'home', passphrase: 'a home of my own', address: '10.66.0.1' } as const;

const RADIO = 'wlan2';
const NETWORK = 'phone-2';

export async function startHomeNetwork(lab: Lab): Promise<Phone> {
  const router = await lab.startPhone({ number: 2, deviceName: 'Router', ownNetwork: true });
  const command = (text: string) => router.control.command(`IFNAME=${RADIO} ${text}`);
  const id = (await command('ADD_NETWORK')).trim();
  const lines = [`ssid "${HOME.ssid}"`, `psk "${HOME.passphrase}"`, 'mode 2', 'frequency 2437'];
  for (const line of [...lines, 'key_mgmt WPA-PSK', 'proto RSN', 'pairwise CCMP'])
    await command(`SET_NETWORK ${id} ${line}`);
  const mark = router.control.mark();
  await command(`SELECT_NETWORK ${id}`);
  await router.control.waitEvent('AP-ENABLED', 20, mark);
  await inside(lab, 'ip', 'address', 'add', `${HOME.address}/24`, 'dev', RADIO);
  const range = ['--dhcp-range=10.66.0.10,10.66.0.50,1h', `--dhcp-option=option:dns-server,${HOME.address}`];
  const own = [
    '--no-daemon',
    '--conf-file=/dev/null',
    '--port=0',
    `--dhcp-leasefile=${lab.scratch}/home.leases`,
  ];
  const server = new Program(lab, {
    name: 'home-dhcp',
    command: 'ip',
    args: ['netns', 'exec', NETWORK, 'dnsmasq', ...own, `--interface=${RADIO}`, ...range],
  });
  await server.waitOutput(/DHCP, IP range/, 20);
  return router;
}

async function inside(lab: Lab, ...command: readonly string[]): Promise<void> {
  const { code, stderr } = await lab.run({ command: 'ip', args: ['netns', 'exec', NETWORK, ...command] });
  if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

/** Fails if the home network does not answer. */
export async function pingHome(lab: Lab): Promise<void> {
  const args = ['ping', '-c', '1', '-W', '10', HOME.address];
  const { code, stdout } = await lab.run({ name: 'ping', command: '/lab/busybox', args });
  if (code !== 0) throw new Error(`the home network does not answer: ${stdout}`);
}
