import { join } from 'node:path';
import { isMissing, type Missing } from '../../system/missing.js';
import type { ConnectionProfile, IfupdownFacts, NetplanFacts } from '../facts.js';
import { entriesOf, fileText, findProgram, folderNames, statsOf } from './sources.js';
import { type Section, sectionsOf } from './systemd-files.js';

/** Folders of NetworkManager's connections, which hold secrets (man nm-settings-keyfile). */
const PROFILE_FOLDERS = ['etc', 'run', 'usr/lib'].map((base) => `${base}/NetworkManager/system-connections`);

/** The Wi-Fi connections; only root can read them. */
export async function gatherProfiles(root: string): Promise<ConnectionProfile[] | Missing> {
  const found = await Promise.all(
    PROFILE_FOLDERS.map(async (folder) => {
      const names = await folderNames(root, folder);
      if (isMissing(names)) return [names];
      const paths = names.filter((name) => !name.startsWith('.')).map((name) => `${folder}/${name}`);
      return Promise.all(paths.map((path) => gatherProfile(root, path)));
    }),
  );
  const profiles = found.flat().filter((profile) => profile !== null);
  return profiles.find(isMissing) ?? profiles.flatMap((profile) => (isMissing(profile) ? [] : profile));
}

async function gatherProfile(root: string, path: string): Promise<ConnectionProfile | Missing | null> {
  const stats = await statsOf(root, path);
  // NetworkManager ignores folders.
  const text = stats?.isDirectory() ? null : await fileText(root, path);
  if (isMissing(text)) return text;
  const sections = sectionsOf(text ?? '');
  const value = (names: readonly string[], key: string) =>
    sections
      .filter(({ name }) => names.includes(name))
      .flatMap(({ lines }) => lines)
      .findLast((line) => line.key === key)?.value ?? null;
  const connection = (key: string) => value(['connection'], key);
  const wifi = (key: string) => value(['wifi', '802-11-wireless'], key);
  if (stats === null || !['wifi', '802-11-wireless'].includes(connection('type') ?? '')) return null;
  return {
    path: `/${path}`,
    name: connection('id') ?? path,
    ssid: ssidOf(wifi('ssid') ?? ''),
    interface: connection('interface-name'),
    station: (wifi('mode') ?? 'infrastructure') === 'infrastructure',
    automatic: !['false', '0'].includes(connection('autoconnect') ?? ''),
    askedSecret: askedSecretOf(sections),
    // What the distribution ships holds no secrets, and is not refused.
    exposed: !path.startsWith('usr/') && (stats.mode & 0o077) !== 0,
  };
}

/** Sections with secrets, and how nmcli calls them. */
const SECRET_SECTIONS = new Map([
  ['wifi-security', 'wifi-sec'],
  ['802-11-wireless-security', 'wifi-sec'],
  ['802-1x', '802-1x'],
]);
/** The secret is owned by an agent, or not saved (man nm-settings-nmcli, "Secret flag types"). */
const NOT_IN_FILE = 0x1 | 0x2;

function askedSecretOf(sections: readonly Section[]): string | null {
  for (const { name, lines } of sections) {
    const setting = SECRET_SECTIONS.get(name);
    for (const { key, value } of lines) {
      const [, secret] = /^(psk|wep-key|pin|(?:.*-)?password(?:-raw)?)-flags$/.exec(key) ?? [];
      if (setting === undefined || secret === undefined || (Number(value) & NOT_IN_FILE) === 0) continue;
      return `${setting}.${secret}`;
    }
  }
  return null;
}

const ESCAPED = new Map([...'sntr'].map((letter, place) => [letter, ' \n\t\r'.charAt(place)]));

/** A text with the escapes of GKeyFile, or its bytes as numbers: `104;111;109;101;`. */
function ssidOf(value: string): string {
  if (!/^(\d{1,3};)+$/.test(value))
    return value.replace(/\\(.)/g, (_, letter: string) => ESCAPED.get(letter) ?? letter);
  return Buffer.from(value.split(';').slice(0, -1).map(Number)).toString();
}

/** Where netplan writes what it derives from its files (man netplan-generate). */
const GENERATED_FOLDERS = ['run/netplan', 'run/NetworkManager/system-connections', 'run/systemd/network'];

export async function gatherNetplan(root: string): Promise<NetplanFacts | null | Missing> {
  const found = await Promise.all(
    GENERATED_FOLDERS.map(async (folder) => {
      const names = await folderNames(root, folder);
      if (isMissing(names)) return names;
      const ours = names.filter((name) => name.includes('netplan') || folder === 'run/netplan');
      return ours.map((name) => join('/', folder, name));
    }),
  );
  const generated = found.flatMap((paths) => (isMissing(paths) ? [] : paths));
  if (generated.length === 0) return found.find(isMissing) ?? null;
  const names = (await entriesOf(root, 'etc/netplan')).filter((name) => name.endsWith('.yaml'));
  return { files: names.map((name) => `/etc/netplan/${name}`), generated };
}

/** Interfaces whose Wi-Fi ifupdown connects (man interfaces). Its file may hold a passphrase, and be root's alone. */
export async function gatherIfupdown(root: string): Promise<IfupdownFacts | Missing> {
  if ((await findProgram(root, 'ifup')) === null) return { wpa: [], wireless: [] };
  const main = await fileText(root, 'etc/network/interfaces');
  if (isMissing(main)) return main;
  // The usual file reads this folder; other names of `source` are rare.
  const hasOthers = /^\s*source/m.test(main ?? '');
  const names = hasOthers ? await folderNames(root, 'etc/network/interfaces.d') : [];
  if (isMissing(names)) return names;
  const others = await Promise.all(names.map((name) => fileText(root, `etc/network/interfaces.d/${name}`)));
  const unread = others.find(isMissing);
  if (unread !== undefined) return unread;
  const text = [main, ...others].join('\n');
  // Each of the two packages has scripts that look at its own options only (if-pre-up.d/wpasupplicant and wireless-tools).
  return { wpa: interfacesWith('wpa', text), wireless: interfacesWith('wireless', text) };
}

/** Words that begin a stanza; other lines are options of the one above. */
const STANZA =
  /^(iface|auto|allow-\S+|mapping|rename|source|source-directory|no-auto-down|no-scripts|template)$/;

/**
 * Interfaces that have an option with this beginning.
 * @param text in the form of /etc/network/interfaces
 */
function interfacesWith(beginning: 'wpa' | 'wireless', text: string): string[] {
  const found = new Set<string>();
  let current: string | null = null;
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [first = '', name] = line.trim().split(/\s+/);
    if (STANZA.test(first)) current = first === 'iface' ? (name ?? null) : null;
    else if (current !== null && first.startsWith(`${beginning}-`)) found.add(current);
  }
  return [...found];
}
