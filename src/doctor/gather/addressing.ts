import { join } from 'node:path';
import { rivalOf } from '../../addressing/network-interface.js';
import { addressPlan } from '../../config/address-plan.js';
import type { Settings } from '../../config/schema.js';
import type { AddressingFacts } from '../facts.js';
import type { Sources } from '../sources.js';
import { gatherPortHolders } from './ports.js';
import { named, type Processes } from './processes.js';
import { findProgram } from './programs.js';
import { wordOf } from './reading.js';

/** The kernel cuts `systemd-networkd` to this. */
const NETWORKD = 'systemd-network';

export async function gatherAddressing(
  { root, networks }: Sources,
  settings: Settings,
  processes: Processes,
): Promise<AddressingFacts> {
  const { subnet } = addressPlan(settings);
  const [holders, dnsmasq, ip, forward] = await Promise.all([
    gatherPortHolders(root, processes),
    findProgram(root, 'dnsmasq'),
    findProgram(root, 'ip'),
    wordOf(join(root, 'proc/sys/net/ipv4/ip_forward')),
  ]);
  // A group that is up, or the bridge that it belongs to, has the very address.
  const others = Object.entries(networks()).filter(
    ([, addresses]) => !addresses?.some(({ cidr }) => cidr === settings.group_address),
  );
  return {
    programs: { dnsmasq, ip },
    networkdRuns: named(processes, NETWORKD).length > 0,
    holders,
    rival: rivalOf(null, subnet, Object.fromEntries(others)),
    forwards: forward === null ? null : forward === '1',
  };
}
