import type { Settings } from '../config/schema.js';
import { parseAddress } from '../mac-address.js';
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
