import { parseAddress } from '../system/mac-address.js';
import { parseKeyValues } from '../wpa/reply.js';
import { isDevice, isGroup } from './control-folder.js';

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

/** The interfaces that a session with `interface: auto` may take, the one that it takes first, by their `STATUS`. */
export function suitableInterfaces(statuses: ReadonlyMap<string, string>): string[] {
  const found = new Map<string, Direct>();
  for (const [name, status] of statuses) {
    const ability = abilityOf(status);
    if (!isGroup(name) && 'deviceAddress' in ability) found.set(name, ability);
  }
  return directInterfaces(found);
}

/**
 * The interfaces on which Wi-Fi Direct may run, the most likely first. Where there are P2P devices its events arrive
 * there alone. An interface that has changed its own address meanwhile (`mac_addr` in wpa_supplicant.conf) cannot be
 * told from its neighbours, so it and they come last.
 */
export function directInterfaces(found: ReadonlyMap<string, Direct>): string[] {
  const all = [...found];
  const own = all.filter(([, direct]) => direct.own);
  const known = new Set(own.map(([, { deviceAddress }]) => deviceAddress));
  const doubtful = all.filter(([, { deviceAddress }]) => !known.has(deviceAddress));
  const names = [...own, ...doubtful].map(([name]) => name);
  const devices = names.filter(isDevice);
  return devices.length > 0 ? devices : names;
}
