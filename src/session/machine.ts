import { mayBeOurs } from '../system/interface-names.js';
import type { EventOf, KnownEvent } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { addressConfirmed, ipv6Confirmed, leasesReceived } from './addresses.js';
import { answerRecall, noteLoss, withdrawAnnouncement } from './attempt.js';
import { awaiting, noteStationComing, stationSeen } from './awaiting.js';
import { choosing, removeUnused, storing, unusedMode } from './choosing.js';
import { attached, detached, linkLost, linkWaiting, noteHeldBackEvents, terminating } from './detached.js';
import { noteActivity } from './discovery.js';
import { announcing, forming } from './forming.js';
import { endGroup, groupUp, noteGroupName } from './group.js';
import { backoff, idle } from './idle.js';
import { adopting, deviceStatus, inspecting } from './inspecting.js';
import { invitationAnswered, invitationEvent, invitationTimer } from './invitations.js';
import type { Effect, Input, Tag, World } from './messages.js';
import type { TimerName } from './model.js';
import { ANYBODY, type SessionState } from './model.js';
import { operatorAnswered, operatorGone, operatorInput } from './operator.js';
import { endLook, lookAtSettings, settingReceived } from './overwritten.js';
import { closePairing } from './pairing.js';
import { fileClientsReceived } from './persistent-group.js';
import type { Phase, PhaseName, PhaseOf } from './phase.js';
import { buttonAnswered } from './push-button.js';
import { reconcile } from './reconcile.js';
import { pinRefused } from './registrar.js';
import { negotiationRequested, pinReceived, provisionRequested } from './requests.js';
import { running } from './running.js';
import { attemptPhase, groupIn, isEnding, isSameNetwork } from './selectors.js';
import { ended, stop, stopping } from './stopping.js';
import {
  configSaved,
  driverStatusReceived,
  groupSharing,
  inspect,
  reapplySettings,
  valueReceived,
} from './supplicant-settings.js';
import { type Machine, type PhaseRules, Transition } from './transition.js';

/** The session machine: what each phase does is in the file of its name; what holds in all phases is here. */

const PHASES: { readonly [N in PhaseName]: PhaseRules<N> } = {
  ...{ detached, inspecting, adopting, choosing, storing, awaiting, announcing, forming },
  ...{ running, backoff, idle, stopping, ended },
};

/** The rules of a phase. The type of the table guarantees that they belong to it, which the compiler does not see. */
function rulesOf<N extends PhaseName>(phase: PhaseOf<N>): PhaseRules<N> {
  return PHASES[phase.name as N];
}

const MACHINE: Machine = { leave, rulesOf };

/**
 * One decision. Pure: the same state, input and world give the same result, and nothing but the result changes. The phases
 * and the ways between them are drawn in native-notes/architecture.md.
 */
export function transition(state: SessionState, input: Input, world: World): Decision {
  return settle(react(state, input, world), input);
}

interface Decision {
  readonly state: SessionState;
  readonly effects: readonly Effect[];
}

/** The first half of a decision: what the input itself leads to. Effects are only added by the second half. */
export function react(state: SessionState, input: Input, world: World): Transition {
  const t = new Transition(state, world, MACHINE);
  noteHeldBackEvents(t, input);
  noteStationComing(t, input);
  if (isOutdated(t, input)) {
    if (input.type === 'reply') removeUnused(t, input.tag, input.reply);
    return t;
  }
  if (!t.rules.input(t, t.state.phase, input)) anyPhase(t, input);
  return t;
}

/** The second half: what follows from the new state. */
export function settle(t: Transition, input: Input): Decision {
  if (!isNoise(t, input)) reconcile(t, input);
  return { state: t.state, effects: t.effects };
}

/**
 * An event or a reply that has changed nothing leaves nothing to reconcile, unless something has become due, or a phone waits for
 * its turn.
 */
function isNoise(t: Transition, input: Input): boolean {
  if ((input.type !== 'event' && input.type !== 'reply') || t.state !== t.before) return false;
  const { nextDueAt, enrolments } = t.state;
  return (nextDueAt === null || nextDueAt > t.world.now) && !enrolments.some((e) => e.negotiates);
}

/** A reply to a question of an earlier phase: what it says may have changed since. */
function isOutdated(t: Transition, input: Input): boolean {
  if (input.type !== 'reply' && input.type !== 'no-reply') return false;
  return 'phaseNumber' in input.tag && input.tag.phaseNumber !== t.state.phaseNumber;
}

/**
 * Settles what the next phase would forget. Usually that has been done already, with a better reason; so no way out of a
 * phase loses a group, an announced group or an operator's command.
 */
