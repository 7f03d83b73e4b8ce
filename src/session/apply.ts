import { P2P_STOP_FIND, p2pSet, RECONFIGURE, set } from '../wpa/command.js';
import { parseConfigMethods } from '../wpa/reply.js';
import { isValueKey, type ValueKey } from '../wpa/temporary-values.js';
import { reviewEnrolments } from './admission.js';
import type { Advertised } from './model.js';
import { askValues, syncValues, valueTold } from './supplicant-values.js';
import type { Turn } from './turn.js';

/** Our settings as far as they live in wpa_supplicant. It forgets them when it ends, so they are sent each time. */

/** On a fresh link, and when events were missed, perhaps with a restart. */
export function applySettings(turn: Turn): void {
  // A fresh wpa_supplicant, or other settings: what it refuses is news again.
  turn.update({ notedRefusals: new Set() });
  const { config_parms, ssid_postfix, per_sta_psk } = turn.settings;
  askValues(turn);
  // Otherwise the answers decide.
  if (turn.settings.pbc_in_use !== null) chooseMethod(turn, '');
  for (const [key, value] of Object.entries(config_parms)) {
    // Those that we change ourselves count as the user's, and are sent with ours.
    if (!isValueKey(key)) turn.ask('device', set(key, String(value)), `config_parms: ${key}`);
  }
  // A search or a negotiation that somebody else began; ours would not survive it.
  if (turn.state.phase.name !== 'forming') turn.request('device', P2P_STOP_FIND);
  if (ssid_postfix) turn.ask('device', p2pSet('ssid_postfix', ssid_postfix), 'ssid_postfix');
  if (per_sta_psk) turn.ask('device', p2pSet('per_sta_psk', '1'), 'per_sta_psk');
}

const PASSPHRASES_LOST =
  'per_sta_psk: the P2P device has no configuration file of its own, so the passphrases of the phones are lost when ' +
  'wpa_supplicant restarts; start it with -m FILE and -O (packaging/docs/wpa-supplicant.md)';

/** The reply to one of the questions for the values in force. */
export function valueCame(turn: Turn, key: ValueKey, reply: string): void {
  if (!valueTold(turn, key, reply)) return;
  if (turn.settings.per_sta_psk && turn.state.values?.file === 'shared')
    turn.log('warning', PASSPHRASES_LOST);
  chooseMethod(turn, turn.state.values?.user.config_methods ?? '');
  syncValues(turn);
}

/** The method of `pbc_in_use`, or without it of the user's `config_methods`. */
function chooseMethod(turn: Turn, configMethods: string): void {
  const { pbc_in_use } = turn.settings;
  if (pbc_in_use !== null) {
    useMethod(turn, pbc_in_use ? 'virtual_push_button' : 'keypad', `pbc_in_use: ${pbc_in_use}`);
    return;
  }
  const methods = parseConfigMethods(configMethods);
  if (methods === null) {
    useMethod(turn, 'keypad', 'the default: wpa_supplicant has no config_methods');
    return;
  }
  // The PIN is the safer of the two, so it wins where both are named, as in the original.
  const button = methods.pushButton && !methods.keypad;
  const why = methods.keypad || methods.pushButton ? '' : ', which names neither keypad nor push_button';
  useMethod(
    turn,
    button ? 'virtual_push_button' : 'keypad',
    `wpa_supplicant has config_methods=${methods.text}${why}`,
  );
}

const METHOD_WORDS: Readonly<Record<Advertised, string>> = {
  keypad: 'PIN, typed on the phone',
  virtual_push_button: 'push button',
};

/** @param why where the choice comes from; logged at the start, and again when it changes */
function useMethod(turn: Turn, method: Advertised, why: string): void {
  const choice = `WPS method: ${METHOD_WORDS[method]} (${why})`;
  if (choice !== turn.state.methodChoice) turn.log('info', choice);
  turn.update({ method, methodChoice: choice });
  reviewEnrolments(turn);
}

/**
 * A device that may not use the button is to ask by PIN: phones choose the method by what we show, so for as long as a
 * person needs to type we show the PIN.
 */
export function showPinMethod(turn: Turn): void {
  if (turn.state.pairing || turn.state.method === 'keypad') return;
  turn.update({ showsPin: true });
  turn.timer('method', turn.settings.max_negotiation_time * 1000);
  syncValues(turn);
}

/** Phones see the method of the pairing window, or without one that of the settings. */
export function showMethod(turn: Turn): void {
  turn.cancel('method');
  turn.update({ showsPin: false });
  syncValues(turn);
}

/** Lets wpa_supplicant read its own file again, then sets what is ours on top of it. */
export function reapplySettings(turn: Turn): void {
  turn.ask('device', RECONFIGURE, 'RECONFIGURE (wpa_supplicant needs a configuration file for it)');
  applySettings(turn);
  if (!turn.settings.per_sta_psk) turn.ask('device', p2pSet('per_sta_psk', '0'), 'per_sta_psk');
}
