import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type CurrentAddresses, seekAddresses } from '../addressing/neighbour-table.js';
import { lookUp } from '../addressing/network-interface.js';
import { parseIpv4 } from '../config/ipv4.js';
import type { Logger } from '../logging/logger.js';
import { messageOf } from '../system/errors.js';
import { parseAddress } from '../system/mac-address.js';
import { readPrivateFile, replacePrivateFile } from '../system/private-file.js';
import { isRecord } from '../system/values.js';

/** Stations whose address is kept; beyond them the oldest entry is dropped. */
const MAX_STATIONS = 256;

interface KnownAddressesParts {
  readonly logger: Logger;
  readonly stateFolder: string;
  /** The kernel confirms that the station has this address. */
  readonly onConfirmed: (address: string, ip: string) => void;
  /** The same of an IPv6 link-local address, with its zone. */
  readonly onIpv6Confirmed: (address: string, ipv6: string) => void;
  /** Nobody has given this station an address. */
  readonly onMissing: (address: string) => void;
}

/**
 * Remembers the IPv4 addresses of stations over a restart of this program: a phone that stays connected does not ask for
 * an address again before half of its lease is over. An address from the file counts only if the station answers for it.
 */
export class KnownAddresses {
  readonly #parts: KnownAddressesParts;
  readonly #known = new Map<string, string>();
  #path: string | null = null;
  #work: Promise<void> | null = null;
  #changed = false;
  #closed = false;

  constructor(parts: KnownAddressesParts) {
    this.#parts = parts;
  }

  /** Reads the file of this P2P device interface. */
  open(owner: string): void {
    this.#path = join(this.#parts.stateFolder, `${owner}.addresses.json`);
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
      if (this.#known.size <= MAX_STATIONS) break;
      this.#known.delete(oldest);
    }
    this.#changed = true;
    this.#work ??= this.#save();
  }

  /** Looks for the address of a station that was in the group before this program started. */
  confirm(group: string, address: string): void {
    this.#look(group, address, ({ ip }) => {
      if (ip !== null) this.#parts.onConfirmed(address, ip);
    });
  }

  /** Looks whether somebody else has given the station an address, or whether it uses IPv6. */
  seek(group: string, address: string): void {
    this.#look(group, address, ({ ip, ipv6, bridged }) => {
      if (ip !== null) this.#parts.onConfirmed(address, ip);
      if (ipv6 !== null) this.#parts.onIpv6Confirmed(address, ipv6);
      // The addresses of a bridge need not be known here.
      if (ip === null && ipv6 === null && !bridged) this.#parts.onMissing(address);
    });
  }

  /** Settles when every noted address is in the file. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
  }

  #look(group: string, address: string, found: (addresses: CurrentAddresses) => void): void {
    const known = this.#known.get(address);
    const former = known !== undefined && isNear(lookUp(group).interface, known) ? known : null;
    seekAddresses(group, address, former).then(
      (addresses) => {
        if (!this.#closed) found(addresses);
      },
      // Without the kernel's tables nothing is known.
      (error: unknown) => this.#parts.logger.log('debug', `${address}: ${messageOf(error)}`),
    );
  }

  async #save(): Promise<void> {
    while (this.#changed && this.#path !== null) {
      this.#changed = false;
      try {
        await replacePrivateFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#known), null, 2)}\n`);
      } catch (error) {
        // The next start may not know an address. Nobody has to act on that.
        this.#parts.logger.log('debug', `${this.#path} cannot be written: ${messageOf(error)}`);
      }
    }
    this.#work = null;
  }
}

/** Leaves out entries that are no addresses: the neighbour table confirms the others. */
export function parseKnown(text: string): ReadonlyMap<string, string> {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error('expected a map of station addresses');
  const entries = Object.entries(value).flatMap(([address, ip]): [string, string][] => {
    const parsed = parseAddress(address);
    return parsed !== null && typeof ip === 'string' && parseIpv4(ip) !== null ? [[parsed, ip]] : [];
  });
  return new Map(entries.slice(-MAX_STATIONS));
}

/** Whether that address is in the network of the interface. */
function isNear(interfaceName: string, ip: string): boolean {
  const target = parseIpv4(ip);
  return (networkInterfaces()[interfaceName] ?? []).some(({ family, address, netmask }) => {
    const [own, mask] = [parseIpv4(address), parseIpv4(netmask)];
    return (
      family === 'IPv4' && target !== null && own !== null && mask !== null && ((own ^ target) & mask) === 0
    );
  });
}
