import type { ErrorCode } from '../errors.js';

/** What an operator can have done in a session, whatever face the command comes from. Addresses are lower-case. */
export type OperatorCommand =
  /** Types the PIN that a phone shows. */
  | { readonly kind: 'enter-pin'; readonly deviceAddress: string; readonly pin: string }
  /** Phones that have joined the persistent group once. */
  | { readonly kind: 'clients' }
  | { readonly kind: 'invite'; readonly deviceAddress: string }
  /** By device or interface address. */
  | { readonly kind: 'disconnect'; readonly address: string }
  | { readonly kind: 'forget'; readonly deviceAddress: string };

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
