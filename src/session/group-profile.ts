import {
  ADD_NETWORK,
  getNetwork,
  listNetworks,
  P2P_GET_PASSPHRASE,
  removeClient,
  setNetwork,
} from '../wpa/command.js';
import { parseNumber } from '../wpa/fields.js';
import { addPage, isFailure, type NetworkProfile, parseClientList } from '../wpa/reply.js';
import { runningGroup } from './held.js';
import type { Group } from './model.js';
import { MAX_CLIENTS, type StoredGroup, withClients } from './stored-group.js';
import { saveConfig } from './supplicant-values.js';
import { techniqueOf } from './technique.js';
import type { Turn } from './turn.js';

/**
 * The profile behind the running persistent group. wpa_supplicant loses it when it ends without a configuration file,
 * and also drops it when a phone that has forgotten the group asks anew; so we keep it ourselves, and put it back.
 */

/** What a profile needs besides name and secret, to be a persistent group of ours. */
const SECURITY = ['proto RSN', 'key_mgmt WPA-PSK', 'pairwise CCMP', 'auth_alg OPEN'] as const;
/** Without them it is no persistent group of which we are the owner. */
export const PROFILE_MARKS = ['mode 3', 'disabled 2'] as const;
/** The name of what we have kept, as `LIST_NETWORKS` is read. */
export function nameOf({ ssidHex }: StoredGroup): string {
  return Buffer.from(ssidHex, 'hex').toString('utf8');
}

/** The lines of a profile for what we have kept. */
export function storedLines(stored: StoredGroup, deviceAddress: string | null): readonly string[] {
  const { ssidHex, passphrase, psk, clients } = stored;
  const secret = passphrase === null ? `psk ${psk ?? ''}` : `psk "${passphrase}"`;
  // With our address in it, wpa_supplicant finds it when the group starts; else it would store a copy.
  const owner = deviceAddress === null ? [] : [`bssid ${deviceAddress}`];
  const known = clients.length === 0 ? [] : [`p2p_client_list ${clients.join(' ')}`];
  return [`ssid ${ssidHex}`, secret, ...SECURITY, ...owner, ...known, ...PROFILE_MARKS];
}

/** The link to the group is there: find out what is to be kept of it. */
export function lookAtProfile(turn: Turn, group: Group): void {
  if (!techniqueOf(turn.settings).persistent) return;
  if (group.networkId === null) {
    turn.request('device', listNetworks(null), { kind: 'group-profile', before: [] });
  } else {
    turn.update({ networkId: group.networkId });
    lookAtClients(turn, group);
  }
}

/** One page of `LIST_NETWORKS`: which profile has the group's name? */
export function profilesListed(turn: Turn, before: readonly NetworkProfile[], reply: string): void {
  const group = runningGroup(turn);
  if (!group) return;
  const { profiles, next } = addPage(before, reply);
  if (next !== null) {
    turn.request('device', listNetworks(next), { kind: 'group-profile', before: profiles });
    return;
  }
  const profile = profiles.find((p) => p.persistent && p.ssid === group.ssid);
  if (!profile) {
    if (turn.world.stored?.ssidHex === group.ssidHex) makeAgain(turn, group);
    return;
  }
  const known = { ...group, networkId: profile.id };
  turn.setGroup(known);
  turn.update({ networkId: profile.id });
  lookAtClients(turn, known);
  // Of a group that was up already nobody has told us the passphrase.
  if (turn.world.stored?.ssidHex !== group.ssidHex)
    turn.request('group', P2P_GET_PASSPHRASE, { kind: 'group-passphrase' });
}

export function passphraseTold(turn: Turn, reply: string): void {
  const group = runningGroup(turn);
  if (group?.ssidHex && !isFailure(reply) && reply !== '')
    keep(turn, group.ssidHex, reply.replace(/\n$/, ''), null);
}

/** Keeps name and secret of a persistent group, and with another name begins a new list of clients. */
export function keep(turn: Turn, ssidHex: string, passphrase: string | null, psk: string | null): void {
  if (passphrase === null && psk === null) return;
  const { stored } = turn.world;
  const known = stored?.ssidHex === ssidHex ? stored : null;
  const { clients, forgotten } = known ?? { clients: [], forgotten: [] };
  turn.effects.push({ type: 'store', group: { ssidHex, passphrase, psk, clients, forgotten } });
  if (!known) saveConfig(turn);
}

