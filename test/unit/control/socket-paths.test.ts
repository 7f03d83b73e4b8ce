import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientFolders, controlSockets } from '#src/control/find-socket.js';
import { runtimeFolder, socketPath } from '#src/control/socket-file.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('root has the folder of the system, other users have their own', () => {
  const xdg = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.equal(runtimeFolder(xdg, 0), '/run/hostp2pd');
  assert.equal(runtimeFolder(xdg, 1000), '/run/user/1000/hostp2pd');
  assert.equal(runtimeFolder({ HOSTP2PD_RUNTIME_DIR: '/srv/box', ...xdg }, 0), '/srv/box');
  assert.equal(runtimeFolder({ HOSTP2PD_RUNTIME_DIR: '/srv/box', ...xdg }, 1000), '/srv/box');
  assert.equal(runtimeFolder({ HOSTP2PD_RUNTIME_DIR: '' }, 0), '/run/hostp2pd');
});

test('without a folder for the user, or with a relative path, the error says what to set', () => {
  for (const environment of [{}, { XDG_RUNTIME_DIR: '' }, { XDG_RUNTIME_DIR: 'run' }]) {
    assert.throws(() => runtimeFolder(environment, 1000), {
      code: 'SOCKET_PATH',
      message: /HOSTP2PD_RUNTIME_DIR/,
    });
  }
  assert.throws(() => runtimeFolder({ HOSTP2PD_RUNTIME_DIR: 'run' }, 0), {
    code: 'SOCKET_PATH',
    message: /expected an absolute path, got "run"/,
  });
});

test('a client looks for a daemon of its own user first, then for that of root', () => {
  const xdg = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.deepEqual(clientFolders(xdg, 1000), ['/run/user/1000/hostp2pd', '/run/hostp2pd']);
  assert.deepEqual(clientFolders({}, 1000), ['/run/hostp2pd']);
  assert.deepEqual(clientFolders(xdg, 0), ['/run/hostp2pd']);
  assert.deepEqual(clientFolders({ HOSTP2PD_RUNTIME_DIR: '/srv/box' }, 1000), ['/srv/box']);
});

test('a path contains the interface, and must not be longer than the kernel allows', () => {
  assert.equal(socketPath('p2p-dev-wlan0', '/run/hostp2pd'), '/run/hostp2pd/p2p-dev-wlan0.sock');
  const fits = `/${'x'.repeat(107 - '//wlan0.sock'.length)}`;
  assert.equal(Buffer.byteLength(socketPath('wlan0', fits)), 107);
  assert.throws(() => socketPath('wlan0', `${fits}y`), {
    code: 'SOCKET_PATH',
    message: /108 bytes; the kernel takes 107/,
  });
  assert.throws(() => socketPath('wlan0', fits.replace(/xx$/, 'üü')), {
    code: 'SOCKET_PATH',
    message: /109 bytes/,
  });
  for (const name of ['', '..', '../x', 'a/b', 'a b', 'a\0', '.hidden']) {
    assert.throws(() => socketPath(name, '/run'), { code: 'USAGE' }, JSON.stringify(name));
  }
});

test('lists the existing sockets and nothing else', async (t) => {
  const folder = temporaryFolder(t);
  const names = ['wlan1.sock', 'p2p-dev-wlan0.sock', 'p2p-dev-wlan0.12-0.cmd', '.sock'];
  for (const name of names) {
    const server = createServer().listen(join(folder, name));
    await new Promise((resolve) => server.once('listening', resolve));
    t.after(() => server.close());
  }
  writeFileSync(join(folder, 'file.sock'), '');
  mkdirSync(join(folder, 'folder.sock'));
  assert.deepEqual(controlSockets([join(folder, 'nowhere'), folder]), [
    { interface: 'p2p-dev-wlan0', path: join(folder, 'p2p-dev-wlan0.sock') },
    { interface: 'wlan1', path: join(folder, 'wlan1.sock') },
  ]);
});
