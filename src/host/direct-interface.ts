import { parseAddress } from '../wpa/fields.js';
import { parseKeyValues } from '../wpa/reply.js';

/** What a reply to `STATUS` says about Wi-Fi Direct, or why it says nothing of it. */
export type Ability = Direct | { readonly unfit: string };

export interface Direct {
  /** P2P device address. */
  readonly deviceAddress: string;
  /** It is the interface's own address as well. */
  readonly own: boolean;
}

/**
 * Reads a reply to `STATUS`. A wpa_supplicant does Wi-Fi Direct on one interface only but tells the device address on
 * all that it serves; the address is made of that one interface's (p2p_supplicant.c, wpas_p2p_init). The global socket
 * (`wpa_supplicant -g`) tells it too, for no interface in particular.
 */
export function abilityOf(status: string): Ability {
  const values = parseKeyValues(status);
  if (!values.has('wpa_state'))
    return { unfit: 'is not the socket of an interface: no wpa_state in its STATUS' };
  const deviceAddress = parseAddress(values.get('p2p_device_address'));
  if (deviceAddress === null)
    return { unfit: 'does no Wi-Fi Direct: its STATUS shows no P2P device address' };
  return { deviceAddress, own: parseAddress(values.get('address')) === deviceAddress };
}

/**
 * The interfaces on which Wi-Fi Direct may run, the most likely first. One that has changed its own address meanwhile
 * (`mac_addr` in wpa_supplicant.conf) cannot be told from its neighbours, so it and they come last.
 */
export function directInterfaces(found: ReadonlyMap<string, Direct>): string[] {
  const all = [...found];
  const own = all.filter(([, direct]) => direct.own);
  const known = new Set(own.map(([, { deviceAddress }]) => deviceAddress));
  const doubtful = all.filter(([, { deviceAddress }]) => !known.has(deviceAddress));
  return [...own, ...doubtful].map(([name]) => name);
}
