import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownFolders } from '#src/host/folders.js';

test('the folders that are used are those that are told', () => {
  assert.deepEqual(ownFolders({ state_folder: null }, {}, 0), {
    state: '/var/lib/hostp2pd',
    sockets: '/run/hostp2pd',
  });
  assert.deepEqual(ownFolders({ state_folder: '/srv/p2p' }, { XDG_RUNTIME_DIR: '/run/user/7' }, 7), {
    state: '/srv/p2p',
    sockets: '/run/user/7/hostp2pd',
  });
  assert.equal(ownFolders({ state_folder: '/srv/p2p' }, {}, 7).sockets, null, 'a private one');
});
