import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suitableInterfaces } from '../../host/interface-search.js';
import { readNote } from '../../session/temporary-values.js';
import { codeOf } from '../../system/errors.js';
import { deviceInterfaceOf, isGroup, isMadeForP2p, parentOf } from '../../system/interface-names.js';
import type { Missing } from '../../system/missing.js';
import { isFailure, parseInterfaces, parseStatus } from '../../wpa/reply.js';
import type { ControlFacts, ControlSocket, DeviceFacts, Radio, SupplicantSettings } from '../facts.js';
import { ownershipOf } from './own-files.js';
import type { Sources } from './sources.js';
import { hasPrivateTmp } from './systemd-files.js';

/** Mode bits of a group: to list a folder and enter it; to send to a socket. */
const FOLDER_BITS = 0o050;
const SOCKET_BITS = 0o020;

/** The control folder of wpa_supplicant, and what the interface behind each socket answers. */
export async function gatherControl(
  sources: Sources,
  folder: string,
  clientFolder: string,
): Promise<ControlFacts> {
  const [owner, privateTmp, names] = await Promise.all([
    ownershipOf(sources, folder, FOLDER_BITS),
    hasPrivateTmp(sources.root),
    readdir(join(sources.root, folder)).catch((cause: unknown) => {
      return codeOf(cause) === 'EACCES' ? 'denied' : 'missing';
    }),
  ]);
  const common = { folder, owner, clientFolder, privateTmp };
  if (typeof names === 'string') return { ...common, state: names, sockets: [], heldBack: [] };
  const found = await Promise.all(names.sort().map((name) => gatherSocket(sources, folder, name)));
  const sockets = found.filter((socket) => socket !== null);
  return { ...common, state: 'listed', sockets, heldBack: await gatherHeldBack(sources, folder, sockets) };
}

async function gatherSocket(sources: Sources, folder: string, name: string): Promise<ControlSocket | null> {
  const { root, ask } = sources;
  const path = join(folder, name);
  const stats = await lstat(join(root, path)).catch((cause: unknown) => codeOf(cause));
  // Who may list the folder may not always see what is in it.
  if (stats === 'EACCES') return { name, owner: null, answer: { code: 'CONTROL_DENIED' } };
  if (typeof stats !== 'object' || !stats.isSocket()) return null;
  const [owner, [outcome]] = await Promise.all([
    ownershipOf(sources, path, SOCKET_BITS),
    ask(join(root, folder), name, ['STATUS']),
  ]);
  if (outcome && 'reply' in outcome) return { name, owner, answer: { status: outcome.reply } };
  return { name, owner, answer: { code: outcome?.error.code ?? 'CONTROL_UNAVAILABLE' } };
}

async function gatherHeldBack(
  { root, heldBack }: Sources,
  folder: string,
  sockets: readonly ControlSocket[],
): Promise<ControlFacts['heldBack']> {
  const found = await Promise.all(
    sockets.map(async ({ name, answer }) => {
      const reason = 'status' in answer ? await heldBack(join(root, folder), name) : null;
      return reason === null ? [] : [{ name, reason }];
    }),
  );
  return found.flat();
}

