import { HostP2pError } from '../system/errors.js';
import { parseWrittenAddress } from '../system/mac-address.js';
import { printable } from '../system/names.js';
import { inQuotes } from '../system/values.js';
import type { ArgumentSpec, CommandContext } from './command.js';

/** Devices as an operator names them: by address or by name. */

interface KnownDevice {
  readonly address: string;
  readonly name: string | null;
}

/** Arguments whose possible values only the session knows. */
export type DeviceArgument = Extract<ArgumentSpec['completes'], 'device' | 'station' | 'client'>;

/** What completion offers: the addresses, then the names, unquoted. */
export async function deviceWords(
  { host }: CommandContext,
  argument: DeviceArgument,
): Promise<readonly string[]> {
  const known =
    argument === 'station' ? stationsOf(host) : argument === 'client' ? await clientsOf(host) : peersOf(host);
  // A name that has to be shown with replaced characters cannot be typed.
  const names = known.flatMap(({ name }) => (name && printable(name) === name ? [name] : []));
  return [...new Set([...known.map(({ address }) => address), ...names])];
}

/** @throws {HostP2pError} DEVICE_UNKNOWN */
export function deviceAddress({ host }: CommandContext, word: string): string {
  return addressOf(word, [...stationsOf(host), ...peersOf(host)]);
}

/**
 * Finds also the name of a phone of the persistent group that has not been seen since the start.
 * @throws {HostP2pError} DEVICE_UNKNOWN
 */
export async function clientAddress({ host }: CommandContext, word: string): Promise<string> {
  // The list of clients takes requests to wpa_supplicant: an address needs none.
  const written = parseWrittenAddress(word);
  return written ?? addressOf(word, [...stationsOf(host), ...peersOf(host), ...(await clientsOf(host))]);
}

/**
 * The device that a word names: by any address, or by the name of a known device.
 * @throws {HostP2pError} DEVICE_UNKNOWN where no device, or more than one, has that name
 */
export function addressOf(word: string, known: Iterable<KnownDevice>): string {
  const written = parseWrittenAddress(word);
  if (written !== null) return written;
  const named = new Set([...known].filter(({ name }) => name === word).map(({ address }) => address));
  const [address, ...others] = named;
  if (address !== undefined && others.length === 0) return address;
  const several = address === undefined ? '' : `; ${[...named].join(' and ')} have that name`;
  throw new HostP2pError(
    'DEVICE_UNKNOWN',
    `expected an address, or the name of a known device, got ${inQuotes(word)}${several}`,
  );
}

function stationsOf(host: CommandContext['host']): readonly KnownDevice[] {
  return host.stations.map(({ address, deviceAddress, name }) => ({
    address: deviceAddress ?? address,
    name,
  }));
}

function peersOf(host: CommandContext['host']): readonly KnownDevice[] {
  return [...host.peers.values()].map(({ deviceAddress: address, name }) => ({ address, name }));
}

/** Without a known persistent group there are none. */
async function clientsOf(host: CommandContext['host']): Promise<readonly KnownDevice[]> {
  const clients = await host.clients().catch(() => []);
  return clients.map(({ deviceAddress: address, name }) => ({ address, name }));
}
