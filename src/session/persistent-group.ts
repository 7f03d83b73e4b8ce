import {
  ADD_NETWORK,
  getNetwork,
  listNetworks,
  P2P_GET_PASSPHRASE,
  removeClient,
  setNetwork,
} from '../wpa/command.js';
import { hexText, parseNumber } from '../wpa/fields.js';
import { addPage, isFailure, type NetworkProfile, parseClientList } from '../wpa/reply.js';
import type { StoredGroup } from './model.js';
import type { Group } from './phase.js';
import { techniqueOf } from './selectors.js';
import { saveConfig } from './supplicant-settings.js';
import type { Transition } from './transition.js';

/**
 * What is kept of a persistent group, and the profile behind it. wpa_supplicant loses the profile when it ends without a
 * configuration file, and also drops it when a phone that has forgotten the group asks to join again; so the session keeps
 * it, and stores it again.
 */

/** wpa_supplicant keeps as many clients of a persistent group (P2P_MAX_STORED_CLIENTS in config_ssid.h). */
export const MAX_CLIENTS = 100;

/** With these clients: those that have joined are not forgotten any more. */
function withClients(stored: StoredGroup, clients: readonly string[]): StoredGroup {
  const forgotten = stored.forgotten.filter((address) => !clients.includes(address));
  return { ...stored, clients: clients.slice(0, MAX_CLIENTS), forgotten };
}

export function withoutClient(stored: StoredGroup, address: string): StoredGroup {
  const others = (list: readonly string[]) => list.filter((one) => one !== address);
  return {
    ...stored,
    clients: others(stored.clients),
    forgotten: [address, ...others(stored.forgotten)].slice(0, MAX_CLIENTS),
  };
}

/** The SSID as `LIST_NETWORKS` shows it. */
export function ssidOf({ ssidHex }: StoredGroup): string {
  return hexText(ssidHex);
}

/** What a profile needs beside name and secret, to be a persistent group of ours. */
const SECURITY = ['proto RSN', 'key_mgmt WPA-PSK', 'pairwise CCMP', 'auth_alg OPEN'] as const;
/** Without them it is no persistent group of which we are the owner. */
export const PROFILE_MARKS = ['mode 3', 'disabled 2'] as const;

/** The lines of a profile for a stored group. */
export function storedLines(stored: StoredGroup, deviceAddress: string | null): readonly string[] {
  const { ssidHex, passphrase, psk, clients } = stored;
  const secret = passphrase === null ? `psk ${psk ?? ''}` : `psk "${passphrase}"`;
  // With our address in it, wpa_supplicant finds it when the group starts; else it would store a copy.
  const owner = deviceAddress === null ? [] : [`bssid ${deviceAddress}`];
  const known = clients.length === 0 ? [] : [`p2p_client_list ${clients.join(' ')}`];
  return [`ssid ${ssidHex}`, secret, ...SECURITY, ...owner, ...known, ...PROFILE_MARKS];
}

/** Finds out which profile is behind the running group. */
export function lookUpProfile(t: Transition, group: Group): void {
  if (!techniqueOf(t.settings).persistent) return;
  if (group.networkId === null) {
    t.question('device', listNetworks(null), { kind: 'group-profile', before: [] });
  } else {
    t.update({ networkId: group.networkId });
    lookUpClients(t, group);
  }
}

/** One page of `LIST_NETWORKS`: which profile has the group's name? */
export function profilesListed(
  t: Transition,
  group: Group,
  before: readonly NetworkProfile[],
  reply: string,
): void {
  const { profiles, next } = addPage(before, reply);
  if (next !== null) {
    t.question('device', listNetworks(next), { kind: 'group-profile', before: profiles });
    return;
  }
  const { stored } = t.world;
  const profile = profiles.find((p) => p.persistent && p.ssid === group.ssid);
  if (!profile) {
    if (stored?.ssidHex === group.ssidHex) storeAgain(t, group);
    return;
  }
  const known = { ...group, networkId: profile.id };
  t.setGroup(known);
  t.update({ networkId: profile.id });
  lookUpClients(t, known);
  // The passphrase of a group that was up already has not been reported.
  if (stored?.ssidHex !== group.ssidHex)
    t.question('group', P2P_GET_PASSPHRASE, { kind: 'group-passphrase' });
}

export function passphraseReceived(t: Transition, group: Group, reply: string): void {
  if (group.ssidHex && !isFailure(reply) && reply !== '')
    persistGroup(t, group.ssidHex, reply.replace(/\n$/, ''), null);
}

