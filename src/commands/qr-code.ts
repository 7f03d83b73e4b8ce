import { crc32, deflateSync } from 'node:zlib';
import encodeQR, { type ErrorCorrection } from 'qr';

/** White modules around the code; with fewer, readers do not find it (ISO/IEC 18004). */
const QUIET_ZONE = 4;
const SVG_SCALE = 8;
const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/**
 * The text by which the camera of a phone joins a network, in the form that ZXing introduced (its wiki, "Barcode
 * Contents").
 *
 * That page also asks for quotation marks around a value that could be hexadecimal. They are not used here: an iPhone
 * takes them as part of the value (Shane32/QRCoder#440), and no value of a group needs them. As a key, ZXing's reader
 * and Android's settings read only 64 digits as hexadecimal, and a passphrase has at most 63 characters; as a name only
 * ZXing's reader does that, and `DIRECT-` is not hexadecimal.
 */
export function wifiText(ssid: string, passphrase: string): string {
  return `WIFI:T:WPA;S:${escaped(ssid)};P:${escaped(passphrase)};;`;
}

function escaped(value: string): string {
  return value.replace(/[\\;,:"]/g, '\\$&');
}

/** Index: 2 for a dark module above, plus 1 for one below. */
const DARK = [' ', '▄', '▀', '█'];
const LIGHT = ['█', '▀', '▄', ' '];
/** Black on white from the fixed part of the 256 colours: the theme of the user decides on the first 16. */
const BLACK_ON_WHITE = '\x1b[38;5;16;48;5;231m';
const RESET = '\x1b[0m';

/**
 * The code for a terminal, two rows of modules per line.
 * @param colour black on white, whatever the colours of the terminal; without, the light modules have the colour of the
 * text: right on a dark terminal, and inverted on a light one, which not every reader accepts
 */
export function toTerminal(text: string, colour: boolean): string {
  // A screen does not get dirty, and with the least error correction the code fits into 24 lines.
  const rows = modules(text, 'low');
  const glyphs = colour ? DARK : LIGHT;
  return rows
    .flatMap((row, y) => {
      if (y % 2 === 1) return [];
      const below = rows[y + 1];
      const line = row.map((dark, x) => glyphs[(dark ? 2 : 0) + (below?.[x] ? 1 : 0)]).join('');
      return [colour ? `${BLACK_ON_WHITE}${line}${RESET}` : line];
    })
    .join('\n');
}

/** For printing in any size. */
export function toSvg(text: string): string {
  const rows = modules(text, 'medium');
  const size = rows.length;
  const bars = rows.flatMap((row, y) => runs(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size * SVG_SCALE}" height="${size * SVG_SCALE}" ` +
      `viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">`,
    `<path fill="#fff" d="M0 0h${size}v${size}h-${size}z"/>`,
    `<path fill="#000" d="${bars.join('')}"/>`,
    '</svg>\n',
  ].join('\n');
}

/** The runs of dark modules in a row. */
function runs(row: readonly boolean[]): [start: number, length: number][] {
  const found: [number, number][] = [];
  for (const [x, dark] of row.entries()) {
    const last = found.at(-1);
    if (!dark) continue;
    if (last && last[0] + last[1] === x) last[1]++;
    else found.push([x, 1]);
  }
  return found;
}

/**
 * Black and white as PNG: greyscale of one bit, not interlaced, no filter. Written here, because the encoder of a
 * library is many times as long as these lines, which need only zlib.
 * @param scale pixels per module
 */
export function toPng(text: string, scale = 8): Buffer {
  const rows = modules(text, 'medium');
  const width = (rows[0]?.length ?? 0) * scale;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length * scale, 4);
  header[8] = 1;
  const lines = rows.flatMap((row) => Array<Buffer>(scale).fill(packed(row, scale, width)));
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A line of pixels: the filter type (none), then a bit per pixel, the first one highest; 1 is white. */
function packed(row: readonly boolean[], scale: number, width: number): Buffer {
  const line = Buffer.alloc(1 + Math.ceil(width / 8));
  for (let x = 0; x < width; x++) {
    if (!row[Math.floor(x / scale)]) line[1 + (x >> 3)] = (line[1 + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
  }
  return line;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Rows of modules with the quiet zone; true is dark. */
function modules(text: string, ecc: ErrorCorrection): boolean[][] {
  return encodeQR(text, 'raw', { ecc, border: QUIET_ZONE });
}
