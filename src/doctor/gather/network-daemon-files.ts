import { NMCLI_STATES } from '../../host/radio.js';
import { parseShortOptions, type ShortOptions } from '../../system/processes.js';
import type { DhcpcdBlock, DhcpcdFacts, NetworkManagerFacts, ServiceFacts } from '../facts.js';
import { gatherIfupdown, gatherNetplan, gatherProfiles } from './connections.js';
import { named, type Processes, type RunningProcess } from './processes.js';
import { type Sources, statsOf, textOf, textsIn } from './sources.js';
import { gatherLinkFiles, sectionsOf } from './systemd-files.js';

/** Other programs that configure network interfaces: those that run, and what their files say. */
export async function gatherServices(
  sources: Pick<Sources, 'root' | 'run'>,
  processes: Processes,
): Promise<ServiceFacts> {
  const { root } = sources;
  const runs = (name: string) => named(processes, name).length > 0;
  return {
    networkManager: runs('NetworkManager') ? await gatherNetworkManager(sources) : null,
    dhcpcd: runs('dhcpcd') ? await gatherDhcpcd(root, named(processes, 'dhcpcd')) : null,
    netplan: await gatherNetplan(root),
    ifupdown: await gatherIfupdown(root),
    udev: runs('systemd-udevd') ? { linkFiles: await gatherLinkFiles(root) } : null,
  };
}

/** Policies of the system bus (man dbus-daemon). */
const POLICY_FOLDERS = ['usr/share/dbus-1/system.d', 'etc/dbus-1/system.d'];
const DENIES_REMOVAL = /<deny\b[^>]*\bsend_member="RemoveInterface"/;

/** The version of the running NetworkManager. */
const NMCLI_VERSION = ['-t', '-f', 'VERSION', 'general'];

async function gatherNetworkManager({
  root,
  run,
}: Pick<Sources, 'root' | 'run'>): Promise<NetworkManagerFacts> {
  const settings = (folder: string) => textsIn(root, `${folder}/NetworkManager/conf.d`, '.conf');
  const [states, version, profiles, lib, runtime, main, etc, ...policies] = await Promise.all([
    run('nmcli', NMCLI_STATES),
    run('nmcli', NMCLI_VERSION),
    gatherProfiles(root),
    settings('usr/lib'),
    settings('run'),
    textOf(root, 'etc/NetworkManager/NetworkManager.conf'),
    settings('etc'),
    ...POLICY_FOLDERS.map((folder) => textsIn(root, folder, '.conf')),
  ]);
  return {
    states: typeof states === 'string' ? states : null,
    version: typeof version === 'string' && /^\d+\.\d+/.test(version) ? version.trim() : null,
    profiles,
    removalDenied: policies.flat().some((text) => DENIES_REMOVAL.test(text.replace(/<!--.*?-->/gs, ''))),
    // In the order in which NetworkManager reads them; later files win.
    ...parseNetworkManager([...lib, ...runtime, main ?? '', ...etc]),
  };
}

/** @param texts of its files, in the order in which it reads them */
export function parseNetworkManager(
  texts: readonly string[],
): Pick<NetworkManagerFacts, 'unmanaged' | 'fixedAddress' | 'deviceName'> {
  let listed: readonly string[] = [];
  const unmanaged: string[] = [];
  const fixedAddress: string[][] = [];
  let deviceName: string | null = null;
  for (const { name, lines } of texts.flatMap(sectionsOf)) {
    const value = (key: string) => lines.findLast((line) => line.key === key)?.value;
    if (name === 'keyfile')
      for (const line of lines.filter(({ key }) => key === 'unmanaged-devices'))
        listed = line.adds ? [...listed, ...wordsOf(line.value)] : wordsOf(line.value);
    if (!name.startsWith('device')) continue;
    const devices = wordsOf(value('match-device') ?? '*');
    if (isNo(value('managed'))) unmanaged.push(...devices);
    if (isNo(value('wifi.scan-rand-mac-address'))) fixedAddress.push(devices);
    deviceName = value('wifi-p2p.device-name') ?? deviceName;
  }
  return { unmanaged: [...listed, ...unmanaged], fixedAddress, deviceName };
}

function wordsOf(value: string): string[] {
  return value.split(/[;,\s]+/).filter((word) => word !== '');
}

function isNo(value: string | undefined): boolean {
  return /^(0|no|false|off)$/i.test(value ?? '');
}

