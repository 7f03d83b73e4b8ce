import { createHash } from 'node:crypto';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './radio/host/command.js';
import { cacheDirectory } from './radio/host/kernel.js';
import { makeOnce } from './radio/host/make-once.js';

/** The Debian release with the oldest nodejs that the program supports. */
const RELEASE = 'trixie';

/** What the program's Debian package depends on, and what is needed to test its man page and units. */
const PACKAGES = [
  'nodejs',
  'wpasupplicant',
  'iproute2',
  'iw',
  'dnsmasq-base',
  'systemd',
  'systemd-sysv',
  'udev',
  'dbus',
  'man-db',
  'network-manager',
  'systemd-resolved',
];

/** The Debian package of the tool that makes the root. */
export const ROOT_PACKAGE = 'mmdebstrap';

/**
 * The root directory of a Debian system with everything that the program's package depends on, but without the program. It is
 * made once (about 100 MB to download) and must not be changed: install into an overlay.
 */
export async function obtainDebianRoot(): Promise<string> {
  const key = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8);
  return makeOnce(join(cacheDirectory(), `${RELEASE}-${key}`), async (directory) => {
    const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, '--format=directory', '--quiet'];
    await runCommand(ROOT_PACKAGE, [...options, RELEASE, directory, await debianArchive()]);
  });
}

/** What the program's package depends on, and what dpkg and a shell need to install it. */
const FOREIGN_PACKAGES = [
  ...['nodejs', 'wpasupplicant', 'iproute2', 'systemd-standalone-sysusers'],
  ...['base-files', 'base-passwd', 'dpkg', 'libc-bin', 'diffutils', 'tar'],
  ...['dash', 'coreutils', 'findutils', 'grep', 'sed', 'mawk'],
];

/**
 * The same for another processor, smaller: the files of the packages, and dpkg's list that says that they are installed.
 * None of their programs is run, which would take minutes in an emulator.
 */
export async function obtainForeignRoot(architecture: string): Promise<string> {
  const key = createHash('sha256').update(FOREIGN_PACKAGES.join()).digest('hex').slice(0, 8);
  return makeOnce(join(cacheDirectory(), `${RELEASE}-${architecture}-${key}`), async (directory) => {
    const root = join(directory, 'root');
    const options = [`--architectures=${architecture}`, '--variant=extract', '--format=directory', '--quiet'];
    const packages = `--include=${FOREIGN_PACKAGES.join(',')}`;
    const archive = await debianArchive();
    await runCommand(ROOT_PACKAGE, [...options, packages, '--skip=cleanup/apt', RELEASE, root, archive]);
    const archives = join(root, 'var/cache/apt/archives');
    const stanzas: string[] = [];
    for (const name of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
      const control = String(await runCommand('dpkg-deb', ['--field', join(archives, name)]));
      stanzas.push(control.replace(/^Package: .*\n/, '$&Status: install ok installed\n'));
      rmSync(join(archives, name));
    }
    writeFileSync(join(root, 'var/lib/dpkg/status'), `${stanzas.join('\n')}\n`);
    // The scripts of base-passwd would write these.
    for (const file of ['passwd', 'group'])
      cpSync(join(root, `usr/share/base-passwd/${file}.master`), join(root, 'etc', file));
    return root;
  });
}

/** The archive of this machine's own packages; it has all releases. */
async function debianArchive(): Promise<string> {
  const format = '$(LABEL) $(REPO_URI)';
  const targets = String(await runCommand('apt-get', ['indextargets', '--format', format]));
  const [, archive] = /^Debian (\S+)/m.exec(targets) ?? [];
  if (archive === undefined)
    throw new Error(
      `expected a Debian archive among the sources of apt (apt-get indextargets) to make a root of ${RELEASE}, got none`,
    );
  return archive;
}
