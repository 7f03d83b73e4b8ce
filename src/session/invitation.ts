import type { ErrorCode } from '../system/errors.js';
import { inviteToGroup } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { p2pStatusText, refusalText } from '../wpa/status-words.js';
import { enrolmentOf, howOf, phoneLabel, putEnrolment } from './enrolment.js';
import { haltReason } from './halt.js';
import { runningGroup, stationOf } from './held.js';
import type { Invitation } from './model.js';
import type { Turn } from './turn.js';

/** `P2P_INVITE` into the running group: a phone that negotiates meanwhile is asked in, and whom the operator names. */

const MAX_TRIES = 4;
/** A phone searches and listens by turns: the next try may meet it. */
const AGAIN_MS = 1_500;
/** wpa_supplicant gives up after some seconds and says so; this is for the case that it does not. */
export const RESULT_LIMIT_MS = 20_000;
/** A phone that has been asked shows that to its user; it goes on asking by itself meanwhile. */
const INVITED_FOR_MS = 20_000;

/** The usual reason of a refusal: wpa_supplicant forgets whom it has not heard for a minute. */
export const UNSEEN = ' (has the device been seen within the last minute?)';

/** P2P status codes (Wi-Fi P2P specification, "Status attribute"): taken, and asking its user. */
export const ACCEPTED: readonly (number | null)[] = [0, 1];

/** Invites the phone whose turn it is among those that want to negotiate while the group runs. */
export function inviteNext(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group || group.removing || turn.state.invitation !== null) return;
  const next = turn.state.enrolments.find(
    (e) =>
      e.negotiates &&
      howOf(e) !== null &&
      (e.invitedAt === null || turn.world.now - e.invitedAt >= INVITED_FOR_MS),
  );
  if (next) send(turn, { deviceAddress: next.deviceAddress, tries: 1, pending: true, operator: null });
}

export function inviteForOperator(turn: Turn, id: number, deviceAddress: string): void {
  const halted = haltReason(turn);
  if (halted !== null) {
    turn.refuse(id, 'STATE', halted);
  } else if (stationOf(turn, deviceAddress)) {
    // wpa_supplicant would say yes to that, and no more.
    turn.refuse(id, 'STATE', `${deviceAddress} is on the group`);
  } else if (turn.state.invitation) {
    turn.refuse(id, 'STATE', `an invitation of ${turn.state.invitation.deviceAddress} is under way`);
  } else if (runningGroup(turn)) {
    send(turn, { deviceAddress, tries: 1, pending: true, operator: id });
  } else {
    turn.refuse(id, 'STATE', 'no group is up just now');
  }
}

function send(turn: Turn, invitation: Invitation): void {
  const group = runningGroup(turn);
  if (!group) {
    end(turn, invitation, 'no group is up');
    return;
  }
  turn.update({ invitation });
  turn.request('device', inviteToGroup(group.interface, invitation.deviceAddress), { kind: 'invite' });
  turn.timer('invitation', RESULT_LIMIT_MS);
}

/** The reply to `P2P_INVITE`. */
export function invitationAnswered(turn: Turn, reply: string): void {
  const { invitation } = turn.state;
  if (!invitation || !isFailure(reply)) return;
  end(turn, invitation, `P2P_INVITE: ${refusalText(reply)}${UNSEEN}`);
}

/** `P2P-INVITATION-RESULT`, which does not say whose it is. */
export function invitationResult(turn: Turn, { status }: EventOf<'P2P-INVITATION-RESULT'>): void {
  const { invitation } = turn.state;
  if (!invitation) return;
  if (ACCEPTED.includes(status)) {
    end(turn, invitation, null);
  } else if (invitation.tries < MAX_TRIES) {
    // 8, unknown group: a phone that forgot us is still among the profile's clients; now it is taken off that list,
    // and the next invitation is one for a stranger.
    turn.update({ invitation: { ...invitation, pending: false } });
    turn.timer('invitation', AGAIN_MS);
  } else {
    end(turn, invitation, p2pStatusText(status));
  }
}

/** Time for another try; or no result has come, not even that there was no answer. */
export function invitationTimer(turn: Turn): void {
  const { invitation } = turn.state;
  if (!invitation) inviteNext(turn);
  else if (invitation.pending) end(turn, invitation, 'no answer');
  else send(turn, { ...invitation, tries: invitation.tries + 1, pending: true });
}

/** The group or the link is gone, or we end: nobody is invited any more. */
export function abandonInvitation(turn: Turn, code: ErrorCode, reason: string): void {
  const { invitation } = turn.state;
  if (!invitation) return;
  turn.update({ invitation: null });
  turn.cancel('invitation');
  if (invitation.operator !== null) turn.refuse(invitation.operator, code, reason);
}

function end(turn: Turn, { deviceAddress, operator }: Invitation, failure: string | null): void {
  const enrolment = enrolmentOf(turn, deviceAddress);
  const label = phoneLabel(turn, deviceAddress);
  turn.update({ invitation: null });
  turn.cancel('invitation');
  if (enrolment) {
    putEnrolment(
      turn,
      failure === null ? { ...enrolment, invitedAt: turn.world.now } : { ...enrolment, negotiates: false },
    );
  }
  if (failure === null) turn.log('info', `${label} is invited into the group`);
  else turn.log('warning', `${label} could not be invited: ${failure}`);
  if (operator !== null) {
    if (failure === null) turn.done(operator);
    else turn.refuse(operator, 'COMMAND_REFUSED', `${label} could not be invited: ${failure}`);
  }
  inviteNext(turn);
}
