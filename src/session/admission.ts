import type { Settings } from '../config/schema.js';
import { parseAddress } from '../system/mac-address.js';
import { putEnrolment, refuse } from './enrolment.js';
import { opensButton, windowPin } from './pairing-window.js';
import type { Turn } from './turn.js';

/**
 * Whether a device may use the push button. An entry of the list that is an address counts for that P2P device address
 * alone, any other for the device name; a name is no identity, for everybody chooses his own.
 */
export function mayUseButton(
  { pbc_white_list }: Pick<Settings, 'pbc_white_list'>,
  deviceAddress: string,
  name: string | null,
): boolean {
  if (pbc_white_list.length === 0) return true;
  return pbc_white_list.some((entry) => {
    const address = parseAddress(entry);
    return address === null ? entry === name : address === deviceAddress;
  });
}

/** Why a device may not use the button by the settings; null where it may. */
export function buttonRefusal(turn: Turn, deviceAddress: string, name: string | null): string | null {
  if (turn.state.method !== 'virtual_push_button') return 'may not use it, the method is the PIN';
  return mayUseButton(turn.settings, deviceAddress, name) ? null : 'is not on pbc_white_list';
}

/**
 * The settings have changed: phones that have asked come in by the new ones. A fixed PIN becomes the new one; a PIN that was
 * made for one phone, typed by the operator or given by the PIN module stays with its phone.
 */
export function reviewEnrolments(turn: Turn): void {
  const { pin: setting, pin_module } = turn.settings;
  for (const enrolment of turn.state.enrolments) {
    const { deviceAddress, name, method, pin, fresh, served } = enrolment;
    if (served) continue;
    if (method === 'pbc') {
      const why = opensButton(turn, deviceAddress) ? null : buttonRefusal(turn, deviceAddress, name);
      if (why !== null) refuse(turn, enrolment, `it pressed the button and now ${why}`, 'warning');
    } else if (method === 'display' && !fresh && pin !== null && pin_module === null) {
      if (setting === pin || windowPin(turn, deviceAddress) === pin) continue;
      if (setting === 'random')
        refuse(turn, enrolment, 'the PIN has changed; it has to ask again', 'warning');
      else putEnrolment(turn, { ...enrolment, pin: setting });
    }
  }
}
