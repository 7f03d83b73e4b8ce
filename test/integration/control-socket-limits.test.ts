import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { type TestContext, test } from 'node:test';
import { LIMITS } from '#src/control/connections.js';
import { ask, command, heldCommand, RawClient, reacts, served } from './control-support.js';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { eventually } from './support.js';

/**
 * Clients that send too much, too slowly, or nothing: they are refused, and the phones are served. How soon depends on what else this
 * machine does, so that is not checked.
 */

test('a body that is too long is refused, with and without Content-Length', async (t) => {
  // Long after the test has ended, so that it is not what ends a connection here.
  const all = await served(t, { limits: { requestMs: 600_000 } });
  const { path } = all.server;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = Buffer.alloc(LIMITS.bodyBytes + 1, ' ');
  const long = await ask(path, '/v1/commands/version', { ...post, body });
  assert.equal(long.status, 413);
  assert.equal(long.headers['connection'], 'close');
  const head = 'POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  const chunked = new RawClient(t, path).send(head + chunk.repeat(5));
  await eventually(
    () => chunked.closed,
    () => chunked.text,
  );
  assert.match(chunked.text, /^HTTP\/1\.1 413 /);
  // A client that keeps sending may fail before it has read the answer; it is disconnected nevertheless.
  const endless = new RawClient(t, path).send(head);
  const flood = setInterval(() => {
    if (!endless.closed) endless.send(chunk);
  }, 1);
  t.after(() => clearInterval(flood));
  await eventually(
    () => endless.closed,
    () => 'the end of the connection',
  );
  const just = `{"arguments":[]}${' '.repeat(LIMITS.bodyBytes - 16)}`;
  assert.equal((await ask(path, '/v1/commands/version', { ...post, body: just })).status, 200);
  // An unexpected body is not read either.
  const stray = new RawClient(t, path).send(
    'GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n',
  );
  await eventually(
    () => stray.closed,
    () => stray.text,
  );
  assert.match(stray.text, /^HTTP\/1\.1 200 /);
  await reacts(all);
});

