import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readProcess } from '#src/daemon/process-facts.js';
import { readRunning } from '#src/daemon/running.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const BOOT = 1_700_000_000;
/** Half an hour after that, to the hundredth. */
const TICKS = 180_000;
const PID = 4711;

/** A /proc with one process, and a PID file. */
function machine(t: TestContext, content: string, process: { name?: string; state?: string } = {}) {
  const folder = temporaryFolder(t);
  const { name = 'hostp2pd', state = 'S' } = process;
  mkdirSync(join(folder, String(PID)));
  writeFileSync(join(folder, 'stat'), `cpu  1 2 3\nbtime ${BOOT}\nprocesses 7\n`);
  const rest = `${state} 1 ${'0 '.repeat(17)}${TICKS} 0 0`;
  writeFileSync(join(folder, String(PID), 'stat'), `${PID} (${name}) ${rest}\n`);
  const path = join(folder, 'hostp2pd-wlan0.pid');
  writeFileSync(path, content);
  const read = (options: { uid?: number; exists?: boolean } = {}) =>
    readRunning(path, {
      proc: folder,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      exists: () => options.exists ?? false,
    });
  return { path, read };
}

test('pid, name and start time agree: it is running', (t) => {
  const { read } = machine(t, `${PID}\n${TICKS}\n`);
  assert.deepEqual(read(), { kind: 'running', pid: PID, startTicks: TICKS });
});

test('the number was given to another process of ours, which has started later', (t) => {
  const { read } = machine(t, `${PID}\n${TICKS - 1}\n`);
  assert.deepEqual(read(), { kind: 'stale', reason: `names pid ${PID}, which has started later` });
});

test('the number was given to another program, whatever that calls itself', (t) => {
  for (const name of ['sleep', 'hostp2pd2', 'a) S 1 (hostp2pd', 'hostp2pd)']) {
    const state = machine(t, `${PID}\n${TICKS}\n`, { name }).read();
    assert.equal(state.kind, 'stale');
    assert.ok('reason' in state && state.reason.includes(`which is ${name} and no hostp2pd`));
  }
});

test('the process is gone, or nobody has waited for what is left of it', (t) => {
  const gone = { kind: 'stale', reason: `names pid ${PID}, which is no longer there` };
  assert.deepEqual(machine(t, `${PID}\n${TICKS}\n`, { state: 'Z' }).read(), gone);
  assert.equal(machine(t, '4712\n1\n').read().kind, 'stale');
});

test('a file of one line: a process that is younger than the file is not the one', (t) => {
  const { path, read } = machine(t, `${PID}\n`);
  const started = BOOT + TICKS / 100;
  utimesSync(path, started + 1, started + 1);
  assert.equal(read().kind, 'running');
  utimesSync(path, started - 60, started - 60);
  assert.deepEqual(read(), { kind: 'stale', reason: `names pid ${PID}, which has started later` });
});

test('what is no PID file is told', (t) => {
  for (const content of [
    '',
    '0\n1\n',
    '-1\n',
    '12x\n',
    `${PID} ${TICKS}\n`,
    `${PID}\n${TICKS}\nmore\n`,
    '1'.repeat(300),
  ]) {
    assert.deepEqual(machine(t, content).read(), { kind: 'stale', reason: 'holds no PID' }, content);
  }
});

test('no file, a link, a folder: each is told', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'hostp2pd-wlan0.pid');
  assert.deepEqual(readRunning(path), { kind: 'absent' });
  assert.equal(readRunning(join(folder, 'nowhere', 'file')).kind, 'absent');
  mkdirSync(join(folder, 'sub'));
  assert.deepEqual(readRunning(join(folder, 'sub')), { kind: 'foreign', reason: 'is a folder' });
  writeFileSync(join(folder, 'target'), `${process.pid}\n`);
  symlinkSync(join(folder, 'target'), path);
  assert.deepEqual(readRunning(path), { kind: 'foreign', reason: 'is a symbolic link' });
});

test('the file of another user is not believed, that of root is', (t) => {
  const { read } = machine(t, `${PID}\n${TICKS}\n`);
  const uid = (process.getuid?.() ?? 0) + 1;
  const state = read({ uid });
  if (process.getuid?.() === 0) assert.equal(state.kind, 'running');
  else
    assert.deepEqual(state, {
      kind: 'foreign',
      reason: `belongs to another user (uid ${process.getuid?.()})`,
    });
});

test("root's process that /proc hides from others is not taken for dead", (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs a file of root');
  const { read } = machine(t, '4712\n1\n');
  assert.deepEqual(read({ uid: 1000, exists: true }), {
    kind: 'foreign',
    reason: 'names pid 4712, which this user may not look at',
  });
  assert.equal(read({ uid: 1000, exists: false }).kind, 'stale');
  assert.equal(read({ uid: 0, exists: true }).kind, 'stale');
});

test('a real process is known by its name and by when it started', async (t) => {
  const child = spawn(process.execPath, [
    '-e',
    "process.title = 'hostp2pd'; console.log(1); setInterval(() => {}, 1e6)",
  ]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const path = join(temporaryFolder(t), 'pid');
  const facts = readProcess(child.pid ?? 0);
  writeFileSync(path, `${child.pid}\n${facts?.startTicks}\n`);
  assert.equal(readRunning(path).kind, 'running');
  // systemd writes one line.
  writeFileSync(path, `${child.pid}\n`);
  assert.equal(readRunning(path).kind, 'running');
  utimesSync(path, 1_000_000, 1_000_000);
  assert.equal(readRunning(path).kind, 'stale');
});
