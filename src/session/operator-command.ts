import type { ErrorCode } from '../system/errors.js';

/** What an operator can have done in a session, whatever face the command comes from. Addresses are lower-case. */
export type OperatorCommand =
  /** Types the PIN that a phone shows. */
  | { readonly kind: 'enter-pin'; readonly deviceAddress: string; readonly pin: string }
  /** Phones that have joined the persistent group once. */
  | { readonly kind: 'clients' }
  | { readonly kind: 'invite'; readonly deviceAddress: string }
  /** By device or interface address. */
  | { readonly kind: 'disconnect'; readonly address: string }
  | { readonly kind: 'forget'; readonly deviceAddress: string }
  /**
   * Opens the pairing window: the next phone, or the one that is named, may come in by that method, whatever the
   * settings say.
   */
  | ({ readonly kind: 'pair' } & PairingRequest)
  | { readonly kind: 'stop-pairing' }
  /** Forms the group now, also where it is formed on demand, and ends what `stop-group` began. */
  | { readonly kind: 'start-group' }
  /** Removes the group and forms none until `start-group`. */
  | { readonly kind: 'stop-group' }
  /** Lets nobody in, forms no group and searches not; the stations stay. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Searches for devices for that time. */
  | { readonly kind: 'find'; readonly seconds: number };

export type PairingMethod = 'pbc' | 'pin';

export interface PairingRequest {
  readonly method: PairingMethod;
  /** The PIN that the phone's user types, or that a device without a keypad shows; null with `pbc`. */
  readonly pin: string | null;
  /** Null for whoever comes first. */
  readonly deviceAddress: string | null;
}

export type OperatorAnswer =
  | { readonly ok: true; readonly clients: readonly ClientView[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** A phone that has joined the persistent group once, and comes back without a PIN. */
export interface ClientView {
  readonly deviceAddress: string;
  readonly name: string | null;
  /** It is on the group now. */
  readonly connected: boolean;
}
