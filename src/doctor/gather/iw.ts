import type { Combination, InterfaceInUse, RadioAbilities } from '../facts.js';

/** What `iw` writes, as values. */

/** `iw dev` */
export function parseInterfacesInUse(text: string): InterfaceInUse[] {
  const found: { phy: string; name: string | null; type: string; frequency: number | null }[] = [];
  let phy = '';
  for (const line of text.split('\n')) {
    const words = line.trim();
    const [, number] = /^phy#(\d+)$/.exec(words) ?? [];
    const [, name] = /^Interface (\S+)$/.exec(words) ?? [];
    const [, type] = /^type (.+)$/.exec(words) ?? [];
    const [, frequency] = /^channel \d+ \((\d+) MHz\)/.exec(words) ?? [];
    const last = found.at(-1);
    if (number !== undefined) phy = `phy${number}`;
    else if (name !== undefined) found.push({ phy, name, type: '', frequency: null });
    else if (words === 'Unnamed/non-netdev interface')
      found.push({ phy, name: null, type: '', frequency: null });
    else if (type !== undefined && last?.type === '') last.type = type;
    else if (frequency !== undefined && last) last.frequency = Number(frequency);
  }
  return found;
}

/** `iw list`, by phy */
export function parseAbilities(text: string): Map<string, RadioAbilities> {
  const radios = new Map<string, RadioAbilities>();
  for (const block of text.split(/^Wiphy /m).slice(1)) {
    const [phy = '', ...lines] = block.split('\n');
    const modes = indented(lines, 'Supported interface modes:').map((line) => line.replace(/^\* /, ''));
    radios.set(phy.trim(), { modes, combinations: combinationsOf(lines) });
  }
  return radios;
}

/** The lines below a heading that stand further in. */
function indented(lines: readonly string[], heading: string): string[] {
  const start = lines.findIndex((line) => line.trim() === heading);
  if (start < 0) return [];
  const depth = (line: string) => line.length - line.trimStart().length;
  const below = lines.slice(start + 1);
  const end = below.findIndex((line) => depth(line) <= depth(lines[start] ?? ''));
  return below.slice(0, end < 0 ? below.length : end).map((line) => line.trim());
}

function combinationsOf(lines: readonly string[]): Combination[] {
  const text = indented(lines, 'valid interface combinations:').join(' ');
  return text
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

/** `iw reg get`: the country by phy, and of all others under `global` */
export function parseCountries(text: string): Map<string, string> {
  const countries = new Map<string, string>();
  let whose = 'global';
  for (const line of text.split('\n')) {
    const [, number] = /^phy#(\d+)/.exec(line) ?? [];
    const [, country] = /^country (\w\w):/.exec(line) ?? [];
    if (number !== undefined) whose = `phy${number}`;
    else if (line.trim() === 'global') whose = 'global';
    else if (country !== undefined && !countries.has(whose)) countries.set(whose, country);
  }
  return countries;
}
