import {
  type AddressRange,
  bounds,
  NO_RANGE,
  parseRange,
  parseSubnet,
  rangeText,
  type Subnet,
} from './ipv4.js';
import type { Problem } from './problem.js';
import type { Settings } from './schema.js';
import { keyPath } from './value.js';

/** Which addresses the network of the group has, and who gets which. */
export interface AddressPlan {
  /** Ours, and the network. */
  readonly subnet: Subnet;
  /** Those that DHCP gives out. */
  readonly leased: AddressRange;
  /** Those that Wi-Fi Direct phones are given inside the 4-way handshake; null: none. */
  readonly handshake: AddressRange | null;
}

type AddressSettings = Pick<Settings, 'addressing' | 'group_address' | 'address_range' | 'handshake_range'>;

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

/** What is wrong with the addresses as they stand beside each other. */
export function addressProblems(settings: AddressSettings, path: string): Problem[] {
  const { subnet, leased, handshake } = addressPlan(settings);
  const { start, end } = bounds(subnet);
  const problems: Problem[] = [];
  const check = (key: 'address_range' | 'handshake_range', range: AddressRange): void => {
    const wrong = (wanted: string): void => {
      problems.push({ path: keyPath(path, key), found: rangeText(range), wanted });
    };
    if (range.start <= start || range.end >= end)
      wrong(`addresses of the network of ${settings.group_address}`);
    else if (contains(range, { start: subnet.address, end: subnet.address }))
      wrong(`addresses without that of the box itself (group_address ${settings.group_address})`);
  };
  if (settings.address_range !== null) check('address_range', leased);
  if (settings.handshake_range !== null && settings.handshake_range !== NO_RANGE && handshake)
    check('handshake_range', handshake);
  const both = settings.addressing !== 'none' && problems.length === 0;
  if (both && handshake && contains(leased, handshake)) {
    const key = settings.handshake_range === null ? 'address_range' : 'handshake_range';
    const [found, other] = key === 'address_range' ? [leased, handshake] : [handshake, leased];
    const hint =
      key === 'address_range' ? `; set handshake_range to a range of its own, or to ${NO_RANGE}` : '';
    problems.push({
      path: keyPath(path, key),
      found: rangeText(found),
      wanted: `addresses apart from ${rangeText(other)}, which are given out in the other way${hint}`,
    });
  }
  return problems;
}

function contains(range: AddressRange, other: AddressRange): boolean {
  return other.start <= range.end && range.start <= other.end;
}
