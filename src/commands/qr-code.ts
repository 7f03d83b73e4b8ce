import encodeQR, { type ErrorCorrection } from 'qr';
import { encodePng } from './png.js';

/** Modules that are left white around the code; with fewer, readers do not find it (ISO/IEC 18004). */
const QUIET_ZONE = 4;
const SVG_SCALE = 8;

/**
 * What a phone's camera joins a network by, in the form that ZXing brought in (its wiki, "Barcode Contents").
 *
 * That page also wants a value in quotation marks that could be taken for hexadecimal. Nothing is put in them here, for
 * an iPhone takes them as a part of the value (Shane32/QRCoder#440), and no value of a group needs them: as a key only
 * 64 digits are read as hexadecimal, by ZXing's own reader and by Android's settings, and a passphrase has at most 63
 * characters; as a name ZXing's reader alone does that, and `DIRECT-` is no hexadecimal.
 */
export function wifiText(ssid: string, passphrase: string): string {
  return `WIFI:T:WPA;S:${escaped(ssid)};P:${escaped(passphrase)};;`;
}

function escaped(value: string): string {
  return value.replace(/[\\;,:"]/g, '\\$&');
}

/** By index: 2 for a dark module above, 1 for one below. */
const DARK = [' ', '▄', '▀', '█'];
const LIGHT = ['█', '▀', '▄', ' '];
/** Black on white out of the fixed part of the 256 colours: the first 16 are what the user's theme makes of them. */
const BLACK_ON_WHITE = '\x1b[38;5;16;48;5;231m';
const RESET = '\x1b[0m';

/**
 * The code for a terminal, two rows of modules in a line.
 * @param colour black on white whatever the terminal's colours are; without, the light modules are drawn in the colour
 * of the text: right on a dark terminal, and in negative on a light one, which not every reader takes
 */
export function toTerminal(text: string, colour: boolean): string {
  // Nothing soils a screen, and with the least correction it fits into 24 lines.
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

/** For the wall: it may be printed in any size. */
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

/** Where dark modules stand beside each other in a row, and how many. */
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

/** @param scale pixels for each module */
export function toPng(text: string, scale = 8): Buffer {
  return encodePng(modules(text, 'medium'), scale);
}

/** Row by row with the quiet zone; true is dark. */
function modules(text: string, ecc: ErrorCorrection): boolean[][] {
  return encodeQR(text, 'raw', { ecc, border: QUIET_ZONE });
}
