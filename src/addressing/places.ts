import { join } from 'node:path';

/** Where things of addressing are, by the P2P device: groups change their name, and a phone is to get its address again. */

/** Runtime configuration of systemd-networkd: gone with the next start of the machine. */
export const NETWORK_FOLDER = '/run/systemd/network';

/** After 10-… to 50-… of other programs. */
export function networkFile(owner: string): string {
  return join(NETWORK_FOLDER, `60-hostp2pd-${owner}.network`);
}

/** dnsmasq's book. */
export function leaseFile(stateFolder: string, owner: string): string {
  return join(stateFolder, `${owner}.leases`);
}
