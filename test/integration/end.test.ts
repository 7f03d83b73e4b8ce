import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readProcess } from '#src/system/processes.js';
import { HOSTP2PD } from '../shipped-program.js';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { eventually, hookProgram, ownSocketsOf, supplicant, temporaryFolder } from './support.js';
import { reasonToSkip, Terminal } from './terminal.js';

/** The end of the program: in bounded time and with nothing left, at any moment and whatever hangs. */

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<End> {
  child.kill(signal);
  await eventually(
    () => child.exitCode !== null || child.signalCode !== null,
    () => `the end after ${signal}`,
  );
  return { code: child.exitCode, signal: child.signalCode };
}

/** Starts the program with an output that is not read, in its own folders. */
function unread(t: TestContext, place: Place, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [HOSTP2PD, ...args], {
    env: { ...process.env, HOSTP2PD_RUNTIME_DIR: place.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('an output that is not read does not keep the process running', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const child = unread(t, place, ['-b', '-', '-d', '-vv', '-i', DEVICE, '-c', configuration(t, fake)]);
  await fake.saw(`${GROUP} STA-FIRST`);
  // More than a pipe holds.
  for (let n = 0; n < 200; n++) {
    fake.emit(DEVICE, `X-EVENT ${n} ${'x'.repeat(2_000)}`);
    await delay(1);
  }
  const { code, signal } = await endOf(child, 'SIGTERM');
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  await fake.detached();
  assert.deepEqual(place.files(), []);
});

test('a terminal that was stopped with Ctrl-S does not block the session', {
  skip: reasonToSkip(),
}, async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const args = ['-b', '-', '-d', '-vv', '-i', DEVICE, '-c', configuration(t, fake)];
  const terminal = new Terminal(t, [process.execPath, HOSTP2PD, ...args], {
    environment: { HOSTP2PD_RUNTIME_DIR: place.folder, NO_COLOR: '1' },
  });
  await terminal.shows(/is up/);
  terminal.press('C-s');
  for (let n = 0; n < 200; n++) fake.emit(DEVICE, `X-EVENT ${n} ${'x'.repeat(2_000)}`);
  await eventually(
    () => place.pids().length === 1 && place.files().some((name) => name.endsWith('.sock')),
    () => String(place.files()),
  );
  const { code, stdout } = await place.run(['status', '-i', DEVICE]);
  assert.deepEqual([code, /^phase: +running$/m.test(stdout)], [0, true], stdout);
  const [pid = 0] = place.pids();
  process.kill(pid, 'SIGTERM');
  await eventually(
    () => readProcess(pid) === null,
    () => 'the end',
  );
  await fake.detached();
  assert.deepEqual(place.files(), []);
});

test('a batch output that is a FIFO without a reader is an error, and does not block', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const fifo = join(temporaryFolder(t), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const foreground = place.start(['-b', fifo, '-d', '-i', DEVICE, '-c', configuration(t, fake)]);
  await fake.saw(`${GROUP} STA-FIRST`);
  await foreground.wrote(/the batch output .*fifo cannot be written: no program reads from that FIFO/);
  const { code } = await endOf(foreground.child, 'SIGTERM');
  assert.equal(code, 0);
});

for (const [what, code, wanted] of [
  ['a timer', 'setInterval(() => {}, 1_000)', { code: 0, signal: null }],
  // exit(3) waits for the thread that opens it.
  ['a file operation that hangs', 'promises.readFile(process.env.FIFO)', { code: null, signal: 'SIGKILL' }],
] as const)
  test(`${what} does not keep the process running when the session has ended`, async (t) => {
    const fake = supplicant(t);
    const place = new Place(t);
    const folder = temporaryFolder(t);
    const [preload, fifo] = [join(folder, 'preload.mjs'), join(folder, 'fifo')];
    execFileSync('mkfifo', [fifo]);
    writeFileSync(preload, `import { promises } from 'node:fs';\n${code};`);
    const env = { NODE_OPTIONS: `--import ${preload}`, FIFO: fifo };
    const foreground = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', configuration(t, fake)], { env });
    await fake.saw(`${GROUP} STA-FIRST`);
    assert.deepEqual(await endOf(foreground.child, 'SIGTERM'), wanted);
    await fake.detached();
    assert.deepEqual(place.files(), []);
  });

test('SIGTERM to the launcher when the daemon is ready: the launcher still reports the daemon that it has started', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const fifo = join(temporaryFolder(t), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const output = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  t.after(() => closeSync(output));
  // The FIFO is full, so the launcher waits in its report.
  for (const size of [4_096, 1]) while (accepts(output, Buffer.alloc(size, '\n')));
  const launcher = spawn(process.execPath, [HOSTP2PD, '-d', '-i', DEVICE, '-c', configuration(t, fake)], {
    env: { ...process.env, HOSTP2PD_RUNTIME_DIR: place.folder },
    stdio: ['ignore', openSync(fifo, constants.O_WRONLY), 'ignore'],
  });
  t.after(() => launcher.kill('SIGKILL'));
  // The daemon has reported when the launcher has closed their connection.
  await eventually(
    () => place.pids().length === 1 && !hasSocket(launcher.pid),
    () => `the report of the daemon: ${place.files()}`,
  );
  launcher.kill('SIGTERM');
  let text = '';
  const reader = setInterval(() => {
    text += readAll(output);
  }, 20);
  t.after(() => clearInterval(reader));
  const [code, signal] = await once(launcher, 'exit');
  text += readAll(output);
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  assert.match(text, /^hostp2pd: daemon started, pid \d+/m);
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
  assert.deepEqual(place.files(), []);
});

function hasSocket(pid: number | undefined): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((name) => readlinkSync(join(folder, name)).startsWith('socket:'));
}

