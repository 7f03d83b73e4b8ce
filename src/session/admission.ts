import type { Settings } from '../config/schema.js';
import { parseAddress } from '../wpa/fields.js';

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
