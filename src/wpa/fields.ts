import { isInterfaceName } from '../system/interface-names.js';
import { parseAddress } from '../system/mac-address.js';

/**
 * Reads the fields of events and replies. Peers choose names, SSIDs and passphrases, and wpa_supplicant does not escape all
 * of them: code that splits on spaces first lets a phone forge fields. So the fixed fields at the beginning are read first, then
 * the free text up to its last possible delimiter, then the keys after it.
 */

/** Every trailing `key=value` that its parser does not name. */
export type Extra = Readonly<Record<string, string>>;

/** What a Wi-Fi Direct device says about itself. A name has at most 32 bytes and proves nothing. */
export interface DeviceFields {
  readonly deviceAddress: string;
  readonly deviceType: string | null;
  readonly name: string | null;
  readonly configMethods: number | null;
  readonly deviceCapability: number | null;
  readonly groupCapability: number | null;
  readonly extra: Extra;
}

interface ProvisionFields {
  readonly address: string;
  /** Null in the answer to our own request (the short form). */
  readonly device: DeviceFields | null;
  /** The interface of the running group that the peer wants to join. */
  readonly group: string | null;
  readonly peerIsOwner: boolean | null;
}

interface StationFields {
  /** The station's interface address, by which the group knows it. */
  readonly address: string;
  /** Its P2P device address; null for a legacy station. */
  readonly deviceAddress: string | null;
  readonly extra: Extra;
}

const NO_EXTRA: Extra = Object.freeze({});
/** WPS device name: 32 bytes (Wi-Fi Simple Configuration, "Device Name"). */
const MAX_NAME = 32;
const AFTER_NAME = "' config_methods=";

/**
 * The `key=value` words of a text, to be taken out one by one. If a key comes twice the first one counts: what peers choose
 * (service names, deferred session texts) comes after the keys that wpa_supplicant writes. Events have a few words, so they
 * are compared one by one: a Map for each event costs more.
 */
export class Keys {
  /** A word that has been taken is empty. */
  readonly #words: string[];

  constructor(text: string) {
    const raw = rawTail(text);
    this.#words = raw < 0 ? text.split(' ') : [...text.slice(0, raw).split(' '), text.slice(raw + 1)];
  }

  /** Takes a key out; null if it is missing. */
  text(key: string): string | null {
    const words = this.#words;
    let value: string | null = null;
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? '';
      if (!word.startsWith(key) || (word.length > key.length && word[key.length] !== '=')) continue;
      value ??= word.slice(key.length + 1);
      words[i] = '';
    }
    return value;
  }

  flag(key: string): boolean {
    return this.text(key) !== null;
  }

  /** Decimal, or hexadecimal with `0x`; null if it is missing or not a number. */
  number(key: string): number | null {
    return parseNumber(this.text(key));
  }

  address(key: string): string | null {
    return parseAddress(this.text(key));
  }

  interface(key: string): string | null {
    const name = this.text(key);
    return name !== null && isInterfaceName(name) ? name : null;
  }

  /** The keys that have not been taken. */
  rest(): Extra {
    const words = this.#words;
    if (words.every((word) => word === '')) return NO_EXTRA;
    const values = new Map<string, string>();
    for (const word of words) {
      const equals = word.indexOf('=');
      const key = equals > 0 ? word.slice(0, equals) : word;
      if (key !== '' && !values.has(key)) values.set(key, equals > 0 ? word.slice(equals + 1) : '');
    }
    return Object.fromEntries(values);
  }
}

/** Where a text of a peer begins that is printed raw behind all keys: a service name, the text of a deferred session. */
function rawTail(text: string): number {
  const service = text.indexOf(' asp_svc=');
  return service < 0 ? text.indexOf(' deferred_session_resp=') : service;
}