function accepts(descriptor: number, bytes: Buffer): boolean {
  try {
    return writeSync(descriptor, bytes) > 0;
  } catch {
    // EAGAIN
    return false;
  }
}

function readAll(descriptor: number): string {
  const buffer = Buffer.alloc(65_536);
  let text = '';
  try {
    for (;;) text += buffer.toString('utf8', 0, readSync(descriptor, buffer));
  } catch {
    // EAGAIN: the FIFO is empty.
    return text;
  }
}

/** When SIGTERM is sent, in ms from the start; before the first line runs, the kernel ends the program. */
const MOMENTS = Array.from({ length: 12 }, (_, index) => 10 + index * 44);
/** Also on a slow machine: when the session has begun. */
const BEGUN = 'begun';

for (const mode of [['-b', '-', '-d'], ['-d']] as const)
  test(`SIGTERM at any moment of the start of ${mode.join(' ')}: exit code 0, and nothing is left`, async (t) => {
    const seen = { began: 0, ended: 0 };
    for (const moment of [...MOMENTS, BEGUN] as const) {
      const fake = supplicant(t);
      const place = new Place(t);
      const hook = hookProgram(temporaryFolder(t));
      const program = place.start([...mode, '-i', DEVICE, '-c', configuration(t, fake), '-p', hook.path]);
      if (typeof moment === 'number') await delay(moment);
      else
        await eventually(
          () => hook.calls().length > 0,
          () => 'the first hook',
        );
      const { code, signal } = await endOf(program.child, 'SIGTERM');
      const what = `at ${moment} (ms): ${code ?? signal}\n${program.stdout}${program.stderr}`;
      const calls = hook.calls().map(({ args }) => args[0]);
      if (/daemon started/.test(program.stdout)) {
        // It was started already: the daemon is ended by its own pid.
        assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0, what);
      } else if (signal !== null) assert.deepEqual([signal, calls, fake.commands], ['SIGTERM', [], []], what);
      else assert.equal(code, 0, what);
      assert.deepEqual(place.files(), [], what);
      await fake.detached();
      assert.deepEqual(ownSocketsOf(program.child.pid), [], what);
      if (calls.length > 0) {
        assert.deepEqual([calls[0], hook.calls().at(-1)?.args[0]], ['started', 'terminated'], what);
        seen.began++;
      } else seen.ended++;
      fake.close();
    }
    assert.ok(seen.ended > 0 && seen.began > 0, `both kinds were met: ${JSON.stringify(seen)}`);
  });
