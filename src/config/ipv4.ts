import type { ParsedText } from './table.js';

/** IPv4 addresses as numbers of 32 bits, in the order in which people count them. */

export interface Subnet {
  /** Our own address in it. */
  readonly address: number;
  readonly prefix: number;
}

/** Both ends belong to it. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Null where it is none; `010` is refused, for some read it as 8. */
export function parseIpv4(text: string): number | null {
  const bytes = DOTTED.exec(text)?.slice(1) ?? [];
  if (bytes.length !== 4 || bytes.some((byte) => Number(byte) > 255 || (byte.length > 1 && byte[0] === '0')))
    return null;
  return bytes.reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

export function netmask({ prefix }: Subnet): number {
  return (0xffffffff << (32 - prefix)) >>> 0;
}

/** The first address of the subnet, which names it, and the last, which is for all. */
export function bounds(subnet: Subnet): AddressRange {
  const mask = netmask(subnet);
  const start = (subnet.address & mask) >>> 0;
  return { start, end: (start | ~mask) >>> 0 };
}

export function parseSubnet(text: string): Subnet | null {
  const [, host = '', prefix = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseIpv4(host);
  return address === null ? null : { address, prefix: Number(prefix) };
}

/** `192.168.49.10-192.168.49.99`, with blanks around the dash or without. */
export function parseRange(text: string): AddressRange | null {
  const [first = '', last = '', more] = text.split('-').map((part) => part.trim());
  const [start, end] = [parseIpv4(first), parseIpv4(last)];
  return start === null || end === null || more !== undefined ? null : { start, end };
}

export function rangeText({ start, end }: AddressRange): string {
  return `${ipv4Text(start)}-${ipv4Text(end)}`;
}

/** Room for some phones, and not more than a driver or a person can want. */
const PREFIXES = { min: 16, max: 29 } as const;

/** What the setting `group_address` may be. */
export function parseGroupAddress(text: string): ParsedText {
  const subnet = parseSubnet(text);
  const wanted = `an IPv4 address with the length of its prefix, ${PREFIXES.min} to ${PREFIXES.max}, e.g. 192.168.49.1/24`;
  if (!subnet || subnet.prefix < PREFIXES.min || subnet.prefix > PREFIXES.max) return { wanted };
  const { start, end } = bounds(subnet);
  const first = subnet.address >>> 24;
  // Of no use to a host: "this network", loopback, multicast and what is reserved (RFC 6890).
  if (first === 0 || first === 127 || first >= 224) return { wanted: `${wanted}, of a network for hosts` };
  if (subnet.address === start || subnet.address === end)
    return { wanted: `${wanted}, neither the first nor the last of its network` };
  return { text };
}

/** What the setting `address_range` may be. */
export function parseAddressRange(text: string): ParsedText {
  const range = parseRange(text);
  if (range && range.start <= range.end) return { text: rangeText(range) };
  return { wanted: 'two IPv4 addresses, the lower first, e.g. 192.168.49.10-192.168.49.99' };
}

/** In the place of a range: no addresses inside the handshake. */
export const NO_RANGE = 'off';

/** What the setting `handshake_range` may be. */
export function parseHandshakeRange(text: string): ParsedText {
  if (text === NO_RANGE) return { text };
  const parsed = parseAddressRange(text);
  return 'text' in parsed ? parsed : { wanted: `${parsed.wanted}; or ${NO_RANGE}` };
}
