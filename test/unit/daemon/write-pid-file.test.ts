import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writePidFile } from '#src/daemon/pid-file.js';
import { HostP2pError } from '#src/system/errors.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const refused = (reason: RegExp) => (error: unknown) =>
  error instanceof HostP2pError && error.code === 'PID_FILE' && reason.test(error.message);

test('it has one line, the PID, and everybody may read it, whatever the umask', async (t) => {
  const folder = join(temporaryFolder(t), 'new');
  const path = join(folder, 'hostp2pd-wlan0.pid');
  const former = process.umask(0o077);
  t.after(() => process.umask(former));
  const remove = await writePidFile(folder, 'wlan0');
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(join(path, '..')), ['hostp2pd-wlan0.pid']);
  remove();
  assert.ok(!existsSync(path));
  remove();
});

test('a stale file is replaced, and so is the temporary file of a former attempt', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'hostp2pd-wlan0.pid');
  for (const text of ['999999999\n1\n', 'no pid\n', '']) {
    writeFileSync(path, text);
    writeFileSync(join(folder, 'target'), 'untouched');
    symlinkSync(join(folder, 'target'), `${path}.${process.pid}.tmp`);
    await writePidFile(folder, 'wlan0');
    assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
    assert.equal(readFileSync(join(folder, 'target'), 'utf8'), 'untouched');
  }
});

test('a symbolic link is not followed, a folder is kept: both are errors', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'hostp2pd-wlan0.pid');
  writeFileSync(join(folder, 'target'), 'untouched');
  symlinkSync(join(folder, 'target'), path);
  await assert.rejects(
    writePidFile(folder, 'wlan0'),
    refused(/expected a regular file, got a symbolic link; .* by hand/),
  );
  assert.equal(readFileSync(join(folder, 'target'), 'utf8'), 'untouched');
  assert.ok(lstatSync(path).isSymbolicLink());
  const other = join(folder, 'hostp2pd-wlan1.pid');
  mkdirSync(other);
  await assert.rejects(writePidFile(folder, 'wlan1'), refused(/got a folder/));
});

test("another user's file is kept", async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root');
  const folder = temporaryFolder(t);
  const path = join(folder, 'hostp2pd-wlan0.pid');
  writeFileSync(path, '999999999\n');
  chownSync(path, 65_534, 65_534);
  await assert.rejects(writePidFile(folder, 'wlan0'), refused(/got one of another user \(uid 65534\)/));
  assert.equal(readFileSync(path, 'utf8'), '999999999\n');
});

test('a folder that cannot be written is an error', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(writePidFile(join(folder, 'file'), 'wlan0'), refused(/cannot be (read|written)/));
});

test('a file of another process in its place is not removed', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'hostp2pd-wlan0.pid');
  const remove = await writePidFile(folder, 'wlan0');
  writeFileSync(path, '1\n2\n');
  remove();
  assert.equal(readFileSync(path, 'utf8'), '1\n2\n');
});
