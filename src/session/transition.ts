import type { ErrorCode } from '../system/errors.js';
import { addressConfirmed, addressMissing, leasesTold, seekAddresses, serveAddresses } from './addresses.js';
import { reviewEnrolments } from './admission.js';
import { applySettings, reapplySettings, showMethod } from './apply.js';
import { buttonTurn } from './arming.js';
import { linkDeaf, linkHears } from './deafness.js';
import { refreshDiscovery } from './discovery.js';
import { removeWhenEmpty, UNUSED_LIMIT_MS } from './emptiness.js';
import { loseSight } from './enrolment.js';
import { eventInput, lossInvestigated, wordsInput } from './event-input.js';
import { withdrawAnnouncement } from './formation.js';
import { askGroupCheck, endGroup, eventsMissed, groupLinkDown, groupLinkUp } from './group.js';
import { ordersTimedOut, refuseOrders } from './group-orders.js';
import { lookAtProfile } from './group-profile.js';
import { groupIn, heldGroup, runningGroup } from './held.js';
import {
  askCandidate,
  askInterfaces,
  candidateSilent,
  candidateUnreachable,
  inspect,
  inspectAgain,
} from './inspection.js';
import { abandonInvitation, invitationTimer } from './invitation.js';
import { hookEnded } from './keep-station.js';
import type { Effect, HookName, Input, TimerName, World } from './messages.js';
import type { Group, LinkName, Phase, SessionState } from './model.js';
import { formationTimedOut } from './negotiation.js';
import { operatorGone, operatorInput } from './operator.js';
import { removalTimedOut } from './operator-group.js';
import { pairingTimer, windowLosesLink } from './pairing.js';
import { scheduleWindow } from './pairing-window.js';
import { answerRecall } from './recall-answer.js';
import { registrarEmptied, reviewRegistrar } from './registrar.js';
import { noReplyInput, replyInput } from './reply-input.js';
import { pinCame } from './request.js';
import { expireEnrolments, settle } from './settle.js';
import { stop, stoppingInput } from './stop.js';
import { techniqueOf } from './technique.js';
import { Turn } from './turn.js';

/**
 * The session machine: one decision. Pure: the same state, input and world give the same result, and nothing but
 * the result changes. The phases and their ways are drawn in native-notes/session.md.
 */
export function transition(
  state: SessionState,
  input: Input,
  world: World,
): { readonly state: SessionState; readonly effects: readonly Effect[] } {
  const turn = new Turn(state, world, leave);
  if (state.phase.name === 'stopping') stoppingInput(turn, input);
  else if (state.phase.name !== 'ended') {
    sessionInput(turn, input);
    reviewRegistrar(turn);
  }
  return { state: turn.state, effects: turn.effects };
}

/**
 * Settles what the next phase would forget. Whoever changes the phase has usually done so, with a better reason; so no way
 * out of a phase loses a group, an announced group or an operator's command.
 */
function leave(turn: Turn, next: Phase): void {
  // When we end, what is up stays up.
  if (next.name === 'stopping' || next.name === 'ended') return;
  const group = heldGroup(turn);
  if (group && groupIn(next)?.interface !== group.interface) endGroup(turn, group, 'no longer looked after');
  if (next.name === 'announcing' || next.name === 'forming' || next.name === 'running') return;
  const { name } = turn.state.phase;
  if (name !== 'announcing' && name !== 'forming') return;
  answerRecall(turn, { code: 'STATE', message: 'the attempt has ended' });
  withdrawAnnouncement(turn);
}

/** A link that comes back this soon was no more than a hiccup; the stations stay in the books. */
const HELD_LIMIT_MS = 3_000;

