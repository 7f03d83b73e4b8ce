import { normalize } from 'node:path';
import { parseWrittenAddress } from '../system/mac-address.js';
import { hasControlCharacter, isInterfaceName } from '../system/names.js';
import type { ParsedText } from './table.js';

/** wpa_supplicant takes PINs of 4 or 8 digits (wps_pin_str_valid in wps_common.c). */
export function parsePin(text: string): ParsedText {
  return /^(\d{4}|\d{8})$/.test(text) ? { text } : { wanted: 'a text of 4 or 8 digits' };
}

/** In the place of a PIN: one is made up for each phone. */
export const RANDOM_PIN = 'random';

/** What the setting `pin` may be. */
export function parsePinSetting(text: string): ParsedText {
  if (text === RANDOM_PIN || 'text' in parsePin(text)) return { text };
  return { wanted: `a text of 4 or 8 digits, or ${RANDOM_PIN}` };
}

/**
 * Whether the last of eight digits is the checksum of the others, as the Wi-Fi Simple Configuration
 * specification defines it (wps_pin_valid in wps_common.c). Four digits and `random` carry no checksum.
 */
export function hasPinChecksum(pin: string): boolean {
  if (pin.length !== 8) return true;
  let sum = 0;
  for (const [place, digit] of [...pin].entries()) sum += Number(digit) * (place % 2 === 0 ? 3 : 1);
  return sum % 10 === 0;
}

/** The name becomes a part of the path of a socket. */
export function parseInterface(text: string): ParsedText {
  if (isInterfaceName(text)) return { text };
  return { wanted: 'auto, or the name of an interface (at most 15 bytes) such as p2p-dev-wlan0' };
}

/**
 * The folder of the control sockets, also written as in wpa_supplicant.conf:
 * `DIR=/run/wpa_supplicant GROUP=netdev`, of which the folder is kept.
 */
export function parseControlFolder(text: string): ParsedText {
  const folder = /^DIR=(.*?)(?:\s+GROUP=\S+)?\s*$/.exec(text)?.[1] ?? text;
  if (folder.startsWith('/') && !hasControlCharacter(folder)) return { text: folder };
  return { wanted: 'the absolute path of a folder, or DIR=<folder> GROUP=<group>' };
}

export function parseFolder(text: string): ParsedText {
  if (text.startsWith('/') && !hasControlCharacter(text)) return { text };
  return { wanted: 'the absolute path of a folder' };
}

/** A log is rotated by renaming its file, which would take a device such as /dev/stdout from all other programs. */
export function parseLogFile(text: string): ParsedText {
  const path = normalize(text);
  if (text.trim() !== '' && !path.endsWith('/') && !/^\/(?:dev|proc|sys)\//.test(path)) return { text };
  return { wanted: 'the path of a regular file, or null for no log file' };
}

/** By the ending Node tells what kind of module it is. */
export function parseModule(text: string): ParsedText {
  if (/\.[cm]?js$/.test(text) && !hasControlCharacter(text)) return { text };
  return { wanted: 'the path of a JavaScript module (.js, .mjs or .cjs)' };
}

/** Longest name of a device, in bytes (WPS_DEV_NAME_MAX_LEN in wps_defs.h). */
const MAX_NAME_BYTES = 32;

/** Who may use the push button: a P2P device address, which is kept in wpa_supplicant's spelling, or a name. */
export function parseDevice(text: string): ParsedText {
  const address = parseWrittenAddress(text);
  if (address !== null) return { text: address };
  const bytes = Buffer.byteLength(text);
  if (bytes >= 1 && bytes <= MAX_NAME_BYTES) return { text };
  return {
    wanted: `a device address such as 02:00:00:00:01:00, or a device name of 1 to ${MAX_NAME_BYTES} bytes`,
  };
}
