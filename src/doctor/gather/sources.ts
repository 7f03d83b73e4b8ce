import type { Stats } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { askControl, PATIENT_LIMIT_MS } from '../../host/ask-control.js';
import { eventsHeldBack } from '../../host/control-clients.js';
import { codeOf, messageOf } from '../../system/errors.js';
import { readAnyFile } from '../../system/files.js';
import { known, type Missing } from '../../system/missing.js';
import { runProgram, USUAL_LIMIT_MS } from '../../system/programs.js';
import { type AddonProblem, addonProblem } from '../../wpa/native-addon.js';

/** Where the facts come from: this machine, or in tests a folder that looks like one. */
export interface Sources {
  /** Prefix of every path that is read: /proc, /sys, /run, /etc … */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly user: { readonly uid: number; readonly groups: readonly number[] };
  readonly nodeVersion: string;
  readonly addonProblem: AddonProblem | null;
  /** Runs a program that only reads. Resolves with its output; never rejects. */
  readonly run: (program: string, args: readonly string[]) => Promise<string | Missing>;
  readonly ask: (folder: string, name: string, commands: readonly string[]) => ReturnType<typeof askControl>;
  readonly heldBack: typeof eventsHeldBack;
  readonly networks: typeof networkInterfaces;
}

/** Of programs that have another name than their package. */
const DEBIAN_PACKAGES = new Map([
  ['nmcli', 'network-manager'],
  ['ip', 'iproute2'],
  ['ss', 'iproute2'],
  ['nft', 'nftables'],
  ['systemctl', 'systemd'],
]);

/** How long an answer is waited for, in ms. */
interface Patience {
  readonly programMs: number;
  readonly socketMs: number;
}

const OF_DOCTOR: Patience = { programMs: USUAL_LIMIT_MS, socketMs: PATIENT_LIMIT_MS };

export function systemSources({ programMs, socketMs } = OF_DOCTOR): Sources {
  return {
    root: '/',
    environment: process.env,
    user: {
      uid: process.geteuid?.() ?? -1,
      groups: [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])],
    },
    nodeVersion: process.versions.node,
    addonProblem: addonProblem(),
    run: (program, args) =>
      runProgram(program, args, {
        debianPackage: DEBIAN_PACKAGES.get(program) ?? program,
        limitMs: programMs,
      }).catch((cause: unknown) => ({ missing: messageOf(cause) })),
    ask: (folder, name, commands) => askControl(folder, name, commands, socketMs),
    heldBack: eventsHeldBack,
    networks: networkInterfaces,
  };
}

/** No file that the doctor reads is longer. */
const MAX_BYTES = 4_194_304;

/** @returns null if there is no such file */
export async function fileText(root: string, path: string): Promise<string | null | Missing> {
  return readAnyFile(join(root, path), { maxBytes: MAX_BYTES }).then(
    ({ bytes }) => bytes.toString(),
    (error: Error) => (isNotThere(error.cause) ? null : { missing: `${join('/', path)}: ${error.message}` }),
  );
}

/** Sorted names; empty if there is no such folder. */
export async function folderNames(root: string, path: string): Promise<string[] | Missing> {
  return readdir(join(root, path)).then(
    (names) => names.sort(),
    (error: unknown) => (isNotThere(error) ? [] : { missing: `${join('/', path)}: ${messageOf(error)}` }),
  );
}

function isNotThere(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
}

/** The text where no change depends on it: null also if the file cannot be read. */
export async function textOf(root: string, path: string): Promise<string | null> {
  return known(await fileText(root, path));
}

/** The content of a file of /sys or /proc, without the line end. */
export async function wordOf(root: string, path: string): Promise<string | null> {
  return (await textOf(root, path))?.trim() ?? null;
}

/** The names where no change depends on them: empty also if the folder cannot be read. */
export async function entriesOf(root: string, path: string): Promise<string[]> {
  return known(await folderNames(root, path)) ?? [];
}

export async function linkOf(root: string, path: string): Promise<string | null> {
  return readlink(join(root, path)).catch(() => null);
}

/** Null if there is nothing at that path, or we may not see it. */
export async function statsOf(root: string, path: string): Promise<Stats | null> {
  return stat(join(root, path)).catch(() => null);
}

/** The texts of those files that can be read. */
export async function textsOf(root: string, paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => textOf(root, path)));
  return texts.filter((text) => text !== null);
}

/**
 * The files with that ending in the order of their names.
 * @param folders the most important first: a file hides those of the same name in later ones
 */
export async function pathsIn(root: string, folders: readonly string[], ending: string): Promise<string[]> {
  const paths = new Map<string, string>();
  for (const folder of folders)
    for (const name of await entriesOf(root, folder))
      if (name.endsWith(ending) && !paths.has(name)) paths.set(name, `${folder}/${name}`);
  return [...paths].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}

/** The texts of the files in a folder whose names have that ending, in the order of their names. */
export async function textsIn(root: string, folder: string, ending: string): Promise<string[]> {
  const names = (await entriesOf(root, folder)).filter((name) => name.endsWith(ending));
  const paths = names.map((name) => join(folder, name));
  return textsOf(root, paths);
}

const PROGRAM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin', '/usr/local/bin'];

/** The path of a system program; its folder is not in the PATH of every user. */
export async function findProgram(root: string, name: string): Promise<string | null> {
  for (const folder of PROGRAM_FOLDERS) {
    const path = join(folder, name);
    if (await statsOf(root, path)) return path;
  }
  return null;
}
