import type { Facts, LinkFile } from '../facts.js';
import { type Check, ok, type Verdict, warning } from '../finding.js';
import { type Device, groupDevices, matches } from './device-match.js';
import { install, NEIGHBOURS } from './neighbours.js';

export const linkChecks: readonly Check[] = [
  {
    id: 'link-policy',
    looksAt:
      'whether udev leaves the interfaces of groups the address that wpa_supplicant gave them (`MACAddressPolicy` of the .link file that fits them)',
    judge: judgeLinkPolicy,
  },
];

function judgeLinkPolicy({ device, services: { udev } }: Facts): readonly Verdict[] {
  if (udev === null) return ok('udev does not run');
  const first = groupDevices(device).map((group) => udev.linkFiles.find((file) => fits(file, group)));
  const file = first.find((one) => one !== undefined && one.policy !== 'none');
  if (file === undefined) return ok('udev leaves the interfaces of groups their address');
  const { path, policy } = file;
  const { place } = NEIGHBOURS.udev;
  return warning(
    `udev may give the interfaces of groups another address, behind the back of wpa_supplicant: MACAddressPolicy=${policy} in ${path}`,
    // With a name that comes first ours would never be looked at.
    nameOf(path) < nameOf(place)
      ? `set MACAddressPolicy=none in ${path}, or have it fit other interfaces only`
      : install(NEIGHBOURS.udev),
  );
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a file is for that interface. Other conditions (an address, a place on the bus) are for one device of the hardware. */
function fits({ conditions }: LinkFile, { name, driver }: Device): boolean {
  return Object.entries(conditions).every(([key, words]) => {
    if (key === 'OriginalName') return isAmong(words, name);
    if (key === 'Type') return isAmong(words, 'wlan');
    if (key === 'Driver') return driver !== null && isAmong(words, driver);
    return false;
  });
}

/** One of the patterns fits; behind `!` none of them. */
function isAmong(words: readonly string[], text: string): boolean {
  const inverted = words[0]?.startsWith('!') ?? false;
  const patterns = inverted ? [(words[0] ?? '').slice(1), ...words.slice(1)] : words;
  return patterns.some((pattern) => matches(pattern, text)) !== inverted;
}
