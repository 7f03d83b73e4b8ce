import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostP2pD } from '#src/host/host.js';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { overcome } from '../faults/outcome.js';
import { DEVICE, type FakeSupplicant, GROUP, LINES } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import {
  eventually,
  hookProgram,
  type Lines,
  next,
  OWN_FOLDER,
  ownSockets,
  session,
  supplicant,
  temporaryFolder,
} from './support.js';

/** Faults of the link to wpa_supplicant. Each reports what was lost, and for how long: packaging/docs/faults.md. */

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const OTHER = '46:00:00:00:02:00';

interface Scene {
  readonly fake: FakeSupplicant;
  readonly host: HostP2pD;
  readonly log: Lines;
  /** Of the hooks that were called, in order. */
  readonly hooks: () => readonly string[];
  /** The stations that wpa_supplicant lists. */
  readonly listed: Set<string>;
}

/** A group with one phone. */
async function withPhone(t: TestContext): Promise<Scene> {
  const fake = supplicant(t);
  const listed = new Set([STATION]);
  fake.behave((command) => {
    if (!command.startsWith('STA-')) return undefined;
    const all = [...listed];
    const after = command === 'STA-FIRST' ? 0 : all.indexOf(command.slice('STA-NEXT '.length)) + 1;
    return all[after] === undefined ? '' : `${all[after]}\nflags=[AUTH][ASSOC][AUTHORIZED]\n`;
  });
  const hook = hookProgram(temporaryFolder(t));
  const { host, log } = await session(t, fake, {}, { runProgram: hook.path });
  const connected = next(host, 'stationConnected');
  await next(host, 'groupStarted');
  await connected;
  const hooks = () => hook.calls().map(({ args }) => args[0] ?? '');
  await eventually(
    () => hooks().includes('connect'),
    () => hooks().join(),
  );
  return { fake, host, log, hooks, listed };
}

const ALONG = ['started', 'start_group', 'connect'];

/** Seconds since then. */
function since(began: number): number {
  return (performance.now() - began) / 1000;
}

/** Waits until an event of wpa_supplicant arrives, which proves that the link works. */
async function hears({ fake, host, listed }: Scene, station = OTHER): Promise<void> {
  listed.add(station);
  fake.emit(GROUP, `AP-STA-CONNECTED ${station}`);
  await eventually(
    () => host.stations.some(({ address }) => address === station),
    () => JSON.stringify(host.status),
  );
}

// Each waits ten seconds: for a reply, the next heartbeat, the group.
describe('at the same time', { concurrency: true }, () => {
  test('replies do not come: the link is made again, and the group is kept', async (t) => {
    const scene = await withPhone(t);
    const { fake, host, log, hooks } = scene;
    let silent = true;
    fake.behave(() => (silent ? null : undefined));
    await assert.rejects(host.wpa('PING'), { code: 'CONTROL_TIMEOUT' });
    silent = false;
    const began = performance.now();
    await eventually(
      () => fake.attached(DEVICE) && fake.attached(GROUP) && host.status.phase === 'running',
      () => log.lines.join('\n'),
    );
    await hears(scene);
    const seconds = since(began);
    assert.deepEqual(hooks().slice(0, ALONG.length), ALONG);
    assert.ok(!hooks().includes('stop_group') && !hooks().includes('disconnect'), hooks().join());
    assert.ok(!fake.commands.some((command) => command.includes('P2P_GROUP_REMOVE')));
    overcome('replies do not come', 'nothing', seconds);
  });

  test('we are detached without an event: what happened meanwhile is found out', async (t) => {
    const { fake, host, listed, hooks } = await withPhone(t);
    const gone = next(host, 'stationDisconnected');
    const came = next(host, 'stationConnected');
    for (const name of [DEVICE, GROUP]) fake.forgetMonitors(name);
    const began = performance.now();
    listed.delete(STATION);
    listed.add(OTHER);
    for (const event of [`AP-STA-DISCONNECTED ${STATION}`, `AP-STA-CONNECTED ${OTHER}`])
      fake.emit(GROUP, event);
    assert.equal((await gone).station.address, STATION);
    assert.equal((await came).station.address, OTHER);
    await eventually(
      () => fake.attached(DEVICE) && fake.attached(GROUP),
      () => fake.commands.join('\n'),
    );
    const seconds = since(began);
    await eventually(
      () => hooks().length === ALONG.length + 2,
      () => hooks().join(),
    );
    assert.deepEqual(hooks().slice(ALONG.length).sort(), ['connect', 'disconnect']);
    overcome('we are detached', 'time: hooks come at the next heartbeat', seconds);
  });

  test('P2P_GROUP_ADD is answered with OK, and nothing follows: the next attempt succeeds', async (t) => {
    const fake = supplicant(t);
    let deaf = true;
    fake.behave((command) => (deaf && command.startsWith('P2P_GROUP_ADD') ? 'OK' : undefined));
    const hook = hookProgram(temporaryFolder(t));
    const { host, log } = await session(t, fake, {}, { runProgram: hook.path });
    const failed = next(host, 'groupFailed');
    await fake.saw(/P2P_GROUP_ADD/);
    const { reason } = await failed;
    deaf = false;
    const began = performance.now();
    await next(host, 'groupStarted');
    const seconds = since(began);
    assert.equal(log.matching(/^error /).length, 1, log.lines.join('\n'));
    assert.ok(reason.length > 0);
    await eventually(
      () => hook.calls().length === 4,
      () => JSON.stringify(hook.calls()),
    );
    assert.deepEqual(
      hook.calls().map(({ args }) => args[0]),
      ['started', 'start_group', 'stop_group', 'start_group'],
    );
    overcome('P2P_GROUP_ADD is answered with OK, and nothing follows', 'the attempt', seconds);
  });
});

