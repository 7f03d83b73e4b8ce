import type { ErrorCode } from '../system/errors.js';
import type { PairingRequest, WpsMethod } from './model.js';
import type {
  ButtonRefusal,
  EnrolmentFailure,
  Failure,
  GroupEnd,
  Refusal,
  StationRejection,
} from './reasons.js';

/** What the session reports, and what an operator can ask of it. */

/** A station as listeners see it. */
export interface StationView {
  /** Interface address. */
  readonly address: string;
  /** P2P device address; null for a legacy station. */
  readonly deviceAddress: string | null;
  readonly name: string | null;
  /** IPv4 address; null where it is not known. */
  readonly ip: string | null;
  /** IPv6 link-local address with its zone; null where it is not known. Looked up if nothing shows that it uses IPv4. */
  readonly ipv6: string | null;
}

/** A group as listeners see it. */
export interface GroupView {
  readonly interface: string;
  readonly ssid: string | null;
  /** MHz */
  readonly frequency: number | null;
  /** The stored profile; null where the group is not persistent or the profile is not known. */
  readonly networkId: number | null;
}

/** A phone that has asked to join and has not joined yet. */
export interface EnrolmentView {
  readonly deviceAddress: string;
  readonly name: string | null;
  /** `display`: its user types a PIN that we know; `keypad`: it shows a PIN that is typed here; `pbc`: push button. */
  readonly method: WpsMethod;
  /** The PIN to show, where it was made for this phone alone. */
  readonly pin: string | null;
  /** Until the request expires. */
  readonly secondsLeft: number;
}

/** The pairing window that an operator has opened. */
export interface PairingView extends PairingRequest {
  /** Until it closes by itself. */
  readonly secondsLeft: number;
}

/** What the core reports: the public events (src/host/public-event.ts), with reasons as facts. */
export type CoreEvent =
  | { readonly type: 'attached'; readonly interface: string }
  | { readonly type: 'detached'; readonly reason: string }
  | { readonly type: 'waiting'; readonly code: ErrorCode; readonly reason: string }
  | { readonly type: 'groupStarted'; readonly group: GroupView; readonly adopted: boolean }
  | { readonly type: 'groupRemoved'; readonly group: GroupView; readonly reason: GroupEnd }
  /** An attempt to form a group has failed; the next one, if one is wanted, is due after that time. */
  | { readonly type: 'groupFailed'; readonly failure: Failure; readonly retrySeconds: number }
  | {
      readonly type: 'enrolmentRequested';
      readonly deviceAddress: string;
      readonly name: string | null;
      readonly method: WpsMethod;
    }
  /** It may not join by that method. */
  | {
      readonly type: 'enrolmentRefused';
      readonly deviceAddress: string;
      readonly name: string | null;
      readonly method: WpsMethod;
      readonly reason: ButtonRefusal;
    }
  /** Its user must type this PIN: show it. */
  | {
      readonly type: 'pinShown';
      readonly deviceAddress: string;
      readonly name: string | null;
      readonly pin: string;
    }
  /** It shows a PIN, which must be typed here: see `enterPin`. */
  | { readonly type: 'pinWanted'; readonly deviceAddress: string; readonly name: string | null }
  | {
      readonly type: 'enrolmentArmed';
      /** Null for the push button, which is opened by device address. */
      readonly stationAddress: string | null;
      readonly deviceAddress: string | null;
      readonly name: string | null;
    }
  | {
      readonly type: 'enrolmentFailed';
      readonly deviceAddress: string | null;
      readonly name: string | null;
      readonly reason: EnrolmentFailure;
      /** Its request is still open: it may try again. False: the request has ended, or there was none. */
      readonly open: boolean;
    }
  /** wpa_supplicant turned a station away: the group is full, it is blocked, or its passphrase is wrong. */
  | {
      readonly type: 'stationRejected';
      /** Interface address. */
      readonly address: string;
      readonly deviceAddress: string | null;
      readonly name: string | null;
      readonly reason: StationRejection;
    }
  | { readonly type: 'stationConnected'; readonly station: StationView; readonly group: GroupView }
  | { readonly type: 'stationDisconnected'; readonly station: StationView; readonly group: GroupView }
  /** Its address is known, or has changed. */
  | { readonly type: 'stationAddressed'; readonly station: StationView; readonly group: GroupView }
  | { readonly type: 'pairingOpened'; readonly pairing: PairingView }
  | { readonly type: 'pairingClosed'; readonly reason: 'joined' | 'timeout' | 'stopped' | 'failed' }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'reloaded' }
  | { readonly type: 'stopped' };

export type CoreEventOf<T extends CoreEvent['type']> = Extract<CoreEvent, { readonly type: T }>;

/** The commands of an operator, however they are entered. Addresses are lower-case. */
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
   * Opens the pairing window: the next phone, or the one that is named, may join by that method, whatever the
   * settings say.
   */
  | ({ readonly kind: 'pair' } & PairingRequest)
  | { readonly kind: 'stop-pairing' }
  /** Forms the group now, also where it is formed on demand, and ends what `stop-group` began. */
  | { readonly kind: 'start-group' }
  /** Removes the group and forms none until `start-group`. */
  | { readonly kind: 'stop-group' }
  /** Admits no phone, forms no group and does not search; the stations stay. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Searches for devices for that time. */
  | { readonly kind: 'find'; readonly seconds: number };

export type OperatorAnswer =
  | { readonly ok: true; readonly clients: readonly ClientView[] }
  | ({ readonly ok: false } & Refusal);

/** A phone that has joined the persistent group once, and comes back without a PIN. */
export interface ClientView {
  readonly deviceAddress: string;
  readonly name: string | null;
  /** It is on the group now. */
  readonly connected: boolean;
}
