import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { addressesInTable } from '../addressing/neighbour-table.js';
import { lookUp } from '../addressing/network-interface.js';
import { parseIpv4 } from '../config/ipv4.js';
import { isRecord } from '../config/value.js';
import type { Logger } from '../logging/logger.js';
import type { Clock, Timer } from '../system/clock.js';
import { messageOf } from '../system/errors.js';
import { parseAddress } from '../system/mac-address.js';
import { readPrivateFile, replacePrivateFile } from './private-file.js';

/** Most stations whose address is kept; the one that was heard of longest ago goes first. */
const MOST = 256;
/** When to look into the neighbour table, after the station was found: its address may have to be asked for first. */
const LOOKS_MS = [0, 500, 2_000, 8_000];
const DISCARD_PORT = 9;

export interface KnownAddressesParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly folder: string;
  /** The address of a station is confirmed. */
  readonly found: (address: string, ip: string) => void;
}

/**
 * The IPv4 addresses that stations had, over a restart of ours: a phone that stays connected asks for no address again
 * before its lease is half over. What was known is kept in a file, and counts only when the kernel's neighbour table
 * says that this station has that address.
 */
export class KnownAddresses {
  readonly #parts: KnownAddressesParts;
  readonly #known = new Map<string, string>();
  #path: string | null = null;
  #work: Promise<void> | null = null;
  #changed = false;
  #closed = false;
  readonly #timers = new Set<Timer>();

  constructor(parts: KnownAddressesParts) {
    this.#parts = parts;
  }

  /** Reads what is kept for this P2P device interface. */
  open(owner: string): void {
    this.#path = join(this.#parts.folder, `${owner}.addresses.json`);
    try {
      const file = readPrivateFile(this.#path);
      if (file === null) return;
      for (const [address, ip] of parseKnown(file.text)) this.#known.set(address, ip);
    } catch (error) {
      this.#parts.logger.log('warning', `${this.#path} cannot be used: ${messageOf(error)}`);
    }
  }

  /** The station has this address now. */
  note(address: string, ip: string): void {
    if (this.#known.get(address) === ip) return;
    this.#known.delete(address);
    this.#known.set(address, ip);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    this.#changed = true;
    this.#work ??= this.#save();
  }

  /** Looks for the address of a station that was on the group before we were. */
  confirm(group: string, address: string): void {
    this.#look(group, address, 0);
  }

  /** Settles when what was noted is in the file. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    await this.#work;
  }

  #look(group: string, address: string, tries: number): void {
    const ms = LOOKS_MS[tries];
    if (ms === undefined || this.#closed) return;
    const timer = this.#parts.clock.after(ms, () => {
      this.#timers.delete(timer);
      void this.#confirmed(group, address).then((ip) => {
        if (this.#closed) return;
        if (ip !== null) this.#parts.found(address, ip);
        else this.#look(group, address, tries + 1);
      });
    });
    this.#timers.add(timer);
  }

  async #confirmed(group: string, address: string): Promise<string | null> {
    const ips = await addressesInTable(group, address);
    const known = this.#known.get(address);
    // Of several it is the one that we knew.
    if (known !== undefined && ips.includes(known)) return known;
    if (ips[0] !== undefined && ips.length === 1) return ips[0];
    if (known !== undefined) askKernel(lookUp(group).interface, known);
    return null;
  }

  async #save(): Promise<void> {
    while (this.#changed && this.#path !== null) {
      this.#changed = false;
      try {
        await replacePrivateFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#known), null, 2)}\n`);
      } catch (error) {
        // The next restart may not know an address: nothing that a person must act on.
        this.#parts.logger.log('debug', `${this.#path} cannot be written: ${messageOf(error)}`);
      }
    }
    this.#work = null;
  }
}

/** Entries that are no addresses are left out: what counts is confirmed elsewhere. */
export function parseKnown(text: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error('expected a map of station addresses');
  const entries = Object.entries(value).flatMap(([address, ip]): [string, string][] => {
    const parsed = parseAddress(address);
    return parsed !== null && typeof ip === 'string' && parseIpv4(ip) !== null ? [[parsed, ip]] : [];
  });
  return new Map(entries.slice(-MOST));
}

/** Makes the kernel ask who has that address, by a datagram that nobody reads; never beyond the network of the group. */
function askKernel(interfaceName: string, ip: string): void {
  const target = parseIpv4(ip);
  const near = (networkInterfaces()[interfaceName] ?? []).some(({ family, address, netmask }) => {
    const [own, mask] = [parseIpv4(address), parseIpv4(netmask)];
    return (
      family === 'IPv4' && target !== null && own !== null && mask !== null && ((own ^ target) & mask) === 0
    );
  });
  if (!near) return;
  const socket = createSocket('udp4');
  // Nobody answering is told by an error, too.
  socket.on('error', () => {});
  socket.send(Buffer.alloc(1), DISCARD_PORT, ip, () => socket.close());
}
