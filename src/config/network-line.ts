import { hasControlCharacter, isDirectName } from '../system/names.js';
import type { ParsedText } from './table.js';

/**
 * One line of `network_parms`: `<key> <value>`, as `SET_NETWORK` takes it. wpa_supplicant refuses a wrong value without a
 * reason, or takes it and makes a group that phones do not list, so what can be judged is judged here. Values may be
 * secrets: nothing of them is part of what is wanted.
 */
export function parseNetworkLine(text: string): ParsedText {
  const line = text.trim();
  const match = /^(\w+)\s+(\S.*)$/su.exec(line);
  if (!match?.[1] || !match[2]) return { wanted: 'a line "key value", e.g. \'key_mgmt WPA-PSK\'' };
  const [, key, value] = match;
  const wanted = JUDGES.get(key)?.(value) ?? null;
  return wanted === null ? { text: line } : { wanted };
}

/** What should have stood there; null where the value is right. */
type Judge = (value: string) => string | null;

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['ssid', judgeSsid],
  ['psk', judgePsk],
  ['mode', (value) => (value === '3' ? null : 'mode 3 (group owner), or no line for it: it is added')],
  [
    'disabled',
    (value) => (value === '2' ? null : 'disabled 2 (a persistent group), or no line for it: it is added'),
  ],
  // Words, which wpa_supplicant takes without quotes only.
  ...['key_mgmt', 'proto', 'pairwise', 'group', 'auth_alg'].map((key): [string, Judge] => [
    key,
    (value) => (/["']/.test(value) ? `${key} with its value without quotes` : null),
  ]),
]);

/** Longest name of a network (IEEE 802.11). */
const MAX_SSID_BYTES = 32;
const EXAMPLE = 'e.g. ssid "DIRECT-xy-box"';

function judgeSsid(value: string): string | null {
  const name = ssidOf(value);
  if (name === null) return `the name of the group in double quotes, ${EXAMPLE}`;
  if (!isDirectName(name))
    return `a name that begins with DIRECT- and two letters or digits, ${EXAMPLE}: phones list no other`;
  return Buffer.byteLength(name, 'latin1') <= MAX_SSID_BYTES
    ? null
    : `a name of at most ${MAX_SSID_BYTES} bytes, ${EXAMPLE}`;
}

/** The name, a character a byte, of `"text"`, `P"escaped text"` or hexadecimal digits; null where it is none of them. */
function ssidOf(value: string): string | null {
  const quoted = /^P?"(.*)"$/s.exec(value)?.[1];
  if (quoted !== undefined) return Buffer.from(quoted).toString('latin1');
  return /^(?:[0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex').toString('latin1') : null;
}

function judgePsk(value: string): string | null {
  if (/^[0-9a-f]{64}$/i.test(value)) return null;
  const passphrase = /^"(.*)"$/s.exec(value)?.[1];
  const bytes = passphrase === undefined ? 0 : Buffer.byteLength(passphrase);
  return bytes >= 8 && bytes <= 63 && !hasControlCharacter(passphrase ?? '')
    ? null
    : 'psk with a passphrase of 8 to 63 characters in double quotes, or with 64 hexadecimal digits without quotes';
}
