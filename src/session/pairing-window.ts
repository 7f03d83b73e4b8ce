import { ANYBODY, type Enrolment, type Pairing, type WpsMethod } from './model.js';

import { holdButton, holdPin, isWorn, SHOWN_MS } from './registrar.js';
import { isPinPaused, isRemoving, runningGroup } from './selectors.js';
import type { Transition } from './transition.js';

/** The open pairing window: which devices it admits, and what the registrar of the running group holds for it. */

function covers({ deviceAddress }: Pairing, device: string): boolean {
  return deviceAddress === null || deviceAddress === device;
}

/** Whether that device may use the button because an operator said so. */
export function opensButton(t: Transition, device: string): boolean {
  const { pairing } = t.state;
  return pairing?.method === 'pbc' && covers(pairing, device);
}

/** The PIN by which that device is admitted because an operator said so. */
export function windowPin(t: Transition, device: string): string | null {
  const { pairing } = t.state;
  return pairing && covers(pairing, device) ? pairing.pin : null;
}

/** Whether this phone was admitted through the window. */
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
 * Whether the registrar belongs to the window while it is open. A PIN for one phone cannot be armed before the phone is
 * seen, so such a window takes turns with the others.
 */
export function holdsRegistrar(t: Transition): boolean {
  const { pairing } = t.state;
  return pairing !== null && (pairing.method === 'pbc' || pairing.deviceAddress === null);
}

/** Whether a device has its credential through the window and only has to connect: it is not open for another meanwhile. */
function isServing(t: Transition, pairing: Pairing): boolean {
  return pairing.served !== null || t.state.enrolments.some((e) => e.served && isThrough(pairing, e));
}

/** Whether the window leaves no room for that PIN now. */
export function blocksPin(t: Transition, pin: string): boolean {
  const { pairing } = t.state;
  return pairing !== null && holdsRegistrar(t) && (pin !== pairing.pin || isServing(t, pairing));
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
  const group = runningGroup(t);
  if (!pairing || !holdsRegistrar(t) || !group?.linkUp || isRemoving(group)) return;
  if (isServing(t, pairing) || (isWindowArmed(t, pairing) && !isWorn(t))) return;
  const { method, pin, deviceAddress, until } = pairing;
  if (method === 'pin' && isPinPaused(t)) return;
  if (pin === null) {
    holdButton(t, deviceAddress);
  } else {
    holdPin(t, { address: ANYBODY, deviceAddress: null }, pin, until - t.world.now);
  }
}

/** Time a device has to connect once it has its credential. */
export const SERVED_MS = 20_000;

/** When the window is looked at next: for its end, its served device, or its PIN. */
export function pairingDueAt({ state: { pairing, registrar } }: Transition): number | null {
  if (!pairing) return null;
  const times = [pairing.until];
  if (pairing.served) times.push(pairing.served.at + SERVED_MS);
  if (registrar.holds === 'pin' && registrar.address === ANYBODY) times.push(registrar.since + SHOWN_MS);
  return Math.min(...times);
}
