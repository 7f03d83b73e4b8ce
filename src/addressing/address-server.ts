import type { AddressPlan } from '../config/address-plan.js';
import type { Logger } from '../logging/logger.js';
import type { Leases } from './lease.js';

/** What the network of a group is to have. */
export interface AddressRequest {
  readonly mode: 'networkd' | 'dnsmasq';
  readonly group: string;
  /** The group's interface, or the bridge that it is a port of. */
  readonly interface: string;
  /** The kernel's number of it: another one of that name is another interface. Null where it is not there. */
  readonly index: number | null;
  /** Names the files: the P2P device interface, for the group's own name changes each time. */
  readonly owner: string;
  readonly plan: AddressPlan;
  readonly leaseSeconds: number;
  /** Whether we are the way to elsewhere. */
  readonly announceRouter: boolean;
}

export interface ServerParts {
  readonly logger: Logger;
  /** Where the books of leases are kept: a phone is to get the same address again. */
  readonly stateFolder: string;
  readonly onLeases: (leases: Leases) => void;
  /** It was serving and does so no more. */
  readonly onEnd: (reason: string) => void;
}

/** What gives a network its addresses, and tells who has got which. */
export interface AddressServer {
  /** Settles when phones are served. @throws {Error} with the reason, for a person; what was begun is to be stopped all the same */
  start(): Promise<void>;
  /** A station has come that will ask for an address. */
  expectLease(): void;
  /** Takes back what `start` has given; never rejects. */
  stop(): Promise<void>;
}
