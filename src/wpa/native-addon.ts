import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { machine } from 'node:os';
import { dirname, join } from 'node:path';
import { HostP2pError, messageOf } from '../system/errors.js';
import { NODE_FIX, nodeIsTooOld, OLDEST_NODE } from '../system/node-version.js';
import { packageFolder } from '../system/version.js';

/**
 * The native part of unix-dgram: where it is, and what is wrong if it cannot be loaded. It loads only in the major version of
 * Node.js for which it was built. The packages have it built for several versions (packaging/prebuilds); npm may have
 * compiled it for this one.
 */

/** The functions of unix-dgram 2.0.7 that are used here. Each returns a negative errno if it fails. */
interface Addon {
  readonly AF_UNIX: number;
  readonly SOCK_DGRAM: number;
  /**
   * Returns the file descriptor.
   * @param received gets a negative errno, and no data, if recvmsg() has failed
   */
  socket(
    family: number,
    type: number,
    protocol: 0,
    received: (status: number, data: Buffer | null, from: string | null) => void,
    writable: () => void,
  ): number;
  bind(fd: number, path: string): number;
  sendto(fd: number, data: Buffer, offset: number, length: number, path: string): number;
  /** Aborts the process if it is called twice for one socket. */
  close(fd: number): number;
}

/** Why the addon cannot be loaded, for a person. */
export interface AddonProblem {
  readonly message: string;
  readonly fix: string;
  /** What the loader has thrown; undefined: there is nothing to load. */
  readonly cause: unknown;
}

let loaded: Addon | undefined;

/**
 * Loads the addon, at its first use: what needs no socket works without it.
 * @throws {HostP2pError} ADDON, in one line, with what to do
 */
export function loadAddon(): Addon {
  const found = addonOrProblem();
  if (!('fix' in found)) return found;
  const { message, fix, cause } = found;
  throw new HostP2pError('ADDON', `${message}; ${fix}`, cause === undefined ? {} : { cause });
}

/** @returns null: it can be loaded */
export function addonProblem(): AddonProblem | null {
  const found = addonOrProblem();
  return 'fix' in found ? found : null;
}

function addonOrProblem(): Addon | AddonProblem {
  if (loaded !== undefined) return loaded;
  const found = load(createRequire(import.meta.filename));
  if (!('fix' in found)) loaded = found;
  return found;
}

function load(require: NodeJS.Require): Addon | AddonProblem {
  const root = packageFolder();
  let cause: unknown;
  // The second one is looked for only if the first one cannot be used.
  for (const find of [() => prebuiltFile(root), () => compiledFile(require)?.file]) {
    const file = find();
    if (file === undefined || !existsSync(file)) continue;
    try {
      return require(file);
    } catch (failure) {
      // A prebuilt addon needs glibc, for example; one that was compiled here does not.
      cause ??= failure;
    }
  }
  const compiled = compiledFile(require);
  const reason = reasonOf(cause, root, compiled);
  return {
    message: `the native module unix-dgram cannot be loaded: ${reason}`,
    fix: fixFor(root, compiled),
    cause,
  };
}

const PREBUILDS = 'prebuilds';
const { arch } = process;
const { modules: abi } = process.versions;

/** Debian's compilers for 32-bit Arm produce ARMv7. A Raspberry Pi 1 or Zero (ARMv6) would kill the process: SIGILL. */
function isArmv6(): boolean {
  return machine().startsWith('armv6');
}

function prebuiltFile(root: string): string | undefined {
  if (isArmv6()) return undefined;
  return join(root, PREBUILDS, `linux-${arch}-abi${abi}`, 'unix_dgram.node');
}

/** Module versions for which the package has the addon on this architecture. */
function prebuiltVersions(root: string): string[] {
  const folder = join(root, PREBUILDS);
  if (!existsSync(folder) || isArmv6()) return [];
  const prefix = `linux-${arch}-abi`;
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
  return names.map((name) => name.slice(prefix.length)).sort((a, b) => Number(a) - Number(b));
}

interface Compiled {
  /** The folder whose node_modules holds unix-dgram. */
  readonly root: string;
  readonly file: string;
  /** Whether its sources are there. The Debian package leaves them out. */
  readonly hasSources: boolean;
}

/** Null if the package unix-dgram is not installed. */
function compiledFile(require: NodeJS.Require): Compiled | null {
  try {
    const folder = dirname(require.resolve('unix-dgram/package.json'));
    return {
      root: dirname(dirname(folder)),
      file: join(folder, 'build/Release/unix_dgram.node'),
      hasSources: existsSync(join(folder, 'binding.gyp')),
    };
  } catch {
    return null;
  }
}

function reasonOf(cause: unknown, root: string, compiled: Compiled | null): string {
  if (nodeIsTooOld()) return `expected Node.js ${OLDEST_NODE} or later, got ${process.version}`;
  let versions = prebuiltVersions(root);
  if (cause !== undefined) {
    const text = messageOf(cause);
    const [, built] = /NODE_MODULE_VERSION (\d+)/.exec(text) ?? [];
    if (built === undefined) return text.split('\n')[0] ?? '';
    versions = [built];
  }
  if (versions.length > 0)
    return `expected it built for Node.js ${process.version} (module version ${abi}, ${arch}), got it for ${nodes(versions)}`;
  if (isArmv6() && existsSync(join(root, PREBUILDS)))
    return 'the package has it for ARMv7, and this processor is an ARMv6';
  return compiled === null ? 'it is not installed' : 'it has not been compiled';
}

function fixFor(root: string, compiled: Compiled | null): string {
  // Compiled for this one it would load.
  if (nodeIsTooOld()) return NODE_FIX;
  if (compiled?.hasSources)
    return `run "npm rebuild unix-dgram" in ${compiled.root} with this Node.js, or install hostp2pd again`;
  const versions = prebuiltVersions(root);
  if (versions.length > 0)
    return `run hostp2pd with ${nodes(versions)}, or install a hostp2pd that was built for this Node.js`;
  if (isArmv6()) return 'install the npm package, which compiles it here';
  // npm takes a package without its sources for installed.
  if (compiled !== null) return 'install hostp2pd again';
  return `run "npm install" in ${root}, or install hostp2pd again`;
}

/** https://nodejs.org/download/release/index.json: NODE_MODULE_VERSION, and the major version of Node.js that has it. */
const NODE_OF_ABI: ReadonlyMap<string, string> = new Map([
  ['115', '20'],
  ['127', '22'],
  ['137', '24'],
  ['147', '26'],
]);

/** Module versions as a person knows them: `Node.js 20, 22`. */
function nodes(versions: readonly string[]): string {
  return `Node.js ${versions.map((one) => NODE_OF_ABI.get(one) ?? `of module version ${one}`).join(', ')}`;
}
