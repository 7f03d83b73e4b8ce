import { UNKNOWN_NAME } from '../hooks/contract.js';
import { OWNER_MODE } from '../session/choosing.js';
import type {
  Device,
  Failure,
  GroupEnd,
  InvitationFailure,
  NegotiationFailure,
  RadioBlock,
} from '../session/reasons.js';
import { type NetworkProfile, stationUseText } from '../wpa/reply.js';
import { p2pStatusText, replyText } from '../wpa/status-words.js';

/** The failures to form a group in words. */

export function failureText(failure: Failure): string {
  const { allowed = [], conflict, radioBlock } = failure;
  const parts = [causeText(failure)];
  if (allowed.length > 0) parts.push(`frequencies allowed here: ${allowed.join(', ')} MHz`);
  if (conflict) {
    parts.push(
      `${conflict.radio} ${stationUseText(conflict.use)}, and a radio that uses one channel at a time can have the ` +
        `group only there: leave freq= out, or use freq=${conflict.use.frequency}`,
    );
  }
  const text = withSaid(parts.join('; '), failure.said);
  return radioBlock === undefined ? text : `${text}; ${RADIO_OFF[radioBlock]}`;
}

function causeText(failure: Failure): string {
  switch (failure.kind) {
    case 'refused':
      return refusedText(failure);
    case 'timed-out':
      return `the group did not come up within ${failure.seconds} s of P2P_GROUP_ADD`;
    case 'no-answer':
      return noAnswerText(failure);
    case 'removed':
      if ('end' in failure) return endedText(failure.end);
      return `${failure.interface}: ${endedEarlyText(failure.reason)}`;
    case 'vanished':
      return (
        failure.culprit ??
        'the group is gone without P2P-GROUP-REMOVED: wpa_supplicant was killed, another program has removed it, or the radio failed. See the log of wpa_supplicant'
      );
    case 'station': {
      const { radio, use } = failure;
      if (use === null)
        return `the group would take ${radio}, and wpa_supplicant does not say what that is used for (keep_station)`;
      return (
        `the group would take ${radio}, which ${stationUseText(use)}; disconnect it, or set keep_station: false ` +
        'and the group ends that connection'
      );
    }
    case 'profile':
      return profileFailureText(failure);
    case 'negotiation': {
      const why = withSaid(negotiationText(failure.failure), failure.said);
      return `${deviceLabel(failure.device)}: the negotiation failed (${why})`;
    }
    case 'became-client':
      return (
        `${failure.interface}: the phone became the group owner; check go_intent in p2p_connect_opts, which must be higher ` +
        "than the phone's"
      );
    case 'phone':
      if ('invitation' in failure)
        return `${failure.deviceAddress} could not be invited back: ${invitationText(failure.invitation)}`;
      return failure.cause === 'not-back'
        ? `${failure.deviceAddress} did not come back to the group`
        : `${failure.deviceAddress} no longer waits for a group`;
  }
}

function refusedText(failure: Extract<Failure, { kind: 'refused' }>): string {
  const { request } = failure;
  const reply = failure.reply.trim();
  switch (request) {
    case 'P2P_GROUP_ADD':
    case 'P2P_CONNECT': {
      const key = request === 'P2P_CONNECT' ? 'p2p_connect_opts' : 'p2p_group_add_opts';
      const hint = failure.options ? ` (check ${key}: ${failure.options})` : '';
      return `${request} was refused: ${replyText(reply)}${hint}`;
    }
    case 'LIST_NETWORKS':
      return `${request} was refused: ${reply}`;
    case 'ADD_NETWORK':
    case 'SET_NETWORK':
      return `${failure.source}: ${failure.key ?? request} was refused by wpa_supplicant (${reply})`;
    case null:
      return `wpa_supplicant could not start the group: ${reply}`;
  }
}

const NO_ANSWER = 'no answer';

function noAnswerText(failure: Extract<Failure, { kind: 'no-answer' }>): string {
  switch (failure.question) {
    case 'profiles':
      return failure.reason;
    case 'INTERFACES':
      return `wpa_supplicant does not list its interfaces: ${'refusal' in failure.why ? replyText(failure.why.refusal) : (failure.why.reason ?? NO_ANSWER)}`;
    case 'STATUS': {
      const { why } = failure;
      const text =
        'refusal' in why
          ? `STATUS: wpa_supplicant answered ${why.refusal.trim()}`
          : (why.reason ?? NO_ANSWER);
      return `${failure.interface}: cannot find out whether a group runs there: ${text}`;
    }
    case 'groups':
      return `it is not known whether a group runs on ${failure.interfaces.join(', ')}: no answer`;
  }
}

