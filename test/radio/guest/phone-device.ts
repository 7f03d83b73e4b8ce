import { join } from 'node:path';
import { ControlClient, type ControlEvent } from './control-client.js';
import { type Matched, matchEntry } from './journal.js';
import { PhoneNetwork } from './network.js';
import { Supplicant, type Surroundings } from './supplicant.js';
import { LabError, until } from './wait.js';

export interface PhoneOptions {
  /** 1 is wlan1, 2 is wlan2; others need `radios`. */
  readonly number: number;
  /** The phone's device name, at most 32 bytes of any text. */
  readonly deviceName?: string;
  /** More lines of its configuration file. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly debug?: boolean;
  /** True: it is a host of its own (a network namespace), which can ask for an address. */
  readonly ownNetwork?: boolean;
}

/** The group as the phone sees it. */
export interface JoinedGroup {
  /** The phone's own group interface. */
  readonly ifname: string;
  /** The verbatim P2P-GROUP-STARTED. */
  readonly event: string;
}

/** Limits of the last step, P2P_CONNECT; by default 45 s and two attempts. */
export interface ConnectOptions {
  readonly seconds?: number;
  readonly attempts?: number;
}

/** How often a person tries again if nothing happens. */
export const PATIENCE = 4;

const GROUP_STARTED = /^P2P-GROUP-STARTED (\S+) client /;
const JOIN_FAILED = /^(P2P-GROUP-FORMATION-FAILURE|P2P-GO-NEG-FAILURE|P2P-GROUP-REMOVED)/;
/**
 * Failures for which another attempt does not help: the other side has refused. Status -1 is wpa_supplicant's own: a frame of
 * the negotiation has not come, as happens on a busy machine.
 */
const REFUSED = /^(WPS-FAIL|P2P-GO-NEG-FAILURE status=(?!-1\b))/;

