import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';

/**
 * Who may do what. Browsers bring strangers: a page of any site can send requests to this address, by its name (DNS
 * rebinding) or from the user's own browser (CSRF).
 */

/** Where the panel listens. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** The values that the header `Host` may have. */
export function hostsOf({ address, port }: ListenAddress): ReadonlySet<string> {
  // Browsers shorten an IPv6 address, and write it in small letters.
  const names = address.includes(':') ? [`[${address}]`, shortened(address)] : [address];
  if (isLoopback(address)) names.push('localhost');
  return new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

function shortened(address: string): string {
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname : `[${address}]`;
}

// A BlockList compares addresses and not texts, and takes an IPv4 address in IPv6 form for that IPv4 address.
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
const EVERY_ADDRESS = new BlockList();
EVERY_ADDRESS.addAddress('0.0.0.0', 'ipv4');
EVERY_ADDRESS.addAddress('::', 'ipv6');

export function isLoopback(address: string): boolean {
  return isIn(LOOPBACK, address);
}

/** Whether a server at this address listens at all addresses of the machine. */
export function isEveryAddress(address: string): boolean {
  return isIn(EVERY_ADDRESS, address);
}

/** @param address with or without a zone, such as `%eth0` */
function isIn(list: BlockList, address: string): boolean {
  const [plain = ''] = address.split('%');
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

interface RequestHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly 'content-type'?: string | undefined;
}

interface Refused {
  readonly status: number;
  readonly reason: string;
}

/**
 * Whether a request comes from a page of the panel, or from a program that is no browser.
 * @param opened the user may have opened this path in the browser, also by a link on another site
 */
export function refusal(
  headers: RequestHeaders,
  hosts: ReadonlySet<string>,
  { posted, opened }: { readonly posted: boolean; readonly opened: boolean },
): Refused | null {
  const { host = '', origin, 'sec-fetch-site': site, 'content-type': type = '' } = headers;
  if (!hosts.has(host.toLowerCase()))
    return {
      status: 421,
      reason: `the panel is at ${[...hosts].map((one) => `http://${one}/`).join(' and ')}`,
    };
  if (opened) return null;
  const own = origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`;
  if (!own || (site !== undefined && site !== 'same-origin' && !(site === 'none' && !posted)))
    return { status: 403, reason: 'the request comes from another site' };
  if (posted && !/^application\/json\s*(?:;|$)/i.test(type))
    return { status: 415, reason: 'expected a body of type application/json' };
  return null;
}

/** Headers of every answer. Nothing is loaded from elsewhere, no page of another site may show or read ours. */
export const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Wrong tokens that one address may send in a row, and the time after which it may send another one. */
export const WRONG_TOKENS = 5;
const FORGIVEN_MS = 10_000;
/** Addresses that are remembered. */
const MAX_ADDRESSES = 256;

type TokenAnswer = 'right' | 'wrong' | 'missing' | { readonly retrySeconds: number };

/**
 * Compares tokens, and limits how fast they can be tried. Even the right one is refused meanwhile: otherwise an attacker
 * could go on trying.
 */
export class TokenCheck {
  readonly #hash: Buffer;
  readonly #now: () => number;
  /** For each address, the time until which its wrong tokens count. */
  readonly #wrong = new Map<string, number>();

  /** @param now milliseconds of a clock that never goes back */
  constructor(token: string, now: () => number = () => performance.now()) {
    this.#hash = digest(token);
    this.#now = now;
  }

  /** @param authorization the header: `Bearer …` */
  check(authorization: string | undefined, address: string): TokenAnswer {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'missing';
    const now = this.#now();
    const until = Math.max(this.#wrong.get(address) ?? 0, now);
    const over = until - now - (WRONG_TOKENS - 1) * FORGIVEN_MS;
    if (over > 0) return { retrySeconds: Math.ceil(over / 1000) };
    if (timingSafeEqual(digest(token), this.#hash)) {
      this.#wrong.delete(address);
      return 'right';
    }
    this.#wrong.delete(address);
    this.#wrong.set(address, until + FORGIVEN_MS);
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MAX_ADDRESSES && oldest !== undefined) this.#wrong.delete(oldest);
    return 'wrong';
  }
}

/** Of equal length, whatever was sent. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
