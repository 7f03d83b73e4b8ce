import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { failureWithFix, fixOf } from '#src/system/errors.js';
import { readAnyFile, readOwnFile, replaceFile } from '#src/system/files.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const LIMIT = { maxBytes: 1_000 };
const OURS = { ...LIMIT, owner: 'us' } as const;

/** The kinds of files that are no regular files. */
async function oddities(t: TestContext): Promise<Readonly<Record<string, string>>> {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  mkdirSync(path('directory'));
  execFileSync('mkfifo', [path('FIFO')]);
  const server = createServer().listen(path('socket'));
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    'a folder': path('directory'),
    'a FIFO': path('FIFO'),
    'a socket': path('socket'),
    'a character device': '/dev/zero',
  };
}

test('anything but a regular file is named in the error, and not opened', async (t) => {
  for (const [kind, path] of Object.entries(await oddities(t))) {
    const wanted = new RegExp(`^expected a regular file, got ${kind}`);
    await assert.rejects(readAnyFile(path, LIMIT), { message: wanted });
    assert.throws(() => readOwnFile(path, OURS), { message: wanted });
  }
  const folder = temporaryFolder(t);
  symlinkSync('/etc/hostname', join(folder, 'link'));
  assert.throws(() => readOwnFile(join(folder, 'link'), OURS), { message: /got a symbolic link/ });
  writeFileSync(join(folder, 'long'), 'x'.repeat(1_001));
  assert.throws(() => readOwnFile(join(folder, 'long'), OURS), { message: /at most 1000 bytes, got more/ });
  await assert.rejects(readAnyFile(join(folder, 'long'), LIMIT), { message: /at most 1000 bytes, got more/ });
  assert.equal(readOwnFile(join(folder, 'missing'), OURS), null);
  // stat reports a size of 0.
  assert.match((await readAnyFile('/proc/self/stat', LIMIT)).bytes.toString(), /^\d+ \(/);
  assert.equal((await readAnyFile('/dev/null', LIMIT)).bytes.length, 0);
});

test('a pipe is read to its end, whether reader or writer opens it first; the wait for a writer can be aborted', async (t) => {
  const { 'a FIFO': fifo = '' } = await oddities(t);
  const reading = readAnyFile(fifo, { maxBytes: 200_000, pipe: {} });
  const writer = spawn('sh', [
    '-c',
    `exec > ${fifo}; sleep 0.1; printf a; sleep 0.1; head -c 150000 /dev/zero`,
  ]);
  assert.equal((await reading).bytes.length, 150_001);
  writer.kill();
  const endless = spawn('sh', ['-c', `exec cat /dev/zero > ${fifo}`]);
  t.after(() => endless.kill());
  // It may end by itself because the pipe is closed.
  const ended = once(endless, 'exit');
  await assert.rejects(readAnyFile(fifo, { maxBytes: 1_000_000, pipe: {} }), {
    message: /at most 1000000 bytes/,
  });
  endless.kill();
  await ended;
  const stop = new AbortController();
  const waiting = readAnyFile(fifo, { ...LIMIT, pipe: { signal: stop.signal } });
  stop.abort();
  await assert.rejects(waiting);
  const shell = `node -e "import('${import.meta.resolve('#src/system/files.js')}').then(async (m) => console.log((await m.readAnyFile(process.argv[1], { maxBytes: 9, pipe: {} })).bytes.toString()))" <(printf text)`;
  assert.equal(execFileSync('bash', ['-c', shell], { encoding: 'utf8' }), 'text\n');
});

test('a pipe that nothing writes to is given up', { timeout: 20_000 }, async (t) => {
  const { 'a FIFO': fifo = '' } = await oddities(t);
  // A second for each look.
  let now = 0;
  t.mock.method(performance, 'now', () => (now += 1_000));
  await assert.rejects(readAnyFile(fifo, { ...LIMIT, pipe: {} }), { message: /nothing writes to it/ });
});

test('a file is replaced atomically, by any number of writers at the same time', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'file');
  const texts = Array.from({ length: 20 }, (_, n) => `${n}`.repeat(10_000));
  await Promise.all(texts.map((text) => replaceFile(path, text, { mode: 0o600 })));
  assert.equal(readFileSync(path, 'utf8'), texts.at(-1));
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('the error of a full disk says to free space, that of a read-only one to remount', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: x, write`), { code, syscall: 'write' });
  for (const code of ['ENOSPC', 'EDQUOT']) assert.match(fixOf(error(code)) ?? '', /free some space/);
  assert.match(fixOf(error('EROFS')) ?? '', /mount/);
  assert.equal(failureWithFix(error('EACCES'), 'chmod it'), 'permission denied; chmod it');
  const full = openSync('/dev/full', 'w');
  try {
    writeFileSync(full, 'x');
    assert.fail('the disk is not full');
  } catch (cause) {
    assert.equal(failureWithFix(cause, 'chmod it'), 'no space is left on the disk; free some space');
  } finally {
    closeSync(full);
  }
});
