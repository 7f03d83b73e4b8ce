import { join } from 'node:path';
import type { NetworkManagerFacts, ServiceFacts } from '../facts.js';
import { named, type Processes, type RunningProcess } from './processes.js';
import { textOf, textsIn } from './reading.js';
import { parseShortOptions } from './short-options.js';

/** Programs that take interfaces for themselves. */
export async function gatherServices(root: string, processes: Processes): Promise<ServiceFacts> {
  const dhcpcd = named(processes, 'dhcpcd');
  return {
    networkManager:
      named(processes, 'NetworkManager').length === 0
        ? null
        : parseNetworkManager(await networkManagerTexts(root)),
    dhcpcd:
      dhcpcd.length === 0 ? null : parseDhcpcd((await textOf(join(root, 'etc/dhcpcd.conf'))) ?? '', dhcpcd),
  };
}

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
export function parseNetworkManager(texts: readonly string[]): NetworkManagerFacts {
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

interface Section {
  readonly name: string;
  readonly lines: { readonly key: string; readonly adds: boolean; readonly value: string }[];
}

/** `[name]` and `key=value`, or `key+=value`, which adds to what stands in earlier files. */
function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, name] = /^\[(.*)\]$/.exec(line) ?? [];
    const [, key, plus, value] = /^([\w.-]+)\s*(\+?)=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, lines: [] });
    else if (key !== undefined) sections.at(-1)?.lines.push({ key, adds: plus === '+', value: value ?? '' });
  }
  return sections;
}

function specs(value: string): string[] {
  return value.split(/[;,\s]+/).filter((spec) => spec !== '');
}

function isNo(value: string | undefined): boolean {
  return /^(0|no|false|off)$/i.test(value ?? '');
}

/** The letters that take a value (if-options.c of dhcpcd). */
const WITH_VALUE = 'cefhijlmorstuvyzCFIOQSWXZ';

export function parseDhcpcd(
  text: string,
  processes: readonly RunningProcess[],
): NonNullable<ServiceFacts['dhcpcd']> {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
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
  return { denied: denied.flatMap(specs), allowed: allowed.flatMap(specs) };
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
