import { isFailure } from '../wpa/reply.js';

/**
 * The global settings of wpa_supplicant that a session changes while it runs. The user's values must come back afterwards,
 * also after a crash, so they are stored together with ours: as a note inside `config_methods`. wpa_supplicant keeps that
 * text as it is and only looks for the words that it knows (wps_config_methods_str2bin), so the note has no effect. It
 * exists exactly while our values do, even if they get into a configuration file.
 */

const KEYS = [
  'config_methods',
  'update_config',
  'persistent_reconnect',
  'ip_addr_go',
  'ip_addr_mask',
  'ip_addr_start',
  'ip_addr_end',
] as const;

export type ValueKey = (typeof KEYS)[number];
export type Values = Readonly<Record<ValueKey, string>>;

/** What wpa_supplicant uses without a line in its configuration file. */
export const UNSET: Values = {
  config_methods: '',
  update_config: '0',
  persistent_reconnect: '0',
  ip_addr_go: '0.0.0.0',
  ip_addr_mask: '0.0.0.0',
  ip_addr_start: '0.0.0.0',
  ip_addr_end: '0.0.0.0',
};

/** In the order of the requests: `config_methods` is the last one. */
export const VALUE_KEYS: readonly ValueKey[] = [
  ...KEYS.filter((key) => key !== 'config_methods'),
  'config_methods',
];

export function isValueKey(key: string): key is ValueKey {
  return (KEYS as readonly string[]).includes(key);
}

export function sameValues(one: Values, other: Values): boolean {
  return KEYS.every((key) => one[key] === other[key]);
}

/** The reply to `GET <key>`. It is a refusal if wpa_supplicant has no value, or does not know the key. */
export function parseValue(key: ValueKey, reply: string): string {
  return isFailure(reply) ? UNSET[key] : reply.trim();
}

const NOTE = 'hostp2pd:';
const OTHERS = KEYS.filter((key) => key !== 'config_methods');
/** What an unset `config_methods` means in a build for Wi-Fi Direct. The note alone would mean no method. */
const DEFAULT_METHODS = 'display keypad virtual_display p2ps';
/** A line of a configuration file has at most 511 bytes (config_file.c), and the note can get into one. */
const MAX_METHODS = 200;

/**
 * The text for `config_methods` with the user's values in the note. They are in capitals: wpa_supplicant would find words
 * in small letters.
 */
export function withNote(methods: string, user: Values): string {
  const words = user.config_methods.slice(0, MAX_METHODS).replace(/[A-Z]/g, '').replaceAll(' ', '+');
  const fields = [words.toUpperCase(), ...OTHERS.map((key) => user[key])];
  return `${methods || DEFAULT_METHODS} ${NOTE}${fields.join(',')}`;
}

/** The user's values from the note inside `config_methods`; null if there is no note. */
export function readNote(configMethods: string): Values | null {
  const at = configMethods.indexOf(NOTE);
  if (at < 0) return null;
  const fields = configMethods.slice(at + NOTE.length).split(',');
  const others = fields.splice(-OTHERS.length);
  if (others.length < OTHERS.length || fields.length === 0) return null;
  const read = OTHERS.map((key, place) => [key, others[place]?.trim() ?? UNSET[key]] as const);
  const words = fields.join(',').toLowerCase().replaceAll('+', ' ');
  return { ...UNSET, ...Object.fromEntries(read), config_methods: words };
}
