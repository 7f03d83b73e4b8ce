import { spawnSync } from 'node:child_process';
import { ROOT_PACKAGE } from '../../debian-root.js';
import { BINFMT } from './clean-root.js';

/** The Debian packages that the package tests need, beside a compiler. */
export const PACKAGING_PACKAGES: readonly string[] = ['debhelper', ROOT_PACKAGE, 'apt-utils', 'gnupg'];

/** The compilers and emulators for other processors, and the Debian packages that have them. */
export const FOREIGN_PACKAGES: ReadonlyMap<string, string> = new Map([
  ['aarch64-linux-gnu-g++', 'crossbuild-essential-arm64'],
  ['arm-linux-gnueabihf-g++', 'crossbuild-essential-armhf'],
  ['qemu-aarch64-static', 'qemu-user-static'],
  ['qemu-arm-static', 'qemu-user-static'],
]);

/** Why packages cannot be built and installed here; false if they can. */
export function reasonToSkipPackages(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  for (const command of ['g++', 'make', 'python3'])
    if (isMissing(command)) return `the addon cannot be compiled: ${command} is not installed`;
  if (spawnSync('npm', ['ping'], { timeout: 20_000 }).status !== 0) return 'npm does not reach its registry';
  return false;
}

/** The same for the Debian package and its clean root. */
export function reasonToSkipDebian(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  for (const [command, debianPackage] of [
    ['dh', 'debhelper'],
    ['dpkg-buildpackage', 'dpkg-dev'],
    [ROOT_PACKAGE, ROOT_PACKAGE],
  ] as const)
    if (isMissing(command)) return `${command} is not installed (Debian: apt install ${debianPackage})`;
  if (process.getuid?.() !== 0) return 'only root can install a package into a root directory';
  if (spawnSync('unshare', ['--mount', '--pid', '--net', '--fork', 'true']).status !== 0)
    return 'namespaces and mounts are not permitted here';
  return reasonToSkipPackages();
}

/** The same for the apt repository, which has that Debian package. */
export function reasonToSkipRepository(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  for (const [command, debianPackage] of [
    ['apt-ftparchive', 'apt-utils'],
    ['gpg', 'gnupg'],
  ] as const)
    if (isMissing(command)) return `${command} is not installed (Debian: apt install ${debianPackage})`;
  return reasonToSkipDebian();
}

/** The same for the packages for other processors, which are built and tried out here. */
export function reasonToSkipForeign(): string | false {
  if (process.env['HOSTP2PD_TEST_ALL'] === '1') return false;
  if (process.arch !== 'x64') return `the compilers and emulators are for a PC, and this is ${process.arch}`;
  for (const [command, debianPackage] of FOREIGN_PACKAGES)
    if (isMissing(command)) return `${command} is not installed (Debian: apt install ${debianPackage})`;
  const binfmt = ['--user', '--map-root-user', '--mount', 'mount', '-t', 'binfmt_misc', 'none', BINFMT];
  if (spawnSync('unshare', binfmt).status !== 0)
    return 'the kernel has no binfmt_misc for user namespaces (Linux 6.7)';
  return reasonToSkipDebian();
}

/** The container tool that works here. The client alone, without its service, builds nothing. */
export function containerTool(): string | undefined {
  return ['podman', 'docker'].find((tool) => spawnSync(tool, ['info'], { timeout: 20_000 }).status === 0);
}

/** Why no container image is built; also in the continuous integration, which runs in a container itself. */
export function reasonToSkipContainer(): string | false {
  return containerTool() === undefined
    ? 'neither podman nor docker works here (podman info, docker info)'
    : false;
}

function isMissing(command: string): boolean {
  return spawnSync(command, ['--version']).error !== undefined;
}
