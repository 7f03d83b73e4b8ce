import { addressPlan } from '../config/address-plan.js';
import { ipv4Text, netmask } from '../config/ipv4.js';
import { get, SAVE_CONFIG, set } from '../wpa/command.js';
import { isFailure } from '../wpa/reply.js';
import {
  isValueKey,
  parseValue,
  readNote,
  sameValues,
  UNSET,
  VALUE_KEYS,
  type ValueKey,
  type Values,
  withNote,
} from '../wpa/temporary-values.js';
import { isHalted, mustKeepStation } from './halt.js';
import type { Advertised, SupplicantValues } from './model.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/**
 * The settings of wpa_supplicant that we change for the time being, and its configuration file. All changes of them go
 * through here: {@link syncValues} compares what is wanted with what is in force, and sends the difference.
 *
 * A P2P device (`p2p-dev-wlan0`) has a copy of its own of what wpa_supplicant read from the file. Where the radio uses
 * the same file, that copy is soon out of date, and written back it would undo what was saved on `wlan0` meanwhile, such as
 * the user's home network. wpa_supplicant writes it by itself whenever a phone joins. So `update_config` is 0 there, from
 * the moment we attach and after our end as well, and nothing is ever saved. Where the P2P device has its own file
 * (`wpa_supplicant -m`), it is 0 too, but for the moment of a save, in which the user's values are in force. Where Wi-Fi
 * Direct runs on the radio itself, `update_config` stays as it is, for it is also the user's means to save networks.
 */

/** Asks for the values in force: wpa_supplicant may have been restarted, or another session may have changed them. */
export function askValues(turn: Turn): void {
  turn.update({ toldValues: {} });
  for (const key of VALUE_KEYS) turn.request('device', get(key), { kind: 'value', key });
}

/** The reply to `GET <key>`. @returns whether the values are complete now */
export function valueTold(turn: Turn, key: ValueKey, reply: string): boolean {
  const told = { ...turn.state.toldValues, [key]: parseValue(key, reply) };
  turn.update({ toldValues: told });
  if (key !== VALUE_KEYS.at(-1)) return false;
  const inForce = { ...UNSET, ...told };
  const noted = readNote(inForce.config_methods);
  const configured = Object.entries(turn.settings.config_parms).filter(([name]) => isValueKey(name));
  const user = { ...(noted ?? inForce), ...Object.fromEntries(configured.map(([k, v]) => [k, String(v)])) };
  const file = turn.world.configFile();
  turn.update({ values: { file, user, inForce }, freshFromFile: noted === null });
  return true;
}

/** Sends what is wanted and not in force yet. Until the values in force are known it waits for them. */
export function syncValues(turn: Turn): void {
  const { values } = turn.state;
  if (values) put(turn, wanted(turn, values));
}

/** We end: the user's values are in force again, but a P2P device still leaves a file alone that it shares. */
export function putBackValues(turn: Turn): void {
  const { values } = turn.state;
  if (!values) return;
  const { file, user } = values;
  put(turn, file === 'shared' ? { ...user, update_config: '0' } : user);
}

/** Has wpa_supplicant write its configuration file, unless another interface uses it too. */
export function saveConfig(turn: Turn): void {
  const { values } = turn.state;
  if (!values || !turn.settings.save_config_enabled || values.file === 'shared') return;
  if (values.user.update_config === '0') return;
  put(turn, values.user);
  turn.request('device', SAVE_CONFIG, { kind: 'save' });
  put(turn, wanted(turn, values));
}

/** The reply to `SAVE_CONFIG`: wpa_supplicant may have no file, or may not write it. */
export function configSaved(turn: Turn, reply: string): void {
  const refused = isFailure(reply);
  if (refused) {
    turn.log(
      turn.state.saveRefused ? 'debug' : 'warning',
      `SAVE_CONFIG: wpa_supplicant answered ${reply.trim()} (it needs update_config=1 and a configuration file that ` +
        'it can write; with save_config_enabled: false it is not asked to save)',
    );
  }
  turn.update({ saveRefused: refused });
}

function wanted(turn: Turn, { file, user }: SupplicantValues): Values {
  return {
    ...user,
    ...reconnection(turn, user),
    ...handshakePool(turn),
    config_methods: shownMethod(turn),
    update_config: file === 'radio' ? user.update_config : '0',
  };
}

/** The method that phones are told to use; all others that are served are still served. */
function shownMethod({ state: { pairing, showsPin, method } }: Turn): Advertised {
  if (pairing) return pairing.method === 'pbc' ? 'virtual_push_button' : 'keypad';
  return showsPin ? 'keypad' : method;
}

/**
 * Whether wpa_supplicant lets a phone start the persistent group by itself: not while an operator wants none, nor where
 * the radio's own interface has to be looked at before (`keep_station`). Refused in
 * this way a phone keeps what it knows of the group, and one that runs is joined all the same (p2p_supplicant.c,
 * wpas_invitation_process).
 */
function reconnection(turn: Turn, { persistent_reconnect }: Values): Partial<Values> {
  if (!techniqueOf(turn.settings).persistent) return {};
  if (isHalted(turn) || mustKeepStation(turn)) return { persistent_reconnect: '0' };
  const configured = 'persistent_reconnect' in turn.settings.config_parms;
  return { persistent_reconnect: configured ? persistent_reconnect : '1' };
}

/**
 * The addresses that wpa_supplicant gives to Wi-Fi Direct phones inside the 4-way handshake. It copies them when the
 * group is created (ap.c), so they are set before.
 */
function handshakePool({ settings }: Turn): Partial<Values> {
  const { subnet, handshake } = addressPlan(settings);
  if (!handshake) return {};
  const [go, mask, start, end] = [subnet.address, netmask(subnet), handshake.start, handshake.end].map(
    ipv4Text,
  );
  const pool = { ip_addr_go: go, ip_addr_mask: mask, ip_addr_start: start, ip_addr_end: end };
  return Object.fromEntries(Object.entries(pool).filter(([key]) => !(key in settings.config_parms)));
}

const OTHERS = VALUE_KEYS.filter((key) => key !== 'config_methods' && key !== 'update_config');

/**
 * Puts values in force. We may be killed after each request, and wpa_supplicant may write its file then: so the note
 * comes before anything differs from what the user wants and goes after that, and while our values are in force
 * `update_config` is 0 already, or still.
 */
function put(turn: Turn, target: Values): void {
  const { values } = turn.state;
  if (!values) return;
  const { user } = values;
  const giving = sameValues(target, user);
  const noteAlone = withNote(user.config_methods, user);
  const next = giving ? target : { ...target, config_methods: withNote(target.config_methods, user) };
  const others = OTHERS.map((key) => [key, next[key]] as const);
  const closing: readonly Step[] = [
    ['config_methods', noteAlone],
    ['update_config', next.update_config],
  ];
  const guarded = next.update_config === values.inForce.update_config ? [] : closing;
  const methods: Step = ['config_methods', next.config_methods];
  const steps = giving ? [...others, ...guarded, methods] : [...guarded, methods, ...others];
  let inForce = values.inForce;
  for (const [key, value] of steps) {
    if (inForce[key] === value) continue;
    turn.ask('device', set(key, value), key);
    inForce = { ...inForce, [key]: value };
  }
  turn.update({ values: { ...values, inForce } });
}

type Step = readonly [ValueKey, string];
