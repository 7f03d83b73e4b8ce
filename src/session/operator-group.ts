import { P2P_CANCEL } from '../wpa/command.js';
import { refusalText } from '../wpa/status-words.js';
import { applyReinvocation } from './apply.js';
import { waitForRequest } from './choice.js';
import { removeGroup } from './emptiness.js';
import { withdrawAnnouncement } from './formation.js';
import { askGroupCheck } from './group.js';
import { isOrdered, order, refuseOrders } from './group-orders.js';
import { haltReason } from './halt.js';
import { runningGroup } from './held.js';
import { inspectAgain } from './inspection.js';
import type { Group } from './model.js';
import { closePairing } from './pairing.js';
import { answerRecall } from './recall-answer.js';
import { takeBack } from './registrar.js';
import type { Turn } from './turn.js';

/** The operator's word on the group: none for now, or one at once. */

/** wpa_supplicant takes a group down within a second; its event can get lost. */
const REMOVAL_LIMIT_MS = 10_000;

/** Removes the group, and lets none be formed from now on. */
export function stopGroup(turn: Turn, id: number): void {
  if (!turn.state.groupStopped) {
    turn.update({ groupStopped: true });
    turn.log('info', 'the group is stopped by an operator');
    applyReinvocation(turn);
    closePairing(turn, 'failed');
    takeBack(turn);
  }
  const reason = haltReason(turn) ?? '';
  refuseOrders(turn, 'up', 'STATE', reason);
  order(turn, { operator: id, wants: 'gone' });
  const group = runningGroup(turn);
  if (!group) {
    ceaseForming(turn, reason);
    return;
  }
  if (!group.removing) removeGroup(turn, group);
  turn.timer('removal', REMOVAL_LIMIT_MS);
}

/**
 * No group is to come of what is under way. What wpa_supplicant cannot take back any more comes to its end by itself, and
 * then there is a group or none.
 */
export function ceaseForming(turn: Turn, reason: string): void {
  const { phase } = turn.state;
  switch (phase.name) {
    case 'idle':
      return waitForRequest(turn);
    case 'resting':
      turn.cancel('resting');
      return waitForRequest(turn);
    case 'announcing':
      answerRecall(turn, { code: 'STATE', message: reason });
      withdrawAnnouncement(turn);
      return waitForRequest(turn);
    case 'forming':
      if (phase.occasion.kind !== 'request') return;
      turn.request('device', P2P_CANCEL);
      turn.cancel('forming');
      withdrawAnnouncement(turn);
      return waitForRequest(turn);
    default:
      return;
  }
}

/** Forms the group now, unless it is there, and takes back what `stopGroup` has done. */
export function startGroup(turn: Turn, id: number): void {
  if (turn.state.paused) {
    turn.refuse(id, 'STATE', haltReason(turn) ?? '');
    return;
  }
  if (turn.state.groupStopped) {
    allowGroup(turn);
    turn.log('info', 'the group is started by an operator');
  }
  const group = runningGroup(turn);
  if (group && !group.removing) {
    turn.done(id);
    return;
  }
  order(turn, { operator: id, wants: 'up' });
  const { name } = turn.state.phase;
  if (name !== 'idle' && name !== 'resting') return;
  turn.cancel('resting', 'discovery');
  inspectAgain(turn);
}

function allowGroup(turn: Turn): void {
  turn.update({ groupStopped: false });
  applyReinvocation(turn);
}

/** `P2P_GROUP_REMOVE` was refused. */
export function removalRefused(turn: Turn, group: Group, reply: string): void {
  const reason = `P2P_GROUP_REMOVE: wpa_supplicant answered ${refusalText(reply)}`;
  turn.log('warning', reason);
  keepGroup(turn, group, reason);
}

/** Its end has not been told: perhaps it is gone all the same. */
export function removalTimedOut(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group?.removing || !isOrdered(turn, 'gone')) return;
  keepGroup(turn, group, `${group.interface} has not ended within ${REMOVAL_LIMIT_MS / 1000} s`);
  askGroupCheck(turn);
}

/** The group is still there: whoever wanted to stop it is told so, and has not. */
function keepGroup(turn: Turn, group: Group, reason: string): void {
  turn.setGroup({ ...group, removing: false });
  if (!isOrdered(turn, 'gone')) return;
  allowGroup(turn);
  refuseOrders(turn, 'gone', 'COMMAND_REFUSED', reason);
}
