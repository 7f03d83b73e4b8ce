import { join } from 'node:path';
import type { ConnectionProfile, NetplanFacts } from '../facts.js';
import { entriesOf, findProgram, statsOf, textOf, textsIn } from './sources.js';
import { sectionsOf } from './systemd-files.js';

/** Folders of NetworkManager's connections, which hold secrets (man nm-settings-keyfile). */
const PROFILE_FOLDERS = ['etc', 'run', 'usr/lib'].map((base) => `${base}/NetworkManager/system-connections`);

/** The Wi-Fi connections; only root can read them. */
export async function gatherProfiles(root: string): Promise<ConnectionProfile[]> {
  const found = await Promise.all(
    PROFILE_FOLDERS.map(async (folder) => {
      const names = (await entriesOf(root, folder)).filter((name) => !name.startsWith('.'));
      return Promise.all(names.map((name) => gatherProfile(root, `${folder}/${name}`)));
    }),
  );
  return found.flat().filter((profile) => profile !== null);
}

async function gatherProfile(root: string, path: string): Promise<ConnectionProfile | null> {
  const [text, stats] = await Promise.all([textOf(root, path), statsOf(root, path)]);
  const sections = sectionsOf(text ?? '');
  const value = (names: readonly string[], key: string) =>
    sections
      .filter(({ name }) => names.includes(name))
      .flatMap(({ lines }) => lines)
      .findLast((line) => line.key === key)?.value ?? null;
  const connection = (key: string) => value(['connection'], key);
  const wifi = (key: string) => value(['wifi', '802-11-wireless'], key);
  if (stats === null || !['wifi', '802-11-wireless'].includes(connection('type') ?? '')) return null;
  const isStation = (wifi('mode') ?? 'infrastructure') === 'infrastructure';
  return {
    path: `/${path}`,
    name: connection('id') ?? path,
    ssid: ssidOf(wifi('ssid') ?? ''),
    interface: connection('interface-name'),
    automatic: isStation && connection('autoconnect') !== 'false',
    // What the distribution ships holds no secrets, and is not refused.
    exposed: !path.startsWith('usr/') && (stats.mode & 0o077) !== 0,
  };
}

/** A text, or its bytes as numbers: `104;111;109;101;`. */
function ssidOf(value: string): string {
  if (!/^(\d{1,3};)+$/.test(value)) return value;
  return Buffer.from(value.split(';').slice(0, -1).map(Number)).toString();
}

/** Where netplan writes what it derives from its files (man netplan-generate). */
const GENERATED_FOLDERS = ['run/netplan', 'run/NetworkManager/system-connections', 'run/systemd/network'];

export async function gatherNetplan(root: string): Promise<NetplanFacts | null> {
  const generated = await Promise.all(
    GENERATED_FOLDERS.map(async (folder) => {
      const names = (await entriesOf(root, folder)).filter(
        (name) => name.includes('netplan') || folder === 'run/netplan',
      );
      return names.map((name) => join('/', folder, name));
    }),
  );
  if (generated.flat().length === 0) return null;
  const names = (await entriesOf(root, 'etc/netplan')).filter((name) => name.endsWith('.yaml'));
  return { files: names.map((name) => `/etc/netplan/${name}`), generated: generated.flat() };
}

/** Interfaces whose Wi-Fi ifupdown connects (man interfaces, and README.Debian of wpasupplicant). */
export async function gatherIfupdown(root: string): Promise<string[]> {
  if ((await findProgram(root, 'ifup')) === null) return [];
  const main = (await textOf(root, 'etc/network/interfaces')) ?? '';
  // The usual file reads this folder; other names of `source` are rare.
  const others = /^\s*source/m.test(main) ? await textsIn(root, 'etc/network/interfaces.d', '') : [];
  return wirelessInterfaces([main, ...others].join('\n'));
}

/** Words that begin a stanza; other lines are options of the one above. */
const STANZA =
  /^(iface|auto|allow-\S+|mapping|rename|source|source-directory|no-auto-down|no-scripts|template)$/;

/** @param text in the form of /etc/network/interfaces */
export function wirelessInterfaces(text: string): string[] {
  const found = new Set<string>();
  let current: string | null = null;
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [first = '', name] = line.trim().split(/\s+/);
    if (STANZA.test(first)) current = first === 'iface' ? (name ?? null) : null;
    else if (current !== null && /^(wpa|wireless)-/.test(first)) found.add(current);
  }
  return [...found];
}
