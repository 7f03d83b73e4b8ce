import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { BoundedOutput, openAppending } from '#src/logging/bounded-output.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

const lost = (lines: number) => `${lines} lost\n`;

test('lines that a slow reader does not take are dropped and counted; the rest is in order', async (t) => {
  const reader = spawn('sh', ['-c', 'read go <&3; exec cat'], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
  t.after(() => reader.kill('SIGKILL'));
  const { stdin, stdout, stdio } = reader;
  assert.ok(stdin && stdout);
  const output = new BoundedOutput(stdin, lost);
  const line = 'x'.repeat(1_000);
  for (let n = 0; n < 50_000; n++) output.write(`${n} ${line}\n`);
  assert.ok(stdin.writableLength < 1_200_000, `${stdin.writableLength} bytes wait`);
  let text = '';
  stdout.on('data', (chunk) => {
    text += chunk;
  });
  const go = stdio[3];
  assert.ok(go && 'end' in go);
  go.end('\n');
  await within(
    5_000,
    () => text.slice(-200),
    () => /^\d+ lost\n$/m.test(text),
  );
  output.write('after\n');
  stdin.end();
  await once(reader, 'close');
  const lines = text.split('\n');
  const told = lines.findIndex((one) => one.endsWith('lost'));
  assert.deepEqual(
    lines.slice(0, told),
    Array.from({ length: told }, (_, n) => `${n} ${line}`),
  );
  assert.deepEqual(lines.slice(told), [`${50_000 - told} lost`, 'after', '']);
});

test('writing to a closed output is no error', () => {
  const stream = new PassThrough();
  const output = new BoundedOutput(stream, lost);
  stream.emit('error', new Error('EPIPE'));
  output.write('x');
});

test('appends to a file, writes to a FIFO with a reader, and fails for a FIFO without one', async (t) => {
  const folder = temporaryFolder(t);
  const [file, fifo] = [join(folder, 'file'), join(folder, 'fifo')];
  for (const text of ['one\n', 'two\n']) {
    const stream = openAppending(file);
    stream.end(text);
    await once(stream, 'close');
  }
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
  execFileSync('mkfifo', [fifo]);
  assert.throws(() => openAppending(fifo), { code: 'ENXIO' });
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  const stream = openAppending(fifo);
  stream.end('three\n');
  await once(stream, 'close');
  assert.equal(readFileSync(reader, 'utf8'), 'three\n');
});
