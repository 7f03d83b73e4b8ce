import type { EventOf } from '../wpa/event.js';
import { isFailure } from '../wpa/reply.js';
import { noteActivity } from './discovery.js';
import { postpone, putEnrolment } from './enrolments.js';
import { ANYBODY, type Enrolment, type Pairing, type Registrar } from './model.js';
import type { PinObstacle } from './reasons.js';
import {
  attemptEndsAt,
  buttonHolder,
  isBeingTried,
  mustArmAgain,
  openButton,
  pinMissing,
  registerPin,
  registrarEmptied,
  strangersPin,
  takeBack,
  VALID_MS,
} from './registrar.js';
import {
  areEventsHeldBack,
  earliest,
  enrolmentOf,
  haltReason,
  isHalted,
  isPinPaused,
  isRemoving,
  isThrough,
  remainingMs,
  runningGroup,
  windowOwnsRegistrar,
} from './selectors.js';
import type { Transition } from './transition.js';

/** WPS on the running group: for which device a PIN is armed or the push button opened, and what came of it. */

/** WPS device password id. */
const PUSH_BUTTON = 4;
/** WPS request type of a device that enrols; 0 is one that only looks around, as a returning phone does. */
const ENROLS = 1;
/** Minimum number of bytes an interface address must share with a device address to count as a match on its own. */
const LIKE_BYTES = 4;
/** How long an armed PIN blocks the next PIN and the button, and an open button a PIN, unless it is used first. */
const TURN_MS = 15_000;
/** How long the button stays open for one phone while another waits for it. */
const BUTTON_TURN_MS = 30_000;
/** A PIN that is armed already is armed again where it can be valid for this much longer. */
const RENEW_MS = 30_000;
/** wpa_supplicant closes the button after 120 s; a `WPS-TIMEOUT` long before that is the echo of our `WPS_CANCEL`. */
const WINDOW_LEAST_MS = 100_000;
/** The wait after a refusal, such as FAIL-PBC-OVERLAP. */
const BUTTON_AGAIN_MS = 2_000;
/** A WPS enrollee is seen on the group: arms the PIN for it if it has asked. */
export function enrolleeSeen(t: Transition, event: EventOf<'WPS-ENROLLEE-SEEN'>): void {
  noteActivity(t);
  if (isHalted(t)) return;
  // The button is opened by device address, when the phone asks.
  if (event.devicePasswordId === PUSH_BUTTON) {
    const pressed = t.state.enrolments.filter((e) => e.pressedAt !== null);
    const enrolment = match(t, pressed, event.address, 0);
    if (enrolment) putEnrolment(t, { ...enrolment, pressedAt: t.world.now });
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
  // An operator's comes before the others.
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
function armWindow(t: Transition): void {
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

// The push button: for one phone at a time, in the order in which they asked.

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