/** As Raspberry Pi OS installs it. Debian has it only among the examples. */
const SUPPLICANT_HOOKS = ['lib', 'usr/lib'].map((lib) => `${lib}/dhcpcd/dhcpcd-hooks/10-wpa_supplicant`);

async function gatherDhcpcd(root: string, processes: readonly RunningProcess[]): Promise<DhcpcdFacts> {
  const [text, ...hooks] = await Promise.all([
    textOf(root, 'etc/dhcpcd.conf'),
    ...SUPPLICANT_HOOKS.map((path) => statsOf(root, path)),
  ]);
  const isInstalled = hooks.some((stats) => stats !== null);
  return {
    ...parseDhcpcd(text ?? '', processes),
    supplicantHook: isInstalled ? { except: withoutSupplicant(text ?? '') } : null,
  };
}

/** Words that begin a block for one interface or network (if-options.c of dhcpcd, read_config). */
const BLOCKS = ['interface', 'ssid', 'profile'];

/** The options that take a value (if-options.c of dhcpcd). */
const WITH_VALUE = 'cefhijlmorstuvyzCFIOQSWXZ';

export function parseDhcpcd(
  text: string,
  processes: readonly RunningProcess[],
): Omit<DhcpcdFacts, 'supplicantHook'> {
  const all = linesOf(text);
  const block = all.findIndex(([first = '']) => BLOCKS.includes(first));
  const global = block < 0 ? all : all.slice(0, block);
  const started = processes.map(startOptions);
  const patterns = (key: string, letter: string) => [
    ...global.filter(([first]) => first === key).flatMap((line) => line.slice(1)),
    ...started.flatMap(({ options }) => options).flatMap((one) => (one.letter === letter ? one.value : [])),
  ];
  const denied = patterns('denyinterfaces', 'Z');
  const allowed = patterns('allowinterfaces', 'z');
  // One process without names serves all interfaces; else each serves those that it was started for.
  const names = started.map(({ words }) => words);
  if (names.every((words) => words.length > 0)) allowed.push(...names.flat());
  return { denied: denied.flatMap(wordsOf), allowed: allowed.flatMap(wordsOf), blocks: blocksOf(all) };
}

/** The words of each line. */
function linesOf(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

/** Patterns of the interfaces with `nohook wpa_supplicant` in dhcpcd.conf; `*` if that stands above the first block. */
export function withoutSupplicant(text: string): string[] {
  const patterns: string[] = [];
  let pattern: string | null = '*';
  for (const [first = '', ...words] of linesOf(text)) {
    if (BLOCKS.includes(first)) pattern = first === 'interface' ? (words[0] ?? null) : null;
    const names = first === 'nohook' ? words.flatMap(wordsOf) : [];
    if (pattern !== null && names.some((name) => /^(?:10-)?wpa_supplicant$/.test(name)))
      patterns.push(pattern);
  }
  return patterns;
}

/** @param lines the words of each line */
function blocksOf(lines: readonly (readonly string[])[]): DhcpcdBlock[] {
  const blocks: { pattern: string; staticAddress: string | null; withoutDhcp: boolean }[] = [];
  let open = false;
  for (const [first = '', second = ''] of lines) {
    if (first === 'interface') blocks.push({ pattern: second, staticAddress: null, withoutDhcp: false });
    if (BLOCKS.includes(first)) open = first === 'interface';
    const block = open ? blocks.at(-1) : undefined;
    if (block === undefined) continue;
    const address = first === 'static' ? /^ip_address=(.*)$/.exec(second)?.[1] : undefined;
    if (address !== undefined) block.staticAddress = address;
    if (['nodhcp', 'noipv4'].includes(first)) block.withoutDhcp = true;
  }
  return blocks;
}

/** dhcpcd replaces its command line by a title: `dhcpcd: [manager] [ip4]`, or `dhcpcd: wlan0 [ip4]`. */
function startOptions({ args: [title = '', ...args] }: RunningProcess): ShortOptions {
  if (!title.startsWith('dhcpcd: ')) return parseShortOptions(args, WITH_VALUE);
  const servesAll = title.includes('[manager]') || title.includes('[master]');
  const words = title.slice('dhcpcd: '.length).split(' ');
  return { options: [], words: servesAll ? [] : words.filter((word) => /^[^[\]]+$/.test(word)) };
}
