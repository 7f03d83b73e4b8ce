import { mayBeOurs, parentOf } from '../system/interface-names.js';
import {
  groupAdd,
  groupAddPersistent,
  groupAddProfile,
  groupRemove,
  inviteToProfile,
  P2P_CANCEL,
  p2pConnect,
  STATUS,
} from '../wpa/command.js';
import type { EventOf, KnownEvent } from '../wpa/event.js';
import { isFailure, parseStationUse } from '../wpa/reply.js';
import { answerRecall, callStartGroup, enterForming, FORMATION_MS, fail, WPS_LIMIT_MS } from './attempt.js';
import {
  countNegotiation,
  failEnrolment,
  forgetNegotiations,
  putEnrolment,
  reportAttempt,
} from './enrolments.js';
import {
  addTimedOut,
  channelsReceived,
  formationRefused,
  noteWords,
  radioUseReceived,
  startFailed,
} from './formation-failures.js';
import { groupUp, isOlderGroup, noteGroupName } from './group.js';
import { ACCEPTED } from './invitations.js';
import type { Tag } from './messages.js';
import { type GroupPlan, IDLE, INSPECTING, type PhaseOf } from './phase.js';
import type { EnrolmentFailure, InvitationFailure, NegotiationFailure } from './reasons.js';
import { deviceOf, enrolmentOf, howOf, mustKeepStation, requesterOf } from './selectors.js';
import { applySettings } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';
import { forgiveWrongPins, wpsFailed } from './wps-failures.js';

/** The phases `announcing` and `forming`: the hook `start_group`, and then the group itself, for each occasion. */

/** `P2P-GO-NEG-FAILURE status=-1`: the phone did not answer (p2p_go_neg.c). Every other status is an answer. */
const NO_ANSWER = -1;
/** The phone uses another method (p2p_defs.h). That ends its attempt, and then Android asks its user for the PIN. */
const OTHER_METHOD = 10;
/**
 * How long after we attached an interface that only searches counts as in use: at boot wpa_supplicant has just begun to
 * look for the home network. A network that is out of reach must not prevent the group for ever.
 */
const SEARCHING_MS = 30_000;

type Announcing = PhaseOf<'announcing'>;
type Forming = PhaseOf<'forming'>;

/** The hook runs before the group is formed, so that it can free the radio; its end is waited for. */
export const announcing: PhaseRules<'announcing'> = {
  entered(t, { plan, call }) {
    t.update({ calls: { ...t.state.calls, startGroup: call } });
    callStartGroup(t, plan, call);
  },

  input(t, phase, input) {
    switch (input.type) {
      case 'hook-done':
        if (input.hook === 'start_group' && input.call === phase.call) hookEnded(t, phase);
        return true;
      case 'reply':
      case 'no-reply':
        if (input.tag.kind !== 'station-use') return false;
        stationUseReceived(t, phase, input.type === 'reply' ? input.reply : null);
        return true;
      case 'link-missed':
        if (input.link !== 'device') return true;
        applySettings(t);
        t.amend({ ...phase, missed: true });
        return true;
      default:
        return false;
    }
  },

  /** Another group may be up: the session may have begun this one without an answer about that. */
  abandon: () => INSPECTING,
};

/** The hook may have freed the radio, so only now is the radio looked at. */
function hookEnded(t: Transition, { occasion, plan }: Announcing): void {
  if (mustKeepStation(t)) t.question('radio', STATUS, { kind: 'station-use' });
  else enterForming(t, occasion, plan);
}

/** @param reply to `STATUS` of the radio's own interface; null where none came */
function stationUseReceived(t: Transition, { occasion, plan }: Announcing, reply: string | null): void {
  const use = reply === null ? null : parseStationUse(reply);
  const justBegun = t.world.now - t.state.supplicant.attachedAt < SEARCHING_MS;
  const unused = use === null || (use.state === 'searching' && !justBegun);
  if (reply !== null && unused) enterForming(t, occasion, plan);
  else fail(t, { kind: 'station', radio: parentOf(t.world.deviceInterface), use });
}

export const forming: PhaseRules<'forming'> = {
  entered(t, { occasion, plan }) {
    switch (occasion.kind) {
      case 'wanted':
        t.question('device', groupAddCommand(plan, t.settings.p2p_group_add_opts), { kind: 'group-add' });
        return;
      case 'request':
        connect(t, occasion.deviceAddress, plan);
        return;
      case 'recall':
        if (plan.kind === 'profile')
          t.request('device', inviteToProfile(plan.networkId, occasion.deviceAddress), { kind: 'invite' });
        return;
      case 'reinvocation':
        // The phone has begun; the hook can only be informed.
        callStartGroup(t, plan, null);
        return;
    }
  },

  input(t, phase, input) {
    switch (input.type) {
      case 'event':
        if (input.event.type !== 'unknown') return input.link === 'device' && event(t, phase, input.event);
        if (!input.event.malformed) words(t, phase, input.event.text);
        return true;
      case 'reply':
        return reply(t, phase, input.tag, input.reply);
      case 'no-reply':
        return reply(t, phase, input.tag, null);
      case 'timer':
        if (input.timer !== 'forming') return false;
        timedOut(t, phase);
        return true;
      case 'link-missed':
        if (input.link === 'device') eventsMissed(t, phase);
        return true;
      default:
        return false;
    }
  },

  /** Only a negotiation can be taken back. Of the others there is soon a group, or none. */
  abandon(t, { occasion, missed }) {
    if (occasion.kind !== 'request') return null;
    t.request('device', P2P_CANCEL);
    return missed ? INSPECTING : IDLE;
  },

  dueAt: (_, { until }) => ({ forming: until }),
};

