import { isWellKnownPin } from '../config/known-pins.js';
import { hasPinChecksum, parsePin } from '../config/text-values.js';
import { isInterfaceName } from '../system/interface-names.js';
import { hasControlCharacter } from '../system/names.js';
import { inQuotes } from '../system/values.js';

/** The questions of `hostp2pd setup`, and what counts as an answer. */

/** How phones join. */
export type Admission = 'random' | 'button' | { readonly pin: string };

export interface Answers {
  /** By which phones see the box; the name of a new group ends with it. */
  readonly name: string;
  readonly admission: Admission;
  /** Whether hostp2pd gives phones IP addresses. */
  readonly addresses: boolean;
  /** `share_internet`: `off`, `auto`, or the interface that has the connection. */
  readonly share: string;
  /** Two letters; null: the country is known, and stays. */
  readonly country: string | null;
}

/** What is wrong with an answer, as "expected X, got Y"; undefined: nothing. */
type Problem = string | undefined;

/** The name of a group, `DIRECT-xy-NAME`, has at most 32 bytes (IEEE 802.11). */
const MAX_NAME_BYTES = 22;

export function nameProblem(name: string): Problem {
  const bytes = Buffer.byteLength(name);
  if (bytes < 1 || bytes > MAX_NAME_BYTES) return `expected 1 to ${MAX_NAME_BYTES} bytes, got ${bytes}`;
  if (name.trim() !== name) return `expected a name without spaces around it, got ${inQuotes(name)}`;
  return hasControlCharacter(name)
    ? `expected a name without control characters, got ${inQuotes(name)}`
    : undefined;
}

/** The longest beginning of a host name that can be the name of the box. */
export function nameFrom(hostName: string): string {
  const [label = ''] = hostName.split('.');
  let name = [...label].filter((one) => !hasControlCharacter(one)).join('');
  while (Buffer.byteLength(name) > MAX_NAME_BYTES) name = [...name].slice(0, -1).join('');
  return name.trim() || 'hostp2pd';
}

export function pinProblem(pin: string): Problem {
  if (!('text' in parsePin(pin)) || pin.length !== 8)
    return `expected a PIN of 8 digits, got ${pin.length === 1 ? 'one character' : `${pin.length} characters`}`;
  if (isWellKnownPin(pin)) return `the PIN ${pin} is one that everybody tries first: choose another one`;
  if (hasPinChecksum(pin)) return undefined;
  const digits = [...'0123456789'].map((last) => pin.slice(0, 7) + last);
  return `the last digit has to be the checksum of the others: ${digits.find(hasPinChecksum)}`;
}

export function countryProblem(country: string): Problem {
  const isCode = /^[a-z]{2}$/i.test(country.trim());
  return isCode ? undefined : `expected a country code of two letters, such as DE, got ${inQuotes(country)}`;
}

/** The country as wpa_supplicant takes it. */
export function countryCode(typed: string): string {
  return typed.trim().toUpperCase();
}

/** The options of the command, by name; true: an option without a value. */
export type Flags = ReadonlyMap<string, string | true>;

/** The answers that options have given. */
export type GivenAnswers = { readonly [Key in keyof Answers]?: Answers[Key] };

/** Reads the options that answer questions. @returns the problem in words if one is wrong */
export function answersOf(flags: Flags): GivenAnswers | { readonly problem: string } {
  const given: { -readonly [Key in keyof Answers]?: Answers[Key] } = {};
  const text = (flag: string): string | undefined => {
    const value = flags.get(flag);
    return typeof value === 'string' ? value : undefined;
  };
  const wrong = (flag: string, problem: Problem) => ({ problem: `--${flag}: ${problem}` });
  const name = text('name');
  if (name !== undefined) {
    const problem = nameProblem(name);
    if (problem !== undefined) return wrong('name', problem);
    given.name = name;
  }
  const country = text('country');
  if (country !== undefined) {
    const problem = countryProblem(country);
    if (problem !== undefined) return wrong('country', problem);
    given.country = countryCode(country);
  }
  const addresses = text('addresses');
  if (addresses !== undefined) {
    if (addresses !== 'yes' && addresses !== 'no')
      return wrong('addresses', `expected yes or no, got ${inQuotes(addresses)}`);
    given.addresses = addresses === 'yes';
  }
  const share = text('share-internet');
  if (share !== undefined) {
    if (!isInterfaceName(share))
      return wrong('share-internet', `expected off, auto, or an interface, got ${inQuotes(share)}`);
    given.share = share;
  }
  const pin = text('pin');
  const admission = text('admission') ?? (pin === undefined ? undefined : 'pin');
  if (admission === undefined) return given;
  if (admission !== 'random' && admission !== 'pin' && admission !== 'button')
    return wrong('admission', `expected random, pin or button, got ${inQuotes(admission)}`);
  if (admission !== 'pin') {
    if (pin !== undefined) return wrong('pin', `goes with --admission pin, got --admission ${admission}`);
    return { ...given, admission };
  }
  if (pin === undefined) return wrong('admission', 'pin needs a PIN: --pin PIN');
  const problem = pinProblem(pin);
  return problem === undefined ? { ...given, admission: { pin } } : wrong('pin', problem);
}
