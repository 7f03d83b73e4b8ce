import { addressPlan } from '../config/address-plan.js';
import { ipv4Text, netmask } from '../config/ipv4.js';
import { set } from '../wpa/command.js';
import { saveConfig } from './save-config.js';
import type { Turn } from './turn.js';

const NOWHERE = '0.0.0.0';

/**
 * The addresses that wpa_supplicant gives to Wi-Fi Direct phones inside the 4-way handshake. It copies them when the
 * group is created (ap.c), so they are set before. Told only where they are wanted, or have been by us: a
 * configuration file of wpa_supplicant may have others.
 */
export function applyHandshakePool(turn: Turn): void {
  const { subnet, handshake } = addressPlan(turn.settings);
  if (!handshake && !turn.state.handshakePool) return;
  if (!handshake) {
    withdrawHandshakePool(turn);
    return;
  }
  turn.update({ handshakePool: true });
  tellPool(turn, [subnet.address, netmask(subnet), handshake.start, handshake.end].map(ipv4Text));
}

/**
 * Takes them back, for later groups: the settings want none any more, or we end. wpa_supplicant writes them to its
 * configuration file whenever it has something else to write there, so without us they would be given out for ever.
 */
export function withdrawHandshakePool(turn: Turn): void {
  if (!turn.state.handshakePool) return;
  turn.update({ handshakePool: false });
  tellPool(turn, [NOWHERE, NOWHERE, NOWHERE, NOWHERE]);
  saveConfig(turn);
}

function tellPool(turn: Turn, values: readonly string[]): void {
  for (const [index, key] of ['go', 'mask', 'start', 'end'].entries())
    turn.ask('device', set(`ip_addr_${key}`, values[index] ?? NOWHERE), `ip_addr_${key}`);
}