function profileFailureText({ wanted, usable, unusable }: Extract<Failure, { kind: 'profile' }>): string {
  const why = unusable === null ? '' : `${profileLabel(unusable)}: ${unusableText(unusable, null)}; `;
  return (
    `${why}persistent_network_id: expected the id of a persistent group profile of which this device is the owner ` +
    `(${usable.join(', ') || 'none'}), got ${wanted}`
  );
}

/** Why a profile is no persistent group of which we are the owner. @param mode null: not known */
export function unusableText({ disabled }: NetworkProfile, mode: number | null): string {
  const has = mode === null || mode === OWNER_MODE ? `disabled=${disabled ? 1 : 0}` : `mode=${mode}`;
  return `it has ${has}; mode=${OWNER_MODE} and disabled=2 mark a persistent group of this device`;
}

export function profileLabel({ id, ssid }: Pick<NetworkProfile, 'id' | 'ssid'>): string {
  return `profile ${id} "${ssid}"`;
}

export function negotiationText(failure: NegotiationFailure): string {
  switch (failure.cause) {
    case 'status':
      return p2pStatusText(failure.status);
    case 'formation':
      return `formation failed${failure.reason === null ? '' : `: ${failure.reason}`}`;
    case 'removed':
      return endedEarlyText(failure.reason);
    case 'refused':
      return `P2P_CONNECT was refused: ${replyText(failure.reply)}`;
    case 'said':
      return failure.line;
    case 'became-owner':
      return 'the phone became the group owner';
    case 'timed-out':
      return 'no result in time';
  }
}

function endedEarlyText(reason: string | null): string {
  return `the group ended before it was up (${reason ?? 'no reason given'})`;
}

/** A phone could not be invited into the running group. */
export function notInvitedText(device: Device, failure: InvitationFailure): string {
  return `${deviceLabel(device)} could not be invited: ${invitationText(failure)}`;
}

export function invitationText(failure: InvitationFailure): string {
  switch (failure.cause) {
    case 'refused':
      // wpa_supplicant forgets devices that it has not heard for a minute, which is the usual reason.
      return `P2P_INVITE: ${replyText(failure.reply)} (has the device been seen within the last minute?)`;
    case 'status':
      return p2pStatusText(failure.status);
    case 'no-answer':
      return 'no answer';
    case 'not-come':
      return 'no answer, or it did not come';
  }
}

/** Where the group should be up, so we have not removed it. */
function endedText(end: GroupEnd): string {
  if (end.cause === 'removed' && end.reason === 'REQUESTED')
    return 'another program has told wpa_supplicant to remove the group (REQUESTED), such as wpa_cli or NetworkManager';
  if (end.cause === 'removed' && end.reason === 'FREQ_CONFLICT')
    return "wpa_supplicant has removed the group, because the radio's own connection needs another channel (FREQ_CONFLICT)";
  return `the group has ended (${groupEndText(end)})`;
}

export function groupEndText(end: GroupEnd): string {
  return end.cause === 'removed' ? (end.reason ?? 'no reason given') : GROUP_ENDS[end.cause];
}

const GROUP_ENDS: Readonly<Record<Exclude<GroupEnd['cause'], 'removed'>, string>> = {
  vanished: 'it has gone without P2P-GROUP-REMOVED',
  'not-found': 'gone after the link was lost',
  'supplicant-gone': 'the link to wpa_supplicant is lost',
  'supplicant-ended': 'wpa_supplicant has ended',
  'not-managed': 'no longer managed',
  'session-ends': 'hostp2pd ends',
};

/** The reason, followed by the messages that wpa_supplicant printed during the attempt. */
export function withSaid(reason: string, lines: readonly string[] = []): string {
  const said = lines.filter((line) => !reason.includes(line));
  return said.length === 0 ? reason : `${reason}; wpa_supplicant said: ${said.join('; ')}`;
}

/** What to do about a radio that is off. */
export const RADIO_OFF: Readonly<Record<RadioBlock, string>> = {
  software: 'the radio is switched off by software (rfkill); "rfkill unblock wlan" switches it on',
  hardware: 'the radio is switched off by a switch or key of the machine (rfkill)',
};

export function deviceLabel({ deviceAddress, name }: Device): string {
  return `${deviceAddress} "${name ?? UNKNOWN_NAME}"`;
}
