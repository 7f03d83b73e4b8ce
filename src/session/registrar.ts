import { WPS_CANCEL, wpsPbc, wpsPin } from '../wpa/command.js';
import { ANYBODY, type ArmedPin, type Registrar } from './model.js';
import { areEventsHeldBack, enrolmentOf, isHalted, isPinPaused, runningGroup } from './selectors.js';
import type { Transition } from './transition.js';

/**
 * The WPS registrar of the running group. Only this file sends `WPS_PIN`, `WPS_PBC` and `WPS_CANCEL`, and only this file
 * assigns `registrar`, so that what we believe it holds is what it holds.
 *
 * wpa_supplicant's registrar (wps_registrar.c) keeps a list of PINs. A new PIN replaces one that no device has tried, and is
 * added to one that has been tried: a PIN is good for two attempts, and an attempt can end without an event. `WPS_CANCEL`
 * withdraws one PIN, or the button and no PIN, and nothing at all once another enrollee has succeeded. A second PIN could
 * therefore not be withdrawn. So what it holds is withdrawn before it is given something else.
 */

/** No attempt takes longer: from the association of the enrollee to its credential or its failure. */
const ATTEMPT_MS = 10_000;
/** Enrollees see an armed PIN for 120 s (WPS_PBC_WALK_TIME in wps_registrar.c). After that it cannot be withdrawn either. */
export const VALID_MS = 120_000;
/** The age at which a PIN is armed again. */
export const SHOWN_MS = 110_000;
/** The same while events are held back. It gives as many attempts as the pause after wrong PINs allows. */
const HELD_BACK_MS = 60_000;
/** A `WPS-PIN-NEEDED` this soon after a PIN was armed concerns the time before it. */
const ARMED_LEAST_MS = 2_000;

/** For whom the button is open: a device address or {@link ANYBODY}; null where it is not, or not by us. */
export function buttonHolder({ state: { registrar } }: Transition): string | null {
  return registrar.holds === 'button' ? registrar.deviceAddress : null;
}

/** Whether a device is trying the PIN just now. To withdraw it would disconnect the device. */
export function isBeingTried({ state: { registrar }, world }: Transition): boolean {
  return (
    registrar.holds === 'pin' && registrar.triedAt !== null && world.now - registrar.triedAt < ATTEMPT_MS
  );
}

/** When an attempt with the PIN is over; a time that has passed where none is under way. */
export function attemptEndsAt({ triedAt }: ArmedPin): number {
  return triedAt === null ? 0 : triedAt + ATTEMPT_MS;
}

/** Whether the PIN has to be armed again although it is held: enrollees no longer see it, or an attempt has used it. */
export function mustArmAgain(t: Transition): boolean {
  const { registrar } = t.state;
  if (registrar.holds !== 'pin') return false;
  if (t.world.now - registrar.since >= (areEventsHeldBack(t) ? HELD_BACK_MS : SHOWN_MS)) return true;
  return registrar.triedAt !== null && !isBeingTried(t);
}

/** The device that may join with the PIN. */
interface PinHolder {
  readonly address: string;
  readonly deviceAddress: string | null;
}

/** Arms a PIN. @param since when its turn began */
export function registerPin(
  t: Transition,
  { address, deviceAddress }: PinHolder,
  pin: string,
  ms: number,
  since = t.world.now,
): void {
  const validMs = Math.max(1_000, Math.min(ms, VALID_MS));
  const until = t.world.now + validMs;
  replace(t, {
    holds: 'pin',
    address,
    deviceAddress,
    pin,
    since,
    until,
    triedAt: null,
    outlivesCancel: false,
  });
  t.request('group', wpsPin(address, pin, validMs / 1000), { kind: 'arm', address });
}

/** Opens the push button. @param deviceAddress null opens it to all */
export function openButton(t: Transition, deviceAddress: string | null): void {
  const target = deviceAddress ?? ANYBODY;
  replace(t, { holds: 'button', deviceAddress: target, since: t.world.now });
  t.request('group', wpsPbc(deviceAddress), { kind: 'button', deviceAddress: target });
}

function replace(t: Transition, registrar: Registrar): void {
  if (t.state.registrar.holds !== 'nothing') withdraw(t);
  t.update({ registrar });
}

