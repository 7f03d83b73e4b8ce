import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { MAX_PEERS, PeerRegister } from '#src/host/peer-register.js';

const address = (n: number) => `42:00:00:00:${(n >> 8).toString(16)}:${(n & 255).toString(16)}`;

test('the peer that was seen least recently is dropped', () => {
  const peers = new PeerRegister();
  for (let n = 0; n < MAX_PEERS; n++) peers.remember(address(n), `n${n}`, null);
  peers.remember(address(0), 'n0', null);
  peers.remember(address(MAX_PEERS), 'new', null);
  assert.equal(peers.view.size, MAX_PEERS);
  assert.equal(peers.name(address(0)), 'n0');
  assert.equal(peers.name(address(1)), null);
});

test('that holds however often peers are dropped and seen again', () => {
  const peers = new PeerRegister();
  for (let n = 0; n < 3 * MAX_PEERS; n++) {
    peers.remember(address(n), `n${n}`, null);
    // Every seventh stays in sight.
    if (n % 7 === 0) for (let seen = 0; seen <= n; seen += 7 * 50) peers.remember(address(seen), null, null);
  }
  assert.equal(peers.view.size, MAX_PEERS);
  assert.equal(peers.name(address(0)), 'n0');
  assert.equal(peers.name(address(350)), 'n350');
  assert.equal(peers.name(address(1)), null);
  assert.equal(peers.name(address(3 * MAX_PEERS - 1)), `n${3 * MAX_PEERS - 1}`);
});

test('a few peers that are seen again and again do not take more and more memory', () => {
  const peers = new PeerRegister();
  const see = (times: number) => {
    for (let n = 0; n < times; n++) peers.remember(address(n % 30), null, null);
  };
  see(20_000);
  const before = process.memoryUsage().heapUsed;
  see(600_000);
  v8.setFlagsFromString('--expose-gc');
  const gc: unknown = vm.runInNewContext('gc');
  assert.ok(typeof gc === 'function');
  gc();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 10_000_000, `${grown} bytes more`);
});

test('missing fields do not overwrite known ones, and only changes are reported', () => {
  const peers = new PeerRegister();
  assert.deepEqual(peers.remember('a', 'Pixel', null), {
    deviceAddress: 'a',
    name: 'Pixel',
    deviceType: null,
    deviceKind: null,
  });
  assert.equal(peers.remember('a', null, null), null);
  assert.deepEqual(peers.remember('a', null, '10-0050F204-5'), {
    deviceAddress: 'a',
    name: 'Pixel',
    deviceType: '10-0050F204-5',
    deviceKind: 'Smartphone',
  });
});
