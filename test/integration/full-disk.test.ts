import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { openLog } from '#src/logging/winston.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

const NOT_ROOT = process.getuid?.() === 0 ? false : 'a file system is mounted by root';

test('a full disk: the log says so and says to free space', {
  skip: NOT_ROOT,
}, async (t) => {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  t.after(() => execFileSync('umount', ['--lazy', folder]));
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
