import type { EventOf } from '../wpa/event.js';
import { suspendSearch } from './discovery.js';
import { failEnrolment, putEnrolment } from './enrolments.js';
import type { PairingRequest } from './model.js';
import { ANYBODY, type Enrolment, type Pairing } from './model.js';
import type { Phase, Station } from './phase.js';
import { registrarEmptied, SHOWN_MS, takeBackUnlessNeeded } from './registrar.js';
import { buttonRefusal } from './requests.js';
import {
  areEventsHeldBack,
  haltReason,
  isPinPaused,
  isThrough,
  KEEP_GROUP_MS,
  requesterOf,
  stationOf,
  windowPin,
} from './selectors.js';
import type { CoreEventOf } from './session-event.js';
import type { Transition } from './transition.js';
import { pairingView } from './views.js';
import { armPin, isWindowArmed } from './wps.js';
import { forgiveWrongPins } from './wps-failures.js';

/** The pairing window: an operator opens it; a phone that joins, the time or an operator closes it. */

type Reason = CoreEventOf<'pairingClosed'>['reason'];

export function openPairing(t: Transition, id: number, { method, pin, deviceAddress }: PairingRequest): void {
  const halted = haltReason(t);
  const { now } = t.world;
  if (halted !== null) {
    t.refuse(id, 'STATE', { cause: halted });
    return;
  }
  if (deviceAddress !== null && stationOf(t, deviceAddress)) {
    t.refuse(id, 'STATE', { cause: 'on-group', deviceAddress });
    return;
  }
  if (method === 'pin' && isPinPaused(t)) {
    const seconds = Math.ceil((t.state.wrongPins.pausedUntil - now) / 1000);
    t.refuse(id, 'STATE', { cause: 'wrong-pins', seconds });
    return;
  }
  closePairing(t, 'stopped');
  const seconds = t.settings.max_negotiation_time;
  const pairing: Pairing = {
    method,
    pin,
    deviceAddress,
    until: now + seconds * 1000,
    connecting: null,
    overlapped: false,
  };
  t.update({ pairing, method: { ...t.state.method, pinOfferedUntil: null } });
  t.emit({ type: 'pairingOpened', pairing: pairingView(pairing, now) });
  takeInWaiting(t);
  // A laptop gives no sign before it tries.
  suspendSearch(t);
  t.done(id);
}

/** Phones that have asked before it was opened: from now on its PIN is theirs. */
function takeInWaiting(t: Transition): void {
  for (const enrolment of t.state.enrolments) {
    const pin = windowPin(t, enrolment.deviceAddress);
    if (pin === null || enrolment.method === 'pbc' || enrolment.hasCredential) continue;
    const known = { ...enrolment, pin, fresh: false };
    putEnrolment(t, known);
    armPin(t, known, true);
  }
}

/** Closes it, if it is open. */
export function closePairing(t: Transition, reason: Reason): void {
  const { pairing } = t.state;
  if (!pairing) return;
  t.update({ pairing: null, method: { ...t.state.method, pinOfferedUntil: null } });
  t.emit({ type: 'pairingClosed', reason });
  for (const enrolment of t.state.enrolments) {
    if (isThrough(pairing, enrolment) && !mayStay(t, enrolment))
      failEnrolment(t, enrolment, { cause: 'pairing-closed' }, 'debug');
  }
  takeBackUnlessNeeded(t);
}

/** Whether a phone that has come through the window may still join when it is closed. */
function mayStay(t: Transition, { deviceAddress, name, method, hasCredential }: Enrolment): boolean {
  if (hasCredential || requesterOf(t) === deviceAddress) return true;
  return method === 'pbc' && buttonRefusal(t, deviceAddress, name) === null;
}

/** Time a device has to connect once it has its credential. */
const CONNECTING_MS = 20_000;

/** When the window is looked at next: for its end, the device that is connecting, or its PIN. */
export function pairingDueAt({ state: { pairing, phase, registrar }, world }: Transition): number | null {
  if (!pairing) return null;
  const times = [];
  if (pairing.connecting) times.push(pairing.connecting.at + CONNECTING_MS);
  if (registrar.holds === 'pin' && registrar.address === ANYBODY) times.push(registrar.since + SHOWN_MS);
  // What was due and could not be done, such as without a link, must not hide the end.
  return Math.min(closesAt(pairing, phase), ...times.filter((time) => time > world.now));
}

/** When it closes by itself; without a link before its time. */
function closesAt({ until }: Pairing, phase: Phase): number {
  return phase.name === 'detached' ? Math.min(until, phase.since + KEEP_GROUP_MS) : until;
}

/** Its time is over, or that of a device with its credential, or no PIN is accepted. Called at the end of every step. */
export function expirePairing(t: Transition): void {
  const { pairing, phase } = t.state;
  const { now } = t.world;
  if (!pairing) return;
  if (now >= closesAt(pairing, phase)) closePairing(t, now >= pairing.until ? 'timeout' : 'failed');
  // After too many wrong PINs nobody is admitted by PIN.
  else if (pairing.method === 'pin' && isPinPaused(t)) closePairing(t, 'failed');
  else if (pairing.connecting && now - pairing.connecting.at >= CONNECTING_MS) forgetConnecting(t);
}

/** `WPS-REG-SUCCESS`: a device has its credential, perhaps through the window. */
export function credentialGiven(t: Transition, { address }: EventOf<'WPS-REG-SUCCESS'>): void {
  const { pairing, registrar } = t.state;
  if (pairing && isWindowArmed(t, pairing))
    t.update({ pairing: { ...pairing, connecting: { address, at: t.world.now } } });
  if (registrar.holds === 'pin') registrarEmptied(t);
  forgiveWrongPins(t);
}

/** A station is connected. Where the window was open for it, that closes. */
export function closeForStation(
  t: Transition,
  { address, deviceAddress }: Pick<Station, 'address' | 'deviceAddress'>,
  enrolment: Enrolment | undefined,
): void {
  const { pairing } = t.state;
  const through =
    pairing !== null &&
    (pairing.connecting?.address === address ||
      // The events of its WPS were held back.
      (areEventsHeldBack(t) && isWindowArmed(t, pairing)) ||
      // It may have used a passphrase that it knew already.
      (deviceAddress !== null && pairing.deviceAddress === deviceAddress) ||
      (enrolment !== undefined && isThrough(pairing, enrolment)));
  if (through) closePairing(t, 'joined');
}

/** The group is gone: the device that had its credential has to start again. */
export function forgetConnecting(t: Transition): void {
  const { pairing } = t.state;
  if (pairing?.connecting) t.update({ pairing: { ...pairing, connecting: null } });
}
