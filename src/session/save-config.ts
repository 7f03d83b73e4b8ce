import { SAVE_CONFIG } from '../wpa/command.js';
import { isFailure } from '../wpa/reply.js';
import type { Turn } from './turn.js';

export function saveConfig(turn: Turn): void {
  if (turn.settings.save_config_enabled) turn.request('device', SAVE_CONFIG, { kind: 'save' });
}

/** The reply to `SAVE_CONFIG`. Without a configuration file, or with `update_config=0`, it is refused: no fault. */
export function configSaved(turn: Turn, reply: string): void {
  const refused = isFailure(reply);
  if (refused) {
    turn.log(
      turn.state.saveRefused ? 'debug' : 'warning',
      `SAVE_CONFIG: wpa_supplicant answered ${reply.trim()} (it needs update_config=1 and a configuration file; ` +
        'save_config_enabled: false asks for none)',
    );
  }
  turn.update({ saveRefused: refused });
}
