/** Arguments of nmcli for the state of each device; it does not start NetworkManager where that does not run. */
export const NMCLI_STATES = ['-t', '-f', 'DEVICE,STATE', 'device'] as const;

/** @param states what nmcli prints for {@link NMCLI_STATES} */
export function managedByNetworkManager(states: string, device: string): boolean {
  const line = states.split('\n').find((entry) => entry.startsWith(`${device}:`));
  return line !== undefined && line !== `${device}:unmanaged`;
}
