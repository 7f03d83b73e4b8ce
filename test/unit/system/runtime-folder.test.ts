import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareFolder, runtimeFolder } from '#src/control/socket-file.js';
import { pidFolder } from '#src/daemon/pid-file.js';
import { runtimeFolders } from '#src/system/folders.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('every user of the runtime folder refuses a relative path in the environment, with the same error', () => {
  const cases = [
    [{ XDG_RUNTIME_DIR: 'rel' }, 1000, /XDG_RUNTIME_DIR: expected an absolute path, got "rel"; set it/],
    [{ XDG_RUNTIME_DIR: '' }, 1000, /XDG_RUNTIME_DIR is not set; set it/],
    [{ HOSTP2PD_RUNTIME_DIR: 'rel' }, 0, /HOSTP2PD_RUNTIME_DIR: expected an absolute path, got "rel"$/],
    [
      { HOSTP2PD_RUNTIME_DIR: './rel', XDG_RUNTIME_DIR: '/run/user/1000' },
      1000,
      /HOSTP2PD_RUNTIME_DIR: expected/,
    ],
  ] as const;
  for (const [environment, uid, words] of cases) {
    const folders = runtimeFolders(environment, uid);
    assert.match('problem' in folders ? folders.problem : '', words);
    assert.throws(() => pidFolder(environment, uid), words);
    assert.throws(() => runtimeFolder(environment, uid), words);
  }
  // Our ends of the control links need no fixed place: a private folder will do, but never one below the working directory.
  assert.equal(ClientFolder.place({ XDG_RUNTIME_DIR: 'rel' }, 1000), null);
  assert.equal(ClientFolder.place({ HOSTP2PD_RUNTIME_DIR: '/tmp/x' }, 0), '/run/hostp2pd');
});

test('a folder that another user controls is refused for every kind of socket', (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  mkdirSync(path('target'));
  symlinkSync(path('target'), path('link'));
  writeFileSync(path('file'), '');
  mkdirSync(path('open'));
  chmodSync(path('open'), 0o777);
  const cases: [string, RegExp][] = [
    ['link', /expected a folder, got a symbolic link/],
    ['file', /expected a folder, got a file/],
    ['open', /any user may write to it; chmod o-w/],
  ];
  if (process.getuid?.() === 0) {
    mkdirSync(path('foreign'));
    chownSync(path('foreign'), 65_534, 65_534);
    cases.push(['foreign', /expected a folder of our own, got one of another user \(uid 65534\)/]);
  }
  for (const [name, words] of cases) {
    assert.throws(() => ClientFolder.at(path(name)), words);
    assert.throws(() => prepareFolder(path(name), null), words);
  }
});
