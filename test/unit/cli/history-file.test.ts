import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { History, MOST_LINES } from '#src/cli/history-file.js';
import { holdsTypedSecret } from '#src/system/secrets.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

function file(t: TestContext): string {
  return join(temporaryFolder(t), 'history');
}

function loaded(path: string): History {
  const history = new History(path);
  history.load();
  return history;
}

async function typed(path: string, ...lines: readonly string[]): Promise<History> {
  const history = loaded(path);
  for (const line of lines) history.add(line);
  await history.save();
  return history;
}

test('lines are there in the next run, in a file that only its owner can read', async (t) => {
  const path = file(t);
  await typed(path, 'stats', 'stats', 'stations');
  assert.equal(readFileSync(path, 'utf8'), 'stats\nstations\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const second = await typed(path, 'version');
  assert.deepEqual(second.lines, ['stats', 'stations', 'version']);
  assert.deepEqual(loaded(path).lines, ['stats', 'stations', 'version']);
  assert.deepEqual(readdirSync(join(path, '..')), ['history'], 'no temporary file is left');
});

test('a file that others could read becomes private', async (t) => {
  const path = file(t);
  writeFileSync(path, 'old\n', { mode: 0o644 });
  await typed(path, 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(loaded(path).lines, ['old', 'new']);
});

test('nothing typed: the file is not written', async (t) => {
  const path = file(t);
  await typed(path);
  assert.ok(!existsSync(path));
});

test('sessions that end at the same time keep the lines of each other', async (t) => {
  const path = file(t);
  const sessions = Array.from({ length: 8 }, () => loaded(path));
  for (const [place, session] of sessions.entries()) session.add(`wait ${place}`);
  await Promise.all(sessions.map((session) => session.save()));
  assert.deepEqual(
    [...loaded(path).lines].sort(),
    Array.from({ length: 8 }, (_, n) => `wait ${n}`),
  );
});

test('the last 1,000 lines are kept', async (t) => {
  const path = file(t);
  await typed(path, ...Array.from({ length: MOST_LINES }, (_, n) => `a${n}`));
  await typed(path, 'b', 'c');
  const { lines } = loaded(path);
  assert.equal(lines.length, MOST_LINES);
  assert.deepEqual([lines[0], lines.at(-1)], ['a2', 'c']);
});

test('a line with a PIN or a passphrase is not written', async (t) => {
  const path = file(t);
  const secret = [
    'pin 42:00:00:00:01:00 12345670',
    'pin "My Phone" 1234',
    'pair pin 1234-5670',
    'wpa WPS_PIN any 12345670',
    'wpa P2P_CONNECT 42:00:00:00:01:00 12345670 display',
    'wpa SET_NETWORK 0 psk "my secret"',
    "await hostp2pd.enterPin('42:00:00:00:01:00', '12345670')",
    "hostp2pd.pair({ method: 'pin', pin: '12345670' })",
  ];
  const plain = [
    'pair pin',
    'pair pbc',
    'wait 1000',
    'find 10',
    'hostp2pd.pair()',
    'invite 42:00:00:00:01:00',
    'help pin',
  ];
  for (const line of secret) assert.ok(holdsTypedSecret(line), line);
  const history = await typed(path, ...plain, ...secret);
  assert.deepEqual(loaded(path).lines, plain);
  assert.deepEqual(history.lines, plain);
});

test('clear empties the file too', async (t) => {
  const path = file(t);
  const history = await typed(path, 'stats');
  history.add('stations');
  await history.clear();
  assert.equal(readFileSync(path, 'utf8'), '');
  assert.deepEqual(history.lines, []);
  history.add('version');
  await history.save();
  assert.deepEqual(loaded(path).lines, ['version']);
});

test('a symbolic link is not followed, a folder or a pipe does not block; the reason is given', async (t) => {
  const folder = temporaryFolder(t);
  const other = join(folder, 'other');
  writeFileSync(other, 'precious\n');
  const link = join(folder, 'link');
  symlinkSync(other, link);
  mkdirSync(join(folder, 'folder'));
  for (const [name, reason] of [
    ['link', /symbolic link/],
    ['folder', /regular file/],
  ] as const) {
    const history = new History(join(folder, name));
    assert.throws(() => history.load(), reason);
    history.add('stats');
    await assert.rejects(history.save(), reason);
    await assert.rejects(history.clear(), reason);
  }
  assert.equal(readFileSync(other, 'utf8'), 'precious\n');
  await assert.rejects(typed(join(folder, 'missing', 'history'), 'stats'), /there is no such file/);
});

test('a lock that was left by a crash does not block the next session', async (t) => {
  const path = file(t);
  writeFileSync(`${path}.lock`, '');
  utimesSync(`${path}.lock`, 1, 1);
  await typed(path, 'stats');
  assert.deepEqual(readdirSync(join(path, '..')), ['history']);
});

test('lines with control characters are left out', (t) => {
  const path = file(t);
  writeFileSync(path, 'stats\nx\u001b[2J\nversion\n');
  assert.deepEqual(loaded(path).lines, ['stats', 'version']);
});
