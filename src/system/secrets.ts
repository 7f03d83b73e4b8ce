import { escapeRegExp } from './values.js';

/** What replaces a secret. */
export const HIDDEN = '<hidden>';

/**
 * Names of parameters and event fields that hold a secret, of those that wpa_supplicant has (config.c, config_ssid.h) and of those that
 * it may get: a word of the name says so. `key_mgmt` and `group_rekey` are none.
 */
const SECRET_NAME =
  '[\\w.-]*(?:pass(?!ive)|psk|cred|connector|identity|secret|token)[\\w.-]*|[\\w.-]*(?<!re)key\\d*|(?:[\\w.-]*[_.-])?(?:pin\\d*|pw|cak|ckn|otp|sim|dik|pmk|csign)';
const SECRET_FIELD = new RegExp(`^(?:${SECRET_NAME})$`, 'i');

/** A text without any of these words holds none of the secrets below. Nearly all lines of a debug log end here. */
const SUSPECT =
  /_pin|-pin|\bpin=|p2p_connect|pass|psk|wep_key|wps_reg|wps-(?:cred|new)|ctrl-rsp|(?:key|pmk|dik|secret)=|\bset(?:_\w+)?\s/i;

// A PIN in a command: a token with a digit in it, unlike "pbc", "pin", "get" and the words of a message about the
// command.
const PIN = '(?=\\S*\\d)\\S+';

/** Group 1 is what precedes the secret; it is kept. */
const SECRETS: readonly RegExp[] = [
  // Commands, see ctrl_iface.c: <who> is an address, "any" or a UUID.
  new RegExp(`\\b((?:WPS_PIN|WPS_REG|WPS_ER_PIN|WPS_ER_LEARN|P2P_CONNECT)\\s+\\S+\\s+)${PIN}`, 'gi'),
  new RegExp(`\\b(WPS_AP_PIN\\s+set\\s+)${PIN}`, 'gi'),
  // Spaces and dashes between the digits are allowed.
  /\b(WPS_CHECK_PIN\s+)(?=.*\d).+/gi,
  // Events.
  new RegExp(`\\b(P2P-PROV-DISC-SHOW-PIN\\s+\\S+\\s+)${PIN}`, 'gi'),
  /\b(WPS-(?:CRED-RECEIVED|NEW-AP-SETTINGS)\s+)\S+/gi,
  // P2P-GROUP-STARTED: a passphrase may hold quotes, so it ends at the last one before what follows it; if no
  // quote ends it, the line was cut inside it.
  /(passphrase=")(?:.*(?=" go_dev_addr=|"\s*$)|.*)/gim,
  // STATUS, STATUS-WPS: unquoted to the end of the line.
  /(passphrase=)(?!").+/gi,
  // The name of a phone may look like the next three; it is in single quotes.
  /(psk=)(?:".*"|".*|[^\s']+)/gi,
  // A line of a network block, as SET_NETWORK and network_parms have it.
  /(\bpsk\s+)(?:".*|[0-9a-f]{64}\b)/gi,
  new RegExp(`\\b((?:SET|SET_(?:NETWORK|CRED)\\s+\\d+)\\s+(?:${SECRET_NAME})\\s+)(?=\\S*[\\S ]{3}).+`, 'g'),
  /\b((?:(?:sae_)?password|wep_key\d)(?:=|\s+(?="))).+/gi,
  /((?:\b|_)pin=)(?=[^\s']*\d)[^\s']+/gi,
  // What EAP and DPP ask for.
  /\b(CTRL-RSP-\w+-\d+:).+/gi,
  /(?<![\w-])((?:pass|key|pmk|dik|secret)=)[^\s']+/gi,
];

/** Whether a text may hold a secret of a known form: quickly, and more often than it does. */
export function mayHoldSecret(text: string): boolean {
  return SUSPECT.test(text);
}

/** Hides secrets in wpa_supplicant's commands, events and replies, by their form. */
export function redact(text: string): string {
  if (!mayHoldSecret(text)) return text;
  let result = text;
  for (const secret of SECRETS) result = result.replace(secret, `$1${HIDDEN}`);
  return result;
}

/** The secrets in such a text, without the quotes around them. */
export function secretsInText(text: string): string[] {
  if (!mayHoldSecret(text)) return [];
  return SECRETS.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([whole, before = '']) =>
      whole.slice(before.length).replace(/^"(.*?)"?$/, '$1'),
    ),
  );
}

/** Whether a field or parameter of that name holds a secret, whatever its value looks like. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/**
 * Whether a line that a person has typed holds a PIN or a passphrase: `pin ADDRESS PIN`, `pair pin PIN`, a request sent
 * by `wpa`, or the same as an expression.
 */
export function holdsTypedSecret(line: string): boolean {
  if (/psk|passphrase|passw|wep_key/i.test(line) || secrets.redact(line) !== line) return true;
  // 4 or 8 digits, in whatever way they are grouped.
  return /pin|pair|wps|p2p_connect/i.test(line) && /(?<!\d)\d{4}(?:[- ]?\d{4})?(?!\d)/.test(line);
}

/** Hiding a shorter one would hide parts of other words. */
export const SHORTEST_SECRET = 4;
/** A PIN module can give each phone its own PIN. */
const MAX_TEMPORARY = 256;

/** Also hides known secrets wherever they appear: the configured PIN and passphrases. */
export class Redactor {
  readonly #known = new Map<string, RegExp>();
  readonly #temporary = new Map<string, RegExp>();

  register(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length >= SHORTEST_SECRET) this.#known.set(secret, new RegExp(wholeWord(secret), 'g'));
    }
  }

  /** Adds a temporary secret, such as the passphrase of one group: only the last few are remembered. */
  remember(secret: string): void {
    if (secret.length < SHORTEST_SECRET) return;
    this.#temporary.delete(secret);
    this.#temporary.set(secret, new RegExp(wholeWord(secret), 'g'));
    const [oldest] = this.#temporary.keys();
    if (this.#temporary.size > MAX_TEMPORARY && oldest !== undefined) this.#temporary.delete(oldest);
  }

  /** For a line of a log or of a terminal: hides known secrets, and what has the form of a secret. */
  redact(text: string): string {
    return this.redactKnown(redact(text));
  }

  /** For a text without a known form, such as the name of a phone. */
  redactKnown(text: string): string {
    let result = text;
    for (const known of [this.#known, this.#temporary]) {
      for (const [secret, pattern] of known) {
        // Much cheaper than the pattern, and nearly always false.
        if (result.includes(secret)) result = result.replace(pattern, HIDDEN);
      }
    }
    return result;
  }
}

/**
 * The secrets that this process knows. The log, the streams of events, the history of the prompt, answers to clients and
 * crash reports share this list: what one of them hides, all hide.
 */
export const secrets = new Redactor();

/** A pattern for the secret unless it is part of a longer word, or the first eight digits of a UUID. */
export function wholeWord(secret: string): string {
  const before = /^\w/.test(secret) ? '(?<!\\w)' : '';
  const after = /\w$/.test(secret) ? '(?!\\w|-[0-9a-f]{4}-)' : '';
  return before + escapeRegExp(secret) + after;
}
