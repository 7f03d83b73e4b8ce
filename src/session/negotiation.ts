import { groupRemove, P2P_CANCEL } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { type ProtocolCode, p2pStatus, p2pStatusText } from '../wpa/status-words.js';
import { dropEnrolment, enrolmentOf, phoneLabel, putEnrolment } from './enrolment.js';
import { fail, form, negotiated, phoneFailure, withSaid } from './formation.js';
import { formationRefused, groupAddTimedOut } from './formation-failure.js';
import type { GroupPlan, Occasion } from './model.js';
import { recallTimedOut } from './recall.js';
import type { Turn } from './turn.js';
import { forgiveWrongPins } from './wrong-pin.js';

/** A group that is negotiated with a phone, from `P2P_CONNECT` to its group or its failure. */

/** Phones of which we remember that negotiations failed. */
const MAX_REMEMBERED = 64;
/** `P2P-GO-NEG-FAILURE status=-1`: the phone did not answer (p2p_go_neg.c). Every other status is an answer. */
const NO_ANSWER = -1;

interface Negotiating {
  readonly occasion: Extract<Occasion, { kind: 'request' }>;
  readonly plan: GroupPlan;
}

/** What is being negotiated, if anything is. */
function negotiating(turn: Turn): Negotiating | null {
  const { phase } = turn.state;
  if (phase.name !== 'forming' || phase.occasion.kind !== 'request') return null;
  return { occasion: phase.occasion, plan: phase.plan };
}

/** Whether this phone has failed so often that it must pause: whoever asks again at once fails again. */
export function mustPause(turn: Turn, deviceAddress: string): boolean {
  const failed = turn.state.failedNegotiations.get(deviceAddress);
  const { max_num_failures, min_conn_delay } = turn.settings;
  if (!failed || failed.count <= max_num_failures) return false;
  return turn.world.now - failed.lastAt < min_conn_delay * 1000;
}

/** The reply to `P2P_GROUP_ADD` or `P2P_CONNECT`; `OK` means no more than that it will be tried. */
export function formationAnswered(turn: Turn, reply: string): void {
  if (!isFailure(reply)) return;
  const current = negotiating(turn);
  if (!current) {
    formationRefused(turn, 'P2P_GROUP_ADD', 'p2p_group_add_opts', reply);
    return;
  }
  countFailure(turn, current.occasion.deviceAddress);
  giveUp(turn, current.occasion.deviceAddress);
  formationRefused(turn, 'P2P_CONNECT', 'p2p_connect_opts', reply);
}

export function formationTimedOut(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.name !== 'forming') return;
  if (phase.occasion.kind === 'standing') groupAddTimedOut(turn);
  else if (phase.occasion.kind === 'request')
    negotiationFailed(turn, 'nothing came of it in time', !phase.occasion.negotiated);
  else if (phase.occasion.kind === 'recall') recallTimedOut(turn);
  else fail(turn, phoneFailure(`${phase.occasion.deviceAddress} did not come back to the group`), 'info');
}

export function negotiationSucceeded(turn: Turn, event: EventOf<'P2P-GO-NEG-SUCCESS'>): void {
  if (!negotiating(turn)) return;
  turn.log('info', `negotiated with ${event.peerDevice ?? 'a phone'}: this device is ${event.role ?? '?'}`);
  negotiated(turn);
}

export function negotiationRefused(turn: Turn, event: EventOf<'P2P-GO-NEG-FAILURE'>): void {
  const { status } = event;
  negotiationFailed(turn, p2pStatusText(status), status === NO_ANSWER, p2pStatus(status));
}

export function formationFailed(turn: Turn, reason: string): void {
  if (negotiating(turn)) negotiationFailed(turn, reason, false);
}

/** @param again whether trying at once can help: the phone may still be waiting */
function negotiationFailed(
  turn: Turn,
  reason: string,
  again: boolean,
  code: ProtocolCode | null = null,
): void {
  const current = negotiating(turn);
  if (!current) return;
  const { occasion, plan } = current;
  const { deviceAddress } = occasion;
  const enrolment = enrolmentOf(turn, deviceAddress);
  const label = phoneLabel(turn, deviceAddress);
  const count = countFailure(turn, deviceAddress);
  if (again && enrolment && count <= turn.settings.max_num_failures) {
    turn.log('info', `${label}: the negotiation failed (${reason}); tried again`);
    turn.request('device', P2P_CANCEL);
    form(turn, { ...occasion, negotiated: false }, plan);
    return;
  }
  giveUp(turn, deviceAddress);
  const why = withSaid(turn, reason);
  turn.emit({ type: 'enrolmentFailed', deviceAddress, reason: `negotiation failed: ${why}`, code });
  const text = `${label}: the negotiation failed (${why})`;
  fail(turn, { kind: 'negotiation', detail: '', text }, 'warning');
}

function countFailure(turn: Turn, deviceAddress: string): number {
  const before = turn.state.failedNegotiations.get(deviceAddress);
  const stale = before && turn.world.now - before.lastAt > turn.settings.max_negotiation_time * 1000;
  const count = (stale ? 0 : (before?.count ?? 0)) + 1;
  const all = new Map(turn.state.failedNegotiations);
  all.delete(deviceAddress);
  all.set(deviceAddress, { count, lastAt: turn.world.now });
  const [oldest] = all.keys();
  if (all.size > MAX_REMEMBERED && oldest !== undefined) all.delete(oldest);
  turn.update({ failedNegotiations: all });
  return count;
}

/** It asks again if it still wants: then its request is a new one. */
function giveUp(turn: Turn, deviceAddress: string): void {
  const enrolment = enrolmentOf(turn, deviceAddress);
  if (enrolment) putEnrolment(turn, { ...enrolment, negotiates: false });
  turn.request('device', P2P_CANCEL);
}

/** A group is up: whoever it was negotiated with has its credential and has only to connect. */
export function negotiationDone(turn: Turn, occasion: Occasion): void {
  if (occasion.kind !== 'request') return;
  forgiveWrongPins(turn);
  const enrolment = enrolmentOf(turn, occasion.deviceAddress);
  if (enrolment) putEnrolment(turn, { ...enrolment, negotiates: false, served: true });
  const failed = new Map(turn.state.failedNegotiations);
  if (failed.delete(occasion.deviceAddress)) turn.update({ failedNegotiations: failed });
}

/** The phone became the owner: not what we are here for. */
export function becameClient(turn: Turn, groupInterface: string): void {
  const current = negotiating(turn);
  if (!current) return;
  turn.ask('device', groupRemove(groupInterface), 'P2P_GROUP_REMOVE');
  countFailure(turn, current.occasion.deviceAddress);
  dropEnrolment(turn, current.occasion.deviceAddress);
  const text =
    `${groupInterface}: the phone became the group's owner; check go_intent in p2p_connect_opts, which must be higher ` +
    'than the phone has';
  fail(turn, { kind: 'became-client', detail: '', text });
}
