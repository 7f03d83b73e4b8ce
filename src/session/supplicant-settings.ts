import { addressPlan } from '../config/address-plan.js';
import { ipv4Text, netmask } from '../config/ipv4.js';
import { parentOf } from '../system/interface-names.js';
import {
  GET_NO_GROUP_INTERFACE,
  get,
  p2pSet,
  REBUILD_GROUP_ELEMENTS,
  RECONFIGURE,
  SAVE_CONFIG,
  STATUS,
  STATUS_DRIVER,
  set,
} from '../wpa/command.js';
import { choosesButton, isFailure, parseConfigMethods, parseKeyValues } from '../wpa/reply.js';
import { stopSearch } from './discovery.js';
import type { PairingMethod, SupplicantValues } from './model.js';
import { groupIn, isHalted, mustKeepStation, techniqueOf } from './selectors.js';
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
} from './temporary-values.js';
import type { Transition } from './transition.js';

/**
 * Our settings in wpa_supplicant, and its configuration file. {@link syncValues} compares the values that are wanted with
 * those in force, and sends the difference; no other function sends them.
 *
 * A P2P device (`p2p-dev-wlan0`) has a copy of its own of what wpa_supplicant read from the file. Where the radio uses
 * the same file, that copy is soon out of date, and written back it would undo what was saved on `wlan0` meanwhile, such as
 * the user's home network. wpa_supplicant writes it on its own whenever a phone joins. So `update_config` is 0 there, from
 * the moment we attach and after our end as well, and nothing is ever saved. Where the P2P device has its own file
 * (`wpa_supplicant -m`), it is 0 too, but for the moment of a save, in which the user's values are in force. Where Wi-Fi
 * Direct runs on the radio itself, `update_config` stays as it is, for it is also the user's means to save networks.
 */

/** Begins again, for wpa_supplicant may have been restarted: its settings, and whether a group is up. */
export function inspect(t: Transition): void {
  // Its group interfaces may be numbered from 0 again.
  t.setSupplicant({ newestGroup: -1 });
  t.request('device', STATUS, { kind: 'device-status' });
  applySettings(t);
  t.request('device', GET_NO_GROUP_INTERFACE, { kind: 'group-sharing' });
  t.request('device', STATUS_DRIVER, { kind: 'driver' });
  t.enter({ name: 'inspecting', keptGroup: groupIn(t.state.phase), until: null });
}

/** Sends our settings, which wpa_supplicant forgets when it ends: on a fresh link, and after lost events. */
export function applySettings(t: Transition): void {
  // With a fresh wpa_supplicant, or other settings, refusals are logged again.
  t.setRepeats({ requests: new Set() });
  const { per_sta_psk, keep_station } = t.settings;
  t.setSupplicant({ answers: {}, look: null, setBack: new Map(), overwritten: [] });
  for (const key of VALUE_KEYS) t.request('device', get(key), { kind: 'value', key });
  // Otherwise the answers decide.
  if (t.settings.pbc_in_use !== null) chooseMethod(t, '');
  sendParameters(t);
  // Another program may have begun a search or a negotiation.
  stopSearch(t);
  if (per_sta_psk) t.ask('device', p2pSet('per_sta_psk', '1'), 'per_sta_psk');
  preferOnChannel(t, keep_station ? 'sta' : 'p2p');
  if (keep_station && t.state.supplicant.station === 'given-up') t.setSupplicant({ station: 'absent' });
}

/** Sends what wpa_supplicant forgets when it reads its file again, but for the values that we change ourselves. */
export function sendParameters(t: Transition): void {
  const { config_parms, ssid_postfix } = t.settings;
  // Those that we change ourselves count as the user's, and are sent with ours.
  for (const key of Object.keys(config_parms)) if (!isValueKey(key)) sendParameter(t, key);
  if (ssid_postfix) t.ask('device', p2pSet('ssid_postfix', ssid_postfix), 'ssid_postfix');
}

/** Sends one of `config_parms`. */
export function sendParameter(t: Transition, key: string): void {
  t.ask('device', set(key, String(t.settings.config_parms[key])), purposeOf(key));
}

/** Whether wpa_supplicant has refused one of `config_parms`, or of our values. */
export function isParameterRefused(t: Transition, key: string): boolean {
  return t.state.repeats.requests.has(purposeOf(key));
}

const purposeOf = (key: string): string => (isValueKey(key) ? key : `config_parms: ${key}`);

