import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { toPng, toSvg, toTerminal, wifiText } from '#src/commands/qr-code.js';
import { type Pixels, readQr, svgPixels, terminalPixels } from '../../fakes/qr-reader.js';

/** As Android's settings and ZXing read it: fields end at a semicolon without a backslash before it. */
function fieldsOf(text: string): Record<string, string> {
  const body = /^WIFI:(.*);$/s.exec(text)?.[1];
  assert.ok(body !== undefined, text);
  const fields = body.match(/(?:\\.|[^\\;])+;/gs) ?? [];
  assert.equal(fields.join(''), body);
  return Object.fromEntries(
    fields.map((field) => [field[0], field.slice(2, -1).replace(/\\(.)/gs, '$1')] as const),
  );
}

const GROUPS: readonly (readonly [what: string, ssid: string, passphrase: string])[] = [
  ['a usual group', 'DIRECT-PP-group', 'mysecretpassword'],
  ['every special character', 'DIRECT-a;b,c:d"e\\f', '\\;,:"";;\\\\::,,'],
  ['a value that ends with a backslash', 'DIRECT-xx\\', 'password\\'],
  ['32 bytes and 63 characters', `DIRECT-${'x'.repeat(25)}`, 'p'.repeat(63)],
  ['the maximum of escaped characters', `DIRECT-${';'.repeat(25)}`, '\\'.repeat(63)],
  ['32 bytes of UTF-8', 'DIRECT-Käsefuß-日本語📱ab', 'correct horse battery staple'],
  ['digits alone', 'DIRECT-12', '12345678'],
  ['only hexadecimal digits', 'DIRECT-AB', 'deadbeefdeadbeef'],
  ['only characters of the alphanumeric mode of QR codes', 'DIRECT-AB', 'PASSPHRASE-123'],
  ['spaces at the ends', 'DIRECT-a ', ' pass word '],
  ['every character that a passphrase may have, first half', 'DIRECT-a', characters(32, 80)],
  ['every character that a passphrase may have, second half', 'DIRECT-a', characters(80, 127)],
];

function characters(from: number, to: number): string {
  return String.fromCharCode(...Array.from({ length: to - from }, (_, index) => from + index));
}

test('the text of a network, escaped', () => {
  assert.equal(
    wifiText('DIRECT-PP-group', 'mysecretpassword'),
    'WIFI:T:WPA;S:DIRECT-PP-group;P:mysecretpassword;;',
  );
  assert.equal(wifiText('a;b,c:d"e\\f', "g'h h"), 'WIFI:T:WPA;S:a\\;b\\,c\\:d\\"e\\\\f;P:g\'h h;;');
});

test('no quotation marks around a passphrase of digits: an iPhone would take them as a part of it', () => {
  assert.equal(wifiText('DIRECT-AB', '12345678'), 'WIFI:T:WPA;S:DIRECT-AB;P:12345678;;');
  assert.equal(wifiText('DIRECT-AB', 'deadbeef'), 'WIFI:T:WPA;S:DIRECT-AB;P:deadbeef;;');
});

for (const [what, ssid, passphrase] of GROUPS) {
  const text = wifiText(ssid, passphrase);

  test(`${what}: a reader gets name and passphrase from the text`, () => {
    assert.deepEqual(fieldsOf(text), { T: 'WPA', S: ssid, P: passphrase });
  });

  test(`${what}: read back from the terminal with colours, dark or light`, () => {
    for (const terminal of ['dark', 'light'] as const) {
      const pixels = terminalPixels(toTerminal(text, true), terminal);
      assert.equal(readQr(pixels), text, terminal);
    }
  });

  test(`${what}: read back from the terminal without colours, as a negative on a light one`, () => {
    const plain = toTerminal(text, false);
    assert.equal(plain.includes('\x1b'), false);
    assert.equal(readQr(terminalPixels(plain, 'dark')), text);
    assert.equal(readQr(terminalPixels(plain, 'light'), true), text);
  });

  test(`${what}: read back from the SVG`, () => {
    assert.equal(readQr(svgPixels(toSvg(text))), text);
  });

  test(`${what}: read back from the PNG, at each scale`, () => {
    for (const scale of [1, 3, 8]) {
      assert.equal(readQr(pngPixels(toPng(text, scale))), text, `scale ${scale}`);
    }
  });
}

/** Checks what an independent decoder checks: signature, checksums, sizes. */
function pngPixels(file: Buffer): Pixels {
  const { width, height, data } = PNG.sync.read(file, { checkCRC: true });
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => {
      const [red, green, blue, alpha] = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
      assert.ok(red === green && green === blue && (red === 0 || red === 255) && alpha === 255);
      return red === 0;
    }),
  );
}

test('four modules are left white on every side', () => {
  const text = wifiText('DIRECT-PP-group', 'mysecretpassword');
  const images: readonly (readonly [string, Pixels, number])[] = [
    ['terminal', terminalPixels(toTerminal(text, true), 'light'), 1],
    ['svg', svgPixels(toSvg(text)), 1],
    ['png', pngPixels(toPng(text, 5)), 5],
  ];
  for (const [name, pixels, scale] of images) {
    const dark = pixels.flatMap((row, y) => row.flatMap((is, x) => (is ? [[x, y] as const] : [])));
    const [left, top] = [0, 1].map((axis) => Math.min(...dark.map((place) => place[axis] ?? 0)));
    const right = Math.max(...dark.map(([x]) => x));
    const bottom = Math.max(...dark.map(([, y]) => y));
    const size = pixels[0]?.length ?? 0;
    assert.deepEqual([left, top, size - 1 - right], Array(3).fill(4 * scale), name);
    assert.ok(pixels.length - 1 - bottom >= 4 * scale, name);
    assert.ok(
      pixels.every((row) => row.length === size),
      name,
    );
  }
});

test('a usual group fits into a terminal of 80 × 24, with its name and passphrase below', () => {
  const lines = toTerminal(wifiText('DIRECT-PP-group', 'mysecretpassword'), false).split('\n');
  assert.ok(lines.length <= 21, String(lines.length));
  assert.ok(lines.every((line) => line.length <= 80));
});

test('the image has one bit per pixel and is small', () => {
  const file = toPng(wifiText('DIRECT-PP-group', 'mysecretpassword'));
  assert.ok(file.length < 2_000, String(file.length));
  // Bit depth and colour type, behind signature, length, type, width and height.
  assert.deepEqual([...file.subarray(24, 29)], [1, 0, 0, 0, 0]);
});