export function parseNumber(text: string | null | undefined): number | null {
  if (!text || !/^(?:-?\d+|0x[0-9a-f]+)$/i.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

/** Splits off the first word. */
export function firstWord(text: string): [word: string, rest: string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}

/**
 * The tail `p2p_dev_addr=… pri_dev_type=… name='…' config_methods=… dev_capab=… group_capab=… …` of discovery
 * events. The name is not escaped. It ends at the last `' config_methods=` that a name of 32 bytes can reach, since a
 * service string further behind may hold the same text; at the last of all if none is in reach. A long tail can arrive
 * cut (300 bytes, p2p_supplicant.c), so everything behind the name is optional.
 */
export function parseDevice(
  text: string,
  fallbackAddress: string,
): { device: Omit<DeviceFields, 'extra'>; keys: Keys } {
  const nameAt = text.indexOf(" name='");
  const head = new Keys(nameAt < 0 ? text : text.slice(0, nameAt));
  const deviceAddress = head.address('p2p_dev_addr') ?? fallbackAddress;
  const deviceType = head.text('pri_dev_type');
  let name: string | null = null;
  let keys = head;
  if (nameAt >= 0) {
    const start = nameAt + " name='".length;
    const within = text.lastIndexOf(AFTER_NAME, start + MAX_NAME);
    const end = within >= start ? within : text.lastIndexOf(AFTER_NAME);
    if (end >= start) {
      name = text.slice(start, end);
      keys = new Keys(text.slice(end + 2));
    } else {
      name = text.slice(start, start + MAX_NAME).replace(/'$/, '');
      keys = new Keys('');
    }
  }
  const device = {
    deviceAddress,
    deviceType,
    name,
    configMethods: keys.number('config_methods'),
    deviceCapability: keys.number('dev_capab'),
    groupCapability: keys.number('group_capab'),
  };
  return { device, keys };
}

export function parseProvision(text: string): ProvisionFields | null {
  const [word, rest] = firstWord(text);
  const address = parseAddress(word);
  if (!address) return null;
  if (!rest.startsWith('p2p_dev_addr=')) {
    const owner = new Keys(rest).number('peer_go');
    return { address, device: null, group: null, peerIsOwner: owner === null ? null : owner === 1 };
  }
  const { device, keys } = parseDevice(rest, address);
  const group = keys.interface('group');
  return { address, device: { ...device, extra: keys.rest() }, group, peerIsOwner: null };
}

export function parseStationFields(text: string): StationFields | null {
  const [word, rest] = firstWord(text);
  const address = parseAddress(word);
  if (!address) return null;
  const keys = new Keys(rest);
  return { address, deviceAddress: keys.address('p2p_dev_addr'), extra: keys.rest() };
}

/**
 * wpa_supplicant prints SSIDs escaped: `\"`, `\\`, `\e`, `\n`, `\r`, `\t` and `\xHH` for every byte outside
 * 32..126 (src/utils/common.c, printf_encode). UTF-8 arrives as a row of `\xHH`.
 */
const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['"', 0x22],
  ['\\', 0x5c],
  ['e', 0x1b],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/** The bytes of an escaped text. A malformed escape is kept unchanged. */
export function printfDecodeBytes(text: string): Buffer {
  const source = Buffer.from(text);
  const out: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] ?? 0;
    if (byte !== 0x5c || i + 1 >= source.length) {
      out.push(byte);
      continue;
    }
    const letter = String.fromCharCode(source[i + 1] ?? 0);
    const hex = letter === 'x' ? /^[0-9a-fA-F]{2}$/.exec(source.toString('latin1', i + 2, i + 4)) : null;
    const simple = SIMPLE.get(letter);
    if (hex) {
      out.push(Number.parseInt(hex[0], 16));
      i += 3;
    } else if (simple !== undefined) {
      out.push(simple);
      i += 1;
    } else {
      out.push(byte);
    }
  }
  return Buffer.from(out);
}

/** An escaped SSID as hexadecimal digits: the one form in which `SET_NETWORK` takes every SSID. */
export function printfDecodeHex(text: string): string {
  return printfDecodeBytes(text).toString('hex');
}

/** An escaped SSID as text for people; bytes that are not UTF-8 become U+FFFD. */
export function printfDecode(text: string): string {
  return text.includes('\\') ? printfDecodeBytes(text).toString('utf8') : text;
}

/** Bytes in hexadecimal as text for people; bytes that are not UTF-8 become U+FFFD. */
export function hexText(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}