function leave(t: Transition, next: Phase): void {
  // When the session ends, the group stays up.
  if (isEnding(next)) return;
  const group = groupIn(t.state.phase);
  if (group && groupIn(next)?.interface !== group.interface) endGroup(t, group, { cause: 'not-managed' });
  if (next.name === 'announcing' || next.name === 'forming' || next.name === 'running') return;
  if (attemptPhase(t.state) === null) return;
  answerRecall(t, { code: 'STATE', reason: { cause: 'attempt-ended' } });
  withdrawAnnouncement(t);
}

/** An input that the phase leaves to the rules for all phases. */
function anyPhase(t: Transition, input: Input): void {
  switch (input.type) {
    case 'start':
      return t.hook({ hook: 'started' });
    case 'link-up':
      if (input.link !== 'device') return;
      linkLost(t, 'attached again');
      attached(t);
      return;
    case 'link-down':
      if (input.link === 'device') linkLost(t, input.reason);
      return;
    case 'link-missed':
      // The attachment was lost: perhaps for a moment, perhaps because wpa_supplicant was restarted.
      if (input.link === 'device') inspect(t);
      return;
    case 'link-held-back':
      return;
    case 'link-waiting':
      if (input.link === 'device') linkWaiting(t, input.code, input.reason);
      return;
    case 'event':
      if (input.link === 'device' && input.event.type !== 'unknown') deviceEvent(t, input.event);
      return;
    case 'reply':
      return replyReceived(t, input.tag, input.reply);
    case 'no-reply':
      return requestUnanswered(t, input);
    case 'timer':
      return timerFired(t, input.timer);
    case 'pin':
      return pinReceived(t, input);
    case 'loss-investigated':
      noteLoss(t, input);
      return;
    case 'leases':
      return leasesReceived(t, input.leases);
    case 'address-confirmed':
      return addressConfirmed(t, input.address, input.ip);
    case 'ipv6-confirmed':
      return ipv6Confirmed(t, input.address, input.ipv6);
    case 'operator':
      return operatorInput(t, input.id, input.command);
    case 'operator-gone':
      return operatorGone(t, input.id);
    case 'configure':
      return configured(t);
    case 'settings-due':
      return lookAtSettings(t);
    case 'pulse':
      t.effects.push({ type: 'pulse' });
      return;
    case 'stop':
      return stop(t);
    // These concern one phase alone.
    case 'hook-done':
    case 'no-address':
      return;
    default:
      input satisfies never;
  }
}

function deviceEvent(t: Transition, event: KnownEvent): void {
  switch (event.type) {
    case 'P2P-DEVICE-FOUND':
      noteActivity(t);
      t.remember(event);
      return;
    case 'P2P-PROV-DISC-SHOW-PIN':
    case 'P2P-PROV-DISC-PBC-REQ':
    case 'P2P-PROV-DISC-ENTER-PIN':
      return provisionRequested(t, event);
    case 'P2P-GO-NEG-REQUEST':
      return negotiationRequested(t, event);
    case 'P2P-GROUP-STARTED':
      return groupStarted(t, event);
    case 'P2P-GROUP-REMOVED':
      if (event.role === 'GO') noteGroupName(t, event.interface);
      return;
    case 'CTRL-EVENT-TERMINATING':
      terminating(t);
      closePairing(t, 'failed');
      return;
    default:
      return invitationEvent(t, event);
  }
}

/** A group is up that we did not form: it was found again, or another program has formed it. */
function groupStarted(t: Transition, event: EventOf<'P2P-GROUP-STARTED'>): void {
  const name = event.interface;
  if (!mayBeOurs(name, t.world.deviceInterface)) {
    t.log('warning', { type: 'foreign-group', interface: name, of: 'other-radio' });
    return;
  }
  if (event.role !== 'GO') {
    t.log('info', { type: 'foreign-group', interface: name, of: 'other-owner' });
    return;
  }
  const keptGroup = groupIn(t.state.phase);
  if (keptGroup && keptGroup.interface === name && isSameNetwork(keptGroup, event)) {
    // Formed again, or wpa_supplicant was restarted: the walk shows which stations are still on it.
    t.effects.push({ type: 'open-group', interface: name });
    t.enter({ name: 'running', group: { ...keptGroup, linkUp: false, walk: null, restoring: false } });
    return;
  }
  if (keptGroup) endGroup(t, keptGroup, { cause: 'not-found' });
  answerRecall(t, null);
  groupUp(t, event, null, true);
}

