import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { controlClients, suspects } from '#src/host/control-clients.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const FOLDER = '/run/wpa_supplicant';

interface Planted {
  readonly path: string;
  readonly inode: number;
  readonly type?: string;
  readonly state?: string;
}

/** A /proc with these sockets, and processes by pid: name, state, and the inodes of their sockets. */
function machine(
  t: TestContext,
  sockets: readonly Planted[],
  processes: Readonly<Record<string, readonly [name: string, state: string, inodes: readonly number[]]>>,
): string {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'proc/net'), { recursive: true });
  const rows = sockets.map(
    ({ path, inode, type = '0002', state = '03' }) =>
      `00000000918eea42: 00000002 00000000 00000000 ${type} ${state} ${inode} ${path}`,
  );
  const head = 'Num       RefCount Protocol Flags    Type St Inode Path';
  writeFileSync(join(root, 'proc/net/unix'), `${[head, ...rows].join('\n')}\n`);
  for (const [pid, [name, state, inodes]] of Object.entries(processes)) {
    mkdirSync(join(root, 'proc', pid, 'fd'), { recursive: true });
    writeFileSync(join(root, 'proc', pid, 'stat'), `${pid} (${name}) ${state} ${'1 '.repeat(18)}500\n`);
    for (const [n, inode] of inodes.entries())
      symlinkSync(`socket:[${inode}]`, join(root, 'proc', pid, 'fd', String(n)));
  }
  return root;
}

test('a stopped wpa_cli is named, once for its two sockets', (t) => {
  const root = machine(
    t,
    [
      { path: '/tmp/wpa_ctrl_77-1', inode: 11 },
      { path: '/tmp/wpa_ctrl_77-2', inode: 12 },
      { path: '/tmp/wpa_ctrl_78-1', inode: 13 },
      { path: `${FOLDER}/wlan0`, inode: 14 },
    ],
    { 77: ['wpa_cli', 'T', [11, 12]], 78: ['wpa_cli', 'S', [13]] },
  );
  const clients = controlClients(FOLDER, join(root, 'proc'));
  assert.deepEqual(
    clients.map(({ pid, stopped }) => [pid, stopped]),
    [
      [77, true],
      [78, false],
    ],
  );
  assert.equal(suspects(clients), 'wpa_cli (pid 77, stopped) is attached to it and does not read');
});

test('programs with sockets of other names, and names with parentheses', (t) => {
  const root = machine(
    t,
    [
      { path: '/run/mine.sock', inode: 21 },
      { path: '@abstract', inode: 22 },
    ],
    { 90: ['a (b) c', 'S', [21]], 91: ['python3', 'S', [22]] },
  );
  assert.equal(
    suspects(controlClients(FOLDER, join(root, 'proc'))),
    'one of these is attached to it and does not read: a (b) c (pid 90), python3 (pid 91)',
  );
});

test('if the processes of other users are hidden, the socket is named instead', (t) => {
  const root = machine(
    t,
    [
      { path: '/tmp/wpa_ctrl_77-1', inode: 11 },
      { path: '/tmp/x', inode: 12 },
    ],
    {},
  );
  assert.equal(
    suspects(controlClients(FOLDER, join(root, 'proc'))),
    'one of these is attached to it and does not read: /tmp/wpa_ctrl_77-1 (pid 77), /tmp/x',
  );
});

test('stream sockets, unconnected sockets, those of systemd and our own are not named', (t) => {
  const root = machine(
    t,
    [
      { path: '/tmp/stream', inode: 1, type: '0001' },
      { path: '/tmp/wpa_ctrl_77-1', inode: 2, state: '01' },
      { path: '/run/systemd/notify', inode: 3 },
      { path: '/run/hostp2pd/x.mon', inode: 4 },
      { path: '', inode: 5 },
    ],
    { [process.pid]: ['node', 'R', [4]] },
  );
  const clients = controlClients(FOLDER, join(root, 'proc'));
  assert.deepEqual(clients, []);
  assert.equal(suspects(clients), 'another program is attached to it and does not read');
});

test('without /proc no program is named', (t) => {
  assert.deepEqual(controlClients(FOLDER, temporaryFolder(t)), []);
});
