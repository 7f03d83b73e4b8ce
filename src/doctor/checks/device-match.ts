import type { Facts, Radio } from '../facts.js';

/** What other programs' lists of devices are held against. */
export type Device = Pick<Radio, 'name' | 'driver'>;

/** Interfaces that groups will have. */
export function groupDevices({ radios }: Facts['device']): Device[] {
  if (radios.length === 0) return [{ name: 'p2p-wlan0-0', driver: null }];
  return radios.map(({ name, driver }) => ({ name: `p2p-${name}-0`, driver }));
}

/** As fnmatch(3), with `*` and `?`. */
export function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[\\^$.+()|{}[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
