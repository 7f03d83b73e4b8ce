import { WPS_CANCEL, wpsPbc, wpsPin } from '../wpa/command.js';
import type { EventOf } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { hear } from './discovery.js';
import { dropEnrolment, enrolmentOf, postpone, putEnrolment, remainingMs } from './enrolment.js';
import { deviceLabel } from './facts.js';
import { isHalted } from './halt.js';
import { runningGroup } from './held.js';
import { ANYBODY, type Enrolment } from './model.js';
import { armWindow, holdsRegistrar, isThrough, isWindowArmed, keepsOut } from './pairing-window.js';
import type { Turn } from './turn.js';
import { countWrongPin, isPinPaused } from './wrong-pin.js';

/** WPS on the running group: for whom a PIN is armed or the push button opened, and what became of it. */

/** WPS configuration error "device password authentication failure": the PIN was wrong. */
const WRONG_PIN = 18;
/** WPS configuration error "multiple PBC sessions": another than the one for whom it is open has pressed. */
const NOT_HIS_BUTTON = 12;
const PUSH_BUTTON = 4;
/** WPS request type of a device that enrols; 0 is one that merely looks around, as a returning phone does. */
const ENROLS = 1;
/** So many of its six bytes an interface address shares with its device's at least, where that alone must tell. */
const LIKE_BYTES = 4;
/** So long another PIN, or the button, waits for one that is armed, unless that is used before; and a PIN for the button. */
const TURN_MS = 15_000;
/** So long the button stays open for one phone while another waits for it. */
const BUTTON_TURN_MS = 30_000;
/** wpa_supplicant shuts the window after 120 s; a `WPS-TIMEOUT` long before that is the echo of our `WPS_CANCEL`. */
const WINDOW_LEAST_MS = 100_000;
/** After a refusal, such as FAIL-PBC-OVERLAP. */
const BUTTON_AGAIN_MS = 2_000;

/** A WPS enrollee shows itself on the group: arm the PIN for it. */
export function enrolleeSeen(turn: Turn, event: EventOf<'WPS-ENROLLEE-SEEN'>): void {
  hear(turn);
  if (isHalted(turn)) return;
  const { address } = event;
  // The button is opened by device address, when the phone asks; its enrollee has nothing to add.
  if (event.devicePasswordId === PUSH_BUTTON) return;
  const open = turn.state.enrolments.filter((e) => e.method !== 'pbc');
  const known = open.find((e) => e.stationAddress === address) ?? null;
  const enrols = event.requestType === ENROLS;
  const enrolment = known ?? match(open, address, enrols ? 0 : LIKE_BYTES);
  if (enrolment) {
    const seen = { ...enrolment, stationAddress: address };
    if (!known) putEnrolment(turn, seen);
    // A PIN serves two attempts at most (wps_registrar.c), so every sign of the enrollee arms it anew; an unused one
    // is replaced, not added to.
    armPin(turn, seen, !known);
  } else if (enrols) {
    armStranger(turn, address, event.name || null);
  }
}

/**
 * Arms an enrolment's PIN where both the PIN and the phone's interface address are known.
 * @param first whether to say so
 */
export function armPin(turn: Turn, enrolment: Enrolment, first: boolean): void {
  const { deviceAddress, name, pin, stationAddress } = enrolment;
  if (pin === null || stationAddress === null || !runningGroup(turn)) return;
  if (!sendPin(turn, stationAddress, pin, remainingMs(turn, enrolment) / 1000) || !first) return;
  turn.log('info', `PIN armed for ${deviceLabel(deviceAddress, name)}, seen as ${stationAddress}`);
  turn.emit({ type: 'enrolmentArmed', stationAddress, deviceAddress, name });
}

/**
 * A laptop that knows only WPS, or a phone whose request got lost on the air: the PIN itself protects us, as long as
 * it is the one that everybody is told beforehand.
 */
function armStranger(turn: Turn, address: string, name: string | null): void {
  const { pin, pin_module, max_negotiation_time } = turn.settings;
  if (turn.state.method !== 'keypad' || pin === 'random' || pin_module !== null) return;
  if (!sendPin(turn, address, pin, max_negotiation_time)) return;
  turn.log('debug', `PIN armed for ${address}, which announced itself in no other way`);
  turn.emit({ type: 'enrolmentArmed', stationAddress: address, deviceAddress: null, name });
}

/**
 * One PIN at a time: a second one would replace the first, and its phone's attempt would fail for a wrong PIN. Whoever
 * waits shows itself again every few seconds.
 */