function groupAddCommand(plan: GroupPlan, options: string | null): string {
  if (plan.kind === 'profile') return groupAddProfile(plan.networkId, options);
  return plan.kind === 'new-persistent' ? groupAddPersistent(options) : groupAdd(options);
}

function connect(t: Transition, deviceAddress: string, plan: GroupPlan): void {
  const enrolment = enrolmentOf(t, deviceAddress);
  const how = enrolment && howOf(enrolment);
  if (!how) {
    fail(t, { kind: 'phone', deviceAddress, cause: 'not-waiting' }, 'info');
    return;
  }
  const persistent =
    plan.kind === 'profile' ? plan.networkId : plan.kind === 'new-persistent' ? ('new' as const) : null;
  const command = p2pConnect(deviceAddress, how, persistent, t.settings.p2p_connect_opts);
  t.question('device', command, { kind: 'group-add' });
}

function event(t: Transition, phase: Forming, event: KnownEvent): boolean {
  const { occasion } = phase;
  switch (event.type) {
    case 'P2P-GO-NEG-SUCCESS':
      if (occasion.kind === 'request') {
        t.log('info', { type: 'negotiated', deviceAddress: event.peerDevice, role: event.role });
        t.amend({
          ...phase,
          occasion: { ...occasion, negotiated: true },
          until: t.world.now + WPS_LIMIT_MS,
        });
      }
      return true;
    case 'P2P-GO-NEG-FAILURE': {
      const { status } = event;
      const pressed =
        occasion.kind === 'request' && enrolmentOf(t, occasion.deviceAddress)?.ownAttemptAt != null;
      const again = status === NO_ANSWER || (status === OTHER_METHOD && pressed);
      negotiationFailed(t, phase, { cause: 'status', status }, again);
      return true;
    }
    case 'P2P-GROUP-FORMATION-FAILURE':
      negotiationFailed(t, phase, { cause: 'formation', reason: event.reason });
      return true;
    case 'P2P-INVITATION-RESULT':
      if (occasion.kind !== 'recall') return false;
      recallResult(t, phase, event);
      return true;
    case 'P2P-GROUP-STARTED':
      return started(t, phase, event);
    case 'P2P-GROUP-REMOVED':
      if (event.role === 'GO') endedEarly(t, phase, event);
      return true;
    case 'WPS-FAIL':
      // The group's own socket is not ours yet.
      wpsFailed(t, event, { who: enrolmentOf(t, requesterOf(t) ?? ''), ours: true });
      return true;
    default:
      return false;
  }
}

function reply(t: Transition, phase: Forming, tag: Tag, text: string | null): boolean {
  switch (tag.kind) {
    case 'group-add':
      // `OK` only means that it will be tried.
      if (text !== null && isFailure(text)) addRefused(t, phase, text);
      return true;
    case 'channels':
      channelsReceived(t, tag.failure, tag.wanted, text);
      return true;
    case 'radio-use':
      radioUseReceived(t, tag.failure, tag.wanted, text);
      return true;
    case 'invite':
      if (phase.occasion.kind !== 'recall') return false;
      if (text !== null && isFailure(text)) recallFailed(t, phase, { cause: 'refused', reply: text });
      return true;
    default:
      return false;
  }
}

function addRefused(t: Transition, { occasion }: Forming, reply: string): void {
  if (occasion.kind === 'request') {
    countNegotiation(t, occasion.deviceAddress);
    giveUp(t, occasion.deviceAddress, { cause: 'refused', reply });
    formationRefused(t, 'P2P_CONNECT', t.settings.p2p_connect_opts, reply);
  } else {
    formationRefused(t, 'P2P_GROUP_ADD', t.settings.p2p_group_add_opts, reply);
  }
}

/** A line of wpa_supplicant that is no event: it may be the reason why no group comes. */
function words(t: Transition, phase: Forming, line: string): void {
  const certain = noteWords(t, line);
  if (certain === null) return;
  if (phase.occasion.kind === 'request') negotiationFailed(t, phase, { cause: 'said', line: certain });
  else startFailed(t, certain);
}

/** The attempt may go on, may have been lost with a restart, or may have led to a group. */
function eventsMissed(t: Transition, phase: Forming): void {
  applySettings(t);
  t.amend({ ...phase, missed: true, until: Math.min(phase.until, t.world.now + FORMATION_MS) });
}

