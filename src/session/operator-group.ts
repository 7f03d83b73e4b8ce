import { P2P_CANCEL } from '../wpa/command.js';
import { refusalText } from '../wpa/status-words.js';
import { waitForRequest } from './choice.js';
import { REMOVAL_LIMIT_MS, removeGroup, removeWhenEmpty } from './emptiness.js';
import { withdrawAnnouncement } from './formation.js';
import { askGroupCheck, endUnwanted } from './group.js';
import { fulfil, isOrdered, order, refuseOrders } from './group-orders.js';
import { haltReason } from './halt.js';
import { runningGroup } from './held.js';
import { inspectAgain } from './inspection.js';
import type { Group } from './model.js';
import { closePairing } from './pairing.js';
import { answerRecall } from './recall-answer.js';
import { takeBack } from './registrar.js';
import { syncValues } from './supplicant-values.js';
import type { Turn } from './turn.js';

/** The operator's word on the group: none for now, or one at once. */

/** How often a removal of which nothing comes is asked for. */
const MAX_REMOVALS = 2;
/** A group that could not be removed is removed later, if it is still to go. */
const REMOVAL_AGAIN_MS = 60_000;

/** Removes the group, and lets none be formed from now on. */
export function stopGroup(turn: Turn, id: number): void {
  if (!turn.state.groupStopped) {
    turn.update({ groupStopped: true });
    turn.log('info', 'the group is stopped by an operator');
    syncValues(turn);
    closePairing(turn, 'failed');
    takeBack(turn);
  }
  const reason = haltReason(turn) ?? '';
  refuseOrders(turn, 'up', 'STATE', reason);
  order(turn, id, 'gone');
  const group = runningGroup(turn);
  if (!group) {
    ceaseForming(turn, reason);
    return;
  }
  if (!group.removing) removeGroup(turn, group);
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
      // Another group may be up.
      return turn.state.secondGroup ? inspectAgain(turn) : waitForRequest(turn);
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
  // A group that is being removed goes first; what else was to go may stay now.
  if (!group) refuseOrders(turn, 'gone', 'STATE', 'an operator has started the group again meanwhile');
  order(turn, id, 'up');
  const { name } = turn.state.phase;
  if (name !== 'idle' && name !== 'resting') return;
  turn.cancel('resting', 'discovery');
  inspectAgain(turn);
}

function allowGroup(turn: Turn): void {
  turn.update({ groupStopped: false });
  syncValues(turn);
}

/** `P2P_GROUP_REMOVE` was refused. */
export function removalRefused(turn: Turn, group: Group, reply: string): void {
  const reason = `P2P_GROUP_REMOVE: wpa_supplicant answered ${refusalText(reply)}`;
  keepGroup(turn, group, reason);
}

/** Its end has not been told: perhaps it is gone all the same. Or a removal that failed is due again. */
export function removalTimedOut(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group) return;
  if (!group.removing) {
    endUnwanted(turn);
    removeWhenEmpty(turn);
    return;
  }
  // Without a group the answer ends it.
  askGroupCheck(turn);
  if (group.removals < MAX_REMOVALS) {
    removeGroup(turn, group);
    return;
  }
  const seconds = (REMOVAL_LIMIT_MS * MAX_REMOVALS) / 1000;
  const reason = `${group.interface} has not ended within ${seconds} s of P2P_GROUP_REMOVE`;
  keepGroup(turn, group, reason);
}

/** The group is still there: the operator who wanted to stop it is told so, and has not stopped it. */
function keepGroup(turn: Turn, group: Group, reason: string): void {
  // It is tried again every minute, perhaps for ever.
  const told = group.removalFailed;
  turn.log(told ? 'debug' : 'warning', reason);
  turn.setGroup({ ...group, removing: false, removals: 0, removalFailed: true });
  turn.timer('removal', REMOVAL_AGAIN_MS);
  if (isOrdered(turn, 'gone')) {
    allowGroup(turn);
    refuseOrders(turn, 'gone', 'COMMAND_REFUSED', reason);
  }
  fulfil(turn, 'up');
}
