import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pidFileIn, readPidFile } from '#src/daemon/pid-file.js';
import { lockAddress, USUAL_CONTROL_FOLDER } from '#src/system/lock-address.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const TICKS = 180_000;
const PID = 4711;
const INODE = 8_150;

interface Played {
  readonly name?: string;
  readonly state?: string;
  /** Abstract addresses on which a process listens, as the kernel shows them. Default: the lock of wlan0. */
  readonly listening?: readonly string[];
  /** Whether the process is the one that listens; null: its descriptors cannot be read. */
  readonly listens?: boolean | null;
}

const LOCK = lockAddress('wlan0', USUAL_CONTROL_FOLDER).replace('\0', '@');

/** A /proc with one process, and a PID file of wlan0. */
function machine(t: TestContext, content: string, played: Played = {}) {
  const folder = temporaryFolder(t);
  const { name = 'hostp2pd', state = 'S', listening = [LOCK], listens = true } = played;
  const own = join(folder, String(PID));
  mkdirSync(join(own, 'net'), { recursive: true });
  const rest = `${state} 1 ${'0 '.repeat(17)}${TICKS} 0 0`;
  writeFileSync(join(own, 'stat'), `${PID} (${name}) ${rest}\n`);
  const sockets = listening.map(
    (address, index) => `0000: 00000002 00000000 00010000 0001 01 ${INODE + index} ${address}\n`,
  );
  writeFileSync(
    join(own, 'net', 'unix'),
    `Num RefCount Protocol Flags Type St Inode Path\n${sockets.join('')}`,
  );
  if (listens !== null) {
    mkdirSync(join(own, 'fd'));
    symlinkSync('/dev/null', join(own, 'fd', '0'));
    symlinkSync(`socket:[${listens ? INODE : 1}]`, join(own, 'fd', '21'));
  }
  const path = join(folder, 'hostp2pd-wlan0.pid');
  writeFileSync(path, content);
  const read = (options: { uid?: number; exists?: boolean } = {}) =>
    readPidFile(folder, 'wlan0', {
      proc: folder,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      exists: () => options.exists ?? false,
    });
  return { folder, path, read };
}

const RUNNING = { kind: 'running', pid: PID, startTicks: TICKS };
const STRANGER = { kind: 'stale', reason: `names pid ${PID}, a hostp2pd that does not serve wlan0` };

test('a hostp2pd that holds the lock of the interface is running, whatever its start time', (t) => {
  const { path, read } = machine(t, `${PID}\n`);
  for (const year of [1970, 2099]) {
    utimesSync(path, new Date(year, 0, 2), new Date(year, 0, 2));
    assert.deepEqual(read(), RUNNING);
  }
});

test('the file of an earlier version, with a second line, can be read', (t) => {
  assert.deepEqual(machine(t, `${PID}\n${TICKS}\n`).read(), RUNNING);
});

test('a daemon is found by its lock, whichever folder its wpa_supplicant has', (t) => {
  const { folder, read } = machine(t, `${PID}\n`, { listening: [] });
  assert.deepEqual(read(), STRANGER);
  const lock = lockAddress('wlan0', folder).replace('\0', '@');
  const line = `0000: 00000002 00000000 00010000 0001 01 ${INODE} ${lock}\n`;
  writeFileSync(join(folder, String(PID), 'net', 'unix'), line);
  assert.deepEqual(read(), RUNNING);
});

test('the pid now belongs to another hostp2pd, which holds another lock or none', (t) => {
  const other = lockAddress('wlan1', USUAL_CONTROL_FOLDER).replace('\0', '@');
  for (const played of [
    { listens: false },
    { listening: [other] },
    { listening: [] },
    { listening: [], listens: null },
  ])
    assert.deepEqual(machine(t, `${PID}\n`, played).read(), STRANGER, JSON.stringify(played));
});

test('if the descriptors cannot be read, the name counts, and whether any process holds the lock', (t) => {
  assert.deepEqual(machine(t, `${PID}\n`, { listens: null }).read(), RUNNING);
});

test('the pid now belongs to another program, whatever its name', (t) => {
  for (const name of ['sleep', 'hostp2pd2', 'a) S 1 (hostp2pd', 'hostp2pd)']) {
    const state = machine(t, `${PID}\n${TICKS}\n`, { name }).read();
    assert.equal(state.kind, 'stale');
    assert.ok('reason' in state && state.reason.includes(`which is ${name} and not hostp2pd`));
  }
});

test('the process is gone, or is a zombie', (t) => {
  const gone = { kind: 'stale', reason: `names pid ${PID}, which is no longer running` };
  assert.deepEqual(machine(t, `${PID}\n${TICKS}\n`, { state: 'Z' }).read(), gone);
  assert.equal(machine(t, '4712\n1\n').read().kind, 'stale');
});

test('a file that is no PID file is reported', (t) => {
  for (const content of [
    '',
    '0\n1\n',
    '-1\n',
    '12x\n',
    `${PID} ${TICKS}\n`,
    `${PID}\n${TICKS}\nmore\n`,
    '1'.repeat(300),
  ]) {
    assert.deepEqual(machine(t, content).read(), { kind: 'stale', reason: 'contains no PID' }, content);
  }
});

test('no file, a link, a folder: each is reported', (t) => {
  const folder = temporaryFolder(t);
  const path = pidFileIn(folder, 'wlan0');
  assert.deepEqual(readPidFile(folder, 'wlan0'), { kind: 'absent' });
  assert.equal(readPidFile(join(folder, 'nowhere'), 'wlan0').kind, 'absent');
  mkdirSync(pidFileIn(folder, 'sub'));
  assert.deepEqual(readPidFile(folder, 'sub'), {
    kind: 'foreign',
    reason: 'cannot be read: expected a regular file, got a folder',
  });
  writeFileSync(join(folder, 'target'), `${process.pid}\n`);
  symlinkSync(join(folder, 'target'), path);
  assert.deepEqual(readPidFile(folder, 'wlan0'), {
    kind: 'foreign',
    reason: 'cannot be read: expected a regular file, got a symbolic link',
  });
});

test('the file of another user is not trusted, that of root is', (t) => {
  const { read } = machine(t, `${PID}\n${TICKS}\n`);
  const uid = (process.getuid?.() ?? 0) + 1;
  const state = read({ uid });
  if (process.getuid?.() === 0) assert.equal(state.kind, 'running');
  else
    assert.deepEqual(state, {
      kind: 'foreign',
      reason: `cannot be read: expected a file of our own, got one of another user (uid ${process.getuid?.()})`,
    });
});

test('a process of root that /proc hides does not count as dead', (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs a file of root');
  const { read } = machine(t, '4712\n1\n');
  assert.deepEqual(read({ uid: 1000, exists: true }), {
    kind: 'foreign',
    reason: 'names pid 4712, which this user may not look at',
  });
  assert.equal(read({ uid: 1000, exists: false }).kind, 'stale');
  assert.equal(read({ uid: 0, exists: true }).kind, 'stale');
});

test('a real process is recognised by its name and by the lock that it holds', async (t) => {
  const folder = temporaryFolder(t);
  const lock = lockAddress('wlan0', folder);
  const child = spawn(process.execPath, [
    '-e',
    `process.title = 'hostp2pd'; require('net').createServer().listen(${JSON.stringify(lock)}, () => console.log(1))`,
  ]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  for (const name of ['wlan0', 'wlan1']) writeFileSync(pidFileIn(folder, name), `${child.pid}\n`);
  assert.equal(readPidFile(folder, 'wlan0').kind, 'running');
  assert.equal(readPidFile(folder, 'wlan1').kind, 'stale');
});
