import { describeRoot, obtainDebianRoot, type Release } from '../../debian-root.js';
import type { System } from '../protocol.js';
import { log } from './run-column.js';

/** The programs whose versions are printed: what differs between the systems. */
const SHOWN = ['wpasupplicant', 'systemd', 'network-manager', 'dnsmasq-base'];

/** The root directories of the machines of a column. */
export interface Roots {
  /** A system that is missing here cannot run; `undefined` is this machine's own root. */
  readonly of: ReadonlyMap<System, string | undefined>;
  /** The root with the wpa_supplicant of the phones, if it is not the box's. */
  readonly phones?: string | undefined;
  /** Why systems are missing. */
  readonly problem?: string;
}

/** Makes the roots that are wanted. What cannot be downloaded is reported, and its scenarios are left out. */
export async function prepareRoots(
  release: Release | undefined,
  phonesRelease: Release | undefined,
  wanted: ReadonlySet<System>,
): Promise<Roots> {
  const of = new Map<System, string | undefined>();
  if (release === undefined) of.set('host', undefined);
  try {
    const phones = phonesRelease && (await obtainDebianRoot(phonesRelease));
    if (phones !== undefined) log(`phones: ${describeRoot(phones, ['wpasupplicant'])}`);
    if (release !== undefined || wanted.has('debian')) {
      const root = await obtainDebianRoot(release);
      log(`${release ?? 'clean Debian'}: ${describeRoot(root, SHOWN)}`);
      of.set('debian', root);
      if (release !== undefined) of.set('host', root);
    }
    return { of, phones };
  } catch (error) {
    // Without the wanted phones nothing is what was asked for.
    const missing = phonesRelease === undefined ? of : new Map<System, never>();
    return { of: missing, problem: `cannot make its root directory: ${reasonOf(error)}` };
  }
}

/** What a failed command has printed, in one line, without its long list of arguments. */
function reasonOf(error: unknown): string {
  const [first = '', ...printed] = String(error instanceof Error ? error.message : error).split('\n');
  return printed.length === 0 ? first : printed.join('; ');
}
