import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ControlServer, openControlServer } from '#src/control/server.js';
import { HostP2pD } from '#src/host/host.js';
import { CapturedLog } from '../fakes/captured-log.js';
import { commandContext } from '../fakes/command-context.js';
import { ask, served } from './control-support.js';
import { temporaryFolder } from './support.js';

/** The permissions of the control socket, and existing files at its path. This needs no running session. */

const NAME = 'p2p-dev-wlan9';
const ROOT = process.getuid?.() === 0;
const NEEDS_ROOT = ROOT ? false : 'only root can become another user';
/** Ids of a group and a user that do not exist here. */
const GROUP = 54_321;
const STRANGER = 54_322;

interface Place {
  /** HOSTP2PD_RUNTIME_DIR */
  readonly folder: string;
  /** The control folder of wpa_supplicant. */
  readonly controlFolder: string;
  readonly log: CapturedLog;
  readonly path: string;
  readonly open: () => Promise<ControlServer>;
}

function place(t: TestContext): Place {
  const base = temporaryFolder(t);
  // Other users must be able to reach the folder.
  chmodSync(base, 0o755);
  const folder = join(base, 'run');
  const controlFolder = join(base, 'wpa');
  mkdirSync(controlFolder);
  const host = new HostP2pD();
  const context = commandContext(host);
  const log = new CapturedLog();
  const open = async (): Promise<ControlServer> => {
    const server = await openControlServer(context, {
      interface: NAME,
      controlFolder,
      environment: { HOSTP2PD_RUNTIME_DIR: folder },
      logger: log,
    });
    t.after(() => server.close());
    return server;
  };
  return { folder, controlFolder, log, path: join(folder, `${NAME}.sock`), open };
}

/** wpa_supplicant's own socket, whose owner and group are used. */
function wpaSocket({ controlFolder }: Place, mode: number): void {
  const path = join(controlFolder, NAME);
  writeFileSync(path, '');
  chownSync(path, -1, GROUP);
  chmodSync(path, mode);
}

function rights(path: string): string {
  const { mode, gid } = statSync(path);
  return `${(mode & 0o777).toString(8)} ${gid}`;
}

/** The result of another user's attempt to connect. */
function connectAs(path: string, uid: number, groups: readonly number[]): string {
  const script =
    `process.setgroups(${JSON.stringify(groups)}); process.setgid(${STRANGER}); process.setuid(${uid});` +
    `require('net').connect(${JSON.stringify(path)}, () => { console.log('in'); process.exit(); })` +
    ".on('error', (error) => console.log(error.code));";
  return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout.trim();
}

test('folder and socket are accessible to the owner and the group of the control interface', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const at = place(t);
  wpaSocket(at, 0o770);
  const umask = process.umask(0o077);
  try {
    await at.open();
  } finally {
    process.umask(umask);
  }
  assert.equal(rights(at.folder), `750 ${GROUP}`);
  assert.equal(rights(at.path), `660 ${GROUP}`);
  assert.equal(connectAs(at.path, STRANGER, [GROUP]), 'in');
  assert.equal(connectAs(at.path, STRANGER, []), 'EACCES');
});

test('an existing folder keeps its permissions, but becomes accessible to the group', {
  skip: NEEDS_ROOT,
}, async (t) => {
  for (const [before, after] of [
    // It may contain our ends of the links to wpa_supplicant.
    [0o755, '755 0'],
    [0o700, `750 ${GROUP}`],
    [0o711, `751 ${GROUP}`],
  ] as const) {
    const at = place(t);
    wpaSocket(at, 0o770);
    mkdirSync(at.folder);
    chmodSync(at.folder, before);
    const server = await at.open();
    assert.equal(rights(at.folder), after);
    assert.equal(connectAs(at.path, STRANGER, [GROUP]), 'in');
    assert.equal(connectAs(at.path, STRANGER, []), 'EACCES');
    await server.close();
  }
});

test('without a group that may control wpa_supplicant, only the owner has access to the socket', {
  skip: NEEDS_ROOT,
}, async (t) => {
  const unknown = place(t);
  const umask = process.umask(0o077);
  try {
    await unknown.open();
  } finally {
    process.umask(umask);
  }
  assert.equal(rights(unknown.folder), '750 0');
  assert.equal(rights(unknown.path), '600 0');
  assert.match(unknown.log.lines.join('\n'), /^debug .*group of the control interface is not known/m);
  const closed = place(t);
  wpaSocket(closed, 0o700);
  await closed.open();
  assert.equal(rights(closed.path), '600 0');
  assert.equal(connectAs(closed.path, STRANGER, [GROUP]), 'EACCES');
});

