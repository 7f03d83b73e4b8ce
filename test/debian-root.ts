import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './radio/host/command.js';
import { cacheDirectory } from './radio/host/kernel.js';
import { makeOnce } from './radio/host/make-once.js';

/** The Debian releases, by name, on which the lab can run. */
export const RELEASES = ['bookworm', 'trixie', 'sid'] as const;
export type Release = (typeof RELEASES)[number];

/** The Debian release with the oldest nodejs that the program supports. */
const PACKAGE_RELEASE: Release = 'trixie';

/** What the program's Debian package depends on, what is needed to test its man page and units, and what the lab runs. */
const PACKAGES = [
  'nodejs',
  'wpasupplicant',
  'iproute2',
  'iw',
  'dnsmasq-base',
  'nftables',
  'systemd',
  'systemd-sysv',
  'udev',
  'dbus',
  'libglib2.0-bin',
  'man-db',
  'network-manager',
  'systemd-resolved',
  'rfkill',
  'sudo',
];

/**
 * Packages that the root has, with what they depend on, but not installed: `apt install` gets them without a network. For
 * scenarios that play hosts with other network programs, and for the fixes that the doctor prints.
 */
const AT_HAND = [
  'dhcpcd',
  'dhcpcd-base',
  'dnsmasq',
  'dnsmasq-base',
  'ifupdown',
  'netplan.io',
  'triggerhappy',
  'wireless-regdb',
];
const ARCHIVE_INSIDE = 'var/lib/hostp2pd-lab-archive';

/** The commands, run by mmdebstrap with the root as `$1`, that put {@link AT_HAND} into the root's only apt source. */
const FILL_ARCHIVE = `
  set -eu
  mkdir -p "$1/${ARCHIVE_INSIDE}/partial"
  cd "$1/${ARCHIVE_INSIDE}"
  APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get install --yes --quiet=2 --download-only --no-install-recommends --reinstall \
    -o Dir::Cache::Archives="$PWD" ${AT_HAND.join(' ')} >&2
  for deb in *.deb; do
    dpkg-deb --field "$deb"
    echo "Filename: ./$deb"
    stat --format='Size: %s' "$deb"
    sha256sum "$deb" | sed 's/ .*//; s/^/SHA256: /'
    echo
  done > Packages
  rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*
  echo 'deb [trusted=yes] file:/${ARCHIVE_INSIDE} ./' > "$1/etc/apt/sources.list"`;

/** The Debian package of the tool that makes the root. */
export const ROOT_PACKAGE = 'mmdebstrap';

/**
 * The archive of a snapshot, or of another day, has an outdated release file. Its signature is checked, and the record says of
 * which day it is.
 */
const ANY_DAY = '--aptopt=Acquire::Check-Valid-Until "false"';

/** In the root: the date of the archive, and each package with its version. */
const RECORD = 'etc/hostp2pd-lab-packages';

/**
 * The root directory of a Debian system with everything that the program's package depends on, but without the program. It is
 * made once (about 100 MB to download) and must not be changed: install into an overlay. It stays as it is until it is
 * deleted, so that sid is the sid of that day.
 */
export async function obtainDebianRoot(release: Release = PACKAGE_RELEASE): Promise<string> {
  const key = createHash('sha256')
    .update(PACKAGES.join() + FILL_ARCHIVE)
    .digest('hex')
    .slice(0, 8);
  return makeOnce(join(cacheDirectory(), `${release}-${key}`), async (directory) => {
    const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, '--format=directory', '--quiet'];
    const record =
      `--customize-hook=sed -n 's/^Date: /archive of /p' "$1"/var/lib/apt/lists/*Release > "$1/${RECORD}"; ` +
      `dpkg-query --admindir="$1/var/lib/dpkg" -W >> "$1/${RECORD}"`;
    const archive = await debianArchive();
    const hooks = [record, `--customize-hook=${FILL_ARCHIVE}`];
    await runCommand(ROOT_PACKAGE, [...options, ANY_DAY, ...hooks, release, directory, archive]);
  });
}

/** What a root consists of, for a log line: the date of its archive, and the versions of some packages. */
export function describeRoot(root: string, packages: readonly string[]): string {
  const lines = readFileSync(join(root, RECORD), 'utf8').split('\n');
  const versions = lines.flatMap((line) => {
    const [name = '', version] = line.split('\t');
    return version !== undefined && packages.includes(name) ? `${name} ${version}` : [];
  });
  return [lines[0], ...versions].join(', ');
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
  return makeOnce(join(cacheDirectory(), `${PACKAGE_RELEASE}-${architecture}-${key}`), async (directory) => {
    const root = join(directory, 'root');
    const options = [`--architectures=${architecture}`, '--variant=extract', '--format=directory', '--quiet'];
    const packages = `--include=${FOREIGN_PACKAGES.join(',')}`;
    const archive = await debianArchive();
    await runCommand(ROOT_PACKAGE, [
      ...options,
      packages,
      '--skip=cleanup/apt',
      PACKAGE_RELEASE,
      root,
      archive,
    ]);
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

/** The archive of this machine's own packages, which has all releases, or the one that is named: a snapshot, for example. */
async function debianArchive(): Promise<string> {
  const own = process.env['HOSTP2PD_LAB_ARCHIVE'];
  if (own) return own;
  const format = '$(LABEL) $(REPO_URI)';
  const targets = String(await runCommand('apt-get', ['indextargets', '--format', format]));
  const [, archive] = /^Debian (\S+)/m.exec(targets) ?? [];
  if (archive === undefined)
    throw new Error(
      `expected a Debian archive among the sources of apt (apt-get indextargets) or in HOSTP2PD_LAB_ARCHIVE, to make a root, got none`,
    );
  return archive;
}
