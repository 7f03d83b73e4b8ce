/**
 * The Wi-Fi Direct service of Android as a state machine: what it sends to wpa_supplicant, and what it makes of the events.
 * The facts are those of AOSP main of March 2025 (WifiP2pServiceImpl, SupplicantP2pIfaceHalAidlImpl, p2p_iface.cpp). An event
 * that a state does not name is dropped there, as Android drops it.
 */

/** What the user of the phone does: press, type the PIN of the box, or read a PIN that the phone shows. */
export type Setup = 'pbc' | 'keypad' | 'display';

/** A device on the Wi-Fi Direct screen. */
interface Peer {
  /** WPS configuration methods, as bits. */
  readonly configMethods: number;
  readonly deviceCapability: number;
  readonly groupCapability: number;
}

/** A saved group of which another device is the owner. */
export interface SavedGroup {
  readonly id: string;
  readonly ssid: string;
  readonly owner: string;
}

/** What Android asks wpa_supplicant when its user taps a device. */
export interface Details extends Peer {
  /** The network that the device was last seen with. */
  readonly ssid: string;
  readonly saved: readonly SavedGroup[];
}

interface Config {
  readonly device: string;
  readonly setup: Setup;
  readonly pin: string;
  /** An invitation into a running group came before: join it. */
  readonly invited: boolean;
}

export type State =
  | { readonly is: 'idle' }
  /** The provision discovery was sent and is not answered. */
  | { readonly is: 'provisioning'; readonly config: Config }
  /** A dialog waits for the user: type the PIN (`keypad`), or accept. */
  | { readonly is: 'asking'; readonly config: Config }
  | { readonly is: 'joining'; readonly config: Config; readonly savedGroup: string | null }
  /** By name and passphrase, with a profile that is removed afterwards. */
  | {
      readonly is: 'joining by name';
      readonly profile: string;
      readonly options: string;
      readonly tries: number;
    }
  | { readonly is: 'connected'; readonly interface: string };

export interface Phone {
  readonly state: State;
  readonly peers: ReadonlyMap<string, Peer>;
  /**
   * How much it wants to be the owner of a group: 6; with its own connection to an access point 7 at 2.4 GHz, 8 or 9 at 5 GHz,
   * 11 or 12 at 6 GHz.
   */
  readonly goIntent: number;
}

export const SWITCHED_ON: Phone = { state: { is: 'idle' }, peers: new Map(), goIntent: 6 };

export type Input =
  | { readonly type: 'event'; readonly text: string }
  /** The Wi-Fi Direct screen is opened. */
  | { readonly type: 'search' }
  /** @property setup what the maker of the phone prefers; else what the device offers decides */
  | { readonly type: 'tap'; readonly device: string; readonly details: Details; readonly setup?: Setup }
  /** The user answers the dialog; `details` of its device. */
  | { readonly type: 'accept'; readonly pin: string; readonly details: Details }
  | { readonly type: 'cancel' }
  /** An app has added a profile of a name and passphrase. */
  | {
      readonly type: 'join-profile';
      readonly profile: string /** MHz; null: it scans all channels. */;
      readonly frequency: number | null;
    }
  /** A command was refused. */
  | { readonly type: 'refused'; readonly command: string };

export interface Step {
  readonly phone: Phone;
  /** In this order. */
  readonly commands: readonly string[];
  /** Whether it searches again `SEARCH_AFTER_MS` later, unless something else has begun. */
  readonly searchesLater?: true;
}

const PUSH_BUTTON = 0x80;
const KEYPAD = 0x100;
const GROUP_OWNER = 0x01;
const GROUP_LIMIT = 0x04;
const DEVICE_LIMIT = 0x10;
const INVITATION = 0x20;
/** P2P_FIND with Android's limit. */
const SEARCH = 'P2P_FIND 120';
const STOP_SEARCH = 'P2P_STOP_FIND';
/** From the end of an attempt that the user has cancelled until Android searches again. */
export const SEARCH_AFTER_MS = 100;
const TRIES_BY_NAME = 3;

