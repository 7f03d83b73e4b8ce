import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { explainFailure, explainNoInterface, readControlFolder } from '#src/host/control-folder.js';
import { HostP2pError } from '#src/system/errors.js';
import { neededRights, samePlace } from '#src/system/folders.js';
import { isDevice, isGroup } from '#src/system/interface-names.js';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('finds the P2P device interfaces that a process serves, and leaves out stale sockets', (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['wlan0', 'p2p-dev-wlan0']) writeFileSync(join(folder, name), '');
  for (const name of ['p2p-dev-wlan2', 'p2p-dev-wlan1', 'p2p-wlan1-0', 'wlan1']) {
    const socket = openUnixDatagram(join(folder, name), () => {});
    t.after(() => socket.close());
  }
  assert.deepEqual(readControlFolder(folder), {
    names: ['p2p-dev-wlan0', 'p2p-dev-wlan1', 'p2p-dev-wlan2', 'p2p-wlan1-0', 'wlan0', 'wlan1'],
    devices: ['p2p-dev-wlan1', 'p2p-dev-wlan2'],
  });
});

test('a socket is served also through another spelling of its folder, but not in another folder with the same name', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'run'));
  mkdirSync(join(folder, 'other'));
  symlinkSync('run', join(folder, 'var'));
  const socket = openUnixDatagram(join(folder, 'run', 'p2p-dev-wlan0'), () => {});
  t.after(() => socket.close());
  writeFileSync(join(folder, 'other', 'p2p-dev-wlan0'), '');
  const served = (name: string) => {
    const found = readControlFolder(join(folder, name));
    return 'error' in found ? found.error : found.devices;
  };
  assert.deepEqual(served('var'), ['p2p-dev-wlan0']);
  assert.deepEqual(served('other'), []);
});

test('the kind of an interface follows from its name', () => {
  const names = ['p2p-dev-wlan0', 'p2p-wlan0-0', 'p2p-0', 'wlan0', 'p2pradio'];
  assert.deepEqual(names.filter(isDevice), ['p2p-dev-wlan0']);
  assert.deepEqual(names.filter(isGroup), ['p2p-wlan0-0', 'p2p-0']);
});

test('two paths are the same place only if both folders exist', (t) => {
  const folder = temporaryFolder(t);
  symlinkSync('.', join(folder, 'here'));
  assert.equal(samePlace(join(folder, 'a'), join(folder, 'here', 'a')), true);
  assert.equal(samePlace(join(folder, 'a'), join(folder, 'here', 'b')), false);
  assert.equal(samePlace(join(folder, 'none', 'a'), join(folder, 'none', 'a')), false);
});

function folderWith(t: TestContext, ...names: readonly string[]): string {
  const folder = temporaryFolder(t);
  for (const name of names) writeFileSync(join(folder, name), '');
  return folder;
}

test('a missing folder: wpa_supplicant does not run, or has its sockets elsewhere', (t) => {
  const folder = join(folderWith(t), 'none');
  const found = readControlFolder(folder);
  assert.ok('error' in found);
  assert.equal(found.error.code, 'CONTROL_UNAVAILABLE');
  assert.match(found.error.message, /not running.*ctrl_interface/);
  const error = new HostP2pError('CONTROL_UNAVAILABLE', 'x');
  assert.match(explainFailure(error, folder, 'p2p-dev-wlan0').message, /not running/);
});

test('a missing socket: the others in the folder are named', (t) => {
  const folder = folderWith(t, 'p2p-dev-wlan1', 'wlan1');
  const told = explainFailure(
    new HostP2pError('CONTROL_UNAVAILABLE', 'nobody answers'),
    folder,
    'p2p-dev-wlan0',
  );
  assert.match(told.message, /nobody answers; in .* there are: p2p-dev-wlan1, wlan1/);
});

test('no permission: the user and group of the socket are named', (t) => {
  const folder = folderWith(t);
  const socket = join(folder, 'p2p-dev-wlan0');
  mkdirSync(socket);
  chmodSync(socket, 0o770);
  const told = explainFailure(new HostP2pError('CONTROL_DENIED', 'x'), folder, 'p2p-dev-wlan0');
  assert.match(told.message, new RegExp(`${socket}: permission denied; .*is for user`));
  assert.match(neededRights(join(folder, 'none')), /run as root/);
});

test('auto finds no interface: the reason for each socket, and what is expected', () => {
  const silent = new HostP2pError('CONTROL_TIMEOUT', '/ctrl/wlan1: no reply within 2 s');
  const unfit = new Map<string, string | HostP2pError>([
    ['wlan0', 'does none'],
    ['wlan1', silent],
  ]);
  const told = explainNoInterface('/ctrl', unfit);
  assert.equal(told.code, 'CONTROL_UNAVAILABLE');
  assert.match(
    told.message,
    /in \/ctrl \(wlan0 does none; \/ctrl\/wlan1: no reply within 2 s\); expected .*p2p-dev-\*.*P2P-device.*p2p_device_address/,
  );
  assert.match(explainNoInterface('/ctrl', new Map()).message, /in \/ctrl \(it is empty\)/);
});

test('auto finds no interface, and one socket may not be opened: the error is the missing permission', (t) => {
  const folder = folderWith(t, 'wlan0');
  const denied = new HostP2pError('CONTROL_DENIED', 'x');
  const unfit = new Map<string, string | HostP2pError>([
    ['lo', 'does none'],
    ['wlan0', denied],
  ]);
  const told = explainNoInterface(folder, unfit);
  assert.equal(told.code, 'CONTROL_DENIED');
  assert.match(told.message, /lo does none; .*\/wlan0: permission denied; .*is for user/);
});
