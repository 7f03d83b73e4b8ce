import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RadioBlock } from '../session/model.js';
import { parentOf } from '../wpa/group-interface.js';

/**
 * What keeps the radio of a P2P device off: the kernel's rfkill switch of its phy
 * (Documentation/driver-api/rfkill.rst). Null where it is on, or nothing is known.
 * @param root of the file system; for tests
 */
export function radioBlock(deviceInterface: string, root = '/'): RadioBlock | null {
  // A P2P device interface is none of the kernel's network interfaces; its parent is.
  const phy = wordOf(join(root, 'sys/class/net', parentOf(deviceInterface), 'phy80211/name'));
  if (phy === null) return null;
  const folder = join(root, 'sys/class/rfkill');
  const own = entriesOf(folder).filter((entry) => wordOf(join(folder, entry, 'name')) === phy);
  const isSet = (file: 'soft' | 'hard') => own.some((entry) => wordOf(join(folder, entry, file)) === '1');
  if (isSet('hard')) return 'hardware';
  return isSet('soft') ? 'software' : null;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function wordOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