/** A phone's radio and its wpa_supplicant, and the single steps its software takes. */
export class PhoneDevice extends Supplicant {
  /** Its P2P Device address. */
  address = '';
  /** Its device name when it is switched on. */
  readonly deviceName: string;
  protected readonly radio: string;
  protected readonly surroundings: Surroundings;
  readonly #timeline: Surroundings['timeline'];
  #control: ControlClient | undefined;

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
      ...(options.ownNetwork ? { network: name } : {}),
    });
    this.surroundings = surroundings;
    this.#timeline = surroundings.timeline;
    this.radio = radio;
    this.deviceName = options.deviceName ?? `Phone ${options.number}`;
  }

  /** A client on its global socket: commands go to the P2P Device, and no event of a new interface is missed. */
  get control(): ControlClient {
    if (this.#control === undefined) throw new LabError(`${this.name} is not started`);
    return this.#control;
  }

  /** The group that it is in, if any. */
  get joined(): JoinedGroup | undefined {
    const joined = this.#lastJoined();
    if (joined === undefined) return undefined;
    const removed = `P2P-GROUP-REMOVED ${joined.ifname}`;
    return this.control.since(joined.mark).some((event) => matchEntry(event, removed) !== undefined)
      ? undefined
      : joined;
  }

  /** From its events, because it may have accepted an invitation by itself. */
  #lastJoined(): (JoinedGroup & { readonly mark: number }) | undefined {
    const events = this.control.since(0);
    const index = events.findLastIndex((event) => matchEntry(event, GROUP_STARTED) !== undefined);
    const event = events[index];
    const ifname = event && matchEntry(event, GROUP_STARTED)?.[0];
    return event && ifname ? { ifname, event: event.text, mark: index + 1 } : undefined;
  }

  override async start(): Promise<void> {
    await super.start();
    this.#control?.close();
    this.#control = await ControlClient.open(join('/run', `${this.name}.global`), this.name, this.#timeline);
    await this.rename(this.deviceName);
    this.address = (await this.control.fields('STATUS')).get('p2p_device_address') ?? '';
    this.#timeline.add(this.name, `is ${JSON.stringify(this.deviceName)}, ${this.address}`);
  }

  /**
   * Changes the device name. Not in the configuration file, which cuts a line at `#` and strips blanks: `SET` takes the rest of
   * the datagram unchanged.
   */
  async rename(deviceName: string): Promise<void> {
    if (Buffer.byteLength(deviceName) > 32) {
      throw new LabError(`a device name has at most 32 bytes: ${deviceName}`);
    }
    await this.control.command(`SET device_name ${deviceName}`);
  }

  /** Searches until it sees the device (the list of devices on a phone's Wi-Fi Direct screen). */
  async find(device: string, seconds = 20): Promise<void> {
    if (await this.#knows(device)) return;
    const mark = this.control.mark();
    await this.control.command('P2P_FIND');
    if (await this.#knows(device)) return;
    // A running group is found by its interface address; the device address follows it.
    await this.control.waitEvent(new RegExp(`^P2P-DEVICE-FOUND \\S+ p2p_dev_addr=${device} `), seconds, mark);
  }

  /** Provision discovery: announces the method to the other side. Answers can get lost; a person tries again. */
  provision(
    device: string,
    method: 'display' | 'keypad' | 'pbc',
    options: { join?: boolean } = {},
  ): Promise<Matched<ControlEvent>> {
    // The answer says what *this* phone has to do: type the PIN that the other displays, or show the PIN that the other types.
    const [answer, rest] = {
      display: ['ENTER-PIN', ''],
      keypad: ['SHOW-PIN', ' (\\d{8})'],
      pbc: ['PBC-RESP', ''],
    }[method] as [string, string];
    let attempt = 0;
    return this.retry(`provision discovery (${method})`, PATIENCE, async () => {
      // Like a person who leaves the screen and opens it again: the device may have been seen on another channel, or without
      // its group.
      if (attempt++ > 0) await this.lookAnew();
      await this.find(device);
      const mark = this.control.mark();
      await this.control.command(`P2P_PROV_DISC ${device} ${method}${options.join ? ' join' : ''}`);
      const awaited = new RegExp(`^P2P-PROV-DISC-${answer} ${device}${rest}`);
      return this.control.waitEvent(awaited, 12, mark, 'P2P-PROV-DISC-FAILURE');
    });
  }

  /** P2P_CONNECT until the phone is in a group: the last step of every way in, also for scenarios that leave out the steps before it. */
  connect(owner: string, how: string, options: ConnectOptions = {}): Promise<JoinedGroup> {
    let attempt = 0;
    return this.retry(`P2P_CONNECT (${how})`, options.attempts ?? 2, async () => {
      // Cancels what a failed attempt left pending; FAIL means that there is nothing.
      if (attempt++ > 0) await this.control.request('P2P_CANCEL');
      await this.find(owner);
      const mark = this.control.mark();
      await this.control.command(`P2P_CONNECT ${owner} ${how}`);
      return this.awaitGroup(mark, options.seconds ?? 45, JOIN_FAILED);
    });
  }

  /** Disconnects but keeps its saved groups. The group owner knows a moment earlier than the phone that it is connected. */
  async leave(): Promise<void> {
    const joined = await until(this.#timeline, `the group of ${this.name}`, 10, () => this.joined);
    // FAIL: just now the group has ended by itself.
    await this.control.request(`P2P_GROUP_REMOVE ${joined.ifname}`);
    await this.waitGone(10);
  }

  /** Waits until it has left the group that it joined last, whichever side ended it. */
  async waitGone(seconds: number): Promise<Matched<ControlEvent>> {
    const joined = this.#lastJoined();
    if (joined === undefined) throw new LabError(`${this.name} was in no group`);
    const { ifname, mark } = joined;
    return this.control.waitEvent(`P2P-GROUP-REMOVED ${ifname} client`, seconds, mark);
  }

  /** Network numbers of the groups it saved. */
  async savedGroups(): Promise<string[]> {
    const rows = (await this.control.request('LIST_NETWORKS')).split('\n');
    return rows.filter((row) => row.includes('[P2P-PERSISTENT]')).map((row) => row.split('\t')[0] ?? '');
  }

  /**
   * Forgets the devices that it has seen, as when its Wi-Fi Direct screen is opened again: it would call a device that it saw
   * without its group on the wrong channel for a minute.
   */
  async lookAnew(): Promise<void> {
    await this.control.command('P2P_FLUSH');
  }

  /** Forgets the groups it saved and the devices it saw ("forget this device"). */
  async forget(): Promise<void> {
    for (const id of await this.savedGroups()) await this.control.command(`REMOVE_NETWORK ${id}`);
    await this.lookAnew();
  }

  /** An iPhone or a laptop: joins by the network's name and passphrase, without Wi-Fi Direct. */
  async joinByPassphrase(ssid: string, passphrase: string, seconds = 40): Promise<void> {
    const id = (await this.onRadio('ADD_NETWORK')).trim();
    // Hexadecimal, because a name can contain quotes.
    await this.onRadio(`SET_NETWORK ${id} ssid ${Buffer.from(ssid).toString('hex')}`);
    await this.onRadio(`SET_NETWORK ${id} psk "${passphrase}"`);
    const mark = this.control.mark();
    await this.onRadio(`SELECT_NETWORK ${id}`);
    const failure = /^CTRL-EVENT-SSID-TEMP-DISABLED .* reason=WRONG_KEY/;
    await this.control.waitEvent('CTRL-EVENT-CONNECTED', seconds, mark, failure);
  }

  /**
   * Its user holds it to an NFC tag, and it connects as an ordinary station, as Android does.
   * @param message NDEF, as the tag holds it
   */
  async joinByTag(message: Buffer, seconds = 40): Promise<void> {
    const mark = this.control.mark();
    await this.onRadio(`WPS_NFC_TAG_READ ${message.toString('hex')}`);
    await this.control.waitEvent('CTRL-EVENT-CONNECTED', seconds, mark);
  }

  /** Its network, on the interface by which it is in the group (with `ownNetwork`). */
  network(): PhoneNetwork {
    const { network } = this.options;
    if (network === undefined) throw new LabError(`${this.name} was started without ownNetwork`);
    return new PhoneNetwork(this.surroundings, network, this.joined?.ifname ?? this.radio);
  }

  async leaveByPassphrase(): Promise<void> {
    const mark = this.control.mark();
    await this.onRadio('REMOVE_NETWORK all');
    await this.control.waitEvent('CTRL-EVENT-DISCONNECTED', 10, mark);
  }

  /** A command to the radio itself, as opposed to its P2P Device. */
  protected onRadio(command: string): Promise<string> {
    return this.control.command(`IFNAME=${this.radio} ${command}`);
  }

  protected async awaitGroup(mark: number, seconds: number, failure: RegExp): Promise<JoinedGroup> {
    const started = await this.control.waitEvent(GROUP_STARTED, seconds, mark, failure);
    const ifname = started.groups[0] ?? '';
    this.#timeline.add(this.name, `joined on ${ifname}`);
    return { ifname, event: started.text };
  }

  /** Repeats a step if it fails, unless the other side refused. */
  protected async retry<T>(what: string, attempts: number, step: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const mark = this.control.mark();
      try {
        return await step();
      } catch (error) {
        const refused = this.control.since(mark).some((event) => matchEntry(event, REFUSED) !== undefined);
        const reason = error instanceof Error ? error.message : String(error);
        if (refused || attempt >= attempts) {
          throw new LabError(`${this.name}: ${what}, attempt ${attempt}: ${reason}`);
        }
        this.#timeline.add(this.name, `${what}, attempt ${attempt} failed, tries again`);
      }
    }
  }

  async #knows(device: string): Promise<boolean> {
    return !(await this.control.request(`P2P_PEER ${device}`)).startsWith('FAIL');
  }
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
