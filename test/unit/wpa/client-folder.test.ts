import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { HostP2pError } from '#src/system/errors.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { openUnixDatagram } from '#src/wpa/unix-datagram.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const socketPath = (pattern: RegExp) => (error: unknown) =>
  error instanceof HostP2pError && error.code === 'SOCKET_PATH' && pattern.test(error.message);

/** The pid of a process that has ended. */
function deadPid(): number {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
  return pid;
}

/** A socket file that no process serves. */
function staleSocket(path: string): void {
  const socket = openUnixDatagram(`${path}.new`, () => {});
  renameSync(`${path}.new`, path);
  socket.close();
}

test('a folder that was removed is created again', (t) => {
  const folder = join(temporaryFolder(t), 'run');
  const clients = ClientFolder.at(folder);
  rmSync(folder, { recursive: true });
  const socket = openUnixDatagram(clients.address('wlan0', 'cmd'), () => {});
  assert.equal(readdirSync(folder).length, 1);
  socket.close();
});

test('a created folder is accessible to others, whatever the umask', (t) => {
  const folder = join(temporaryFolder(t), 'run');
  const former = process.umask(0o077);
  t.after(() => process.umask(former));
  ClientFolder.at(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o755);
});

describe('stale sockets', () => {
  test('are removed if their process has ended', (t) => {
    const folder = temporaryFolder(t);
    const pid = deadPid();
    for (const kind of ['cmd', 'mon']) staleSocket(join(folder, `p2p-dev-wlan0.${pid}-12.${kind}`));
    ClientFolder.at(folder);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('are kept while their process runs, and so are our own', (t) => {
    const folder = temporaryFolder(t);
    const names = [`wlan0.${process.pid}-0.cmd`, `wlan0.${process.ppid}-0.cmd`, 'wlan0.1-0.mon'].sort();
    for (const name of names) staleSocket(join(folder, name));
    ClientFolder.at(folder);
    assert.deepEqual(readdirSync(folder).sort(), names);
  });

  test('are kept if their names do not have our form', (t) => {
    const folder = temporaryFolder(t);
    const pid = deadPid();
    const names = [
      'wlan0',
      `wlan0.${pid}.cmd`,
      `wlan0.${pid}-0.sock`,
      `wlan0.${pid}-0.cmd.bak`,
      `wlan0.${pid}-x.cmd`,
      'wlan0.0-0.cmd',
      'wlan0.99999999999-0.cmd',
    ].sort();
    for (const name of names) staleSocket(join(folder, name));
    ClientFolder.at(folder);
    assert.deepEqual(readdirSync(folder).sort(), names);
  });

  test('files that are no sockets are kept, whatever their names', (t) => {
    const folder = temporaryFolder(t);
    const pid = deadPid();
    writeFileSync(join(folder, `report.${pid}-1.cmd`), 'text');
    mkdirSync(join(folder, `folder.${pid}-1.mon`));
    ClientFolder.at(folder);
    assert.deepEqual(readdirSync(folder).sort(), [`folder.${pid}-1.mon`, `report.${pid}-1.cmd`]);
  });

  test('are kept if the folder may be written but not listed', (t) => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o300);
    try {
      assert.equal(ClientFolder.at(folder).path, folder);
    } finally {
      chmodSync(folder, 0o700);
    }
  });
});

describe('addresses', () => {
  test('contain the interface, the process and the kind, and can be bound', (t) => {
    const folder = ClientFolder.at(temporaryFolder(t));
    const address = folder.address('p2p-dev-wlan0', 'mon');
    assert.equal(dirname(address), folder.path);
    assert.match(address, new RegExp(`/p2p-dev-wlan0\\.${process.pid}-\\d+\\.mon$`));
    const socket = openUnixDatagram(address, () => {});
    socket.close();
  });

  test('are unique in a process, also with a second object for the folder', (t) => {
    const path = temporaryFolder(t);
    const folders = [ClientFolder.at(path), ClientFolder.at(path)];
    const given = Array.from({ length: 20 }, () =>
      folders.map((folder) => folder.address('wlan0', 'cmd')),
    ).flat();
    assert.equal(new Set(given).size, given.length);
  });

  test('that are too long are refused, with both lengths', (t) => {
    const deep = join(temporaryFolder(t), 'x'.repeat(100));
    const folder = ClientFolder.at(deep);
    const bytes = /expected a socket address of at most 107 bytes, got 1\d\d$/;
    assert.throws(() => folder.address('p2p-dev-wlan0', 'cmd'), socketPath(bytes));
  });

  test('of exactly 107 bytes are allowed', (t) => {
    const base = temporaryFolder(t);
    const probe = ClientFolder.at(base).address('', 'cmd');
    const nextNumber = (Number(/-(\d+)\.cmd$/.exec(probe)?.[1]) + 1).toString();
    const tail = `.${process.pid}-${nextNumber}.cmd`;
    const name = 'x'.repeat(107 - Buffer.byteLength(join(base, tail)));
    const address = ClientFolder.at(base).address(name, 'cmd');
    assert.equal(Buffer.byteLength(address), 107);
    assert.throws(() => ClientFolder.at(base).address(`${name}x`, 'cmd'), socketPath(/got 108$/));
  });
});

describe('the folder', () => {
  test('is created in $XDG_RUNTIME_DIR for users other than root, and kept', (t) => {
    const runtime = temporaryFolder(t);
    const folder = ClientFolder.open({ XDG_RUNTIME_DIR: runtime }, 1_000);
    assert.equal(folder.path, join(runtime, 'hostp2pd'));
    assert.ok(statSync(folder.path).isDirectory());
    folder.close();
    assert.ok(existsSync(folder.path));
  });

  test('is a private temporary one without that variable, and removed by close', () => {
    const folder = ClientFolder.open({}, 1_000);
    assert.equal(dirname(folder.path), tmpdir());
    assert.equal(statSync(folder.path).mode & 0o777, 0o700);
    folder.close();
    assert.equal(existsSync(folder.path), false);
    folder.close();
  });

  test('is kept if something else is in it', (t) => {
    const folder = ClientFolder.open({}, 1_000);
    t.after(() => rmSync(folder.path, { recursive: true }));
    writeFileSync(join(folder.path, 'note'), '');
    folder.close();
    assert.ok(existsSync(folder.path));
  });

  test('that cannot be created is an error', (t) => {
    const base = temporaryFolder(t);
    writeFileSync(join(base, 'file'), '');
    assert.throws(
      () => ClientFolder.at(join(base, 'file', 'x')),
      socketPath(/file\/x: a part of the path is not a folder/),
    );
    assert.throws(
      () => ClientFolder.open({ XDG_RUNTIME_DIR: join(base, 'file') }, 1_000),
      socketPath(/hostp2pd/),
    );
  });

  test('that cannot be created in the temporary directory is an error', (t) => {
    const missing = join(temporaryFolder(t), 'missing');
    const before = process.env['TMPDIR'];
    t.after(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    process.env['TMPDIR'] = missing;
    assert.throws(() => ClientFolder.open({}, 1_000), socketPath(/missing/));
  });
});