/** The reply to a request, by its tag. A reply that its phase no longer waits for changes nothing. */
function replyReceived(t: Transition, tag: Tag, reply: string): void {
  switch (tag.kind) {
    case 'device-status':
      return deviceStatus(t, reply);
    case 'value':
      return valueReceived(t, tag.key, reply);
    case 'setting':
      return settingReceived(t, tag.key, reply);
    case 'group-sharing':
      return groupSharing(t, reply);
    case 'driver':
      return driverStatusReceived(t, reply);
    case 'station':
      return stationSeen(t, reply);
    case 'unused-profile':
      return unusedMode(t, tag.profile, reply);
    case 'file-clients':
      return fileClientsReceived(t, tag.networkId, reply);
    case 'arm':
      return pinArmed(t, tag.address, reply);
    case 'button':
      return buttonAnswered(t, tag.deviceAddress, reply);
    case 'invite':
      return invitationAnswered(t, reply);
    case 'save':
      return configSaved(t, reply);
    case 'operator':
      return operatorAnswered(t, tag.id, tag.what, reply);
    case 'noted':
      return noted(t, tag, reply);
    // These concern one phase alone.
    case 'station-use':
    case 'station-networks':
    case 'interfaces':
    case 'adoption':
    case 'networks':
    case 'profile-mode':
    case 'add-network':
    case 'set-network':
    case 'group-add':
    case 'channels':
    case 'radio-use':
    case 'group-remove':
    case 'group-status':
    case 'group-check':
    case 'group-profile':
    case 'group-profile-mode':
    case 'group-passphrase':
    case 'group-clients':
    case 'restore-profile':
    case 'walk':
    case 'station-name':
    case 'farewell':
      return;
    default:
      tag satisfies never;
  }
}

/**
 * A request without a reply. Usually its link is lost with it, which is reported separately; but nothing may count as
 * answered, and nothing may wait for ever, where it is not.
 */
function requestUnanswered(t: Transition, { tag, code, reason }: Extract<Input, { type: 'no-reply' }>): void {
  switch (tag.kind) {
    case 'button':
      return buttonAnswered(t, tag.deviceAddress, `FAIL (${reason})`);
    case 'operator':
      return t.refuse(tag.id, code, { cause: 'no-reply', message: reason });
    case 'setting':
      return endLook(t);
    // A time limit covers each of these: forming, removal, invitation, the turn of a PIN, stopping.
    case 'group-add':
    case 'group-remove':
    case 'invite':
    case 'arm':
    case 'farewell':
    // Asked again with the next look at the group, or the next attachment.
    case 'device-status':
    case 'value':
    case 'file-clients':
    case 'group-sharing':
    case 'driver':
    case 'group-status':
    case 'group-check':
    case 'group-profile':
    case 'group-profile-mode':
    case 'group-passphrase':
    case 'group-clients':
    case 'unused-profile':
    case 'save':
    case 'noted':
    // The phase that waits for these handles them.
    case 'interfaces':
    case 'adoption':
    case 'networks':
    case 'profile-mode':
    case 'add-network':
    case 'set-network':
    case 'station':
    case 'station-networks':
    case 'station-use':
    case 'channels':
    case 'radio-use':
    case 'walk':
    case 'station-name':
    case 'restore-profile':
      return;
    default:
      tag satisfies never;
  }
}

/** The reply to `WPS_PIN`. */
function pinArmed(t: Transition, address: string, reply: string): void {
  if (!isFailure(reply)) return;
  t.log('error', { type: 'pin-refused', address, reply });
  pinRefused(t, address);
  if (address === ANYBODY) closePairing(t, 'failed');
}

/** The reply to a request on which nothing depends. A refusal is logged once. */
function noted(t: Transition, { purpose, level }: Extract<Tag, { kind: 'noted' }>, reply: string): void {
  const requests = new Set(t.state.repeats.requests);
  const before = requests.has(purpose);
  if (isFailure(reply)) {
    requests.add(purpose);
    const radioBlock = t.world.radioBlock?.() ?? null;
    t.log(before ? 'debug' : level, { type: 'request-refused', purpose, reply, radioBlock });
  } else {
    requests.delete(purpose);
  }
  if (before !== requests.has(purpose)) t.setRepeats({ requests });
}

function timerFired(t: Transition, timer: TimerName): void {
  switch (timer) {
    case 'invitation':
      return invitationTimer(t);
    case 'method':
      return t.update({ method: { ...t.state.method, pinOfferedUntil: null } });
    // The end of each step acts on these.
    case 'enrolment':
    case 'pairing':
    case 'orders':
    case 'address':
    case 'button':
    case 'unused':
    // These concern one phase alone.
    case 'discovery':
    case 'forming':
    case 'backoff':
    case 'kept-group':
    case 'group-check':
    case 'adopting':
    case 'removal':
    case 'stopping':
      return;
    default:
      timer satisfies never;
  }
}

/** New settings are in force. */
function configured(t: Transition): void {
  t.emit({ type: 'reloaded' }, null);
  reapplySettings(t);
  t.rules.configured?.(t, t.state.phase);
}
