import { runningGroup } from './held.js';
import { ANYBODY, type Enrolment, type Pairing, type WpsMethod } from './model.js';
import { holdButton, holdPin, isWorn, SHOWN_MS } from './registrar.js';
import type { Turn } from './turn.js';
import { isPinPaused } from './wrong-pin.js';

/** The open pairing window: whom it lets in, and what the registrar of the running group is told for it. */

function covers({ deviceAddress }: Pairing, device: string): boolean {
  return deviceAddress === null || deviceAddress === device;
}

/** Whether that device may use the button because an operator said so. */
export function opensButton(turn: Turn, device: string): boolean {
  const { pairing } = turn.state;
  return pairing?.method === 'pbc' && covers(pairing, device);
}

/** The PIN by which that device is let in because an operator said so. */
export function windowPin(turn: Turn, device: string): string | null {
  const { pairing } = turn.state;
  return pairing && covers(pairing, device) ? pairing.pin : null;
}

/** Whether that is how this phone was let in. */
export function isThrough(
  pairing: Pairing,
  { deviceAddress, method, pin }: Pick<Enrolment, 'deviceAddress' | 'method' | 'pin'>,
): boolean {
  if (!covers(pairing, deviceAddress)) return false;
  return pairing.method === 'pbc' ? method === 'pbc' : mayHavePin(method) && pin === pairing.pin;
}

export function mayHavePin(method: WpsMethod): boolean {
  return method !== 'pbc';
}

/**
 * Whether the registrar belongs to the window as long as it is open. A PIN for one phone cannot be armed before the phone
 * shows itself, so with that all take turns.
 */
export function holdsRegistrar(turn: Turn): boolean {
  const { pairing } = turn.state;
  return pairing !== null && (pairing.method === 'pbc' || pairing.deviceAddress === null);
}

/** Whether somebody has come through it and has only to connect: it is not open for another meanwhile. */
function isServing(turn: Turn, pairing: Pairing): boolean {
  return pairing.served !== null || turn.state.enrolments.some((e) => e.served && isThrough(pairing, e));
}

/** Whether the window leaves no room for that PIN just now. */
export function keepsOut(turn: Turn, pin: string): boolean {
  const { pairing } = turn.state;
  return pairing !== null && holdsRegistrar(turn) && (pin !== pairing.pin || isServing(turn, pairing));
}

/** Whether the registrar holds the window's PIN or button just now. */
export function isWindowArmed({ state: { registrar } }: Turn, pairing: Pairing): boolean {
  if (pairing.method === 'pbc')
    return registrar.holds === 'button' && registrar.deviceAddress === (pairing.deviceAddress ?? ANYBODY);
  return registrar.holds === 'pin' && registrar.pin === pairing.pin;
}

/** Opens the window's button, or arms its PIN, on the running group, unless that is so already. */
export function armWindow(turn: Turn): void {
  const { pairing } = turn.state;
  const group = runningGroup(turn);
  if (!pairing || !holdsRegistrar(turn) || !group?.linkUp || group.removing) return;
  if (isServing(turn, pairing) || (isWindowArmed(turn, pairing) && !isWorn(turn))) return;
  const { method, pin, deviceAddress, until } = pairing;
  if (method === 'pin' && isPinPaused(turn)) return;
  if (pin === null) {
    holdButton(turn, deviceAddress);
  } else {
    holdPin(turn, { address: ANYBODY, deviceAddress: null }, pin, until - turn.world.now);
    scheduleWindow(turn);
  }
}

/** So long whoever has got his credential is given to connect. */
export const SERVED_MS = 20_000;

/** Sets the time at which the window is looked at next. */
export function scheduleWindow(turn: Turn): void {
  const { pairing, registrar } = turn.state;
  if (!pairing) return;
  const times = [pairing.until];
  if (pairing.served) times.push(pairing.served.at + SERVED_MS);
  if (registrar.holds === 'pin' && registrar.address === ANYBODY) times.push(registrar.since + SHOWN_MS);
  turn.timer('pairing', Math.max(1, Math.min(...times) - turn.world.now));
}