/** The interface that a session would use, and what wpa_supplicant reports about itself there. */
export async function gatherDevice(
  sources: Sources,
  { folder, sockets }: ControlFacts,
  requested: string,
  radios: readonly Radio[],
): Promise<DeviceFacts> {
  const statuses = new Map<string, string>();
  for (const { name, answer } of sockets) if ('status' in answer) statuses.set(name, answer.status);
  const silent = sockets.filter(isSilent).map(({ name }) => name);
  const behind = radiosBehind(requested, radios);
  const isServed = sockets.some(({ name }) => name === requested);
  // A name without a socket and without a radio tells nothing: the other checks then judge what `auto` would use.
  const useAuto = requested === 'auto' || (behind.length === 0 && !isServed);
  const [name] = useAuto
    ? suitableInterfaces(statuses, silent)
    : [requested].filter((one) => statuses.has(one));
  const awaited = silent.find((one) => (useAuto ? !isGroup(one) : one === requested));
  const answering = [...statuses.keys()];
  const by =
    name ??
    answering.find((other) => behind.some((radio) => radio.name === other)) ??
    answering.find((other) => !isMadeForP2p(other)) ??
    answering[0];
  const address = name === undefined ? null : parseStatus(statuses.get(name) ?? '').p2pDeviceAddress;
  const known = radiosBehind(name ?? requested, radios);
  const gatherReported = (): Missing | Promise<SupplicantSettings | Missing> => {
    if (name === undefined && awaited !== undefined)
      return { missing: `wpa_supplicant does not answer for ${awaited}` };
    if (by === undefined) return { missing: 'wpa_supplicant does not answer' };
    return gatherSettings(sources, folder, by);
  };
  return {
    requested,
    name: address === null ? null : (name ?? null),
    address,
    reported: await gatherReported(),
    radios: known.length > 0 ? known : radios.filter(isNoGroup),
  };
}

/** A program listens on it, and may still answer. */
export function isSilent({ answer }: ControlSocket): boolean {
  return 'code' in answer && answer.code === 'CONTROL_TIMEOUT';
}

/** None of these requests changes anything. */
const QUESTIONS = [
  'INTERFACES',
  'P2P_PEER FIRST',
  'GET version',
  'GET country',
  'GET p2p_disabled',
  'GET update_config',
  'GET config_methods',
  'GET p2p_device_random_mac_addr',
  'GET mac_addr',
  'GET p2p_no_group_iface',
  'GET device_name',
  'GET pmf',
  'GET_CAPABILITY key_mgmt',
] as const;

/** All answers or none: a part of them would look like the whole. */
async function gatherSettings(
  { root, ask }: Sources,
  folder: string,
  by: string,
): Promise<SupplicantSettings | Missing> {
  const outcomes = await ask(join(root, folder), by, QUESTIONS);
  const replies = new Map<string, string>();
  for (const [place, question] of QUESTIONS.entries()) {
    const outcome = outcomes[place];
    if (outcome === undefined || 'error' in outcome)
      return { missing: `wpa_supplicant does not answer ${question} for ${by}` };
    replies.set(question, outcome.reply);
  }
  const value = (parameter: string): string | null => {
    const reply = replies.get(`GET ${parameter}`);
    return reply === undefined || isFailure(reply) ? null : reply.trim();
  };
  // A session changes these two, and notes the user's values in config_methods.
  const note = readNote(value('config_methods') ?? '');
  return {
    by,
    version: value('version'),
    country: value('country'),
    p2pDisabled: value('p2p_disabled'),
    updateConfig: note?.update_config ?? value('update_config'),
    configMethods: note?.config_methods ?? value('config_methods'),
    randomDeviceAddress: value('p2p_device_random_mac_addr'),
    randomStationAddress: value('mac_addr'),
    noGroupInterface: value('p2p_no_group_iface'),
    deviceName: value('device_name'),
    protectedFrames: value('pmf'),
    offersSae: (replies.get('GET_CAPABILITY key_mgmt') ?? '').split(' ').includes('SAE'),
    knowsP2p: !(replies.get('P2P_PEER FIRST') ?? '').startsWith('UNKNOWN COMMAND'),
    interfaces: parseInterfaces(replies.get('INTERFACES') ?? ''),
  };
}

/** The radio with that name or that P2P device; several if the name of the P2P device was cut. */
function radiosBehind(name: string, all: readonly Radio[]): readonly Radio[] {
  const behind = all
    .filter(isNoGroup)
    .filter((radio) => radio.name === name || deviceInterfaceOf(radio.name) === name);
  const exact = behind.filter((radio) => radio.name === parentOf(name));
  return exact.length > 0 ? exact : behind;
}

function isNoGroup({ name }: Radio): boolean {
  return !isMadeForP2p(name);
}
