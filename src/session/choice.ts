import { ADD_NETWORK, getNetwork, listNetworks, removeNetwork, setNetwork } from '../wpa/command.js';
import { parseNumber } from '../wpa/fields.js';
import { addPage, isFailure, isOk } from '../wpa/reply.js';
import { startDiscovery } from './discovery.js';
import { howOf } from './enrolment.js';
import { announce, fail, refusal } from './formation.js';
import { fulfil, isWanted } from './group-orders.js';
import { lookAtFileClients, nameOf, PROFILE_MARKS, storedLines } from './group-profile.js';
import { isHalted } from './halt.js';
import type { GroupPlan, Occasion, Phase, ProfileSource } from './model.js';
import {
  askUnused,
  CLIENT_MODE,
  OWNER_MODE,
  profileLabel,
  unusable,
  warnOfName,
  warnOnce,
} from './profile-warnings.js';
import { saveConfig } from './supplicant-values.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';
import { isPinPaused } from './wrong-pin.js';

/** Which group: the technique of the settings, and for a persistent one the profile, which is made if need be. */

type Choosing = Extract<Phase, { name: 'choosing' }>;
type Storing = Extract<Phase, { name: 'storing' }>;

/** No group is up. @param asked why one is to be formed all the same; null: as the settings say */
export function beginFormation(turn: Turn, asked: Occasion | null = null): void {
  if (isHalted(turn)) {
    waitForRequest(turn);
    return;
  }
  const { persistent } = techniqueOf(turn.settings);
  const occasion: Occasion | null = asked ?? (isWanted(turn) ? { kind: 'standing' } : null);
  if (persistent) {
    turn.enter({ name: 'choosing', occasion, profiles: [], candidates: null });
    turn.request('device', listNetworks(null), { kind: 'networks' });
  } else {
    goOn(turn, occasion, { kind: 'autonomous' });
  }
}

/** It is known how a group would be formed: if there is reason for one, and still leave, it is. */
function goOn(turn: Turn, occasion: Occasion | null, plan: GroupPlan): void {
  if (occasion && !isHalted(turn)) announce(turn, occasion, plan);
  else waitForRequest(turn);
}

/** No group until a phone asks for one; perhaps one has done so meanwhile. */
export function waitForRequest(turn: Turn): void {
  // The settings may have changed on the way here, or an operator wants one.
  if (isWanted(turn)) {
    beginFormation(turn);
    return;
  }
  turn.enter({ name: 'idle' });
  turn.update({ failures: 0 });
  startDiscovery(turn);
  fulfil(turn, 'gone');
  formForNext(turn);
}

/** Forms a group with the phone that has waited longest among those that want to negotiate one. */
export function formForNext(turn: Turn): void {
  if (turn.state.phase.name !== 'idle' || isHalted(turn)) return;
  const next = turn.state.enrolments.find(
    (e) => e.negotiates && howOf(e) !== null && (e.method === 'pbc' || !isPinPaused(turn)),
  );
  if (!next) return;
  turn.cancel('discovery');
  beginFormation(turn, { kind: 'request', deviceAddress: next.deviceAddress, negotiated: false });
}

/** One page of `LIST_NETWORKS`. */
export function networksListed(turn: Turn, phase: Choosing, reply: string): void {
  if (phase.candidates !== null) return;
  if (isFailure(reply)) {
    // Taken for an empty list, it would lead to a second persistent group, which no phone knows.
    const text = `LIST_NETWORKS was refused: ${reply.trim()}`;
    fail(turn, refusal('LIST_NETWORKS', reply, text));
    return;
  }
  const { profiles, next } = addPage(phase.profiles, reply);
  if (next !== null) {
    turn.enter({ ...phase, profiles });
    turn.request('device', listNetworks(next), { kind: 'networks' });
    return;
  }
  const wanted = turn.settings.persistent_network_id;
  const persistent = profiles.filter((p) => p.persistent);
  const named = persistent.filter((p) => p.id === wanted);
  const { stored } = turn.world;
  const elsewhere = stored !== null || turn.settings.network_parms.length > 0;
  if (wanted !== null && named.length === 0 && elsewhere) {
    const other = profiles.find((p) => p.id === wanted);
    const why = other && unusable(other, null);
    warnOnce(
      turn,
      why
        ? `persistent_network_id: ${profileLabel(other)} cannot be used, another is: ${why}`
        : `persistent_network_id: wpa_supplicant has no profile ${wanted} (any more); another is used`,
    );
  }
  // Ours may have got another number when it was made again.
  const ours = persistent.filter((p) => stored !== null && p.ssid === nameOf(stored));
  const others = [...ours, ...persistent.filter((p) => !ours.includes(p))];
  let candidates = persistent;
  if (wanted !== null) candidates = named.length > 0 || !elsewhere ? named : others;
  tryCandidates(turn, { ...phase, profiles, candidates });
}

