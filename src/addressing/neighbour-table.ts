import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseIpv4 } from '../config/ipv4.js';
import { parseAddress } from '../system/mac-address.js';
import { lookUp } from './network-interface.js';

/** An entry of the kernel's IPv4 neighbour table: a device that has answered for that IP address. */
interface Neighbour {
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

/** Where a station has answered for an address; null where it has for none. */
export interface CurrentAddresses {
  readonly ip: string | null;
  /** IPv6 link-local, with its zone. */
  readonly ipv6: string | null;
  /** The group is a port of a bridge. */
  readonly bridged: boolean;
}

/** An entry of the table of an interface, IPv4 or IPv6 link-local. */
interface Entry {
  readonly ip: string;
  /** Hardware address; null where no device has answered. */
  readonly address: string | null;
  /** Of the kernel; UNKNOWN if only `/proc/net/arp` could be read. */
  readonly state: string;
}

/** What a test replaces. */
interface SeekParts {
  /** The output of `ip neigh`. */
  readonly readTable: (carrier: string) => Promise<string>;
  readonly readArp: () => Promise<string>;
  readonly ask: (ip: string) => void;
  readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * Pauses between the looks. The kernel asks for an unknown address at once, three times in 3 s. An entry in the state STALE is
 * asked for 5 s after a packet, also three times. Then its state is FAILED.
 */
const PAUSES_MS = [1_000, 3_000, 2_500, 3_000];
const ANSWERED = ['REACHABLE', 'PERMANENT'];
const STATES = [...ANSWERED, 'STALE', 'DELAY', 'PROBE', 'INCOMPLETE', 'FAILED'];

const SYSTEM: SeekParts = {
  readTable: ipNeigh,
  readArp: () => readFile(TABLE, 'utf8').catch(() => ''),
  ask: askKernel,
  // The end of the program need not wait for it.
  pause: (ms) => delay(ms, undefined, { ref: false }),
};

/**
 * Looks for the addresses of a station that has not asked us for one. The kernel keeps entries of earlier connections, so it is
 * made to ask for each address. If the group is a port of a bridge, the bridge has the entries.
 * @param former an IPv4 address that the station had before, and may still have; null if none is known
 * @throws {Error} if `ip` fails and the ARP table has no address of the station
 */
export async function seekAddresses(
  group: string,
  address: string,
  former: string | null,
  parts: SeekParts = SYSTEM,
): Promise<CurrentAddresses> {
  const { interface: carrier } = lookUp(group);
  for (let look = 0; ; look++) {
    const pause = PAUSES_MS[look];
    const { entries, failure } = await readEntries(carrier, address, parts);
    const own = entries.filter((one) => one.address === address);
    const isCurrent = ({ state }: Entry) =>
      ANSWERED.includes(state) || (state === 'UNKNOWN' && pause === undefined);
    const current = own.filter(isCurrent).map(({ ip }) => ip);
    const linkLocal = current.find(isLinkLocal);
    // Another station may be asked for at the same time. Then this takes longer.
    const open = entries.some(
      (one) => (one.address ?? address) === address && one.state !== 'FAILED' && !isCurrent(one),
    );
    if (pause === undefined || (look > 0 && !open)) {
      const ip =
        current.find((one) => one === former) ?? current.find((one) => parseIpv4(one) !== null) ?? null;
      // Without `ip` nothing is known of IPv6.
      if (ip === null && failure !== null) throw failure;
      return {
        ip,
        ipv6: linkLocal === undefined ? null : `${linkLocal}%${carrier}`,
        bridged: carrier !== group,
      };
    }
    if (look === 0) {
      for (const one of own.filter((entry) => !isCurrent(entry))) {
        parts.ask(isLinkLocal(one.ip) ? `${one.ip}%${carrier}` : one.ip);
      }
      // A station that has not sent us anything yet is not in the table.
      if (former !== null && own.every((one) => one.ip !== former)) parts.ask(former);
      if (linkLocal === undefined) parts.ask(`${linkLocalOf(address)}%${carrier}`);
    }
    await parts.pause(pause);
  }
}

/** Where `ip` fails, only the ARP table is left. It has no states, but loses an address that no device answers for. */
async function readEntries(
  carrier: string,
  address: string,
  parts: SeekParts,
): Promise<{ entries: readonly Entry[]; failure: unknown }> {
  try {
    return { entries: parseEntries(await parts.readTable(carrier)), failure: null };
  } catch (error) {
    const all = parseNeighbours(await parts.readArp());
    const own = all.filter((one) => one.interface === carrier && one.address === address);
    return { entries: own.map(({ ip }) => ({ ip, address, state: 'UNKNOWN' })), failure: error };
  }
}

async function ipNeigh(carrier: string): Promise<string> {
  // Loaded only here, because it starts processes.
  const { runProgram } = await import('../system/programs.js');
  return runProgram('ip', ['neigh', 'show', 'dev', carrier], { debianPackage: 'iproute2' });
}

/** `fe80::… lladdr 42:00:… REACHABLE`, as ip prints the table of one interface. */
export function parseEntries(table: string): readonly Entry[] {
  return table.split('\n').flatMap((line) => {
    const [ip = '', ...words] = line.trim().split(/\s+/);
    const at = words.indexOf('lladdr');
    const address = at < 0 ? null : parseAddress(words[at + 1] ?? '');
    const state = words.find((word) => STATES.includes(word));
    if (state === undefined || (parseIpv4(ip) === null && !isLinkLocal(ip))) return [];
    return [{ ip, address, state }];
  });
}

function isLinkLocal(ip: string): boolean {
  return /^fe[89ab]/i.test(ip);
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
function askKernel(ip: string): void {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  // No answer is reported as an error, too.
  socket.on('error', () => {});
  socket.send(Buffer.alloc(1), DISCARD_PORT, ip, () => socket.close());
}
