import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EventLine } from '#src/commands/journal.js';
import { RemoteTarget } from '#src/control/client.js';
import { findControlSocket } from '#src/control/find-socket.js';
import { openControlServer } from '#src/control/server.js';
import { HostP2pError } from '#src/system/errors.js';
import { version } from '#src/system/version.js';
import { command, heldCommand, served } from './control-support.js';
import { DEVICE } from './fake-supplicant.js';
import { eventually, next, temporaryFolder } from './support.js';

const PHONE = '42:00:00:00:01:00';
const FOUND =
  `P2P-DEVICE-FOUND ${PHONE} p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='Ann' ` +
  'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1';

test('a client has commands, events, completion and paths', async (t) => {
  const { server, fake, host, context } = await served(t);
  const opened = t.mock.method(context.journal, 'follow');
  const target = await RemoteTarget.connect(server.path);
  assert.equal(target.context, null);
  assert.deepEqual(await target.execute('version', []), {
    value: { version: version() },
    text: `hostp2pd ${version()}`,
  });
  command(t, 'echo', async (_operated, words) => ({ value: [...words], text: '' }));
  assert.deepEqual((await target.execute('echo', ['a b', '"', 'ü\n'])).value, ['a b', '"', 'ü\n']);
  assert.deepEqual(await target.events(10), []);
  const lines: EventLine[] = [];
  const stop = target.follow((line) => lines.push(line));
  // The reader is not notified when its stream is open.
  await eventually(
    () => opened.mock.callCount() === 1,
    () => 'the stream',
  );
  fake.emit(DEVICE, FOUND);
  await next(host, 'peerFound');
  await eventually(
    () => lines.length === 1,
    () => String(lines.length),
  );
  assert.deepEqual(lines, await target.events(10));
  assert.equal(lines[0]?.entry.event.type, 'peerFound');
  assert.deepEqual(lines[0]?.entry.event['peer'], host.peers.get(PHONE));
  assert.match(lines[0]?.text ?? '', /^\d\d:\d\d:\d\d device .*Ann/);
  assert.deepEqual(await target.complete('device'), [PHONE, 'Ann']);
  const status = await target.get('/v1/status');
  assert.ok(typeof status === 'object' && status !== null && 'phase' in status);
  stop();
  fake.emit(DEVICE, FOUND.replace('Ann', 'Bob'));
  await next(host, 'peerFound');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(lines.length, 1);
  // A count above the maximum, and an invalid one, are no errors.
  assert.equal((await target.events(1_000_000)).length, 2);
  assert.equal((await target.events(-1)).length, 0);
});

test('errors keep their code', async (t) => {
  const { server } = await served(t);
  const target = await RemoteTarget.connect(server.path);
  command(t, 'refused', async () => {
    throw new HostP2pError('COMMAND_REFUSED', 'the phone said no');
  });
  await assert.rejects(target.execute('refused', []), (error) => {
    assert.ok(error instanceof HostP2pError);
    assert.deepEqual(
      [error.code, error.message, error.retryable],
      ['COMMAND_REFUSED', 'the phone said no', true],
    );
    return true;
  });
  await assert.rejects(target.execute('version', ['x']), {
    code: 'USAGE',
    message: /^version takes no arguments$/,
  });
  await assert.rejects(target.execute('no such/../command', []), { code: 'USAGE' });
  await assert.rejects(target.get('/v1/nothing'), { code: 'USAGE' });
  await assert.rejects(target.execute('version', ['x'.repeat(70_000)]), { code: /USAGE|CONTROL_CLOSED/ });
});

test('an aborted command rejects at the client and is aborted in the daemon', async (t) => {
  const { server } = await served(t);
  const target = await RemoteTarget.connect(server.path);
  const { signals } = heldCommand(t, 'held');
  const stop = new AbortController();
  const pending = target.execute('held', [], { signal: stop.signal });
  await eventually(
    () => signals.length === 1,
    () => 'the command',
  );
  stop.abort();
  await assert.rejects(pending, { code: 'CONTROL_CLOSED', message: 'cancelled' });
  await eventually(
    () => signals[0]?.aborted === true,
    () => 'its signal',
  );
  await assert.rejects(target.execute('held', [], { signal: AbortSignal.abort() }), {
    code: 'CONTROL_CLOSED',
  });
});

test('a client that follows events notices the end of the daemon', async (t) => {
  const { server, host, context } = await served(t);
  const opened = t.mock.method(context.journal, 'follow');
  const target = await RemoteTarget.connect(server.path);
  const lines: EventLine[] = [];
  target.follow((line) => lines.push(line));
  await eventually(
    () => opened.mock.callCount() === 1,
    () => 'the stream',
  );
  await host.stop();
  await server.close();
  const reason = await target.ended;
  assert.equal(reason.code, 'NOT_RUNNING');
  assert.equal(lines.at(-1)?.entry.event.type, 'stopped');
  await assert.rejects(target.execute('version', []), { code: 'NOT_RUNNING' });
  const late = await RemoteTarget.connect(server.path).catch((error: HostP2pError) => error.code);
  assert.equal(late, 'NOT_RUNNING');
});

