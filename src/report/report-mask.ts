import { randomInt } from 'node:crypto';
import { hasPinChecksum, RANDOM_PIN } from '../config/text-values.js';
import { HIDDEN, isSecretField, secrets } from '../system/secrets.js';

/** A PIN of eight digits, wherever it stands. */
const LONG_PIN = /(?<![\w.-])\d{8}(?![\w-])/g;
/** A PIN of any form, in a line that says so. */
const PIN = /(?<![\w:.-])\d{4}(?:[- ]?\d{4})?(?![\w:-])/g;

/** Six pairs of digits, or more: a DHCP client id ends with an address. `nmcli -t` writes `\:` in the name of a phone's Bluetooth. */
const ADDRESS = /\b[0-9a-f]{2}(\\?:|-)[0-9a-f]{2}(?:\1[0-9a-f]{2}){4,}\b/gi;
/** udev names an interface after its address. */
const INTERFACE = /\b(wlx|enx|wwx)([0-9a-f]{12})\b/g;
/** A phone makes that of WPS from its address. */
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
/** Most of them are made from the MAC address. */
const LINK_LOCAL = /\bfe80:(?::?[0-9a-f]{1,4})+/gi;
const ADDRESS_BYTES = 6;

/**
 * Removes from texts what nobody should pass on: secrets, and the addresses of devices. The same address becomes the same
 * replacement. Each of its bytes is replaced by itself, except the first one, so two addresses share as many bytes as before:
 * by that the session recognizes which interface belongs to a device, and a recording still plays back.
 */
export class ReportMask {
  readonly #bytes = Array.from({ length: ADDRESS_BYTES - 1 }, () => shuffledBytes());
  readonly #uuids = new Map<string, string>();
  readonly #linkLocal = new Map<string, string>();

  /** A text for people. */
  text(text: string): string {
    return this.addresses(text.split('\n').map(withoutSecrets).join('\n'));
  }

  json(value: unknown): string {
    const hide = (key: string, member: unknown): unknown => {
      if (typeof member !== 'string') return member;
      return isSecretField(key) && member !== RANDOM_PIN ? HIDDEN : withoutSecrets(member);
    };
    return this.addresses(JSON.stringify(value, hide, 2));
  }

  /** Files of the recorder, whose secrets have been replaced already by what plays back. */
  recording(text: string): string {
    return this.addresses(secrets.redactKnown(text));
  }

  addresses(text: string): string {
    return text
      .replace(UUID, (uuid) =>
        numbered(this.#uuids, uuid, (n) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`),
      )
      .replace(ADDRESS, (address, separator: string) =>
        this.#address(address.split(separator)).join(separator),
      )
      .replace(
        INTERFACE,
        (_name, kind: string, digits: string) => kind + this.#address(digits.match(/../g) ?? []).join(''),
      )
      .replace(LINK_LOCAL, (address) => numbered(this.#linkLocal, address, (n) => `fe80::${n.toString(16)}`));
  }

  /** @param pairs of digits; the last six are the address */
  #address(pairs: readonly string[]): readonly string[] {
    const begin = pairs.length - ADDRESS_BYTES;
    // No address and the broadcast address mean what they say.
    if (pairs.slice(begin).every((pair) => /^(?:00|ff)$/i.test(pair))) return pairs;
    return pairs.map((pair, place) => {
      const byte = this.#bytes[place - begin - 1]?.[Number.parseInt(pair, 16)];
      return byte === undefined ? pair : byte.toString(16).padStart(2, '0');
    });
  }
}

function withoutSecrets(line: string): string {
  const text = secrets.redact(line).replace(LONG_PIN, (digits) => (hasPinChecksum(digits) ? HIDDEN : digits));
  return /pin/i.test(text) ? text.replace(PIN, HIDDEN) : text;
}

function numbered(known: Map<string, string>, text: string, name: (number: number) => string): string {
  const key = text.toLowerCase();
  const replacement = known.get(key) ?? name(known.size + 1);
  known.set(key, replacement);
  return replacement;
}

/** All bytes in a random order. */
function shuffledBytes(): readonly number[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  for (let last = bytes.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [bytes[last], bytes[other]] = [bytes[other] ?? 0, bytes[last] ?? 0];
  }
  return bytes;
}
