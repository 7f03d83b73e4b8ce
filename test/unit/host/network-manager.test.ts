import assert from 'node:assert/strict';
import { test } from 'node:test';
import { managedByNetworkManager } from '#src/host/network-manager.js';

/** `nmcli -t -f DEVICE,STATE device` of NetworkManager 1.52. */
const STATES = `lo:connected (externally)
wlan0:disconnected
p2p-dev-wlan0:disconnected
wlan1:unmanaged
`;

test('every state but "unmanaged" is a managed one', () => {
  const managed = ['wlan0', 'wlan1', 'wlan', 'wlan2'].filter((name) => managedByNetworkManager(STATES, name));
  assert.deepEqual(managed, ['wlan0']);
  assert.equal(managedByNetworkManager('', 'wlan0'), false);
});
