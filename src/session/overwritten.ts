import { get } from '../wpa/command.js';
import { isFailure } from '../wpa/reply.js';
import type { OverwrittenSetting } from './model.js';
import { isAttached } from './selectors.js';
import { isParameterRefused, sendParameter, sendParameters } from './supplicant-settings.js';
import { isValueKey, parseValue, VALUE_KEYS, type Values } from './temporary-values.js';
import type { Transition } from './transition.js';

/**
 * Other programs can change our settings in wpa_supplicant, and no event tells it: NetworkManager from 1.60 on sets the device
 * name over D-Bus, and with `RECONFIGURE` or SIGHUP wpa_supplicant reads its file again. So they are looked at every minute. What
 * has been changed is set back; a program that does it again and again gets its way, and the status says so.
 *
 * `GET` tells texts, numbers and IPv4 addresses (config.c, wpa_config_get_value), so `device_type` and lists of channels
 * cannot be looked at; nor can what `P2P_SET` has set, which is no part of the configuration.
 */

/** A setting that is changed again within this time after it was set back counts as changed again and again … */
const CHANGED_AGAIN_MS = 600_000;
/** … and after so many times it is left so. A person may let wpa_supplicant read its file again a few times in a row. */
const MAX_SET_BACK = 3;

/** The one of `config_parms` that another program is known to change. */
const DEVICE_NAME = 'device_name';

export function lookAtSettings(t: Transition): void {
  if (!isAttached(t) || t.state.supplicant.look) return;
  const wanted = ours(t);
  if (wanted.size === 0) return;
  t.setSupplicant({ look: { wanted, replies: new Map() } });
  for (const key of wanted.keys()) t.request('device', get(key), { kind: 'setting', key });
}

/** What we have set, as far as it can be read. */
function ours(t: Transition): ReadonlyMap<string, string> {
  const { config_parms } = t.settings;
  const name = config_parms[DEVICE_NAME];
  const wanted = new Map<string, string>();
  if (name !== undefined) wanted.set(DEVICE_NAME, String(name));
  const { values } = t.state.supplicant;
  if (values) {
    const { inForce, user } = values;
    for (const key of VALUE_KEYS)
      if (inForce[key] !== user[key] || Object.hasOwn(config_parms, key)) wanted.set(key, inForce[key]);
  }
  // A value of the user's that wpa_supplicant has refused differs for that reason.
  for (const key of Object.keys(config_parms)) if (isParameterRefused(t, key)) wanted.delete(key);
  return wanted;
}

/** The reply to `GET <key>`; with the last one the look is over. */
export function settingReceived(t: Transition, key: string, reply: string): void {
  const { look } = t.state.supplicant;
  if (!look) return;
  const replies = new Map([...look.replies, [key, reply]]);
  if (key !== [...look.wanted.keys()].at(-1)) {
    t.setSupplicant({ look: { ...look, replies } });
    return;
  }
  endLook(t);
  // What we have changed since it was asked for says nothing.
  const now = ours(t);
  const asked = [...look.wanted].filter(([one, wanted]) => now.get(one) === wanted);
  judge(
    t,
    asked.flatMap(([one, wanted]) => {
      const found = readValue(one, replies.get(one) ?? '');
      return found === null || found === wanted.trim() ? [] : [{ key: one, wanted, found }];
    }),
  );
}

/** A reply does not come: the next look asks again. */
export function endLook(t: Transition): void {
  if (t.state.supplicant.look) t.setSupplicant({ look: null });
}

/** Null: it cannot be read. */
function readValue(key: string, reply: string): string | null {
  if (isValueKey(key)) return parseValue(key, reply);
  return isFailure(reply) ? null : reply.trim();
}

function judge(t: Transition, changed: readonly OverwrittenSetting[]): void {
  const { overwritten } = t.state.supplicant;
  const isLeft = ({ key }: OverwrittenSetting): boolean => overwritten.some((one) => one.key === key);
  const gaveUp = changed.filter((one) => isLeft(one) || timesSetBack(t, one) === MAX_SET_BACK);
  const news = gaveUp.filter((one) => !isLeft(one));
  if (news.length > 0) t.log('warning', { type: 'settings-overwritten', settings: news, setBack: false });
  if (gaveUp.length > 0 || overwritten.length > 0) t.setSupplicant({ overwritten: gaveUp });
  const others = changed.filter((one) => !gaveUp.includes(one));
  if (others.length > 0) setBack(t, others);
}

/** How often in a row, so far. */
function timesSetBack(t: Transition, { key }: OverwrittenSetting): number {
  const before = t.state.supplicant.setBack.get(key);
  return before && t.world.now - before.lastAt < CHANGED_AGAIN_MS ? before.count : 0;
}

function setBack(t: Transition, changed: readonly OverwrittenSetting[]): void {
  const level = changed.some((one) => timesSetBack(t, one) === 0) ? 'warning' : 'info';
  t.log(level, { type: 'settings-overwritten', settings: changed, setBack: true });
  const { values, setBack: before } = t.state.supplicant;
  const times = changed.map(
    (one) => [one.key, { count: timesSetBack(t, one) + 1, lastAt: t.world.now }] as const,
  );
  t.setSupplicant({ setBack: new Map([...before, ...times]) });
  const found: Partial<Values> = Object.fromEntries(
    changed.filter(({ key }) => isValueKey(key)).map((one) => [one.key, one.found]),
  );
  // At the end of the step the values in force are compared with those that are wanted.
  if (values) t.setSupplicant({ values: { ...values, inForce: { ...values.inForce, ...found } } });
  // wpa_supplicant may have read its file again, and then it has forgotten what cannot be read as well.
  if ('config_methods' in found) sendParameters(t);
  else if (changed.some(({ key }) => key === DEVICE_NAME)) sendParameter(t, DEVICE_NAME);
}
