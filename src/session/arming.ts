import type { EventOf } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { refusalText, wpsError, wpsErrorText } from '../wpa/status-words.js';
import { hear } from './discovery.js';
import { dropEnrolment, enrolmentOf, postpone, putEnrolment, remainingMs } from './enrolment.js';
import { deviceLabel } from './facts.js';
import { isHalted } from './halt.js';
import { isGroupDeaf, runningGroup } from './held.js';
import { ANYBODY, type Enrolment } from './model.js';
import { armWindow, holdsRegistrar, isThrough, keepsOut } from './pairing-window.js';
import {
  buttonHolder,
  holdButton,
  holdPin,
  isBeingTried,
  isWorn,
  pinMissing,
  registrarEmptied,
  reviewRegistrar,
  strangersPin,
  takeBack,
  VALID_MS,
} from './registrar.js';
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
/** How long an armed PIN (or open button) blocks the next PIN, and a PIN the button, unless it is used first. */
const TURN_MS = 15_000;
/** How long the button stays open for one phone while another waits for it. */
const BUTTON_TURN_MS = 30_000;
/** A PIN that is armed already is armed again where it can be valid for this much longer. */
const RENEW_MS = 30_000;
/** wpa_supplicant closes the button after 120 s; a `WPS-TIMEOUT` long before that is the echo of our `WPS_CANCEL`. */
const WINDOW_LEAST_MS = 100_000;
/** After a refusal, such as FAIL-PBC-OVERLAP. */
const BUTTON_AGAIN_MS = 2_000;

/** A WPS enrollee shows itself on the group: arm the PIN for it if it has asked. */
export function enrolleeSeen(turn: Turn, event: EventOf<'WPS-ENROLLEE-SEEN'>): void {
  hear(turn);
  // The button is opened by device address, when the phone asks; its enrollee has nothing to add.
  if (isHalted(turn) || event.devicePasswordId === PUSH_BUTTON) return;
  armEnrollee(turn, event.address, event.requestType === ENROLS);
}

/**
 * `WPS-PIN-NEEDED`: a device tries to enrol, and the registrar has no PIN for it. This alone proves that no other program
 * has armed one, which a PIN of ours would replace. So a device that made no request is served here and not when it is
 * seen.
 */
export function pinNeeded(turn: Turn, { address }: EventOf<'WPS-PIN-NEEDED'>): void {
  if (isHalted(turn) || !pinMissing(turn)) return;
  if (holdsRegistrar(turn)) openButton(turn);
  else if (!armEnrollee(turn, address, true)) armStranger(turn, address);
}

/** @returns whether the enrollee belongs to a phone that has asked */
function armEnrollee(turn: Turn, address: string, enrols: boolean): boolean {
  const open = turn.state.enrolments.filter((e) => e.method !== 'pbc');
  const known = open.find((e) => e.stationAddress === address) ?? null;
  const enrolment = known ?? match(open, address, enrols ? 0 : LIKE_BYTES);
  if (!enrolment) return false;
  const seen = { ...enrolment, stationAddress: address };
  if (!known) putEnrolment(turn, seen);
  armPin(turn, seen, !known);
  return true;
}

/**
 * Arms an enrolment's PIN where both the PIN and the phone's interface address are known.
 * @param first whether to say so
 */
export function armPin(turn: Turn, enrolment: Enrolment, first: boolean): void {
  const { deviceAddress, name, pin, stationAddress } = enrolment;
  if (pin === null || stationAddress === null || !runningGroup(turn)) return;
  const holder = { address: stationAddress, deviceAddress };
  if (!givePin(turn, holder, pin, remainingMs(turn, enrolment)) || !first) return;
  turn.log('info', `PIN armed for ${deviceLabel(deviceAddress, name)}, seen as ${stationAddress}`);
  turn.emit({ type: 'enrolmentArmed', stationAddress, deviceAddress, name });
}

/**
 * A laptop that knows only WPS, or a phone whose request got lost on the air: the PIN itself protects us, as long as
 * it is the one that everybody is told beforehand.
 */
