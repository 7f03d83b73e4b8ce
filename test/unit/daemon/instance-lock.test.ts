import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { InstanceLock } from '#src/daemon/instance-lock.js';
import { socketHolder } from '#src/daemon/listening-socket.js';
import { lockAddress } from '#src/daemon/paths.js';
import { HostP2pError } from '#src/system/errors.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const held = (reason: RegExp) => (error: unknown) =>
  error instanceof HostP2pError && error.code === 'ALREADY_RUNNING' && reason.test(error.message);

const here = (t: TestContext) => ({ HOSTP2PD_RUNTIME_DIR: temporaryFolder(t) });

test('one at a time for each interface, and again after the release', async (t) => {
  const environment = here(t);
  const lock = await InstanceLock.take('wlan0', environment);
  const other = await InstanceLock.take('wlan1', environment);
  await assert.rejects(InstanceLock.take('wlan0', environment), held(/^wlan0: .*pid/));
  await lock.release();
  await (await InstanceLock.take('wlan0', environment)).release();
  await other.release();
});

test('of many at once exactly one gets it', async (t) => {
  const environment = here(t);
  const tries = await Promise.allSettled(
    Array.from({ length: 20 }, () => InstanceLock.take('wlan0', environment)),
  );
  const won = tries.filter((attempt) => attempt.status === 'fulfilled');
  assert.equal(won.length, 1);
  await won[0]?.value.release();
});

test('the holder is named: this process is no hostp2pd by its name', async (t) => {
  const environment = here(t);
  const lock = await InstanceLock.take('wlan0', environment);
  assert.equal(socketHolder(lockAddress('wlan0', environment)), process.pid);
  await assert.rejects(
    InstanceLock.take('wlan0', environment),
    held(new RegExp(`held by .*, pid ${process.pid}, which is no hostp2pd`)),
  );
  const title = process.title;
  process.title = 'hostp2pd';
  await assert.rejects(
    InstanceLock.take('wlan0', environment),
    held(new RegExp(`wlan0: already running, pid ${process.pid}$`)),
  );
  process.title = title;
  await lock.release();
});

test('it is free as soon as the holder is dead, however it died', async (t) => {
  const environment = here(t);
  const script =
    `require('node:net').createServer().listen(${JSON.stringify(lockAddress('wlan0', environment))}, ` +
    `() => console.log('held'))`;
  const child = spawn(process.execPath, ['-e', script]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await assert.rejects(InstanceLock.take('wlan0', environment), held(new RegExp(`pid ${child.pid},`)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await InstanceLock.take('wlan0', environment)).release();
});

test('whoever connects is shown out, and holds up nothing', async (t) => {
  const environment = here(t);
  const lock = await InstanceLock.take('wlan0', environment);
  const visitor = connect(lockAddress('wlan0', environment));
  await once(visitor, 'close');
  await lock.release();
});

test('its name fills a socket address, so that every version of Node binds the same; long names too', async (t) => {
  assert.equal(lockAddress('p2p-dev-wlan0', {}), '\0hostp2pd/p2p-dev-wlan0'.padEnd(108, '/'));
  const long = 'x'.repeat(200);
  for (const name of ['wlan0', 'wlän0', long]) {
    for (const environment of [{}, here(t)]) {
      const address = lockAddress(name, environment);
      assert.equal(Buffer.byteLength(address), 108);
      // libuv refuses any but the first.
      assert.equal(address.lastIndexOf('\0'), 0);
    }
  }
  assert.notEqual(lockAddress(long, {}), lockAddress(`${long}y`, {}));
  assert.notEqual(lockAddress('wlan0', here(t)), lockAddress('wlan0', here(t)));
});

test('a name that merely begins like ours is no lock of ours', async (t) => {
  const environment = here(t);
  const server = createServer().listen(lockAddress('wlan00', environment));
  await once(server, 'listening');
  assert.equal(socketHolder(lockAddress('wlan0', environment)), null);
  await (await InstanceLock.take('wlan0', environment)).release();
  server.close();
});