/**
 * What wpa_supplicant does on a radio that uses one channel at a time when the radio's own connection needs another one than
 * the group has. `sta`: it removes the group, and hostp2pd forms it on that channel. `p2p`, the default: it
 * searches for access points on the channel of the group alone, and disables the network of one on another channel
 * (p2p_supplicant.c, wpas_p2p_handle_frequency_conflicts). One of them is always sent: an earlier session may have set the other.
 */
export function preferOnChannel(t: Transition, preferred: 'sta' | 'p2p'): void {
  t.ask('device', p2pSet('conc_pref', preferred), 'conc_pref');
}

/** The reply to `GET <key>`: one of the values in force. */
export function valueReceived(t: Transition, key: ValueKey, reply: string): void {
  const answers = { ...t.state.supplicant.answers, [key]: parseValue(key, reply) };
  t.setSupplicant({ answers });
  if (key !== VALUE_KEYS.at(-1)) return;
  const { config_parms, per_sta_psk } = t.settings;
  const inForce = { ...UNSET, ...answers };
  const noted = readNote(inForce.config_methods);
  const configured = Object.entries(config_parms).filter(([name]) => isValueKey(name));
  const user = { ...(noted ?? inForce), ...Object.fromEntries(configured.map(([k, v]) => [k, String(v)])) };
  const file = t.world.configFile();
  t.setSupplicant({ values: { file, user, inForce }, freshFromFile: noted === null });
  if (per_sta_psk && file === 'shared') t.log('warning', { type: 'passphrases-unsaved' });
  chooseMethod(t, user.config_methods);
}

/** The method of `pbc_in_use`, or without it of the user's `config_methods`. Logged at the start, and when it changes. */
function chooseMethod(t: Transition, configMethods: string): void {
  const pbcInUse = t.settings.pbc_in_use;
  const methods = pbcInUse === null ? parseConfigMethods(configMethods) : null;
  const button = pbcInUse ?? choosesButton(methods);
  const used = button ? 'pbc' : 'pin';
  const choice = { used, pbcInUse, configMethods: methods } as const;
  const before = t.state.method.choice;
  if (before?.pbcInUse !== pbcInUse || before.configMethods?.text !== methods?.text)
    t.log('info', { type: 'method-chosen', ...choice });
  t.update({ method: { ...t.state.method, used, choice } });
}

/** How phones see the method. Android reads `keypad` as: its own user types a PIN. */
const CONFIG_METHODS: Readonly<Record<PairingMethod, string>> = {
  pin: 'keypad',
  pbc: 'virtual_push_button',
};

/** Lets wpa_supplicant read its own file again, then sends our settings. */
export function reapplySettings(t: Transition): void {
  t.ask('device', RECONFIGURE, RECONFIGURE);
  applySettings(t);
  if (!t.settings.per_sta_psk) t.ask('device', p2pSet('per_sta_psk', '0'), 'per_sta_psk');
}

/** Drivers that can have an interface for the group beside the radio's own set this flag (driver.h). */
const P2P_CONCURRENT = 0x200;

/** The reply to `GET p2p_no_group_iface`: does the group run on the existing interface? */
export function groupSharing(t: Transition, reply: string): void {
  t.setSupplicant({ sharesInterface: reply.trim() === '1' });
}

/** The reply to `STATUS-DRIVER`, which may have none of these values. */
export function driverStatusReceived(t: Transition, reply: string): void {
  const values = parseKeyValues(reply);
  const sharesChannel = !(Number(values.get('capa.num_multichan_concurrent')) > 1);
  t.setSupplicant({ sharesChannel });
  const flags = Number(values.get('capa.flags') ?? Number.NaN);
  // Bits above the 31st come in newer versions, and JavaScript's & sees 32.
  const concurrent = Math.floor(flags / P2P_CONCURRENT) % 2 === 1;
  const { deviceInterface } = t.world;
  // Without a P2P device the driver decides (p2p_supplicant.c, wpas_p2p_create_iface).
  if (deviceInterface === parentOf(deviceInterface) && Number.isSafeInteger(flags) && !concurrent)
    t.setSupplicant({ sharesInterface: true });
}