function sendPin(turn: Turn, address: string, pin: string, seconds: number): boolean {
  const { armedPin, buttonFor, buttonSince, pairing } = turn.state;
  const { now } = turn.world;
  const taken =
    (armedPin !== null && armedPin.pin !== pin && now - armedPin.at < TURN_MS) ||
    (buttonFor !== null && now - buttonSince < TURN_MS);
  // An operator's goes before the others.
  const waits = isPinPaused(turn) || keepsOut(turn, pin) || (taken && pin !== pairing?.pin);
  // It is good for whoever knows it.
  if (!waits && armedPin?.address === ANYBODY && armedPin.pin === pin) return true;
  if (waits) {
    turn.log('debug', `${address}: its PIN has to wait`);
    return false;
  }
  const at = armedPin?.address === address && armedPin.pin === pin ? armedPin.at : now;
  turn.update({ armedPin: { address, pin, at } });
  turn.request('group', wpsPin(address, pin, Math.max(1, seconds)), { kind: 'arm', address });
  // It shuts the button's window without a word.
  if (buttonFor !== null) turn.update({ buttonFor: null });
  if (turn.state.enrolments.some(wantsButton)) turn.timer('button', Math.max(1, at + TURN_MS - now));
  return true;
}

/** The PIN was used, rightly or not: the next one's turn. */
export function pinUsed(turn: Turn): void {
  if (turn.state.armedPin) turn.update({ armedPin: null });
}

/**
 * Whose interface address is this? The enrollee's event names no device; the request before it does. With several
 * requests open the likeliest is the one whose device address shares most bytes: drivers derive the one from the
 * other. `AP-STA-CONNECTED` settles it for certain.
 */
function match(enrolments: readonly Enrolment[], address: string, leastBytes: number): Enrolment | null {
  let best: Enrolment | null = null;
  let bestScore = leastBytes;
  for (const enrolment of enrolments) {
    const score = sharedBytes(enrolment.deviceAddress, address);
    // Another came first and was taken for it: whoever is more like it has the better right.
    const { stationAddress } = enrolment;
    if (stationAddress !== null && score <= sharedBytes(enrolment.deviceAddress, stationAddress)) continue;
    if (best === null ? score >= bestScore : score > bestScore) {
      best = enrolment;
      bestScore = score;
    }
  }
  return best;
}

function sharedBytes(a: string, b: string): number {
  const bytes = b.split(':');
  return a.split(':').filter((byte, i) => byte === bytes[i]).length;
}

function wantsButton({ method, served }: Enrolment): boolean {
  return method === 'pbc' && !served;
}

/** Opens the push button for the phone whose turn it is: one at a time, in the order in which they asked. */
export function openButton(turn: Turn): void {
  const group = runningGroup(turn);
  if (!group?.linkUp || group.removing) return;
  const waiting = turn.state.enrolments.filter((e) => wantsButton(e) && mayTakeTurn(turn, e));
  if (holdsRegistrar(turn) && waiting.length === 0) {
    armWindow(turn);
    return;
  }
  const { buttonFor, buttonSince } = turn.state;
  if (buttonFor !== null) {
    if (waiting.some((e) => e.deviceAddress !== buttonFor))
      turn.timer('button', Math.max(1, buttonSince + BUTTON_TURN_MS - turn.world.now));
    return;
  }
  const [next] = waiting;
  if (!next) {
    turn.cancel('button');
    return;
  }
  const { deviceAddress, name } = next;
  turn.update({ buttonFor: deviceAddress, buttonSince: turn.world.now, armedPin: null });
  turn.request('group', wpsPbc(deviceAddress), { kind: 'button', deviceAddress });
  if (waiting.length > 1) turn.timer('button', BUTTON_TURN_MS);
  else turn.cancel('button');
  turn.log('info', `push button open for ${deviceLabel(deviceAddress, name)}`);
  turn.emit({ type: 'enrolmentArmed', stationAddress: null, deviceAddress, name });
}

/** While a window is open, only for those who come through it and find it barred. */
function mayTakeTurn(turn: Turn, enrolment: Enrolment): boolean {
  const { pairing } = turn.state;
  return pairing === null || !holdsRegistrar(turn) || (pairing.barred && isThrough(pairing, enrolment));
}

/** Somebody waits for the button: for the PIN before it, or for the one who has had it long enough. */
export function buttonTurn(turn: Turn): void {
  const { buttonFor, buttonSince, enrolments } = turn.state;
  const others = enrolments.some((e) => wantsButton(e) && e.deviceAddress !== buttonFor);
  if (buttonFor !== null && others && turn.world.now - buttonSince >= BUTTON_TURN_MS) {
    postpone(turn, buttonFor);
    turn.update({ buttonFor: null });
  }
  openButton(turn);
}

