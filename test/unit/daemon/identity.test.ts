import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { takeInstanceLock } from '#src/daemon/identity.js';
import { HostP2pError } from '#src/system/errors.js';
import { isLockOf, lockAddress, USUAL_CONTROL_FOLDER } from '#src/system/lock-address.js';
import { listenerOf } from '#src/system/processes.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const held = (reason: RegExp) => (error: unknown) =>
  error instanceof HostP2pError && error.code === 'ALREADY_RUNNING' && reason.test(error.message);

/** A folder of wpa_supplicant, and of PID files. */
const here = (t: TestContext) => temporaryFolder(t);
const take = (name: string, folder: string) =>
  takeInstanceLock(name, folder, { HOSTP2PD_RUNTIME_DIR: folder });

test('one holder at a time for each interface, and the next one after the release', async (t) => {
  const folder = here(t);
  const release = await take('wlan0', folder);
  const releaseOther = await take('wlan1', folder);
  await assert.rejects(take('wlan0', folder), held(/^wlan0: .*pid/));
  await release();
  await (await take('wlan0', folder))();
  await releaseOther();
});

test('of many processes at once exactly one gets the lock', async (t) => {
  const folder = here(t);
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => take('wlan0', folder)));
  const won = tries.filter((attempt) => attempt.status === 'fulfilled');
  assert.equal(won.length, 1);
  await won[0]?.value();
});

test('the error names the holder; this process has another name', async (t) => {
  const folder = here(t);
  const release = await take('wlan0', folder);
  assert.equal(listenerOf(lockAddress('wlan0', folder)), process.pid);
  await assert.rejects(
    take('wlan0', folder),
    held(new RegExp(`held by .*, pid ${process.pid}, which is not hostp2pd`)),
  );
  const title = process.title;
  process.title = 'hostp2pd';
  await assert.rejects(
    take('wlan0', folder),
    held(new RegExp(`wlan0: already running, pid ${process.pid}$`)),
  );
  process.title = title;
  await release();
});

test('the lock is free as soon as the holder is dead, however it died', async (t) => {
  const folder = here(t);
  const script =
    `require('node:net').createServer().listen(${JSON.stringify(lockAddress('wlan0', folder))}, ` +
    `() => console.log('held'))`;
  const child = spawn(process.execPath, ['-e', script]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await assert.rejects(take('wlan0', folder), held(new RegExp(`pid ${child.pid},`)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await take('wlan0', folder))();
});

test('a client that connects is disconnected and blocks nothing', async (t) => {
  const folder = here(t);
  const release = await take('wlan0', folder);
  const visitor = connect(lockAddress('wlan0', folder));
  await once(visitor, 'close');
  await release();
});

test('its name fills the socket address, so that every version of Node binds the same one; also for long names', async (t) => {
  const usual = '\0hostp2pd/p2p-dev-wlan0'.padEnd(108, '/');
  for (const folder of [USUAL_CONTROL_FOLDER, `${USUAL_CONTROL_FOLDER}/`])
    assert.equal(lockAddress('p2p-dev-wlan0', folder), usual);
  const long = 'x'.repeat(200);
  for (const name of ['wlan0', 'wlän0', long]) {
    for (const folder of [USUAL_CONTROL_FOLDER, here(t), '/run/two\nlines', `/${long}`]) {
      const address = lockAddress(name, folder);
      assert.equal(Buffer.byteLength(address), 108);
      // libuv refuses all but the first.
      assert.equal(address.lastIndexOf('\0'), 0);
      // The kernel lists it in one line.
      assert.ok(!address.includes('\n'));
      assert.ok(isLockOf(name, address));
      for (const other of ['wlan', 'wlan00', `${long}y`]) assert.ok(!isLockOf(other, address));
    }
  }
  assert.notEqual(lockAddress(long, USUAL_CONTROL_FOLDER), lockAddress(`${long}y`, USUAL_CONTROL_FOLDER));
  assert.notEqual(lockAddress('wlan0', here(t)), lockAddress('wlan0', here(t)));
  assert.notEqual(lockAddress('wlan0', `/${long}`), lockAddress('wlan0', `/${long}y`));
});

test('links to the folder of wpa_supplicant lead to the same lock, also before it exists', (t) => {
  const folder = here(t);
  symlinkSync(folder, join(folder, 'link'));
  assert.equal(lockAddress('wlan0', join(folder, 'link')), lockAddress('wlan0', folder));
  const [later, byLink] = [join(folder, 'later'), join(folder, 'link/later')];
  const before = lockAddress('wlan0', byLink);
  assert.equal(before, lockAddress('wlan0', later));
  mkdirSync(later);
  assert.equal(before, lockAddress('wlan0', later));
});

test('wherever an instance has its own files, it excludes the others', async (t) => {
  const folder = here(t);
  const release = await takeInstanceLock('wlan0', folder, { HOSTP2PD_RUNTIME_DIR: here(t) });
  await assert.rejects(take('wlan0', folder), held(/^wlan0: /));
  await release();
});

test('a socket name that only begins like ours is no lock', async (t) => {
  const folder = here(t);
  const server = createServer().listen(lockAddress('wlan00', folder));
  await once(server, 'listening');
  assert.equal(listenerOf(lockAddress('wlan0', folder)), null);
  await (await take('wlan0', folder))();
  server.close();
});