function armStranger(turn: Turn, address: string): void {
  const pin = strangersPin(turn);
  // Another program has opened the button, and a PIN would close it.
  if (pin === null || turn.state.registrar.holds === 'foreign button') return;
  if (!givePin(turn, { address, deviceAddress: null }, pin, turn.settings.max_negotiation_time * 1000))
    return;
  turn.log('debug', `PIN armed for ${address}, which announced itself in no other way`);
  turn.emit({ type: 'enrolmentArmed', stationAddress: address, deviceAddress: null, name: null });
}

/**
 * What happens on the group goes unheard: no enrollee is seen, and no use of a PIN. So the PIN is armed for whoever comes,
 * and again from time to time.
 */
export function armUnheard(turn: Turn): void {
  if (isHalted(turn)) return;
  openButton(turn);
  if (!isGroupDeaf(turn) || holdsRegistrar(turn)) return;
  const waiting = turn.state.enrolments.find((e) => e.method !== 'pbc' && e.pin !== null && !e.served);
  const pin = waiting?.pin ?? strangersPin(turn);
  if (pin === null) return;
  const ms = waiting ? remainingMs(turn, waiting) : VALID_MS;
  givePin(turn, { address: ANYBODY, deviceAddress: waiting?.deviceAddress ?? null }, pin, ms);
}

/**
 * One PIN at a time. A device that waits shows itself again every few seconds.
 * @returns whether the PIN is armed
 */
function givePin(
  turn: Turn,
  holder: { address: string; deviceAddress: string | null },
  pin: string,
  ms: number,
): boolean {
  const { registrar } = turn.state;
  const { now } = turn.world;
  const samePin = registrar.holds === 'pin' && registrar.pin === pin;
  if (mustWait(turn, pin)) {
    turn.log('debug', `${holder.address}: its PIN has to wait`);
    return false;
  }
  const validMs = Math.min(ms, VALID_MS);
  // One that is armed for all is valid for any device that knows it.
  const same = samePin && [ANYBODY, holder.address].includes(registrar.address);
  if (same && !isWorn(turn) && (registrar.address === ANYBODY || now + validMs - registrar.until < RENEW_MS))
    return true;
  const since = same && now - registrar.since < TURN_MS ? registrar.since : now;
  holdPin(turn, holder, pin, validMs, since);
  if (turn.state.enrolments.some(wantsButton)) turn.timer('button', Math.max(1, since + TURN_MS - now));
  return true;
}

function mustWait(turn: Turn, pin: string): boolean {
  const { registrar, pairing } = turn.state;
  if (isPinPaused(turn) || keepsOut(turn, pin)) return true;
  if (registrar.holds === 'nothing') return false;
  if (registrar.holds === 'pin' && registrar.pin === pin)
    return registrar.address !== ANYBODY && isBeingTried(turn);
  // An operator's goes before the others.
  if (pin === pairing?.pin) return false;
  return turn.world.now - registrar.since < TURN_MS || isBeingTried(turn);
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
  reviewRegistrar(turn);
  const waiting = turn.state.enrolments.filter((e) => wantsButton(e) && mayTakeTurn(turn, e));
  if (holdsRegistrar(turn) && waiting.length === 0) {
    armWindow(turn);
    return;
  }
  const { registrar } = turn.state;
  if (registrar.holds === 'button' || registrar.holds === 'foreign button') {
    if (waiting.some((e) => e.deviceAddress !== buttonHolder(turn)))
      turn.timer('button', Math.max(1, registrar.since + BUTTON_TURN_MS - turn.world.now));
    return;
  }
  const [next] = waiting;
  if (!next) {
    turn.cancel('button');
    return;
  }
  const { deviceAddress, name } = next;
  holdButton(turn, deviceAddress);
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
  const { registrar, enrolments } = turn.state;
  const holder = buttonHolder(turn);
  const others = enrolments.some((e) => wantsButton(e) && e.deviceAddress !== holder);
  const open = registrar.holds === 'button' || registrar.holds === 'foreign button';
  if (open && others && turn.world.now - registrar.since >= BUTTON_TURN_MS) {
    if (holder !== null) postpone(turn, holder);
    takeBack(turn);
  }
  openButton(turn);
}