/** What the phone's own user has to do follows from what the device offers (WifiP2pSettings). */
export function setupFor({ configMethods }: Peer): Setup {
  if (configMethods & PUSH_BUTTON) return 'pbc';
  return configMethods & KEYPAD ? 'keypad' : 'display';
}

export function step(phone: Phone, input: Input): Step {
  const { state } = phone;
  switch (input.type) {
    case 'event':
      return event(withPeer(phone, input.text), input.text);
    case 'search':
      return state.is === 'idle' ? { phone, commands: [SEARCH] } : unchanged(phone);
    case 'tap':
      return state.is === 'idle' ? tap(phone, input) : unchanged(phone);
    case 'accept': {
      if (state.is !== 'asking') return unchanged(phone);
      const config = { ...state.config, pin: input.pin };
      const saved = config.invited ? reinvoke(phone, config, input.details) : null;
      return saved ?? connect(phone, config, input.details, [STOP_SEARCH]);
    }
    case 'cancel':
      return cancel(phone);
    case 'join-profile':
      if (state.is !== 'idle') return unchanged(phone);
      return byName(
        phone,
        {
          profile: input.profile,
          options: input.frequency === null ? '' : ` freq=${input.frequency}`,
          tries: 1,
        },
        [STOP_SEARCH],
      );
    case 'refused':
      return refused(phone, input.command);
  }
}

function tap(before: Phone, { device, details, setup }: Extract<Input, { type: 'tap' }>): Step {
  const phone = { ...before, peers: new Map(before.peers).set(device, details) };
  const config = { device, setup: setup ?? setupFor(details), pin: '', invited: false };
  const saved = reinvoke(phone, config, details);
  if (saved !== null) return saved;
  return provision(phone, config, [STOP_SEARCH]);
}

/**
 * A saved group is started again: as its client if the owner is seen with it, else by an invitation of the owner, if that takes
 * invitations and more clients.
 */
function reinvoke(phone: Phone, config: Config, { saved, ssid, ...owner }: Details): Step | null {
  const joins = (owner.groupCapability & GROUP_OWNER) !== 0 && (owner.groupCapability & GROUP_LIMIT) === 0;
  if (!joins && (owner.deviceCapability & (INVITATION | DEVICE_LIMIT)) !== INVITATION) return null;
  const same = saved.find(({ owner, ssid: known }) => owner === config.device && (!joins || known === ssid));
  if (!same) return null;
  const command = joins
    ? `P2P_GROUP_ADD persistent=${same.id}`
    : `P2P_INVITE persistent=${same.id} peer=${config.device}`;
  const state = { is: 'joining', config, savedGroup: same.id } as const;
  return { phone: { ...phone, state }, commands: [STOP_SEARCH, command] };
}

/** The word says what the other side does. */
const OPPOSITE: Readonly<Record<Setup, string>> = { pbc: 'pbc', keypad: 'display', display: 'keypad' };

function provision(phone: Phone, config: Config, before: readonly string[]): Step {
  const command = `P2P_PROV_DISC ${config.device} ${OPPOSITE[config.setup]}`;
  return { phone: { ...phone, state: { is: 'provisioning', config } }, commands: [...before, command] };
}

function connect(phone: Phone, config: Config, details: Peer, before: readonly string[]): Step {
  const { device, setup, pin, invited } = config;
  const how = setup === 'pbc' ? 'pbc' : `${pin} ${setup}`;
  const joins = invited || (details.groupCapability & GROUP_OWNER) !== 0;
  const command = `P2P_CONNECT ${device} ${how} persistent ${joins ? 'join' : `go_intent=${phone.goIntent}`}`;
  const state = { is: 'joining', config, savedGroup: null } as const;
  return { phone: { ...phone, state }, commands: [...before, command] };
}

