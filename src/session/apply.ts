import { GET_CONFIG_METHODS, P2P_STOP_FIND, p2pSet, RECONFIGURE, SAVE_CONFIG, set } from '../wpa/command.js';
import { isFailure } from '../wpa/reply.js';
import type { Turn } from './turn.js';

/** Our settings as far as they live in wpa_supplicant. It forgets them when it ends, so they are sent each time. */

export function applySettings(turn: Turn): void {
  const { config_parms, save_config_enabled, pbc_in_use, ssid_postfix } = turn.settings;
  const parameters = Object.entries(config_parms);
  for (const [key, value] of parameters) turn.ask('device', set(key, String(value)), `config_parms: ${key}`);
  if (parameters.length > 0) saveConfig(turn, save_config_enabled);
  if (pbc_in_use === null) turn.request('device', GET_CONFIG_METHODS, { kind: 'config-methods' });
  else if (pbc_in_use) turn.log('warning', `pbc_in_use: true ${NOT_BUILT}`);
  turn.request('device', P2P_STOP_FIND);
  turn.ask('device', set('config_methods', 'keypad'), 'config_methods');
  if (ssid_postfix) turn.ask('device', p2pSet('ssid_postfix', ssid_postfix), 'ssid_postfix');
}

/** Without a configuration file, or with `update_config=0`, wpa_supplicant refuses: that is no fault. */
export function saveConfig(turn: Turn, enabled: boolean): void {
  if (enabled)
    turn.ask('device', SAVE_CONFIG, 'SAVE_CONFIG (update_config=1 and a configuration file are needed)');
}

/** The reply to `GET config_methods`; keypad wins over push button, as in the original. */
export function configMethods(turn: Turn, reply: string): void {
  const methods = isFailure(reply) ? [] : reply.trim().split(/\s+/);
  if (methods.includes('virtual_push_button') && !methods.includes('keypad')) {
    turn.log('warning', `config_methods=${reply.trim()} in wpa_supplicant's configuration ${NOT_BUILT}`);
  }
}

const NOT_BUILT = 'asks for the push button, which is not built yet: phones are asked for the PIN';

/** Lets wpa_supplicant read its own file anew, then sets what is ours on top of it. */
export function reapplySettings(turn: Turn): void {
  turn.ask('device', RECONFIGURE, 'RECONFIGURE (wpa_supplicant needs a configuration file for it)');
  applySettings(turn);
}
