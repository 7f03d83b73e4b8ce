import { readFile } from 'node:fs/promises';
import { parseIpv4 } from '../config/ipv4.js';
import { parseAddress } from '../system/mac-address.js';
import { lookUp } from './network-interface.js';

/** An entry of the kernel's IPv4 neighbour table: a device that has answered for that IP address. */
export interface Neighbour {
  readonly ip: string;
  /** Hardware address. */
  readonly address: string;
  readonly interface: string;
}

const TABLE = '/proc/net/arp';
/** ATF_COM of if_arp.h: the hardware address is known. */
const COMPLETE = 0x02;

/** Only entries whose hardware address is known: an address that no device answers for has an entry too. */
export function parseNeighbours(text: string): readonly Neighbour[] {
  return text.split('\n').flatMap((line) => {
    const [ip = '', , flags = '', hardware = '', , name = ''] = line.split(/\s+/);
    const address = parseAddress(hardware);
    if (parseIpv4(ip) === null || address === null || name === '') return [];
    return (Number(flags) & COMPLETE) === 0 ? [] : [{ ip, address, interface: name }];
  });
}

/**
 * The IPv4 addresses that the kernel knows of a station of the group. If the group is a port of a bridge, the bridge has
 * them.
 * @returns an empty list if the table cannot be read
 */
export async function addressesInTable(group: string, address: string): Promise<readonly string[]> {
  const { interface: carrier } = lookUp(group);
  const entries = parseNeighbours(await readFile(TABLE, 'utf8').catch(() => ''));
  return entries.filter((one) => one.interface === carrier && one.address === address).map(({ ip }) => ip);
}

/**
 * Looks for an address that we have not given to the station. `elsewhere`: it needs none of ours, because it uses only
 * IPv6, or because the group is a port of a bridge, whose addresses need not be known here.
 */
export async function seekAddress(
  group: string,
  address: string,
): Promise<{ readonly ip: string } | 'elsewhere' | 'nobody'> {
  const [ip] = await addressesInTable(group, address);
  if (ip !== undefined) return { ip };
  if (lookUp(group).interface !== group) return 'elsewhere';
  // Loaded only here, because it starts processes.
  const { runProgram } = await import('../system/programs.js');
  const table = await runProgram('ip', ['-6', 'neigh', 'show', 'dev', group], { debianPackage: 'iproute2' });
  return table.toLowerCase().includes(address) ? 'elsewhere' : 'nobody';
}
