/** An IPv4 address that a station has for a time. */
export interface Lease {
  readonly ip: string;
  /** When it ends by the server's own clock: another end, and the station has asked anew. Only to be compared. */
  readonly end: number;
  /** The same in milliseconds since the epoch, as far as that can be told. */
  readonly expires: number;
}

/** By the interface address of the station. */
export type Leases = ReadonlyMap<string, Lease>;
