import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tokenInFile } from '#src/panel/token.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const silent = () => assert.fail('nothing is wrong');

test('a token that other users could read is told, with what to do; the file is closed', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  writeFileSync(path, 'abcdefghijklmnop\n');
  chmodSync(path, 0o644);
  const told: string[] = [];
  assert.equal(await tokenInFile(path, (text) => told.push(text)), 'abcdefghijklmnop');
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? '',
    /token: expected mode 0600, got 0644: others could read the token in it; set to 0600\. For a new token, remove the file and start the panel again$/,
  );
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await tokenInFile(path, silent);
});

test('a missing file is made, in a folder that may be missing too, but no tree of folders', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'panel', 'token');
  const token = await tokenInFile(path, silent);
  assert.equal(readFileSync(path, 'utf8'), `${token}\n`);
  await assert.rejects(
    tokenInFile(join(folder, 'pannel', 'a', 'token'), silent),
    /^HostP2pError: panel: .*: there is no folder .*pannel$/,
  );
  assert.equal(existsSync(join(folder, 'pannel')), false);
});
