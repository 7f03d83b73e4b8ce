import { isDirectName } from '../system/names.js';
import { getNetwork } from '../wpa/command.js';
import { parseNumber } from '../wpa/fields.js';
import type { NetworkProfile } from '../wpa/reply.js';
import type { Turn } from './turn.js';

/** Profiles of wpa_supplicant that seem to be meant for our group and cannot be used, or not as people expect. */

/** wpa_supplicant's numbers (config_ssid.h). */
export const OWNER_MODE = 3;
export const CLIENT_MODE = 0;
/** So many warnings are remembered; a configuration file has fewer such profiles. */
const MAX_WARNINGS = 64;
/** So many profiles that are not used are asked for their mode. */
const MAX_QUESTIONS = 32;

/** Each warning once: the list is read before every attempt. */
export function warnOnce(turn: Turn, warning: string): void {
  const { profileWarnings } = turn.state;
  if (profileWarnings.has(warning)) return;
  turn.update({ profileWarnings: new Set([...profileWarnings, warning].slice(-MAX_WARNINGS)) });
  turn.log('warning', warning);
}

/** Why a profile is no persistent group of which we are the owner; null where it can be one. */
export function unusable({ persistent, disabled }: NetworkProfile, mode: number | null): string | null {
  const wanted = `mode=${OWNER_MODE} and disabled=2 mark a persistent group of this device`;
  if (mode !== null && mode !== OWNER_MODE) return `it has mode=${mode}; ${wanted}`;
  return persistent ? null : `it has disabled=${disabled ? 1 : 0}; ${wanted}`;
}

export function profileLabel({ id, ssid }: Pick<NetworkProfile, 'id' | 'ssid'>): string {
  return `profile ${id} "${ssid}"`;
}

/** A profile that is used, and that phones do not list. */
export function warnOfName(turn: Turn, profile: Pick<NetworkProfile, 'id' | 'ssid'>): void {
  if (isDirectName(profile.ssid)) return;
  warnOnce(
    turn,
    `${profileLabel(profile)}: its name does not begin with DIRECT- and two letters or digits, so phones do not list it ` +
      'among Wi-Fi Direct devices',
  );
}

/** No profile can be used, so another group is made: those with a name of a group are looked at. */
export function askUnused(turn: Turn, profiles: readonly NetworkProfile[]): void {
  const likely = profiles.filter(({ persistent, ssid }) => !persistent && isDirectName(ssid));
  for (const profile of likely.slice(0, MAX_QUESTIONS))
    turn.request('device', getNetwork(profile.id, 'mode'), { kind: 'unused-profile', profile });
}

/** The reply to the question for its mode. As a client of somebody else's group it is not meant for us. */
export function unusedTold(turn: Turn, profile: NetworkProfile, reply: string): void {
  const mode = parseNumber(reply.trim());
  if (mode === null || mode === CLIENT_MODE) return;
  const why = unusable(profile, mode);
  if (why !== null) warnOnce(turn, `${profileLabel(profile)} is not used: ${why}`);
}
