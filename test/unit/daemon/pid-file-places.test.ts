import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interfaceOf, pidFileIn, pidFolder } from '#src/daemon/pid-file.js';
import { foldersToSearch } from '#src/system/folders.js';

test('PID files of root are in /var/run, those of other users in XDG_RUNTIME_DIR, unless a folder is set', () => {
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.equal(pidFolder(environment, 0), '/var/run');
  assert.equal(pidFolder(environment, 1000), '/run/user/1000');
  for (const uid of [0, 1000]) {
    assert.equal(pidFolder({ ...environment, HOSTP2PD_RUNTIME_DIR: '/tmp/x' }, uid), '/tmp/x');
  }
  assert.equal(pidFolder({ ...environment, HOSTP2PD_RUNTIME_DIR: '' }, 0), '/var/run');
});

test('without XDG_RUNTIME_DIR, or with a relative one, the error says what to set', () => {
  for (const [value, found] of [
    [undefined, /XDG_RUNTIME_DIR is not set/],
    ['', /XDG_RUNTIME_DIR is not set/],
    ['run', /XDG_RUNTIME_DIR: expected an absolute path, got "run"/],
  ] as const) {
    for (const message of [found, /HOSTP2PD_RUNTIME_DIR/]) {
      assert.throws(() => pidFolder({ XDG_RUNTIME_DIR: value }, 1000), { code: 'PID_FILE', message });
    }
  }
});

test("a daemon is looked for in the user's folder, then in that of root", () => {
  const searched = (environment: NodeJS.ProcessEnv, uid: number) =>
    foldersToSearch(environment, uid).map(({ pids }) => pids);
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.deepEqual(searched(environment, 1000), ['/run/user/1000', '/var/run']);
  assert.deepEqual(searched({}, 1000), ['/var/run']);
  assert.deepEqual(searched(environment, 0), ['/var/run']);
  assert.deepEqual(searched({ HOSTP2PD_RUNTIME_DIR: '/tmp/x' }, 1000), ['/tmp/x']);
  assert.throws(() => searched({ HOSTP2PD_RUNTIME_DIR: 'x' }, 1000), { code: 'SOCKET_PATH' });
});

test('the name of a PID file contains the interface', () => {
  assert.equal(pidFileIn('/var/run', 'p2p-dev-wlan0'), '/var/run/hostp2pd-p2p-dev-wlan0.pid');
  assert.equal(interfaceOf('hostp2pd-p2p-dev-wlan0.pid'), 'p2p-dev-wlan0');
  for (const other of ['hostp2pd-.pid', 'hostp2pd.pid', 'hostp2pd-wlan0.pid.12.tmp', 'sshd.pid'])
    assert.equal(interfaceOf(other), null, other);
});
