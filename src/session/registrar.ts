import { WPS_CANCEL, wpsPbc, wpsPin } from '../wpa/command.js';
import { enrolmentOf } from './enrolment.js';
import { isHalted } from './halt.js';
import { isGroupDeaf, runningGroup } from './held.js';
import { ANYBODY, type Registrar } from './model.js';
import type { Turn } from './turn.js';
import { isPinPaused } from './wrong-pin.js';

/**
 * The WPS registrar of the running group. Only this file sends `WPS_PIN`, `WPS_PBC` and `WPS_CANCEL`, and only this file
 * assigns `registrar`, so that what we believe it holds is what it holds.
 *
 * wpa_supplicant's registrar (wps_registrar.c) keeps a list of PINs. A new PIN replaces one that nobody has tried, and
 * joins one that somebody has: a PIN is good for two attempts, and an attempt can end without an event. `WPS_CANCEL`
 * withdraws one PIN, or the button and no PIN, and nothing at all once another enrollee has succeeded. A second PIN would
 * therefore be out of reach. So whatever it holds is withdrawn before it is given something else.
 */

/** No attempt takes longer: from the association of the enrollee to its credential or its failure. */
const ATTEMPT_MS = 10_000;
/** Enrollees see an armed PIN for 120 s (WPS_PBC_WALK_TIME in wps_registrar.c). After that it cannot be withdrawn either. */
export const VALID_MS = 120_000;
/** The age at which a PIN is armed again. */
export const SHOWN_MS = 110_000;
/** The same while no event tells that it has been used. As many attempts as the rest after wrong PINs allows. */
const UNHEARD_MS = 60_000;
/** `WPS-PIN-NEEDED` this soon after a PIN was armed is about the time before it. */
const ARMED_LEAST_MS = 2_000;

/** For whom the button is open: a device address or {@link ANYBODY}; null where it is not, or not by us. */
export function buttonHolder({ state: { registrar } }: Turn): string | null {
  return registrar.holds === 'button' ? registrar.deviceAddress : null;
}

/** Whether a device is trying the PIN just now. To withdraw it would disconnect the device. */
export function isBeingTried({ state: { registrar }, world }: Turn): boolean {
  return (
    registrar.holds === 'pin' && registrar.triedAt !== null && world.now - registrar.triedAt < ATTEMPT_MS
  );
}

/** Whether the PIN has to be armed again although it is held: enrollees see it no more, or an attempt has used it. */
export function isWorn(turn: Turn): boolean {
  const { registrar } = turn.state;
  if (registrar.holds !== 'pin') return false;
  if (turn.world.now - registrar.since >= (isGroupDeaf(turn) ? UNHEARD_MS : SHOWN_MS)) return true;
  return registrar.triedAt !== null && !isBeingTried(turn);
}

/** Who is to come in with the PIN. */
interface PinHolder {
  readonly address: string;
  readonly deviceAddress: string | null;
}

/** @param since when its turn began */
export function holdPin(
  turn: Turn,
  { address, deviceAddress }: PinHolder,
  pin: string,
  ms: number,
  since = turn.world.now,
): void {
  const validMs = Math.max(1_000, Math.min(ms, VALID_MS));
  const until = turn.world.now + validMs;
  replace(turn, { holds: 'pin', address, deviceAddress, pin, since, until, triedAt: null, buried: false });
  turn.request('group', wpsPin(address, pin, validMs / 1000), { kind: 'arm', address });
}

/** @param deviceAddress null opens the button to all */
export function holdButton(turn: Turn, deviceAddress: string | null): void {
  const target = deviceAddress ?? ANYBODY;
  replace(turn, { holds: 'button', deviceAddress: target, since: turn.world.now });
  turn.request('group', wpsPbc(deviceAddress), { kind: 'button', deviceAddress: target });
}

function replace(turn: Turn, registrar: Registrar): void {
  if (turn.state.registrar.holds !== 'nothing') withdraw(turn);
  turn.update({ registrar });
}

function withdraw(turn: Turn): void {
  const { registrar } = turn.state;
  if (lastRequest(turn) !== WPS_CANCEL) turn.request('group', WPS_CANCEL);
  if (registrar.holds !== 'pin' || !registrar.buried) return;
  // A new PIN takes the place of one that nobody has tried, and can be withdrawn.
  turn.request('group', wpsPin(ANYBODY, registrar.pin, 1));
  turn.request('group', WPS_CANCEL);
}

