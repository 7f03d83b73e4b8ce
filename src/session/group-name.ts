/** Names of interfaces, as wpa_supplicant makes them. */

/** The radio's own interface, from which the P2P device's name is made: `p2p-dev-wlan0` belongs to `wlan0`. */
export function parentOf(deviceInterface: string): string {
  return deviceInterface.replace(/^p2p-dev-/, '');
}

/**
 * Whether an interface made for a group may be ours. wpa_supplicant calls them `p2p-<parent>-<n>` with the parent's text
 * behind its last dash, and `p2p-<n>` where that would be too long (p2p_supplicant.c, wpas_p2p_create_iface).
 */
export function mayBeOurs(name: string, deviceInterface: string): boolean {
  const parent = deviceInterface.slice(deviceInterface.lastIndexOf('-') + 1);
  const match = /^p2p-(?:(.+)-)?\d+$/.exec(name);
  return match !== null && (match[1] === undefined || match[1] === parent);
}
