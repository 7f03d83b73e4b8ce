import type { EventOf } from '../wpa/event.js';
import { noteActivity } from './discovery.js';
import { putEnrolment } from './enrolments.js';
import { ANYBODY, type Enrolment, type Pairing, type Registrar } from './model.js';
import type { PinObstacle } from './reasons.js';
import {
  isBeingTried,
  mustArmAgain,
  openButton,
  pinMissing,
  registerPin,
  strangersPin,
  takeBack,
  VALID_MS,
} from './registrar.js';
import {
  areEventsHeldBack,
  haltReason,
  isHalted,
  isPinPaused,
  isThrough,
  remainingMs,
  runningGroup,
  windowOwnsRegistrar,
} from './selectors.js';
import type { Transition } from './transition.js';

/** WPS on the running group: which device enrols, for which one a PIN is armed, and what the pairing window admits by. */

/** WPS device password id. */
const PUSH_BUTTON = 4;
/** WPS request type of a device that enrols; 0 is one that only looks around, as a returning phone does. */
const ENROLS = 1;
/** Minimum number of bytes an interface address must share with a device address to count as a match on its own. */
const LIKE_BYTES = 4;
/** How long an armed PIN blocks the next PIN and the button, and an open button a PIN, unless it is used first. */
export const TURN_MS = 15_000;
/** A PIN that is armed already is armed again where it can be valid for this much longer. */
const RENEW_MS = 30_000;

/** A WPS enrollee is seen on the group: arms the PIN for it if it has asked. */
export function enrolleeSeen(t: Transition, event: EventOf<'WPS-ENROLLEE-SEEN'>): void {
  noteActivity(t);
  if (isHalted(t)) return;
  // The button is opened by device address, when the phone asks.
  if (event.devicePasswordId === PUSH_BUTTON) {
    const pressed = t.state.enrolments.filter((e) => e.ownAttemptAt !== null);
    const enrolment = match(t, pressed, event.address, 0);
    if (enrolment) putEnrolment(t, { ...enrolment, ownAttemptAt: t.world.now });
    return;
  }
  armEnrollee(t, event.address, event.requestType === ENROLS);
}

/**
 * `WPS-PIN-NEEDED`: a device tries to enrol, and the registrar has no PIN for it. This alone proves that no other program
 * has armed one, which a PIN of ours would replace. So a device that made no request is admitted here and not when it is
 * seen.
 */
export function pinNeeded(t: Transition, { address }: EventOf<'WPS-PIN-NEEDED'>): void {
  const halted = haltReason(t);
  if (halted !== null) t.log('debug', { type: 'enrollee-ignored', address, because: halted });
  if (halted !== null || !pinMissing(t) || windowOwnsRegistrar(t)) return;
  if (!armEnrollee(t, address, true)) armStranger(t, address);
}

/** @returns whether the enrollee belongs to a phone that has asked */
function armEnrollee(t: Transition, address: string, enrols: boolean): boolean {
  const open = t.state.enrolments.filter((e) => e.method !== 'pbc');
  const known = open.find((e) => e.stationAddress === address) ?? null;
  const enrolment = known ?? match(t, open, address, enrols ? 0 : LIKE_BYTES);
  if (!enrolment) return false;
  const seen = { ...enrolment, stationAddress: address };
  if (!known) putEnrolment(t, seen);
  armPin(t, seen, !known);
  return true;
}

/**
 * Arms an enrolment's PIN where both the PIN and the phone's interface address are known.
 * @param first whether to report it
 */
export function armPin(t: Transition, enrolment: Enrolment, first: boolean): void {
  const { deviceAddress, name, pin, stationAddress } = enrolment;
  if (pin === null || stationAddress === null || !runningGroup(t)) return;
  const armed = givePinFor(t, enrolment, stationAddress, pin);
  if (armed && first) t.emit({ type: 'enrolmentArmed', stationAddress, deviceAddress, name });
}

/**
 * Events were lost, so nobody knows what the registrar holds: it is emptied, and gets the PIN of its phone again, which may be
 * joining just now.
 */
