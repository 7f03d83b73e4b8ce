import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { HostP2pError } from '#src/system/errors.js';
import { version } from '#src/system/version.js';
import { ask, command, heldCommand, RawClient, reacts, served } from './control-support.js';
import { DEVICE, GROUP, SSID } from './fake-supplicant.js';
import { eventually, next } from './support.js';

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const FOUND =
  `P2P-DEVICE-FOUND ${PHONE} p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='Her "phone"' ` +
  'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1';
const COUNTERS = `${STATION}\nflags=[AUTH][ASSOC][AUTHORIZED]\nrx_bytes=1200\ntx_bytes=3400\nconnected_time=56\nsignal=-47\n`;

async function withStation(t: TestContext) {
  const all = await served(t);
  const { host, fake } = all;
  fake.behave((text) => (text === `STA ${STATION}` ? COUNTERS : undefined));
  fake.emit(DEVICE, FOUND);
  const connected = next(host, 'stationConnected');
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`);
  await connected;
  return all;
}

test('every path returns the current state', async (t) => {
  const { server, fake, host } = await withStation(t);
  fake.behave((text) => (text.includes('p2p_client_list') ? PHONE : undefined));
  const get = async (path: string) => {
    const reply = await ask(server.path, path);
    assert.equal(reply.status, 200, `${path}: ${reply.text}`);
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.equal(reply.headers['cache-control'], 'no-store');
    return JSON.parse(reply.text);
  };
  const status = await get('/v1/status');
  assert.equal(status.phase, 'running');
  assert.equal(status.interface, DEVICE);
  assert.deepEqual(status.group, { interface: GROUP, ssid: SSID, frequency: 2437, networkId: 0 });
  assert.deepEqual([status.version, status.pid, status.logLevel], [version(), process.pid, 'info']);
  const age = Date.now() - Date.parse(status.started);
  assert.ok(Math.abs(age / 1000 - process.uptime()) < 30, status.started);
  assert.deepEqual(await get('/v1/stations'), [
    {
      address: STATION,
      deviceAddress: PHONE,
      name: 'Her "phone"',
      ip: null,
      ipv6: null,
      signal: -47,
      receivedBytes: 1200,
      sentBytes: 3400,
      connectedSeconds: 56,
    },
  ]);
  assert.deepEqual(await get('/v1/peers'), [...host.peers.values()]);
  assert.deepEqual(await get('/v1/clients'), [
    { deviceAddress: PHONE, name: 'Her "phone"', connected: true },
  ]);
  assert.equal((await get('/v1/statistics')).stationsConnected, 1);
  const configuration = await get('/v1/configuration');
  assert.equal(configuration.interface, DEVICE);
  assert.equal(configuration.settings.ctrl_interface, host.configuration?.settings.ctrl_interface);
  for (const secret of ['pin', 'network_parms', 'config_parms'])
    assert.ok(!(secret in configuration.settings), secret);
  const commands: { name: string; usage: string; frontends?: unknown }[] = await get('/v1/commands');
  assert.ok(commands.some(({ name, usage }) => name === 'version' && usage === 'version'));
  assert.ok(!commands.some(({ name }) => name === 'color'));
  assert.deepEqual(await get('/v1/completions/station'), [PHONE, 'Her "phone"']);
  assert.deepEqual(await get('/v1/completions/device'), [PHONE, 'Her "phone"']);
  assert.deepEqual(await get('/v1/completions/client'), [PHONE, 'Her "phone"']);
});

test('metrics are OpenMetrics, under both paths', async (t) => {
  const { server } = await withStation(t);
  for (const path of ['/v1/metrics', '/metrics']) {
    const { status, headers, text } = await ask(server.path, path);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.match(text, /^hostp2pd_group_up 1$/m);
    assert.match(text, /^hostp2pd_station_signal_dbm\{.*name="Her \\"phone\\""\} -47$/m);
    assert.match(text, /^hostp2pd_events_total\{event="P2P-GROUP-STARTED"\} 1$/m);
    assert.ok(text.endsWith('\n# EOF\n'));
  }
});

test('a command is run, and its error becomes an HTTP status', async (t) => {
  const { server, log } = await served(t);
  const post = (name: string, body?: string, headers: Record<string, string> = {}) =>
    ask(server.path, `/v1/commands/${name}`, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body }),
    });
  const plain = await post('version');
  assert.equal(plain.status, 200);
  assert.deepEqual(JSON.parse(plain.text), {
    result: { version: version() },
    text: `hostp2pd ${version()}`,
  });
  command(t, 'echo', async (_operated, words) => ({ value: [...words], text: words.join(' ') }));
  const words = ['a b', 'ü', '"'];
  for (const type of [
    {},
    { 'content-type': 'application/json' },
    { 'content-type': 'application/json; charset=utf-8' },
  ]) {
    const { text } = await post('echo', JSON.stringify({ arguments: words }), type);
    assert.deepEqual(JSON.parse(text).result, words);
  }
  // As curl sends it with an empty -d.
  const empty = await post('echo', '', { 'content-type': 'application/x-www-form-urlencoded' });
  assert.deepEqual(JSON.parse(empty.text).result, []);
  command(t, 'unknown-device', async () => {
    throw new HostP2pError('DEVICE_UNKNOWN', 'no such phone');
  });
  const failed = await post('unknown-device');
  assert.equal(failed.status, 404);
  assert.deepEqual(JSON.parse(failed.text), {
    error: { code: 'DEVICE_UNKNOWN', message: 'no such phone', retryable: false },
  });
  command(t, 'broken', async () => {
    throw new TypeError('a secret of the house');
  });
  const fault = await post('broken');
  assert.equal(fault.status, 500);
  assert.equal(JSON.parse(fault.text).error.code, 'INTERNAL');
  assert.doesNotMatch(fault.text, /secret/);
  assert.equal(log.matching(/^error .*a secret of the house/).length, 1);
  command(t, 'circular', async () => {
    const value: Record<string, never> = {};
    Object.assign(value, { value });
    return { value, text: '' };
  });
  assert.equal((await post('circular')).status, 500);
});

test('reload does not accept a file from a client: it could name programs that the daemon would run', async (t) => {
  const { server, fake, host } = await served(t);
  const reload = (...words: string[]) =>
    ask(server.path, '/v1/commands/reload', { method: 'POST', body: JSON.stringify({ arguments: words }) });
  // "reset" would replace the PIN and the white list of the daemon's user by the defaults.
  for (const word of ['/tmp/other.yaml', '-', '/etc/shadow', 'reset', 'RESET', '']) {
    const { status, text } = await reload(word);
    assert.equal(status, 400, word);
    assert.match(JSON.parse(text).error.message, /only reads its own configuration again/);
  }
  assert.equal((await reload('reset', 'reset')).status, 400);
  assert.equal(host.configuration?.settings.pin, '12345670');
  assert.equal((await reload()).status, 200);
  await fake.saw(/RECONFIGURE/);
});

test('an invalid request is refused with a message', async (t) => {
  const { server } = await served(t);
  const wrong = async (
    status: number,
    url: string,
    options: { method?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
  ) => {
    const reply = await ask(server.path, url, options);
    assert.equal(reply.status, status, `${url}: ${reply.text}`);
    const { error } = JSON.parse(reply.text);
    assert.deepEqual(Object.keys(error), ['code', 'message', 'retryable']);
    assert.equal(error.code, 'USAGE', reply.text);
    return reply;
  };
  const post = { method: 'POST' };
  for (const url of [
    '/',
    '/v1',
    '/v1/',
    '/v1/status/',
    '/v2/status',
    '/v1/commands/a/b',
    '/v1/commands/',
    '/v1/completions/file',
    '/v1/commands/..%2f..',
    '/v1//status',
    '/V1/STATUS',
  ]) {
    await wrong(404, url);
  }
  await wrong(404, '/v1/commands/nonsense', post);
  // Another frontend has this command.
  await wrong(404, '/v1/commands/color', post);
  assert.equal((await wrong(405, '/v1/status', post)).headers['allow'], 'GET');
  assert.equal((await wrong(405, '/v1/commands/version')).headers['allow'], 'POST');
  await wrong(405, '/v1/events', { method: 'DELETE' });
  await wrong(400, '/v1/status?verbose=1');
  for (const query of ['last=-1', 'last=x', 'last=201', 'last=1e2', 'wpa=yes', 'follow=', 'lats=1']) {
    await wrong(400, `/v1/events?${query}`);
  }
  for (const body of [
    '{',
    '[]',
    '"x"',
    'null',
    '{"arguments":"x"}',
    '{"arguments":[1]}',
    '{"argument":[]}',
    '{"arguments":null}',
    '['.repeat(30_000),
    Buffer.from([0x7b, 0xff, 0x7d]),
  ]) {
    await wrong(400, '/v1/commands/version', { ...post, body });
  }
  await wrong(400, '/v1/commands/version', { ...post, body: '{"arguments":["too many"]}' });
  await wrong(415, '/v1/commands/version', {
    ...post,
    body: '{}',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
});

test('a session that is not running: the answer says so', async (t) => {
  const { server, host } = await served(t);
  await host.stop();
  for (const path of ['/v1/stations', '/v1/clients']) {
    const { status, text } = await ask(server.path, path);
    assert.equal(status, 409);
    assert.equal(JSON.parse(text).error.code, 'STATE');
  }
  assert.equal((await ask(server.path, '/v1/metrics')).status, 200);
  assert.equal(JSON.parse((await ask(server.path, '/v1/status')).text).attached, false);
});

test('a command is answered if the session ends meanwhile', async (t) => {
  const { server, host, fake } = await served(t);
  fake.behave((text) => (text.startsWith('P2P_INVITE') ? 'OK\n' : undefined));
  command(t, 'invite-now', async (context) => {
    await context.host.invite(PHONE);
    return { value: null, text: '' };
  });
  const pending = ask(server.path, '/v1/commands/invite-now', { method: 'POST' });
  await fake.saw(/P2P_INVITE/);
  await host.stop();
  const { status, text } = await pending;
  assert.equal(status, 409, text);
});

test('events are lines: the former ones first, then new ones', async (t) => {
  const { server, fake, host } = await served(t);
  const former = next(host, 'peerFound');
  fake.emit(DEVICE, FOUND.replaceAll(PHONE, '42:00:00:00:02:00'));
  await former;
  const plain = new RawClient(t, server.path).get('/v1/events');
  const replay = new RawClient(t, server.path).get('/v1/events?last=1');
  const wpa = new RawClient(t, server.path).get('/v1/events?wpa=true');
  await eventually(
    () => replay.events.length === 1 && [plain, wpa].every(({ text }) => text.includes('\r\n\r\n')),
    () => replay.text + plain.text,
  );
  assert.match(plain.text, /content-type: application\/x-ndjson/i);
  assert.equal(replay.events[0]?.type, 'peerFound');
  fake.emit(DEVICE, FOUND);
  await eventually(
    () => plain.events.length === 1 && replay.events.length === 2 && wpa.events.length >= 2,
    () => [plain, replay, wpa].map(({ text }) => text).join('\n'),
  );
  const [event] = plain.events;
  assert.deepEqual(Object.keys(event ?? {}), ['time', 'text', 'type', 'peer']);
  assert.match(String(event?.text), /^\d\d:\d\d:\d\d device 42:00:00:00:01:00 "Her "phone""/);
  assert.ok(!Number.isNaN(Date.parse(String(event?.['time']))));
  const raw = wpa.events.find(({ type }) => type === 'wpaEvent');
  assert.match(JSON.stringify(raw), /"link":"device","event":\{"type":"P2P-DEVICE-FOUND"/);
  // Without "follow" it ends by itself.
  const once = await ask(server.path, '/v1/events?last=200&follow=false');
  const types = once.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).type);
  assert.deepEqual(types, ['peerFound', 'peerFound']);
});

test('an event at the moment when a stream opens is sent once', async (t) => {
  const { server, fake, host } = await served(t);
  const clients = [0, 1, 2, 3].map(() => new RawClient(t, server.path));
  for (let n = 0; n < 40; n++) {
    fake.emit(DEVICE, FOUND.replace(/01:00/g, `02:${(10 + n).toString()}`));
    clients[n / 10 - 1]?.get('/v1/events?last=200');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(
    () => host.peers.size === 40,
    () => String(host.peers.size),
  );
  for (const client of clients.slice(0, 3)) {
    await eventually(
      () => client.events.filter(({ type }) => type === 'peerFound').length >= 40,
      () => client.text,
    );
    const texts = client.events.map((event) => JSON.stringify(event['peer'] ?? event.type));
    assert.equal(new Set(texts).size, texts.length);
  }
});

test('passphrases are left out of the stream', async (t) => {
  const { server, fake } = await served(t);
  const client = new RawClient(t, server.path).get('/v1/events?wpa=true');
  await eventually(
    () => client.text.includes('\r\n\r\n'),
    () => client.text,
  );
  fake.removeGroup();
  fake.emit(DEVICE, 'WPS-CRED-RECEIVED 100e0036102600010110450009');
  fake.emit(DEVICE, 'P2P-GROUP-STARTED nonsense passphrase="mysecretpassword"');
  fake.emit(DEVICE, 'SOME-NEW-EVENT mysecretpassword');
  fake.emit(DEVICE, 'P2P-SOME-NEW-EVENT of interest');
  await eventually(
    () =>
      client.events.some(({ event }) => JSON.stringify(event ?? '').includes('of interest')) &&
      client.events.some(({ type }) => type === 'groupStarted'),
    () => client.text,
  );
  // Other values are kept.
  assert.ok(client.events.some(({ event }) => JSON.stringify(event ?? '').includes(`"ssid":"${SSID}"`)));
  assert.ok(client.events.some(({ text }) => text.endsWith('WPS-CRED-RECEIVED')));
  assert.doesNotMatch(client.text, /mysecretpassword|100e0036/);
});

test('a client disconnects while its command runs: the command is aborted, and runs to its end', async (t) => {
  const all = await served(t);
  const { signals, release } = heldCommand(t, 'held');
  let ended = false;
  command(t, 'outer', async (context, words, signal) => {
    const { execute } = await import('#src/commands/table.js');
    const output = await execute(context, 'held', words, signal);
    ended = true;
    return output;
  });
  const client = new RawClient(t, all.server.path).send(
    'POST /v1/commands/outer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n',
  );
  await eventually(
    () => signals.length === 1,
    () => 'the command',
  );
  assert.equal(signals[0]?.aborted, false);
  client.socket.destroy();
  await eventually(
    () => signals[0]?.aborted === true,
    () => 'its signal',
  );
  assert.equal(ended, false);
  release();
  await eventually(
    () => ended,
    () => 'its end',
  );
  await reacts(all);
});

test('close ends streams and idle connections at once, and waits for running commands for a bounded time', async (t) => {
  const { server, fake } = await served(t, { limits: { closingMs: 1_000 } });
  const { release, signals } = heldCommand(t, 'held');
  const stream = new RawClient(t, server.path).get('/v1/events');
  const idle = new RawClient(t, server.path);
  const kept = new RawClient(t, server.path).get('/v1/status');
  const stuck = new RawClient(t, server.path).get('/v1/clients');
  await eventually(
    () => [stream, kept, stuck].every(({ text }) => text.includes('\r\n\r\n')),
    () => stream.text + kept.text + stuck.text,
  );
  const answered = ask(server.path, '/v1/commands/held', { method: 'POST' });
  fake.behave((text) => (text.includes('p2p_client_list') ? null : undefined));
  stuck.get('/v1/clients');
  await fake.saw(/p2p_client_list/, 2);
  await eventually(
    () => signals.length === 1,
    () => 'the command',
  );
  let isClosed = false;
  const closing = server.close();
  void closing.then(() => {
    isClosed = true;
  });
  assert.equal(server.close(), closing);
  await eventually(
    () => stream.closed && idle.closed && kept.closed,
    () => `${stream.closed} ${idle.closed} ${kept.closed}`,
  );
  assert.equal(isClosed, false, 'an answer is waited for');
  // The last chunk: the stream ended properly.
  assert.match(stream.text, /\r\n0\r\n\r\n$/);
  assert.equal(signals[0]?.aborted, true);
  release();
  const { status, headers } = await answered;
  assert.equal(status, 200);
  assert.equal(headers['connection'], 'close');
  await closing;
  await eventually(
    () => stuck.closed,
    () => 'the one whose answer did not come',
  );
  await assert.rejects(ask(server.path, '/v1/status'), { code: 'ENOENT' });
});

test('works with curl and HTTP/1.0', async (t) => {
  const { server } = await served(t);
  const old = new RawClient(t, server.path).send('GET /v1/status HTTP/1.0\r\n\r\n');
  await eventually(
    () => old.closed,
    () => old.text,
  );
  assert.match(old.text, /^HTTP\/1\.1 200 OK\r\n/);
  const run = promisify(execFile);
  const curl = ['-sS', '--unix-socket', server.path];
  const version = await run('curl', [...curl, '-X', 'POST', 'http://localhost/v1/commands/version']).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
  if (version === null) t.skip('curl is not installed');
  else assert.match(version.stdout, /^\{"result":\{"version":"[\d.]+"\}/);
});
