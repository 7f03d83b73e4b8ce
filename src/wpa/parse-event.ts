import { parseAddress } from '../system/mac-address.js';
import { isInterfaceName } from '../system/names.js';
import { printfDecode, printfDecodeHex } from './encoding.js';
import type { EventFields, EventName, KnownEvent, WpaEvent } from './event.js';
import { firstWord, Keys, parseDevice, parseNumber, parseProvision, parseStationFields } from './fields.js';

type Parsers = { readonly [T in EventName]: (rest: string) => EventFields[T] | null };

const keysOnly = (rest: string) => ({ extra: new Keys(rest).rest() });
const freeText = (rest: string) => ({ text: rest });

function addressOnly(rest: string) {
  const address = parseAddress(firstWord(rest)[0]);
  return address ? { address } : null;
}

function idOnly(rest: string) {
  const id = parseNumber(rest);
  return id === null ? null : { id };
}

function frequencyKeys(rest: string) {
  const keys = new Keys(rest);
  return { frequency: keys.number('freq'), extra: keys.rest() };
}

function crossConnect(rest: string) {
  const [groupInterface, uplink] = firstWord(rest);
  return groupInterface && uplink ? { interface: groupInterface, uplink } : null;
}

function role(word: string): 'GO' | 'client' | null {
  return word === 'GO' || word === 'client' ? word : null;
}

/** The SSID is escaped, so its first unescaped quote ends it. */
const STARTED = /^(\S+) (GO|client) ssid="((?:[^"\\]|\\[\s\S])*)"([\s\S]*)$/;
const ENROLLEE = /^(\S+) (\S+) (\S+) 0x([0-9a-f]+) (\d+) (\d+) \[([\s\S]*)\]\s*$/i;
const PIN_NEEDED = /^(\S+) (\S+) \[([\s\S]*)\]\s*$/;

function groupStarted(rest: string): EventFields['P2P-GROUP-STARTED'] | null {
  const match = STARTED.exec(rest);
  const groupRole = role(match?.[2] ?? '');
  if (!match?.[1] || !isInterfaceName(match[1]) || !groupRole) return null;
  let tail = match[4] ?? '';
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
    interface: match[1],
    role: groupRole,
    ssid: printfDecode(match[3] ?? ''),
    ssidHex: printfDecodeHex(match[3] ?? ''),
    frequency: keys.number('freq'),
    passphrase,
    psk: keys.text('psk'),
    goDeviceAddress: keys.address('go_dev_addr'),
    persistent: keys.flag('[PERSISTENT]'),
    extra: keys.rest(),
  };
}