test('datagrams from strangers change nothing', async (t) => {
  const scene = await withPhone(t);
  const { host, hooks } = scene;
  const before = { ...host.status };
  const path = join(temporaryFolder(t), 'stranger');
  const stranger = openUnixDatagram(path, () => {});
  t.after(() => stranger.close());
  const lies = [
    `<3>AP-STA-CONNECTED ${OTHER} p2p_dev_addr=${PHONE}`,
    `<3>AP-STA-DISCONNECTED ${STATION}`,
    `<3>${LINES.groupRemoved}`,
    '<3>CTRL-EVENT-TERMINATING ',
    ...['OK\n', 'FAIL\n', 'PONG\n', '', '\0\xff<9>', 'x'.repeat(50_000)],
  ];
  for (const name of ownSockets())
    for (let round = 0; round < 200; round++)
      for (const lie of lies) {
        // The queue of a socket has ten datagrams.
        if (round % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
        try {
          stranger.send(lie, join(OWN_FOLDER, name));
        } catch {
          // The queue is full.
        }
      }
  const began = performance.now();
  await hears(scene);
  assert.equal((await host.wpa('PING')).trim(), 'PONG');
  const seconds = since(began);
  assert.deepEqual(
    host.stations.map(({ address, deviceAddress }) => [address, deviceAddress]),
    [STATION, OTHER].map((address) => [address, null]),
  );
  assert.deepEqual([host.status.phase, host.status.group], [before.phase, before.group]);
  await eventually(
    () => hooks().length > ALONG.length,
    () => hooks().join(),
  );
  assert.deepEqual(hooks(), [...ALONG, 'connect']);
  overcome('datagrams from strangers', 'nothing', seconds);
});

test('the path of our socket is in use: another one is taken', async (t) => {
  const scene = await withPhone(t);
  const { fake, host, log } = scene;
  const numbers = ownSockets().map((name) => Number(/-(\d+)\.\w+$/.exec(name)?.[1]));
  const first = Math.max(...numbers) + 1;
  const folders = Array.from({ length: 2 }, (_, i) => first + i).flatMap((n) =>
    ['cmd', 'mon'].map((kind) => join(OWN_FOLDER, `${DEVICE}.${process.pid}-${n}.${kind}`)),
  );
  for (const folder of folders) mkdirSync(folder);
  t.after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  fake.terminate();
  const again = next(host, 'groupStarted');
  fake.serve('wlan0', DEVICE);
  const began = performance.now();
  await again;
  await hears(scene);
  assert.ok(
    log.matching(/error our own socket cannot be made .* another program uses that address; waiting$/)
      .length > 0,
    log.lines.join('\n'),
  );
  overcome('the path of our socket is in use', 'nothing', since(began));
});

test('no file descriptor is left: everything works again when there are some', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const hook = hookProgram(temporaryFolder(t));
  const config = configuration(t, fake);
  const program = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', config, '-p', hook.path]);
  await fake.saw(`${GROUP} STA-FIRST`);
  await eventually(
    () => hook.calls().length === 2,
    () => program.stdout,
  );
  const { pid } = program.child;
  assert.ok(pid !== undefined);
  const limit = (most: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`]);
  limit(await firstFree(pid));
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION}`);
  await program.wrote(/hook connect: .*(?:EMFILE|too many open files)/i);
  fake.terminate();
  await program.wrote(/the link to wpa_supplicant is lost/);
  // The sockets of the lost link have made room.
  limit(await firstFree(pid));
  fake.serve('wlan0', DEVICE);
  await program.wrote(/our own socket cannot be made .*too many open files/);
  limit(1024);
  const began = performance.now();
  await fake.saw(`${GROUP} STA-FIRST`, 2);
  fake.emit(GROUP, `AP-STA-CONNECTED ${OTHER}`);
  const calls = () => hook.calls().map(({ args }) => args.join(' '));
  await eventually(
    () => calls().some((call) => call.startsWith(`connect ${OTHER}`)),
    () => calls().join('\n') + program.stdout,
  );
  const seconds = since(began);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.doesNotMatch(program.stdout, /internal error|a listener of/);
  overcome('no file descriptor is left', 'the calls of hooks meanwhile', seconds);
});

/** The lowest descriptor that `pid` does not keep open. The kernel gives the lowest one, so a limit there leaves none. */
async function firstFree(pid: number): Promise<number> {
  const look = () => new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  const kept = look();
  // One that is open for a moment only, as for a file that is being written, is free soon.
  for (let n = 0; n < 20; n++) {
    await delay(25);
    const open = look();
    for (const descriptor of kept) if (!open.has(descriptor)) kept.delete(descriptor);
  }
  return Array.from({ length: kept.size + 1 }, (_, n) => n).find((n) => !kept.has(n)) ?? kept.size;
}
