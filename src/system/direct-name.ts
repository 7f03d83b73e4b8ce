/** Names of Wi-Fi Direct groups begin so (Wi-Fi P2P specification, "P2P Group ID"); phones list no others. */
export function isDirectName(ssid: string): boolean {
  return /^DIRECT-[A-Za-z0-9]{2}/.test(ssid);
}
