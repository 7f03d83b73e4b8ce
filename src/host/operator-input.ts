import { parsePin } from '../config/text-values.js';
import type { PairingMethod, PairingRequest } from '../session/model.js';
import { HostP2pError } from '../system/errors.js';
import { parseWrittenAddress } from '../system/mac-address.js';
import { inQuotes } from '../system/values.js';
import { checkCommand } from '../wpa/command.js';
import { freshPin } from './fresh-pin.js';
import type { PairOptions } from './options.js';

/** Checks of what an operator or a program passes to a session. All throw {@link HostP2pError} COMMAND_INVALID. */

function invalid(message: string): HostP2pError {
  return new HostP2pError('COMMAND_INVALID', message);
}

export function deviceAddressOf(text: string): string {
  const address = parseWrittenAddress(text);
  if (address !== null) return address;
  const wanted = 'six pairs of hexadecimal digits such as 42:00:00:00:01:00';
  throw invalid(`address: expected ${wanted}, got ${inQuotes(text)}`);
}

/** The message of the error does not hold the PIN. */
export function pinOf(text: string): string {
  const parsed = parsePin(text);
  if ('text' in parsed) return parsed.text;
  throw invalid(`PIN: expected ${parsed.expected}, got ${text.length} characters`);
}

/** @param usual the method that is in use where the options name none */
export function pairingOf({ method, pin, deviceAddress }: PairOptions, usual: PairingMethod): PairingRequest {
  const chosen = method ?? (pin === undefined ? usual : 'pin');
  if (chosen === 'pbc' && pin !== undefined) throw invalid('the push button takes no PIN');
  return {
    method: chosen,
    pin: chosen === 'pbc' ? null : pin === undefined ? freshPin() : pinOf(pin),
    deviceAddress: deviceAddress === undefined ? null : deviceAddressOf(deviceAddress),
  };
}

const MAX_FIND_SECONDS = 120;

export function checkFindSeconds(seconds: number): void {
  if (!(seconds >= 1 && seconds <= MAX_FIND_SECONDS))
    throw invalid(`find: expected 1 to ${MAX_FIND_SECONDS} s, got ${seconds}`);
}

/** They would change the socket that they are sent from. */
const OWN_REQUESTS = new Set(['ATTACH', 'DETACH', 'MONITOR', 'LEVEL']);

/** A request of the control interface that an operator may send past the session. */
export function requestOf(command: string): string {
  const text = checkCommand(command);
  const word = text.trim().split(/\s/, 1)[0]?.toUpperCase() ?? '';
  if (OWN_REQUESTS.has(word)) throw invalid(`${word} would break the link that hostp2pd itself uses`);
  return text;
}
