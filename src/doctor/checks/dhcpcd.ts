import type { DhcpcdBlock, DhcpcdFacts, Facts } from '../facts.js';
import { ok, type Verdict, warning } from '../finding.js';
import { groupDevices, matches } from './device-match.js';
import { NEIGHBOURS, prepend } from './neighbours.js';

const { place, apply } = NEIGHBOURS.dhcpcd;

export function judgeDhcpcd({ device, services, configuration }: Facts): readonly Verdict[] {
  const { dhcpcd } = services;
  if (dhcpcd === null) return ok('it does not run');
  const { addressing } = configuration.settings;
  const names = groupDevices(device).map(({ name }) => name);
  const block = names.map((name) => blockOf(dhcpcd, name)).find((one) => one !== undefined);
  const address = block?.staticAddress ?? null;
  if (leavesAlone(dhcpcd, names)) {
    if (address === null || addressing !== 'none') return ok('it leaves the interfaces of groups alone');
    return warning(
      `dhcpcd.conf has the address ${address} for ${block?.pattern}, and dhcpcd leaves that interface alone (denyinterfaces)`,
      `take the interfaces of groups out of denyinterfaces in ${place}; ${apply}`,
    );
  }
  if (block === undefined || (address === null && !block.withoutDhcp))
    return warning(
      'dhcpcd asks for an address on the interfaces of groups, of which this machine is the owner',
      prepend(NEIGHBOURS.dhcpcd),
    );
  if (address === null) return ok(`it asks for no address on ${block.pattern}`);
  // The block is meant: nothing else gives the interface an address.
  if (addressing === 'none') return ok(`it gives ${block.pattern} the address ${address}`);
  return warning(
    `dhcpcd and hostp2pd (addressing: ${addressing}) both give ${block.pattern} an address`,
    `delete the block "interface ${block.pattern}" in ${place}; ${prepend(NEIGHBOURS.dhcpcd)}; or set addressing to none`,
  );
}

/** What keeps its hook from starting a wpa_supplicant for groups. */
export function withoutHook(dhcpcd: DhcpcdFacts, group: string): string {
  const block = blockOf(dhcpcd, group);
  // Denied as a whole, the interface would not get the address of the block.
  if (block?.staticAddress == null) return prepend(NEIGHBOURS.dhcpcd);
  return `write "nohook wpa_supplicant" below "interface ${block.pattern}" in ${place}; ${apply}`;
}

function leavesAlone({ denied, allowed }: DhcpcdFacts, names: readonly string[]): boolean {
  const fits = (patterns: readonly string[], name: string) =>
    patterns.some((pattern) => matches(pattern, name));
  return (
    names.every((name) => fits(denied, name)) ||
    (allowed.length > 0 && !names.some((name) => fits(allowed, name)))
  );
}

function blockOf({ blocks }: DhcpcdFacts, name: string): DhcpcdBlock | undefined {
  return blocks.find(({ pattern }) => matches(pattern, name));
}
