/**
 * Whether a group interface may be ours. wpa_supplicant calls them `p2p-<parent>-<n>` with the parent's text behind its
 * last dash, and `p2p-<n>` where that would be too long (p2p_supplicant.c, wpas_p2p_create_iface).
 */
export function mayBeOurs(name: string, deviceInterface: string): boolean {
  const parent = deviceInterface.slice(deviceInterface.lastIndexOf('-') + 1);
  const match = /^p2p-(?:(.+)-)?\d+$/.exec(name);
  return match !== null && (match[1] === undefined || match[1] === parent);
}
