import { MAX_CLIENTS, type StoredGroup } from '../session/stored-group.js';
import { parseAddress } from '../system/mac-address.js';
import { hasControlCharacter } from '../system/names.js';
import { describe, isRecord } from '../system/values.js';

/** The form of a state file: JSON, in a version that is counted up when its meaning changes. */
const VERSION = 1;

const SSID = /^(?:[0-9a-f]{2}){1,32}$/i;
const PSK = /^[0-9a-f]{64}$/i;

/** The group, or in words what was found and what was wanted; never the text of a secret. */
export type ParsedGroup = { readonly group: StoredGroup } | { readonly problem: string };

export function formatGroupFile({ ssidHex, passphrase, psk, clients, forgotten }: StoredGroup): string {
  return `${JSON.stringify({ version: VERSION, ssidHex, passphrase, psk, clients, forgotten }, null, 2)}\n`;
}

export function parseGroupFile(text: string): ParsedGroup {
  const content = parseJson(text);
  if (!isRecord(content)) return { problem: `found ${describe(content, true)}, wanted a map in JSON` };
  // Files of older versions have no list of those that were forgotten.
  const { version, ssidHex, passphrase, psk, clients, forgotten = [] } = content;
  if (version !== VERSION) return wrong('version', version, String(VERSION));
  if (!isText(ssidHex, SSID))
    return wrong('ssidHex', ssidHex, '2 to 64 hexadecimal digits, two for each byte');
  if (passphrase !== null && !isPassphrase(passphrase)) {
    return wrong('passphrase', passphrase, '8 to 63 bytes without control characters, or null');
  }
  if (psk !== null && !isText(psk, PSK)) return wrong('psk', psk, '64 hexadecimal digits, or null');
  if ((passphrase === null) === (psk === null)) {
    return { problem: `found ${psk === null ? 'neither' : 'both'}, wanted either passphrase or psk` };
  }
  if (!isAddressList(clients)) {
    return wrong('clients', clients, `a list of at most ${MAX_CLIENTS} device addresses`);
  }
  if (!isAddressList(forgotten)) {
    return wrong('forgotten', forgotten, `a list of at most ${MAX_CLIENTS} device addresses`);
  }
  return {
    group: {
      ssidHex: ssidHex.toLowerCase(),
      passphrase,
      psk: psk?.toLowerCase() ?? null,
      clients: clients.map((address) => address.toLowerCase()),
      forgotten: forgotten.map((address) => address.toLowerCase()),
    },
  };
}

/** The parser's own message is of no use: it quotes the text around the slip, which may be the passphrase. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every text is told by its length only: who edits the file may have put the passphrase into the wrong place. */
function wrong(key: string, found: unknown, wanted: string): ParsedGroup {
  return { problem: `${key}: found ${describe(found, true)}, wanted ${wanted}` };
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

/** IEEE 802.11 knows ASCII only; wpa_supplicant takes any bytes, and counts those. */
function isPassphrase(value: unknown): value is string {
  if (typeof value !== 'string' || hasControlCharacter(value)) return false;
  const bytes = Buffer.byteLength(value);
  return bytes >= 8 && bytes <= 63;
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && parseAddress(value) !== null;
}

function isAddressList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_CLIENTS && value.every(isAddress);
}
