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
  const [first, second] = halves(subnet);
  const given = handshake_range === null ? null : parseRange(handshake_range);
  // Whoever has the box's address from elsewhere says so with a range of his own.
  const usual = handshake_range === null && addressing !== 'none' ? second : null;
  return {
    subnet,
    leased: (address_range === null ? null : parseRange(address_range)) ?? first,
    handshake: given ?? usual,
  };
}

/** What the network has beside our own address, on the side of it where there is more: the two ways share it. */
function halves({ address, prefix }: Subnet): readonly [AddressRange, AddressRange] {
  const { start, end } = bounds({ address, prefix });
  const below = { start: start + 1, end: address - 1 };
  const above = { start: address + 1, end: end - 1 };
  const side = above.end - above.start >= below.end - below.start ? above : below;
  const middle = side.start + Math.floor((side.end - side.start) / 2);
  return [
    { start: side.start, end: middle },
    { start: middle + 1, end: side.end },
  ];
}
