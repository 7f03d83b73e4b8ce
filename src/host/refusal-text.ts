import type { HaltReason, RefusalOf, RefusalReason, RemovalFailure } from '../session/reasons.js';
import { refusalText } from '../wpa/status-words.js';
import { deviceLabel, failureText, invitationText } from './failure-text.js';

/** Why an operator's command was refused, in words. */
export function whyRefused(reason: RefusalReason): string {
  switch (reason.cause) {
    case 'paused':
    case 'group-stopped':
      return HALTS[reason.cause];
    case 'no-link':
      return 'there is no link to wpa_supplicant';
    case 'link-lost':
      return 'the link to wpa_supplicant was lost';
    case 'supplicant-ended':
      return 'wpa_supplicant has ended';
    case 'session-ends':
      return 'the session ends';
    case 'session-ended':
      return 'the session has ended';
    case 'client-gone':
      return 'the client has gone';
    case 'no-reply':
      return reason.message;
    case 'reply':
      return `wpa_supplicant answered ${refusalText(reason.reply)}`;
    case 'no-group':
      return 'no group is up';
    case 'no-persistent-group':
      return 'no group is up, and no persistent one is known that could be started';
    case 'not-formed':
      return failureText(reason.failure);
    case 'not-removed':
      return removalText(reason.failure);
    case 'overdue': {
      const what = reason.wants === 'up' ? 'no group has come up' : 'the group has not ended';
      return `${what} in time; see "status" for the reason`;
    }
    case 'group-started':
      return 'an operator has started the group again meanwhile';
    case 'group-ended':
      return 'the group has ended meanwhile';
    case 'attempt-ended':
      return 'the attempt has ended';
    case 'on-group':
      return `${reason.deviceAddress} is on the group`;
    case 'not-on-group':
      return `expected the address of a station on the group, got ${reason.address}`;
    case 'inviting':
      return invitationUnderWay(reason.deviceAddress);
    case 'not-invited':
      return `${deviceLabel(reason.device)} could not be invited: ${invitationText(reason.failure)}`;
    case 'shows-no-pin': {
      const waiting = reason.waiting.join(', ') || 'none does';
      return `expected a phone that shows its PIN and waits (${waiting}), got ${reason.deviceAddress}`;
    }
    case 'wrong-pins':
      return `after too many wrong PINs nobody is admitted by PIN for ${reason.seconds} s`;
    case 'search-impossible':
      return `no search is possible now: ${underWay(reason)}`;
  }
}

export const HALTS: Readonly<Record<HaltReason, string>> = {
  paused: 'the session is paused',
  'group-stopped': 'the group is stopped',
};

export function removalText(failure: RemovalFailure): string {
  return failure.cause === 'refused'
    ? `P2P_GROUP_REMOVE: wpa_supplicant answered ${refusalText(failure.reply)}`
    : `${failure.interface} has not ended within ${failure.seconds} s of P2P_GROUP_REMOVE`;
}

function underWay({ during, deviceAddress }: RefusalOf<'search-impossible'>): string {
  if (deviceAddress === null) return 'a group is being formed';
  return during === 'invitation'
    ? invitationUnderWay(deviceAddress)
    : `a group is negotiated with ${deviceAddress}`;
}

function invitationUnderWay(deviceAddress: string): string {
  return `an invitation of ${deviceAddress} is under way`;
}