/** Saves name and secret of a persistent group. With another name it begins a new list of clients. */
export function persistGroup(
  t: Transition,
  ssidHex: string,
  passphrase: string | null,
  psk: string | null,
): void {
  if (passphrase === null && psk === null) return;
  const { stored } = t.world;
  const known = stored?.ssidHex === ssidHex ? stored : null;
  const { clients, forgotten } = known ?? { clients: [], forgotten: [] };
  t.effects.push({ type: 'store', group: { ssidHex, passphrase, psk, clients, forgotten } });
  if (!known) saveConfig(t);
}

/** Asks for the clients of the group: the answer also shows whether its profile is still there. */
export function lookUpClients(t: Transition, { networkId }: Group): void {
  if (networkId !== null)
    t.question('device', getNetwork(networkId, 'p2p_client_list'), { kind: 'group-clients' });
}

export function clientsReceived(t: Transition, group: Group, reply: string): void {
  const { stored } = t.world;
  if (group.networkId === null || !stored || stored.ssidHex !== group.ssidHex) return;
  if (isFailure(reply))
    t.question('device', getNetwork(group.networkId, 'mode'), { kind: 'group-profile-mode' });
  else keepClients(t, stored, group.networkId, parseClientList(reply));
}

/** Asks for the clients of the group that is to be formed, in its profile. */
export function lookUpFileClients(t: Transition, networkId: number, ssid: string | null): void {
  const { stored } = t.world;
  if (!isOutdated(t) || !stored || ssid !== ssidOf(stored)) return;
  t.request('device', getNetwork(networkId, 'p2p_client_list'), { kind: 'file-clients', networkId });
}

export function fileClientsReceived(t: Transition, networkId: number, reply: string): void {
  const { stored } = t.world;
  if (stored) keepClients(t, stored, networkId, isFailure(reply) ? [] : parseClientList(reply));
}

/** What wpa_supplicant has read from a file that we do not write can be older than what we have kept. */
function isOutdated({ state: { supplicant } }: Transition): boolean {
  return supplicant.values?.file === 'shared' && supplicant.freshFromFile;
}

function keepClients(t: Transition, stored: StoredGroup, networkId: number, listed: readonly string[]): void {
  let clients = listed;
  if (isOutdated(t)) {
    t.setSupplicant({ freshFromFile: false });
    for (const address of stored.forgotten)
      t.ask('device', removeClient(address), `P2P_REMOVE_CLIENT ${address}`, 'debug');
    const joined = listed.filter((address) => !stored.forgotten.includes(address));
    clients = [...new Set([...stored.clients, ...joined])].slice(0, MAX_CLIENTS);
    if (clients.length > joined.length) {
      const line = `p2p_client_list ${clients.join(' ')}`;
      t.ask('device', setNetwork(networkId, line), 'profile of the group: p2p_client_list');
    }
  }
  t.effects.push({ type: 'store', group: withClients(stored, clients) });
  // With per_sta_psk a phone may have got another passphrase as well.
  if (t.settings.per_sta_psk || clients.join() !== stored.clients.join()) saveConfig(t);
}

/** The reply to the question for its mode: a profile without clients is still a profile. */
export function profileModeReceived(t: Transition, group: Group, reply: string): void {
  const { stored } = t.world;
  if (group.restoring || !stored) return;
  if (isFailure(reply)) storeAgain(t, group);
  else if (group.networkId !== null && isOutdated(t)) keepClients(t, stored, group.networkId, []);
}

function storeAgain(t: Transition, group: Group): void {
  t.log('info', { type: 'profile-lost', interface: group.interface });
  t.setGroup({ ...group, restoring: true });
  t.question('device', ADD_NETWORK, { kind: 'restore-profile' });
}

/** The reply to `ADD_NETWORK`. */
export function profileAdded(t: Transition, group: Group, reply: string): void {
  const { stored } = t.world;
  const networkId = parseNumber(reply.trim());
  if (!stored || networkId === null) {
    t.setGroup({ ...group, restoring: false });
    return;
  }
  const here = [...group.stations.values()].map((s) => s.deviceAddress).filter((a) => a !== null);
  const restored = withClients(stored, [...new Set([...here, ...stored.clients])]);
  for (const line of storedLines(restored, t.state.supplicant.deviceAddress))
    t.ask('device', setNetwork(networkId, line), `profile of the group: ${line.split(' ', 1)[0]}`);
  t.setGroup({ ...group, networkId, restoring: false });
  t.update({ networkId });
  t.effects.push({ type: 'store', group: restored });
  saveConfig(t);
}