test('a stream that is refused ends with the reason', async (t) => {
  const { server } = await served(t, { limits: { streams: 0 } });
  const target = await RemoteTarget.connect(server.path);
  target.follow(() => {});
  assert.equal((await target.ended).code, 'BUSY');
});

/** Another server at the same path. */
async function impostor(t: TestContext, answer: Parameters<typeof createServer>[1]): Promise<string> {
  const path = join(temporaryFolder(t), 'x.sock');
  const server: Server = createServer({}, answer);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return path;
}

test('an answer of another program is an error, and its size and time are bounded', async (t) => {
  for (const body of ['', 'hello', '[]', '{"version":3}', '{"phase":"running"']) {
    const path = await impostor(t, (_request, response) => response.end(body));
    await assert.rejects(
      RemoteTarget.connect(path),
      { code: 'NOT_RUNNING', message: /does not answer as/ },
      body,
    );
  }
  const failing = await impostor(t, (_request, response) => response.writeHead(500).end('oops'));
  await assert.rejects(RemoteTarget.connect(failing), { code: 'NOT_RUNNING' });
  const newer = await impostor(t, (_request, response) =>
    response.writeHead(418).end('{"error":{"code":"TEAPOT","message":"short and stout"}}'),
  );
  await assert.rejects(RemoteTarget.connect(newer), { code: 'COMMAND_REFUSED', message: 'short and stout' });
  const endless = await impostor(t, (request, response) => {
    if (request.url === '/v1/status') response.end('{"version":"9"}');
    else {
      const more = setInterval(() => response.write('x'.repeat(1_000_000)), 1);
      response.on('close', () => clearInterval(more));
    }
  });
  const target = await RemoteTarget.connect(endless);
  await assert.rejects(target.get('/v1/peers'), { code: 'COMMAND_REFUSED', message: /too long/ });
  await assert.rejects(target.events(3), { code: 'NOT_RUNNING' });
  const broken = await impostor(t, (_request, response) => {
    response.write('{');
    setTimeout(() => response.destroy(), 20);
  });
  await assert.rejects(RemoteTarget.connect(broken), { code: 'CONTROL_CLOSED' });
  const path = join(temporaryFolder(t), 'no-http.sock');
  const raw = createNetServer((socket) => {
    socket.on('error', () => {});
    socket.end('220 mail.example ESMTP\r\n');
  }).listen(path);
  t.after(() => raw.close());
  await assert.rejects(RemoteTarget.connect(path), (error) => error instanceof HostP2pError);
});

test('finds the daemon: the named one, or the only one that answers', async (t) => {
  const { server, context, fake, folder } = await served(t);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  assert.equal(await findControlSocket(undefined, [empty, folder]), server.path);
  assert.equal(await findControlSocket(DEVICE, [empty, folder]), server.path);
  await assert.rejects(findControlSocket('p2p-dev-wlan7', [empty, folder]), {
    code: 'NOT_RUNNING',
    message: new RegExp(`on p2p-dev-wlan7; looked in ${empty} and ${folder}`),
  });
  await assert.rejects(findControlSocket(undefined, [empty]), { code: 'NOT_RUNNING' });
  await assert.rejects(findControlSocket('../evil', [folder]), { code: 'USAGE' });
  // A stale socket does not count.
  const stale = `require('net').createServer().listen(${JSON.stringify(join(folder, 'wlan5.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', stale]);
  assert.equal(await findControlSocket(undefined, [folder]), server.path);
  const second = await openControlServer(context, {
    interface: 'wlan1',
    controlFolder: fake.folder,
    environment: { HOSTP2PD_RUNTIME_DIR: folder },
  });
  t.after(() => second.close());
  await assert.rejects(findControlSocket(undefined, [folder]), {
    code: 'USAGE',
    message: `several daemons are running: ${DEVICE}, wlan1; say which one with -i`,
  });
  assert.equal(await findControlSocket('wlan1', [folder]), second.path);
});

test('a user without permission to connect gets an error that says who has it', {
  skip: process.getuid?.() !== 0,
}, async (t) => {
  const { server, folder } = await served(t);
  chmodSync(folder, 0o755);
  const built = (name: string) =>
    JSON.stringify(fileURLToPath(new URL(`../../../.build/control/${name}.js`, import.meta.url)));
  const script = `
    import { RemoteTarget } from ${built('client')};
    import { findControlSocket } from ${built('find-socket')};
    process.setgroups([]); process.setgid(54322); process.setuid(54322);
    const tell = (error) => console.log(error.code + ' ' + error.message);
    await RemoteTarget.connect(${JSON.stringify(server.path)}).catch(tell);
    await findControlSocket(undefined, [${JSON.stringify(folder)}]).catch(tell);`;
  const asStranger = (): string => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    return child.stdout + child.stderr;
  };
  // In another process, because this one must keep its privileges. This one serves it, so the time is bounded.
  const open = asStranger();
  assert.match(open, /^(?:CONTROL_DENIED .*permission denied; .*\.sock is for user root\n){2}$/);
  chmodSync(folder, 0o750);
  assert.match(asStranger(), /^(?:CONTROL_DENIED .*permission denied; .* is for user root\n){2}$/);
});
