import { normalize } from 'node:path';
import { isInterfaceName } from '../system/interface-names.js';
import { parseWrittenAddress } from '../system/mac-address.js';
import type { ParsedText } from './table.js';

/** wpa_supplicant takes PINs of 4 or 8 digits (wps_pin_str_valid in wps_common.c). */
export function parsePin(text: string): ParsedText {
  return /^(\d{4}|\d{8})$/.test(text) ? { text } : { expected: 'a text of 4 or 8 digits' };
}

/** Instead of a PIN: each phone gets a new one. */
export const RANDOM_PIN = 'random';

export function parsePinSetting(text: string): ParsedText {
  if (text === RANDOM_PIN || 'text' in parsePin(text)) return { text };
  return { expected: `a text of 4 or 8 digits, or ${RANDOM_PIN}` };
}

/**
 * Whether the last of eight digits is the checksum of the others, as the Wi-Fi Simple Configuration specification defines
 * it (wps_pin_valid in wps_common.c). Four digits and `random` carry no checksum.
 */
export function hasPinChecksum(pin: string): boolean {
  if (pin.length !== 8) return true;
  let sum = 0;
  for (const [place, digit] of [...pin].entries()) sum += Number(digit) * (place % 2 === 0 ? 3 : 1);
  return sum % 10 === 0;
}

/** The name becomes part of the path of a socket. */
export function parseInterface(text: string): ParsedText {
  if (isInterfaceName(text)) return { text };
  return { expected: 'auto, or the name of an interface (at most 15 bytes) such as p2p-dev-wlan0' };
}

/** Names that a firewall rule can have: nftables takes a `*` at the end for any text. */
export function isUplinkName(text: string): boolean {
  return isInterfaceName(text) && /^[\w.-]+$/.test(text);
}

export function parseUplink(text: string): ParsedText {
  // A reader of YAML 1.1 would take them for true and false; no interface has such a name.
  if (isUplinkName(text) && !/^(on|yes|no|true|false|none)$/i.test(text)) return { text };
  return { expected: 'off, auto, or the name of the interface with the internet connection, such as eth0' };
}

/** Keeps the folder of wpa_supplicant.conf's form `DIR=/run/wpa_supplicant GROUP=netdev`. */
export function parseControlFolder(text: string): ParsedText {
  const folder = /^DIR=(.*?)(?:\s+GROUP=\S+)?\s*$/.exec(text)?.[1] ?? text;
  if (folder.startsWith('/')) return { text: folder };
  return { expected: 'the absolute path of a folder, or DIR=<folder> GROUP=<group>' };
}

export function parseFolder(text: string): ParsedText {
  return text.startsWith('/') ? { text } : { expected: 'the absolute path of a folder' };
}

/** Rotation renames the file. Renaming a device such as /dev/stdout would take it from all other programs. */
export function parseLogFile(text: string): ParsedText {
  return parseRotatedFile(text, 'log file');
}

export function parseRecordFile(text: string): ParsedText {
  return parseRotatedFile(text, 'recording');
}

function parseRotatedFile(text: string, what: string): ParsedText {
  const path = normalize(text);
  if (text.trim() !== '' && !path.endsWith('/') && !/^\/(?:dev|proc|sys)\//.test(path)) return { text };
  return { expected: `the path of a regular file, or null for no ${what}` };
}

/** Node chooses the kind of module by the extension. */
export function parseModule(text: string): ParsedText {
  if (/\.[cm]?js$/.test(text)) return { text };
  return { expected: 'the path of a JavaScript module (.js, .mjs or .cjs)' };
}

/** Longest name of a device, in bytes (WPS_DEV_NAME_MAX_LEN in wps_defs.h). */
const MAX_NAME_BYTES = 32;

/** A P2P device address, which becomes what wpa_supplicant writes, or the name of a device. */
export function parseDevice(text: string): ParsedText {
  const address = parseWrittenAddress(text);
  if (address !== null) return { text: address };
  const bytes = Buffer.byteLength(text);
  if (bytes >= 1 && bytes <= MAX_NAME_BYTES) return { text };
  return {
    expected: `a device address such as 02:00:00:00:01:00, or a device name of 1 to ${MAX_NAME_BYTES} bytes`,
  };
}
