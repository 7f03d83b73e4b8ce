import { basename } from 'node:path';
import type { Missing } from '../../system/missing.js';
import type {
  Combination,
  InterfaceInUse,
  Radio,
  RadioCapabilities,
  RadioFacts,
  RadioSwitch,
} from '../facts.js';
import { entriesOf, linkOf, type Sources, wordOf } from './sources.js';

/** How often iw is asked until its answer is whole. */
const TRIES = 3;

/** The radios as the kernel (/sys) and `iw` show them. */
export async function gatherRadios({ root, run }: Sources): Promise<RadioFacts> {
  const iw = async <T>(
    question: string,
    parse: (text: string) => T,
    isWhole: (text: string) => boolean | Promise<boolean>,
  ): Promise<T | Missing> => {
    for (let tries = 1; ; tries += 1) {
      const output = await run('iw', question.split(' '));
      if (typeof output !== 'string') return output;
      if (await isWhole(output)) return parse(output);
      if (tries === TRIES) return { missing: `iw ${question} does not show everything` };
    }
  };
  // Of the moment after the question: groups come and go.
  const present = () => gatherInterfaces(root);
  const [interfaces, switches, inUse, capabilities, countries] = await Promise.all([
    present(),
    gatherSwitches(root),
    iw('dev', parseInterfacesInUse, async (text) => showsAll(text, await present())),
    iw('list', parseCapabilities, async (text) => isWholeList(text, await present())),
    iw('reg get', parseCountries, hasGlobal),
  ]);
  return { interfaces, switches, inUse, capabilities, countries };
}

/** Of a list that is cut, a radio that it does not show would seem to be unused. */
function showsAll(text: string, interfaces: readonly Radio[]): boolean {
  const names = parseInterfacesInUse(text).map(({ name }) => name);
  return interfaces.every(({ name }) => names.includes(name));
}

/**
 * On a busy machine iw was seen to exit with 0 although its output had no modes or no combinations. It prints them, or that there
 * are none, for each radio (info.c of iw).
 */
function isWholeList(text: string, interfaces: readonly Radio[]): boolean {
  const radios = wiphys(text);
  return (
    radios.length > 0 &&
    interfaces.every(({ phy }) => radios.some((lines) => lines.startsWith(`${phy}\n`))) &&
    radios.every((lines) => MODES.test(lines) && /^\s*(?:valid )?interface combinations\b/m.test(lines))
  );
}

/** The kernel always has a global country; 00 if none was set. Without, the output was not whole either. */
function hasGlobal(text: string): boolean {
  return parseCountries(text).has('global');
}

const IFF_UP = 1;
/** The driver generated the address (NET_ADDR_RANDOM of linux/netdevice.h). */
const RANDOM_ADDRESS = '1';

async function gatherInterfaces(root: string): Promise<Radio[]> {
  const found = await Promise.all(
    (await entriesOf(root, 'sys/class/net')).map(async (name): Promise<Radio | null> => {
      const folder = `sys/class/net/${name}`;
      const [phy, driver, flags, kind] = await Promise.all([
        linkOf(root, `${folder}/phy80211`),
        linkOf(root, `${folder}/device/driver`),
        wordOf(root, `${folder}/flags`),
        wordOf(root, `${folder}/addr_assign_type`),
      ]);
      if (phy === null) return null;
      return {
        name,
        phy: basename(phy),
        driver: driver === null ? null : basename(driver),
        up: (Number(flags ?? 0) & IFF_UP) !== 0,
        randomAddress: kind === RANDOM_ADDRESS,
      };
    }),
  );
  return found.filter((radio) => radio !== null);
}

async function gatherSwitches(root: string): Promise<RadioSwitch[]> {
  const found = await Promise.all(
    (await entriesOf(root, 'sys/class/rfkill')).map(async (entry): Promise<RadioSwitch | null> => {
      const [type, name, soft, hard] = await Promise.all(
        ['type', 'name', 'soft', 'hard'].map((file) => wordOf(root, `sys/class/rfkill/${entry}/${file}`)),
      );
      if (type !== 'wlan') return null;
      const phy = /^phy\d+$/.exec(name ?? '')?.[0] ?? null;
      return { phy, soft: soft === '1', hard: hard === '1' };
    }),
  );
  return found.filter((one) => one !== null);
}

