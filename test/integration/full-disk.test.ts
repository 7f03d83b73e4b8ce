import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GroupStore, parseGroupFile } from '#src/host/group-store.js';
import { openLog } from '#src/logging/winston.js';
import { parseRecording } from '#src/recording/format.js';
import { firstDifference } from '#src/replay/playback.js';
import { CapturedLog } from '../fakes/captured-log.js';
import { dialogue, RecordedSession } from '../fakes/recorded-session.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { PATIENCE_MS, within } from '../fakes/within.js';
import { overcome } from '../faults/outcome.js';

/** A file system of 64 KiB. */
function smallDisk(t: TestContext): string {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  t.after(() => execFileSync('umount', ['--lazy', folder]));
  return folder;
}

/** Files that cannot be written are tried again after a minute. */
const TRIED_AGAIN_SECONDS = 61;

const NOT_ROOT = process.getuid?.() === 0 ? false : 'a file system is mounted by root';

test('a full disk: the log says so and says to free space', {
  skip: NOT_ROOT,
}, async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: new Date(2026, 0, 5, 12) });
  const folder = smallDisk(t);
  const err = new PassThrough({ encoding: 'utf8' });
  const log = await openLog({
    ...({ level: 'debug', console: null, maxSize: 1_000_000, maxFiles: 2, env: {} } as const),
    file: join(folder, 'p2p.log'),
    streams: { out: new PassThrough(), err },
  });
  const filler = join(folder, 'filler');
  assert.throws(() => writeFileSync(filler, Buffer.alloc(100_000)), { code: 'ENOSPC' });
  const told = once(err, 'data');
  log.log('info', 'x'.repeat(20_000));
  assert.match(
    String(await told),
    /p2p\.log cannot be written: no space is left on the disk; free some space/,
  );
  rmSync(filler);
  t.mock.timers.tick(TRIED_AGAIN_SECONDS * 1000);
  log.log('info', 'there is room again');
  await log.close();
  assert.match(readFileSync(join(folder, 'p2p.log'), 'utf8'), /there is room again/);
  overcome(
    'the disk of the log is full',
    'lines of the log meanwhile, which are counted',
    TRIED_AGAIN_SECONDS,
  );
});

test('a read-only disk: the log says so, and goes on when it can be written', {
  skip: NOT_ROOT,
}, async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: new Date(2026, 0, 5, 12) });
  const folder = smallDisk(t);
  const mount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, folder]);
  const err = new PassThrough({ encoding: 'utf8' });
  mount('ro');
  const told = once(err, 'data');
  const log = await openLog({
    ...({ level: 'debug', console: null, maxSize: 1_000_000, maxFiles: 2, env: {} } as const),
    file: join(folder, 'p2p.log'),
    streams: { out: new PassThrough(), err },
  });
  log.log('info', 'lost');
  assert.match(String(await told), /p2p\.log cannot be written: the file system is read-only/);
  mount('rw');
  t.mock.timers.tick(TRIED_AGAIN_SECONDS * 1000);
  log.log('info', 'it can be written again');
  await log.close();
  assert.match(readFileSync(join(folder, 'p2p.log'), 'utf8'), /it can be written again/);
  overcome(
    'the disk of the log is read-only',
    'lines of the log meanwhile, which are counted',
    TRIED_AGAIN_SECONDS,
  );
});

test('a folder of the log that is removed is made again', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: new Date(2026, 0, 5, 12) });
  const folder = join(temporaryFolder(t), 'log');
  const log = await openLog({
    ...({ level: 'debug', console: null, maxSize: 1_000_000, maxFiles: 2, env: {} } as const),
    file: join(folder, 'p2p.log'),
    streams: { out: new PassThrough(), err: new PassThrough() },
  });
  log.log('info', 'before');
  rmSync(folder, { recursive: true });
  t.mock.timers.tick(TRIED_AGAIN_SECONDS * 1000);
  log.log('info', 'noticed');
  log.log('info', 'afterwards');
  await log.close();
  assert.match(readFileSync(join(folder, 'p2p.log'), 'utf8'), /afterwards/);
  overcome('the folder of the log is removed', 'lines of the log meanwhile', TRIED_AGAIN_SECONDS);
});