/** Asks who has joined the group: the answer also tells whether its profile is still there. */
export function lookAtClients(turn: Turn, group: Group): void {
  if (group.networkId !== null)
    turn.request('device', getNetwork(group.networkId, 'p2p_client_list'), { kind: 'group-clients' });
}

export function clientsTold(turn: Turn, reply: string): void {
  const group = runningGroup(turn);
  const { stored } = turn.world;
  if (!group || group.networkId === null || !stored || stored.ssidHex !== group.ssidHex) return;
  if (isFailure(reply)) {
    turn.request('device', getNetwork(group.networkId, 'mode'), { kind: 'group-profile-mode' });
    return;
  }
  keepClients(turn, stored, group.networkId, parseClientList(reply));
}

/** Who has joined the group that is not running, by its profile. */
export function lookAtFileClients(turn: Turn, networkId: number, ssid: string | null): void {
  const { stored } = turn.world;
  if (!isOlder(turn) || !stored || ssid !== nameOf(stored)) return;
  turn.request('device', getNetwork(networkId, 'p2p_client_list'), { kind: 'file-clients', networkId });
}

export function fileClientsTold(turn: Turn, networkId: number, reply: string): void {
  const { stored } = turn.world;
  if (stored) keepClients(turn, stored, networkId, isFailure(reply) ? [] : parseClientList(reply));
}

/** What wpa_supplicant has read from a file that we do not write can be older than what we have kept. */
function isOlder(turn: Turn): boolean {
  return turn.state.values?.file === 'shared' && turn.state.freshFromFile;
}

function keepClients(turn: Turn, stored: StoredGroup, networkId: number, told: readonly string[]): void {
  let clients = told;
  if (isOlder(turn)) {
    turn.update({ freshFromFile: false });
    for (const address of stored.forgotten)
      turn.ask('device', removeClient(address), `${address}, which was forgotten`, 'debug');
    const joined = told.filter((address) => !stored.forgotten.includes(address));
    clients = [...new Set([...stored.clients, ...joined])].slice(0, MAX_CLIENTS);
    if (clients.length > joined.length) {
      const line = `p2p_client_list ${clients.join(' ')}`;
      turn.ask('device', setNetwork(networkId, line), 'profile of the group: p2p_client_list');
    }
  }
  turn.effects.push({ type: 'store', group: withClients(stored, clients) });
  // With per_sta_psk a phone may have got another passphrase as well.
  if (turn.settings.per_sta_psk || clients.join() !== stored.clients.join()) saveConfig(turn);
}

/** The reply to the question for its mode: a profile without clients is still a profile. */
export function modeTold(turn: Turn, reply: string): void {
  const group = runningGroup(turn);
  const { stored } = turn.world;
  if (!group || group.restoring || !stored) return;
  if (isFailure(reply)) makeAgain(turn, group);
  else if (group.networkId !== null && isOlder(turn)) keepClients(turn, stored, group.networkId, []);
}

function makeAgain(turn: Turn, group: Group): void {
  turn.log(
    'info',
    `${group.interface}: wpa_supplicant has no profile of the group any more; it is made again`,
  );
  turn.setGroup({ ...group, restoring: true });
  turn.request('device', ADD_NETWORK, { kind: 'restore-profile' });
}

/** The reply to `ADD_NETWORK`. */
export function restoreProfile(turn: Turn, reply: string): void {
  const group = runningGroup(turn);
  const { stored } = turn.world;
  const networkId = parseNumber(reply.trim());
  if (!group) return;
  if (!stored || networkId === null) {
    turn.setGroup({ ...group, restoring: false });
    return;
  }
  const here = [...group.stations.values()].map((s) => s.deviceAddress).filter((a) => a !== null);
  const restored = withClients(stored, [...new Set([...here, ...stored.clients])]);
  for (const line of storedLines(restored, turn.state.deviceAddress)) {
    turn.ask('device', setNetwork(networkId, line), `profile of the group: ${line.split(' ', 1)[0]}`);
  }
  turn.setGroup({ ...group, networkId, restoring: false });
  turn.update({ networkId });
  turn.effects.push({ type: 'store', group: restored });
  saveConfig(turn);
}
