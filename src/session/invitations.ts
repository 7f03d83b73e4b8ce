import { type ConnectHow, inviteToGroup, P2P_CANCEL, p2pConnect } from '../wpa/command.js';
import type { EventOf, KnownEvent } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { begin, enterForming, INVITATION_LIMIT_MS } from './attempt.js';
import { noteActivity } from './discovery.js';
import { putEnrolment } from './enrolments.js';
import type { EndedAttempt, Enrolment, SentInvitation } from './model.js';
import type { InvitationFailure, Refusal, RefusalReason } from './reasons.js';
import {
  deviceOf,
  earliest,
  enrolmentOf,
  groupIn,
  haltReason,
  howOf,
  isAttached,
  isHalted,
  isRemoving,
  mustKeepStation,
  runningGroup,
  stationOf,
  techniqueOf,
} from './selectors.js';
import type { Transition } from './transition.js';

/** `P2P_INVITE` into the running group: phones that want to negotiate meanwhile, and those that an operator names. */

const MAX_TRIES = 4;
/** Time that the first phone of a group has to connect before others are invited. */
const FIRST_MS = 20_000;
/**
 * A phone tries the button every four seconds for a minute, unless its user cancels. Meanwhile Android drops invitations
 * (WifiP2pServiceImpl, GroupNegotiationState).
 */
const TRIES_FOR_MS = 6_000;
/** A phone that has been invited shows that to its user. */
export const INVITED_FOR_MS = 20_000;
/** A phone that accepts an invitation while it negotiates begins to join before this. */
const UNANSWERED_MS = 6_000;
/** How long a negotiation of ours is given to end that of the phone: the phone refuses it at once. */
const ENDING_MS = 3_000;
/** A phone searches and listens by turns: the next try may meet it. */
const AGAIN_MS = 1_500;

/** P2P status codes (Wi-Fi P2P specification, "Status attribute"): accepted, and asking its user. */
export const ACCEPTED: readonly (number | null)[] = [0, 1];

/** Invites the next of the phones that want to negotiate while the group runs. Called at the end of every step. */
export function inviteNext(t: Transition): void {
  const group = runningGroup(t);
  const { invitation, enrolments } = t.state;
  if (!group || isRemoving(group) || invitation !== null || enrolments.length === 0) return;
  // The phone that negotiated the group connects first: an invitation takes the radio off the channel.
  const fresh = !group.used && t.world.now - group.since < FIRST_MS;
  if (fresh && enrolments.some(({ hasCredential }) => hasCredential)) return;
  const next = enrolments.find((e) => (e.negotiates || isOverdue(e, t.world.now)) && howOf(e) !== null);
  if (!next) return;
  if (!next.negotiates && next.awaitsAnswer) endAttempt(t, next);
  else send(t, next.deviceAddress, 1, null);
}

/**
 * A phone that negotiates waits two minutes for an answer, and Android drops invitations meanwhile. A negotiation by another
 * method ends that: the phone's wpa_supplicant refuses it, and with it its own.
 */
function endAttempt(t: Transition, enrolment: Enrolment): void {
  const { deviceAddress } = enrolment;
  putEnrolment(t, { ...enrolment, awaitsAnswer: false });
  const until = t.world.now + ENDING_MS;
  t.update({ invitation: { kind: 'ends attempt', deviceAddress, until } });
  t.request('device', p2pConnect(deviceAddress, otherMethod(t, enrolment), null, null), { kind: 'invite' });
}

/**
 * A method that does not fit that of the phone. A device that changes its own to fit must not be let in, nor try a PIN that admits
 * phones, because nobody counts its tries. So it is a PIN that nobody learns.
 */
function otherMethod(t: Transition, { method }: Enrolment): ConnectHow {
  return { method: method === 'display' ? 'keypad' : 'display', pin: t.world.freshPin() };
}

/** Events of the P2P device that concern invitations, in both directions. */
export function invitationEvent(t: Transition, event: KnownEvent): void {
  switch (event.type) {
    case 'P2P-GO-NEG-FAILURE':
      return attemptEnded(t);
    case 'P2P-GO-NEG-SUCCESS':
      return attemptSucceeded(t);
    case 'P2P-INVITATION-RESULT':
      return invitationResult(t, event);
    case 'P2P-INVITATION-ACCEPTED':
      return groupReinvoked(t, event);
    case 'P2P-INVITATION-RECEIVED':
      return restartRequested(t, event);
    default:
      return;
  }
}

