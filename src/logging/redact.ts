/** What stands in the place of a secret. */
export const HIDDEN = '<hidden>';

/**
 * A text without any of these words holds none of the secrets below: of the thousands of lines of a debug log
 * nearly all end here.
 */
const SUSPECT = /_pin|-pin|\bpin=|p2p_connect|passphrase|psk|passw|wep_key|wps_reg|wps-(?:cred|new)/i;

// A PIN where a command has it: the token with a digit in it, which tells it from "pbc", "pin", "get" and from
// the prose of a message about the command.
const PIN = '(?=\\S*\\d)\\S+';

/** What precedes the secret, kept as group 1, and the secret. */
const SECRETS: readonly RegExp[] = [
  // Commands, see ctrl_iface.c: <who> is an address, "any" or a UUID.
  new RegExp(`\\b((?:WPS_PIN|WPS_REG|WPS_ER_PIN|WPS_ER_LEARN|P2P_CONNECT)\\s+\\S+\\s+)${PIN}`, 'gi'),
  new RegExp(`\\b(WPS_AP_PIN\\s+set\\s+)${PIN}`, 'gi'),
  // Takes spaces and dashes between the digits.
  /\b(WPS_CHECK_PIN\s+)(?=.*\d).+/gi,
  // Events.
  new RegExp(`\\b(P2P-PROV-DISC-SHOW-PIN\\s+\\S+\\s+)${PIN}`, 'gi'),
  /\b(WPS-(?:CRED-RECEIVED|NEW-AP-SETTINGS)\s+)\S+/gi,
  // P2P-GROUP-STARTED: a passphrase may hold quotes, so it ends at the last one before what follows it; if no
  // quote ends it, the line was cut inside it.
  /(passphrase=")(?:.*(?=" go_dev_addr=|"\s*$)|.*)/gim,
  // STATUS, STATUS-WPS: unquoted to the end of the line.
  /(passphrase=)(?!").+/gi,
  /(psk=)(?:".*"|".*|\S+)/gi,
  // A line of a network block, as SET_NETWORK and network_parms have it.
  /(\bpsk\s+)(?:".*|[0-9a-f]{64}\b)/gi,
  /\b(SET_NETWORK\s+\d+\s+\w*(?:psk|passw\w*|passphrase|wep_key\d|pin)\s+).+/gi,
  /\b((?:sae_password|wep_key\d)(?:=|\s+(?="))).+/gi,
  /((?:\b|_)pin=)(?=\S*\d)\S+/gi,
];

/** Hides the secrets that wpa_supplicant's commands, events and replies carry, by their form. */
export function redact(text: string): string {
  if (!SUSPECT.test(text)) return text;
  let result = text;
  for (const secret of SECRETS) result = result.replace(secret, `$1${HIDDEN}`);
  return result;
}

const SHORTEST_SECRET = 4;
const MAX_PASSING = 16;

/** Hides, besides those, secrets that are known: the configured PIN and passphrases, wherever they appear. */
export class Redactor {
  readonly #known = new Map<string, RegExp>();
  readonly #passing = new Map<string, RegExp>();

  /** Secrets shorter than 4 characters are ignored: hiding them would only make holes in other words. */
  register(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      if (secret.length >= SHORTEST_SECRET) this.#known.set(secret, wholeWord(secret));
    }
  }

  /** A secret of a while, such as the passphrase of a group that comes and goes: only the last few are remembered. */
  remember(secret: string): void {
    if (secret.length < SHORTEST_SECRET) return;
    this.#passing.delete(secret);
    this.#passing.set(secret, wholeWord(secret));
    const [oldest] = this.#passing.keys();
    if (this.#passing.size > MAX_PASSING && oldest !== undefined) this.#passing.delete(oldest);
  }

  redact(text: string): string {
    let result = redact(text);
    for (const known of [this.#known, this.#passing]) {
      for (const [secret, pattern] of known) {
        // Far cheaper than the pattern, and nearly always the end of it.
        if (result.includes(secret)) result = result.replace(pattern, HIDDEN);
      }
    }
    return result;
  }
}

/** Matches the secret where it is no part of a longer word, nor the first eight digits of a UUID. */
function wholeWord(secret: string): RegExp {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const before = /^\w/.test(secret) ? '(?<!\\w)' : '';
  const after = /\w$/.test(secret) ? '(?!\\w|-[0-9a-f]{4}-)' : '';
  return new RegExp(before + literal + after, 'g');
}
