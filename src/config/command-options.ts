import { parseAddress } from '../system/mac-address.js';
import { describe, nearestName } from './problem.js';
import type { ParsedText } from './table.js';

/**
 * The options that wpa_supplicant's P2P_GROUP_ADD and P2P_CONNECT take behind what we send ourselves
 * (p2p_ctrl_group_add and p2p_ctrl_connect in ctrl_iface.c, up to the development branch of 2026).
 */

const isNumber = (value: string | undefined): boolean => value !== undefined && /^\d{1,5}$/.test(value);
const isAbsent = (value: string | undefined): boolean => value === undefined;

/** Each with what may stand behind its equals sign. `freq` is judged by itself. */
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
const CONNECT_OPTIONS: readonly string[] = [
  ...[
    'freq',
    'freq2',
    'max_oper_chwidth',
    'ht40',
    'vht',
    'he',
    'edmg',
    'allow_6ghz',
    'go_intent',
    'persistent',
  ],
  ...['join', 'auth', 'auto', 'provdisc', 'ssid', 'p2p2', 'skip_prov', 'bstrapmethod', 'password'],
];

/** From channel 1 of the 2.4 GHz band to channel 233 of the 6 GHz band. */
const MIN_MHZ = 2412;
const MAX_MHZ = 7115;
const FREQUENCY = `freq=<whole MHz from ${MIN_MHZ} to ${MAX_MHZ}>`;
/** What P2P_GROUP_ADD alone can do: choose a channel of a band, or leave the choice to the driver (acs). */
const CHOICES = ['freq=2', 'freq=5', 'freq=acs'];

/** P2P_GROUP_ADD fails as a whole for one option that it does not know: no group would ever come up. */
export function parseGroupOptions(text: string): ParsedText {
  const words = wordsOf(text);
  if (words.some((word) => nameOf(word) === 'freq' && !isChannel(word) && !CHOICES.includes(word))) {
    return { wanted: `${CHOICES.join(', ')} or ${FREQUENCY}` };
  }
  // It would take the place of the profile that we have chosen.
  const persistent = words.filter((word) => nameOf(word) === 'persistent');
  const used = words.filter((word) => !persistent.includes(word));
  const unknown = used.find((word) => nameOf(word) !== 'freq' && !isGroupOption(word));
  if (unknown !== undefined) {
    const known = ['freq', ...GROUP_OPTIONS.keys()].join(', ');
    return {
      wanted: `options of P2P_GROUP_ADD (${known}), not ${shown(unknown, words, GROUP_OPTIONS.keys())}`,
    };
  }
  if (persistent.length === 0) return { text: used.join(' ') };
  const instead = 'activate_persistent_group and persistent_network_id in its place';
  return {
    text: used.join(' '),
    remark: `${instead} (${persistent.map((word) => describe(word)).join(' ')} is not sent)`,
  };
}

/** P2P_CONNECT takes a frequency and no band, and would read `freq=2` as 2 MHz. Options that it does not know, it ignores. */
export function parseConnectOptions(text: string): ParsedText {
  const words = wordsOf(text);
  const bands = words.filter((word) => CHOICES.includes(word));
  const used = words.filter((word) => !bands.includes(word));
  if (used.some((word) => nameOf(word) === 'freq' && !isChannel(word))) {
    return { wanted: `${FREQUENCY}; a band cannot be named here` };
  }
  const remarks = [
    ...(bands.length === 0
      ? []
      : [`a channel such as freq=2437, in MHz (P2P_CONNECT takes no band: ${bands.join(' ')} is not sent)`]),
    ...used
      .filter((word) => !CONNECT_OPTIONS.includes(nameOf(word)))
      .map((word) => `options of P2P_CONNECT (it ignores ${shown(word, words, CONNECT_OPTIONS)})`),
  ];
  return remarks.length === 0
    ? { text: used.join(' ') }
    : { text: used.join(' '), remark: remarks.join('; ') };
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** An option that is not known. Beside others it may be the next line of the file, whose colon is missing. */
function shown(word: string, words: readonly string[], known: Iterable<string>): string {
  const isOption = words.length === 1 || nearestName(nameOf(word), known) !== undefined;
  return describe(word, !isOption);
}

function nameOf(word: string): string {
  return word.split('=', 1)[0] ?? '';
}

/** wpa_supplicant reads a number at the start of the value and ignores what follows: `freq=2.4` would be 2. */
function isChannel(word: string): boolean {
  const value = word.slice('freq='.length);
  return /^\d{4}$/.test(value) && Number(value) >= MIN_MHZ && Number(value) <= MAX_MHZ;
}

function isGroupOption(word: string): boolean {
  const name = nameOf(word);
  return GROUP_OPTIONS.get(name)?.(name === word ? undefined : word.slice(name.length + 1)) ?? false;
}