const PARSERS: Parsers = {
  'P2P-DEVICE-FOUND': (rest) => {
    const [word, tail] = firstWord(rest);
    const address = parseAddress(word);
    if (!address) return null;
    const { device, keys } = parseDevice(tail, address);
    const isNew = keys.text('new') !== '0';
    return { ...device, address, isNew, extra: keys.rest() };
  },
  'P2P-DEVICE-LOST': (rest) => {
    const keys = new Keys(rest);
    const deviceAddress = keys.address('p2p_dev_addr');
    return deviceAddress ? { deviceAddress, extra: keys.rest() } : null;
  },
  'P2P-FIND-STOPPED': keysOnly,
  'P2P-PROV-DISC-SHOW-PIN': (rest) => {
    const [address, tail] = firstWord(rest);
    const [pin, device] = firstWord(tail);
    const fields = /^\d{4,8}$/.test(pin) ? parseProvision(`${address} ${device}`) : null;
    return fields && { ...fields, pin };
  },
  'P2P-PROV-DISC-ENTER-PIN': parseProvision,
  'P2P-PROV-DISC-PBC-REQ': parseProvision,
  'P2P-PROV-DISC-PBC-RESP': parseProvision,
  'P2P-PROV-DISC-FAILURE': (rest) => {
    const keys = new Keys(rest);
    const deviceAddress = keys.address('p2p_dev_addr');
    return deviceAddress ? { deviceAddress, status: keys.number('status'), extra: keys.rest() } : null;
  },
  'P2P-GO-NEG-REQUEST': (rest) => {
    const [word, tail] = firstWord(rest);
    const address = parseAddress(word);
    if (!address) return null;
    const keys = new Keys(tail);
    const devicePasswordId = keys.number('dev_passwd_id');
    return { address, devicePasswordId, goIntent: keys.number('go_intent'), extra: keys.rest() };
  },
  'P2P-GO-NEG-SUCCESS': (rest) => {
    const keys = new Keys(rest);
    return {
      role: keys.text('role'),
      frequency: keys.number('freq'),
      peerDevice: keys.address('peer_dev'),
      peerInterface: keys.address('peer_iface'),
      wpsMethod: keys.text('wps_method'),
      extra: keys.rest(),
    };
  },
  'P2P-GO-NEG-FAILURE': (rest) => {
    const keys = new Keys(rest);
    return { status: keys.number('status'), extra: keys.rest() };
  },
  'P2P-GROUP-FORMATION-SUCCESS': keysOnly,
  'P2P-GROUP-FORMATION-FAILURE': (rest) => {
    const keys = new Keys(rest);
    return { reason: keys.text('reason'), extra: keys.rest() };
  },
  'P2P-GROUP-STARTED': groupStarted,
  'P2P-GROUP-REMOVED': (rest) => {
    const [groupInterface, tail] = firstWord(rest);
    const [word, more] = firstWord(tail);
    const groupRole = role(word);
    if (!isInterfaceName(groupInterface) || !groupRole) return null;
    const keys = new Keys(more);
    return { interface: groupInterface, role: groupRole, reason: keys.text('reason'), extra: keys.rest() };
  },
  'P2P-INVITATION-RECEIVED': (rest) => {
    const keys = new Keys(rest);
    const from = keys.address('sa');
    if (!from) return null;
    return {
      from,
      persistent: keys.number('persistent'),
      goDeviceAddress: keys.address('go_dev_addr'),
      bssid: keys.address('bssid'),
      unknownNetwork: keys.flag('unknown-network'),
      extra: keys.rest(),
    };
  },
  'P2P-INVITATION-ACCEPTED': (rest) => {
    const keys = new Keys(rest);
    const from = keys.address('sa');
    if (!from) return null;
    const persistent = keys.number('persistent');
    return { from, persistent, frequency: keys.number('freq'), extra: keys.rest() };
  },
  'P2P-INVITATION-RESULT': (rest) => {
    const [status, tail] = firstWord(rest);
    const [word, more] = firstWord(tail);
    const bssid = parseAddress(word);
    const keys = new Keys(bssid ? `${status} ${more}` : rest);
    return { status: keys.number('status'), bssid, extra: keys.rest() };
  },
  'P2P-PERSISTENT-PSK-FAIL': (rest) => {
    const keys = new Keys(rest);
    return { id: keys.number('id'), extra: keys.rest() };
  },
  'P2P-REMOVE-AND-REFORM-GROUP': keysOnly,
  'P2P-CROSS-CONNECT-ENABLE': crossConnect,
  'P2P-CROSS-CONNECT-DISABLE': crossConnect,
  'P2P-SERV-DISC-REQ': freeText,
  'P2P-SERV-DISC-RESP': freeText,
  'P2P-FALLBACK-TO-GO-NEG': (rest) => {
    const keys = new Keys(rest);
    return { reason: keys.text('reason'), extra: keys.rest() };
  },
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
  'WPS-ENROLLEE-SEEN': (rest) => {
    const match = ENROLLEE.exec(rest);
    const address = parseAddress(match?.[1]);
    if (!match || !address) return null;
    return {
      address,
      uuid: match[2] ?? '',
      deviceType: match[3] ?? '',
      configMethods: Number.parseInt(match[4] ?? '', 16),
      devicePasswordId: Number(match[5]),
      requestType: Number(match[6]),
      name: (match[7] ?? '').trim(),
    };
  },
  'WPS-PIN-NEEDED': (rest) => {
    const match = PIN_NEEDED.exec(rest);
    const address = parseAddress(match?.[2]);
    return match && address ? { uuid: match[1] ?? '', address, description: match[3] ?? '' } : null;
  },
  'WPS-REG-SUCCESS': (rest) => {
    const [word, uuid] = firstWord(rest);
    const address = parseAddress(word);
    return address ? { address, uuid: uuid.trim() } : null;
  },
  'WPS-SUCCESS': keysOnly,
  'WPS-FAIL': (rest) => {
    const keys = new Keys(rest);
    return {
      message: keys.number('msg'),
      configError: keys.number('config_error'),
      reason: keys.number('reason'),
      extra: keys.rest(),
    };
  },
  'WPS-M2D': (rest) => {
    const keys = new Keys(rest);
    const devicePasswordId = keys.number('dev_password_id');
    return { devicePasswordId, configError: keys.number('config_error'), extra: keys.rest() };
  },
  'WPS-PBC-ACTIVE': keysOnly,
  'WPS-PBC-DISABLE': keysOnly,
  'WPS-PIN-ACTIVE': keysOnly,
  'WPS-TIMEOUT': keysOnly,
  'WPS-OVERLAP-DETECTED': keysOnly,
  'WPS-CANCEL': keysOnly,
  'WPS-AP-SETUP-LOCKED': keysOnly,
  'WPS-AP-SETUP-UNLOCKED': keysOnly,
  'CTRL-EVENT-CONNECTED': freeText,
  'CTRL-EVENT-DISCONNECTED': keysOnly,
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
};

function isKnown(name: string): name is EventName {
  return Object.hasOwn(PARSERS, name);
}

/** Names of all events that have a form of their own. */
export const EVENT_NAMES: readonly EventName[] = Object.keys(PARSERS).filter(isKnown);

/** Parses the text of an event, that is, what follows `<N>`. Never throws: what it cannot read it keeps. */
export function parseEvent(text: string): WpaEvent {
  const [name, rest] = firstWord(text);
  if (!isKnown(name)) return { type: 'unknown', name: name.trim(), text, malformed: false };
  const fields = PARSERS[name](rest);
  if (fields === null) return { type: 'unknown', name, text, malformed: true };
  // The table's type ties each name to its fields; the compiler cannot follow that through a computed name.
  return { type: name, ...fields } as KnownEvent;
}
