import { inviteToProfile } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { p2pStatusText, refusalText } from '../wpa/status-words.js';
import { announce, fail, negotiated, phoneFailure } from './formation.js';
import { haltReason } from './halt.js';
import { ACCEPTED, RESULT_LIMIT_MS, UNSEEN } from './invitation.js';
import type { GroupPlan } from './model.js';
import { answerRecall, type Recall, recallOf } from './recall-answer.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** The operator calls a phone back: `P2P_INVITE` with the profile of a persistent group that does not run starts it. */

export function isRecalling(turn: Turn): boolean {
  return recallOf(turn) !== null;
}

/** From `idle`. */
export function recall(turn: Turn, operator: number, deviceAddress: string): void {
  const { networkId } = turn.state;
  const halted = haltReason(turn);
  if (halted !== null) {
    turn.refuse(operator, 'STATE', halted);
    return;
  }
  if (networkId === null || !techniqueOf(turn.settings).persistent) {
    turn.refuse(operator, 'STATE', 'no group is up, and no persistent one is known that could be started');
    return;
  }
  turn.cancel('discovery');
  announce(turn, { kind: 'recall', deviceAddress, operator }, { kind: 'profile', networkId, ssid: null });
}

/** The hook `start_group` has ended. */
export function sendRecall(turn: Turn, occasion: Recall, plan: GroupPlan): void {
  if (plan.kind !== 'profile') return;
  turn.enter({ name: 'forming', occasion, plan });
  turn.timer('forming', RESULT_LIMIT_MS);
  turn.request('device', inviteToProfile(plan.networkId, occasion.deviceAddress), { kind: 'invite' });
}

/** The reply to `P2P_INVITE`. */
export function recallAnswered(turn: Turn, reply: string): void {
  if (isFailure(reply)) end(turn, `P2P_INVITE: ${refusalText(reply)}${UNSEEN}`);
}

export function recallResult(turn: Turn, { status }: EventOf<'P2P-INVITATION-RESULT'>): void {
  const occasion = recallOf(turn);
  if (!occasion) return;
  if (!ACCEPTED.includes(status)) {
    end(turn, p2pStatusText(status));
    return;
  }
  turn.log('info', `${occasion.deviceAddress} is called back to the group`);
  answerRecall(turn, null);
  negotiated(turn);
}

/** A phone that is out of reach gets no result at all. */
export function recallTimedOut(turn: Turn): void {
  end(turn, 'no answer, or it did not come');
}

function end(turn: Turn, reason: string): void {
  const occasion = recallOf(turn);
  if (occasion)
    fail(turn, phoneFailure(`${occasion.deviceAddress} could not be called back: ${reason}`), 'warning');
}
