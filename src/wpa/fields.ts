import { parseAddress } from '../system/mac-address.js';
import type { DeviceFields, Extra, ProvisionFields, StationFields } from './event.js';

/**
 * Field by field parsing of event texts. Peers choose names, SSIDs and passphrases, and wpa_supplicant does not
 * escape all of them: whoever splits on spaces first lets a phone forge fields. So the fixed fields in front are
 * taken first, then the free text up to its last possible delimiter, then the keys behind it.
 */
const NO_EXTRA: Extra = Object.freeze({});
/** WPS device name: 32 bytes (Wi-Fi Simple Configuration, "Device Name"). */
const MAX_NAME = 32;
const AFTER_NAME = "' config_methods=";

/**
 * A cursor over the `key=value` words of a text. Where a key comes twice the first one counts: what peers choose
 * (service names, deferred session texts) stands behind the keys that wpa_supplicant writes.
 */
export class Keys {
  readonly #values = new Map<string, string>();

  constructor(text: string) {
    if (text === '') return;
    for (const word of text.split(' ')) {
      const equals = word.indexOf('=');
      const key = equals > 0 ? word.slice(0, equals) : word;
      if (key !== '' && !this.#values.has(key))
        this.#values.set(key, equals > 0 ? word.slice(equals + 1) : '');
    }
  }

  /** Takes a key out; null where it is missing. */
  text(key: string): string | null {
    const value = this.#values.get(key);
    this.#values.delete(key);
    return value ?? null;
  }

  flag(key: string): boolean {
    return this.#values.delete(key);
  }

  /** Decimal, or hexadecimal with `0x`; null where it is missing or no number. */
  number(key: string): number | null {
    return parseNumber(this.text(key));
  }

  address(key: string): string | null {
    return parseAddress(this.text(key));
  }

  /** What nobody has taken. */
  rest(): Extra {
    return this.#values.size === 0 ? NO_EXTRA : Object.fromEntries(this.#values);
  }
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
 * events. The name is unescaped; its end is the last `' config_methods=` that a name of 32 bytes can reach, since
 * a service string further behind may hold the same text; the last of all where none is in reach. A long tail can
 * arrive cut (300 bytes, p2p_supplicant.c), so all behind the name is optional.
 */
export function parseDevice(text: string, fallbackAddress: string): { device: DeviceFields; keys: Keys } {
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
  return { device: { ...device, extra: NO_EXTRA }, keys };
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
  const group = keys.text('group');
  return { address, device: { ...device, extra: keys.rest() }, group, peerIsOwner: null };
}

export function parseStationFields(text: string): StationFields | null {
  const [word, rest] = firstWord(text);
  const address = parseAddress(word);
  if (!address) return null;
  const keys = new Keys(rest);
  return { address, deviceAddress: keys.address('p2p_dev_addr'), extra: keys.rest() };
}
