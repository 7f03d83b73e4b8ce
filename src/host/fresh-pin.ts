import { randomInt } from 'node:crypto';
import { hasPinChecksum } from '../config/text-values.js';

/** A random PIN of eight digits, the last of which is the checksum of the others. */
export function freshPin(): string {
  const seven = String(randomInt(10_000_000)).padStart(7, '0');
  const digits = Array.from({ length: 10 }, (_, digit) => `${seven}${digit}`);
  return digits.find(hasPinChecksum) ?? seven;
}
