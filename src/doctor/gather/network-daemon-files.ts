import { NMCLI_STATES } from '../../host/radio.js';
import { isMissing, type Missing } from '../../system/missing.js';
import { parseShortOptions, type ShortOptions } from '../../system/processes.js';
import type {
  DeviceSettings,
  DhcpcdBlock,
  DhcpcdFacts,
  NetworkManagerFacts,
  ServiceFacts,
} from '../facts.js';
import { gatherIfupdown, gatherNetplan, gatherProfiles } from './connections.js';
import { named, type Processes, type RunningProcess } from './processes.js';
import { pathsIn, type Sources, statsOf, textOf, textsIn, textsOf } from './sources.js';
import { gatherLinkFiles, type Section, sectionsOf } from './systemd-files.js';

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
    iwd: runs('iwd'),
    udev: runs('systemd-udevd') ? { linkFiles: await gatherLinkFiles(root) } : null,
  };
}

/** Policies of the system bus (man dbus-daemon). */
const POLICY_FOLDERS = ['usr/share/dbus-1/system.d', 'etc/dbus-1/system.d'];
/**
 * Policies that count for NetworkManager, which runs as root. One for all users (`context="default"`) does not: the policy of
 * wpa_supplicant allows root everything, and the user's comes after it.
 */
const FOR_ROOT =
  /<policy\s+(?:context\s*=\s*["']mandatory["']|(?:user|group)\s*=\s*["'](?:root|0)["'])\s*>(.*?)<\/policy>/gs;
const DENIES_REMOVAL = /<deny\b[^>]*\bsend_member\s*=\s*["']RemoveInterface["']/;

function deniesRemoval(policy: string): boolean {
  const rules = [...policy.replace(/<!--.*?-->/gs, '').matchAll(FOR_ROOT)];
  return rules.some(([, text = '']) => DENIES_REMOVAL.test(text));
}

const MAIN_FILE = 'etc/NetworkManager/NetworkManager.conf';
/** The most important first: a file hides those of the same name in later ones (man NetworkManager.conf). */
const SETTINGS_FOLDERS = ['etc', 'run', 'usr/lib'].map((base) => `${base}/NetworkManager/conf.d`);

/** The texts of its files in the order in which it reads them: the folders for all, the main file, the folder of this machine. */
async function settingsTexts(root: string): Promise<string[]> {
  const paths = await pathsIn(root, SETTINGS_FOLDERS, '.conf');
  const [own, runtime, shipped] = SETTINGS_FOLDERS.map((folder) =>
    paths.filter((path) => path.startsWith(`${folder}/`)),
  );
  const texts = (all: readonly string[] = []) =>
    textsOf(root, all).then((found) => found.filter((text) => !isSwitchedOff(text)));
  return (await Promise.all([texts(shipped), texts(runtime), textsOf(root, [MAIN_FILE]), texts(own)])).flat();
}

/** A file of a folder can say that it is not to be read. */
function isSwitchedOff(text: string): boolean {
  return sectionsOf(text).some((section) => section.name === '.config' && isNo(lastValue(section, 'enable')));
}

/** The version of the running NetworkManager. */
const NMCLI_VERSION = ['-t', '-f', 'VERSION', 'general'];

async function gatherNetworkManager({
  root,
  run,
}: Pick<Sources, 'root' | 'run'>): Promise<NetworkManagerFacts> {
  const [states, version, profiles, settings, ...policies] = await Promise.all([
    run('nmcli', NMCLI_STATES),
    run('nmcli', NMCLI_VERSION),
    gatherProfiles(root),
    settingsTexts(root),
    ...POLICY_FOLDERS.map((folder) => textsIn(root, folder, '.conf')),
  ]);
  return {
    states,
    version: versionOf(version),
    profiles,
    removalDenied: policies.flat().some(deniesRemoval),
    ...parseNetworkManager(settings),
  };
}

function versionOf(answer: string | Missing): string | Missing {
  if (isMissing(answer)) return answer;
  return /^\d+\.\d+/.test(answer)
    ? answer.trim()
    : { missing: 'nmcli does not show the version of NetworkManager' };
}

/** @param texts of its files, in the order in which it reads them */
export function parseNetworkManager(
  texts: readonly string[],
): Pick<NetworkManagerFacts, 'unmanaged' | 'fixedAddress' | 'deviceNames'> {
  let listed: readonly string[] = [];
  const unmanaged: string[] = [];
  const files = texts.map(sectionsOf);
  for (const section of files.flat()) {
    const { name, lines } = section;
    if (name === 'keyfile')
      for (const line of lines.filter(({ key }) => key === 'unmanaged-devices'))
        listed = line.adds ? [...listed, ...wordsOf(line.value)] : wordsOf(line.value);
    if (!name.startsWith('device')) continue;
    if (isNo(lastValue(section, 'managed'))) unmanaged.push(...devicesOf(section));
  }
  const deviceNames = settingsOf(files, 'wifi-p2p.device-name');
  const scans = settingsOf(files, 'wifi.scan-rand-mac-address');
  return {
    unmanaged: [...listed, ...unmanaged],
    fixedAddress: scans.map(({ devices, value }) => ({ devices, value: isNo(value) })),
    deviceNames,
  };
}

/** Later files come first, and in a file the section without a name of its own comes last (man NetworkManager.conf). */
function settingsOf(files: readonly (readonly Section[])[], key: string): DeviceSettings<string> {
  const isGeneral = ({ name }: Section) => name === 'device';
  const sections = [...files].reverse().flatMap((file) => {
    const own = file.filter(({ name }) => name.startsWith('device'));
    return [...own.filter((one) => !isGeneral(one)), ...own.filter(isGeneral)];
  });
  return sections.flatMap((section) => {
    const value = lastValue(section, key);
    return value === undefined ? [] : [{ devices: devicesOf(section), value }];
  });
}

function devicesOf(section: Section): string[] {
  return wordsOf(lastValue(section, 'match-device') ?? '*');
}

function lastValue({ lines }: Section, key: string): string | undefined {
  return lines.findLast((line) => line.key === key)?.value;
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

const STATIC_ADDRESS = 'ip_address=';

/** The options that take a value (if-options.c of dhcpcd). */
const WITH_VALUE = 'cefhijlmorstuvyzCFIOQSWXZ';

export function parseDhcpcd(
  text: string,
  processes: readonly RunningProcess[],
): Omit<DhcpcdFacts, 'supplicantHook'> {
  const [global, ...blocks] = dhcpcdSections(text);
  const started = processes.map(startOptions);
  const patterns = (key: string, letter: string) => [
    ...global.lines.filter(([first]) => first === key).flatMap((line) => line.slice(1)),
    ...started.flatMap(({ options }) => options).flatMap((one) => (one.letter === letter ? one.value : [])),
  ];
  const denied = patterns('denyinterfaces', 'Z');
  const allowed = patterns('allowinterfaces', 'z');
  // One process without names serves all interfaces; else each serves those that it was started for.
  const names = started.map(({ words }) => words);
  if (names.every((words) => words.length > 0)) allowed.push(...names.flat());
  return {
    denied: denied.flatMap(wordsOf),
    allowed: allowed.flatMap(wordsOf),
    blocks: blocks.flatMap(blockOf),
  };
}

/** Patterns of the interfaces with `nohook wpa_supplicant` in dhcpcd.conf; `*` if that stands above the first block. */
export function withoutSupplicant(text: string): string[] {
  return dhcpcdSections(text).flatMap(({ pattern, lines }) => {
    const names = lines.flatMap(([first, ...words]) => (first === 'nohook' ? words.flatMap(wordsOf) : []));
    const isNamed = names.some((name) => /^(?:10-)?wpa_supplicant$/.test(name));
    return pattern !== null && isNamed ? [pattern] : [];
  });
}

interface DhcpcdSection {
  /** The interfaces that it is for; null: it is for a network or a profile. */
  readonly pattern: string | null;
  /** The words of each line. */
  readonly lines: string[][];
}

/** The sections of dhcpcd.conf. What stands above the first block is for all interfaces. */
function dhcpcdSections(text: string): [DhcpcdSection, ...DhcpcdSection[]] {
  let last: DhcpcdSection = { pattern: '*', lines: [] };
  const sections: [DhcpcdSection, ...DhcpcdSection[]] = [last];
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const [first = '', second = ''] = words;
    if (BLOCKS.includes(first)) {
      last = { pattern: first === 'interface' ? second : null, lines: [] };
      sections.push(last);
    } else last.lines.push(words);
  }
  return sections;
}

function blockOf({ pattern, lines }: DhcpcdSection): DhcpcdBlock[] {
  if (pattern === null) return [];
  const address = lines.findLast(
    ([first, second]) => first === 'static' && second?.startsWith(STATIC_ADDRESS),
  );
  return [
    {
      pattern,
      staticAddress: address?.[1]?.slice(STATIC_ADDRESS.length) ?? null,
      withoutDhcp: lines.some(([first = '']) => ['nodhcp', 'noipv4'].includes(first)),
    },
  ];
}

/** dhcpcd replaces its command line by a title: `dhcpcd: [manager] [ip4]`, or `dhcpcd: wlan0 [ip4]`. */
function startOptions({ args: [title = '', ...args] }: RunningProcess): ShortOptions {
  if (!title.startsWith('dhcpcd: ')) return parseShortOptions(args, WITH_VALUE);
  const servesAll = title.includes('[manager]') || title.includes('[master]');
  const words = title.slice('dhcpcd: '.length).split(' ');
  return { options: [], words: servesAll ? [] : words.filter((word) => /^[^[\]]+$/.test(word)) };
}
