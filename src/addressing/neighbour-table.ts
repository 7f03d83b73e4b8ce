import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
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

/** What the kernel knows of a station; null where it knows nothing. */
interface KernelAddresses {
  readonly ip: string | null;
  /** IPv6 link-local, with its zone. */
  readonly ipv6: string | null;
  /** The group is a port of a bridge. */
  readonly bridged: boolean;
}

/** The kernel asks for an address within a second, if it gets an answer at all. */
const ANSWER_MS = 1_000;

/** Looks for the addresses of a station that has not asked us for one. */
export async function seekAddresses(group: string, address: string): Promise<KernelAddresses> {
  const { interface: carrier } = lookUp(group);
  const found = { bridged: carrier !== group, ip: (await addressesInTable(group, address))[0] ?? null };
  const known = await linkLocalInTable(carrier, address);
  if (known !== null) return { ...found, ipv6: known };
  // A station that has not sent us anything yet is not in the table.
  askKernel(`${linkLocalOf(address)}%${carrier}`);
  await delay(ANSWER_MS);
  return { ...found, ipv6: await linkLocalInTable(carrier, address) };
}

/** The link-local address of a station in the kernel's IPv6 neighbour table, with its zone. */
async function linkLocalInTable(carrier: string, address: string): Promise<string | null> {
  // Loaded only here, because it starts processes.
  const { runProgram } = await import('../system/programs.js');
  const table = await runProgram('ip', ['-6', 'neigh', 'show', 'dev', carrier], {
    debianPackage: 'iproute2',
  });
  return parseLinkLocal(table, carrier, address);
}

/** `fe80::… lladdr 42:00:… REACHABLE`, as ip prints the table. */
export function parseLinkLocal(table: string, carrier: string, address: string): string | null {
  for (const line of table.split('\n')) {
    const [ipv6 = '', ...words] = line.trim().split(/\s+/);
    const hardware = parseAddress(words[words.indexOf('lladdr') + 1] ?? '');
    if (/^fe[89ab]/i.test(ipv6) && hardware === address) return `${ipv6}%${carrier}`;
  }
  return null;
}

/** The address that Android forms from its hardware address (RFC 4291, appendix A). */
export function linkLocalOf(address: string): string {
  const [first = 0, ...rest] = address.split(':').map((byte) => Number.parseInt(byte, 16));
  const bytes = [first ^ 0x02, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const groups = [0, 2, 4, 6].map((at) => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return `fe80::${groups.join(':')}`;
}

const DISCARD_PORT = 9;

/** Makes the kernel ask for that address, by a datagram to the discard port. */
export function askKernel(ip: string): void {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  // No answer is reported as an error, too.
  socket.on('error', () => {});
  socket.send(Buffer.alloc(1), DISCARD_PORT, ip, () => socket.close());
}
