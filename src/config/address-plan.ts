import {
  type AddressRange,
  bounds,
  overlap,
  parseRange,
  parseSubnet,
  rangeText,
  type Subnet,
} from './ipv4.js';
import type { ParsedText } from './table.js';

/** Room for some phones, and no more than a driver or a person can want. */
const PREFIX = { min: 16, max: 29 } as const;

export function parseGroupAddress(text: string): ParsedText {
  const subnet = parseSubnet(text);
  const expected = `an IPv4 address with a prefix length of ${PREFIX.min} to ${PREFIX.max}, e.g. 192.168.49.1/24`;
  if (!subnet || subnet.prefix < PREFIX.min || subnet.prefix > PREFIX.max) return { expected };
  const { start, end } = bounds(subnet);
  const first = subnet.address >>> 24;
  // No addresses of hosts: "this network", loopback, multicast and reserved addresses (RFC 6890).
  if (first === 0 || first === 127 || first >= 224)
    return { expected: `${expected}, of a network for hosts` };
  if (subnet.address === start || subnet.address === end)
    return { expected: `${expected}, neither the first nor the last of its network` };
  return { text };
}

export function parseAddressRange(text: string): ParsedText {
  const range = parseRange(text);
  if (range && range.start <= range.end) return { text: rangeText(range) };
  return { expected: 'two IPv4 addresses, the lower one first, e.g. 192.168.49.10-192.168.49.99' };
}

/** Instead of a range: no addresses in the handshake. */
const NO_RANGE = 'off';

export function parseHandshakeRange(text: string): ParsedText {
  if (text === NO_RANGE) return { text };
  const parsed = parseAddressRange(text);
  return 'text' in parsed ? parsed : { expected: `${parsed.expected}; or ${NO_RANGE}` };
}

/** Which addresses the network of the group has, and who gets which. */
export interface AddressPlan {
  /** Our address, and the network. */
  readonly subnet: Subnet;
  /** Given out by DHCP. */
  readonly leased: AddressRange;
  /** Given to Wi-Fi Direct phones in the 4-way handshake; null: none. */
  readonly handshake: AddressRange | null;
}

/** The settings of that name, validated. */
interface AddressSettings {
  readonly addressing: 'none' | 'dnsmasq' | 'networkd';
  readonly share_internet: string;
  readonly group_address: string;
  readonly address_range: string | null;
  readonly handshake_range: string | null;
}

/** The plan that validated settings lead to. */
export function addressPlan(settings: AddressSettings): AddressPlan {
  const { addressing, group_address, address_range, handshake_range } = settings;
  const subnet = parseSubnet(group_address);
  if (!subnet) throw new RangeError(`group_address ${group_address} was not validated`);
  const leased = address_range === null ? null : parseRange(address_range);
  const handshake = handshake_range === null ? null : parseRange(handshake_range);
  // Without a DHCP server of ours, only an explicit range enables these addresses.
  const byDefault = handshake_range === null && addressing !== 'none';
  const [first, second] = halves(largestPart(subnet, null) ?? bounds(subnet));
  return {
    subnet,
    leased: leased ?? (handshake ? largestPart(subnet, handshake) : null) ?? first,
    handshake: handshake ?? (byDefault ? (leased ? largestPart(subnet, leased) : second) : null),
  };
}

/** The largest part of the network without our own address and the taken ones; null if nothing is left. */
function largestPart({ address, prefix }: Subnet, taken: AddressRange | null): AddressRange | null {
  const { start, end } = bounds({ address, prefix });
  const used = [start, end, address].map((one): AddressRange => ({ start: one, end: one }));
  if (taken) used.push(taken);
  used.sort((a, b) => a.start - b.start);
  let found: AddressRange | null = null;
  for (const [index, { end: before }] of used.entries()) {
    const next = used[index + 1];
    if (!next || next.start - before < 2) continue;
    const part = { start: before + 1, end: next.start - 1 };
    if (!found || part.end - part.start > found.end - found.start) found = part;
  }
  return found;
}

function halves({ start, end }: AddressRange): readonly [AddressRange, AddressRange] {
  const middle = start + Math.floor((end - start) / 2);
  return [
    { start, end: middle },
    { start: middle + 1, end },
  ];
}

export function sharesInternet({ share_internet }: Pick<AddressSettings, 'share_internet'>): boolean {
  return share_internet !== 'off';
}

/** Phones are told that this machine is their router and resolver. */
export function announcesRouter(
  settings: Pick<AddressSettings, 'share_internet'> & { readonly announce_router: boolean },
): boolean {
  return settings.announce_router || sharesInternet(settings);
}

/** A setting, and what is wrong with it in relation to the others. */
interface AddressConflict {
  readonly key: 'address_range' | 'handshake_range' | 'share_internet';
  readonly text: string;
}

/** Ranges that do not fit into the network, or overlap; and what needs a server of ours. */
export function addressConflicts(settings: AddressSettings): AddressConflict[] {
  const { group_address, address_range, handshake_range, addressing } = settings;
  const { subnet, leased, handshake } = addressPlan(settings);
  const { start, end } = bounds(subnet);
  const conflicts: AddressConflict[] = [];
  const expected = (key: AddressConflict['key'], what: string, range: AddressRange): void => {
    conflicts.push({ key, text: `expected ${what}, got ${rangeText(range)}` });
  };
  const check = (key: AddressConflict['key'], range: AddressRange): void => {
    if (range.start <= start || range.end >= end)
      expected(key, `addresses of the network of ${group_address}`, range);
    else if (overlap(range, { start: subnet.address, end: subnet.address }))
      expected(key, `addresses without that of this machine (group_address ${group_address})`, range);
  };
  if (addressing === 'none' && sharesInternet(settings)) {
    const text = `expected off with addressing: none, got ${settings.share_internet}; phones learn their router with their address, so set addressing to dnsmasq or networkd`;
    conflicts.push({ key: 'share_internet', text });
  }
  if (address_range !== null) check('address_range', leased);
  if (handshake_range !== null && handshake_range !== NO_RANGE && handshake)
    check('handshake_range', handshake);
  if (addressing !== 'none' && conflicts.length === 0 && handshake && overlap(leased, handshake)) {
    const dhcp = rangeText(leased);
    expected(
      'handshake_range',
      `addresses outside of ${dhcp}, which DHCP gives out (address_range)`,
      handshake,
    );
  }
  return conflicts;
}
