import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HostP2pError } from '#src/errors.js';
import { explain, findInterface, neededRights } from '#src/host/waiting.js';
import { openUnixDatagram } from '#src/transport/unix-datagram.js';

function folderOf(t: TestContext, ...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hostp2pd-waiting-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) writeFileSync(join(folder, name), '');
  return folder;
}

test('auto: the first P2P device, and the others beside it', (t) => {
  const folder = folderOf(t, 'wlan0', 'p2p-dev-wlan1', 'p2p-dev-wlan0', 'p2p-wlan0-0');
  assert.deepEqual(findInterface(folder), { interface: 'p2p-dev-wlan0', others: ['p2p-dev-wlan1'] });
});

test('auto without a P2P device says what there is instead', (t) => {
  const found = findInterface(folderOf(t, 'wlan0'));
  assert.ok('error' in found);
  assert.equal(found.error.code, 'CONTROL_UNAVAILABLE');
  assert.match(found.error.message, /p2p-dev-\*.*wlan0.*P2P-device/);
});

test('a folder that is not there: wpa_supplicant does not run, or serves elsewhere', (t) => {
  const folder = join(folderOf(t), 'none');
  const found = findInterface(folder);
  assert.ok('error' in found);
  assert.match(found.error.message, /not running.*ctrl_interface/);
  const error = new HostP2pError('CONTROL_UNAVAILABLE', 'x');
  assert.match(explain(error, folder, 'p2p-dev-wlan0').message, /not running/);
});

test('a missing socket: the others in the folder are named', (t) => {
  const folder = folderOf(t, 'p2p-dev-wlan1', 'wlan1');
  const told = explain(new HostP2pError('CONTROL_UNAVAILABLE', 'nobody answers'), folder, 'p2p-dev-wlan0');
  assert.match(told.message, /nobody answers; in .* there are: p2p-dev-wlan1, wlan1/);
});

test('no permission: user and group that the socket asks for are named', (t) => {
  const folder = folderOf(t);
  const socket = join(folder, 'p2p-dev-wlan0');
  mkdirSync(socket);
  chmodSync(socket, 0o770);
  const told = explain(new HostP2pError('CONTROL_DENIED', 'x'), folder, 'p2p-dev-wlan0');
  assert.match(told.message, new RegExp(`${socket}: permission denied; .*is for user`));
  assert.match(neededRights(join(folder, 'none')), /run as root/);
});

test('auto prefers a socket that somebody serves to one that a crash left behind', (t) => {
  const folder = folderOf(t, 'p2p-dev-wlan0');
  const socket = openUnixDatagram(join(folder, 'p2p-dev-wlan1'), () => {});
  t.after(() => socket.close());
  assert.deepEqual(findInterface(folder), { interface: 'p2p-dev-wlan1', others: [] });
});
