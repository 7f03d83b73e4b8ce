import {
  ADD_NETWORK,
  groupAdd,
  groupAddPersistent,
  groupAddProfile,
  listNetworks,
  removeNetwork,
  setNetwork,
} from '../wpa/command.js';
import { parseNumber } from '../wpa/fields.js';
import { FULL_PAGE_BYTES, isFailure, isOk, type NetworkProfile, parseNetworks } from '../wpa/reply.js';
import { saveConfig } from './apply.js';
import { startDiscovery } from './discovery.js';
import { planFacts } from './facts.js';
import type { GroupPlan } from './model.js';
import type { Turn } from './turn.js';

/** How a group comes into being: which one, the hook before it, the command, and the rest after a failure. */

/**
 * An access point that cannot be set up makes no event at all (p2p_supplicant.c), so the start is bounded.
 * wpa_supplicant's own simulated-radio tests wait 5 s; a busy radio may need more.
 */
const FORMING_LIMIT_MS = 10_000;
const REST_FIRST_MS = 1_000;
const REST_LAST_MS = 60_000;
/** Added to `network_parms`: without them the profile is no persistent group of ours. */
const PROFILE_MARKS = ['mode 3', 'disabled 2'] as const;

/** No group is up: form one as the settings say. */
export function beginFormation(turn: Turn): void {
  const { activate_persistent_group, activate_autonomous_group, dynamic_group } = turn.settings;
  if (activate_persistent_group && !dynamic_group) {
    turn.enter({ name: 'choosing', profiles: [] });
    turn.request('device', listNetworks(null), { kind: 'networks' });
  } else if (activate_autonomous_group && !activate_persistent_group) {
    announce(turn, { kind: 'autonomous' });
  } else {
    turn.enter({ name: 'idle' });
    startDiscovery(turn);
  }
}

/** One page of `LIST_NETWORKS`. */
export function networksListed(turn: Turn, before: readonly NetworkProfile[], reply: string): void {
  const page = parseNetworks(reply);
  const profiles = [...before, ...page];
  const last = page.at(-1);
  if (last && Buffer.byteLength(reply) >= FULL_PAGE_BYTES) {
    turn.enter({ name: 'choosing', profiles });
    turn.request('device', listNetworks(last.id), { kind: 'networks' });
    return;
  }
  const { persistent_network_id: wanted, network_parms } = turn.settings;
  const persistent = profiles.filter((p) => p.persistent);
  const profile = wanted === null ? persistent[0] : persistent.find((p) => p.id === wanted);
  if (profile) {
    announce(turn, { kind: 'profile', networkId: profile.id, ssid: profile.ssid });
  } else if (wanted !== null) {
    const ids = persistent.map((p) => p.id).join(', ') || 'none';
    fail(
      turn,
      `persistent_network_id: found ${wanted}, wanted the id of a persistent group profile (${ids})`,
    );
  } else if (network_parms.length > 0) {
    turn.enter({ name: 'storing', networkId: null });
    turn.request('device', ADD_NETWORK, { kind: 'add-network' });
  } else {
    announce(turn, { kind: 'new-persistent' });
  }
}

/** The reply to `ADD_NETWORK`: fill the new profile. */
export function networkAdded(turn: Turn, reply: string): void {
  const networkId = parseNumber(reply.trim());
  if (networkId === null) {
    fail(turn, `network_parms: ADD_NETWORK was refused (${reply.trim()})`);
    return;
  }
  turn.enter({ name: 'storing', networkId });
  for (const line of [...turn.settings.network_parms, ...PROFILE_MARKS]) {
    turn.request('device', setNetwork(networkId, line), { kind: 'set-network', line });
  }
}

/** The reply to one `SET_NETWORK`; they come in order, so the last one completes the profile. */
export function networkSet(turn: Turn, networkId: number, line: string, reply: string): void {
  if (!isOk(reply)) {
    // The line itself may hold the passphrase.
    const key = line.split(' ', 1)[0];
    turn.ask('device', removeNetwork(networkId), 'REMOVE_NETWORK');
    fail(turn, `network_parms: ${key} was refused by wpa_supplicant (${reply.trim()})`);
  } else if (line === PROFILE_MARKS.at(-1)) {
    saveConfig(turn, turn.settings.save_config_enabled);
    announce(turn, { kind: 'profile', networkId, ssid: null });
  }
}

/** The hook comes before the group, so that it can free the radio; it is waited for. */
function announce(turn: Turn, plan: GroupPlan): void {
  const call = turn.state.calls + 1;
  turn.enter({ name: 'announcing', plan, call });
  turn.update({ groupAnnounced: true, calls: call });
  const args = plan.kind === 'profile' ? [String(plan.networkId)] : [];
  turn.hook('start_group', args, planFacts(plan), call);
}

/** The hook has ended, well or not. */
export function form(turn: Turn, plan: GroupPlan): void {
  const options = turn.settings.p2p_group_add_opts;
  turn.enter({ name: 'forming', plan });
  turn.timer('forming', FORMING_LIMIT_MS);
  turn.request('device', formationCommand(plan, options), { kind: 'group-add' });
}

function formationCommand(plan: GroupPlan, options: string | null): string {
  if (plan.kind === 'profile') return groupAddProfile(plan.networkId, options);
  return plan.kind === 'new-persistent' ? groupAddPersistent(options) : groupAdd(options);
}

/** The reply to `P2P_GROUP_ADD`; `OK` means no more than that it will be tried. */
export function formationAnswered(turn: Turn, reply: string): void {
  if (!isFailure(reply)) return;
  const options = turn.settings.p2p_group_add_opts;
  const hint = options ? ` (check p2p_group_add_opts: ${options})` : '';
  fail(turn, `P2P_GROUP_ADD was refused: ${reply.trim()}${hint}`);
}

export function formationTimedOut(turn: Turn): void {
  turn.update({ leftover: true });
  fail(turn, `the group did not come up within ${FORMING_LIMIT_MS / 1000} s of P2P_GROUP_ADD`);
}

/** An attempt failed: undo the announcement and try again after a rest. */
export function fail(turn: Turn, reason: string): void {
  // A lasting cause would fill the log for ever.
  turn.log(reason === turn.state.lastFailure ? 'debug' : 'error', reason);
  turn.update({ lastFailure: reason });
  turn.cancel('forming');
  withdrawAnnouncement(turn);
  rest(turn);
}

/** `start_group` was called for a group that did not come: its `stop_group` must follow. */
export function withdrawAnnouncement(turn: Turn): void {
  if (!turn.state.groupAnnounced) return;
  turn.update({ groupAnnounced: false });
  turn.hook('stop_group', [], {});
}

/** Waits before the next attempt: 1 s, then twice as long each time up to a minute. */
export function rest(turn: Turn): void {
  const { failures } = turn.state;
  const ms = Math.min(REST_FIRST_MS * 2 ** failures, REST_LAST_MS);
  turn.update({ failures: failures + 1 });
  turn.enter({ name: 'resting' });
  turn.timer('resting', ms);
  turn.log(failures === 0 ? 'info' : 'debug', `the group is started again in ${ms / 1000} s`);
}