/** `P2P-GO-NEG-FAILURE` on a running group: the phone does not negotiate any more. */
function attemptEnded(t: Transition): void {
  const { invitation } = t.state;
  if (invitation?.kind === 'ends attempt') inviteAfterAttempt(t, invitation);
}

/** `P2P-GO-NEG-SUCCESS` on a running group: a device has changed its method to ours, which would lead to a second group. */
function attemptSucceeded(t: Transition): void {
  if (t.state.invitation?.kind !== 'ends attempt') return;
  t.update({ invitation: null });
  t.request('device', P2P_CANCEL);
}

/** Invites the phone, unless it has joined meanwhile. It does not try again by itself, so the invitation is repeated until it enrols. */
function inviteAfterAttempt(t: Transition, { deviceAddress }: EndedAttempt): void {
  const enrolment = enrolmentOf(t, deviceAddress);
  if (!enrolment) {
    t.update({ invitation: null });
    return;
  }
  putEnrolment(t, { ...enrolment, ownAttemptAt: t.world.now });
  send(t, deviceAddress, 1, null);
}

/** When a phone is dealt with that does not do what it was asked for; null: it does, or was not asked. */
function overdueAt(enrolment: Enrolment): number | null {
  const { ownAttemptAt, awaitsAnswer, negotiates, invitedAt, stationAddress, hasCredential } = enrolment;
  if (stationAddress !== null || hasCredential || negotiates) return null;
  if (awaitsAnswer && invitedAt !== null) return invitedAt + UNANSWERED_MS;
  if (ownAttemptAt === null) return null;
  return Math.max(ownAttemptAt + TRIES_FOR_MS, invitedAt === null ? 0 : invitedAt + INVITED_FOR_MS);
}

function isOverdue(enrolment: Enrolment, now: number): boolean {
  const dueAt = overdueAt(enrolment);
  return dueAt !== null && dueAt <= now;
}

/** When the next try is due, or the next invitation. */
export function invitationDueAt(t: Transition): number | null {
  const { invitation, enrolments } = t.state;
  if (invitation) return invitation.until;
  const times = runningGroup(t) ? enrolments.flatMap((e) => overdueAt(e) ?? []) : [];
  return earliest(times);
}

export function inviteForOperator(t: Transition, id: number, deviceAddress: string): void {
  const reason = whyNot(t, deviceAddress);
  if (reason === null) send(t, deviceAddress, 1, id);
  else t.refuse(id, 'STATE', reason);
}

function whyNot(t: Transition, deviceAddress: string): RefusalReason | null {
  const halted = haltReason(t);
  if (halted !== null) return { cause: halted };
  // wpa_supplicant would accept that, and do nothing.
  if (stationOf(t, deviceAddress)) return { cause: 'on-group', deviceAddress };
  const { invitation } = t.state;
  if (invitation) return { cause: 'inviting', deviceAddress: invitation.deviceAddress };
  return runningGroup(t) ? null : { cause: 'no-group' };
}

function send(t: Transition, deviceAddress: string, tries: number, operator: number | null): void {
  const group = runningGroup(t);
  if (!group) return;
  const until = t.world.now + INVITATION_LIMIT_MS;
  t.update({ invitation: { kind: 'sent', deviceAddress, tries, pending: true, operator, until } });
  t.request('device', inviteToGroup(group.interface, deviceAddress), { kind: 'invite' });
}

/** The reply to `P2P_INVITE`. */
export function invitationAnswered(t: Transition, reply: string): void {
  const { invitation } = t.state;
  if (!invitation || !isFailure(reply)) return;
  if (invitation.kind === 'ends attempt') attemptEnded(t);
  else end(t, invitation, { cause: 'refused', reply });
}

/** `P2P-INVITATION-RESULT`, which does not say whose it is. */
function invitationResult(t: Transition, { status }: EventOf<'P2P-INVITATION-RESULT'>): void {
  const { invitation } = t.state;
  // While the phone's attempt is ended, it is the result of an earlier one.
  if (invitation?.kind !== 'sent') return;
  if (ACCEPTED.includes(status)) {
    end(t, invitation, null);
  } else if (invitation.tries < MAX_TRIES) {
    // 8, unknown group: a phone that forgot us is still among the profile's clients; now it is taken off that list,
    // and the next invitation is one for a stranger.
    t.update({ invitation: { ...invitation, pending: false, until: t.world.now + AGAIN_MS } });
  } else {
    end(t, invitation, { cause: 'status', status });
  }
}

