import { join } from 'node:path';
import { ControlClient, type ControlEvent } from './control-client.js';
import { type Matched, matchEntry } from './journal.js';
import { Supplicant, type Surroundings } from './supplicant.js';
import { LabError } from './wait.js';

/** A PIN, or where the person with the phone gets it from once the other side shows it. */
export type Pin = string | (() => string | Promise<string>);

export interface PhoneOptions {
  /** 1 is wlan1, 2 is wlan2. */
  readonly number: 1 | 2;
  /** What the phone calls itself, at most 32 bytes of whatever a person may type. */
  readonly deviceName?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly debug?: boolean;
}

/** The group as the phone sees it. */
export interface JoinedGroup {
  /** The phone's own group interface. */
  readonly ifname: string;
  /** The verbatim P2P-GROUP-STARTED. */
  readonly event: string;
}

/** How often a person presses again when nothing happens. */
const ATTEMPTS = 4;
const GROUP_STARTED = /^P2P-GROUP-STARTED (\S+) client /;
const JOIN_FAILED = /^(P2P-GROUP-FORMATION-FAILURE|P2P-GO-NEG-FAILURE|P2P-GROUP-REMOVED)/;
/** Failures that trying again does not mend: the other side said no. */
const REFUSED = /^(WPS-FAIL|P2P-GO-NEG-FAILURE)/;

/** A phone: a wpa_supplicant on a radio of its own, and the fingers of a person. */
export class Phone extends Supplicant {
  /** Its P2P Device address. */
  address = '';
  readonly deviceName: string;
  readonly #timeline: Surroundings['timeline'];
  readonly #radio: string;
  #control: ControlClient | undefined;
  #joined: JoinedGroup | undefined;

  constructor(surroundings: Surroundings, options: PhoneOptions) {
    const name = `phone-${options.number}`;
    const radio = `wlan${options.number}`;
    const controlDirectory = join('/run', name);
    super(surroundings, {
      name,
      radio,
      controlDirectory,
      globalSocket: join('/run', `${name}.global`),
      config: configText(controlDirectory, options.settings ?? {}),
      ...(options.debug === undefined ? {} : { debug: options.debug }),
    });
    this.#timeline = surroundings.timeline;
    this.#radio = radio;
    this.deviceName = options.deviceName ?? `Phone ${options.number}`;
  }

