import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openLog } from '#src/logging/winston.js';
import { parseRecording } from '#src/recording/format.js';
import { firstDifference } from '#src/replay/playback.js';
import { dialogue, RecordedSession } from '../fakes/recorded-session.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { within } from '../fakes/within.js';

/** A file system of 64 KiB. */
function smallDisk(t: TestContext): string {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  t.after(() => execFileSync('umount', ['--lazy', folder]));
  return folder;
}

const NOT_ROOT = process.getuid?.() === 0 ? false : 'a file system is mounted by root';

test('a full disk: the log says so and says to free space', {
  skip: NOT_ROOT,
}, async (t) => {
  const folder = smallDisk(t);
  const err = new PassThrough({ encoding: 'utf8' });
  const log = await openLog({
    ...({ level: 'debug', console: null, maxSize: 1_000_000, maxFiles: 2, env: {} } as const),
    file: join(folder, 'p2p.log'),
    streams: { out: new PassThrough(), err },
  });
  assert.throws(() => writeFileSync(join(folder, 'filler'), Buffer.alloc(100_000)), { code: 'ENOSPC' });
  const told = once(err, 'data');
  log.log('info', 'x'.repeat(20_000));
  assert.match(
    String(await told),
    /p2p\.log cannot be written: no space is left on the disk; free some space/,
  );
  await log.close();
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
    5_000,
    () => 'the warning',
    () => session.log.lines.length > 0,
  );
  session.play(150, 200);
  await setImmediate();
  rmSync(filler);
  t.mock.timers.tick(61_000);
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
});
