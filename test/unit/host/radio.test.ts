import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { managedByNetworkManager, radioBlock } from '#src/host/radio.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('the rfkill switch of the radio itself counts, not that of another', (t) => {
  const root = temporaryFolder(t);
  const write = (folder: string, files: Readonly<Record<string, string>>): void => {
    mkdirSync(join(root, 'sys/class', folder), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(root, 'sys/class', folder, name), `${text}\n`);
  };
  assert.equal(radioBlock('p2p-dev-wlan0', root), null);
  write('net/wlan0/phy80211', { name: 'phy0' });
  assert.equal(radioBlock('p2p-dev-wlan0', root), null);
  write('rfkill/rfkill0', { name: 'phy1', soft: '1', hard: '1' });
  write('rfkill/rfkill1', { name: 'phy0', soft: '0', hard: '0' });
  assert.equal(radioBlock('p2p-dev-wlan0', root), null);
  write('rfkill/rfkill1', { soft: '1' });
  assert.equal(radioBlock('p2p-dev-wlan0', root), 'software');
  assert.equal(radioBlock('wlan0', root), 'software');
  write('rfkill/rfkill1', { hard: '1' });
  assert.equal(radioBlock('p2p-dev-wlan0', root), 'hardware');
});

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
