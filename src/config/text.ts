import type { ParsedText } from './table.js';

// Control characters cannot be carried by the control protocol; those above 0x7f are no text either.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

export function hasControlCharacter(text: string): boolean {
  return CONTROL_CHARACTER.test(text);
}

/** wpa_supplicant takes PINs of 4 or 8 digits (wps_pin_str_valid in wps_common.c). */
export function parsePin(text: string): ParsedText {
  return /^(\d{4}|\d{8})$/.test(text) ? { text } : { wanted: 'a text of 4 or 8 digits' };
}

/**
 * Whether the last of eight digits is the checksum of the others, as the Wi-Fi Simple Configuration
 * specification defines it (wps_pin_valid in wps_common.c). Four digits carry no checksum.
 */
export function hasPinChecksum(pin: string): boolean {
  if (pin.length !== 8) return true;
  let sum = 0;
  for (const [place, digit] of [...pin].entries()) sum += Number(digit) * (place % 2 === 0 ? 3 : 1);
  return sum % 10 === 0;
}

/** The name becomes a part of the path of a socket. */
export function parseInterface(text: string): ParsedText {
  if (/^[^\s/]+$/.test(text) && text !== '.' && text !== '..' && !hasControlCharacter(text)) return { text };
  return { wanted: 'auto, or the name of an interface such as p2p-dev-wlan0' };
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

/** A line of a network block: `<key> <value>`. */
export function parseNetworkLine(text: string): ParsedText {
  const line = text.trim();
  return /^\w+\s+\S/.test(line)
    ? { text: line }
    : { wanted: 'a line "key value", e.g. \'key_mgmt WPA-PSK\'' };
}
