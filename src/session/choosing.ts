import { isDirectName } from '../system/names.js';
import { ADD_NETWORK, getNetwork, listNetworks, removeNetwork, setNetwork } from '../wpa/command.js';
import { parseNumber } from '../wpa/fields.js';
import { addPage, isFailure, isOk, type NetworkProfile } from '../wpa/reply.js';
import { fail, proceed, retryLater } from './attempt.js';
import type { Tag } from './messages.js';
import type { Notice } from './notice.js';
import { lookUpFileClients, PROFILE_MARKS, ssidOf, storedLines } from './persistent-group.js';
import type { Occasion, PhaseOf } from './phase.js';
import type { ProfileSource } from './reasons.js';
import { saveConfig } from './supplicant-settings.js';
import type { PhaseRules, Transition } from './transition.js';

/** The phases `choosing` and `storing`: which profile of wpa_supplicant is the persistent group; if none is, it is made. */

/** wpa_supplicant's numbers (config_ssid.h). */
export const OWNER_MODE = 3;
const CLIENT_MODE = 0;
/** Warnings that are remembered; a configuration file has fewer such profiles. */
const MAX_WARNINGS = 64;
/** How many unused profiles are asked for their mode. */
const MAX_QUESTIONS = 32;

type Choosing = PhaseOf<'choosing'>;
type Storing = PhaseOf<'storing'>;

export const choosing: PhaseRules<'choosing'> = {
  entered: (t) => t.question('device', listNetworks(null), { kind: 'networks' }),

  input(t, phase, input) {
    if (input.type === 'reply' && input.tag.kind === 'networks') {
      if (phase.candidates === null) networksListed(t, phase, input.reply);
      return true;
    }
    if (input.type === 'reply' && input.tag.kind === 'profile-mode') {
      profileMode(t, phase, input.reply);
      return true;
    }
    if (input.type === 'no-reply' && (input.tag.kind === 'networks' || input.tag.kind === 'profile-mode')) {
      unanswered(t, phase, input.reason);
      return true;
    }
    return false;
  },
};

export const storing: PhaseRules<'storing'> = {
  entered: (t) => t.question('device', ADD_NETWORK, { kind: 'add-network' }),

  input(t, phase, input) {
    if (input.type === 'reply' && input.tag.kind === 'add-network') {
      networkAdded(t, phase, input.reply);
      return true;
    }
    if (input.type === 'reply' && input.tag.kind === 'set-network') {
      networkSet(t, phase, input.tag.line, input.reply);
      return true;
    }
    if (input.type === 'no-reply' && (input.tag.kind === 'add-network' || input.tag.kind === 'set-network')) {
      unanswered(t, phase, input.reason);
      return true;
    }
    return false;
  },
};

function unanswered(t: Transition, { occasion }: Choosing | Storing, reason: string): void {
  retryLater(t, { kind: 'no-answer', question: 'profiles', reason }, occasion === null);
}

/** One page of `LIST_NETWORKS`. */
function networksListed(t: Transition, phase: Choosing, reply: string): void {
  if (isFailure(reply)) {
    // Taken for an empty list, it would lead to a second persistent group, which no phone knows.
    fail(t, { kind: 'refused', request: 'LIST_NETWORKS', reply });
    return;
  }
  const { profiles, next } = addPage(phase.profiles, reply);
  if (next !== null) {
    t.amend({ ...phase, profiles });
    t.question('device', listNetworks(next), { kind: 'networks' });
    return;
  }
  tryCandidates(t, { ...phase, profiles, candidates: candidatesAmong(t, profiles) });
}

/** The persistent profiles that can be ours, the likeliest first. */
function candidatesAmong(t: Transition, profiles: readonly NetworkProfile[]): readonly NetworkProfile[] {
  const { persistent_network_id: wanted, network_parms } = t.settings;
  const { stored } = t.world;
  const persistent = profiles.filter((p) => p.persistent);
  if (wanted === null) return persistent;
  const named = persistent.filter((p) => p.id === wanted);
  if (named.length > 0 || (stored === null && network_parms.length === 0)) return named;
  const other = profiles.find((p) => p.id === wanted);
  warnOnce(t, { type: 'wanted-profile-unusable', id: wanted, profile: other ?? null });
  // Ours may have got another number when it was stored again.
  const ours = persistent.filter((p) => stored !== null && p.ssid === ssidOf(stored));
  return [...ours, ...persistent.filter((p) => !ours.includes(p))];
}

/** A persistent profile can also be of a group in which we are the client: the mode distinguishes them. */
function tryCandidates(t: Transition, phase: Choosing): void {
  const [first] = phase.candidates ?? [];
  t.amend(phase);
  if (first) t.question('device', getNetwork(first.id, 'mode'), { kind: 'profile-mode' });
  else withoutProfile(t, phase);
}

/** The reply to `GET_NETWORK <id> mode`. */
function profileMode(t: Transition, phase: Choosing, reply: string): void {
  const [first, ...others] = phase.candidates ?? [];
  if (!first) return;
  const mode = parseNumber(reply.trim());
  if (mode === null || mode === OWNER_MODE) {
    warnOfName(t, first);
    useProfile(t, phase.occasion, first);
    return;
  }
  // Profiles of groups that another device owns are usual, unless this one was configured.
  if (mode !== CLIENT_MODE || first.id === t.settings.persistent_network_id)
    warnOnce(t, { type: 'profile-unusable', profile: first, mode });
  tryCandidates(t, { ...phase, candidates: others });
}

