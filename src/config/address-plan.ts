import { type AddressRange, bounds, parseRange, parseSubnet, type Subnet } from './ipv4.js';
import type { Settings } from './schema.js';

/** Which addresses the network of the group has, and who gets which. */
export interface AddressPlan {
  /** Ours, and the network. */
  readonly subnet: Subnet;
  /** Those that DHCP gives out. */
  readonly leased: AddressRange;
  /** Those that Wi-Fi Direct phones are given inside the 4-way handshake; null: none. */
  readonly handshake: AddressRange | null;
}

export type AddressSettings = Pick<
  Settings,
  'addressing' | 'group_address' | 'address_range' | 'handshake_range'
>;

/** What the settings, which have been found right, come to. */
export function addressPlan(settings: AddressSettings): AddressPlan {
  const { addressing, group_address, address_range, handshake_range } = settings;
  const subnet = parseSubnet(group_address);
  if (!subnet) throw new RangeError(`group_address ${group_address} was not validated`);
  const leased = address_range === null ? null : parseRange(address_range);
  const handshake = handshake_range === null ? null : parseRange(handshake_range);
  // Whoever gives addresses himself says so with a range of his own.
  const usual = handshake_range === null && addressing !== 'none';
  const [first, second] = halves(largest(subnet, null) ?? bounds(subnet));
  return {
    subnet,
    leased: leased ?? (handshake ? largest(subnet, handshake) : null) ?? first,
    handshake: handshake ?? (usual ? (leased ? largest(subnet, leased) : second) : null),
  };
}

/** The largest piece of the network without our own address and those that are taken; null where there is none. */
function largest({ address, prefix }: Subnet, taken: AddressRange | null): AddressRange | null {
  const { start, end } = bounds({ address, prefix });
  const pieces = [start, end, address, ...(taken ? [taken] : [])]
    .map((one) => (typeof one === 'number' ? { start: one, end: one } : one))
    .sort((a, b) => a.start - b.start);
  let found: AddressRange | null = null;
  for (const [index, { end: before }] of pieces.entries()) {
    const next = pieces[index + 1];
    if (!next || next.start - before < 2) continue;
    const piece = { start: before + 1, end: next.start - 1 };
    if (!found || piece.end - piece.start > found.end - found.start) found = piece;
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