/** Time for another try; or no result has come, not even that there was no answer. */
export function invitationTimer(t: Transition): void {
  const { invitation } = t.state;
  if (!invitation) return;
  if (invitation.kind === 'ends attempt') {
    t.request('device', P2P_CANCEL);
    inviteAfterAttempt(t, invitation);
  } else if (invitation.pending) {
    end(t, invitation, { cause: 'no-answer' });
  } else {
    send(t, invitation.deviceAddress, invitation.tries + 1, invitation.operator);
  }
}

/** The group, the link or the session has ended: nobody is invited any more. */
export function abandonInvitation(t: Transition, { code, reason }: Refusal): void {
  const { invitation } = t.state;
  if (!invitation) return;
  t.update({ invitation: null });
  if (invitation.kind === 'sent') {
    if (invitation.operator !== null) t.refuse(invitation.operator, code, reason);
  } else if (isAttached(t)) {
    t.request('device', P2P_CANCEL);
  }
}

/** The operator's client has gone; the invitation goes on. */
export function forgetInviter(t: Transition, id: number): void {
  const { invitation } = t.state;
  if (invitation?.kind !== 'sent' || invitation.operator !== id) return;
  t.update({ invitation: { ...invitation, operator: null } });
  t.refuse(id, 'CONTROL_CLOSED', { cause: 'client-gone' });
}

function end(
  t: Transition,
  { deviceAddress, operator }: SentInvitation,
  failure: InvitationFailure | null,
): void {
  const enrolment = enrolmentOf(t, deviceAddress);
  const device = deviceOf(t, deviceAddress);
  t.update({ invitation: null });
  if (enrolment) {
    const { ownAttemptAt, invitedAt, awaitsAnswer } = enrolment;
    putEnrolment(t, {
      ...enrolment,
      negotiates: false,
      awaitsAnswer: awaitsAnswer && failure === null,
      invitedAt: failure === null || ownAttemptAt !== null ? t.world.now : invitedAt,
    });
  }
  t.log(failure === null ? 'info' : 'warning', { type: 'invited', device, failure });
  if (operator !== null) {
    if (failure === null) t.done(operator);
    else t.refuse(operator, 'COMMAND_REFUSED', { cause: 'not-invited', device, failure });
  }
}

// Phones that restart the persistent group themselves.

/** A phone restarts the persistent group, and wpa_supplicant has accepted. */
function groupReinvoked(t: Transition, { from, persistent }: EventOf<'P2P-INVITATION-ACCEPTED'>): void {
  noteActivity(t);
  t.log('info', { type: 'reinvoked', deviceAddress: from, networkId: persistent });
  if (persistent === null || !waitsForRequest(t)) return;
  const plan = { kind: 'profile', networkId: persistent, ssid: null } as const;
  enterForming(t, { kind: 'reinvocation', deviceAddress: from }, plan);
}

/** No group is up, and no attempt is under way. To a group that is looked for the phone comes back by itself. */
function waitsForRequest(t: Transition): boolean {
  const { phase } = t.state;
  const none = ['idle', 'choosing', 'backoff', 'inspecting'].includes(phase.name);
  return none && groupIn(phase) === null && !techniqueOf(t.settings).alwaysUp && !isHalted(t);
}

/**
 * A phone asks to restart the persistent group, and wpa_supplicant has refused, as `persistent_reconnect` says. Where that
 * is so only to protect the radio's connection, a group is formed, and the phone joins it.
 */
function restartRequested(t: Transition, { from, persistent }: EventOf<'P2P-INVITATION-RECEIVED'>): void {
  noteActivity(t);
  if (persistent === null) return;
  const halted = haltReason(t);
  const formed = t.state.phase.name === 'idle' && mustKeepStation(t) && halted === null;
  const request = { type: 'restart-requested', deviceAddress: from, networkId: persistent } as const;
  // While halted this comes as often as the phone tries.
  t.log(formed ? 'info' : halted === null ? 'warning' : 'debug', { ...request, formed, halted });
  if (formed) begin(t, { kind: 'wanted' });
}