/** The reply to `WPS_PBC`. */
export function buttonAnswered(turn: Turn, deviceAddress: string, reply: string): void {
  if (turn.state.buttonFor !== deviceAddress) return;
  const failed = isFailure(reply);
  // Of a window that waits for others to have pressed this comes every other second.
  const again = deviceAddress === ANYBODY && bar(turn, failed);
  if (!failed) return;
  const who = deviceAddress === ANYBODY ? 'the pairing window' : deviceAddress;
  turn.log(again ? 'debug' : 'warning', `${who}: the push button could not be opened: ${reply.trim()}`);
  turn.update({ buttonFor: null });
  turn.timer('button', BUTTON_AGAIN_MS);
}

/** @returns whether the window was barred before */
function bar(turn: Turn, barred: boolean): boolean {
  const { pairing } = turn.state;
  if (pairing && pairing.barred !== barred) turn.update({ pairing: { ...pairing, barred } });
  return pairing?.barred ?? false;
}

/** `WPS-PBC-DISABLE`: the phone has its credential, and the window is shut. The next one may be trying just now. */
export function buttonUsed(turn: Turn): void {
  const { buttonFor } = turn.state;
  if (buttonFor === null) return;
  const enrolment = enrolmentOf(turn, buttonFor);
  if (enrolment) putEnrolment(turn, { ...enrolment, served: true });
  turn.update({ buttonFor: null });
  openButton(turn);
}

/** The window is shut: wpa_supplicant's two minutes are over. Whoever is still to come gets another, after the others. */
export function buttonTimedOut(turn: Turn): void {
  const { buttonFor, buttonSince } = turn.state;
  if (buttonFor === null || turn.world.now - buttonSince < WINDOW_LEAST_MS) return;
  postpone(turn, buttonFor);
  turn.update({ buttonFor: null });
  openButton(turn);
}

/** Shuts what is open for this phone: what nobody waits for is an open door. */
export function disarm(turn: Turn, { deviceAddress, stationAddress }: Enrolment): void {
  const { buttonFor, armedPin } = turn.state;
  const button = buttonFor === deviceAddress;
  const pin = armedPin !== null && armedPin.address === stationAddress;
  if (!button && !pin) return;
  turn.update({ ...(button ? { buttonFor: null } : {}), ...(pin ? { armedPin: null } : {}) });
  if (runningGroup(turn)) turn.request('group', WPS_CANCEL);
}

/** WPS failed, on the group or while one was formed. The event does not say for whom. */
export function wpsFailed(turn: Turn, event: EventOf<'WPS-FAIL'>): void {
  if (event.configError === NOT_HIS_BUTTON) {
    if (turn.state.buttonFor === ANYBODY) crowded(turn);
    else turn.log('info', 'a phone pressed the button while it was open for another; it must press again');
    return;
  }
  const who = whoseAttempt(turn);
  const wrong = event.configError === WRONG_PIN;
  const label = who ? deviceLabel(who.deviceAddress, who.name) : 'a phone';
  const reason = wrong ? 'wrong PIN' : `WPS configuration error ${event.configError ?? 'unknown'}`;
  turn.log('warning', `${label} was not let in: ${reason}`);
  turn.emit({ type: 'enrolmentFailed', deviceAddress: who?.deviceAddress ?? null, reason });
  const { armedPin, pairing } = turn.state;
  const armed = armedPin !== null && runningGroup(turn) !== null;
  // Armed anew it would be there twice, and be taken back once.
  const ofWindow = pairing?.method === 'pin' && isWindowArmed(turn, pairing);
  pinUsed(turn);
  if (!wrong) return;
  countWrongPin(turn);
  // The registrar would take it for a second attempt.
  if (armed && (who?.fresh || ofWindow || isPinPaused(turn))) turn.request('group', WPS_CANCEL);
  // Half of it has been given away: the next attempt gets another.
  if (who?.fresh) dropEnrolment(turn, who.deviceAddress);
}

/** The button is open to all, and two have pressed: wpa_supplicant lets neither in, and nobody else from then on. */
function crowded(turn: Turn): void {
  turn.log(
    'warning',
    'several devices have pressed the button at once; one must wait two minutes and press again',
  );
  bar(turn, true);
  turn.update({ buttonFor: null });
  turn.timer('button', BUTTON_AGAIN_MS);
}

/** Takes back whatever is armed. */
export function disarmAll(turn: Turn): void {
  const { buttonFor, armedPin } = turn.state;
  turn.cancel('button');
  if (buttonFor === null && armedPin === null) return;
  turn.update({ buttonFor: null, armedPin: null });
  if (runningGroup(turn)) turn.request('group', WPS_CANCEL);
}

function whoseAttempt(turn: Turn): Enrolment | undefined {
  const { phase, enrolments, armedPin } = turn.state;
  if (phase.name === 'forming' && phase.occasion.kind === 'request')
    return enrolmentOf(turn, phase.occasion.deviceAddress);
  return enrolments.find((e) => e.stationAddress !== null && e.stationAddress === armedPin?.address);
}
