import { isFailure } from '../wpa/reply.js';
import { postpone, putEnrolment } from './enrolments.js';
import { ANYBODY, type Enrolment } from './model.js';
import { attemptEndsAt, buttonHolder, openButton, registrarEmptied, takeBack } from './registrar.js';
import {
  earliest,
  enrolmentOf,
  isHalted,
  isRemoving,
  isThrough,
  runningGroup,
  windowOwnsRegistrar,
} from './selectors.js';
import type { Transition } from './transition.js';
import { armWindow, TURN_MS } from './wps.js';

/** The push button of the running group: it is open for one phone at a time, in the order in which they asked. */

/** How long it stays open for one phone while another waits for it. */
const BUTTON_TURN_MS = 30_000;
/** wpa_supplicant closes it after 120 s; a `WPS-TIMEOUT` long before that is the echo of our `WPS_CANCEL`. */
const WINDOW_LEAST_MS = 100_000;
/** The wait after a refusal, such as FAIL-PBC-OVERLAP. */
const BUTTON_AGAIN_MS = 2_000;

/** Whether the registrar of the group can be given something. */
function isReachable(t: Transition): boolean {
  const group = runningGroup(t);
  return group?.linkUp === true && !isRemoving(group) && !isHalted(t);
}

/** The phones that wait for the button; during a pairing window only those that join through it and find it overlapped. */
function waitingForButton(t: Transition): readonly Enrolment[] {
  const { pairing, enrolments } = t.state;
  if (enrolments.length === 0) return enrolments;
  return enrolments.filter(
    (e) =>
      e.method === 'pbc' &&
      !e.hasCredential &&
      (pairing === null || !windowOwnsRegistrar(t) || (pairing.overlapped && isThrough(pairing, e))),
  );
}

/** Until when the button is not opened for that target again, because it was refused. */
function refusedUntil({ state: { repeats }, world }: Transition, deviceAddress: string): number | null {
  const until = repeats.openings.get(deviceAddress) ?? 0;
  return world.now < until ? until : null;
}

/** The button could not be opened for that target. Each has a time of its own, so that two do not take turns at once. */
function noteRefused(t: Transition, deviceAddress: string): void {
  const { now } = t.world;
  const others = [...t.state.repeats.openings].filter(([, until]) => until > now);
  t.setRepeats({ openings: new Map([...others, [deviceAddress, now + BUTTON_AGAIN_MS]]) });
}

/** Opens the push button for the phone whose turn it is, or arms the pairing window. Called at the end of every step. */
export function giveNextTurn(t: Transition): void {
  if (!isReachable(t)) return;
  const waiting = waitingForButton(t);
  const holder = buttonHolder(t);
  const next = waiting.find(
    ({ deviceAddress }) => deviceAddress !== holder && refusedUntil(t, deviceAddress) === null,
  );
  if (waiting.length === 0) {
    if (refusedUntil(t, t.state.pairing?.deviceAddress ?? ANYBODY) === null) armWindow(t);
  } else if (next && t.world.now >= turnEndsAt(t)) {
    if (holder !== null) postpone(t, holder);
    const { deviceAddress, name } = next;
    openButton(t, deviceAddress);
    t.emit({ type: 'enrolmentArmed', stationAddress: null, deviceAddress, name });
  }
}

/** When what the registrar holds has to make room for the button of another phone. */
function turnEndsAt({ state: { registrar } }: Transition): number {
  switch (registrar.holds) {
    case 'nothing':
      return 0;
    case 'pin':
      return Math.max(registrar.since + TURN_MS, attemptEndsAt(registrar));
    default:
      return registrar.since + BUTTON_TURN_MS;
  }
}

/** When {@link giveNextTurn} has something to do next; null where nothing waits. */
export function buttonDueAt(t: Transition): number | null {
  if (!isReachable(t)) return null;
  const { pairing } = t.state;
  const waiting = waitingForButton(t);
  if (waiting.length === 0) return pairing && refusedUntil(t, pairing.deviceAddress ?? ANYBODY);
  const holder = buttonHolder(t);
  const times = waiting
    .filter(({ deviceAddress }) => deviceAddress !== holder)
    .map(({ deviceAddress }) => refusedUntil(t, deviceAddress) ?? turnEndsAt(t));
  return earliest(times);
}

/** The reply to `WPS_PBC`. */
export function buttonAnswered(t: Transition, deviceAddress: string, reply: string): void {
  if (buttonHolder(t) !== deviceAddress) return;
  const failed = isFailure(reply);
  // For a window that waits until others have pressed this comes every other second.
  const again = deviceAddress === ANYBODY && setOverlapped(t, failed);
  if (!failed) return;
  const named = deviceAddress === ANYBODY ? null : deviceAddress;
  t.log(again ? 'debug' : 'warning', { type: 'button-refused', deviceAddress: named, reply });
  registrarEmptied(t);
  noteRefused(t, deviceAddress);
}

/** @returns whether the window was overlapped before */
function setOverlapped(t: Transition, overlapped: boolean): boolean {
  const { pairing } = t.state;
  if (pairing && pairing.overlapped !== overlapped) t.update({ pairing: { ...pairing, overlapped } });
  return pairing?.overlapped ?? false;
}

/** `WPS-PBC-DISABLE`: the phone has its credential, and the button is closed. */
export function buttonUsed(t: Transition): void {
  const { registrar } = t.state;
  if (registrar.holds !== 'button' && registrar.holds !== 'foreign button') return;
  const enrolment = enrolmentOf(t, buttonHolder(t) ?? '');
  if (enrolment) putEnrolment(t, { ...enrolment, hasCredential: true });
  registrarEmptied(t);
}

/**
 * The button is closed: wpa_supplicant's two minutes are over. A phone that still wants to join gets another turn, after
 * the others.
 */
export function buttonTimedOut(t: Transition): void {
  const { registrar } = t.state;
  if (registrar.holds === 'foreign button') {
    registrarEmptied(t);
  } else if (registrar.holds === 'button' && t.world.now - registrar.since >= WINDOW_LEAST_MS) {
    postpone(t, registrar.deviceAddress);
    registrarEmptied(t);
  }
}

/**
 * Two devices have pressed the button at once. Where it is open to all, wpa_supplicant admits neither, nor any other from
 * then on; where it is open for one phone, only the other devices have to press again.
 */
export function buttonOverlapped(t: Transition): void {
  if (buttonHolder(t) !== ANYBODY) {
    t.log('info', { type: 'button-overlap', openFor: 'one' });
    return;
  }
  t.log('warning', { type: 'button-overlap', openFor: 'all' });
  setOverlapped(t, true);
  takeBack(t);
  noteRefused(t, ANYBODY);
}
