import { addressDueAt, seekAddresses } from './addresses.js';
import { begin } from './attempt.js';
import { resumeSearch } from './discovery.js';
import { expireEnrolments } from './enrolments.js';
import { removeUnwanted, UNUSED_LIMIT_MS } from './group.js';
import { invitationDueAt, inviteNext } from './invitations.js';
import type { Input } from './messages.js';
import { type Deadlines, TIMER_NAMES, type TimerName } from './model.js';
import { ordersTimedOut } from './orders.js';
import { expirePairing, pairingDueAt } from './pairing.js';
import { buttonDueAt, giveNextTurn } from './push-button.js';
import { reviewRegistrar } from './registrar.js';
import { reviewEnrolments } from './requests.js';
import {
  earliest,
  expiresAt,
  howOf,
  isEnding,
  isHalted,
  isPinPaused,
  runningGroup,
  techniqueOf,
} from './selectors.js';
import { syncValues } from './supplicant-settings.js';
import type { DueTimes, Transition } from './transition.js';

/**
 * The end of every step: ends what is over, compares what is wanted with what is the case, and acts on the difference. So no
 * function has to remember which others its change concerns, and no timer that comes early or late is missed.
 */
export function reconcile(t: Transition, input: Input): void {
  if (!isEnding(t.state.phase)) {
    expireEnrolments(t);
    expirePairing(t);
    ordersTimedOut(t);
    seekAddresses(t);
    if (input.type === 'configure' || t.state.method.used !== t.before.method.used) reviewEnrolments(t);
    syncValues(t);
    reviewRegistrar(t);
    if (t.before.enrolments.length > 0 && t.state.enrolments.length === 0) resumeSearch(t);
    giveNextTurn(t);
    inviteNext(t);
    formForNext(t);
    const group = runningGroup(t);
    if (group) removeUnwanted(t, group);
  }
  setTimers(t, input.type === 'timer' ? input.timer : null);
}

/** Forms a group with the phone that has waited longest among those that want to negotiate one. */
function formForNext(t: Transition): void {
  if (t.state.phase.name !== 'idle' || isHalted(t)) return;
  const next = t.state.enrolments.find(
    (e) => e.negotiates && howOf(e) !== null && (e.method === 'pbc' || !isPinPaused(t)),
  );
  if (next) begin(t, { kind: 'request', deviceAddress: next.deviceAddress, negotiated: false });
}

/**
 * Sets the timers whose time has changed. A timer that has fired stays in `deadlines` until its time changes, so it does not
 * fire again for the same reason.
 * @param fired the timer that began this step: it is set again where it was too early
 */
function setTimers(t: Transition, fired: TimerName | null): void {
  const before = t.state.deadlines;
  const wanted = dueTimes(t);
  let changed = false;
  let nextDueAt: number | null = null;
  for (const timer of TIMER_NAMES) {
    const old = before[timer];
    const due = wanted[timer];
    if (due !== null && (nextDueAt === null || due < nextDueAt)) nextDueAt = due;
    const early = timer === fired && due !== null && due > t.world.now;
    if (due === old && !early) continue;
    changed = true;
    if (due !== null) t.effects.push({ type: 'timer', timer, ms: Math.max(1, due - t.world.now) });
    // One whose time has come has fired.
    else if (old !== null && old > t.world.now) t.effects.push({ type: 'cancel', timer });
  }
  if (changed) t.update({ deadlines: wanted, nextDueAt });
}

/**
 * When each timer is due: those of the phase, and those of what goes on in several phases. All names are written out, because
 * an object of one shape is made and read much faster than one that is put together, and a phone waits for the end of a step.
 */
function dueTimes(t: Transition): Deadlines {
  const { phase, enrolments, method, operator } = t.state;
  const active = !isEnding(phase);
  const ofPhase = t.rules.dueAt?.(t, phase) ?? NONE;
  return {
    'kept-group': ofPhase['kept-group'] ?? null,
    adopting: ofPhase.adopting ?? null,
    forming: ofPhase.forming ?? null,
    backoff: ofPhase.backoff ?? null,
    stopping: ofPhase.stopping ?? null,
    discovery: ofPhase.discovery ?? null,
    'group-check': ofPhase['group-check'] ?? null,
    removal: ofPhase.removal ?? null,
    enrolment: active && enrolments.length > 0 ? earliest(enrolments.map((e) => expiresAt(t, e))) : null,
    button: buttonTimer(t),
    unused: unusedAt(t),
    address: addressDueAt(t),
    invitation: invitationDueAt(t),
    method: active ? method.pinOfferedUntil : null,
    pairing: pairingDueAt(t),
    orders: operator.orders.length > 0 ? earliest(operator.orders.map(({ until }) => until)) : null,
  };
}

const NONE: DueTimes = {};

/** The button waits for a turn only; what can be opened now has been. */
function buttonTimer(t: Transition): number | null {
  const dueAt = buttonDueAt(t);
  return dueAt !== null && dueAt > t.world.now ? dueAt : null;
}

/** When a group on demand has had its time to be used. */
function unusedAt(t: Transition): number | null {
  const group = runningGroup(t);
  if (!group || group.used || group.adopted || group.ordered) return null;
  return techniqueOf(t.settings).removedWhenEmpty ? group.since + UNUSED_LIMIT_MS : null;
}