function useProfile(
  t: Transition,
  occasion: Occasion | null,
  { id, ssid }: { readonly id: number; readonly ssid: string | null },
): void {
  const { deviceAddress } = t.state.supplicant;
  // Without the owner's address in the profile, wpa_supplicant refuses the phones that know a group which does not run, and
  // they forget it for good; and it would store a copy when the group starts.
  if (deviceAddress !== null) t.ask('device', setNetwork(id, `bssid ${deviceAddress}`), 'bssid', 'debug');
  t.update({ networkId: id });
  lookUpFileClients(t, id, ssid);
  proceed(t, occasion, { kind: 'profile', networkId: id, ssid });
}

function withoutProfile(t: Transition, { occasion, profiles }: Choosing): void {
  t.update({ networkId: null });
  askUnused(t, profiles);
  const { persistent_network_id: wanted, network_parms } = t.settings;
  const { stored } = t.world;
  if (wanted !== null && !stored && network_parms.length === 0) {
    const usable = profiles.filter((p) => p.persistent && p.id !== wanted).map((p) => p.id);
    const unusable = profiles.find((p) => p.id === wanted && !p.persistent) ?? null;
    fail(t, { kind: 'profile', wanted, usable, unusable });
  } else if (network_parms.length > 0) {
    store(t, occasion, 'network_parms', [...network_parms, ...PROFILE_MARKS]);
  } else if (stored) {
    t.log('info', { type: 'profile-lost', interface: null });
    store(t, occasion, 'state file', storedLines(stored, t.state.supplicant.deviceAddress));
  } else {
    proceed(t, occasion, { kind: 'new-persistent' });
  }
}

function store(
  t: Transition,
  occasion: Occasion | null,
  source: ProfileSource,
  lines: readonly string[],
): void {
  t.enter({ name: 'storing', occasion, source, networkId: null, lines });
}

/** The reply to `ADD_NETWORK`: fills the new profile. */
function networkAdded(t: Transition, phase: Storing, reply: string): void {
  const networkId = parseNumber(reply.trim());
  if (networkId === null) {
    fail(t, { kind: 'refused', request: 'ADD_NETWORK', reply, source: phase.source, key: null });
    return;
  }
  t.amend({ ...phase, networkId });
  for (const line of phase.lines)
    t.question('device', setNetwork(networkId, line), { kind: 'set-network', line });
}

/** A profile was added, and the phase that would have filled it is over. */
export function removeUnused(t: Transition, { kind }: Tag, reply: string): void {
  const id = kind === 'add-network' || kind === 'restore-profile' ? parseNumber(reply.trim()) : null;
  if (id !== null) t.ask('device', removeNetwork(id), 'REMOVE_NETWORK');
}

/** The reply to one `SET_NETWORK`; they come in order, so the last one completes the profile. */
function networkSet(t: Transition, phase: Storing, line: string, reply: string): void {
  const { networkId, occasion, source, lines } = phase;
  if (networkId === null || !lines.includes(line)) return;
  if (!isOk(reply)) {
    // The line itself may hold the passphrase.
    const key = line.split(' ', 1)[0] ?? '';
    t.ask('device', removeNetwork(networkId), 'REMOVE_NETWORK');
    fail(t, { kind: 'refused', request: 'SET_NETWORK', reply, source, key });
  } else if (line === lines.at(-1)) {
    useProfile(t, occasion, { id: networkId, ssid: null });
    saveConfig(t);
  }
}

// Profiles that seem to be meant for our group and cannot be used, or not as people expect.

/** Logs each warning once: the list is read before every attempt. */
function warnOnce(t: Transition, notice: Notice): void {
  const { profiles } = t.state.repeats;
  const key = JSON.stringify(notice);
  if (profiles.has(key)) return;
  t.setRepeats({ profiles: new Set([...profiles, key].slice(-MAX_WARNINGS)) });
  t.log('warning', notice);
}

/** A profile that is used, and that phones do not list. */
function warnOfName(t: Transition, profile: NetworkProfile): void {
  if (!isDirectName(profile.ssid)) warnOnce(t, { type: 'profile-unlisted', profile });
}

/** No profile can be used, so another group is made: asks for the mode of those that are named like a group. */
function askUnused(t: Transition, profiles: readonly NetworkProfile[]): void {
  const likely = profiles.filter(({ persistent, ssid }) => !persistent && isDirectName(ssid));
  for (const profile of likely.slice(0, MAX_QUESTIONS))
    t.request('device', getNetwork(profile.id, 'mode'), { kind: 'unused-profile', profile });
}

/** The mode of a profile that is not used. As a client of another device's group it is not meant for us. */
export function unusedMode(t: Transition, profile: NetworkProfile, reply: string): void {
  const mode = parseNumber(reply.trim());
  if (mode === null || mode === CLIENT_MODE) return;
  warnOnce(t, { type: 'profile-unusable', profile, mode });
}
