import { join } from 'node:path';
import { suitableInterfaces } from '../../host/interface-search.js';
import { isFailure, parseInterfaces, parseStatus } from '../../wpa/reply.js';
import { readNote } from '../../wpa/temporary-values.js';
import type { ControlFacts, DeviceFacts, Radio, Told } from '../facts.js';
import type { Sources } from '../sources.js';

/** Which interface a session would take, and what wpa_supplicant says of its own settings there. */
export async function gatherDevice(
  sources: Sources,
  { folder, sockets }: ControlFacts,
  wanted: string,
  radios: readonly Radio[],
): Promise<DeviceFacts> {
  const statuses = new Map<string, string>();
  for (const { name, answer } of sockets) if ('status' in answer) statuses.set(name, answer.status);
  const behind = radiosBehind(wanted, radios);
  // A name that belongs to nothing says nothing of what is meant: then the rest is judged as with `auto`.
  const open = wanted === 'auto' || (behind.length === 0 && !statuses.has(wanted));
  const name = open ? suitableInterfaces(statuses)[0] : statuses.has(wanted) ? wanted : undefined;
  const answering = [...statuses.keys()];
  const by =
    name ??
    answering.find((other) => behind.some((radio) => radio.name === other)) ??
    answering.find((other) => !other.startsWith('p2p-')) ??
    answering[0];
  const address = name === undefined ? null : parseStatus(statuses.get(name) ?? '').p2pDeviceAddress;
  return {
    wanted,
    name: address === null ? null : (name ?? null),
    address,
    told: by === undefined ? null : await tell(sources, folder, by),
    radios: radiosOf(name ?? wanted, radios),
  };
}

/** Questions only: none of them changes anything. */
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
] as const;

async function tell({ root, ask }: Sources, folder: string, by: string): Promise<Told | null> {
  const outcomes = await ask(join(root, folder), by, QUESTIONS);
  const replies = new Map<string, string>();
  for (const [place, outcome] of outcomes.entries()) {
    const question = QUESTIONS[place];
    if (question !== undefined && 'reply' in outcome) replies.set(question, outcome.reply);
  }
  if (replies.size === 0) return null;
  const value = (key: string): string | null => {
    const reply = replies.get(`GET ${key}`);
    return reply === undefined || isFailure(reply) ? null : reply.trim();
  };
  return {
    by,
    version: value('version'),
    country: value('country'),
    p2pDisabled: value('p2p_disabled'),
    // A session sets it to 0, and notes what the user has.
    updateConfig: readNote(value('config_methods') ?? '')?.update_config ?? value('update_config'),
    randomDeviceAddress: value('p2p_device_random_mac_addr'),
    randomStationAddress: value('mac_addr'),
    noGroupInterface: value('p2p_no_group_iface'),
    knowsP2p: !(replies.get('P2P_PEER FIRST') ?? '').startsWith('UNKNOWN COMMAND'),
    interfaces: parseInterfaces(replies.get('INTERFACES') ?? ''),
  };
}

/** The name that wpa_supplicant gives the P2P device of a radio; it cuts one that is too long (p2p_supplicant.c). */
export function deviceNameOf(radio: string): string {
  return `p2p-dev-${radio}`.slice(0, 15);
}

/** The radio behind an interface; all that there are where that is open. */
function radiosOf(name: string, all: readonly Radio[]): readonly Radio[] {
  const behind = radiosBehind(name, all);
  return behind.length > 0 ? behind : all.filter(isOwn);
}

/** The radio itself or the one whose P2P device it is; several where a name that was cut leaves that open. */
function radiosBehind(name: string, all: readonly Radio[]): readonly Radio[] {
  const behind = all
    .filter(isOwn)
    .filter((radio) => radio.name === name || deviceNameOf(radio.name) === name);
  const whole = behind.filter((radio) => `p2p-dev-${radio.name}` === name);
  return whole.length > 0 ? whole : behind;
}

/** Not made by wpa_supplicant for a group. */
function isOwn({ name }: Radio): boolean {
  return !name.startsWith('p2p-');
}
