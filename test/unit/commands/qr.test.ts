import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { qrText, qrValueOf, saveQr, splitQrWords } from '#src/commands/qr.js';
import { wifiText } from '#src/commands/qr-code.js';
import { readQr, svgPixels, terminalPixels } from '../../fakes/qr-reader.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const VALUE = {
  ssid: 'DIRECT-PP-group',
  passphrase: 'my;secret"pass',
  text: wifiText('DIRECT-PP-group', 'my;secret"pass'),
};

const usage = (message: RegExp) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'USAGE' && message.test(error.message);

test('the text: the code, then name and passphrase', async () => {
  for (const colour of [true, false]) {
    const lines = (await qrText(VALUE, colour)).split('\n');
    assert.deepEqual(lines.slice(-2), ['SSID:        DIRECT-PP-group', 'passphrase:  my;secret"pass']);
    assert.equal(readQr(terminalPixels(lines.slice(0, -2).join('\n'), 'dark')), VALUE.text);
  }
});

test('no code is drawn on a terminal that is too narrow for it', async () => {
  const width = (await qrText(VALUE, false)).indexOf('\n');
  assert.ok((await qrText(VALUE, false, width)).startsWith('█'));
  const [first, ssid] = (await qrText(VALUE, true, width - 1)).split('\n');
  assert.match(first ?? '', new RegExp(`needs ${width} columns, the terminal has ${width - 1}; --svg FILE`));
  assert.equal(ssid, 'SSID:        DIRECT-PP-group');
});

test('control characters in a name do not reach the terminal', async () => {
  const text = await qrText({ ...VALUE, ssid: 'DIRECT-\x1b[2Jx' }, false);
  assert.ok(!text.includes('\x1b'));
  assert.ok(text.includes('DIRECT-_[2Jx'));
});

test('the value that came over the socket is validated', () => {
  assert.deepEqual(qrValueOf(VALUE), VALUE);
  for (const value of [null, 'text', 3, [], {}, { ...VALUE, text: 3 }, { text: 'x' }]) {
    assert.equal(qrValueOf(value), null);
  }
});

test('file options among the arguments', () => {
  assert.deepEqual(splitQrWords([]), { files: [], rest: [] });
  assert.deepEqual(splitQrWords(['--svg', 'a b.svg', '--png=c=d.png']), {
    files: [
      { kind: 'svg', file: 'a b.svg' },
      { kind: 'png', file: 'c=d.png' },
    ],
    rest: [],
  });
  assert.deepEqual(splitQrWords(['--gif', 'x']), { files: [], rest: ['--gif', 'x'] });
  assert.throws(() => splitQrWords(['--svg']), usage(/expected a file after --svg, got nothing/));
  assert.throws(() => splitQrWords(['--png=']), usage(/expected a file after --png=, got nothing/));
});

test('the file has the code and only its owner can read it, whatever the umask', async (t) => {
  const folder = temporaryFolder(t);
  const former = process.umask(0);
  t.after(() => process.umask(former));
  const [svg, png] = [join(folder, 'g.svg'), join(folder, 'g.png')];
  await saveQr(VALUE, 'svg', svg);
  await saveQr(VALUE, 'png', png);
  assert.equal(readQr(svgPixels(readFileSync(svg, 'utf8'))), VALUE.text);
  assert.equal(readFileSync(png).subarray(1, 4).toString(), 'PNG');
  for (const file of [svg, png]) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  assert.deepEqual(readdirSync(folder).sort(), ['g.png', 'g.svg']);
});

test('an existing file is replaced, and becomes private if it was not', async (t) => {
  const file = join(temporaryFolder(t), 'g.svg');
  writeFileSync(file, 'x'.repeat(100_000), { mode: 0o644 });
  await saveQr(VALUE, 'svg', file);
  assert.equal(readQr(svgPixels(readFileSync(file, 'utf8'))), VALUE.text);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a symbolic link is neither followed nor replaced', async (t) => {
  const folder = temporaryFolder(t);
  const target = join(folder, 'target');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(folder, 'link'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  for (const name of ['link', 'dangling']) {
    await assert.rejects(saveQr(VALUE, 'svg', join(folder, name)), usage(/^cannot write .*symbolic link/));
  }
  assert.equal(readFileSync(target, 'utf8'), 'precious');
  assert.deepEqual(readdirSync(folder).sort(), ['dangling', 'link', 'target']);
});

test('a file that cannot be written is an error, and no temporary file is left', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'file'), '');
  const cases: readonly (readonly [string, RegExp])[] = [
    [join(folder, 'missing/g.svg'), /its folder does not exist/],
    [join(folder, 'file/g.svg'), /a part of the path is not a folder/],
    [join(folder, 'sub'), /expected a regular file, got a folder/],
    ['/dev/null', /expected a regular file, got a character device/],
    [join(folder, 'x'.repeat(300)), /the name is too long/],
  ];
  for (const [file, words] of cases) await assert.rejects(saveQr(VALUE, 'svg', file), usage(words), file);
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'sub']);
  if (process.geteuid?.() !== 0) {
    chmodSync(join(folder, 'sub'), 0o500);
    await assert.rejects(saveQr(VALUE, 'svg', join(folder, 'sub/g.svg')), usage(/permission denied/));
  }
});
