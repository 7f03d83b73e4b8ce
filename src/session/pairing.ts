import type { EventOf } from '../wpa/event.js';
import { buttonRefusal } from './admission.js';
import { showMethod } from './apply.js';
import { armPin, openButton, wpsFailed } from './arming.js';
import { formForNext } from './choice.js';
import { holdDiscovery } from './discovery.js';
import { dropEnrolment, phoneLabel, putEnrolment } from './enrolment.js';
import { pairingView } from './facts.js';
import { haltReason } from './halt.js';
import { isGroupDeaf, runningGroup, stationOf } from './held.js';
import type { Enrolment, Pairing, Station } from './model.js';
import type { PairingRequest } from './operator-command.js';
import {
  isThrough,
  isWindowArmed,
  mayHavePin,
  SERVED_MS,
  scheduleWindow,
  windowPin,
} from './pairing-window.js';
import { takeBackUnlessWanted } from './registrar.js';
import type { SessionEventOf } from './session-event.js';
import { settle } from './settle.js';
import type { Turn } from './turn.js';
import { isPinPaused } from './wrong-pin.js';

/** The pairing window: an operator opens it, and a phone that comes in, the time or an operator shuts it. */

type Reason = SessionEventOf<'pairingClosed'>['reason'];

const WORDS: Readonly<Record<Reason, string>> = {
  joined: 'a device has come in',
  timeout: 'its time is over',
  stopped: 'an operator has shut it',
  failed: 'nobody can come in now',
};

export function openPairing(turn: Turn, id: number, { method, pin, deviceAddress }: PairingRequest): void {
  const halted = haltReason(turn);
  const { now } = turn.world;
  if (halted !== null) {
    turn.refuse(id, 'STATE', halted);
    return;
  }
  if (deviceAddress !== null && stationOf(turn, deviceAddress)) {
    turn.refuse(id, 'STATE', `${deviceAddress} is on the group`);
    return;
  }
  if (method === 'pin' && isPinPaused(turn)) {
    const seconds = Math.ceil((turn.state.wrongPins.pausedUntil - now) / 1000);
    turn.refuse(id, 'STATE', `after too many wrong PINs nobody is let in by PIN for ${seconds} s`);
    return;
  }
  shut(turn, 'stopped');
  const seconds = turn.settings.max_negotiation_time;
  const until = now + seconds * 1000;
  const pairing: Pairing = { method, pin, deviceAddress, until, served: null, barred: false };
  turn.update({ pairing });
  const whom = deviceAddress === null ? 'whoever comes' : phoneLabel(turn, deviceAddress);
  turn.log('info', `pairing window open for ${seconds} s: ${whom} by ${how(pairing)}`);
  turn.emit({ type: 'pairingOpened', pairing: pairingView(pairing, now) });
  scheduleWindow(turn);
  showMethod(turn);
  takeInWaiting(turn);
  // A laptop says nothing before it tries. Not beside an invitation: the end of a search would be its end too.
  if (runningGroup(turn) && turn.state.invitation === null) holdDiscovery(turn);
  turn.done(id);
  proceed(turn);
}

/** In the log, which others may read: without the PIN, which whoever asked for it is told. */
function how({ method }: Pairing): string {
  return method === 'pbc' ? 'push button' : 'PIN';
}

/** Phones that have asked before it was opened: from now on its PIN is the one. */
function takeInWaiting(turn: Turn): void {
  for (const enrolment of turn.state.enrolments) {
    const pin = windowPin(turn, enrolment.deviceAddress);
    if (pin === null || !mayHavePin(enrolment.method) || enrolment.served) continue;
    const known = { ...enrolment, pin, fresh: false };
    putEnrolment(turn, known);
    armPin(turn, known, true);
  }
}

function proceed(turn: Turn): void {
  settle(turn);
  formForNext(turn);
}

/** An operator shuts it, if it is open. */
export function stopPairing(turn: Turn, id: number): void {
  closePairing(turn, 'stopped');
  turn.done(id);
}

/** Shuts it, if it is open, and lets the others have their turn. */
export function closePairing(turn: Turn, reason: Reason): void {
  if (shut(turn, reason) && turn.state.phase.name !== 'detached') settle(turn);
}