  /** One client on its global socket: commands go to the P2P Device, and no event of a new interface is missed. */
  get control(): ControlClient {
    if (this.#control === undefined) throw new LabError(`${this.name} is not started`);
    return this.#control;
  }

  /** Where it is joined, if it is. */
  get joined(): JoinedGroup | undefined {
    return this.#joined;
  }

  override async start(): Promise<void> {
    await super.start();
    this.#control?.close();
    this.#joined = undefined;
    this.#control = await ControlClient.open(join('/run', `${this.name}.global`), this.name, this.#timeline);
    await this.rename(this.deviceName);
    this.address = (await this.control.fields('STATUS')).get('p2p_device_address') ?? '';
    this.#timeline.add(this.name, `is ${JSON.stringify(this.deviceName)}, ${this.address}`);
  }

  /**
   * Changes the device name. Not through the configuration file, which cuts a line at `#` and strips blanks: `SET`
   * takes the rest of the datagram as it is.
   */
  async rename(deviceName: string): Promise<void> {
    if (Buffer.byteLength(deviceName) > 32)
      throw new LabError(`a device name has at most 32 bytes: ${deviceName}`);
    await this.control.command(`SET device_name ${deviceName}`);
  }

  /** Looks around until it sees the device (the list of devices in a phone's Wi-Fi Direct screen). */
  async find(device: string, seconds = 20): Promise<void> {
    if (await this.#knows(device)) return;
    const mark = this.control.mark();
    await this.control.command('P2P_FIND');
    if (await this.#knows(device)) return;
    // A running group is found by its interface address: the device address comes after it.
    await this.control.waitEvent(new RegExp(`^P2P-DEVICE-FOUND \\S+ p2p_dev_addr=${device} `), seconds, mark);
  }

  /** New phone, group running: asks the box to show or know a PIN, types it, joins. */
  async joinWithPin(
    owner: string,
    pin: Pin,
    options: { seconds?: number; attempts?: number } = {},
  ): Promise<JoinedGroup> {
    await this.provision(owner, 'display', { join: true });
    return this.#connect(owner, `${await typed(pin)} keypad join`, options);
  }

  /** New phone, group running: push button. */
  async joinWithButton(
    owner: string,
    options: { seconds?: number; attempts?: number } = {},
  ): Promise<JoinedGroup> {
    await this.provision(owner, 'pbc', { join: true });
    return this.#connect(owner, 'pbc join', options);
  }

  /** No group, or one this phone did not notice: negotiates, typing the PIN the box shows. */
  async negotiateWithPin(
    owner: string,
    pin: Pin,
    options: { seconds?: number; provision?: boolean } = {},
  ): Promise<JoinedGroup> {
    if (options.provision === false) await this.find(owner);
    else await this.provision(owner, 'display');
    return this.#connect(owner, `${await typed(pin)} keypad go_intent=0`, { ...options, attempts: 1 });
  }

  /** No group: negotiates by push button. */
  async negotiateWithButton(owner: string, options: { seconds?: number } = {}): Promise<JoinedGroup> {
    await this.provision(owner, 'pbc');
    return this.#connect(owner, 'pbc go_intent=0', { ...options, attempts: 1 });
  }

  /** A phone that shows a PIN of its own, for the person at the box to type; joins or negotiates. */
  async connectShowingPin(
    owner: string,
    pin: Pin,
    options: { seconds?: number; join?: boolean } = {},
  ): Promise<JoinedGroup> {
    await this.provision(owner, 'keypad', { join: options.join === true });
    const rest = options.join === true ? 'join' : 'go_intent=0';
    return this.#connect(owner, `${await typed(pin)} display ${rest}`, { ...options, attempts: 1 });
  }

  /** The phone in our pocket that saved the group: comes back without PIN or button. */
  async rejoin(owner: string, seconds = 30): Promise<JoinedGroup> {
    const saved = await this.savedGroups();
    const id = saved[0];
    if (id === undefined) throw new LabError(`${this.name} has saved no group`);
    return this.#retry(`comes back to saved group ${id}`, ATTEMPTS, async () => {
      await this.find(owner);
      const mark = this.control.mark();
      await this.control.command(`P2P_INVITE persistent=${id} peer=${owner}`);
      return this.#awaitGroup(
        mark,
        seconds,
        /^(P2P-INVITATION-RESULT status=[^0]|P2P-GROUP-FORMATION-FAILURE)/,
      );
    });
  }

  /** A phone that the box invited into its running group, and whose user says yes and types a PIN. */
  async acceptInvitation(pin: Pin, seconds = 60): Promise<JoinedGroup> {
    const invitation = /^P2P-INVITATION-RECEIVED sa=\S+ go_dev_addr=(\S+)/;
    const { groups } = await this.control.waitEvent(invitation, seconds, 0);
    return this.#connect(groups[0] ?? '', `${await typed(pin)} keypad join`, {});
  }

  /** Disconnects, keeping what it saved. */
  async leave(): Promise<void> {
    const joined = this.#joined;
    if (joined === undefined) throw new LabError(`${this.name} is in no group`);
    const mark = this.control.mark();
    await this.control.command(`P2P_GROUP_REMOVE ${joined.ifname}`);
    await this.control.waitEvent(`P2P-GROUP-REMOVED ${joined.ifname} client`, 10, mark);
    this.#joined = undefined;
  }

  /** Forgets the groups it saved and the devices it saw ("forget this device"). */
  async forget(): Promise<void> {
    for (const id of await this.savedGroups()) await this.control.command(`REMOVE_NETWORK ${id}`);
    await this.control.command('P2P_FLUSH');
  }

  /** Network numbers of the groups it saved. */
  async savedGroups(): Promise<string[]> {
    const rows = (await this.control.request('LIST_NETWORKS')).split('\n');
    return rows.filter((row) => row.includes('[P2P-PERSISTENT]')).map((row) => row.split('\t')[0] ?? '');
  }

