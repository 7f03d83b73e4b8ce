import type { ControlClient } from './control-client.js';
import { BOX_RADIO, Supplicant, type Surroundings } from './supplicant.js';
import { LabError, until } from './wait.js';

/** A persistent group with a given name and passphrase, stored as the first network. */
interface PredefinedGroup {
  readonly ssid: string;
  readonly passphrase: string;
}

export const LAB_GROUP: PredefinedGroup = { ssid: 'DIRECT-lb-hostp2pd', passphrase: 'correct horse' };

export interface BoxOptions {
  /** Default `Box`. */
  readonly deviceName?: string;
  /** Written into the configuration file as a persistent group. */
  readonly group?: PredefinedGroup;
  /** More lines of the configuration file; a key given here replaces the usual one. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False: wpa_supplicant runs without a configuration file. */
  readonly configFile?: boolean;
  /** A separate configuration file for the P2P device (`-m`), which then has the group. */
  readonly deviceFile?: boolean;
  readonly debug?: boolean;
  /** As Debian's service runs it: no configuration file; the radio is added over D-Bus, as NetworkManager does. */
  readonly service?: boolean;
  /** Path of a global control socket. */
  readonly globalSocket?: string;
}

/** The control folder of Debian's service and of most scripts. */
export const BOX_CONTROL_DIRECTORY = '/run/wpa_supplicant';
const P2P_DEVICE = `p2p-dev-${BOX_RADIO}`;

/** The box: the real wpa_supplicant on wlan0, configured as the manual says. */
export class Box extends Supplicant {
  /** The P2P Device address, by which phones know the box. */
  address = '';
  readonly #clients = new Map<string, ControlClient>();

  constructor(surroundings: Surroundings, options: BoxOptions = {}) {
    super(surroundings, {
      name: 'box',
      radio: BOX_RADIO,
      controlDirectory: BOX_CONTROL_DIRECTORY,
      ...(options.configFile === false || options.service
        ? {}
        : { config: configText(options, !options.deviceFile) }),
      ...(options.deviceFile ? { deviceConfig: configText(options, true) } : {}),
      ...(options.debug === undefined ? {} : { debug: options.debug }),
      ...(options.service === undefined ? {} : { service: options.service }),
      ...(options.globalSocket === undefined ? {} : { globalSocket: options.globalSocket }),
    });
  }

  override async start(): Promise<void> {
    await super.start();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    this.address = (await (await this.p2p()).fields('STATUS')).get('p2p_device_address') ?? '';
  }

  /** The interface for P2P commands: the P2P Device, or the radio itself if there is none. */
  get p2pInterface(): string {
    // Both sockets exist before wpa_supplicant answers.
    return this.sockets().includes(P2P_DEVICE) ? P2P_DEVICE : BOX_RADIO;
  }

  /** The client on that interface; the same one until wpa_supplicant is started again. */
  p2p(): Promise<ControlClient> {
    return this.on(this.p2pInterface);
  }

  /** The client on an interface of the box. On first use it waits for the interface, opens the client and attaches it. */
  async on(ifname: string): Promise<ControlClient> {
    const known = this.#clients.get(ifname);
    if (known !== undefined) return known;
    const client = await this.client(ifname);
    this.#clients.set(ifname, client);
    return client;
  }

  /** Forgets the client of an interface that is gone. */
  forget(ifname: string): void {
    this.#clients.get(ifname)?.close();
    this.#clients.delete(ifname);
  }

  /** Addresses of the stations on a group interface, in wpa_supplicant's order. */
  async stations(ifname: string): Promise<string[]> {
    const client = await this.on(ifname);
    const addresses: string[] = [];
    let reply = await client.request('STA-FIRST');
    while (reply !== '' && !reply.startsWith('FAIL')) {
      const [address = ''] = reply.split('\n');
      addresses.push(address);
      reply = await client.request(`STA-NEXT ${address}`);
    }
    return addresses;
  }

  /** Moves a group to another channel. The kernel refuses that while an interface of the radio scans. */
  async switchChannel(ifname: string, mhz: number): Promise<void> {
    const client = await this.on(ifname);
    await until(this.timeline, 'the channel switch to begin', 60, async () =>
      (await client.request(`CHAN_SWITCH 5 ${mhz}`)).startsWith('OK'),
    );
    await until(
      this.timeline,
      `${ifname} on ${mhz} MHz`,
      20,
      async () => (await client.fields('STATUS')).get('freq') === String(mhz),
    );
  }

  /** Names of the group interfaces that have a control socket. */
  groupInterfaces(): string[] {
    return this.sockets().filter((name) => /^p2p-(?!dev-)/.test(name));
  }

  /**
   * The network id of the predefined group. Since 2.11 the ids of the P2P Device go on where those of wlan0 end, because both
   * have read the file.
   */
  async profile(): Promise<string> {
    const [, id] =
      /^(\d+)\t.*\[P2P-PERSISTENT\]/m.exec(await (await this.p2p()).request('LIST_NETWORKS')) ?? [];
    if (id === undefined) throw new LabError('the box has no persistent group');
    return id;
  }

  /** Starts the predefined group directly, without the program under test, and returns its interface. */
  async startGroup(command?: string): Promise<string> {
    const p2p = await this.p2p();
    const mark = p2p.mark();
    await p2p.command(command ?? `P2P_GROUP_ADD persistent=${await this.profile()}`);
    const started = await p2p.waitEvent(/^P2P-GROUP-STARTED (\S+) GO /, 10, mark);
    const ifname = started.groups[0] ?? '';
    await this.on(ifname);
    return ifname;
  }
}

function configText(options: BoxOptions, withGroup: boolean): string {
  const settings: Record<string, string> = {
    ctrl_interface: `DIR=${BOX_CONTROL_DIRECTORY}`,
    update_config: '1',
    device_name: options.deviceName ?? 'Box',
    device_type: '6-0050F204-1',
    config_methods: 'keypad',
    p2p_go_intent: '15',
    persistent_reconnect: '1',
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  if (options.group !== undefined && withGroup) {
    lines.push(
      'network={',
      `\tssid="${options.group.ssid}"`,
      `\tpsk="${options.group.passphrase}"`,
      ...[
        '\tproto=RSN',
        '\tkey_mgmt=WPA-PSK',
        '\tpairwise=CCMP',
        '\tauth_alg=OPEN',
        '\tmode=3',
        '\tdisabled=2',
      ],
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}
