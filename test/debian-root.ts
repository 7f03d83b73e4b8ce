import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { runCommand } from './radio/host/command.js';
import { cacheDirectory } from './radio/host/kernel.js';
import { makeOnce } from './radio/host/make-once.js';

/** The release whose own nodejs is the oldest that the program takes. */
const RELEASE = 'trixie';

/** What the program's Debian package wants, and what shows that its manual and its units are found. */
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

/** The tool that makes it, from Debian. */
export const ROOT_PACKAGE = 'mmdebstrap';

/**
 * The root directory of a Debian system that has what its package depends on, but not the program. It is made once
 * (about 100 MB to download) and is only to be read: whoever installs something lays an overlay on it.
 */
export async function obtainDebianRoot(): Promise<string> {
  const key = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 8);
  return makeOnce(join(cacheDirectory(), `${RELEASE}-${key}`), async (directory) => {
    const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, '--format=directory', '--quiet'];
    await runCommand(ROOT_PACKAGE, [...options, RELEASE, directory, await debianArchive()]);
  });
}

/** The archive from which this machine has its own packages has all releases. */
async function debianArchive(): Promise<string> {
  const format = '$(LABEL) $(REPO_URI)';
  const targets = String(await runCommand('apt-get', ['indextargets', '--format', format]));
  const [, archive] = /^Debian (\S+)/m.exec(targets) ?? [];
  if (archive === undefined)
    throw new Error(
      `found no Debian archive among the sources of apt (apt-get indextargets), wanted one to make a root of ${RELEASE}`,
    );
  return archive;
}