/** A persistent profile may also be of a group in which we are the client: the mode tells. */
function tryCandidates(turn: Turn, phase: Choosing): void {
  const [first] = phase.candidates ?? [];
  turn.enter(phase);
  if (first) turn.request('device', getNetwork(first.id, 'mode'), { kind: 'profile-mode' });
  else withoutProfile(turn, phase);
}

/** The reply to `GET_NETWORK <id> mode`. */
export function profileMode(turn: Turn, phase: Choosing, reply: string): void {
  const [first, ...others] = phase.candidates ?? [];
  if (!first) return;
  const mode = parseNumber(reply.trim());
  if (mode === null || mode === OWNER_MODE) {
    warnOfName(turn, first);
    useProfile(turn, phase.occasion, first);
    return;
  }
  const why = unusable(first, mode);
  // A group of which another device is the owner is usual, unless it was asked for.
  if (why !== null && (mode !== CLIENT_MODE || first.id === turn.settings.persistent_network_id))
    warnOnce(turn, `${profileLabel(first)} is not used: ${why}`);
  tryCandidates(turn, { ...phase, candidates: others });
}

function useProfile(
  turn: Turn,
  occasion: Occasion | null,
  { id, ssid }: { readonly id: number; readonly ssid: string | null },
): void {
  const { deviceAddress } = turn.state;
  // Without its owner's address in it, a group that does not run is denied to the phones that know it, and they forget
  // it for good; and wpa_supplicant would store a copy when it starts.
  if (deviceAddress !== null) turn.ask('device', setNetwork(id, `bssid ${deviceAddress}`), 'bssid', 'debug');
  turn.update({ networkId: id });
  lookAtFileClients(turn, id, ssid);
  goOn(turn, occasion, { kind: 'profile', networkId: id, ssid });
}

function withoutProfile(turn: Turn, { occasion, profiles }: Choosing): void {
  turn.update({ networkId: null });
  askUnused(turn, profiles);
  const { persistent_network_id: wanted, network_parms } = turn.settings;
  const { stored } = turn.world;
  if (wanted !== null && !stored && network_parms.length === 0) {
    const ids = profiles.filter((p) => p.persistent && p.id !== wanted).map((p) => p.id);
    const other = profiles.find((p) => p.id === wanted);
    const why = other && unusable(other, null);
    const text =
      (why ? `${profileLabel(other)}: ${why}; ` : '') +
      `persistent_network_id: found ${wanted}, wanted the id of a persistent group profile of which this device is ` +
      `the owner (${ids.join(', ') || 'none'})`;
    fail(turn, { kind: 'profile', detail: ids.join(' '), text });
  } else if (network_parms.length > 0) {
    store(turn, occasion, 'network_parms', [...network_parms, ...PROFILE_MARKS]);
  } else if (stored) {
    turn.log(
      'info',
      'wpa_supplicant does not know the persistent group (any more); its profile is made again',
    );
    store(turn, occasion, 'state file', storedLines(stored, turn.state.deviceAddress));
  } else {
    goOn(turn, occasion, { kind: 'new-persistent' });
  }
}

function store(turn: Turn, occasion: Occasion | null, source: ProfileSource, lines: readonly string[]): void {
  turn.enter({ name: 'storing', occasion, source, networkId: null, lines });
  turn.request('device', ADD_NETWORK, { kind: 'add-network' });
}

/** The reply to `ADD_NETWORK`: fill the new profile. */
export function networkAdded(turn: Turn, phase: Storing, reply: string): void {
  const networkId = parseNumber(reply.trim());
  if (networkId === null) {
    const text = `${phase.source}: ADD_NETWORK was refused (${reply.trim()})`;
    fail(turn, refusal('ADD_NETWORK', reply, text));
    return;
  }
  turn.enter({ ...phase, networkId });
  for (const line of phase.lines) {
    turn.request('device', setNetwork(networkId, line), { kind: 'set-network', line });
  }
}

/** The reply to one `SET_NETWORK`; they come in order, so the last one completes the profile. */
export function networkSet(turn: Turn, phase: Storing, line: string, reply: string): void {
  const { networkId, occasion, source } = phase;
  if (networkId === null || !phase.lines.includes(line)) return;
  if (!isOk(reply)) {
    // The line itself may hold the passphrase.
    const key = line.split(' ', 1)[0];
    turn.ask('device', removeNetwork(networkId), 'REMOVE_NETWORK');
    const text = `${source}: ${key} was refused by wpa_supplicant (${reply.trim()})`;
    fail(turn, refusal(`SET_NETWORK ${key}`, reply, text));
  } else if (line === phase.lines.at(-1)) {
    useProfile(turn, occasion, { id: networkId, ssid: null });
    saveConfig(turn);
  }
}
