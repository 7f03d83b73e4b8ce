import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { removeAbandoned } from '../radio/host/make-once.js';

test('a system that another run unpacks at the moment is kept, although its root directory has an old time', async (t) => {
  const folder = temporaryFolder(t);
  const making = join(folder, 'trixie-0.making-1-0');
  mkdirSync(making);
  utimesSync(making, 0, 0);
  await removeAbandoned(folder);
  assert.deepEqual(readdirSync(folder), ['trixie-0.making-1-0']);
});
