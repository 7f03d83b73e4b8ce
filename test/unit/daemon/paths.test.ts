import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interfaceOf, pidFileIn, pidFolder, pidFoldersToSearch } from '#src/daemon/paths.js';

test('PID files of root are in /var/run, those of others in XDG_RUNTIME_DIR, unless a folder is named', () => {
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.deepEqual(pidFolder(environment, 0), { folder: '/var/run' });
  assert.deepEqual(pidFolder(environment, 1000), { folder: '/run/user/1000' });
  for (const uid of [0, 1000]) {
    assert.deepEqual(pidFolder({ ...environment, HOSTP2PD_RUNTIME_DIR: '/tmp/x' }, uid), {
      folder: '/tmp/x',
    });
  }
  assert.deepEqual(pidFolder({ ...environment, HOSTP2PD_RUNTIME_DIR: '' }, 0), { folder: '/var/run' });
});

test('a user without XDG_RUNTIME_DIR is told what to set; a relative one does not count', () => {
  for (const [value, found] of [
    [undefined, /XDG_RUNTIME_DIR is not set/],
    ['', /XDG_RUNTIME_DIR is not set/],
    ['run', /XDG_RUNTIME_DIR: expected an absolute path, got "run"/],
  ] as const) {
    const place = pidFolder({ XDG_RUNTIME_DIR: value }, 1000);
    assert.ok('problem' in place);
    assert.match(place.problem, found);
    assert.match(place.problem, /HOSTP2PD_RUNTIME_DIR/);
  }
});

test("a user's daemon is looked for in his folder, then root's in that of root", () => {
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.deepEqual(pidFoldersToSearch(environment, 1000), ['/run/user/1000', '/var/run']);
  assert.deepEqual(pidFoldersToSearch({}, 1000), ['/var/run']);
  assert.deepEqual(pidFoldersToSearch(environment, 0), ['/var/run']);
  assert.deepEqual(pidFoldersToSearch({ HOSTP2PD_RUNTIME_DIR: '/tmp/x' }, 1000), ['/tmp/x']);
});

test('the name of a PID file tells the interface', () => {
  assert.equal(pidFileIn('/var/run', 'p2p-dev-wlan0'), '/var/run/hostp2pd-p2p-dev-wlan0.pid');
  assert.equal(interfaceOf('hostp2pd-p2p-dev-wlan0.pid'), 'p2p-dev-wlan0');
  for (const other of ['hostp2pd-.pid', 'hostp2pd.pid', 'hostp2pd-wlan0.pid.12.tmp', 'sshd.pid'])
    assert.equal(interfaceOf(other), null, other);
});
