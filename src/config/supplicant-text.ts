import { parseAddress } from '../system/mac-address.js';
import { hasControlCharacter, isDirectName } from '../system/names.js';
import { describe, nearestName } from '../system/values.js';
import type { ParsedText } from './table.js';

/**
 * Settings that wpa_supplicant gets as they are: lines of a network block, and options of P2P_GROUP_ADD and P2P_CONNECT.
 * It refuses a wrong one without a reason, or accepts it and makes a group that phones do not list. So everything that
 * can be checked is checked here.
 */

/** One line of `network_parms`: `<key> <value>`, as SET_NETWORK takes it. Values may be secrets and are never quoted. */
export function parseNetworkLine(text: string): ParsedText {
  const line = text.trim();
  const match = /^(\w+)\s+(\S.*)$/su.exec(line);
  if (!match?.[1] || !match[2]) return { expected: 'a line "key value", e.g. \'key_mgmt WPA-PSK\'' };
  const [, key, value] = match;
  const expected = NETWORK_VALUES.get(key)?.(value) ?? null;
  return expected === null ? { text: line } : { expected };
}

/** What is expected for a network key; null if the value is right. */
type CheckValue = (value: string) => string | null;

const NETWORK_VALUES: ReadonlyMap<string, CheckValue> = new Map<string, CheckValue>([
  ['ssid', checkSsid],
  ['psk', checkPsk],
  ['mode', (value) => (value === '3' ? null : 'mode 3 (group owner), or no such line: it is added')],
  [
    'disabled',
    (value) => (value === '2' ? null : 'disabled 2 (a persistent group), or no such line: it is added'),
  ],
  // wpa_supplicant takes these words only without quotes.
  ...['key_mgmt', 'proto', 'pairwise', 'group', 'auth_alg'].map((key): [string, CheckValue] => [
    key,
    (value) => (/["']/.test(value) ? `${key} with its value without quotes` : null),
  ]),
]);

/** Longest name of a network (IEEE 802.11). */
const MAX_SSID_BYTES = 32;
const SSID_EXAMPLE = 'e.g. ssid "DIRECT-xy-box"';

function checkSsid(value: string): string | null {
  const name = ssidOf(value);
  if (name === null) return `the name of the group in double quotes, ${SSID_EXAMPLE}`;
  if (!isDirectName(name))
    return `a name that begins with DIRECT- and two letters or digits, ${SSID_EXAMPLE} (phones list no other)`;
  return Buffer.byteLength(name, 'latin1') <= MAX_SSID_BYTES
    ? null
    : `a name of at most ${MAX_SSID_BYTES} bytes, ${SSID_EXAMPLE}`;
}

/** The name, one character for each byte, of `"text"`, `P"escaped text"` or hexadecimal digits; null for anything else. */
function ssidOf(value: string): string | null {
  const quoted = /^P?"(.*)"$/s.exec(value)?.[1];
  if (quoted !== undefined) return Buffer.from(quoted).toString('latin1');
  return /^(?:[0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex').toString('latin1') : null;
}

function checkPsk(value: string): string | null {
  if (/^[0-9a-f]{64}$/i.test(value)) return null;
  const passphrase = /^"(.*)"$/s.exec(value)?.[1] ?? '';
  const bytes = Buffer.byteLength(passphrase);
  return bytes >= 8 && bytes <= 63 && !hasControlCharacter(passphrase)
    ? null
    : 'psk with a passphrase of 8 to 63 characters in double quotes, or with 64 hexadecimal digits without quotes';
}

const isNumber = (value: string | undefined): boolean => value !== undefined && /^\d{1,5}$/.test(value);
const isAbsent = (value: string | undefined): boolean => value === undefined;

/**
 * Options of P2P_GROUP_ADD besides what we send ourselves, each with what may follow its equals sign; `freq` is checked
 * separately (p2p_ctrl_group_add in ctrl_iface.c, up to the development branch of 2026).
 */
const GROUP_OPTIONS: ReadonlyMap<string, (value: string | undefined) => boolean> = new Map([
  ['freq2', isNumber],
  ['max_oper_chwidth', isNumber],
  ['ht40', isAbsent],
  ['vht', isAbsent],
  ['he', isAbsent],
  ['edmg', isAbsent],
  ['allow_6ghz', isAbsent],
  ['go_bssid', (value) => parseAddress(value) !== null],
  ['p2p2', isAbsent],
  ['p2pmode', isNumber],
]);

/** The same of P2P_CONNECT (p2p_ctrl_connect). */
const CONNECT_OPTIONS: readonly string[] = [
  ...['freq', 'freq2', 'max_oper_chwidth', 'ht40', 'vht', 'he', 'edmg', 'allow_6ghz', 'go_intent'],
  ...['persistent', 'join', 'auth', 'auto', 'provdisc', 'ssid', 'p2p2', 'skip_prov', 'bstrapmethod'],
  'password',
];

/** From channel 1 of the 2.4 GHz band to channel 233 of the 6 GHz band. */
const MIN_MHZ = 2412;
const MAX_MHZ = 7115;
const FREQUENCY = `freq=<whole MHz from ${MIN_MHZ} to ${MAX_MHZ}>`;
/** Only P2P_GROUP_ADD can choose a channel of a band, or leave the choice to the driver (acs). */
const BANDS = ['freq=2', 'freq=5', 'freq=acs'];

/** P2P_GROUP_ADD fails as a whole if it does not know an option: no group would ever start. */
export function parseGroupOptions(text: string): ParsedText {
  const words = wordsOf(text);
  if (words.some((word) => nameOf(word) === 'freq' && !isChannel(word) && !BANDS.includes(word)))
    return { expected: `${BANDS.join(', ')} or ${FREQUENCY}` };
  // It would replace the profile that we have chosen.
  const persistent = words.filter((word) => nameOf(word) === 'persistent');
  const used = words.filter((word) => !persistent.includes(word));
  const unknown = used.find((word) => nameOf(word) !== 'freq' && !isGroupOption(word));
  if (unknown !== undefined) {
    const known = ['freq', ...GROUP_OPTIONS.keys()].join(', ');
    const got = shownOption(unknown, words, GROUP_OPTIONS.keys());
    return { expected: `options of P2P_GROUP_ADD (${known})`, got };
  }
  if (persistent.length === 0) return { text: used.join(' ') };
  const dropped = persistent.map((word) => describe(word)).join(' ');
  const warning = `${dropped} is not sent; use activate_persistent_group and persistent_network_id instead`;
  return { text: used.join(' '), warning };
}

/** P2P_CONNECT takes a frequency but no band: it would read `freq=2` as 2 MHz. It ignores options that it does not know. */
export function parseConnectOptions(text: string): ParsedText {
  const words = wordsOf(text);
  const bands = words.filter((word) => BANDS.includes(word));
  const used = words.filter((word) => !bands.includes(word));
  if (used.some((word) => nameOf(word) === 'freq' && !isChannel(word)))
    return { expected: `${FREQUENCY} (P2P_CONNECT takes no band)` };
  const dropped = `${bands.join(' ')} is not sent: P2P_CONNECT takes no band; name a channel in MHz, e.g. freq=2437`;
  const warnings = used
    .filter((word) => !CONNECT_OPTIONS.includes(nameOf(word)))
    .map((word) => `P2P_CONNECT has no option ${shownOption(word, words, CONNECT_OPTIONS)} and ignores it`);
  if (bands.length > 0) warnings.unshift(dropped);
  const sent = used.join(' ');
  return warnings.length === 0 ? { text: sent } : { text: sent, warning: warnings.join('; ') };
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** An unknown option. With others beside it, it may be the next line of the file, whose colon is missing: a secret. */
function shownOption(word: string, words: readonly string[], known: Iterable<string>): string {
  const isOption = words.length === 1 || nearestName(nameOf(word), known) !== undefined;
  return describe(word, !isOption);
}

function nameOf(word: string): string {
  return word.split('=', 1)[0] ?? '';
}

/** wpa_supplicant reads the number at the start of the value and ignores the rest: `freq=2.4` would be 2. */
function isChannel(word: string): boolean {
  const value = word.slice('freq='.length);
  return /^\d{4}$/.test(value) && Number(value) >= MIN_MHZ && Number(value) <= MAX_MHZ;
}

function isGroupOption(word: string): boolean {
  const name = nameOf(word);
  return GROUP_OPTIONS.get(name)?.(name === word ? undefined : word.slice(name.length + 1)) ?? false;
}
