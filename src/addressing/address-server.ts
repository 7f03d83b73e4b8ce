import type { AddressPlan } from '../config/address-plan.js';
import type { Logger } from '../logging/logger.js';
import type { OwnAddress } from './own-address.js';

/** An IPv4 address that a station has for a time. */
export interface Lease {
  readonly ip: string;
  /** When it ends, by the server's own clock. Only to be compared: if it changes, the station has asked again. */
  readonly end: number;
  /** The same in milliseconds since the epoch, as exactly as it can be known. */
  readonly expires: number;
}

/** By the interface address of the station. */
export type Leases = ReadonlyMap<string, Lease>;

/** What a server has to do for the network of a group. */
export interface AddressRequest {
  readonly mode: 'networkd' | 'dnsmasq';
  readonly group: string;
  /** The interface of the group, or the bridge that it is a port of. */
  readonly interface: string;
  /** Its index in the kernel, null if it does not exist. The same name with another index is another interface. */
  readonly index: number | null;
  /** The P2P device interface. Files are named after it, because each group has a new name. */
  readonly owner: string;
  readonly plan: AddressPlan;
  readonly leaseSeconds: number;
  /** This machine is the router of the phones. */
  readonly announceRouter: boolean;
}

export interface ServerParts {
  readonly logger: Logger;
  /** Where leases are kept, so that a phone gets the same address again. */
  readonly stateFolder: string;
  /** The address of this machine in the network. It outlives a server that fails, so that connections of phones do. */
  readonly address: OwnAddress;
  readonly onLeases: (leases: Leases) => void;
  /** It was serving and has ended by itself. */
  readonly onEnd: (reason: string) => void;
}

/** Gives the devices of a network their addresses, and reports which device has which. */
export interface AddressServer {
  /** Settles when phones are served. @throws {Error} with the reason, for a person; `stop` is needed even then */
  start(): Promise<void>;
  /** A station has joined and will ask for an address. */
  expectLease(): void;
  /** Undoes `start`, except for the address of this machine; never rejects. */
  stop(): Promise<void>;
}
