import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HostP2pD } from '#src/host/host.js';
import { overcome } from '../faults/outcome.js';
import { type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { eventually, type Lines, next, session, supplicant, temporaryFolder } from './support.js';

/** Faults of the hook program. Each reports what was lost, and for how long: packaging/docs/faults.md. */

const STATION = '46:00:00:00:01:00';

interface Scene {
  readonly fake: FakeSupplicant;
  readonly host: HostP2pD;
  readonly log: Lines;
  readonly folder: string;
  readonly hook: string;
  /** The calls that the hook has recorded: their first two arguments. */
  readonly calls: () => readonly string[];
}

/** A group, with a hook program that records its call and then does this. @param action shell text */
async function withHook(
  t: TestContext,
  action: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Scene> {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const record = join(folder, 'calls');
  const hook = join(folder, 'hook');
  writeFileSync(hook, `#!/bin/sh\necho "$1 $2" >> '${record}'\ncd '${folder}'\n${action}\n`, { mode: 0o755 });
  const { host, log } = await session(t, fake, settings, { runProgram: hook });
  await next(host, 'groupStarted');
  await fake.saw(`${GROUP} STA-FIRST`);
  const calls = () =>
    existsSync(record) ? readFileSync(record, 'utf8').trimEnd().replaceAll(/ $/gm, '').split('\n') : [];
  return { fake, host, log, folder, hook, calls };
}

function station(n: number): string {
  return `46:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
}

/** A phone joins, and its hook is called. @returns the seconds until then */
async function joins({ fake, calls, log }: Scene, address: string): Promise<number> {
  const began = performance.now();
  fake.emit(GROUP, `AP-STA-CONNECTED ${address}`);
  await eventually(
    () => calls().includes(`connect ${address}`),
    () => `${calls().join('\n')}\n${log.lines.join('\n')}`,
  );
  return (performance.now() - began) / 1000;
}

test('a hook that hangs is ended, and the next one is called', async (t) => {
  const scene = await withHook(t, `[ "$1 $2" != "connect ${STATION}" ] || sleep 1000`, {
    hook_timeout_secs: 1,
  });
  await joins(scene, STATION);
  const seconds = await joins(scene, station(1));
  assert.equal(scene.log.matching(/error hook connect: .*did not end in time and was stopped/).length, 1);
  assert.equal(scene.host.stations.length, 2);
  overcome('a hook hangs', 'what this call should have done; the others wait for hook_timeout_secs', seconds);
});

test('a hook that crashes changes nothing', async (t) => {
  const scene = await withHook(t, `[ "$1 $2" != "connect ${STATION}" ] || kill -SEGV $$`);
  await joins(scene, STATION);
  const seconds = await joins(scene, station(1));
  assert.equal(scene.log.matching(/warning hook connect: .*was ended by SIGSEGV/).length, 1);
  overcome('a hook crashes', 'what this call should have done', seconds);
});

test('a process that a hook leaves running with its output delays nothing', async (t) => {
  const scene = await withHook(t, '[ "$1" != connect ] || { sleep 1000 & echo $! >> left; }');
  await joins(scene, STATION);
  const seconds = await joins(scene, station(1));
  await scene.host.stop();
  const left = readFileSync(join(scene.folder, 'left'), 'utf8').trimEnd().split('\n').map(Number);
  assert.equal(left.length, 2);
  // They are not ours to end.
  for (const pid of left) process.kill(pid);
  assert.ok(scene.calls().includes('terminated'));
  overcome('a hook leaves a process that holds its output open', 'nothing', seconds);
});

test('a hook that writes 1 GB is read to its end, and memory does not grow', async (t) => {
  const flood = 'yes "a line of a hook" | head -c 1000000000';
  const scene = await withHook(t, `[ "$1 $2" != "connect ${STATION}" ] || { ${flood}; touch written; }`, {
    hook_timeout_secs: 60,
  });
  await joins(scene, STATION);
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  t.after(() => clearInterval(watch));
  const seconds = await joins(scene, station(1));
  assert.ok(existsSync(join(scene.folder, 'written')), 'it was not ended');
  assert.equal(scene.log.matching(/hook connect: a line of a hook/).length, 200);
  assert.equal(scene.log.matching(/more than 200 lines/).length, 1);
  assert.ok(most - before < 100e6, `${((most - before) / 1e6).toFixed(0)} MB more`);
  overcome('a hook writes 1 GB', 'its output after 200 lines; the others wait', seconds);
});

test('a hook program that is removed while hostp2pd runs is an error once, and is called when it is back', async (t) => {
  const scene = await withHook(t, '');
  const { fake, host, hook, log } = scene;
  await joins(scene, STATION);
  renameSync(hook, `${hook}.away`);
  for (const n of [1, 2]) {
    const connected = next(host, 'stationConnected');
    fake.emit(GROUP, `AP-STA-CONNECTED ${station(n)}`);
    await connected;
  }
  await eventually(
    () => log.matching(/hook connect: .*there is no such file/).length === 2,
    () => log.lines.join('\n'),
  );
  assert.equal(log.matching(/^error hook connect: /).length, 1);
  renameSync(`${hook}.away`, hook);
  const seconds = await joins(scene, station(3));
  assert.deepEqual(scene.calls().slice(-2), [`connect ${STATION}`, `connect ${station(3)}`]);
  overcome('the hook program is removed, and comes back', 'its calls meanwhile', seconds);
});

test('200 phones at once: each hook is called once, in order', async (t) => {
  const scene = await withHook(t, '');
  const { fake, host, calls } = scene;
  const stations = Array.from({ length: 200 }, (_, n) => station(n));
  const began = performance.now();
  for (const [n, address] of stations.entries()) {
    fake.emit(GROUP, `AP-STA-CONNECTED ${address}`);
    // The queue of the receiver has ten datagrams.
    if (n % 5 === 4) await new Promise((resolve) => setImmediate(resolve));
  }
  const connects = () => calls().filter((call) => call.startsWith('connect'));
  await eventually(
    () => connects().length >= stations.length,
    () => `${connects().length} calls`,
  );
  const seconds = (performance.now() - began) / 1000;
  assert.equal(host.stations.length, stations.length);
  assert.deepEqual(
    connects(),
    stations.map((address) => `connect ${address}`),
  );
  overcome('200 events at once', 'nothing', seconds);
});
