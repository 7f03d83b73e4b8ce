import { RANDOM_PIN } from '../config/text-values.js';
import type { World } from '../session/messages.js';
import type { PairingMethod, SessionState } from '../session/model.js';
import { secondsUntil } from '../session/views.js';

/** How a phone that asks now is admitted. Phones that know the group come back without that. */
export interface AdmissionView {
  /** Null: no phone is admitted now; `problems` or `noGroup` has the reason. */
  readonly method: PairingMethod | null;
  /** The PIN to type on the phone; null where each phone gets its own. With the push button: for phones that are not on `pbc_white_list`. */
  readonly pin: string | null;
  /** Where the PIN comes from: the setting `pin`, a new one for each phone, `pin_module`, or the pairing window. Null where no phone joins by PIN. */
  readonly pinFrom: 'setting' | 'random' | 'pin_module' | 'window' | null;
  /** The only device for which the pairing window is open; null: any device. */
  readonly deviceAddress: string | null;
  /** Until the pairing window closes; null: none is open. */
  readonly secondsLeft: number | null;
}

export const NO_ADMISSION: AdmissionView = {
  method: null,
  pin: null,
  pinFrom: null,
  deviceAddress: null,
  secondsLeft: null,
};

/** @param now of the session's clock */
export function admissionView(
  { phase, operator, pairing, method: { used }, wrongPins }: SessionState,
  settings: World['settings'],
  now: number,
): AdmissionView {
  const takesRequests = phase.name === 'running' || phase.name === 'idle' || phase.name === 'forming';
  if (!takesRequests || operator.paused || operator.groupStopped) return NO_ADMISSION;
  const method = pairing?.method ?? used;
  if (method === 'pin' && now < wrongPins.pausedUntil) return NO_ADMISSION;
  if (pairing)
    return {
      method,
      pin: pairing.pin,
      pinFrom: method === 'pin' ? 'window' : null,
      deviceAddress: pairing.deviceAddress,
      secondsLeft: secondsUntil(pairing.until, now),
    };
  // Phones that are not on the list are asked for the PIN.
  const usesPin = method === 'pin' || (settings.pbc_white_list.length > 0 && now >= wrongPins.pausedUntil);
  return { ...NO_ADMISSION, method, ...(usesPin ? pinOf(settings) : {}) };
}

function pinOf({ pin, pin_module }: World['settings']): Pick<AdmissionView, 'pin' | 'pinFrom'> {
  if (pin_module !== null) return { pin: null, pinFrom: 'pin_module' };
  return pin === RANDOM_PIN ? { pin: null, pinFrom: 'random' } : { pin, pinFrom: 'setting' };
}
