import { causeOf, type ErrorCode } from '../system/errors.js';
import type { NetworkProfile, StationUse } from '../wpa/reply.js';

/** Why something failed or ended, as facts. The sentences for people are made elsewhere. */

/** A phone, with its name as far as it is known. */
export interface Device {
  readonly deviceAddress: string;
  readonly name: string | null;
}

/** What keeps a radio off: `rfkill block`, or a switch or key of the machine. */
export type RadioBlock = 'software' | 'hardware';

/** Where the lines of a new profile come from. */
export type ProfileSource = 'network_parms' | 'state file';

/** Why a PIN cannot be armed now. `of`: the device or interface address for which the other one is; null: for any device. */
export type PinObstacle =
  | { readonly kind: 'wrong pins' | 'pairing window' }
  | { readonly kind: 'other pin' | 'button'; readonly of: string | null };

/** Why no group is up: an attempt to form one failed, or the group ended. */
export type Failure = FailureCause & {
  /** Lines of wpa_supplicant during the attempt that are no events. */
  readonly said?: readonly string[];
  /** rfkill keeps the radio off, which then is the cause. */
  readonly radioBlock?: RadioBlock;
  /** Frequencies (MHz) that a group may use here, where the options ask for one. */
  readonly allowed?: readonly number[];
  /** The radio's own interface uses another channel than the options ask for. */
  readonly conflict?: { readonly radio: string; readonly use: StationUse };
};

type FailureCause =
  /** wpa_supplicant refused the command that forms the group, perhaps for its options. */
  | {
      readonly kind: 'refused';
      readonly request: 'P2P_GROUP_ADD' | 'P2P_CONNECT';
      readonly reply: string;
      readonly options: string | null;
    }
  | { readonly kind: 'refused'; readonly request: 'LIST_NETWORKS'; readonly reply: string }
  /** `key` of the refused line, without its value, which may be the passphrase; null with `ADD_NETWORK`. */
  | {
      readonly kind: 'refused';
      readonly request: 'ADD_NETWORK' | 'SET_NETWORK';
      readonly reply: string;
      readonly source: ProfileSource;
      readonly key: string | null;
    }
  /** It accepted the command, and then said in this line that it cannot start the group. */
  | { readonly kind: 'refused'; readonly request: null; readonly reply: string }
  | { readonly kind: 'timed-out'; readonly seconds: number }
  /** wpa_supplicant did not answer a question without which no group is formed. `reason`: of the link. */
  | { readonly kind: 'no-answer'; readonly question: 'profiles'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly question: 'INTERFACES'; readonly why: NoAnswer }
  /** Whether a group runs on that interface. */
  | {
      readonly kind: 'no-answer';
      readonly question: 'STATUS';
      readonly interface: string;
      readonly why: NoAnswer;
    }
  | { readonly kind: 'no-answer'; readonly question: 'groups'; readonly interfaces: readonly string[] }
  /** The group ended before it was up. `reason`: of wpa_supplicant. */
  | { readonly kind: 'removed'; readonly interface: string; readonly reason: string | null }
  /** The group that was up has ended. */
  | { readonly kind: 'removed'; readonly end: GroupEnd }
  /** wpa_supplicant has lost the group that was up. `culprit`: by whom, in words, as far as that is known. */
  | { readonly kind: 'vanished'; readonly culprit: string | null }
  /** The group would end the connection of the radio's own interface (`keep_station`). `use` null: not known. */
  | { readonly kind: 'station'; readonly radio: string; readonly use: StationUse | null }
  /** `persistent_network_id` names none of the profiles that can be used. `unusable`: the profile that it names. */
  | {
      readonly kind: 'profile';
      readonly wanted: number;
      readonly usable: readonly number[];
      readonly unusable: NetworkProfile | null;
    }
  | { readonly kind: 'negotiation'; readonly device: Device; readonly failure: NegotiationFailure }
  /** The phone became the group owner. */
  | { readonly kind: 'became-client'; readonly interface: string }
  /** The phone no longer waits for the group, or did not come back to it. */
  | { readonly kind: 'phone'; readonly deviceAddress: string; readonly cause: 'not-waiting' | 'not-back' }
  /** It could not be invited back. */
  | { readonly kind: 'phone'; readonly deviceAddress: string; readonly invitation: InvitationFailure };

/** wpa_supplicant refused the question; or the link gives this reason, null where the time was over. */
export type NoAnswer = { readonly refusal: string } | { readonly reason: string | null };

/** The failures as the status and the event `groupFailed` name them. */
export type FailureKind = Failure['kind'] | 'radio-off';

export function failureKind({ kind, radioBlock }: Failure): FailureKind {
  return radioBlock === undefined ? kind : 'radio-off';
}

/**
 * Two failures are the same where their keys are: a lasting one is logged once. Numbers do not count, for the interface of each
 * attempt has another one, nor what differs each time.
 */
export function failureKey(failure: Failure): string {
  return causeOf(`${failureKind(failure)} ${failure.radioBlock ?? detailOf(failure)}`);
}

function detailOf(failure: Failure): string {
  switch (failure.kind) {
    case 'refused': {
      const { request, reply } = failure;
      if (request === null) return reply;
      // Its first word alone distinguishes refusals.
      const word = reply.trim().split(/\s/, 1)[0] ?? '';
      return request === 'SET_NETWORK' ? `${request} ${failure.key} ${word}` : `${request} ${word}`;
    }
    case 'no-answer':
      return failure.question === 'STATUS' ? failure.interface : failure.question;
    case 'removed':
      if (!('end' in failure)) return failure.reason ?? '';
      return failure.end.cause === 'removed' ? `was up ${failure.end.reason}` : failure.end.cause;
    case 'vanished':
      return failure.culprit ?? '';
    case 'profile':
      return failure.usable.join(' ');
    default:
      return '';
  }
}