  /** An iPhone or laptop: joins by name and passphrase, no Wi-Fi Direct. */
  async joinByPassphrase(ssid: string, passphrase: string, seconds = 40): Promise<void> {
    const onRadio = (command: string): Promise<string> =>
      this.control.command(`IFNAME=${this.#radio} ${command}`);
    const id = (await onRadio('ADD_NETWORK')).trim();
    await onRadio(`SET_NETWORK ${id} ssid ${Buffer.from(ssid).toString('hex')}`);
    await onRadio(`SET_NETWORK ${id} psk "${passphrase}"`);
    const mark = this.control.mark();
    await onRadio(`SELECT_NETWORK ${id}`);
    await this.control.waitEvent('CTRL-EVENT-CONNECTED', seconds, mark);
  }

  async leaveByPassphrase(): Promise<void> {
    const mark = this.control.mark();
    await this.control.command(`IFNAME=${this.#radio} REMOVE_NETWORK all`);
    await this.control.waitEvent('CTRL-EVENT-DISCONNECTED', 10, mark);
  }

  /** Provision discovery: tells the other side what is about to happen. Answers get lost; a person presses again. */
  provision(
    device: string,
    method: 'display' | 'keypad' | 'pbc',
    options: { join?: boolean } = {},
  ): Promise<Matched<ControlEvent>> {
    // The answer says what *this* phone has to do: type what the other displays, show what the other types.
    const answer = { display: 'ENTER-PIN', keypad: 'SHOW-PIN', pbc: 'PBC-RESP' }[method];
    return this.#retry(`provision discovery (${method})`, ATTEMPTS, async () => {
      await this.find(device);
      const mark = this.control.mark();
      await this.control.command(`P2P_PROV_DISC ${device} ${method}${options.join ? ' join' : ''}`);
      return this.control.waitEvent(`P2P-PROV-DISC-${answer} ${device}`, 12, mark, 'P2P-PROV-DISC-FAILURE');
    });
  }

  /** The last step of every way in, also on its own: for scenarios that leave out the steps before it. */
  connect(
    owner: string,
    how: string,
    options: { seconds?: number; attempts?: number } = {},
  ): Promise<JoinedGroup> {
    return this.#connect(owner, how, options);
  }

  #connect(
    owner: string,
    how: string,
    options: { seconds?: number; attempts?: number },
  ): Promise<JoinedGroup> {
    return this.#retry(`P2P_CONNECT (${how})`, options.attempts ?? 2, async () => {
      await this.find(owner);
      const mark = this.control.mark();
      await this.control.command(`P2P_CONNECT ${owner} ${how}`);
      return this.#awaitGroup(mark, options.seconds ?? 45, JOIN_FAILED);
    });
  }

  async #awaitGroup(mark: number, seconds: number, failure: RegExp): Promise<JoinedGroup> {
    const started = await this.control.waitEvent(GROUP_STARTED, seconds, mark, failure);
    this.#joined = { ifname: started.groups[0] ?? '', event: started.text };
    this.#timeline.add(this.name, `joined on ${this.#joined.ifname}`);
    return this.#joined;
  }

  async #knows(device: string): Promise<boolean> {
    return !(await this.control.request(`P2P_PEER ${device}`)).startsWith('FAIL');
  }

  /** Does a step again when it fails, unless the other side refused. */
  async #retry<T>(what: string, attempts: number, step: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const mark = this.control.mark();
      try {
        return await step();
      } catch (error) {
        const refused = this.control.since(mark).some((event) => matchEntry(event, REFUSED) !== undefined);
        const reason = error instanceof Error ? error.message : String(error);
        if (refused || attempt >= attempts)
          throw new LabError(`${this.name}: ${what}, attempt ${attempt}: ${reason}`);
        this.#timeline.add(this.name, `${what}, attempt ${attempt} failed, tries again`);
      }
    }
  }
}

async function typed(pin: Pin): Promise<string> {
  return typeof pin === 'string' ? pin : await pin();
}

function configText(controlDirectory: string, settings: Readonly<Record<string, string>>): string {
  const all: Record<string, string> = {
    ctrl_interface: `DIR=${controlDirectory}`,
    update_config: '1',
    device_type: '10-0050F204-5',
    config_methods: 'keypad display virtual_push_button',
    persistent_reconnect: '1',
    ...settings,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
