import { spawnSync } from 'node:child_process';
import { ROOT_PACKAGE } from '../debian-root.js';

/** The Debian packages that the package tests need, beside a compiler. */
export const PACKAGING_PACKAGES: readonly string[] = ['debhelper', ROOT_PACKAGE];

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
  // An addon loads in the major version that compiled it, and the clean root has Debian's.
  if (!process.version.startsWith('v20.'))
    return `Debian 13 has Node.js 20, and this is ${process.version}: what is compiled here does not load there`;
  return reasonToSkipPackages();
}

function isMissing(command: string): boolean {
  return spawnSync(command, ['--version']).error !== undefined;
}