/**
 * Withdraws what the registrar holds. The request goes out even where we know of nothing: `FAIL`, its answer to that, is no
 * news, and a door that stays open is worse. Without a link to the group it is done when the link comes up.
 */
export function takeBack(turn: Turn): void {
  if (!runningGroup(turn)?.linkUp) return;
  withdraw(turn);
  registrarEmptied(turn);
}

/** The last request to the registrar in this step. */
function lastRequest(turn: Turn): string | undefined {
  const commands = turn.effects.map((effect) => (effect.type === 'request' ? effect.command : ''));
  return commands.filter((command) => command.startsWith('WPS_')).at(-1);
}

/** A permission has ended: {@link takeBack}, unless the registrar holds something that another one covers. */
export function takeBackUnlessWanted(turn: Turn): void {
  if (!isWanted(turn)) takeBack(turn);
}

/** Withdraws what nobody is to come in by any more. Called at the end of every step. */
export function reviewRegistrar(turn: Turn): void {
  if (turn.state.registrar.holds !== 'nothing') takeBackUnlessWanted(turn);
}

/** It holds nothing any more: used, refused, or gone with its group. */
export function registrarEmptied(turn: Turn): void {
  if (turn.state.registrar.holds !== 'nothing') turn.update({ registrar: { holds: 'nothing' } });
}

/** wpa_supplicant has not taken the PIN for that address. */
export function pinRefused(turn: Turn, address: string): void {
  const { registrar } = turn.state;
  if (registrar.holds === 'pin' && registrar.address === address) registrarEmptied(turn);
}

/** A device begins WPS (`CTRL-EVENT-EAP-STARTED`). Only the first attempt counts: others could go on for ever. */
export function attemptStarted(turn: Turn): void {
  const { registrar } = turn.state;
  if (registrar.holds === 'pin' && registrar.triedAt === null)
    turn.update({ registrar: { ...registrar, triedAt: turn.world.now } });
}

/** `WPS-PBC-ACTIVE`: the echo of our own request, or somebody else has opened the button. */
export function buttonOpened(turn: Turn): void {
  const { registrar } = turn.state;
  if (registrar.holds === 'nothing')
    turn.update({ registrar: { holds: 'foreign button', since: turn.world.now } });
  else if (registrar.holds === 'pin') turn.update({ registrar: { ...registrar, buried: true } });
}

/**
 * `WPS-PIN-NEEDED`: the registrar has no PIN for a device that tries to enrol.
 * @returns whether one may be armed for it: the PIN that we know of is gone, and not merely being used
 */
export function pinMissing(turn: Turn): boolean {
  const { registrar } = turn.state;
  if (registrar.holds !== 'pin') return true;
  if (isBeingTried(turn) || turn.world.now - registrar.since < ARMED_LEAST_MS) return false;
  registrarEmptied(turn);
  return true;
}

/** The PIN by which a device may come in that has made no request; null: by none. */
export function strangersPin({ settings: { pin, pin_module }, state: { method } }: Turn): string | null {
  return method !== 'keypad' || pin === 'random' || pin_module !== null ? null : pin;
}

/** Whether what the registrar holds is there for somebody who may still come in by it. */
function isWanted(turn: Turn): boolean {
  const { registrar, pairing } = turn.state;
  if (registrar.holds === 'foreign button') return true;
  if (registrar.holds === 'nothing' || isHalted(turn)) return false;
  const { deviceAddress } = registrar;
  const enrolment = deviceAddress === null ? undefined : enrolmentOf(turn, deviceAddress);
  if (registrar.holds === 'button') {
    if (enrolment?.method === 'pbc' && !enrolment.served) return true;
    return pairing?.method === 'pbc' && (pairing.deviceAddress ?? ANYBODY) === deviceAddress;
  }
  if (isPinPaused(turn)) return false;
  if (deviceAddress === null) {
    if (pairing?.deviceAddress === null && pairing.pin === registrar.pin) return true;
    return (registrar.address !== ANYBODY || isGroupDeaf(turn)) && strangersPin(turn) === registrar.pin;
  }
  return enrolment !== undefined && enrolment.method !== 'pbc' && enrolment.pin === registrar.pin;
}
