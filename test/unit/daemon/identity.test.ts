import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { takeInstanceLock } from '#src/daemon/identity.js';
import { lockAddress } from '#src/daemon/lock-address.js';
import { HostP2pError } from '#src/system/errors.js';
import { listenerOf } from '#src/system/processes.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const held = (reason: RegExp) => (error: unknown) =>
  error instanceof HostP2pError && error.code === 'ALREADY_RUNNING' && reason.test(error.message);

const here = (t: TestContext) => ({ HOSTP2PD_RUNTIME_DIR: temporaryFolder(t) });

test('one holder at a time for each interface, and the next one after the release', async (t) => {
  const environment = here(t);
  const release = await takeInstanceLock('wlan0', environment);
  const releaseOther = await takeInstanceLock('wlan1', environment);
  await assert.rejects(takeInstanceLock('wlan0', environment), held(/^wlan0: .*pid/));
  await release();
  await (await takeInstanceLock('wlan0', environment))();
  await releaseOther();
});

test('of many processes at once exactly one gets the lock', async (t) => {
  const environment = here(t);
  const tries = await Promise.allSettled(
    Array.from({ length: 20 }, () => takeInstanceLock('wlan0', environment)),
  );
  const won = tries.filter((attempt) => attempt.status === 'fulfilled');
  assert.equal(won.length, 1);
  await won[0]?.value();
});

test('the error names the holder; this process has another name', async (t) => {
  const environment = here(t);
  const release = await takeInstanceLock('wlan0', environment);
  assert.equal(listenerOf(lockAddress('wlan0', environment)), process.pid);
  await assert.rejects(
    takeInstanceLock('wlan0', environment),
    held(new RegExp(`held by .*, pid ${process.pid}, which is not hostp2pd`)),
  );
  const title = process.title;
  process.title = 'hostp2pd';
  await assert.rejects(
    takeInstanceLock('wlan0', environment),
    held(new RegExp(`wlan0: already running, pid ${process.pid}$`)),
  );
  process.title = title;
  await release();
});

test('the lock is free as soon as the holder is dead, however it died', async (t) => {
  const environment = here(t);
  const script =
    `require('node:net').createServer().listen(${JSON.stringify(lockAddress('wlan0', environment))}, ` +
    `() => console.log('held'))`;
  const child = spawn(process.execPath, ['-e', script]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await assert.rejects(takeInstanceLock('wlan0', environment), held(new RegExp(`pid ${child.pid},`)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await takeInstanceLock('wlan0', environment))();
});

test('a client that connects is disconnected and blocks nothing', async (t) => {
  const environment = here(t);
  const release = await takeInstanceLock('wlan0', environment);
  const visitor = connect(lockAddress('wlan0', environment));
  await once(visitor, 'close');
  await release();
});

test('its name fills the socket address, so that every version of Node binds the same one; also for long names', async (t) => {
  assert.equal(lockAddress('p2p-dev-wlan0', {}), '\0hostp2pd/p2p-dev-wlan0'.padEnd(108, '/'));
  const long = 'x'.repeat(200);
  const odd = { HOSTP2PD_RUNTIME_DIR: '/run/two\nlines' };
  for (const name of ['wlan0', 'wlän0', long]) {
    for (const environment of [{}, here(t), odd]) {
      const address = lockAddress(name, environment);
      assert.equal(Buffer.byteLength(address), 108);
      // libuv refuses all but the first.
      assert.equal(address.lastIndexOf('\0'), 0);
      // The kernel lists it in one line.
      assert.ok(!address.includes('\n'));
    }
  }
  assert.notEqual(lockAddress(long, {}), lockAddress(`${long}y`, {}));
  assert.notEqual(lockAddress('wlan0', here(t)), lockAddress('wlan0', here(t)));
});

test('a socket name that only begins like ours is no lock', async (t) => {
  const environment = here(t);
  const server = createServer().listen(lockAddress('wlan00', environment));
  await once(server, 'listening');
  assert.equal(listenerOf(lockAddress('wlan0', environment)), null);
  await (await takeInstanceLock('wlan0', environment))();
  server.close();
});