/** The user cancels: wpa_supplicant refuses the other side, which learns that by a second provision discovery. */
function cancel(phone: Phone): Step {
  const { state } = phone;
  if (state.is === 'asking') {
    const { device, setup, invited } = state.config;
    const told = invited ? [] : [`P2P_REJECT ${device}`, `P2P_PROV_DISC ${device} ${OPPOSITE[setup]}`];
    return { ...idle(phone, told), searchesLater: true };
  }
  return state.is === 'joining' || state.is === 'provisioning'
    ? idle(phone, ['P2P_CANCEL', SEARCH])
    : unchanged(phone);
}

type ByName = Extract<State, { is: 'joining by name' }>;

function byName(phone: Phone, attempt: Omit<ByName, 'is'>, before: readonly string[]): Step {
  const state = { is: 'joining by name', ...attempt } as const;
  const join = `P2P_GROUP_ADD persistent=${attempt.profile}${attempt.options}`;
  return { phone: { ...phone, state }, commands: [...before, join] };
}

function idle(phone: Phone, commands: readonly string[]): Step {
  return { phone: { ...phone, state: { is: 'idle' } }, commands };
}

function unchanged(phone: Phone): Step {
  return { phone, commands: [] };
}

function refused(phone: Phone, command: string): Step {
  const { state } = phone;
  const mattered = /^P2P_(?:PROV_DISC|CONNECT|INVITE|GROUP_ADD) /.test(command);
  return mattered && state.is !== 'idle' && state.is !== 'connected'
    ? idle(phone, [SEARCH])
    : unchanged(phone);
}

// Events.

function event(phone: Phone, text: string): Step {
  const { state } = phone;
  switch (state.is) {
    case 'idle':
      return whileIdle(phone, text);
    case 'provisioning':
      return whileProvisioning(phone, state.config, text);
    case 'joining':
      return whileJoining(phone, state, text);
    case 'joining by name':
      return whileJoiningByName(phone, state, text);
    case 'connected':
      if (!text.startsWith(`P2P-GROUP-REMOVED ${state.interface} `)) return unchanged(phone);
      return idle({ ...phone, peers: new Map() }, ['P2P_FLUSH', 'P2P_SERVICE_FLUSH']);
    case 'asking':
      return unchanged(phone);
  }
}

/** P2P-PROV-DISC-PBC-REQ and -ENTER-PIN are dropped: a negotiation follows them, or nothing. */
function whileIdle(phone: Phone, text: string): Step {
  const shown = /^P2P-PROV-DISC-SHOW-PIN (\S+) (\d+)/.exec(text);
  if (shown)
    return ask(phone, { device: word(shown, 1), setup: 'display', pin: word(shown, 2), invited: false });
  const invited = /^P2P-INVITATION-RECEIVED sa=\S+ go_dev_addr=(\S+)/.exec(text);
  if (invited) {
    const device = word(invited, 1);
    const peer = phone.peers.get(device);
    // Android opens no dialog for an owner that it has not seen.
    return peer ? ask(phone, { device, setup: setupFor(peer), pin: '', invited: true }) : unchanged(phone);
  }
  const negotiates = /^P2P-GO-NEG-REQUEST (\S+) dev_passwd_id=(\d+)/.exec(text);
  if (!negotiates) return joinedByItself(phone, text);
  const setup = new Map<string, Setup>([
    ['1', 'display'],
    ['4', 'pbc'],
    ['5', 'keypad'],
  ]).get(word(negotiates, 2));
  return setup
    ? ask(phone, { device: word(negotiates, 1), setup, pin: '', invited: false })
    : unchanged(phone);
}

/** wpa_supplicant accepts an invitation into a saved group by itself (`persistent_reconnect`). */
function joinedByItself(phone: Phone, text: string): Step {
  const started = GROUP_STARTED.exec(text);
  return started ? connected(phone, word(started, 1), []) : unchanged(phone);
}

function ask(phone: Phone, config: Config): Step {
  return { phone: { ...phone, state: { is: 'asking', config } }, commands: [] };
}

const UNKNOWN: Peer = { configMethods: 0, deviceCapability: 0, groupCapability: 0 };

