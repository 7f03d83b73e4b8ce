import { basename, join } from 'node:path';
import type { LinkFile } from '../facts.js';
import { entriesOf, textOf } from './reading.js';
import { sectionsOf } from './sections.js';

/** Of files with the same name the first counts (man systemd.link); the last is that of systems without merged /usr. */
const FOLDERS = ['etc', 'run', 'usr/local/lib', 'usr/lib', 'lib'].map(
  (folder) => `${folder}/systemd/network`,
);

/** The .link files by which udev sets interfaces up, in the order in which it looks for one that fits. */
export async function gatherLinkFiles(root: string): Promise<LinkFile[]> {
  const paths = await placesOf(root, FOLDERS, '.link');
  const files = await Promise.all(
    paths.map(async (path) => {
      const text = await textOf(join(root, path));
      // An empty one, or a link to /dev/null, takes the place of that name.
      if (text === null || text === '') return null;
      const additions = await placesOf(
        root,
        FOLDERS.map((folder) => `${folder}/${basename(path)}.d`),
        '.conf',
      );
      const more = await Promise.all(additions.map((addition) => textOf(join(root, addition))));
      return parseLinkFile(`/${path}`, [text, ...more.filter((one) => one !== null)]);
    }),
  );
  return files.filter((file) => file !== null);
}

/** The files with that ending in several folders, by name. */
async function placesOf(root: string, folders: readonly string[], ending: string): Promise<string[]> {
  const places = new Map<string, string>();
  const lists = await Promise.all(folders.map((folder) => entriesOf(join(root, folder))));
  for (const [index, names] of lists.entries())
    for (const name of names.filter((one) => one.endsWith(ending)))
      if (!places.has(name)) places.set(name, `${folders[index]}/${name}`);
  return [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** @param texts of the file and of what is added to it, in the order in which they are read */
export function parseLinkFile(path: string, texts: readonly string[]): LinkFile {
  const sections = texts.flatMap(sectionsOf);
  const lines = (name: string) => sections.filter((one) => one.name === name).flatMap((one) => one.lines);
  const conditions = new Map<string, string[]>();
  for (const { key, value } of lines('Match')) {
    const words = value.split(/\s+/).filter((word) => word !== '');
    // Several lines add up, and an empty one begins anew.
    conditions.set(key, words.length === 0 ? [] : [...(conditions.get(key) ?? []), ...words]);
  }
  const policy = lines('Link').findLast(({ key }) => key === 'MACAddressPolicy')?.value;
  return {
    path,
    conditions: Object.fromEntries([...conditions].filter(([, words]) => words.length > 0)),
    policy: policy === undefined || policy === '' ? 'none' : policy,
  };
}
