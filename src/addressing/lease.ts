/** An IPv4 address that a station has for a time. */
export interface Lease {
  readonly ip: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expires: number;
}

/** By the interface address of the station. */
export type Leases = ReadonlyMap<string, Lease>;
