import { HostP2pError } from '../system/errors.js';
import { parseWrittenAddress } from '../system/mac-address.js';
import type { Operated } from './command.js';

/** Words of a command line that stand for something. */

interface Known {
  readonly address: string;
  readonly name: string | null;
}

/**
 * The device that a word stands for: an address as it is, or the name of one that is known.
 * @throws {HostP2pError} DEVICE_UNKNOWN where nobody, or more than one, is called that
 */
export function deviceAddress(word: string, known: Iterable<Known>): string {
  const written = parseWrittenAddress(word);
  if (written !== null) return written;
  const named = new Set([...known].filter(({ name }) => name === word).map(({ address }) => address));
  const [address, ...others] = named;
  if (address !== undefined && others.length === 0) return address;
  const found = `found ${JSON.stringify(word)}, wanted an address, or the name of a device that is known`;
  const several = address === undefined ? '' : `; ${[...named].join(' and ')} are called that`;
  throw new HostP2pError('DEVICE_UNKNOWN', `${found}${several}`);
}

/**
 * A number of seconds.
 * @throws {HostP2pError} USAGE
 */
export function secondsOf(word: string | undefined, usual: number, most: number): number {
  if (word === undefined) return usual;
  const seconds = /^\d+(?:\.\d+)?$/.test(word) ? Number(word) : Number.NaN;
  if (!(seconds <= most)) {
    throw new HostP2pError(
      'USAGE',
      `seconds: found ${JSON.stringify(word)}, wanted a number, at most ${most}`,
    );
  }
  return seconds;
}

/** @throws {HostP2pError} USAGE */
export function countOf(word: string | undefined, usual: number): number {
  if (word === undefined) return usual;
  if (!/^\d{1,6}$/.test(word)) {
    throw new HostP2pError('USAGE', `found ${JSON.stringify(word)}, wanted a number, 0 or more`);
  }
  return Number(word);
}

/** Everything that a word may name a device by. */
export function knownDevices({ host }: Operated): { address: string; name: string | null }[] {
  return [
    ...host.stations.map(({ address, deviceAddress, name }) => ({ address: deviceAddress ?? address, name })),
    ...[...host.peers.values()].map(({ deviceAddress: address, name }) => ({ address, name })),
  ];
}