test('a full disk is a warning once; with room again the recording goes on', {
  skip: NOT_ROOT,
}, async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: new Date(2026, 0, 5, 12) });
  const folder = smallDisk(t);
  const session = new RecordedSession(join(folder, 's.jsonl'));
  await session.record();
  const filler = join(folder, 'filler');
  assert.throws(() => writeFileSync(filler, Buffer.alloc(100_000)), { code: 'ENOSPC' });
  session.play(0, 150);
  await within(
    PATIENCE_MS,
    () => 'the warning',
    () => session.log.lines.length > 0,
  );
  session.play(150, 200);
  await setImmediate();
  rmSync(filler);
  t.mock.timers.tick(TRIED_AGAIN_SECONDS * 1000);
  session.play(200, 201);
  await setImmediate();
  session.play(201);
  await session.close();
  assert.match(
    session.log.lines[0] ?? '',
    /warning the recording .* cannot be written: no space is left on the disk; free some space/,
  );
  assert.match(session.log.lines[1] ?? '', /warning \d+ records could not be written to the recording/);
  assert.equal(session.log.lines.length, 2, session.log.lines.join('\n'));
  const recording = parseRecording(readFileSync(session.file, 'utf8'));
  assert.equal(recording.segments.at(-1)?.steps.length, dialogue().steps.length - 201);
  const [last] = recording.segments.slice(-1);
  assert.ok(last);
  assert.equal(firstDifference(last), null);
  overcome(
    'the disk of the recording is full',
    'records meanwhile, which are counted; the next ones are a new segment',
    TRIED_AGAIN_SECONDS,
  );
});

const INTERFACE = 'p2p-dev-wlan0';

/** What can be read at the next start after each save: the group with this many phones. */
function stateFile(folder: string) {
  const log = new CapturedLog();
  const store = new GroupStore(folder, log);
  store.open(INTERFACE);
  const address = (n: number) => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`;
  return {
    log,
    /** Saves the group with so many phones, and waits until that has succeeded or failed. */
    async save(phones: number): Promise<void> {
      const clients = Array.from({ length: phones }, (_, n) => address(n));
      store.save({ ssidHex: '4449', passphrase: 'correct horse', psk: null, clients, forgotten: [] });
      await store.close();
    },
    /** What the next start would find. */
    get phones(): number | undefined {
      const parsed = parseGroupFile(readFileSync(join(folder, `${INTERFACE}.json`), 'utf8'));
      return 'group' in parsed ? parsed.group.clients.length : undefined;
    },
  };
}

/** Two saves fail for the same reason, and the next one succeeds. @param lasting when the cause has begun, its end */
async function survives(state: ReturnType<typeof stateFile>, words: RegExp, begin: () => () => void) {
  await state.save(1);
  const end = begin();
  for (const phones of [2, 3]) await state.save(phones);
  assert.equal(state.phones, 1, 'the former file is there');
  assert.equal(state.log.lines.length, 1, state.log.lines.join('\n'));
  assert.match(state.log.lines[0] ?? '', words);
  end();
  const began = performance.now();
  await state.save(3);
  assert.equal(state.phones, 3);
  return (performance.now() - began) / 1000;
}

const UNSAVED = 'phones that joined meanwhile, if the machine ends before the next save';

test('a full disk: the state file keeps what it had, and is written when there is room', {
  skip: NOT_ROOT,
}, async (t) => {
  const folder = smallDisk(t);
  const filler = join(folder, 'filler');
  const seconds = await survives(
    stateFile(folder),
    /^warning state file .* cannot be written: no space is left on the disk; free some space/,
    () => {
      assert.throws(() => writeFileSync(filler, Buffer.alloc(100_000)), { code: 'ENOSPC' });
      return () => rmSync(filler);
    },
  );
  overcome('the disk of the state file is full', UNSAVED, seconds);
});

test('a read-only disk: the state file keeps what it had, and is written when it can be', {
  skip: NOT_ROOT,
}, async (t) => {
  const folder = smallDisk(t);
  const mount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, folder]);
  const seconds = await survives(
    stateFile(folder),
    /^warning state file .* cannot be written: the file system is read-only/,
    () => {
      mount('ro');
      return () => mount('rw');
    },
  );
  overcome('the disk of the state file is read-only', UNSAVED, seconds);
});

test('a folder of the state file that is removed is made again', async (t) => {
  const folder = join(temporaryFolder(t), 'state');
  const state = stateFile(folder);
  await state.save(1);
  rmSync(folder, { recursive: true });
  const began = performance.now();
  await state.save(2);
  assert.equal(state.phones, 2);
  assert.deepEqual(state.log.lines, []);
  overcome('the folder of the state file is removed', 'nothing', (performance.now() - began) / 1000);
});
