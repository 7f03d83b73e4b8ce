import { printed } from '../printed.js';

/** Texts that strangers choose, in events and replies. */
export function fuzz(data: Uint8Array): void {
  printed(data).check();
}
