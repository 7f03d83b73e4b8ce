import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { makeOnce } from './make-once.js';

/** Debian's name for "the current kernel": an empty package that depends on the real one. */
const META_PACKAGE = 'linux-image-amd64';

interface KernelPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * The path of the kernel package. It is downloaded if the folder does not have the version that the archive offers.
 * A machine that is offline, or has no package lists, uses the newest one it has.
 */
export async function obtainKernelPackage(folder: string, log: (line: string) => void): Promise<string> {
  const have = await findPackages(folder);
  const wanted = (await currentKernel()) ?? (have.length === 0 ? await refreshLists(log) : undefined);
  if (wanted === undefined) {
    const newest = have.at(-1);
    if (newest !== undefined) return join(folder, newest);
    throw new Error(
      `apt knows no package ${META_PACKAGE}: run "apt-get update" as root (the lab takes its kernel from a Debian archive)`,
    );
  }
  const file = fileName(wanted);
  if (have.includes(file)) return join(folder, file);
  log(`downloading ${wanted.name} ${wanted.version} (about 70 MB, once)`);
  try {
    return await download(folder, wanted);
  } catch (error) {
    // If the lists are older than the archive, they name packages that it no longer has.
    const renewed = await refreshLists(log);
    if (renewed !== undefined && fileName(renewed) !== file) return await download(folder, renewed);
    const newest = have.at(-1);
    if (newest === undefined) throw error;
    log(`cannot download ${wanted.name} ${wanted.version}; using ${newest}`);
    return join(folder, newest);
  }
}

/** What the meta package depends on, or undefined if apt's lists do not have it (they are often empty in containers). */
async function currentKernel(): Promise<KernelPackage | undefined> {
  const text = await runCommand('apt-cache', ['show', '--no-all-versions', META_PACKAGE]).then(
    String,
    () => '',
  );
  const [, name, version] = /^Depends:.*?\b(linux-image-\S+) \(= ([^)]+)\)/m.exec(text) ?? [];
  return name !== undefined && version !== undefined ? { name, version } : undefined;
}

async function refreshLists(log: (line: string) => void): Promise<KernelPackage | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  log('apt-get update');
  await runCommand('apt-get', ['update', '-q']).catch((error: unknown) => log(String(error)));
  return currentKernel();
}

function download(folder: string, kernel: KernelPackage): Promise<string> {
  return makeOnce(join(folder, fileName(kernel)), async (directory) => {
    await runCommand('apt-get', ['download', '-q', `${kernel.name}=${kernel.version}`], { cwd: directory });
    const [deb] = await readdir(directory);
    if (deb === undefined) throw new Error(`apt-get download ${kernel.name} downloaded nothing`);
    return join(directory, deb);
  });
}

/** The file name that apt gives to a package. */
function fileName({ name, version }: KernelPackage): string {
  return `${name}_${version.replaceAll(':', '%3a')}_amd64.deb`;
}

/** Packages in the folder, oldest version first. */
async function findPackages(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^linux-image-.*\.deb$/.test(name));
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