function timedOut(t: Transition, phase: Forming): void {
  const { occasion } = phase;
  if (phase.missed) {
    t.enter(INSPECTING);
    return;
  }
  switch (occasion.kind) {
    case 'wanted':
      addTimedOut(t);
      return;
    case 'request':
      negotiationFailed(t, phase, { cause: 'timed-out' }, !occasion.negotiated);
      return;
    case 'recall':
      // A phone that is out of reach gives no result at all.
      recallFailed(t, phase, { cause: 'not-come' });
      return;
    case 'reinvocation':
      fail(t, { kind: 'phone', deviceAddress: occasion.deviceAddress, cause: 'not-back' }, 'info');
      return;
  }
}

function started(t: Transition, phase: Forming, event: EventOf<'P2P-GROUP-STARTED'>): boolean {
  if (!mayBeOurs(event.interface, t.world.deviceInterface)) return false;
  if (event.role !== 'GO') {
    becameClient(t, phase, event.interface);
    return false;
  }
  answerRecall(t, null);
  const { occasion, plan } = phase;
  if (occasion.kind === 'request') {
    forgiveWrongPins(t);
    forgetNegotiations(t, occasion.deviceAddress);
    const enrolment = enrolmentOf(t, occasion.deviceAddress);
    // It has its credential and only has to connect.
    if (enrolment)
      putEnrolment(t, { ...enrolment, negotiates: false, awaitsAnswer: false, hasCredential: true });
  }
  groupUp(t, event, plan.kind === 'profile' ? plan.networkId : null, false);
  return true;
}

/** A group ended before it was up: ours, or an older one. */
function endedEarly(
  t: Transition,
  phase: Forming,
  { interface: name, reason }: EventOf<'P2P-GROUP-REMOVED'>,
): void {
  const older = isOlderGroup(t, name);
  noteGroupName(t, name);
  if (!mayBeOurs(name, t.world.deviceInterface)) return;
  if (older) {
    t.log('debug', { type: 'older-group-ended', interface: name });
    return;
  }
  if (phase.occasion.kind === 'request') negotiationFailed(t, phase, { cause: 'removed', reason });
  else fail(t, { kind: 'removed', interface: name, reason });
}

/** @param again whether another try at once can help: the phone may still be waiting */
function negotiationFailed(
  t: Transition,
  { occasion, plan }: Forming,
  failure: NegotiationFailure,
  again = false,
): void {
  if (occasion.kind !== 'request') return;
  const { deviceAddress } = occasion;
  const device = deviceOf(t, deviceAddress);
  const count = countNegotiation(t, deviceAddress);
  if (again && enrolmentOf(t, deviceAddress) && count <= t.settings.max_num_failures) {
    t.log('info', { type: 'negotiation-again', device, failure });
    t.request('device', P2P_CANCEL);
    enterForming(t, { ...occasion, negotiated: false }, plan);
    return;
  }
  giveUp(t, deviceAddress, failure);
  fail(t, { kind: 'negotiation', device, failure }, 'warning');
}

/** The phone's request stays open: where it still wants the group, it negotiates again. */
function giveUp(t: Transition, deviceAddress: string, failure: NegotiationFailure): void {
  t.request('device', P2P_CANCEL);
  const enrolment = enrolmentOf(t, deviceAddress);
  if (!enrolment) return;
  putEnrolment(t, { ...enrolment, negotiates: false, awaitsAnswer: false });
  // The failure of the group says the same in the log.
  reportAttempt(t, enrolment, negotiationReason(t, failure), null);
}

function negotiationReason(t: Transition, failure: NegotiationFailure): EnrolmentFailure {
  return { cause: 'negotiation', failure, said: t.state.attempts.said };
}

/** The phone became the group owner. */
function becameClient(t: Transition, { occasion }: Forming, groupInterface: string): void {
  if (occasion.kind !== 'request') return;
  t.ask('device', groupRemove(groupInterface), 'P2P_GROUP_REMOVE');
  countNegotiation(t, occasion.deviceAddress);
  const enrolment = enrolmentOf(t, occasion.deviceAddress);
  if (enrolment) failEnrolment(t, enrolment, negotiationReason(t, { cause: 'became-owner' }), null);
  fail(t, { kind: 'became-client', interface: groupInterface });
}

/** `P2P-INVITATION-RESULT` for a phone that an operator invites back: `P2P_INVITE` with a profile starts its group. */
function recallResult(t: Transition, phase: Forming, { status }: EventOf<'P2P-INVITATION-RESULT'>): void {
  if (phase.occasion.kind !== 'recall') return;
  if (!ACCEPTED.includes(status)) {
    recallFailed(t, phase, { cause: 'status', status });
    return;
  }
  t.log('info', { type: 'invited-back', deviceAddress: phase.occasion.deviceAddress });
  answerRecall(t, null);
  t.amend({ ...phase, occasion: { ...phase.occasion, operator: null }, until: t.world.now + WPS_LIMIT_MS });
}

function recallFailed(t: Transition, { occasion }: Forming, invitation: InvitationFailure): void {
  if (occasion.kind !== 'recall') return;
  fail(t, { kind: 'phone', deviceAddress: occasion.deviceAddress, invitation }, 'warning');
}
