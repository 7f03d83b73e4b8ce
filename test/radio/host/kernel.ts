import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { findCommand, runCommand } from './command.js';
import { obtainKernelPackage } from './kernel-package.js';
import { makeOnce, removeAbandoned } from './make-once.js';

/** The modules that the lab needs; the modules they depend on are loaded first. */
const MODULES = [
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'overlay',
  // The ciphers of WPA2 and of protected management frames. mac80211 asks for them when a key is set, and there is no
  // modprobe that could load them.
  'ccm',
  'gcm',
  'cmac',
  'ctr',
  // A shared internet connection, and a third host for it. libcrc32c, which is loaded with them, needs an algorithm.
  'crc32c_generic',
  'nft_ct',
  'nft_chain_nat',
  'nft_masq',
  'veth',
  'mac80211_hwsim',
  // A push button and an LED.
  'evdev',
  'uinput',
  'ledtrig_timer',
];

/** The guest loads these itself, from /lab/modules: the radios are made anew for each scenario, the others are for one. */
const LOADED_BY_THE_GUEST = ['mac80211_hwsim.ko', 'evdev.ko', 'uinput.ko', 'ledtrig_timer.ko'];

/** What QEMU needs to start the lab. */
export interface BootFiles {
  readonly kernel: string;
  readonly initramfs: string;
}

/** Where kernels are kept between runs: outside the repository, because they are large and not part of it. */
export function cacheDirectory(): string {
  const own = process.env['HOSTP2PD_LAB_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hostp2pd-lab');
}

/**
 * Downloads and builds the kernel and the initramfs if they are missing.
 *
 * Everything is made under a temporary name and then renamed. So an interrupted run leaves no incomplete file under a final
 * name, and two runs at once do not disturb each other.
 */
export async function prepareBootFiles(log: (line: string) => void): Promise<BootFiles> {
  const cache = cacheDirectory();
  const packages = join(cache, 'packages');
  await mkdir(packages, { recursive: true });
  for (const directory of [cache, packages]) await removeAbandoned(directory);
  const deb = await obtainKernelPackage(packages, log);
  const kernel = await unpackKernel(cache, deb, log);
  return { kernel: join(kernel, 'vmlinuz'), initramfs: await buildInitramfs(kernel) };
}

/** Takes the kernel image and the few modules needed out of the package. */
async function unpackKernel(cache: string, deb: string, log: (line: string) => void): Promise<string> {
  const key = createHash('sha256').update(MODULES.join()).digest('hex').slice(0, 8);
  const target = join(cache, `${basename(deb, '.deb')}-${key}`);
  return makeOnce(target, async (directory) => {
    log(`unpacking ${basename(deb)}`);
    const tree = join(directory, 'tree');
    await runCommand('dpkg-deb', ['-x', deb, tree]);
    // Debian 13 and later have lib under usr.
    const base = (await readdir(tree)).includes('lib') ? tree : join(tree, 'usr');
    const [release] = await readdir(join(base, 'lib', 'modules'));
    if (release === undefined) throw new Error(`${deb} holds no modules`);
    await copyFile(join(tree, 'boot', `vmlinuz-${release}`), join(directory, 'vmlinuz'));
    await runCommand('depmod', ['-b', base, release]);
    const source = join(base, 'lib', 'modules', release);
    await mkdir(join(directory, 'modules'));
    const order: string[] = [];
    for (const path of await moduleOrder(source)) {
      const file = await copyModule(join(source, path), join(directory, 'modules'));
      if (!LOADED_BY_THE_GUEST.includes(file)) order.push(file);
    }
    await writeFile(join(directory, 'modules.load'), `${order.join('\n')}\n`);
    await rm(tree, { recursive: true });
  });
}

/** Paths of the wanted modules, each after everything it depends on (modules.dep lists the nearest first). */
async function moduleOrder(source: string): Promise<string[]> {
  const dependencies = new Map<string, string[]>();
  for (const line of (await readFile(join(source, 'modules.dep'), 'utf8')).split('\n')) {
    const [path, rest] = line.split(':');
    if (path) dependencies.set(moduleName(path), [path, ...(rest ?? '').split(' ').filter((word) => word)]);
  }
  const builtIn = (await readFile(join(source, 'modules.builtin'), 'utf8')).split('\n').map(moduleName);
  const order = new Set<string>();
  for (const name of MODULES) {
    const paths = dependencies.get(name);
    if (paths === undefined && !builtIn.includes(name))
      throw new Error(`the kernel package lacks the module ${name}`);
    for (const path of (paths ?? []).toReversed()) order.add(path);
  }
  return [...order];
}

function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\..*)?$/, '')
    .replaceAll('-', '_');
}

/** Newer kernels come with compressed modules, which busybox's insmod does not read. */
async function copyModule(from: string, directory: string): Promise<string> {
  const [file, compression] = basename(from).split(/(?<=\.ko)\./) as [string, string | undefined];
  const name = file.replaceAll('-', '_');
  if (compression === undefined) await copyFile(from, join(directory, name));
  else
    await writeFile(
      join(directory, name),
      await runCommand(compression === 'zst' ? 'zstd' : compression, ['-dc', from]),
    );
  return name;
}

/** Packs busybox, the modules and the first scripts. The name holds their hash, so a change makes a new file. */
async function buildInitramfs(kernel: string): Promise<string> {
  const busybox = findCommand('busybox');
  if (busybox === undefined) throw new Error('busybox is not installed');
  // The scripts are not compiled; they are beside the sources.
  const guest = fileURLToPath(new URL('../../../radio/guest/', import.meta.url));
  const scripts = new Map<string, Buffer>();
  for (const name of ['init.sh', 'start.sh']) scripts.set(name, await readFile(join(guest, name)));
  const hash = createHash('sha256').update(await readFile(busybox));
  for (const script of scripts.values()) hash.update(script);
  const target = join(kernel, `initramfs-${hash.digest('hex').slice(0, 12)}`);
  await makeOnce(target, async (directory) => {
    const root = join(directory, 'root');
    await mkdir(join(root, 'bin'), { recursive: true });
    await mkdir(join(root, 'modules'));
    await copyFile(busybox, join(root, 'bin', 'busybox'));
    for (const name of await readdir(join(kernel, 'modules'))) {
      await copyFile(join(kernel, 'modules', name), join(root, 'modules', name));
    }
    await copyFile(join(kernel, 'modules.load'), join(root, 'modules.load'));
    for (const [name, text] of scripts) {
      await writeFile(join(root, name === 'init.sh' ? 'init' : name), text, { mode: 0o755 });
    }
    const names = (await readdir(root, { recursive: true })).join('\n');
    const archive = await runCommand('cpio', ['-o', '-H', 'newc', '-R', '0:0'], { cwd: root, input: names });
    await writeFile(join(directory, 'initramfs.gz'), gzipSync(archive));
    await rm(root, { recursive: true });
  });
  return join(target, 'initramfs.gz');
}
