/**
 * wpa_supplicant prints SSIDs escaped: `\"`, `\\`, `\e`, `\n`, `\r`, `\t` and `\xHH` for every byte outside
 * 32..126 (src/utils/common.c, printf_encode). UTF-8 arrives as a row of `\xHH`.
 */
const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['"', 0x22],
  ['\\', 0x5c],
  ['e', 0x1b],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/** The bytes behind an escaped text. A malformed escape is kept as it stands. */
export function printfDecodeBytes(text: string): Buffer {
  const source = Buffer.from(text);
  const out: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] ?? 0;
    if (byte !== 0x5c || i + 1 >= source.length) {
      out.push(byte);
      continue;
    }
    const letter = String.fromCharCode(source[i + 1] ?? 0);
    const hex = letter === 'x' ? /^[0-9a-fA-F]{2}$/.exec(source.toString('latin1', i + 2, i + 4)) : null;
    const simple = SIMPLE.get(letter);
    if (hex) {
      out.push(Number.parseInt(hex[0], 16));
      i += 3;
    } else if (simple !== undefined) {
      out.push(simple);
      i += 1;
    } else {
      out.push(byte);
    }
  }
  return Buffer.from(out);
}

/** An escaped SSID as hexadecimal digits: the one form in which `SET_NETWORK` takes every SSID. */
export function printfDecodeHex(text: string): string {
  return printfDecodeBytes(text).toString('hex');
}

/** An escaped SSID as text for people; bytes that are not UTF-8 become U+FFFD. */
export function printfDecode(text: string): string {
  return text.includes('\\') ? printfDecodeBytes(text).toString('utf8') : text;
}