/** Sends what is wanted and not in force yet, once the values in force are known. Called at the end of every step. */
export function syncValues(t: Transition): void {
  const { pairing, method, operator, supplicant } = t.state;
  const { before } = t;
  // A phone waits for the answer to most steps, so the values are compared only where something that they depend on has changed.
  const unchanged =
    pairing === before.pairing &&
    method === before.method &&
    operator === before.operator &&
    supplicant === before.supplicant;
  if (unchanged || !supplicant.values) return;
  const shown = supplicant.values.inForce.config_methods;
  put(t, wanted(t, supplicant.values));
  // Also for a group that is up and not found yet.
  if (t.state.supplicant.values?.inForce.config_methods !== shown)
    t.ask('device', REBUILD_GROUP_ELEMENTS, 'WFD_SUBELEM_SET', 'debug');
}

/** We end: the user's values are in force again, but a P2P device still leaves a file alone that it shares. */
export function restoreValues(t: Transition): void {
  const { values } = t.state.supplicant;
  if (!values) return;
  const { file, user } = values;
  put(t, file === 'shared' ? { ...user, update_config: '0' } : user);
}

/** Has wpa_supplicant write its configuration file, unless another interface uses it too. */
export function saveConfig(t: Transition): void {
  const { values } = t.state.supplicant;
  if (!values || !t.settings.save_config_enabled || values.file === 'shared') return;
  if (values.user.update_config === '0') return;
  put(t, values.user);
  t.request('device', SAVE_CONFIG, { kind: 'save' });
  put(t, wanted(t, values));
}

/** The reply to `SAVE_CONFIG`: wpa_supplicant may have no file, or may not write it. */
export function configSaved(t: Transition, reply: string): void {
  const refused = isFailure(reply);
  if (refused) {
    const level = t.state.repeats.save ? 'debug' : 'warning';
    t.log(level, { type: 'request-refused', purpose: SAVE_CONFIG, reply, radioBlock: null });
  }
  t.setRepeats({ save: refused });
}

function wanted(t: Transition, { file, user }: SupplicantValues): Values {
  return {
    ...user,
    ...reconnection(t, user),
    ...handshakePool(t),
    config_methods: CONFIG_METHODS[shownMethod(t)],
    update_config: file === 'radio' ? user.update_config : '0',
  };
}

/** The method that phones see. Phones that ask by another method are admitted as well. */
function shownMethod({ state: { pairing, method }, world }: Transition): PairingMethod {
  if (pairing) return pairing.method;
  return method.pinOfferedUntil !== null && world.now < method.pinOfferedUntil ? 'pin' : method.used;
}

/**
 * Whether wpa_supplicant lets a phone restart the persistent group by itself: not while an operator wants none, nor where
 * the radio's own interface has to be looked at before (`keep_station`). A phone that is refused in this way keeps its
 * profile of the group, and can still join a running one (p2p_supplicant.c, wpas_invitation_process).
 */
function reconnection(t: Transition, { persistent_reconnect }: Values): Partial<Values> {
  if (!techniqueOf(t.settings).persistent) return {};
  if (isHalted(t) || mustKeepStation(t)) return { persistent_reconnect: '0' };
  const configured = 'persistent_reconnect' in t.settings.config_parms;
  return { persistent_reconnect: configured ? persistent_reconnect : '1' };
}

/**
 * The addresses that wpa_supplicant gives to Wi-Fi Direct phones inside the 4-way handshake. It copies them when the
 * group is created (ap.c), so they are set before.
 */
function handshakePool({ settings }: Transition): Partial<Values> {
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
function put(t: Transition, target: Values): void {
  const { values } = t.state.supplicant;
  if (!values) return;
  const { user } = values;
  const restores = sameValues(target, user);
  const noteAlone = withNote(user.config_methods, user);
  const next = restores ? target : { ...target, config_methods: withNote(target.config_methods, user) };
  const others = OTHERS.map((key) => [key, next[key]] as const);
  const guard: readonly Step[] = [
    ['config_methods', noteAlone],
    ['update_config', next.update_config],
  ];
  const guarded = next.update_config === values.inForce.update_config ? [] : guard;
  const methods: Step = ['config_methods', next.config_methods];
  const steps = restores ? [...others, ...guarded, methods] : [...guarded, methods, ...others];
  let inForce = values.inForce;
  for (const [key, value] of steps) {
    if (inForce[key] === value) continue;
    t.ask('device', set(key, value), key);
    inForce = { ...inForce, [key]: value };
  }
  if (inForce !== values.inForce) t.setSupplicant({ values: { ...values, inForce } });
}

type Step = readonly [ValueKey, string];