/** Shuts it and takes back what was armed for it. @returns whether it was open */
export function shut(turn: Turn, reason: Reason): boolean {
  const { pairing } = turn.state;
  if (!pairing) return false;
  turn.update({ pairing: null });
  turn.cancel('pairing');
  turn.log('info', `pairing window shut: ${WORDS[reason]}`);
  turn.emit({ type: 'pairingClosed', reason });
  for (const enrolment of turn.state.enrolments) {
    if (isThrough(pairing, enrolment) && !mayStay(turn, enrolment)) turnAway(turn, enrolment);
  }
  takeBackUnlessWanted(turn);
  if (turn.state.phase.name !== 'detached') showMethod(turn);
  return true;
}

/** Whether a phone that has come to the window may still come in when it is shut. */
function mayStay(turn: Turn, { deviceAddress, name, method, served }: Enrolment): boolean {
  const { phase } = turn.state;
  const negotiated =
    'occasion' in phase &&
    phase.occasion?.kind === 'request' &&
    phase.occasion.deviceAddress === deviceAddress;
  if (served || negotiated) return true;
  return method === 'pbc' && buttonRefusal(turn, deviceAddress, name) === null;
}

function turnAway(turn: Turn, { deviceAddress }: Enrolment): void {
  dropEnrolment(turn, deviceAddress);
  turn.emit({ type: 'enrolmentFailed', deviceAddress, reason: 'the pairing window is shut', code: null });
}

/** Something is to be done for the window, or its time is over. */
export function pairingTimer(turn: Turn): void {
  const { pairing } = turn.state;
  const { now } = turn.world;
  if (!pairing) return;
  if (now >= pairing.until) {
    closePairing(turn, 'timeout');
    return;
  }
  if (turn.state.phase.name === 'detached') {
    closePairing(turn, 'failed');
    return;
  }
  if (pairing.served && now - pairing.served.at >= SERVED_MS)
    turn.update({ pairing: { ...pairing, served: null } });
  scheduleWindow(turn);
  openButton(turn);
}

/** `WPS-REG-SUCCESS`: somebody has got his credential, perhaps through the window. */
export function enrolleeServed(turn: Turn, { address }: EventOf<'WPS-REG-SUCCESS'>): void {
  const { pairing } = turn.state;
  if (!pairing || !isWindowArmed(turn, pairing)) return;
  turn.update({ pairing: { ...pairing, served: { address, at: turn.world.now } } });
  scheduleWindow(turn);
}

/** A station is in, and whatever it waited for is over; where the window was open for it, that shuts. */
export function stationSettled(
  turn: Turn,
  { address, deviceAddress }: Pick<Station, 'address' | 'deviceAddress'>,
  enrolment: Enrolment | undefined,
): void {
  const { pairing } = turn.state;
  const through =
    pairing !== null &&
    (pairing.served?.address === address ||
      // Its WPS went unheard.
      (isGroupDeaf(turn) && isWindowArmed(turn, pairing)) ||
      // It may have come by what it knew already.
      (deviceAddress !== null && pairing.deviceAddress === deviceAddress) ||
      (enrolment !== undefined && isThrough(pairing, enrolment)));
  if (through) closePairing(turn, 'joined');
  else if (enrolment) settle(turn);
}

/** An attempt has failed, and has perhaps used up what was armed for the window. */
export function attemptFailed(turn: Turn, event: EventOf<'WPS-FAIL'>): void {
  wpsFailed(turn, event);
  const { pairing } = turn.state;
  // The button stays open after one.
  if (pairing?.method !== 'pin') return;
  if (isPinPaused(turn)) closePairing(turn, 'failed');
  else openButton(turn);
}

/** The group is gone: who had its credential from the window has to come anew. */
export function forgetServed(turn: Turn): void {
  const { pairing } = turn.state;
  if (pairing?.served) turn.update({ pairing: { ...pairing, served: null } });
}

/** The link is lost; it has that long to come back. */
export function windowLosesLink(turn: Turn, ms: number): void {
  const { pairing } = turn.state;
  if (!pairing) return;
  forgetServed(turn);
  turn.timer('pairing', Math.max(1, Math.min(ms, pairing.until - turn.world.now)));
}
