import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Details,
  type Input,
  type Phone,
  peerOf,
  type SavedGroup,
  SEARCH_AFTER_MS,
  type Setup,
  type State,
  SWITCHED_ON,
  step,
} from './android.js';
import {
  type ConnectOptions,
  type JoinedGroup,
  PATIENCE,
  PhoneDevice,
  type PhoneOptions,
} from './phone-device.js';
import { type Pin, typed } from './pin.js';
import type { Surroundings } from './supplicant.js';
import { LabError, until } from './wait.js';

export interface AndroidOptions extends PhoneOptions {
  /** What the maker of the phone prefers, whatever the other side offers (`wifidirect.wps`). */
  readonly setup?: Setup;
  /** Seconds until its user has read a dialog, and typed a PIN. */
  readonly hesitation?: number;
  /** See `Phone`. */
  readonly goIntent?: number;
}

interface TapOptions {
  readonly setup?: Setup | undefined;
  /** Until the device is on the list. */
  readonly seconds?: number;
  readonly unaware?: boolean;
}

/** A phone with Android and its user. `android.ts` decides what it does; this class has the radio and the fingers. */
export class AndroidPhone extends PhoneDevice {
  readonly #surroundings: Surroundings;
  readonly #setup: Setup | undefined;
  readonly #hesitation: number;
  readonly #switchedOn: Phone;
  #phone: Phone;
  #changed = false;
  #unaware = false;

  constructor(surroundings: Surroundings, { setup, hesitation = 3, goIntent, ...options }: AndroidOptions) {
    super(surroundings, options);
    this.#switchedOn = goIntent === undefined ? SWITCHED_ON : { ...SWITCHED_ON, goIntent };
    this.#phone = this.#switchedOn;
    this.#surroundings = surroundings;
    this.#setup = setup;
    this.#hesitation = hesitation;
  }

  get state(): State {
    return this.#phone.state;
  }

  /** Wi-Fi is switched on. While no group is saved, the P2P Device has another address each time. */
  override async start(): Promise<void> {
    // The first address is the kernel's choice.
    if (this.address !== '' && !readFileSync(this.configFile, 'utf8').includes('network={'))
      this.#changeAddress();
    await super.start();
    this.#phone = this.#switchedOn;
    this.control.onEvent = ({ text }) => this.#take({ type: 'event', text });
    for (const command of [
      `P2P_SET ssid_postfix -${this.deviceName.slice(0, 22)}`,
      'SET device_type 10-0050F204-5',
      'SET config_methods virtual_push_button physical_display keypad',
      'P2P_FLUSH',
      'P2P_SERVICE_FLUSH',
    ])
      await this.control.command(command);
  }

