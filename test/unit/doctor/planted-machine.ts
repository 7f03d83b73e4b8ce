import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { gather } from '#src/doctor/examine.js';
import type { Facts } from '#src/doctor/facts.js';
import type { Sources } from '#src/doctor/gather/sources.js';
import { type ErrorCode, HostP2pError } from '#src/system/errors.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { GROUP_STATUS, STATUS } from './healthy.js';

/** A reply of wpa_supplicant, or why there is none. */
type Reply = string | { readonly code: ErrorCode };

const REPLIES: Readonly<Record<string, string>> = {
  STATUS,
  INTERFACES: 'p2p-dev-wlan0\nwlan0\n',
  'P2P_PEER FIRST': 'FAIL\n',
  'GET version': '2.10',
  'GET country': 'IT',
  'GET p2p_disabled': '0',
  'GET update_config': '1',
  'GET config_methods': 'keypad',
  'GET p2p_device_random_mac_addr': '0',
  'GET mac_addr': '0',
  'GET p2p_no_group_iface': '0',
  'GET device_name': 'DIRECT-box',
  'GET pmf': '0',
  'GET_CAPABILITY key_mgmt': 'NONE IEEE8021X WPA-EAP WPA-PSK',
};

const IW: Readonly<Record<string, string>> = {
  dev: 'phy#0\n\tUnnamed/non-netdev interface\n\t\ttype P2P-device\n\tInterface wlan0\n\t\ttype managed\n',
  list:
    'Wiphy phy0\n\tSupported interface modes:\n\t\t * managed\n\t\t * P2P-GO\n\t\t * P2P-device\n' +
    '\tvalid interface combinations:\n\t\t * #{ managed, P2P-GO } <= 2, #{ P2P-device } <= 1,\n\t\t   total <= 3\n',
  'reg get': 'global\ncountry IT: DFS-ETSI\n',
};

/** A machine in a folder, healthy unless a test changes it; it records the requests. */
export class PlantedMachine {
  readonly root: string;
  readonly asked: string[] = [];
  /** By `<interface> <request>`, or by `<request>` alone. */
  readonly replies = new Map<string, Reply>(Object.entries(REPLIES));
  readonly iw = new Map(Object.entries(IW));
  /** The state of each device in the output of nmcli. */
  nmcli: string | undefined;
  /** The version that nmcli prints. */
  managerVersion: string | undefined;
  /** What ethtool prints. */
  ethtool: string | undefined;
  /** What ss prints. */
  ss: string | undefined;
  /** Addresses of interfaces. */
  networks: ReturnType<Sources['networks']> = {};
  sources: Sources;

  constructor(t: TestContext) {
    this.root = temporaryFolder(t);
    this.sources = {
      root: this.root,
      environment: { PATH: '/usr/bin' },
      user: { uid: 0, groups: [0] },
      nodeVersion: '20.19.0',
      addonProblem: null,
      run: async (command, args) => {
        const outputs: Readonly<Record<string, string | undefined>> = {
          iw: this.iw.get(args.join(' ')),
          ethtool: this.ethtool,
          ss: this.ss,
          nmcli: args.includes('VERSION') ? this.managerVersion : this.nmcli,
        };
        const output = outputs[command];
        return output ?? { missing: `${command} is not installed` };
      },
      networks: () => this.networks,
      heldBack: async () => null,
      ask: async (_folder, name, commands) =>
        commands.map((command) => {
          this.asked.push(`${name} ${command}`);
          const reply = this.replies.get(`${name} ${command}`) ?? this.replies.get(command) ?? 'FAIL\n';
          return typeof reply === 'string' ? { reply } : { error: new HostP2pError(reply.code, 'planted') };
        }),
    };
    this.write('proc/sys/net/ipv4/ip_forward', '0\n');
    for (const folder of ['var/log', 'var/lib', 'var/run', 'tmp'])
      mkdirSync(join(this.root, folder), { recursive: true });
    this.write('lib/firmware/regulatory.db', '');
    this.write('etc/passwd', 'root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\n');
    this.write('etc/group', 'root:x:0:\nnetdev:x:106:pi\n');
    this.write('usr/sbin/wpa_supplicant', '');
    this.write('etc/w.conf', '#ctrl_interface=/no\nctrl_interface=DIR=/run/wpa_supplicant GROUP=netdev \n');
    this.process(1, 'systemd', ['/sbin/init']);
    this.link('proc/self/ns/mnt', 'mnt:[1]');
    this.radio('wlan0');
    this.write('sys/class/rfkill/rfkill0/type', 'wlan\n');
    for (const [name, value] of [
      ['name', 'phy0'],
      ['soft', '0'],
      ['hard', '0'],
    ])
      this.write(`sys/class/rfkill/rfkill0/${name}`, `${value}\n`);
    this.process(300, 'wpa_supplicant', ['wpa_supplicant', '-i', 'wlan0', '-c', '/etc/w.conf']);
    this.link('proc/300/ns/mnt', 'mnt:[1]');
  }

  write(path: string, text: string, mode = 0o644): void {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text, { mode });
  }

  link(path: string, target: string): void {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(target, place);
  }

  process(pid: number, name: string, args: readonly string[]): void {
    this.write(`proc/${pid}/stat`, `${pid} (${name}) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0\n`);
    this.write(`proc/${pid}/cmdline`, args.map((arg) => `${arg}\0`).join(''));
  }

  radio(name: string, { phy = 'phy0', flags = '0x1003', kind = '0' } = {}): void {
    this.link(`sys/class/net/${name}/phy80211`, `../../ieee80211/${phy}`);
    this.link(`sys/class/net/${name}/device/driver`, '../../../bus/sdio/drivers/brcmfmac');
    this.write(`sys/class/net/${name}/flags`, `${flags}\n`);
    this.write(`sys/class/net/${name}/addr_assign_type`, `${kind}\n`);
    // What iw shows of it; of the first radio it has that already.
    const [dev = '', list = ''] = [this.iw.get('dev'), this.iw.get('list')];
    if (!dev.includes(`Interface ${name}\n`))
      this.iw.set('dev', `${dev}${phy.replace('phy', 'phy#')}\n\tInterface ${name}\n\t\ttype managed\n`);
    if (!list.includes(`Wiphy ${phy}\n`)) this.iw.set('list', list + list.replaceAll('phy0', phy));
  }

  /** Socket files of these names, to which processes are bound. */
  async sockets(t: TestContext, ...names: readonly string[]): Promise<void> {
    const folder = join(this.root, 'run/wpa_supplicant');
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, name), resolve));
      t.after(() => server.close());
    }
    if (names.includes('p2p-wlan0-0')) this.replies.set('p2p-wlan0-0 STATUS', GROUP_STATUS);
  }

  /** The configuration file of hostp2pd, with those lines. */
  configuration(...lines: readonly string[]): string {
    this.write('hostp2pd.yaml', ['pin: "52107733"', ...lines, ''].join('\n'), 0o600);
    return join(this.root, 'hostp2pd.yaml');
  }

  gather(...lines: readonly string[]): Promise<Facts> {
    return gather({ configFile: this.configuration(...lines) }, this.sources);
  }

  /** With an interface from the command line, beside another one in the file. */
  gatherWith(interfaceName: string): Promise<Facts> {
    const configFile = this.configuration('interface: p2p-dev-wlan0');
    return gather({ configFile, interface: interfaceName }, this.sources);
  }
}
