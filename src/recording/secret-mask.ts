import { secretsIn } from '../config/secret-values.js';
import { hasPinChecksum, RANDOM_PIN } from '../config/text-values.js';
import { HIDDEN, mayHoldSecret, SHORTEST_SECRET, secretsInText, wholeWord } from '../system/secrets.js';
import { isRecord } from '../system/values.js';
import { encoded } from './format.js';

/** In JSON: the keys of secrets. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['pin', 'passphrase', 'psk']);
const KEY_OF_SECRET = new RegExp(`"(?:${[...SECRET_KEYS].join('|')})":"`);
/** Settings that hold values of wpa_supplicant, named by a user. */
const SETTINGS = ['network_parms', 'config_parms'];
/** A whole reply: a passphrase can begin with these words. */
const REFUSAL = /^(?:FAIL(?: \(.*\))?|UNKNOWN COMMAND)\s*$/;
/** Random PINs come and go. */
const MAX_SECRETS = 256;

/**
 * Writes values as JSON without the secrets in them. The same secret becomes the same placeholder, and two become two, so the
 * machine decides about placeholders as it did about secrets. A placeholder has the form of its secret: a PIN becomes a PIN that
 * begins with 9, with a right checksum if it had one, and a key of 64 hexadecimal digits such a key.
 */
export class SecretMask {
  readonly #placeholders = new Map<string, string>();
  /** The secrets as they are in JSON. */
  #needles: readonly string[] = [];
  #pattern: RegExp | null = null;
  #count = 0;

  json(value: object): string {
    const plain = JSON.stringify(value, replacer);
    // Nearly all lines end here.
    if (!isSuspect(plain) && !this.#needles.some((needle) => plain.includes(needle))) return plain;
    this.#find(value, '');
    const pattern = this.#pattern;
    if (pattern === null) return plain;
    const masked = (text: string): string =>
      text.replace(pattern, (secret) => this.#placeholders.get(secret) ?? HIDDEN);
    return JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'string' ? masked(member) : encoded(member),
    );
  }

  #find(value: unknown, key: string): void {
    if (typeof value === 'string') {
      if (SECRET_KEYS.has(key)) this.#add(value.replace(/^"(.*)"$/, '$1'));
      for (const secret of secretsInText(value)) this.#add(secret);
    } else if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
      for (const member of value) this.#find(member, '');
    } else if (isRecord(value)) {
      // The reply is the passphrase alone.
      const { tag, reply } = value;
      const told = isRecord(tag) && tag['kind'] === 'group-passphrase';
      if (told && typeof reply === 'string' && !REFUSAL.test(reply)) this.#add(reply.trim());
      if (SETTINGS.some((name) => Object.hasOwn(value, name)))
        for (const secret of secretsIn(value)) this.#add(secret);
      for (const [name, member] of Object.entries(value)) this.#find(member, name);
    }
  }

  #add(secret: string): void {
    // The setting pin may have that word.
    if (secret.length < SHORTEST_SECRET || secret === RANDOM_PIN) return;
    const known = this.#placeholders.get(secret);
    if (known !== undefined) {
      // The one used last is forgotten last.
      this.#placeholders.delete(secret);
      this.#placeholders.set(secret, known);
      return;
    }
    const [oldest] = this.#placeholders.keys();
    if (this.#placeholders.size >= MAX_SECRETS && oldest !== undefined) this.#placeholders.delete(oldest);
    this.#placeholders.set(secret, placeholderOf(secret, ++this.#count));
    // A secret may be the beginning of another one.
    const secrets = [...this.#placeholders.keys()].sort((one, other) => other.length - one.length);
    this.#needles = secrets.map((one) => JSON.stringify(one).slice(1, -1));
    this.#pattern = new RegExp(secrets.map(wholeWord).join('|'), 'g');
  }
}

function isSuspect(json: string): boolean {
  return (
    mayHoldSecret(json) || KEY_OF_SECRET.test(json) || SETTINGS.some((name) => json.includes(`"${name}":`))
  );
}

function replacer(_key: string, member: unknown): unknown {
  return encoded(member);
}

function placeholderOf(secret: string, number: number): string {
  if (/^\d{4}$/.test(secret)) return `9${digits(number, 3)}`;
  if (/^\d{8}$/.test(secret)) {
    const seven = `9${digits(number, 6)}`;
    const right =
      Array.from({ length: 10 }, (_, digit) => `${seven}${digit}`).filter(hasPinChecksum)[0] ?? '';
    return hasPinChecksum(secret) ? right : `${seven}${(Number(right.at(-1)) + 1) % 10}`;
  }
  if (/^[0-9a-f]{64}$/i.test(secret)) return number.toString(16).padStart(64, '0');
  return `hidden-secret-${number}`;
}

/** The last digits of a number. */
function digits(number: number, count: number): string {
  return String(number % 10 ** count).padStart(count, '0');
}
