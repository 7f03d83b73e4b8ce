import { join } from 'node:path';
import { NMCLI_STATES } from '../../host/network-manager.js';
import { parseShortOptions } from '../../wpa/supplicant-arguments.js';
import type { DhcpcdBlock, DhcpcdFacts, NetworkManagerFacts, ServiceFacts } from '../facts.js';
import type { RunCommand, Sources } from '../sources.js';
import { gatherLinkFiles } from './link-files.js';
import { named, type Processes, type RunningProcess } from './processes.js';
import { textOf, textsIn } from './reading.js';
import { sectionsOf } from './sections.js';

/** Programs that take interfaces for themselves. */
export async function gatherServices(
  { root, run }: Pick<Sources, 'root' | 'run'>,
  processes: Processes,
): Promise<ServiceFacts> {
  const dhcpcd = named(processes, 'dhcpcd');
  const udev = named(processes, 'systemd-udevd').length > 0;
  return {
    networkManager:
      named(processes, 'NetworkManager').length === 0 ? null : await gatherNetworkManager(root, run),
    dhcpcd:
      dhcpcd.length === 0 ? null : parseDhcpcd((await textOf(join(root, 'etc/dhcpcd.conf'))) ?? '', dhcpcd),
    udev: udev ? { linkFiles: await gatherLinkFiles(root) } : null,
  };
}

async function gatherNetworkManager(root: string, run: RunCommand): Promise<NetworkManagerFacts> {
  const [states, texts, policies] = await Promise.all([
    run('nmcli', NMCLI_STATES),
    networkManagerTexts(root),
    Promise.all(POLICY_FOLDERS.map((folder) => textsIn(join(root, folder), '.conf'))),
  ]);
  return {
    states: 'output' in states ? states.output : null,
    removalDenied: policies.flat().some((text) => DENIES_REMOVAL.test(text.replace(/<!--.*?-->/gs, ''))),
    ...parseNetworkManager(texts),
  };
}

/** Where the system bus reads what is allowed (man dbus-daemon). */
const POLICY_FOLDERS = ['usr/share/dbus-1/system.d', 'etc/dbus-1/system.d'];
const DENIES_REMOVAL = /<deny\b[^>]*\bsend_member="RemoveInterface"/;

/** In the order in which it reads them: the later ones win. */
async function networkManagerTexts(root: string): Promise<string[]> {
  const folder = (name: string) => textsIn(join(root, name, 'NetworkManager/conf.d'), '.conf');
  const [lib, run, main, etc] = await Promise.all([
    folder('usr/lib'),
    folder('run'),
    textOf(join(root, 'etc/NetworkManager/NetworkManager.conf')),
    folder('etc'),
  ]);
  return [...lib, ...run, main ?? '', ...etc];
}

/** @param texts of its files, in the order in which it reads them */
export function parseNetworkManager(
  texts: readonly string[],
): Pick<NetworkManagerFacts, 'unmanaged' | 'steady'> {
  let listed: readonly string[] = [];
  const unmanaged: string[] = [];
  const steady: string[][] = [];
  for (const { name, lines } of texts.flatMap(sectionsOf)) {
    const value = (key: string) => lines.findLast((line) => line.key === key)?.value;
    if (name === 'keyfile')
      for (const line of lines.filter(({ key }) => key === 'unmanaged-devices'))
        listed = line.adds ? [...listed, ...specs(line.value)] : specs(line.value);
    if (!name.startsWith('device')) continue;
    const devices = specs(value('match-device') ?? '*');
    if (isNo(value('managed'))) unmanaged.push(...devices);
    if (isNo(value('wifi.scan-rand-mac-address'))) steady.push(devices);
  }
  return { unmanaged: [...listed, ...unmanaged], steady };
}

function specs(value: string): string[] {
  return value.split(/[;,\s]+/).filter((spec) => spec !== '');
}

function isNo(value: string | undefined): boolean {
  return /^(0|no|false|off)$/i.test(value ?? '');
}

/** Words that begin a part of the file for one interface or network. */
const BLOCKS = ['interface', 'ssid', 'profile'];

/** The letters that take a value (if-options.c of dhcpcd). */
const WITH_VALUE = 'cefhijlmorstuvyzCFIOQSWXZ';

export function parseDhcpcd(text: string, processes: readonly RunningProcess[]): DhcpcdFacts {
  const all = text.split('\n').map((line) => line.trim().split(/\s+/));
  // What stands below such a line is for that interface or network alone (if-options.c, read_config).
  const block = all.findIndex(([first = '']) => BLOCKS.includes(first));
  const lines = block < 0 ? all : all.slice(0, block);
  const patterns = (key: string) => lines.filter(([first]) => first === key).flatMap((line) => line.slice(1));
  const denied = patterns('denyinterfaces');
  const allowed = patterns('allowinterfaces');
  const started = processes.map((process) => startedFor(process));
  for (const { options } of started) {
    denied.push(...valuesOf(options, 'Z'));
    allowed.push(...valuesOf(options, 'z'));
  }
  const names = started.map(({ words }) => words);
  // One for all of them, or only some that were started for an interface each.
  if (names.every((words) => words.length > 0)) allowed.push(...names.flat());
  return { denied: denied.flatMap(specs), allowed: allowed.flatMap(specs), blocks: blocksOf(all) };
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

/** It writes what it is in the place of its command line: `dhcpcd: [manager] [ip4]`, or `dhcpcd: wlan0 [ip4]`. */
function startedFor({ args: [title = '', ...args] }: RunningProcess): ReturnType<typeof parseShortOptions> {
  if (!title.startsWith('dhcpcd: ')) return parseShortOptions(args, WITH_VALUE);
  const words = title
    .slice('dhcpcd: '.length)
    .split(' ')
    .filter((word) => /^[^[\]]+$/.test(word));
  return { options: [], words: title.includes('[manager]') || title.includes('[master]') ? [] : words };
}

function valuesOf(options: ReturnType<typeof parseShortOptions>['options'], letter: string): string[] {
  return options.filter((option) => option.letter === letter).map(({ value }) => value);
}
