import { isInterfaceName } from '../system/interface-names.js';
import { parseAddress } from '../system/mac-address.js';
import {
  type Extra,
  firstWord,
  Keys,
  parseDevice,
  parseNumber,
  parseProvision,
  parseStationFields,
  printfDecode,
  printfDecodeHex,
} from './fields.js';

/**
 * The events of the control interface (src/common/wpa_ctrl.h), under the names that they have there. One row for each event: its
 * parser, whose result is the type of its fields. `extra` keeps every trailing `key=value` that the row does not name: each
 * release of wpa_supplicant adds some. Addresses are lower-case text; numbers are as the event prints them.
 */

/** An event that consists of `key=value` words. */
function keyed<F extends object>(read: (keys: Keys) => F | null) {
  return (rest: string): (F & { readonly extra: Extra }) | null => {
    const keys = new Keys(rest);
    const fields = read(keys);
    return fields && { ...fields, extra: keys.rest() };
  };
}

/** An event that consists of a MAC address and `key=value` words. */
function addressed<F extends object>(read: (keys: Keys) => F) {
  return (rest: string): ({ readonly address: string } & F & { readonly extra: Extra }) | null => {
    const [word, tail] = firstWord(rest);
    const address = parseAddress(word);
    const keys = new Keys(tail);
    return address ? { address, ...read(keys), extra: keys.rest() } : null;
  };
}

/** An event whose fields are all optional, or that has none. */
const keysOnly = keyed(() => ({}));
const frequencyKeys = keyed((keys) => ({ frequency: keys.number('freq') }));
const freeText = (rest: string) => ({ text: rest });

function addressOnly(rest: string) {
  const address = parseAddress(firstWord(rest)[0]);
  return address ? { address } : null;
}

function idOnly(rest: string) {
  const id = parseNumber(rest);
  return id === null ? null : { id };
}

function crossConnect(rest: string) {
  const [groupInterface, uplink] = firstWord(rest);
  return isInterfaceName(groupInterface) && isInterfaceName(uplink)
    ? { interface: groupInterface, uplink }
    : null;
}

function invitation<F extends object>(read: (keys: Keys) => F) {
  const parse = keyed((keys) => {
    const from = keys.address('sa');
    return from ? { from, persistent: keys.number('persistent'), ...read(keys) } : null;
  });
  return (rest: string) => parse(withoutSsid(rest));
}

/**
 * Removes ` ssid="…"` from an invitation, which releases after 2.11 add. A peer has a say in the SSID, and only an address comes
 * after it, so the last quote is its end.
 */
function withoutSsid(rest: string): string {
  const start = rest.indexOf(' ssid="');
  return start < 0 ? rest : rest.slice(0, start) + rest.slice(rest.lastIndexOf('"') + 1);
}

function role(word: string | undefined): 'GO' | 'client' | null {
  return word === 'GO' || word === 'client' ? word : null;
}