function withdraw(t: Transition): void {
  const { registrar } = t.state;
  if (lastRequest(t) !== WPS_CANCEL) t.request('group', WPS_CANCEL);
  if (registrar.holds !== 'pin' || !registrar.outlivesCancel) return;
  // A new PIN replaces one that no device has tried, and can be withdrawn.
  t.request('group', wpsPin(ANYBODY, registrar.pin, 1));
  t.request('group', WPS_CANCEL);
}

/**
 * Withdraws what the registrar holds. The request is sent even where we know of nothing: `FAIL`, the answer to that, does no
 * harm, and an open registrar would. Without a link to the group it is done when the link comes up.
 */
export function takeBack(t: Transition): void {
  if (!runningGroup(t)?.linkUp) return;
  withdraw(t);
  registrarEmptied(t);
}

/** The last request to the registrar in this step. */
function lastRequest(t: Transition): string | undefined {
  const commands = t.effects.map((effect) => (effect.type === 'request' ? effect.command : ''));
  return commands.filter((command) => command.startsWith('WPS_')).at(-1);
}

/** A permission has ended: {@link takeBack}, unless the registrar holds something that another one needs. */
export function takeBackUnlessNeeded(t: Transition): void {
  if (!isNeeded(t)) takeBack(t);
}

/** Withdraws what nobody may join by any more. Called at the end of every step. */
export function reviewRegistrar(t: Transition): void {
  if (t.state.registrar.holds !== 'nothing' && !isNeeded(t)) takeBack(t);
}

/** It holds nothing any more: used, refused, or gone with its group. */
export function registrarEmptied(t: Transition): void {
  if (t.state.registrar.holds !== 'nothing') t.update({ registrar: { holds: 'nothing' } });
}

/** wpa_supplicant has not taken the PIN for that address. */
export function pinRefused(t: Transition, address: string): void {
  const { registrar } = t.state;
  if (registrar.holds === 'pin' && registrar.address === address) registrarEmptied(t);
}

/** A device begins WPS (`CTRL-EVENT-EAP-STARTED`). Only the first attempt counts: others could go on for ever. */
export function attemptStarted(t: Transition): void {
  const { registrar } = t.state;
  if (registrar.holds === 'pin' && registrar.triedAt === null)
    t.update({ registrar: { ...registrar, triedAt: t.world.now } });
}

/** `WPS-PBC-ACTIVE`: the echo of our own request, or another program has opened the button. */
export function buttonOpened(t: Transition): void {
  const { registrar } = t.state;
  if (registrar.holds === 'nothing') t.update({ registrar: { holds: 'foreign button', since: t.world.now } });
  else if (registrar.holds === 'pin') t.update({ registrar: { ...registrar, outlivesCancel: true } });
}

/**
 * `WPS-PIN-NEEDED`: the registrar has no PIN for a device that tries to enrol.
 * @returns whether one may be armed for it: the PIN that we know of is gone, and not merely being used
 */
export function pinMissing(t: Transition): boolean {
  const { registrar } = t.state;
  if (registrar.holds !== 'pin') return true;
  if (isBeingTried(t) || t.world.now - registrar.since < ARMED_LEAST_MS) return false;
  registrarEmptied(t);
  return true;
}

/** The PIN by which a device may join that has made no request; null: by none. */
export function strangersPin({
  settings: { pin, pin_module },
  state: { method },
}: Transition): string | null {
  return method.used !== 'pin' || pin === 'random' || pin_module !== null ? null : pin;
}

/** Whether a device may still join by what the registrar holds. */
function isNeeded(t: Transition): boolean {
  const { registrar, pairing } = t.state;
  if (registrar.holds === 'foreign button') return true;
  if (registrar.holds === 'nothing' || isHalted(t)) return false;
  const { deviceAddress } = registrar;
  const enrolment = deviceAddress === null ? undefined : enrolmentOf(t, deviceAddress);
  if (registrar.holds === 'button') {
    if (enrolment?.method === 'pbc' && !enrolment.hasCredential) return true;
    return pairing?.method === 'pbc' && (pairing.deviceAddress ?? ANYBODY) === deviceAddress;
  }
  if (isPinPaused(t)) return false;
  if (deviceAddress === null) {
    if (pairing?.deviceAddress === null && pairing.pin === registrar.pin) return true;
    return (registrar.address !== ANYBODY || areEventsHeldBack(t)) && strangersPin(t) === registrar.pin;
  }
  return enrolment !== undefined && enrolment.method !== 'pbc' && enrolment.pin === registrar.pin;
}
