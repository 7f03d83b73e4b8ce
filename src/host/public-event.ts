import type {
  ButtonRefusal,
  EnrolmentFailure,
  FailureKind,
  GroupEnd,
  PinObstacle,
  StationRejection,
} from '../session/reasons.js';
import { failureKind } from '../session/reasons.js';
import type { CoreEvent, CoreEventOf } from '../session/session-event.js';
import type { WpaEvent } from '../wpa/event.js';
import { type ProtocolCode, p2pStatus, wpsError, wpsErrorText } from '../wpa/status-words.js';
import { failureText, groupEndText, negotiationText, withSaid } from './failure-text.js';
import { PLAIN_REFUSALS } from './refusal-text.js';

/** A known Wi-Fi Direct device. */
export interface PeerView {
  readonly deviceAddress: string;
  readonly name: string | null;
  /** `category-OUI-subcategory`, as in wpa_supplicant's `device_type`. */
  readonly deviceType: string | null;
  /** The type in words, such as `Smartphone`; null where it is not known. */
  readonly deviceKind: string | null;
}

/** What happens in a session, for listeners. A `reason` is a sentence for people, the `cause` beside it for programs. */
export type SessionEvent =
  | OperatorEvent
  /** Every event of wpa_supplicant, as it comes. */
  | { readonly type: 'wpaEvent'; readonly link: 'device' | 'group'; readonly event: WpaEvent };

/** The events for an operator: all but the raw ones of wpa_supplicant. */
export type OperatorEvent =
  | Exclude<CoreEvent, { readonly type: ReasonedEvent['type'] }>
  | ReasonedEvent
  | { readonly type: 'peerFound'; readonly peer: PeerView };

/** The events whose reason the core gives as facts. */
type ReasonedEvent =
  | Worded<'groupRemoved', GroupEnd['cause']>
  | Worded<'groupFailed', FailureKind>
  | Worded<'enrolmentRefused', ButtonRefusal>
  /** `code`: the number that the reason puts in words; null where no protocol gave one. */
  | (Worded<'enrolmentFailed', EnrolmentFailure['cause']> & { readonly code: ProtocolCode | null })
  | Worded<'stationRejected', StationRejection>;

/** An event of the core with its reason in words. */
type Worded<T extends CoreEvent['type'], Cause> = Omit<CoreEventOf<T>, 'reason' | 'failure'> & {
  readonly reason: string;
  readonly cause: Cause;
};

export type SessionEventName = SessionEvent['type'];
export type SessionEventOf<T extends SessionEventName> = Extract<SessionEvent, { readonly type: T }>;

/** The event as listeners get it: its reason in words, and the code of the reason. */
export function publicEvent(event: CoreEvent): OperatorEvent {
  switch (event.type) {
    case 'groupRemoved':
      return { ...event, reason: groupEndText(event.reason), cause: event.reason.cause };
    case 'groupFailed': {
      const { type, failure, retrySeconds } = event;
      return { type, reason: failureText(failure), cause: failureKind(failure), retrySeconds };
    }
    case 'enrolmentRefused':
      return { ...event, reason: BUTTON_REFUSALS[event.reason], cause: event.reason };
    case 'enrolmentFailed': {
      const { reason } = event;
      return { ...event, reason: enrolmentText(reason), cause: reason.cause, code: protocolCode(reason) };
    }
    case 'stationRejected':
      return { ...event, reason: REJECTIONS[event.reason], cause: event.reason };
    default:
      return event;
  }
}

function enrolmentText(failure: EnrolmentFailure): string {
  switch (failure.cause) {
    case 'timed-out': {
      const { pinWaitsFor } = failure;
      const why = pinWaitsFor && `; its PIN could not be armed, because ${obstacleText(pinWaitsFor)}`;
      return `timed out${why ?? ''}`;
    }
    case 'cancelled':
      return 'its user has cancelled, or asks again';
    case 'other-method':
      return 'it asks again, by another method';
    case 'too-many-phones':
      return 'too many phones ask at once';
    case 'pin-method':
    case 'not-listed':
      return `it pressed the button, and ${BUTTON_REFUSALS[failure.cause]}`;
    case 'pin-changed':
      return 'the PIN has changed; it has to ask again';
    case 'pin-module':
      return failure.message;
    case 'paused':
    case 'group-stopped':
    case 'session-ends':
      return PLAIN_REFUSALS[failure.cause];
    case 'group-ended':
      return `the group has ended (${groupEndText(failure.end)})`;
    case 'pairing-closed':
      return 'the pairing window is closed';
    case 'wps': {
      const whose = failure.foreign ? ', armed by another program' : '';
      return `${wpsErrorText(failure.error, failure.indication)}${whose}`;
    }
    case 'negotiation':
      return `negotiation failed: ${withSaid(negotiationText(failure.failure), failure.said)}`;
  }
}

function obstacleText(obstacle: PinObstacle): string {
  switch (obstacle.kind) {
    case 'wrong pins':
      return 'after too many wrong PINs no PIN was accepted';
    case 'pairing window':
      return 'the pairing window was open';
    case 'other pin':
      return `the PIN of ${obstacle.of ?? 'any device'} was armed`;
    case 'button':
      return `the push button was open for ${obstacle.of ?? 'any device'}`;
  }
}

function protocolCode(failure: EnrolmentFailure): ProtocolCode | null {
  if (failure.cause === 'wps') return wpsError(failure.error);
  const status = failure.cause === 'negotiation' && failure.failure.cause === 'status';
  return status ? p2pStatus(failure.failure.status) : null;
}

const BUTTON_REFUSALS: Readonly<Record<ButtonRefusal, string>> = {
  'pin-method': 'the method is the PIN',
  'not-listed': 'it is not on pbc_white_list',
};

const REJECTIONS: Readonly<Record<StationRejection, string>> = {
  'group-full':
    'the group is full; another station has to leave, or max_num_sta in config_parms has to be higher when the group starts',
  blocked:
    'it is blocked by an access list of wpa_supplicant ("hostp2pd wpa group DENY_ACL SHOW", or ACCEPT_ACL SHOW)',
  'wrong-passphrase':
    'wrong passphrase, or it knows a group that no longer exists; have the device forget the network, then join again',
};