  /**
   * wpa_supplicant 2.10 cannot set the address of a P2P Device (`p2p_device_random_mac_addr` fails without a network interface).
   * The kernel gives it the first of the radio's two addresses that no other interface has. So the interface of the radio takes
   * another one, or gives it back.
   */
  #changeAddress(): void {
    this.#changed = !this.#changed;
    const { network, radio } = this.options;
    const inNetwork = network === undefined ? [] : ['-n', network];
    const address = `02:00:00:00:${this.radio.replace('wlan', '0')}:${this.#changed ? 'ff' : '00'}`;
    execFileSync('ip', [...inNetwork, 'link', 'set', radio, 'down']);
    execFileSync('ip', [...inNetwork, 'link', 'set', radio, 'address', address]);
  }

  /**
   * Opens the Wi-Fi Direct screen and taps a device, once it is on the list.
   * @param options.unaware it has last seen the device without its group
   */
  async tap(
    device: string,
    { setup = this.#setup, seconds = 30, unaware = false }: TapOptions = {},
  ): Promise<void> {
    if (this.state.is !== 'idle') throw new LabError(`${this.name}: expected idle, got ${this.state.is}`);
    if (!this.#phone.peers.has(device)) {
      this.#take({ type: 'search' });
      await until(this.#surroundings.timeline, `${device} on the screen of ${this.name}`, seconds, () =>
        this.#phone.peers.has(device),
      );
    }
    this.#unaware = unaware;
    const details = await this.#details(device);
    this.#take({ type: 'tap', device, details, ...(setup === undefined ? {} : { setup }) });
  }

  /** Types the PIN when the dialog for it is open. */
  async typePin(pin: Pin, seconds = 30): Promise<void> {
    await this.#dialog('keypad', seconds);
    await this.#answer(await typed(pin));
  }

  /** Accepts an invitation by push button. */
  async accept(seconds = 30): Promise<void> {
    await this.#dialog('pbc', seconds);
    await this.#answer('');
  }

  /** The PIN that the phone shows. */
  readPin(seconds = 30): Promise<string> {
    return until(this.#surroundings.timeline, `a PIN on the screen of ${this.name}`, seconds, () => {
      const { state } = this;
      return ('config' in state && state.config.setup === 'display' && state.config.pin) || undefined;
    });
  }

  /** Reads the dialog and cancels it. */
  async refuse(setup: Setup, seconds = 30): Promise<void> {
    await this.#dialog(setup, seconds);
    this.cancel();
  }

  /** Cancels the dialog, or the attempt to connect. */
  cancel(): void {
    this.#take({ type: 'cancel' });
  }

  /**
   * An app joins by name and passphrase (`WifiP2pConfig.Builder`).
   * @param frequency MHz, by `setGroupOperatingFrequency`
   */
  async joinByName(ssid: string, passphrase: string, frequency: number | null = null): Promise<void> {
    const id = (await this.#onDevice('ADD_NETWORK')).trim();
    for (const value of [
      `ssid ${Buffer.from(ssid).toString('hex')}`,
      `psk "${passphrase}"`,
      'mode 0',
      'disabled 2',
    ])
      await this.#onDevice(`SET_NETWORK ${id} ${value}`);
    this.#take({ type: 'join-profile', profile: id, frequency });
  }

  /** Waits until it is connected; throws if the attempt fails. */
  async connected(seconds = 45): Promise<JoinedGroup> {
    const mark = this.control.mark();
    const state = await until(this.#surroundings.timeline, `${this.name} connected`, seconds, () =>
      ['connected', 'idle'].includes(this.state.is) ? this.state : undefined,
    );
    const { joined } = this;
    if (state.is !== 'connected' || joined === undefined) {
      const events = this.control.since(mark).map(({ text }) => `\n    ${text}`);
      throw new LabError(`expected ${this.name} connected, got ${state.is}${events.join('')}`);
    }
    return joined;
  }

  /** A person who joins: taps the device, does what the phone asks for, and tries again if nothing comes of it. */
  join(owner: string, act: () => Promise<unknown>, options: ConnectOptions = {}): Promise<JoinedGroup> {
    const seconds = options.seconds ?? 45;
    return this.retry('join', options.attempts ?? PATIENCE, async () => {
      try {
        await this.tap(owner);
        // A saved group needs nothing of its user.
        if (!(this.state.is === 'joining' && this.state.savedGroup !== null)) await act();
        return await this.connected(seconds);
      } catch (error) {
        this.cancel();
        throw error;
      }
    });
  }

  joinWithPin(owner: string, pin: Pin, options?: ConnectOptions): Promise<JoinedGroup> {
    return this.join(owner, () => this.typePin(pin), options);
  }

  joinWithButton(owner: string, options?: ConnectOptions): Promise<JoinedGroup> {
    return this.join(owner, async () => {}, options);
  }

  /** Its user taps the box again: it joins the group that it has saved. */
  rejoin(owner: string, options?: ConnectOptions): Promise<JoinedGroup> {
    return this.join(owner, async () => {}, options);
  }

  async #dialog(setup: Setup, seconds: number): Promise<void> {
    await until(
      this.#surroundings.timeline,
      `a dialog (${setup}) on the screen of ${this.name}`,
      seconds,
      () => {
        const { state } = this;
        return state.is === 'asking' && state.config.setup === setup;
      },
    );
    await delay(this.#hesitation * 1000);
  }

  async #answer(pin: string): Promise<void> {
    const { state } = this;
    if (state.is !== 'asking') throw new LabError(`${this.name}: expected a dialog, got ${state.is}`);
    const { device } = state.config;
    const details = { ...(await this.#details(device)), ...this.#phone.peers.get(device) };
    this.#take({ type: 'accept', pin, details });
  }

  /** Opens the Wi-Fi Direct screen again. */
  override async lookAnew(): Promise<void> {
    await super.lookAnew();
    // P2P_FLUSH has emptied the list; the events about that can come later than its reply.
    this.#phone = { ...this.#phone, peers: new Map() };
  }

  /** Forgets the groups it saved. */
  override async forget(): Promise<void> {
    await super.forget();
    await this.#onDevice('SAVE_CONFIG');
  }

  #onDevice(command: string): Promise<string> {
    return this.control.command(`IFNAME=p2p-dev-${this.radio} ${command}`);
  }

  #take(input: Input): void {
    const { phone, commands, searchesLater } = step(this.#phone, input);
    const before = this.#phone.state.is;
    this.#phone = phone;
    if (before !== phone.state.is)
      this.#surroundings.timeline.add(this.name, `${before} → ${phone.state.is}`);
    for (const command of commands) {
      this.control.command(command).catch((error: unknown) => {
        this.#surroundings.timeline.add(this.name, String(error));
        this.#take({ type: 'refused', command });
      });
    }
    // A state that has changed meanwhile, or a search that is on, needs none.
    if (searchesLater) void delay(SEARCH_AFTER_MS).then(() => this.#take({ type: 'search' }));
  }

  async #details(device: string): Promise<Details> {
    const [peer, networks] = [
      await this.control.request(`P2P_PEER ${device}`),
      await this.control.request('LIST_NETWORKS'),
    ];
    const saved = networks.split('\n').flatMap((row): SavedGroup[] => {
      const [id = '', ssid = '', owner = '', flags = ''] = row.split('\t');
      return flags.includes('[P2P-PERSISTENT]') ? [{ id, ssid, owner }] : [];
    });
    const seen = peerOf(peer);
    const groupCapability = this.#unaware ? 0 : seen.groupCapability;
    // Android asks for the group capability, and knows the rest only by P2P-DEVICE-FOUND (fetchCurrentDeviceDetails).
    const { configMethods, deviceCapability } = this.#phone.peers.get(device) ?? seen;
    return {
      configMethods,
      deviceCapability,
      groupCapability,
      ssid: /^oper_ssid=(.*)$/m.exec(peer)?.[1] ?? '',
      saved,
    };
  }
}
