import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { watchFolder } from '#src/system/folders.js';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

function watching(t: TestContext, folder: string) {
  const seen: (string | null)[] = [];
  const watch = watchFolder(folder, (entry) => seen.push(entry));
  assert.ok(watch);
  t.after(() => watch.close());
  return { watch, seen, saw: (name: string) => within(2_000, name, () => seen.includes(name)) };
}

test('a socket that appears and one that disappears are reported by name', async (t) => {
  const folder = temporaryFolder(t);
  const { seen, saw } = watching(t, folder);
  const socket = openUnixDatagram(join(folder, 'p2p-dev-wlan0'), () => {});
  await saw('p2p-dev-wlan0');
  writeFileSync(join(folder, 'marker'), '');
  await saw('marker');
  seen.length = 0;
  socket.close();
  await saw('p2p-dev-wlan0');
});

test('nothing is reported after close', async (t) => {
  const folder = temporaryFolder(t);
  const closed = watching(t, folder);
  const open = watching(t, folder);
  closed.watch.close();
  closed.watch.close();
  writeFileSync(join(folder, 'entry'), '');
  await open.saw('entry');
  assert.deepEqual(closed.seen, []);
});

test('close from within the callback is allowed', async (t) => {
  const folder = temporaryFolder(t);
  let calls = 0;
  const watch = watchFolder(folder, () => {
    calls += 1;
    watch?.close();
  });
  t.after(() => watch?.close());
  const other = watching(t, folder);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), '');
  await other.saw('c');
  assert.equal(calls, 1);
});

test('a folder that does not exist cannot be watched', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(
    watchFolder(join(folder, 'missing'), () => assert.fail('a change was reported')),
    null,
  );
});

test('a watched folder may be removed', async (t) => {
  const folder = temporaryFolder(t);
  const { watch, seen } = watching(t, folder);
  rmSync(folder, { recursive: true });
  await within(2_000, 'the end of the folder', () => seen.length > 0);
  watch.close();
});