/** The reply to `WPS_PBC`. */
export function buttonAnswered(turn: Turn, deviceAddress: string, reply: string): void {
  if (buttonHolder(turn) !== deviceAddress) return;
  const failed = isFailure(reply);
  // Of a window that waits for others to have pressed this comes every other second.
  const again = deviceAddress === ANYBODY && bar(turn, failed);
  if (!failed) return;
  const who = deviceAddress === ANYBODY ? 'the pairing window' : deviceAddress;
  turn.log(again ? 'debug' : 'warning', `${who}: the push button could not be opened: ${refusalText(reply)}`);
  registrarEmptied(turn);
  turn.timer('button', BUTTON_AGAIN_MS);
}

/** @returns whether the window was barred before */
function bar(turn: Turn, barred: boolean): boolean {
  const { pairing } = turn.state;
  if (pairing && pairing.barred !== barred) turn.update({ pairing: { ...pairing, barred } });
  return pairing?.barred ?? false;
}

/** `WPS-PBC-DISABLE`: the phone has its credential, and the button is closed. The next one may be trying just now. */
export function buttonUsed(turn: Turn): void {
  const { registrar } = turn.state;
  if (registrar.holds !== 'button' && registrar.holds !== 'foreign button') return;
  const enrolment = enrolmentOf(turn, buttonHolder(turn) ?? '');
  if (enrolment) putEnrolment(turn, { ...enrolment, served: true });
  registrarEmptied(turn);
  openButton(turn);
}

/**
 * The button is closed: wpa_supplicant's two minutes are over. A phone that still wants to come gets another turn, after
 * the others.
 */
export function buttonTimedOut(turn: Turn): void {
  const { registrar } = turn.state;
  if (registrar.holds === 'foreign button') {
    registrarEmptied(turn);
  } else {
    if (registrar.holds !== 'button' || turn.world.now - registrar.since < WINDOW_LEAST_MS) return;
    postpone(turn, registrar.deviceAddress);
    registrarEmptied(turn);
  }
  openButton(turn);
}

/** WPS failed, on the group or while one was formed. The event does not say for whom. */
export function wpsFailed(turn: Turn, event: EventOf<'WPS-FAIL'>): void {
  if (event.configError === NOT_HIS_BUTTON) {
    if (buttonHolder(turn) === ANYBODY) crowded(turn);
    else turn.log('info', 'a phone pressed the button while it was open for another; it must press again');
    return;
  }
  const ours = turn.state.phase.name === 'forming' || turn.state.registrar.holds === 'pin';
  const who = whoseAttempt(turn);
  const wrong = event.configError === WRONG_PIN;
  const label = who ? deviceLabel(who.deviceAddress, who.name) : 'a phone';
  const reason = wpsErrorText(event.configError, event.reason);
  const whose = wrong && !ours ? ', armed by another program' : '';
  turn.log('warning', `${label} was not let in: ${reason}${whose}`);
  turn.emit({
    type: 'enrolmentFailed',
    deviceAddress: who?.deviceAddress ?? null,
    reason,
    code: wpsError(event.configError),
  });
  if (!ours) return;
  // It may be valid for a second attempt, and for whoever comes first. The next sign of the phone arms it again.
  if (turn.state.registrar.holds === 'pin') takeBack(turn);
  if (!wrong) return;
  if (countWrongPin(turn)) takeBack(turn);
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
  takeBack(turn);
  turn.timer('button', BUTTON_AGAIN_MS);
}

function whoseAttempt(turn: Turn): Enrolment | undefined {
  const { phase, enrolments, registrar } = turn.state;
  if (phase.name === 'forming' && phase.occasion.kind === 'request')
    return enrolmentOf(turn, phase.occasion.deviceAddress);
  const address = registrar.holds === 'pin' ? registrar.address : null;
  return enrolments.find((e) => e.stationAddress !== null && e.stationAddress === address);
}
