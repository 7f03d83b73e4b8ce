import { createRequire } from 'node:module';
import type { QRCode } from 'jsqr';

/** Reads QR codes as a camera would, with a decoder that has no code in common with the encoder. */

/** An image: rows of pixels, true is dark. */
export type Pixels = readonly (readonly boolean[])[];

type Reader = (
  data: Uint8ClampedArray,
  width: number,
  height: number,
  options: { readonly inversionAttempts: 'dontInvert' | 'invertFirst' },
) => QRCode | null;

// Its types declare a default export, which the CommonJS module does not have under Node.
const jsQR: Reader = createRequire(import.meta.url)('jsqr');

/**
 * @param negative reads light modules on a dark background
 * @returns the bytes in the code as UTF-8; null if there is no readable code
 */
export function readQr(pixels: Pixels, negative = false): string | null {
  // The decoder needs a few pixels for each module.
  const enlarged = pixels.length < 150 ? scaled(pixels, 4) : pixels;
  const width = enlarged[0]?.length ?? 0;
  const data = new Uint8ClampedArray(width * enlarged.length * 4);
  for (const [y, row] of enlarged.entries()) {
    for (const [x, dark] of row.entries()) {
      data.fill(dark ? 0 : 255, (y * width + x) * 4, (y * width + x) * 4 + 3);
      data[(y * width + x) * 4 + 3] = 255;
    }
  }
  const options = { inversionAttempts: negative ? 'invertFirst' : 'dontInvert' } as const;
  const code = jsQR(data, width, enlarged.length, options);
  return code && Buffer.from(code.binaryData).toString('utf8');
}

function scaled(pixels: Pixels, scale: number): boolean[][] {
  return pixels.flatMap((row) => {
    const wide = row.flatMap((dark) => Array<boolean>(scale).fill(dark));
    return Array.from({ length: scale }, () => wide);
  });
}

/**
 * The pixels that a terminal shows: each character is an upper and a lower pixel, in the colours of the escape sequences or,
 * without any, of the terminal.
 */
export function terminalPixels(text: string, terminal: 'dark' | 'light'): Pixels {
  const dark = { foreground: terminal === 'light', background: terminal === 'dark' };
  return text.split('\n').flatMap((line) => {
    const upper: boolean[] = [];
    const lower: boolean[] = [];
    let colours = dark;
    for (const [part] of line.matchAll(/\x1b\[[\d;]*m|./gu)) {
      if (part === '\x1b[38;5;16;48;5;231m') colours = { foreground: true, background: false };
      else if (part === '\x1b[0m') colours = dark;
      else if (part.startsWith('\x1b')) throw new Error(`unknown escape sequence: ${JSON.stringify(part)}`);
      else if (!' ▀▄█'.includes(part)) throw new Error(`unexpected character: ${JSON.stringify(part)}`);
      else {
        upper.push('▀█'.includes(part) ? colours.foreground : colours.background);
        lower.push('▄█'.includes(part) ? colours.foreground : colours.background);
      }
    }
    return [upper, lower];
  });
}

/** Draws the paths of an SVG. They must consist of rectangles `M x y h w v h h -w z`; later ones cover earlier ones. */
export function svgPixels(svg: string): Pixels {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  const pixels = Array.from({ length: Number(height) }, () =>
    Array<boolean | null>(Number(width)).fill(null),
  );
  for (const [, fill, path = ''] of svg.matchAll(/<path fill="(#[0-9a-f]+)" d="([^"]*)"\/>/g)) {
    const rectangle = /M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z/g;
    if (path.replace(rectangle, '') !== '') throw new Error(`expected rectangles only, got ${path}`);
    for (const match of path.matchAll(rectangle)) {
      const [left = 0, top = 0, wide = 0, high = 0, back = 0] = match.slice(1).map(Number);
      if (back !== wide) throw new Error(`not closed: ${match[0]}`);
      for (let y = top; y < top + high; y++) pixels[y]?.fill(fill === '#000', left, left + wide);
    }
  }
  return pixels.map((row) =>
    row.map((dark) => {
      if (dark === null) throw new Error('a pixel was left transparent');
      return dark;
    }),
  );
}