function sessionInput(turn: Turn, input: Input): void {
  switch (input.type) {
    case 'start':
      turn.hook({ hook: 'started' });
      return;
    case 'link-up':
      return linkUp(turn, input.link);
    case 'link-down':
      return linkDown(turn, input.link, input.reason);
    case 'link-missed':
      return linkMissed(turn, input.link);
    case 'link-deaf':
      return linkDeaf(turn, input.link, input.reason);
    case 'link-waiting':
      return linkWaiting(turn, input.link, input.code, input.reason);
    case 'event':
      if (input.event.type !== 'unknown') eventInput(turn, input.link, input.event);
      else if (!input.event.malformed) wordsInput(turn, input.event.text);
      return;
    case 'reply':
      return replyInput(turn, input.tag, input.reply);
    case 'no-reply':
      return noReplyInput(turn, input);
    case 'timer':
      return timerInput(turn, input.timer);
    case 'hook-done':
      return hookDone(turn, input.hook, input.call);
    case 'pin':
      return pinCame(turn, input);
    case 'loss-investigated':
      return lossInvestigated(turn, input);
    case 'leases':
      return leasesTold(turn, input.leases);
    case 'no-address':
      return addressMissing(turn, input.address);
    case 'address-confirmed':
      return addressConfirmed(turn, input.address, input.ip);
    case 'operator':
      return operatorInput(turn, input.id, input.command);
    case 'operator-gone':
      return operatorGone(turn, input.id);
    case 'configure':
      return configured(turn);
    case 'pulse':
      turn.effects.push({ type: 'pulse' });
      return;
    case 'stop':
      return stop(turn);
  }
}

function linkUp(turn: Turn, link: LinkName): void {
  const { phase } = turn.state;
  if (link === 'device') {
    // Its loss has not been told.
    if (phase.name !== 'detached') linkDown(turn, 'device', 'attached again');
    turn.log('info', `${turn.world.deviceInterface}: attached to wpa_supplicant`);
    turn.emit({ type: 'attached', interface: turn.world.deviceInterface });
    turn.cancel('held');
    turn.update({ linkErrors: 0, attachedAt: turn.world.now });
    scheduleWindow(turn);
    inspect(turn, heldGroup(turn));
  } else if (phase.name === 'running') {
    groupLinkUp(turn, phase.group);
  } else if (phase.name === 'adopting') {
    askCandidate(turn);
  }
}

function hookDone(turn: Turn, hook: HookName, call: number): void {
  const { phase } = turn.state;
  if (hook === 'start_group' && phase.name === 'announcing' && phase.call === call) {
    hookEnded(turn, call);
  }
}

/** A try to attach has failed; the link goes on trying. */
function linkWaiting(turn: Turn, link: LinkName, code: ErrorCode, reason: string): void {
  if (link === 'group') {
    if (runningGroup(turn)) askGroupCheck(turn, reason);
    else candidateUnreachable(turn, code, reason);
    return;
  }
  const level = code === 'CONTROL_UNAVAILABLE' ? 'warning' : 'error';
  turn.log(countLinkError(turn) ? level : 'info', `${reason}; waiting`);
  turn.emit({ type: 'waiting', code, reason });
}

function linkDown(turn: Turn, link: LinkName, reason: string): void {
  const running = runningGroup(turn);
  linkHears(turn, link, false);
  if (link === 'group') {
    if (running) groupLinkDown(turn, running);
    else candidateSilent(turn, reason);
    return;
  }
  turn.log(countLinkError(turn) ? 'warning' : 'info', `the link to wpa_supplicant is lost: ${reason}`);
  turn.emit({ type: 'detached', reason });
  turn.cancel(
    'discovery',
    'forming',
    'resting',
    'adopting',
    'group-check',
    'button',
    'method',
    'unused',
    'removal',
  );
  registrarEmptied(turn);
  turn.update({ values: null });
  abandonAtLoss(turn);
  turn.effects.push({ type: 'close-group' });
  const group = heldGroup(turn);
  if (!group) withdrawAnnouncement(turn);
  hold(turn, group);
}

/** Keeps the group for a moment, from the first loss of the link to when it is found again. */
function hold(turn: Turn, group: Group | null): void {
  const lostAt = group?.lostAt ?? turn.world.now;
  const ms = lostAt + HELD_LIMIT_MS - turn.world.now;
  const held = group && { ...group, linkUp: false, walk: null, restoring: false, lostAt };
  turn.enter({ name: 'detached', held });
  if (held && ms > 0) turn.timer('held', ms);
  else if (held) endGroup(turn, held, 'wpa_supplicant is gone');
}

