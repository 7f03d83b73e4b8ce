import type { KnownEvent } from '../wpa/event.js';
import { buttonTimedOut, buttonUsed, enrolleeSeen, pinNeeded } from './arming.js';
import { beginFormation } from './choice.js';
import { findStopped, hear } from './discovery.js';
import { fail, levelOnce, reinvoked, rest } from './formation.js';
import { heardWords, startFailed } from './formation-failure.js';
import {
  accessPointEnded,
  channelSwitched,
  endGroup,
  groupStarted,
  isOlderGroup,
  noteGroupName,
  refreshGroup,
} from './group.js';
import { mayBeOurs } from './group-name.js';
import { isOrdered, refuseOrders } from './group-orders.js';
import { haltReason, isHalted, mustKeepStation } from './halt.js';
import { heldGroup, runningGroup } from './held.js';
import { candidateRemoved, inspectAgain } from './inspection.js';
import { invitationResult } from './invitation.js';
import type { LossReport } from './messages.js';
import type { Group, LinkName } from './model.js';
import { formationFailed, negotiationRefused, negotiationSucceeded } from './negotiation.js';
import { attemptFailed, closePairing, enrolleeServed } from './pairing.js';
import { isRecalling, recallResult } from './recall.js';
import { answerRecall } from './recall-answer.js';
import { attemptStarted, buttonOpened, registrarEmptied } from './registrar.js';
import { stationRejected } from './rejection.js';
import { negotiationRequested, provisionRequested } from './request.js';
import { stationEvent } from './stations.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';
import { forgiveWrongPins } from './wrong-pin.js';

/** An event of wpa_supplicant, by the link that brought it. */
export function eventInput(turn: Turn, link: LinkName, event: KnownEvent): void {
  const shared = runningGroup(turn)?.interface === turn.world.deviceInterface;
  if (link === 'device') deviceEvent(turn, event, shared);
  if (link === 'group' || shared) groupEvent(turn, event);
}

/** A line of wpa_supplicant that is no event. */
export function wordsInput(turn: Turn, line: string): void {
  const { phase } = turn.state;
  const certain = heardWords(turn, line);
  if (certain === null) return;
  if (phase.name === 'forming' && phase.occasion.kind === 'request') formationFailed(turn, certain);
  else startFailed(turn, certain);
}

/** @param shared the group runs on this very interface: what is about stations comes as the group's */
function deviceEvent(turn: Turn, event: KnownEvent, shared: boolean): void {
  switch (event.type) {
    case 'P2P-DEVICE-FOUND':
      hear(turn);
      turn.remember(event);
      return;
    case 'P2P-FIND-STOPPED':
      return findStopped(turn);
    case 'P2P-PROV-DISC-SHOW-PIN':
    case 'P2P-PROV-DISC-PBC-REQ':
    case 'P2P-PROV-DISC-ENTER-PIN':
      return provisionRequested(turn, event);
    case 'P2P-GO-NEG-REQUEST':
      return negotiationRequested(turn, event);
    case 'P2P-GO-NEG-SUCCESS':
      return negotiationSucceeded(turn, event);
    case 'P2P-GO-NEG-FAILURE':
      return negotiationRefused(turn, event);
    case 'P2P-GROUP-FORMATION-FAILURE':
      return formationFailed(turn, `formation failed${event.reason === null ? '' : `: ${event.reason}`}`);
    case 'P2P-INVITATION-RESULT':
      return isRecalling(turn) ? recallResult(turn, event) : invitationResult(turn, event);
    case 'P2P-GROUP-STARTED':
      return groupStarted(turn, event);
    case 'P2P-GROUP-REMOVED':
      if (event.role === 'GO') groupRemoved(turn, event.interface, event.reason);
      return;
    case 'P2P-INVITATION-ACCEPTED':
      hear(turn);
      turn.log('info', `${event.from} comes back to persistent group ${event.persistent ?? '?'}`);
      if (event.persistent !== null && waitsForRequest(turn)) reinvoked(turn, event.from, event.persistent);
      return;
    case 'P2P-INVITATION-RECEIVED':
      hear(turn);
      if (event.persistent !== null && mustKeepStation(turn) && turn.state.phase.name === 'idle') {
        // It may not start the group by itself; it joins the one that is formed for it.
        turn.log('info', `${event.from} asks to restart persistent group ${event.persistent}`);
        turn.cancel('discovery');
        beginFormation(turn, { kind: 'standing' });
      } else if (event.persistent !== null) {
        const halted = haltReason(turn);
        const why = halted ?? 'persistent_reconnect=0 forbids it';
        // As often as the phone tries.
        turn.log(
          halted === null ? 'warning' : 'debug',
          `${event.from} asks to restart persistent group ${event.persistent}: ${why}`,
        );
      }
      return;
    case 'P2P-REMOVE-AND-REFORM-GROUP':
      if (runningGroup(turn)) refreshGroup(turn);
      return;
    case 'WPS-FAIL':
      // While a group is formed, its own socket is not yet ours.
      if (turn.state.phase.name === 'forming') attemptFailed(turn, event);
      return;
    case 'AP-STA-CONNECTED':
    case 'AP-STA-DISCONNECTED': {
      const running = runningGroup(turn);
      if (running && !shared) stationEvent(turn, running, 'device', event);
      return;
    }
    case 'CTRL-EVENT-TERMINATING':
      return terminating(turn);
    default:
      return;
  }
}