/** Why no group came of a negotiation with a phone. */
export type NegotiationFailure =
  /** Status code of `P2P-GO-NEG-FAILURE`. */
  | { readonly cause: 'status'; readonly status: number | null }
  | { readonly cause: 'formation'; readonly reason: string | null }
  /** The group ended before it was up. */
  | { readonly cause: 'removed'; readonly reason: string | null }
  /** wpa_supplicant refused `P2P_CONNECT`. */
  | { readonly cause: 'refused'; readonly reply: string }
  /** It said in this line that it cannot start the group. */
  | { readonly cause: 'said'; readonly line: string }
  /** The phone became the group owner. */
  | { readonly cause: 'became-owner' }
  | { readonly cause: 'timed-out' };

/** Why a phone could not be invited. */
export type InvitationFailure =
  | { readonly cause: 'refused'; readonly reply: string }
  /** Status code of `P2P-INVITATION-RESULT`. */
  | { readonly cause: 'status'; readonly status: number | null }
  | { readonly cause: 'no-answer' }
  /** No answer, or it accepted and did not come. */
  | { readonly cause: 'not-come' };

/**
 * Why a group that was up has ended: `removed`, by `P2P-GROUP-REMOVED` with wpa_supplicant's reason; `vanished`, without that
 * event; `not-found` or `supplicant-gone`, after the link was lost; `session-ends`, if the group is on demand.
 */
export type GroupEnd =
  | { readonly cause: 'removed'; readonly reason: string | null }
  | { readonly cause: 'vanished' | 'not-managed' | 'session-ends' }
  | { readonly cause: 'not-found' | 'supplicant-gone' | 'supplicant-ended' };

/** Why a phone may not use the push button by the settings: the method is the PIN, or it is not on `pbc_white_list`. */
export type ButtonRefusal = 'pin-method' | 'not-listed';

/** Why a phone that has asked did not join. */
export type EnrolmentFailure =
  | { readonly cause: 'timed-out'; readonly pinWaitsFor: PinObstacle | null }
  /** By the new settings it may not press the button, or there is another PIN. */
  | { readonly cause: ButtonRefusal | 'pin-changed' }
  | {
      readonly cause:
        | 'cancelled'
        | 'other-method'
        | 'too-many-phones'
        | HaltReason
        | 'session-ends'
        | 'pairing-closed';
    }
  | { readonly cause: 'group-ended'; readonly end: GroupEnd }
  /** The error of the PIN module, in its words. */
  | { readonly cause: 'pin-module'; readonly message: string }
  /** The numbers of `WPS-FAIL`. `foreign`: the PIN was armed by another program. */
  | {
      readonly cause: 'wps';
      readonly error: number | null;
      readonly indication: number | null;
      readonly foreign: boolean;
    }
  /** `said`: as with {@link Failure}. */
  | {
      readonly cause: 'negotiation';
      readonly failure: NegotiationFailure;
      readonly said: readonly string[];
    };

/** Why wpa_supplicant turned a station away: the group is full, an access list, or a wrong passphrase. */
export type StationRejection = 'group-full' | 'blocked' | 'wrong-passphrase';

/** What an operator waits for: that the group is up, or gone. */
export type GroupWish = 'up' | 'gone';

/** Why no group is formed and nobody admitted: an operator has paused the session, or stopped the group. */
export type HaltReason = 'paused' | 'group-stopped';

/** Why a group could not be removed. */
export type RemovalFailure =
  | { readonly cause: 'refused'; readonly reply: string }
  | { readonly cause: 'timed-out'; readonly interface: string; readonly seconds: number };

/** Why an operator's command was refused, or came to nothing. */
export type RefusalReason =
  | { readonly cause: HaltReason | 'no-group' | 'group-ended' | 'attempt-ended' }
  | { readonly cause: 'no-link' | 'link-lost' | 'supplicant-ended' }
  | { readonly cause: 'session-ends' | 'session-ended' | 'client-gone' }
  /** No group is up, and no persistent one is known that a phone could be invited to. */
  | { readonly cause: 'no-persistent-group' }
  /** Another operator has started the group that was to end. */
  | { readonly cause: 'group-started' }
  /** The error of the link, in its words. */
  | { readonly cause: 'no-reply'; readonly message: string }
  /** wpa_supplicant refused the request. */
  | { readonly cause: 'reply'; readonly reply: string }
  | { readonly cause: 'not-formed'; readonly failure: Failure }
  | { readonly cause: 'not-removed'; readonly failure: RemovalFailure }
  /** The group has not come up, or not ended, in time. */
  | { readonly cause: 'overdue'; readonly wants: GroupWish }
  | { readonly cause: 'on-group'; readonly deviceAddress: string }
  | { readonly cause: 'not-on-group'; readonly address: string }
  /** Another invitation is under way. */
  | { readonly cause: 'inviting'; readonly deviceAddress: string }
  | { readonly cause: 'not-invited'; readonly device: Device; readonly failure: InvitationFailure }
  /** `waiting`: the phones that show a PIN. */
  | { readonly cause: 'shows-no-pin'; readonly deviceAddress: string; readonly waiting: readonly string[] }
  /** After too many wrong PINs nobody is admitted by PIN for that time. */
  | { readonly cause: 'wrong-pins'; readonly seconds: number }
  /** A phone is invited, or a group formed: with that phone, or null with none. */
  | {
      readonly cause: 'search-impossible';
      readonly during: 'invitation' | 'formation';
      readonly deviceAddress: string | null;
    };

export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: RefusalReason;
}
