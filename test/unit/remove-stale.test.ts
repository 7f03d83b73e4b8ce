import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../fakes/temporary-folder.js';

const PROGRAM = fileURLToPath(new URL('../remove-stale.js', import.meta.url));

test('what was compiled from a source that is gone is removed, and nothing else', (t) => {
  const folder = temporaryFolder(t);
  const compiled = join(folder, '.build');
  mkdirSync(join(folder, 'unit'));
  mkdirSync(join(compiled, 'unit'), { recursive: true });
  for (const name of ['a.ts', 'unit/b.test.ts']) writeFileSync(join(folder, name), '');
  const kept = ['a.d.ts', 'a.js', 'tsconfig.tsbuildinfo', 'unit/b.test.js'];
  const stale = ['gone.d.ts', 'gone.js', 'unit/old-name.test.js'];
  for (const name of [...kept, ...stale]) writeFileSync(join(compiled, name), '');
  const told = execFileSync(process.execPath, [PROGRAM, folder, compiled], { encoding: 'utf8' });
  const left = readdirSync(compiled, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(compiled.length + 1));
  assert.deepEqual(left.sort(), kept);
  for (const name of stale) assert.match(told, new RegExp(`${name}: it has no source`));
});
