/** Names of network interfaces: which are allowed, and how wpa_supplicant makes them. */

/** IFNAMSIZ without the final zero byte (linux/if.h). */
const MAX_INTERFACE_BYTES = 15;

/**
 * Whether the kernel accepts this text as the name of a network interface (dev_valid_name in net/core/dev.c). Names become
 * file names and arguments of programs, so each one is checked where it comes in: settings, events, replies.
 */
export function isInterfaceName(text: string): boolean {
  if (text === '' || text === '.' || text === '..' || Buffer.byteLength(text) > MAX_INTERFACE_BYTES)
    return false;
  return !/[/:\s\p{Cc}]/u.test(text);
}

const DEVICE_PREFIX = 'p2p-dev-';

/** An interface that wpa_supplicant makes for Wi-Fi Direct alone, if the driver can (nl80211: P2P-device). */
export function isDevice(name: string): boolean {
  return name.startsWith(DEVICE_PREFIX);
}

/** An interface that a group runs on; it is removed with the group. */
export function isGroup(name: string): boolean {
  return isMadeForP2p(name) && !isDevice(name);
}

/** Any interface that wpa_supplicant makes for Wi-Fi Direct: a radio's own has another name. */
export function isMadeForP2p(name: string): boolean {
  return name.startsWith('p2p-');
}

/** The interface that wpa_supplicant makes for the P2P device of a radio; it cuts longer names (p2p_supplicant.c). */
export function deviceInterfaceOf(radio: string): string {
  return `${DEVICE_PREFIX}${radio}`.slice(0, MAX_INTERFACE_BYTES);
}

/** The radio's own interface, from which the P2P device's name is made: `p2p-dev-wlan0` belongs to `wlan0`. */
export function parentOf(deviceInterface: string): string {
  return isDevice(deviceInterface) ? deviceInterface.slice(DEVICE_PREFIX.length) : deviceInterface;
}

/**
 * Whether an interface was made for a group of this device. wpa_supplicant calls them `p2p-<parent>-<n>` with the parent's
 * text behind its last dash, and `p2p-<n>` where that would be too long (p2p_supplicant.c, wpas_p2p_create_iface_name).
 */
export function isGroupInterface(name: string, deviceInterface: string): boolean {
  const parent = deviceInterface.slice(deviceInterface.lastIndexOf('-') + 1);
  const match = /^p2p-(?:(.+)-)?\d+$/.exec(name);
  return isInterfaceName(name) && match !== null && (match[1] === undefined || match[1] === parent);
}

/** The first interface that wpa_supplicant makes for a group of a radio with a P2P device. */
export function firstGroupInterfaceOf(radio: string): string {
  const device = deviceInterfaceOf(radio);
  return `p2p-${device.slice(device.lastIndexOf('-') + 1)}-0`;
}

/**
 * Whether a group of this device can run on the interface: on one made for it, or where there is none to spare
 * (`p2p_no_group_iface`) on the radio's own. Another radio's groups come on the same link.
 */
export function mayBeOurs(name: string, deviceInterface: string): boolean {
  return (
    isGroupInterface(name, deviceInterface) || name === deviceInterface || isParent(name, deviceInterface)
  );
}

/** The name of a P2P device interface is cut to 15 bytes, and its parent's with it (wpas_p2p_add_p2pdev_interface). */
function isParent(name: string, deviceInterface: string): boolean {
  const known = parentOf(deviceInterface);
  if (name === known) return true;
  return (
    known !== deviceInterface && deviceInterface.length === MAX_INTERFACE_BYTES && name.startsWith(known)
  );
}

/** The number at the end of the name of a group's interface; null where it was not made for a group. */
export function groupNumber(name: string, deviceInterface: string): number | null {
  return isGroupInterface(name, deviceInterface) ? Number(name.slice(name.lastIndexOf('-') + 1)) : null;
}
