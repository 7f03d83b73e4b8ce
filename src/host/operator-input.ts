import { randomInt } from 'node:crypto';
import { hasPinChecksum, parsePin } from '../config/text.js';
import { HostP2pError } from '../system/errors.js';
import { parseWrittenAddress } from '../system/mac-address.js';

/** Checks what an operator or a program gives us. */

/** @throws {HostP2pError} COMMAND_INVALID */
export function deviceAddressOf(text: string): string {
  const address = parseWrittenAddress(text);
  if (address === null) {
    throw new HostP2pError(
      'COMMAND_INVALID',
      `address: found ${JSON.stringify(text)}, wanted six pairs of hexadecimal digits such as 42:00:00:00:01:00`,
    );
  }
  return address;
}

/** @throws {HostP2pError} COMMAND_INVALID; the message does not hold the PIN */
export function pinOf(text: string): string {
  const parsed = parsePin(text);
  if ('wanted' in parsed) {
    throw new HostP2pError(
      'COMMAND_INVALID',
      `PIN: found ${text.length} characters, wanted ${parsed.wanted}`,
    );
  }
  return parsed.text;
}

/** Eight digits that nobody has seen, the last one the checksum of the others. */
export function freshPin(): string {
  const seven = String(randomInt(10_000_000)).padStart(7, '0');
  const digits = Array.from({ length: 10 }, (_, digit) => `${seven}${digit}`);
  return digits.find(hasPinChecksum) ?? seven;
}
