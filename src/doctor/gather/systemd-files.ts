import { basename } from 'node:path';
import type { LinkFile } from '../facts.js';
import { entriesOf, pathsIn, textOf, textsOf } from './sources.js';

/** A `[name]` of a configuration file, and the lines below it. */
export interface Section {
  readonly name: string;
  /** `adds`: the line is `key+=value`, which adds to the value of earlier files. */
  readonly lines: readonly { readonly key: string; readonly adds: boolean; readonly value: string }[];
}

/** The sections of a file of systemd or NetworkManager. */
export function sectionsOf(text: string): Section[] {
  const sections: { name: string; lines: { key: string; adds: boolean; value: string }[] }[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, name] = /^\[(.*)\]$/.exec(line) ?? [];
    const [, key, plus, value = ''] = /^([\w.-]+)\s*(\+?)=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, lines: [] });
    else if (key !== undefined) sections.at(-1)?.lines.push({ key, adds: plus === '+', value });
  }
  return sections;
}

const SUPPLICANT_UNIT = /^((?:wpa_supplicant@|netplan-wpa-).+)\.service$/;
const ENABLED_FOLDERS = ['etc/systemd/system', 'run/systemd/system', 'run/systemd/generator.late'];

/** Units that start wpa_supplicant for an interface: enabled, or with its configuration file (man systemd.unit). */
export async function readySupplicantUnits(root: string): Promise<string[]> {
  const wants = await Promise.all(
    ENABLED_FOLDERS.map(async (folder) => {
      const names = (await entriesOf(root, folder)).filter((name) => name.endsWith('.wants'));
      return Promise.all(names.map((name) => entriesOf(root, `${folder}/${name}`)));
    }),
  );
  const enabled = wants.flat(2).flatMap((name) => SUPPLICANT_UNIT.exec(name)?.[1] ?? []);
  const configured = (await entriesOf(root, 'etc/wpa_supplicant')).flatMap((name) => {
    const radio = /^wpa_supplicant-([^-]+)\.conf$/.exec(name)?.[1];
    return radio === undefined ? [] : [`wpa_supplicant@${radio}`];
  });
  return [...new Set([...enabled, ...configured])];
}

/** The folders of units (`system`) or .link files (`network`), the most important first; `lib` without merged /usr. */
function foldersOf(kind: 'system' | 'network'): string[] {
  return ['etc', 'run', 'usr/local/lib', 'usr/lib', 'lib'].map((folder) => `${folder}/systemd/${kind}`);
}

/** The texts of a file and its drop-ins, in the order in which they are read (man systemd.unit). */
async function textsWithDropIns(root: string, folders: readonly string[], path: string): Promise<string[]> {
  const text = await textOf(root, path);
  // An empty file, or a link to /dev/null, disables the files of that name.
  if (!text) return [];
  const dropIns = folders.map((folder) => `${folder}/${basename(path)}.d`);
  return [text, ...(await textsOf(root, await pathsIn(root, dropIns, '.conf')))];
}

/** Whether a unit of wpa_supplicant gives it its own /tmp. */
export async function hasPrivateTmp(root: string): Promise<boolean> {
  const folders = foldersOf('system');
  const units = (await pathsIn(root, folders, '.service')).filter((path) =>
    /\/wpa_supplicant@?\.service$/.test(path),
  );
  const texts = await Promise.all(units.map((path) => textsWithDropIns(root, folders, path)));
  return texts.some((one) => {
    const values = [...one.join('\n').matchAll(/^\s*PrivateTmp\s*=\s*(\S+)/gm)].map(([, value]) => value);
    return /^(yes|true|on|1|disconnected)$/i.test(values.at(-1) ?? 'no');
  });
}

/** The .link files of udev, in the order in which it looks for the first one that matches an interface. */
export async function gatherLinkFiles(root: string): Promise<LinkFile[]> {
  const folders = foldersOf('network');
  const files = await Promise.all(
    (await pathsIn(root, folders, '.link')).map(async (path) => {
      const texts = await textsWithDropIns(root, folders, path);
      return texts.length === 0 ? [] : [parseLinkFile(`/${path}`, texts)];
    }),
  );
  return files.flat();
}

/** @param texts of the file and its drop-ins, in the order in which they are read */
function parseLinkFile(path: string, texts: readonly string[]): LinkFile {
  const sections = texts.flatMap(sectionsOf);
  const lines = (name: string) => sections.filter((one) => one.name === name).flatMap((one) => one.lines);
  const conditions = new Map<string, string[]>();
  for (const { key, value } of lines('Match')) {
    const words = value.split(/\s+/).filter((word) => word !== '');
    // Lines add up; an empty one clears what came before.
    conditions.set(key, words.length === 0 ? [] : [...(conditions.get(key) ?? []), ...words]);
  }
  const policy = lines('Link').findLast(({ key }) => key === 'MACAddressPolicy')?.value;
  return {
    path,
    conditions: Object.fromEntries([...conditions].filter(([, words]) => words.length > 0)),
    policy: policy || 'none',
  };
}
