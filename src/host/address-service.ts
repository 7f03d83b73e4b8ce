import { existsSync } from 'node:fs';
import type { Addressing } from '../addressing/addressing.js';
import type { Leases } from '../addressing/lease.js';
import { seekAddress } from '../addressing/neighbour-table.js';
import { leaseFile, networkFile } from '../addressing/places.js';
import { addressPlan } from '../config/address-plan.js';
import type { Settings } from '../config/schema.js';
import type { Logger } from '../logging/logger.js';
import type { Clock } from '../system/clock.js';
import { messageOf } from '../system/errors.js';
import { KnownAddresses } from './known-addresses.js';
import type { AddressesView } from './status.js';

export interface AddressServiceParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly stateFolder: string;
  readonly onLeases: (leases: Leases) => void;
  /** A station that was there before us has this address. */
  readonly onConfirmed: (address: string, ip: string) => void;
  /** Nobody has given this station an address. */
  readonly onMissing: (address: string) => void;
}

/** Gives the group's network its addresses for the session. The code for it is loaded with the first that wants any. */
export class AddressService {
  readonly #parts: AddressServiceParts;
  #addressing: Addressing | null = null;
  /** What is asked while the code is being loaded waits for it. */
  #loading: Promise<Addressing> | null = null;
  #leases: Leases = new Map();

  readonly #known: KnownAddresses;

  constructor(parts: AddressServiceParts) {
    this.#parts = parts;
    const { logger, clock, stateFolder: folder, onConfirmed: found } = parts;
    this.#known = new KnownAddresses({ logger, clock, folder, found });
  }

  /** @param owner the P2P device interface */
  open(owner: string): void {
    this.#known.open(owner);
  }

  /** A station has this address. */
  note(address: string, ip: string): void {
    this.#known.note(address, ip);
  }

  /** Looks for the address of a station that was on the group before we were. */
  /** Looks whether somebody else has given the station an address. */
  seek(group: string, address: string): void {
    void seekAddress(group, address).then(
      (seen) => {
        if (seen === 'nobody') this.#parts.onMissing(address);
        else if (seen !== 'elsewhere') this.#parts.onConfirmed(address, seen.ip);
      },
      // Without the tables of the kernel nothing can be said.
      (error: unknown) => this.#parts.logger.log('debug', `${address}: ${messageOf(error)}`),
    );
  }

  confirm(group: string, address: string): void {
    this.#known.confirm(group, address);
  }

  /** @param owner the P2P device interface */
  serve(interfaceName: string, owner: string, settings: Settings): void {
    const { addressing: mode, lease_time, announce_router } = settings;
    if (mode === 'none') return;
    const plan = addressPlan(settings);
    const request = { mode, group: interfaceName, owner, plan };
    this.#with((addressing) =>
      addressing.serve({ ...request, leaseSeconds: lease_time, announceRouter: announce_router }),
    );
  }

  /**
   * Where none are to be given, what an instance that gave some and was killed has left is cleared away. Looks at two
   * files, and does no more where they are not there.
   */
  async clearLeftOver(owner: string): Promise<void> {
    const { stateFolder, logger } = this.#parts;
    if (![networkFile(owner), leaseFile(stateFolder, owner)].some((path) => existsSync(path))) return;
    try {
      const { endOldDnsmasq, removeOldNetworkFile } = await import('../addressing/left-over.js');
      await Promise.all([endOldDnsmasq(stateFolder, owner), removeOldNetworkFile(owner)]);
    } catch (error) {
      logger.log('warning', `what gave addresses before is not cleared away: ${messageOf(error)}`);
    }
  }

  withdraw(): void {
    this.#with((addressing) => addressing.withdraw());
  }

  expectLease(): void {
    this.#with((addressing) => addressing.expectLease());
  }

  /** Null where none are given. */
  get view(): AddressesView | null {
    const state = this.#addressing?.state ?? null;
    if (!state) return null;
    const { request, serving, problem } = state;
    const leases = [...this.#leases].map(([address, { ip, expires }]) => {
      return { address, ip, expires: new Date(expires).toISOString() };
    });
    const { interface: name, mode } = request;
    return { mode, interface: name, serving, problem, leases };
  }

  /** Settles when nothing of it is left. */
  async close(): Promise<void> {
    await this.#known.close();
    // What could not be loaded has nothing to end.
    await this.#loading?.then(
      (addressing) => addressing.close(),
      () => {},
    );
  }

  #with(act: (addressing: Addressing) => void): void {
    if (this.#addressing) act(this.#addressing);
    else {
      this.#loading ??= this.#load();
      this.#loading.then(act, (error: unknown) =>
        this.#parts.logger.log('error', `addresses: ${String(error)}`),
      );
    }
  }

  async #load(): Promise<Addressing> {
    const { Addressing } = await import('../addressing/addressing.js');
    this.#addressing = new Addressing({
      ...this.#parts,
      onLeases: (leases) => {
        this.#leases = leases;
        this.#parts.onLeases(leases);
      },
    });
    return this.#addressing;
  }
}
