/** IPv4 addresses as unsigned 32-bit numbers in host order. */

export interface Subnet {
  /** This machine's own address in it. */
  readonly address: number;
  readonly prefix: number;
}

/** Both ends are part of it. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Null if it is none. `010` is refused, because some programs read it as 8. */
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

/** The network address and the broadcast address of the subnet. */
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

/** `192.168.49.10-192.168.49.99`, with or without blanks around the dash. */
export function parseRange(text: string): AddressRange | null {
  const [first = '', last = '', more] = text.split('-').map((part) => part.trim());
  const [start, end] = [parseIpv4(first), parseIpv4(last)];
  return start === null || end === null || more !== undefined ? null : { start, end };
}

export function rangeText({ start, end }: AddressRange): string {
  return `${ipv4Text(start)}-${ipv4Text(end)}`;
}

export function overlap(range: AddressRange, other: AddressRange): boolean {
  return other.start <= range.end && range.start <= other.end;
}