export function armAnew(t: Transition): void {
  const { registrar } = t.state;
  takeBack(t);
  if (registrar.holds !== 'pin' || isHalted(t)) return;
  const enrolment = t.state.enrolments.find(
    (e) => e.stationAddress === registrar.address && !e.hasCredential,
  );
  if (enrolment) armPin(t, enrolment, false);
}

/** @returns whether it is armed; where it has to wait, the request keeps the reason */
function givePinFor(t: Transition, enrolment: Enrolment, address: string, pin: string): boolean {
  const { deviceAddress } = enrolment;
  const obstacle = givePin(t, { address, deviceAddress }, pin, remainingMs(t, enrolment));
  const { registrar } = t.state;
  // While the phone tries its own PIN, nothing is in its way.
  const holdsIts = registrar.holds === 'pin' && registrar.deviceAddress === deviceAddress;
  const pinWaitsFor = holdsIts ? null : obstacle;
  if (pinWaitsFor !== enrolment.pinWaitsFor) putEnrolment(t, { ...enrolment, pinWaitsFor });
  return obstacle === null;
}

/**
 * A laptop that knows only WPS, or a phone whose request got lost on the air: the PIN itself protects us, if it
 * is the fixed one of the settings.
 */
function armStranger(t: Transition, address: string): void {
  const pin = strangersPin(t);
  if (pin === null) t.log('debug', { type: 'enrollee-ignored', address, because: 'no-pin' });
  // Another program has opened the button, and a PIN would close it.
  if (pin === null || t.state.registrar.holds === 'foreign button') return;
  const ms = t.settings.max_negotiation_time * 1000;
  if (givePin(t, { address, deviceAddress: null }, pin, ms) !== null) return;
  t.emit({ type: 'enrolmentArmed', stationAddress: address, deviceAddress: null, name: null }, 'debug');
}

/**
 * While wpa_supplicant holds back the group's events, no enrollee is seen, and no use of a PIN. So the PIN is armed for any
 * device, and again from time to time.
 */
export function armForAnyDevice(t: Transition): void {
  if (isHalted(t) || !areEventsHeldBack(t) || windowOwnsRegistrar(t)) return;
  const waiting = t.state.enrolments.find((e) => e.method !== 'pbc' && e.pin !== null && !e.hasCredential);
  const pin = waiting?.pin ?? strangersPin(t);
  if (pin === null) return;
  if (waiting) givePinFor(t, waiting, ANYBODY, pin);
  else givePin(t, { address: ANYBODY, deviceAddress: null }, pin, VALID_MS);
}

/**
 * One PIN at a time. A device that waits shows itself again every few seconds.
 * @returns why the PIN has to wait; null: it is armed
 */
function givePin(
  t: Transition,
  holder: { address: string; deviceAddress: string | null },
  pin: string,
  ms: number,
): PinObstacle | null {
  const { registrar } = t.state;
  const { now } = t.world;
  const obstacle = obstacleFor(t, pin);
  if (obstacle !== null) {
    t.log('debug', { type: 'pin-waits', address: holder.address });
    return obstacle;
  }
  const validMs = Math.min(ms, VALID_MS);
  // One that is armed for any device is valid for all that know it.
  const same =
    registrar.holds === 'pin' &&
    registrar.pin === pin &&
    [ANYBODY, holder.address].includes(registrar.address);
  if (
    same &&
    !mustArmAgain(t) &&
    (registrar.address === ANYBODY || now + validMs - registrar.until < RENEW_MS)
  )
    return null;
  registerPin(t, holder, pin, validMs, same && now - registrar.since < TURN_MS ? registrar.since : now);
  return null;
}