function whileProvisioning(phone: Phone, config: Config, text: string): Step {
  const [name = '', device = '', pin = ''] = text.split(' ');
  if (name === 'P2P-PROV-DISC-FAILURE') return idle(phone, [SEARCH]);
  if (device !== config.device) return unchanged(phone);
  const peer = phone.peers.get(device) ?? UNKNOWN;
  if (name === 'P2P-PROV-DISC-PBC-RESP' && config.setup === 'pbc') return connect(phone, config, peer, []);
  if (name === 'P2P-PROV-DISC-ENTER-PIN' && config.setup === 'keypad') return ask(phone, config);
  if (name === 'P2P-PROV-DISC-SHOW-PIN' && config.setup === 'display')
    return connect(phone, { ...config, pin }, peer, []);
  return unchanged(phone);
}

const GROUP_STARTED = /^P2P-GROUP-STARTED (\S+) client /;
const FAILURE = /^(?:P2P-GO-NEG-FAILURE|P2P-GROUP-FORMATION-FAILURE|P2P-GROUP-REMOVED)\b/;

/** The group is left after ten seconds without its owner. */
function connected(phone: Phone, name: string, after: readonly string[]): Step {
  const commands = [`IFNAME=${name} SET p2p_group_idle 10`, ...after];
  return { phone: { ...phone, state: { is: 'connected', interface: name } }, commands };
}

function whileJoining(
  phone: Phone,
  { config, savedGroup }: Extract<State, { is: 'joining' }>,
  text: string,
): Step {
  const started = GROUP_STARTED.exec(text);
  if (started) return connected(phone, word(started, 1), []);
  if (FAILURE.test(text)) return idle(phone, [SEARCH]);
  const result = /^P2P-INVITATION-RESULT status=(\d+)/.exec(text);
  if (!result || savedGroup === null || word(result, 1) === '0') return unchanged(phone);
  switch (word(result, 1)) {
    // The owner has forgotten the group.
    case '8':
      return provision(phone, config, [`REMOVE_NETWORK ${savedGroup}`]);
    // It may not start the group now. Android negotiates, by PIN without one, for which the control interface has no request.
    case '1': {
      const peer = phone.peers.get(config.device);
      return config.setup === 'pbc' && peer ? connect(phone, config, peer, []) : provision(phone, config, []);
    }
    default:
      return idle(phone, [SEARCH]);
  }
}

function whileJoiningByName(phone: Phone, { profile, options, tries }: ByName, text: string): Step {
  const started = GROUP_STARTED.exec(text);
  if (started) return connected(phone, word(started, 1), [`REMOVE_NETWORK ${profile}`]);
  // The last event of a failure: P2P-GROUP-FORMATION-FAILURE comes before it.
  if (!text.startsWith('P2P-GROUP-REMOVED ')) return unchanged(phone);
  return tries < TRIES_BY_NAME
    ? byName(phone, { profile, options, tries: tries + 1 }, [])
    : idle(phone, [`REMOVE_NETWORK ${profile}`, SEARCH]);
}

function word(match: RegExpExecArray, index: number): string {
  return match[index] ?? '';
}

/** The list on the screen follows P2P-DEVICE-FOUND and -LOST. */
function withPeer(phone: Phone, text: string): Phone {
  const [name] = text.split(' ', 1);
  const device = /p2p_dev_addr=(\S+)/.exec(text)?.[1];
  if (device === undefined || (name !== 'P2P-DEVICE-FOUND' && name !== 'P2P-DEVICE-LOST')) return phone;
  const peers = new Map(phone.peers);
  if (name === 'P2P-DEVICE-LOST') peers.delete(device);
  else peers.set(device, peerOf(text));
  return { ...phone, peers };
}

/** `config_methods=0x188 dev_capab=0x25 group_capab=0x1`, as P2P-DEVICE-FOUND and P2P_PEER print them. */
export function peerOf(text: string): Peer {
  const bits = (key: string) => Number(new RegExp(`(?:^|\\s)${key}=(0x[0-9a-f]+)`).exec(text)?.[1] ?? 0);
  return {
    configMethods: bits('config_methods'),
    deviceCapability: bits('dev_capab'),
    groupCapability: bits('group_capab'),
  };
}
