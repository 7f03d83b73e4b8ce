import { GET_CONFIG_METHODS, P2P_STOP_FIND, p2pSet, RECONFIGURE, set } from '../wpa/command.js';
import { parseConfigMethods } from '../wpa/reply.js';
import { reviewEnrolments } from './admission.js';
import { isHalted, mustKeepStation } from './halt.js';
import { applyHandshakePool } from './handshake-pool.js';
import type { Advertised } from './model.js';
import { saveConfig } from './save-config.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/** Our settings as far as they live in wpa_supplicant. It forgets them when it ends, so they are sent each time. */

/** On a fresh link: besides the settings, which method wpa_supplicant's own configuration asks for. */
export function applySettings(turn: Turn): void {
  applyParameters(turn);
  // Else our own word for the time being would be taken for wpa_supplicant's.
  showOwnMethod(turn);
  const { pbc_in_use } = turn.settings;
  if (pbc_in_use === null) turn.request('device', GET_CONFIG_METHODS, { kind: 'config-methods' });
  else useMethod(turn, pbc_in_use ? 'virtual_push_button' : 'keypad', `pbc_in_use: ${pbc_in_use}`);
}

/** Events were missed, perhaps with a restart. The method is ours by now and cannot be asked for again. */
export function applySettingsAgain(turn: Turn): void {
  applyParameters(turn);
  advertise(turn, turn.state.advertised);
}

function applyParameters(turn: Turn): void {
  // A fresh wpa_supplicant, or other settings: what it refuses is news again.
  turn.update({ notedRefusals: new Set() });
  const { config_parms, ssid_postfix, per_sta_psk } = turn.settings;
  // A phone that knows the group is to come back without a person at the box; config_parms may say otherwise.
  if (techniqueOf(turn.settings).persistent)
    turn.ask('device', set('persistent_reconnect', '1'), 'persistent_reconnect');
  applyHandshakePool(turn);
  const parameters = Object.entries(config_parms);
  for (const [key, value] of parameters) turn.ask('device', set(key, String(value)), `config_parms: ${key}`);
  if (parameters.length > 0) saveConfig(turn);
  // Not to be kept.
  if (isHalted(turn) || mustKeepStation(turn)) applyReinvocation(turn);
  // A search or a negotiation that somebody else began; ours would not survive it.
  if (turn.state.phase.name !== 'forming') turn.request('device', P2P_STOP_FIND);
  if (ssid_postfix) turn.ask('device', p2pSet('ssid_postfix', ssid_postfix), 'ssid_postfix');
  if (per_sta_psk) turn.ask('device', p2pSet('per_sta_psk', '1'), 'per_sta_psk');
}

/**
 * Whether wpa_supplicant lets a phone start the persistent group by itself: not while an operator wants none, nor where
 * the radio's own interface has to be looked at before (`keep_station`). Refused in
 * this way a phone keeps what it knows of the group, and one that runs is joined all the same (p2p_supplicant.c,
 * wpas_invitation_process).
 */
export function applyReinvocation(turn: Turn): void {
  if (!techniqueOf(turn.settings).persistent) return;
  const own = String(turn.settings.config_parms['persistent_reconnect'] ?? 1);
  turn.ask(
    'device',
    set('persistent_reconnect', isHalted(turn) || mustKeepStation(turn) ? '0' : own),
    'persistent_reconnect',
  );
}

/** The reply to `GET config_methods`. */
export function configMethods(turn: Turn, reply: string): void {
  const methods = parseConfigMethods(reply);
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
  advertise(turn, methodToShow(turn));
}

/** A pairing window's goes before the own one. */
function methodToShow({ state: { pairing, method } }: Turn): Advertised {
  if (!pairing) return method;
  return pairing.method === 'pbc' ? 'virtual_push_button' : 'keypad';
}

/** Tells phones which method to use; all others that are served are still served. */
function advertise(turn: Turn, method: Advertised): void {
  turn.update({ advertised: method });
  turn.ask('device', set('config_methods', method), 'config_methods');
}

/**
 * A device that may not use the button is to ask by PIN: phones choose the method by what we show, so for as long as a
 * person needs to type we show the PIN.
 */
export function showPinMethod(turn: Turn): void {
  if (turn.state.pairing) return;
  if (turn.state.advertised !== 'keypad') advertise(turn, 'keypad');
  if (turn.state.method !== 'keypad') turn.timer('method', turn.settings.max_negotiation_time * 1000);
}

/** Phones see the method of the pairing window, or without one that of the settings. */
export function showMethod(turn: Turn): void {
  show(turn, methodToShow(turn));
}

/** Phones see the method of the settings again. */
export function showOwnMethod(turn: Turn): void {
  show(turn, turn.state.method);
}

function show(turn: Turn, method: Advertised): void {
  turn.cancel('method');
  if (turn.state.advertised !== method) advertise(turn, method);
}

/** Lets wpa_supplicant read its own file anew, then sets what is ours on top of it. */
export function reapplySettings(turn: Turn): void {
  // Before its file is read: after that its word counts, which is then asked for.
  showOwnMethod(turn);
  turn.ask('device', RECONFIGURE, 'RECONFIGURE (wpa_supplicant needs a configuration file for it)');
  applySettings(turn);
  if (!turn.settings.per_sta_psk) turn.ask('device', p2pSet('per_sta_psk', '0'), 'per_sta_psk');
}