function obstacleFor(t: Transition, pin: string): PinObstacle | null {
  const { registrar } = t.state;
  if (isPinPaused(t)) return { kind: 'wrong pins' };
  if (blocksPin(t, pin)) return { kind: 'pairing window' };
  if (registrar.holds === 'nothing' || !mustKeepTurn(t, registrar, pin)) return null;
  if (registrar.holds === 'foreign button') return { kind: 'button', of: null };
  const { deviceAddress } = registrar;
  if (registrar.holds === 'button')
    return { kind: 'button', of: deviceAddress === ANYBODY ? null : deviceAddress };
  return {
    kind: 'other pin',
    of: deviceAddress ?? (registrar.address === ANYBODY ? null : registrar.address),
  };
}

/** Whether what the registrar holds may not make room for this PIN yet. */
function mustKeepTurn(
  t: Transition,
  registrar: Exclude<Registrar, { holds: 'nothing' }>,
  pin: string,
): boolean {
  if (registrar.holds === 'pin' && registrar.pin === pin)
    return registrar.address !== ANYBODY && isBeingTried(t);
  // The PIN of an operator comes before the others.
  if (pin === t.state.pairing?.pin) return false;
  return t.world.now - registrar.since < TURN_MS || isBeingTried(t);
}

/**
 * Which phone has this interface address? The enrollee's event names no device; the request before it does. With several
 * requests open the likeliest is the one whose device address shares most bytes: drivers derive one from the other.
 * `AP-STA-CONNECTED` settles it for certain. A device that only looks around, and whose address is more like that of a phone that
 * has joined before, is that phone: addresses of one maker can have much in common.
 * @param leastBytes 0: the device enrols
 */
function match(
  t: Transition,
  enrolments: readonly Enrolment[],
  address: string,
  leastBytes: number,
): Enrolment | null {
  let best: Enrolment | null = null;
  let bestScore = leastBytes;
  for (const enrolment of enrolments) {
    const score = sharedBytes(enrolment.deviceAddress, address);
    // Another address was taken for its own: only a better match replaces that.
    const { stationAddress } = enrolment;
    if (stationAddress !== null && score <= sharedBytes(enrolment.deviceAddress, stationAddress)) continue;
    if (best === null ? score >= bestScore : score > bestScore) {
      best = enrolment;
      bestScore = score;
    }
  }
  if (leastBytes === 0) return best;
  const returns = t.world.stored?.clients.some((client) => sharedBytes(client, address) > bestScore);
  return returns ? null : best;
}

function sharedBytes(a: string, b: string): number {
  const bytes = b.split(':');
  return a.split(':').filter((byte, i) => byte === bytes[i]).length;
}

// The pairing window.

/** Whether a device has its credential through the window and only has to connect: it is not open for another meanwhile. */
function isConnecting(t: Transition, pairing: Pairing): boolean {
  return (
    pairing.connecting !== null || t.state.enrolments.some((e) => e.hasCredential && isThrough(pairing, e))
  );
}

/** Whether the window leaves no room for that PIN now. */
function blocksPin(t: Transition, pin: string): boolean {
  const { pairing } = t.state;
  return pairing !== null && windowOwnsRegistrar(t) && (pin !== pairing.pin || isConnecting(t, pairing));
}

/** Whether the registrar holds the window's PIN or button. */
export function isWindowArmed({ state: { registrar } }: Transition, pairing: Pairing): boolean {
  if (pairing.method === 'pbc')
    return registrar.holds === 'button' && registrar.deviceAddress === (pairing.deviceAddress ?? ANYBODY);
  return registrar.holds === 'pin' && registrar.pin === pairing.pin;
}

/** Opens the window's button, or arms its PIN, unless that is so already. */
export function armWindow(t: Transition): void {
  const { pairing } = t.state;
  if (!pairing || !windowOwnsRegistrar(t)) return;
  if (isConnecting(t, pairing) || (isWindowArmed(t, pairing) && !mustArmAgain(t))) return;
  const { method, pin, deviceAddress, until } = pairing;
  if (method === 'pin' && isPinPaused(t)) return;
  if (pin === null) {
    openButton(t, deviceAddress);
  } else {
    registerPin(t, { address: ANYBODY, deviceAddress: null }, pin, until - t.world.now);
  }
}
