import { createHash } from 'node:crypto';
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