test('headers that are too long, and invalid HTTP, are refused', async (t) => {
  const all = await served(t);
  for (const [text, answer] of [
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(9_000)}\r\n\r\n`, / 431 /],
    [`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n`, / 431 /],
    ['\u0000\u0001\u0002 nonsense\r\n\r\n', / 400 /],
    ['GET / HTTP/1.1\r\n\r\n', / 400 /],
    [
      'POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      / 400 /,
    ],
    ['POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', / 400 /],
    ['GET http://[:: HTTP/1.1\r\nHost: x\r\n\r\n', / 400 /],
    ['CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n', /^$/],
    ['GET /v1/status HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n', / 200 /],
    ['GET /v1/status HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\n\r\n', / 417 /],
    ['OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', / 404 /],
  ] as const) {
    const client = new RawClient(t, all.server.path).send(text);
    await eventually(
      () => client.closed || client.text.includes('\r\n\r\n'),
      () => text,
    );
    assert.match(client.text.split('\r\n')[0] ?? '', answer, text);
    client.socket.destroy();
  }
  await reacts(all);
});

test('a client that sends slowly, or nothing, is disconnected', async (t) => {
  const all = await served(t, { limits: { headersMs: 300, requestMs: 600, idleMs: 200 } });
  const { path } = all.server;
  const silent = new RawClient(t, path);
  const slowHeaders = new RawClient(t, path).send('GET /v1/status HTTP/1.1\r\n');
  const slowBody = new RawClient(t, path).send(
    'POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n',
  );
  const idle = new RawClient(t, path).get('/v1/status');
  const dribble = setInterval(() => {
    if (!slowHeaders.closed) slowHeaders.send('X: y\r\n');
    if (!slowBody.closed) slowBody.send(' ');
  }, 20);
  t.after(() => clearInterval(dribble));
  await eventually(
    () => silent.closed && slowHeaders.closed && slowBody.closed && idle.closed,
    () => [silent, slowHeaders, slowBody, idle].map(({ closed }) => closed).join(),
  );
  assert.match(silent.text, /^HTTP\/1\.1 408 /);
  // A client that is still sending when it is disconnected may not be able to read the reason.
  for (const { text } of [slowHeaders, slowBody]) assert.match(text, /^(?:HTTP\/1\.1 408 |$)/);
  await reacts(all);
});

test('a second request on a connection has the same limits as the first', async (t) => {
  const all = await served(t, { limits: { headersMs: 300, requestMs: 600, idleMs: 200 } });
  const client = new RawClient(t, all.server.path).get('/v1/status');
  await eventually(
    () => client.text.includes(' 200 '),
    () => client.text,
  );
  const dribble = setInterval(() => {
    if (!client.closed) client.send('G');
  }, 20);
  t.after(() => clearInterval(dribble));
  await eventually(
    () => client.closed,
    () => 'it is still open',
  );
  await reacts(all);
});

const HELD_REQUEST = 'POST /v1/commands/held HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';

/** The maximum number of clients; each has just done what `how` says. */
async function fill(t: TestContext, path: string, act: (client: RawClient) => unknown): Promise<RawClient[]> {
  return Promise.all(
    Array.from({ length: LIMITS.connections }, async () => {
      const client = new RawClient(t, path);
      await once(client.socket, 'connect');
      await act(client);
      return client;
    }),
  );
}

const WAYS_TO_HOLD_A_PLACE: readonly [how: string, act: (client: RawClient) => unknown][] = [
  ['say nothing', () => {}],
  ['have sent half a request line', (client) => client.send('GET /v1/st')],
  ['have sent half their headers', (client) => client.send('GET /v1/status HTTP/1.1\r\nHost: x\r\nX: ')],
  [
    'have sent half a body',
    (client) => client.send('POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'),
  ],
  [
    'keep their connection after an answer',
    async (client) => {
      client.get('/v1/status');
      await eventually(
        () => client.text.includes(' 200 OK'),
        () => client.text,
      );
    },
  ],
  [
    'do not read their answer',
    (client) => {
      client.socket.pause();
      client.send('POST /v1/commands/long HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    },
  ],
];

test('idle connections do not keep new clients out', async (t) => {
  for (const [how, act] of WAYS_TO_HOLD_A_PLACE) {
    const all = await served(t);
    const { path } = all.server;
    command(t, 'long', async () => ({ value: 'x'.repeat(1_000_000), text: '' }));
    const holders = await fill(t, path, act);
    for (let n = 0; n < 5; n++) assert.equal((await ask(path, '/v1/status')).status, 200, how);
    // Each new client replaced one of the oldest, and not all at once.
    const left = holders.filter(({ closed }) => !closed).length;
    assert.ok(left >= LIMITS.connections - 5, `${how}: ${left} are left`);
    await reacts(all);
  }
});

test('many connections do not exceed the limit, and one whose command runs is kept', async (t) => {
  const all = await served(t);
  const { path } = all.server;
  const { signals, release } = heldCommand(t, 'held');
  const busy = new RawClient(t, path).send(HELD_REQUEST);
  await eventually(
    () => signals.length === 1,
    () => 'the command',
  );
  const flood = Array.from({ length: 200 }, () => new RawClient(t, path));
  await eventually(
    () => flood.filter(({ closed }) => !closed).length <= LIMITS.connections - 1,
    () => String(flood.filter(({ closed }) => !closed).length),
  );
  assert.equal((await ask(path, '/v1/status')).status, 200);
  release();
  await eventually(
    () => busy.text.includes(' 200 OK'),
    () => busy.text,
  );
  await reacts(all);
});

test('if all clients are being served, one more is refused, until one of them has ended', async (t) => {
  const all = await served(t, { limits: { commands: LIMITS.connections } });
  const { path } = all.server;
  const { signals } = heldCommand(t, 'held');
  const busy = await fill(t, path, (client) => client.send(HELD_REQUEST));
  await eventually(
    () => signals.length === LIMITS.connections,
    () => String(signals.length),
  );
  await assert.rejects(ask(path, '/v1/status'));
  assert.ok(busy.every(({ closed }) => !closed));
  busy[0]?.socket.destroy();
  let status = 0;
  await eventually(
    () => {
      void ask(path, '/v1/status').then(
        (reply) => {
          status = reply.status;
        },
        () => {},
      );
      return status === 200;
    },
    () => String(status),
  );
});

test('streams and commands beyond the maximum are refused, until others have ended', async (t) => {
  const all = await served(t, { limits: { streams: 3, commands: 2 } });
  const { path } = all.server;
  const streams = [0, 1, 2].map(() => new RawClient(t, path).get('/v1/events'));
  await eventually(
    () => streams.every(({ text }) => text.includes('\r\n\r\n')),
    () => 'the streams',
  );
  const busy = await ask(path, '/v1/events');
  assert.equal(busy.status, 503);
  assert.deepEqual(JSON.parse(busy.text).error.code, 'BUSY');
  assert.equal(JSON.parse(busy.text).error.retryable, true);
  streams[0]?.socket.destroy();
  await eventually(
    () => streams[0]?.closed === true,
    () => 'its end',
  );
  const again = new RawClient(t, path);
  await eventually(
    () => {
      if (!again.text.includes(' 200 ')) again.get('/v1/events');
      return again.text.includes(' 200 ') || again.closed;
    },
    () => again.text,
  );
  const { signals, release } = heldCommand(t, 'held');
  const post = () => ask(path, '/v1/commands/held', { method: 'POST' });
  const held = [post(), post()];
  await eventually(
    () => signals.length === 2,
    () => 'the commands',
  );
  assert.equal((await post()).status, 503);
  // Requests that only read are answered meanwhile.
  assert.equal((await ask(path, '/v1/status')).status, 200);
  release();
  for (const reply of await Promise.all(held)) assert.equal(reply.status, 200);
  assert.equal((await post()).status, 200);
  await reacts(all);
});

test('a command that waits for the group ends with its client and no longer counts', async (t) => {
  const all = await served(t, { limits: { commands: 2 } });
  const { path } = all.server;
  // Accepted, and no group comes up.
  all.fake.behave((text) => (text.startsWith('P2P_GROUP_REMOVE') ? 'OK\n' : undefined));
  const body = JSON.stringify({ arguments: ['stop'] });
  const request =
    'POST /v1/commands/group HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  // A connection that is open when the test ends is closed.
  const version = () =>
    ask(path, '/v1/commands/version', { method: 'POST' }).then(
      ({ status }) => status,
      () => 0,
    );
  for (let round = 0; round < 3; round++) {
    const waiting = [0, 1].map(() => new RawClient(t, path).send(request));
    let full = false;
    await eventually(
      () => {
        void version().then((status) => {
          full ||= status === 503;
        });
        return full;
      },
      () => 'both places taken',
    );
    for (const { socket } of waiting) socket.destroy();
    let free = false;
    await eventually(
      () => {
        void version().then((status) => {
          free ||= status === 200;
        });
        return free;
      },
      () => 'a place',
    );
  }
});

test('pipelined requests end the connection', async (t) => {
  const all = await served(t);
  let runs = 0;
  command(t, 'count', async () => {
    runs++;
    return { value: runs, text: '' };
  });
  const client = new RawClient(t, all.server.path).send(
    'POST /v1/commands/count HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'.repeat(10_000),
  );
  await eventually(
    () => client.closed,
    () => client.text.slice(0, 200),
  );
  assert.ok(runs <= 1, `${runs} commands`);
  // One after the other they are served.
  const polite = new RawClient(t, all.server.path);
  for (let n = 1; n <= 50; n++) {
    polite.get('/v1/status');
    await eventually(
      () => polite.text.split('HTTP/1.1 200').length === n + 1,
      () => `request ${n}: ${polite.closed}`,
    );
  }
  await reacts(all);
});

test('a client that does not read its events is disconnected; the other clients and the phones are served', async (t) => {
  const all = await served(t);
  const { fake, host, server } = all;
  const reading = new RawClient(t, server.path).get('/v1/events?wpa=true');
  const stuck = new RawClient(t, server.path).get('/v1/events?wpa=true');
  await eventually(
    () => [reading, stuck].every(({ text }) => text.includes('\r\n\r\n')),
    () => 'the streams',
  );
  stuck.socket.pause();
  const seen = () => host.statistics.events['P2P-SOME-NEW-EVENT'] ?? 0;
  const FLOOD = 2_400;
  for (let n = 0; n < FLOOD; n += 8) {
    // Only as many as fit into the queue of a socket, because the sender would wait 20 ms before it sends the rest.
    for (let i = 0; i < 8; i++) fake.emit(DEVICE, `P2P-SOME-NEW-EVENT ${n + i} ${'x'.repeat(3_000)}`);
    await eventually(
      () => seen() >= n + 8,
      () => `${seen()} of ${n}`,
    );
    if (n % 400 === 0) await reacts(all);
  }
  await eventually(
    () => reading.text.includes(`P2P-SOME-NEW-EVENT ${FLOOD - 1} `),
    () => String(reading.events.length),
  );
  assert.equal(reading.events.filter(({ text }) => text.endsWith('P2P-SOME-NEW-EVENT')).length, FLOOD);
  assert.equal(reading.closed, false);
  // Without a bound 7 MB would wait.
  stuck.socket.resume();
  await eventually(
    () => stuck.closed,
    () => 'the end of the one that did not read',
  );
  const cut = stuck.text.length;
  assert.ok(cut > 100_000, `${cut} bytes`);
  // Our buffer, and those of the kernel at both ends.
  assert.ok(cut < LIMITS.waitingBytes + 500_000, `${cut} bytes`);
  assert.equal((await ask(server.path, '/v1/status')).status, 200);
});

test('a client that does not read its answer is disconnected', async (t) => {
  const all = await served(t, { limits: { answerMs: 300 } });
  command(t, 'long', async () => ({ value: 'x'.repeat(4_000_000), text: '' }));
  const client = new RawClient(t, all.server.path);
  client.socket.pause();
  client.send('POST /v1/commands/long HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  client.socket.resume();
  await eventually(
    () => client.closed,
    () => `${client.text.length} characters`,
  );
  assert.ok(client.text.length < 4_000_000);
  await reacts(all);
});

test('many requests for the stations at once cause one walk of wpa_supplicant', async (t) => {
  const all = await served(t, { limits: { closingMs: 50 } });
  await reacts(all);
  await eventually(
    () => all.host.stations.length === 1,
    () => 'the station',
  );
  const [station] = all.host.stations;
  all.fake.behave((text) => (text === `STA ${station?.address}` ? null : undefined));
  // Queued requests count as well; wpa_supplicant gets only the first one.
  const before = all.host.statistics.requests;
  for (const url of ['/v1/stations', '/metrics', '/v1/metrics']) {
    for (let n = 0; n < 5; n++) new RawClient(t, all.server.path).get(url);
  }
  await eventually(
    () => all.host.statistics.requests > before,
    () => 'a request',
  );
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(all.host.statistics.requests - before, 1);
});

test('clients in another process that send requests without pause keep no phone waiting', async (t) => {
  const all = await served(t);
  const { fake, server } = all;
  for (let n = 0; n < 1_000; n++) {
    const address = `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 0xff).toString(16).padStart(2, '0')}`;
    fake.emit(
      DEVICE,
      `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=10-0050F204-5 name='Phone ${n}' ` +
        'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1',
    );
    if (n % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await eventually(
    () => all.host.peers.size >= 1_000,
    () => String(all.host.peers.size),
  );
  const idle = await reacts(all);
  const asked = await hammer(t, server.path);
  const before = asked();
  const times: number[] = [];
  const start = performance.now();
  // Also on a slow machine: this many answers are given while the reactions are measured.
  while (times.length < 20 || asked() - before < MIN_ANSWERS) {
    assert.ok(performance.now() - start < 120_000, `${asked() - before} answers`);
    times.push(await reacts(all));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const answers = asked() - before;
  const rate = answers / ((performance.now() - start) / 1000);
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1] ?? Number.NaN;
  t.diagnostic(
    `reaction: idle ${idle.toFixed(1)} ms; with ${answers} answers at ${rate.toFixed(0)} a second, median ` +
      `${median.toFixed(1)} ms, worst ${times.at(-1)?.toFixed(1)} ms`,
  );
});

const MIN_ANSWERS = 200;

/** A process with the maximum number of clients that request the longest answers, and one that connects and hangs up. */
async function hammer(t: TestContext, path: string): Promise<() => number> {
  const script = `
    const { request } = require('node:http'); const { createConnection } = require('node:net');
    const urls = ['/v1/peers', '/v1/stations', '/metrics', '/v1/events?last=200&follow=false'];
    const again = (n) => { const call = request({ socketPath: ${JSON.stringify(path)}, path: urls[n % 4], agent: false },
      (response) => { response.resume(); response.on('close', () => { process.stdout.write('.'); again(n + 1); }); });
      call.on('error', () => setTimeout(() => again(n + 1), 1)); call.end(); };
    const knock = () => { const socket = createConnection(${JSON.stringify(path)}, () => socket.destroy());
      socket.on('error', () => {}); socket.on('close', () => setImmediate(knock)); };
    for (let n = 0; n < 30; n++) again(n); knock(); knock();`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let answers = 0;
  child.stdout.on('data', (dots: Buffer) => {
    answers += dots.length;
  });
  await once(child.stdout, 'data');
  return () => answers;
}

test('a connection that breaks at any moment does not affect others', async (t) => {
  const all = await served(t);
  const { path } = all.server;
  const request =
    'POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n{"arguments":[]}';
  for (let length = 0; length <= request.length; length += 3) {
    const socket = createConnection(path);
    socket.on('error', () => {});
    socket.write(request.slice(0, length));
    await once(socket, 'connect');
    if (length % 2 === 0) socket.destroy();
    else socket.end();
  }
  for (const url of ['/v1/events?last=200', '/v1/stations', '/metrics']) {
    const socket = createConnection(path);
    socket.on('error', () => {});
    socket.write(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
  }
  assert.equal((await ask(path, '/v1/status')).status, 200);
  await reacts(all);
  assert.ok(all.fake.attached(GROUP));
});
