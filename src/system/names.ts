/** Names that come from outside: of groups and of devices. */

/** Names of Wi-Fi Direct groups begin like this (Wi-Fi P2P specification, "P2P Group ID"); phones list no others. */
export function isDirectName(ssid: string): boolean {
  return /^DIRECT-[A-Za-z0-9]{2}/.test(ssid);
}

/**
 * Characters that must not reach a terminal or a log: control characters, line separators, and marks that change the direction
 * of text. With any of them the name of a phone could forge a line, colour the terminal or look like another name.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** For terminals: every unprintable character becomes `_`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '_');
}

/** Whether there is a control character of either set (C0 with DEL, and C1). */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** For arguments of programs: every control character becomes `_`. NUL cannot be passed at all. */
export function replaceControlCharacters(text: string): string {
  return text.replace(/\p{Cc}/gu, '_');
}