test('another user cannot connect at any moment', { skip: NEEDS_ROOT }, async (t) => {
  const at = place(t);
  mkdirSync(at.folder);
  chmodSync(at.folder, 0o755);
  const intruder = await intrude(t, at.path);
  const umask = process.umask(0);
  try {
    for (let n = 0; n < 150; n++) {
      const server = await at.open();
      await server.close();
    }
  } finally {
    process.umask(umask);
  }
  intruder.kill('SIGTERM');
  const [code] = await once(intruder, 'exit');
  assert.equal(code, 0, 'another user could connect');
});

/** Another user who tries to connect continuously; the exit code says whether it ever succeeded. */
async function intrude(t: TestContext, path: string): Promise<ChildProcess> {
  const script = `
    process.setgroups([]); process.setgid(${STRANGER}); process.setuid(${STRANGER});
    let refused = 0;
    const knock = () => { const socket = require('net').connect(${JSON.stringify(path)}, () => process.exit(1));
      socket.on('error', (error) => { if (error.code === 'EACCES') refused++; setImmediate(knock); }); };
    for (let n = 0; n < 20; n++) knock();
    process.on('SIGTERM', () => process.exit(refused > 10 ? 0 : 2));
    console.log('ready');`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('a folder that another user controls is refused', async (t) => {
  const linked = place(t);
  mkdirSync(`${linked.folder}-real`);
  symlinkSync(`${linked.folder}-real`, linked.folder);
  await assert.rejects(linked.open(), { code: 'SOCKET_PATH', message: /symbolic link/ });
  assert.deepEqual(readdirSync(`${linked.folder}-real`), []);
  const dangling = place(t);
  symlinkSync(`${dangling.folder}-nowhere`, dangling.folder);
  await assert.rejects(dangling.open(), { code: 'SOCKET_PATH', message: /symbolic link/ });
  assert.ok(!existsSync(`${dangling.folder}-nowhere`));
  const file = place(t);
  writeFileSync(file.folder, '');
  await assert.rejects(file.open(), { code: 'SOCKET_PATH', message: /got a file/ });
  const open = place(t);
  mkdirSync(open.folder);
  chmodSync(open.folder, 0o1777);
  await assert.rejects(open.open(), { code: 'SOCKET_PATH', message: /any user may write/ });
  if (ROOT) {
    const foreign = place(t);
    mkdirSync(foreign.folder);
    chownSync(foreign.folder, STRANGER, -1);
    await assert.rejects(foreign.open(), { code: 'SOCKET_PATH', message: /another user \(uid 54322\)/ });
  }
});

test('a stale socket is replaced; another kind of file is kept', async (t) => {
  const at = place(t);
  mkdirSync(at.folder);
  // As after `kill -9`.
  const child = spawn(
    process.execPath,
    [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(at.path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ],
    { stdio: 'ignore' },
  );
  await once(child, 'exit');
  assert.ok(lstatSync(at.path).isSocket());
  const server = await at.open();
  assert.equal((await ask(at.path, '/v1/status')).status, 200);
  await server.close();
  assert.deepEqual(readdirSync(at.folder), []);
  for (const put of [
    () => writeFileSync(at.path, 'mine'),
    () => mkdirSync(at.path),
    () => symlinkSync('/etc/passwd', at.path),
  ]) {
    put();
    await assert.rejects(at.open(), { code: 'SOCKET_PATH', message: /expected a socket/ });
    assert.ok(lstatSync(at.path));
    const { rmSync } = await import('node:fs');
    rmSync(at.path, { recursive: true });
  }
});

test('a socket that another process serves is not replaced', async (t) => {
  const { server, context, fake, folder } = await served(t);
  const again = openControlServer(context, {
    interface: 'p2p-dev-wlan0',
    controlFolder: fake.folder,
    environment: { HOSTP2PD_RUNTIME_DIR: folder },
  });
  await assert.rejects(again, { code: 'ALREADY_RUNNING' });
  assert.equal((await ask(server.path, '/v1/status')).status, 200);
  // Each interface has its own socket.
  const other = await openControlServer(context, {
    interface: 'p2p-dev-wlan1',
    controlFolder: fake.folder,
    environment: { HOSTP2PD_RUNTIME_DIR: folder },
  });
  assert.equal((await ask(other.path, '/v1/status')).status, 200);
  await other.close();
  assert.equal((await ask(server.path, '/v1/status')).status, 200);
});

test('nothing is left open when the server cannot listen', async (t) => {
  const at = place(t);
  mkdirSync(at.folder);
  const other = createServer().listen(at.path);
  await once(other, 'listening');
  t.after(() => other.close());
  await assert.rejects(at.open(), { code: 'ALREADY_RUNNING' });
  assert.ok(lstatSync(at.path).isSocket());
});
