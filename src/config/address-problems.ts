import { type AddressSettings, addressPlan } from './address-plan.js';
import { type AddressRange, bounds, NO_RANGE, rangeText } from './ipv4.js';
import type { Problem } from './problem.js';
import { keyPath } from './value.js';

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
    else if (meet(range, { start: subnet.address, end: subnet.address }))
      wrong(`addresses without that of the box itself (group_address ${settings.group_address})`);
  };
  if (settings.address_range !== null) check('address_range', leased);
  if (settings.handshake_range !== null && settings.handshake_range !== NO_RANGE && handshake)
    check('handshake_range', handshake);
  const both = settings.addressing !== 'none' && problems.length === 0;
  if (both && handshake && meet(leased, handshake)) {
    problems.push({
      path: keyPath(path, 'handshake_range'),
      found: rangeText(handshake),
      wanted: `addresses apart from ${rangeText(leased)}, which DHCP gives out (address_range)`,
    });
  }
  return problems;
}

function meet(range: AddressRange, other: AddressRange): boolean {
  return other.start <= range.end && range.start <= other.end;
}
