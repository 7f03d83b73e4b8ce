import type { Effect } from '../session/messages.js';
import type { RefusalReason, RemovalFailure } from '../session/reasons.js';
import { replyText } from '../wpa/status-words.js';
import { failureText, notInvitedText } from './failure-text.js';

/** Why an operator's command was refused, in words. */
export function whyRefused(reason: RefusalReason): string {
  switch (reason.cause) {
    case 'no-reply':
      return reason.message;
    case 'reply':
      return `wpa_supplicant answered ${replyText(reason.reply)}`;
    case 'not-formed':
      return failureText(reason.failure);
    case 'not-removed':
      return removalText(reason.failure);
    case 'overdue': {
      const what = reason.wants === 'up' ? 'no group has come up' : 'the group has not ended';
      return `${what} in time; see "status" for the reason`;
    }
    case 'on-group':
      return `${reason.deviceAddress} is in the group`;
    case 'not-on-group':
      return `expected the address of a station in the group, got ${reason.address}`;
    case 'inviting':
      return invitationUnderWay(reason.deviceAddress);
    case 'not-invited':
      return notInvitedText(reason.device, reason.failure);
    case 'shows-no-pin': {
      const waiting = reason.waiting.join(', ') || 'none does';
      return `expected a phone that shows its PIN and waits (${waiting}), got ${reason.deviceAddress}`;
    }
    case 'wrong-pins':
      return `after too many wrong PINs, PINs are refused for ${reason.seconds} s`;
    case 'search-impossible': {
      const { during, deviceAddress } = reason;
      if (deviceAddress === null) return `${NO_SEARCH}: a group is being formed`;
      if (during === 'invitation') return `${NO_SEARCH}: ${invitationUnderWay(deviceAddress)}`;
      return `${NO_SEARCH}: a group is negotiated with ${deviceAddress}`;
    }
    default:
      return PLAIN_REFUSALS[reason.cause];
  }
}

export const PLAIN_REFUSALS = {
  paused: 'the session is paused',
  'group-stopped': 'the group is stopped',
  'no-group': 'no group is up',
  'group-ended': 'the group has ended meanwhile',
  'attempt-ended': 'the attempt has ended',
  'no-link': 'there is no link to wpa_supplicant',
  'link-lost': 'the link to wpa_supplicant was lost',
  'supplicant-ended': 'wpa_supplicant has ended',
  'session-ends': 'the session ends',
  'session-ended': 'the session has ended',
  'client-gone': 'the client has gone',
  'no-persistent-group': 'no group is up, and no persistent one is known that could be started',
  'group-started': 'an operator has started the group again meanwhile',
} as const;

const NO_SEARCH = 'no search is possible now';

export function removalText(failure: RemovalFailure): string {
  return failure.cause === 'refused'
    ? `P2P_GROUP_REMOVE: wpa_supplicant answered ${replyText(failure.reply)}`
    : `${failure.interface} has not ended within ${failure.seconds} s of P2P_GROUP_REMOVE`;
}

function invitationUnderWay(deviceAddress: string): string {
  return `an invitation of ${deviceAddress} is under way`;
}

/** Why the session cannot use its interface. */
export function wrongInterfaceText({
  interface: name,
  expected,
}: Pick<Extract<Effect, { type: 'fail' }>, 'interface' | 'expected'>): string {
  if (expected !== null) return `${name} is not where Wi-Fi Direct events arrive. Expected ${expected}`;
  return (
    `${name} is no P2P device. Expected the interface that wpa_supplicant makes for Wi-Fi Direct, such as p2p-dev-wlan0; ` +
    'find it with "wpa_cli interface". "iw dev" must show an interface of type P2P-device'
  );
}
