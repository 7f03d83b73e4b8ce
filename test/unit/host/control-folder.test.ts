import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDevice, isGroup, readControlFolder } from '#src/host/control-folder.js';
import { samePlace } from '#src/system/same-place.js';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('the P2P device interfaces that somebody serves, apart from what a crash left behind', (t) => {
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

test('a socket is served also where its folder has another spelling, and not where another folder has the name', (t) => {
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

test('the name of an interface tells what it is for', () => {
  const names = ['p2p-dev-wlan0', 'p2p-wlan0-0', 'p2p-0', 'wlan0', 'p2pradio'];
  assert.deepEqual(names.filter(isDevice), ['p2p-dev-wlan0']);
  assert.deepEqual(names.filter(isGroup), ['p2p-wlan0-0', 'p2p-0']);
});

test('the same place needs the same name in folders that are there', (t) => {
  const folder = temporaryFolder(t);
  symlinkSync('.', join(folder, 'here'));
  assert.equal(samePlace(join(folder, 'a'), join(folder, 'here', 'a')), true);
  assert.equal(samePlace(join(folder, 'a'), join(folder, 'here', 'b')), false);
  assert.equal(samePlace(join(folder, 'none', 'a'), join(folder, 'none', 'a')), false);
});
