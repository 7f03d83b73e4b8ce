import { type ConnectOptions, type JoinedGroup, PATIENCE, PhoneDevice } from './phone-device.js';
import { type Pin, typed } from './pin.js';
import { LabError } from './wait.js';

/**
 * A phone and its user: every way to join a group that a phone offers. Each looks for the owner of the
 * group by its P2P Device address, repeats steps whose frames get lost, as a person would, and is bounded.
 */
export class Phone extends PhoneDevice {
  /** New phone, group running: asks the box for a PIN (shown or configured), types it, joins. */
  async joinWithPin(owner: string, pin: Pin, options: ConnectOptions = {}): Promise<JoinedGroup> {
    await this.provision(owner, 'display', { join: true });
    return this.connect(owner, `${await typed(pin)} keypad join`, options);
  }

  /** New phone, group running: push button. */
  async joinWithButton(owner: string, options: ConnectOptions = {}): Promise<JoinedGroup> {
    await this.provision(owner, 'pbc', { join: true });
    return this.connect(owner, 'pbc join', options);
  }

  /**
   * New phone, group running: shows a PIN, which `tell` passes to the operator of the box; joins.
   */
  async joinShowingPin(
    owner: string,
    tell: (pin: string) => unknown,
    options: ConnectOptions = {},
  ): Promise<JoinedGroup> {
    const pin = await this.#showPin(owner, tell, true);
    return this.connect(owner, `${pin} display join`, options);
  }

  /** Windows 11: shows a PIN and wants it typed on the box, even where the box offers only the button. */
  joinAsWindows(owner: string, tell: (pin: string) => unknown): Promise<JoinedGroup> {
    return this.joinShowingPin(owner, tell);
  }

  /** An iPhone: its camera has read the QR code. @param text what the code says, `WIFI:S:…;T:WPA;P:…;;` */
  async joinByQrCode(text: string): Promise<void> {
    const fields = new Map(
      [...text.slice('WIFI:'.length).matchAll(/([A-Z]+):((?:\\.|[^\\;])*);/g)].map(
        ([, key = '', value = '']) => [key, value.replace(/\\(.)/g, '$1')],
      ),
    );
    if (!text.startsWith('WIFI:') || fields.get('T') !== 'WPA')
      throw new LabError(`expected the code of a network with a passphrase, got ${text}`);
    await this.joinByPassphrase(fields.get('S') ?? '', fields.get('P') ?? '');
  }

  /**
   * No group, or one that this phone has not noticed: negotiates one with the PIN that the box shows.
   * `provision: false` skips the request for a PIN, as some phones do.
   */
  async negotiateWithPin(
    owner: string,
    pin: Pin,
    options: ConnectOptions & { provision?: boolean } = {},
  ): Promise<JoinedGroup> {
    if (options.provision !== false) await this.provision(owner, 'display');
    return this.connect(owner, `${await typed(pin)} keypad go_intent=0`, options);
  }

  /** No group: negotiates by push button. */
  async negotiateWithButton(owner: string, options: ConnectOptions = {}): Promise<JoinedGroup> {
    await this.provision(owner, 'pbc');
    return this.connect(owner, 'pbc go_intent=0', options);
  }

  /** No group: negotiates showing a PIN, which `tell` passes to the operator of the box. */
  async negotiateShowingPin(
    owner: string,
    tell: (pin: string) => unknown,
    options: ConnectOptions = {},
  ): Promise<JoinedGroup> {
    const pin = await this.#showPin(owner, tell, false);
    return this.connect(owner, `${pin} display go_intent=0`, options);
  }

  /** Joins the group that it has saved again, without PIN or button. */
  async rejoin(owner: string, seconds = 30): Promise<JoinedGroup> {
    const [id] = await this.savedGroups();
    if (id === undefined) throw new LabError(`${this.name} has no saved group`);
    return this.retry(`return to saved group ${id}`, PATIENCE, async () => {
      await this.find(owner);
      const mark = this.control.mark();
      await this.control.command(`P2P_INVITE persistent=${id} peer=${owner}`);
      const failure = /^(P2P-INVITATION-RESULT status=(?!0 )|P2P-GROUP-FORMATION-FAILURE)/;
      return this.awaitGroup(mark, seconds, failure);
    });
  }

  /** Waits for the box's invitation to its running group, accepts it and types the PIN. */
  async acceptInvitation(pin: Pin, seconds = 60, mark = 0): Promise<JoinedGroup> {
    const owner = await this.#invited(seconds, mark);
    return this.connect(owner, `${await typed(pin)} keypad join`);
  }

  /** The same, with the push button. */
  async acceptInvitationByButton(seconds = 60, mark = 0): Promise<JoinedGroup> {
    return this.connect(await this.#invited(seconds, mark), 'pbc join');
  }

  async #invited(seconds: number, mark: number): Promise<string> {
    const invitation = /^P2P-INVITATION-RECEIVED sa=\S+ go_dev_addr=(\S+)/;
    return (await this.control.waitEvent(invitation, seconds, mark)).groups[0] ?? '';
  }

  /** Waits until it is in the saved group to which the box has invited it: it accepts by itself. */
  awaitJoined(mark: number, seconds = 20): Promise<JoinedGroup> {
    return this.awaitGroup(mark, seconds, /^P2P-GROUP-FORMATION-FAILURE/);
  }

  /** A laptop or a printer: plain WPS by push button, without Wi-Fi Direct. */
  async joinPlainByButton(seconds = 60): Promise<void> {
    await this.#enrol('WPS_PBC any', seconds);
  }

  /** The same by PIN. Whether the box shows it or its operator types it makes no difference. */
  async joinPlainByPin(pin: string, seconds = 60): Promise<void> {
    await this.#enrol(`WPS_PIN any ${pin}`, seconds);
  }

  async #enrol(command: string, seconds: number): Promise<void> {
    const mark = this.control.mark();
    await this.onRadio(command);
    await this.control.waitEvent('WPS-SUCCESS', seconds, mark, /^WPS-(?:FAIL|TIMEOUT|OVERLAP-DETECTED)/);
    await this.control.waitEvent('CTRL-EVENT-CONNECTED', 20, mark);
  }

  /** Cancels an attempt without Wi-Fi Direct. */
  async forgetPlain(): Promise<void> {
    await this.control.request(`IFNAME=${this.radio} WPS_CANCEL`);
    await this.onRadio('REMOVE_NETWORK all');
  }

  async #showPin(owner: string, tell: (pin: string) => unknown, join: boolean): Promise<string> {
    const { groups } = await this.provision(owner, 'keypad', { join });
    const pin = groups[0] ?? '';
    await tell(pin);
    return pin;
  }
}