/** `iw dev` */
export function parseInterfacesInUse(text: string): InterfaceInUse[] {
  const found: { phy: string; name: string | null; type: string; frequency: number | null }[] = [];
  let phy = '';
  for (const line of text.split('\n')) {
    const words = line.trim();
    const [, number] = /^phy#(\d+)$/.exec(words) ?? [];
    const [heading, name = null] = /^(?:Interface (\S+)|Unnamed\/non-netdev interface)$/.exec(words) ?? [];
    const [, type] = /^type (.+)$/.exec(words) ?? [];
    const [, frequency] = /^channel \d+ \((\d+) MHz\)/.exec(words) ?? [];
    const last = found.at(-1);
    if (number !== undefined) phy = `phy${number}`;
    else if (heading !== undefined) found.push({ phy, name, type: '', frequency: null });
    else if (type !== undefined && last?.type === '') last.type = type;
    else if (frequency !== undefined && last) last.frequency = Number(frequency);
  }
  return found;
}

const MODES = /^\s*Supported interface modes:$/m;

/** What `iw list` prints for each radio, from its name on. */
function wiphys(text: string): string[] {
  return text.split(/^Wiphy /m).slice(1);
}

/** `iw list`, by phy */
export function parseCapabilities(text: string): Map<string, RadioCapabilities> {
  const radios = new Map<string, RadioCapabilities>();
  for (const block of wiphys(text)) {
    const [phy = '', ...lines] = block.split('\n');
    const modes = linesBelow(lines, 'Supported interface modes:').map((line) => line.replace(/^\* /, ''));
    radios.set(phy.trim(), { modes, combinations: combinationsOf(lines), restricted: restrictedIn(lines) });
  }
  return radios;
}

/** `* 5260.0 MHz [52] (20.0 dBm) (no IR, radar detection)`; the worst word counts. */
function restrictedIn(lines: readonly string[]): Map<number, string> {
  const restricted = new Map<number, string>();
  for (const line of lines) {
    const [, frequency, rest = ''] = /^\s*\* (\d+)(?:\.\d+)? MHz \[\d+\](.*)$/.exec(line) ?? [];
    const word = ['disabled', 'radar detection', 'no IR'].find((one) => rest.includes(one));
    if (frequency !== undefined && word !== undefined) restricted.set(Number(frequency), word);
  }
  return restricted;
}

/** The lines below a heading that are indented further. */
function linesBelow(lines: readonly string[], heading: string): string[] {
  const start = lines.findIndex((line) => line.trim() === heading);
  if (start < 0) return [];
  const depth = (line: string) => line.length - line.trimStart().length;
  const below = lines.slice(start + 1);
  const end = below.findIndex((line) => depth(line) <= depth(lines[start] ?? ''));
  return below.slice(0, end < 0 ? below.length : end).map((line) => line.trim());
}

function combinationsOf(lines: readonly string[]): Combination[] {
  return linesBelow(lines, 'valid interface combinations:')
    .join(' ')
    .split('* ')
    .filter((part) => part.startsWith('#{'))
    .map((part) => ({
      limits: [...part.matchAll(/#\{ ([^}]*) \} <= (\d+)/g)].map(([, types = '', most]) => ({
        types: types.split(', '),
        most: Number(most),
      })),
      total: Number(/total <= (\d+)/.exec(part)?.[1] ?? 0),
      channels: Number(/#channels <= (\d+)/.exec(part)?.[1] ?? 1),
    }));
}

/** `iw reg get`: the country of each phy that has its own, and `global` for all others */
export function parseCountries(text: string): Map<string, string> {
  const countries = new Map<string, string>();
  let phy = 'global';
  for (const line of text.split('\n')) {
    const [, number] = /^phy#(\d+)/.exec(line) ?? [];
    const [, country] = /^country (\w\w):/.exec(line) ?? [];
    if (number !== undefined) phy = `phy${number}`;
    else if (line.trim() === 'global') phy = 'global';
    else if (country !== undefined && !countries.has(phy)) countries.set(phy, country);
  }
  return countries;
}