/** With wpa_supplicant out of reach nothing comes of what was asked of it. */
function abandonAtLoss(turn: Turn): void {
  const lost = { code: 'CONTROL_UNAVAILABLE', message: 'the link to wpa_supplicant was lost' } as const;
  abandonInvitation(turn, lost.code, lost.message);
  answerRecall(turn, lost);
  refuseOrders(turn, null, lost.code, lost.message);
  windowLosesLink(turn, HELD_LIMIT_MS);
  loseSight(turn);
}

/** @returns whether it is worth a warning: the first few in a row may be none */
function countLinkError(turn: Turn): boolean {
  const linkErrors = turn.state.linkErrors + 1;
  turn.update({ linkErrors });
  return linkErrors > (turn.settings.wpa_supplicant_min_err_warn ?? 0);
}

/** The attachment had been lost: perhaps for a moment, perhaps because wpa_supplicant was started anew meanwhile. */
function linkMissed(turn: Turn, link: LinkName): void {
  const running = runningGroup(turn);
  const { phase } = turn.state;
  linkHears(turn, link, true);
  if (link === 'group') {
    if (running) eventsMissed(turn);
  } else if (running) {
    applySettings(turn);
    // Where the group has no interface of its own, its events were lost too.
    if (running.interface === turn.world.deviceInterface) eventsMissed(turn);
    else askGroupCheck(turn);
  } else if (phase.name === 'announcing' || phase.name === 'forming') {
    // Under way; should it have been lost with a restart, its time runs out.
    applySettings(turn);
  } else {
    inspect(turn, heldGroup(turn));
  }
}

function timerInput(turn: Turn, timer: TimerName): void {
  const { phase } = turn.state;
  switch (timer) {
    case 'discovery':
      if (phase.name === 'running' || phase.name === 'idle') refreshDiscovery(turn);
      return;
    case 'enrolment':
      return expireEnrolments(turn);
    case 'forming':
      return formationTimedOut(turn);
    case 'resting':
      if (phase.name === 'resting') inspectAgain(turn);
      else if (phase.name === 'inspecting') askInterfaces(turn);
      return;
    case 'held':
      if (phase.name === 'detached' && phase.held) endGroup(turn, phase.held, 'wpa_supplicant is gone');
      return;
    case 'group-check':
      if (phase.name === 'running') askGroupCheck(turn);
      return;
    case 'adopting':
      return candidateSilent(turn, 'no answer');
    case 'button':
      return buttonTurn(turn);
    case 'unused':
      return removeWhenEmpty(turn);
    case 'address':
      return seekAddresses(turn);
    case 'invitation':
      return invitationTimer(turn);
    case 'method':
      if (phase.name !== 'detached') showMethod(turn);
      return;
    case 'pairing':
      return pairingTimer(turn);
    case 'removal':
      return removalTimedOut(turn);
    case 'orders':
      return ordersTimedOut(turn);
    case 'stopping':
      return;
  }
}

function configured(turn: Turn): void {
  turn.emit({ type: 'reloaded' });
  const { phase } = turn.state;
  if (phase.name === 'detached') return;
  reapplySettings(turn);
  const { enrolments } = turn.state;
  reviewEnrolments(turn);
  if (turn.state.enrolments !== enrolments) settle(turn);
  if (phase.name === 'running') {
    serveAddresses(turn, phase.group);
    // wpa_supplicant has read its file again: other numbers, and perhaps no profile.
    lookAtProfile(turn, { ...phase.group, networkId: null });
  }
  if (phase.name === 'running' && techniqueOf(turn.settings).passing) turn.timer('unused', UNUSED_LIMIT_MS);
  removeWhenEmpty(turn);
  if (phase.name === 'resting' || phase.name === 'idle') {
    // The new settings may ask for a group, or for one that can be formed.
    turn.cancel('resting', 'discovery');
    turn.update({ failures: 0 });
    inspectAgain(turn);
  }
}