/** The SSID is escaped, so its first unescaped quote ends it. */
const STARTED = /^(\S+) (GO|client) ssid="((?:[^"\\]|\\[\s\S])*)"([\s\S]*)$/;
const NETWORK = /^id=(\d+) ssid="((?:[^"\\]|\\[\s\S])*)" ?(.*)$/;
const ENROLLEE = /^(\S+) (\S+) (\S+) (0x[0-9a-f]+) (\d+) (\d+) \[([\s\S]*)\]\s*$/i;
const PIN_NEEDED = /^(\S+) (\S+) \[([\s\S]*)\]\s*$/;
const CONNECTED = /^- Connection to (\S+) completed \[id=(\d+) /;

function groupStarted(rest: string) {
  const [, name = '', roleWord, ssid = '', behind = ''] = STARTED.exec(rest) ?? [];
  const groupRole = role(roleWord);
  if (!isInterfaceName(name) || !groupRole) return null;
  let tail = behind;
  let passphrase: string | null = null;
  const open = tail.indexOf(' passphrase="');
  if (open >= 0) {
    // The passphrase is raw and may hold quotes and even the next key: only the last delimiter can be trusted.
    const start = open + ' passphrase="'.length;
    const delimiter = tail.lastIndexOf('" go_dev_addr=');
    const end = delimiter >= start ? delimiter : tail.lastIndexOf('"');
    passphrase = end >= start ? tail.slice(start, end) : null;
    tail = tail.slice(0, open) + (end >= start ? tail.slice(end + 1) : '');
  }
  const keys = new Keys(tail);
  return {
    interface: name,
    role: groupRole,
    /** Decoded; the bytes behind it need not be UTF-8. */
    ssid: printfDecode(ssid),
    ssidHex: printfDecodeHex(ssid),
    /** MHz */
    frequency: keys.number('freq'),
    passphrase,
    psk: keys.text('psk'),
    goDeviceAddress: keys.address('go_dev_addr'),
    persistent: keys.flag('[PERSISTENT]'),
    extra: keys.rest(),
  };
}

/** A network that wpa_supplicant does not try for a while, or tries again. */
function networkState(rest: string) {
  const [, number, ssid = '', tail = ''] = NETWORK.exec(rest) ?? [];
  const id = parseNumber(number);
  if (id === null) return null;
  const keys = new Keys(tail);
  return {
    id,
    ssid: printfDecode(ssid),
    /** `WRONG_KEY`, `CONN_FAILED`, `AUTH_FAILED` … */
    reason: keys.text('reason'),
    /** Seconds. */
    duration: keys.number('duration'),
    extra: keys.rest(),
  };
}

const PARSERS = {
  'P2P-DEVICE-FOUND': (rest: string) => {
    const [word, tail] = firstWord(rest);
    const address = parseAddress(word);
    if (!address) return null;
    const { device, keys } = parseDevice(tail, address);
    const isNew = keys.text('new') !== '0';
    return { ...device, address, isNew, extra: keys.rest() };
  },
  'P2P-DEVICE-LOST': keyed((keys) => {
    const deviceAddress = keys.address('p2p_dev_addr');
    return deviceAddress ? { deviceAddress } : null;
  }),
  'P2P-FIND-STOPPED': keysOnly,
  'P2P-PROV-DISC-SHOW-PIN': (rest: string) => {
    const [address, tail] = firstWord(rest);
    const [pin, device] = firstWord(tail);
    const fields = /^\d{4,8}$/.test(pin) ? parseProvision(`${address} ${device}`) : null;
    return fields && { ...fields, pin };
  },
  'P2P-PROV-DISC-ENTER-PIN': parseProvision,
  'P2P-PROV-DISC-PBC-REQ': parseProvision,
  'P2P-PROV-DISC-PBC-RESP': parseProvision,
  'P2P-PROV-DISC-FAILURE': keyed((keys) => {
    const deviceAddress = keys.address('p2p_dev_addr');
    return deviceAddress ? { deviceAddress, status: keys.number('status') } : null;
  }),
  'P2P-GO-NEG-REQUEST': addressed((keys) => ({
    devicePasswordId: keys.number('dev_passwd_id'),
    goIntent: keys.number('go_intent'),
  })),
  'P2P-GO-NEG-SUCCESS': keyed((keys) => ({
    role: keys.text('role'),
    frequency: keys.number('freq'),
    peerDevice: keys.address('peer_dev'),
    peerInterface: keys.address('peer_iface'),
    wpsMethod: keys.text('wps_method'),
  })),
  'P2P-GO-NEG-FAILURE': keyed((keys) => ({ status: keys.number('status') })),
  'P2P-GROUP-FORMATION-SUCCESS': keysOnly,
  'P2P-GROUP-FORMATION-FAILURE': keyed((keys) => ({ reason: keys.text('reason') })),
  'P2P-GROUP-STARTED': groupStarted,
  'P2P-GROUP-REMOVED': (rest: string) => {
    const [groupInterface, tail] = firstWord(rest);
    const [word, more] = firstWord(tail);
    const groupRole = role(word);
    if (!isInterfaceName(groupInterface) || !groupRole) return null;
    const keys = new Keys(more);
    return { interface: groupInterface, role: groupRole, reason: keys.text('reason'), extra: keys.rest() };
  },
  'P2P-INVITATION-RECEIVED': invitation((keys) => ({
    goDeviceAddress: keys.address('go_dev_addr'),
    bssid: keys.address('bssid'),
    unknownNetwork: keys.flag('unknown-network'),
  })),
  'P2P-INVITATION-ACCEPTED': invitation((keys) => ({ frequency: keys.number('freq') })),
  'P2P-INVITATION-RESULT': (text: string) => {
    const rest = withoutSsid(text);
    const [status, tail] = firstWord(rest);
    const [word, more] = firstWord(tail);
    const bssid = parseAddress(word);
    const keys = new Keys(bssid ? `${status} ${more}` : rest);
    return { status: keys.number('status'), bssid, extra: keys.rest() };
  },
  'P2P-PERSISTENT-PSK-FAIL': keyed((keys) => ({ id: keys.number('id') })),
  'P2P-REMOVE-AND-REFORM-GROUP': keysOnly,
  'P2P-CROSS-CONNECT-ENABLE': crossConnect,
  'P2P-CROSS-CONNECT-DISABLE': crossConnect,
  'P2P-SERV-DISC-REQ': freeText,
  'P2P-SERV-DISC-RESP': freeText,
  'P2P-FALLBACK-TO-GO-NEG': keyed((keys) => ({ reason: keys.text('reason') })),
  'AP-ENABLED': keysOnly,
  'AP-DISABLED': keysOnly,
  'AP-STA-CONNECTED': parseStationFields,
  'AP-STA-DISCONNECTED': parseStationFields,
  'AP-REJECTED-MAX-STA': addressOnly,
  'AP-REJECTED-BLOCKED-STA': addressOnly,
  'AP-STA-POSSIBLE-PSK-MISMATCH': addressOnly,
  'AP-STA-POLL-OK': addressOnly,
  'AP-CSA-FINISHED': frequencyKeys,
  'EAPOL-4WAY-HS-COMPLETED': addressOnly,
  'WPS-ENROLLEE-SEEN': (rest: string) => {
    const match = ENROLLEE.exec(rest);
    const address = parseAddress(match?.[1]);
    const [configMethods, devicePasswordId, requestType] = [4, 5, 6].map((n) => parseNumber(match?.[n]));
    if (!match || !address || configMethods == null || devicePasswordId == null || requestType == null)
      return null;
    return {
      address,
      uuid: match[2] ?? '',
      deviceType: match[3] ?? '',
      configMethods,
      /** 0 default PIN, 1 user-specified, 4 push button, 5 registrar-specified. */
      devicePasswordId,
      requestType,
      /** Often empty: phones leave it out of probe requests. */
      name: (match[7] ?? '').trim(),
    };
  },
  'WPS-PIN-NEEDED': (rest: string) => {
    const match = PIN_NEEDED.exec(rest);
    const address = parseAddress(match?.[2]);
    return match && address ? { uuid: match[1] ?? '', address, description: match[3] ?? '' } : null;
  },
  'WPS-REG-SUCCESS': (rest: string) => {
    const [word, uuid] = firstWord(rest);
    const address = parseAddress(word);
    return address ? { address, uuid: uuid.trim() } : null;
  },
  'WPS-SUCCESS': keysOnly,
  'WPS-FAIL': keyed((keys) => ({
    message: keys.number('msg'),
    /** 18 = wrong PIN (device password authentication failure). The event names no address. */
    configError: keys.number('config_error'),
    reason: keys.number('reason'),
  })),
  'WPS-M2D': keyed((keys) => ({
    devicePasswordId: keys.number('dev_password_id'),
    configError: keys.number('config_error'),
  })),
  'WPS-PBC-ACTIVE': keysOnly,
  'WPS-PBC-DISABLE': keysOnly,
  /** A PIN was armed where no group owner runs; on a group owner arming is silent. */
  'WPS-PIN-ACTIVE': keysOnly,
  'WPS-TIMEOUT': keysOnly,
  'WPS-OVERLAP-DETECTED': keysOnly,
  'WPS-CANCEL': keysOnly,
  'WPS-AP-SETUP-LOCKED': keysOnly,
  'WPS-AP-SETUP-UNLOCKED': keysOnly,
  'INTERFACE-ENABLED': keysOnly,
  'INTERFACE-DISABLED': keysOnly,
  'CTRL-EVENT-CONNECTED': (rest: string) => {
    const [, bssid, id] = CONNECTED.exec(rest) ?? [];
    return { bssid: parseAddress(bssid), id: parseNumber(id), text: rest };
  },
  'CTRL-EVENT-DISCONNECTED': keyed((keys) => ({
    bssid: keys.address('bssid'),
    /** Reason code of IEEE 802.11; negative where this side has ended the connection. */
    reason: keys.number('reason'),
    locallyGenerated: keys.number('locally_generated') === 1,
  })),
  'CTRL-EVENT-ASSOC-REJECT': keyed((keys) => ({
    bssid: keys.address('bssid'),
    /** Status code of IEEE 802.11. */
    status: keys.number('status_code'),
  })),
  'CTRL-EVENT-AUTH-REJECT': addressed((keys) => ({
    /** Status code of IEEE 802.11. */
    status: keys.number('status_code'),
  })),
  'CTRL-EVENT-SSID-TEMP-DISABLED': networkState,
  'CTRL-EVENT-SSID-REENABLED': networkState,
  'CTRL-EVENT-NETWORK-NOT-FOUND': keysOnly,
  'CTRL-EVENT-EAP-STARTED': addressOnly,
  'CTRL-EVENT-EAP-PROPOSED-METHOD': keysOnly,
  'CTRL-EVENT-EAP-RETRANSMIT': addressOnly,
  'CTRL-EVENT-EAP-RETRANSMIT2': addressOnly,
  'CTRL-EVENT-EAP-SUCCESS': addressOnly,
  'CTRL-EVENT-EAP-SUCCESS2': addressOnly,
  'CTRL-EVENT-EAP-FAILURE': addressOnly,
  'CTRL-EVENT-EAP-FAILURE2': addressOnly,
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE': addressOnly,
  'CTRL-EVENT-EAP-TIMEOUT-FAILURE2': addressOnly,
  'CTRL-EVENT-STARTED-CHANNEL-SWITCH': frequencyKeys,
  'CTRL-EVENT-CHANNEL-SWITCH': frequencyKeys,
  'CTRL-EVENT-REGDOM-CHANGE': keysOnly,
  'CTRL-EVENT-AVOID-FREQ': keysOnly,
  'CTRL-EVENT-DSCP-POLICY': keysOnly,
  'CTRL-EVENT-SCAN-STARTED': keysOnly,
  'CTRL-EVENT-SCAN-RESULTS': keysOnly,
  'CTRL-EVENT-SCAN-FAILED': keysOnly,
  'CTRL-EVENT-NETWORK-ADDED': idOnly,
  'CTRL-EVENT-NETWORK-REMOVED': idOnly,
  'CTRL-EVENT-BSS-ADDED': freeText,
  'CTRL-EVENT-BSS-REMOVED': freeText,
  'CTRL-EVENT-TERMINATING': keysOnly,
  'RX-PROBE-REQUEST': freeText,
} satisfies Record<string, (rest: string) => object | null>;

export type EventName = keyof typeof PARSERS;

/** What each event carries besides its name. */
export type EventFields = {
  readonly [T in EventName]: Readonly<NonNullable<ReturnType<(typeof PARSERS)[T]>>>;
};

export type KnownEvent = { [T in EventName]: { readonly type: T } & EventFields[T] }[EventName];

export type EventOf<T extends EventName> = Extract<KnownEvent, { readonly type: T }>;

/** An event that has no parser here, or whose text does not have the form that its parser expects. */
export interface UnknownEvent {
  readonly type: 'unknown';
  /** First word of the event. */
  readonly name: string;
  readonly text: string;
  /** True if the name is known and the rest has another form than expected. */
  readonly malformed: boolean;
}

export type WpaEvent = KnownEvent | UnknownEvent;

/** Whether events of that name have a parser. */
export function isKnownEvent(name: string): name is EventName {
  return Object.hasOwn(PARSERS, name);
}

/** Names of all events that have a parser. */
export const EVENT_NAMES: readonly EventName[] = Object.keys(PARSERS).filter(isKnownEvent);

/** `CTRL-REQ-PASSWORD-0:…` goes on in words of a server. */
function nameBeforeColon(word: string): string {
  return /^[A-Z][A-Z0-9]*(?:-\w+)+(?=:)/.exec(word)?.[0] ?? word;
}

/** Parses the text of an event, that is, what follows `<N>`. Never throws: it keeps what it cannot read. */
export function parseEvent(text: string): WpaEvent {
  const [name, rest] = firstWord(text);
  if (!isKnownEvent(name))
    return { type: 'unknown', name: nameBeforeColon(name.trim()), text, malformed: false };
  const fields = PARSERS[name](rest);
  if (fields === null) return { type: 'unknown', name, text, malformed: true };
  // The table ties each name to its fields; the compiler cannot follow that through a computed name.
  return Object.assign({ type: name }, fields) as KnownEvent;
}