function groupEvent(turn: Turn, event: KnownEvent): void {
  const running = runningGroup(turn);
  if (!running) return;
  switch (event.type) {
    case 'AP-STA-CONNECTED':
    case 'AP-STA-DISCONNECTED':
      return stationEvent(turn, running, 'group', event);
    case 'WPS-ENROLLEE-SEEN':
      return enrolleeSeen(turn, event);
    case 'WPS-REG-SUCCESS':
      enrolleeServed(turn, event);
      if (turn.state.registrar.holds === 'pin') registrarEmptied(turn);
      return forgiveWrongPins(turn);
    case 'WPS-FAIL':
      return attemptFailed(turn, event);
    case 'WPS-PIN-NEEDED':
      return pinNeeded(turn, event);
    case 'CTRL-EVENT-EAP-STARTED':
      return attemptStarted(turn);
    case 'WPS-PBC-ACTIVE':
      return buttonOpened(turn);
    case 'WPS-PBC-DISABLE':
      return buttonUsed(turn);
    case 'WPS-TIMEOUT':
      return buttonTimedOut(turn);
    case 'AP-REJECTED-MAX-STA':
    case 'AP-REJECTED-BLOCKED-STA':
    case 'AP-STA-POSSIBLE-PSK-MISMATCH':
      return stationRejected(turn, event);
    case 'AP-DISABLED':
      return accessPointEnded(turn);
    case 'CTRL-EVENT-CHANNEL-SWITCH':
      return channelSwitched(turn, running, event.frequency);
    default:
      return;
  }
}

/** Somebody removed the group, or its access point failed: where it is to stand, it is started again. */
export function groupRemoved(turn: Turn, name: string, reason: string | null): void {
  const running = runningGroup(turn);
  if (running?.interface === name) {
    const why = reason ?? 'no reason given';
    endGroup(turn, running, why);
    // Who wants it now has not to wait.
    if (techniqueOf(turn.settings).standing && !isHalted(turn) && !isOrdered(turn, 'up'))
      rest(turn, { kind: 'removed', detail: why, text: `the group has ended (${why})` });
    else if (turn.state.secondGroup) inspectAgain(turn);
    else beginFormation(turn);
    return;
  }
  const { phase } = turn.state;
  candidateRemoved(turn, name, reason ?? 'no reason given');
  const older = isOlderGroup(turn, name);
  noteGroupName(turn, name);
  if (phase.name !== 'forming' || !mayBeOurs(name, turn.world.deviceInterface)) return;
  if (older) {
    turn.log('debug', `${name}: the end of an older group`);
    return;
  }
  const text = `the group ended before it was up (${reason ?? 'no reason given'})`;
  if (phase.occasion.kind === 'request') formationFailed(turn, text);
  else fail(turn, { kind: 'removed', detail: reason ?? '', text: `${name}: ${text}` });
}

/** The group's interface, or the group on it, is gone, and no event has said so. */
export function groupVanished(turn: Turn, group: Group): void {
  // Its removal that we have asked for is no loss.
  if (!group.removing) turn.effects.push({ type: 'investigate-loss', interface: group.interface });
  groupRemoved(turn, group.interface, 'it has gone without P2P-GROUP-REMOVED');
}

/** Who removed it, and whether its interface is still in the way of the next one. */
export function lossInvestigated(turn: Turn, { culprit, leftover }: LossReport): void {
  const text =
    culprit ??
    'the group is gone without P2P-GROUP-REMOVED: another program has removed it, or the radio failed. See the log of wpa_supplicant';
  const failure = { kind: 'vanished', detail: culprit ?? '', text } as const;
  // With the cause in place it happens to each group.
  const level = levelOnce(turn, 'error', failure);
  turn.log(level, text);
  turn.update({ lastFailure: failure });
  const { phase } = turn.state;
  if (phase.name === 'resting') {
    turn.enter({ ...phase, failure });
    turn.emit({
      type: 'groupFailed',
      reason: text,
      retrySeconds: Math.max(0, phase.until - turn.world.now) / 1000,
    });
  }
  if (leftover !== null) turn.log(level === 'error' ? 'warning' : 'debug', leftover);
}

/** No group, and none under way: the next one comes on demand. */
function waitsForRequest(turn: Turn): boolean {
  const { name } = turn.state.phase;
  const none = name === 'idle' || name === 'choosing' || name === 'resting' || name === 'inspecting';
  // With a group that is looked for again the phone comes back to that.
  return none && heldGroup(turn) === null && !techniqueOf(turn.settings).standing && !isHalted(turn);
}

/** wpa_supplicant says good-bye: no grace for the group, it ends with it. */
function terminating(turn: Turn): void {
  const held = heldGroup(turn);
  answerRecall(turn, { code: 'CONTROL_UNAVAILABLE', message: 'wpa_supplicant has ended' });
  if (held) endGroup(turn, held, 'wpa_supplicant has ended');
  refuseOrders(turn, null, 'CONTROL_UNAVAILABLE', 'wpa_supplicant has ended');
  turn.enter({ name: 'detached', held: null });
  closePairing(turn, 'failed');
}
