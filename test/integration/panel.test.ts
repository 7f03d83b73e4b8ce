import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WRONG_TOKENS } from '#src/panel/security.js';
import { PANEL_LIMITS } from '#src/panel/server.js';
import { ask } from './control-support.js';
import { act, addresses, PASSPHRASE, PlayedPanel, SSID, Views } from './panel-support.js';
import { Place } from './place.js';
import { eventually, preloaded, temporaryFolder } from './support.js';

/** `hostp2pd panel` as a process, for a daemon as a process, by HTTP. */

/** Connections that stay open, or are closed by the panel. */
class Crowd {
  readonly sockets: Socket[];
  closed = 0;

  constructor(t: TestContext, port: number, count: number, text: string) {
    this.sockets = Array.from({ length: count }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('close', () => this.closed++);
      socket.on('data', () => {});
      socket.write(text);
      return socket;
    });
    t.after(() => {
      for (const socket of this.sockets) socket.destroy();
    });
  }
}

test('the page shows the network, who asks, who is on, and what happens; nothing comes from elsewhere', async (t) => {
  const played = await PlayedPanel.start(t);
  const { port } = played;
  const page = await ask(port, '/', { headers: { 'accept-language': 'de-DE,de;q=0.9,en;q=0.5' } });
  assert.equal(page.status, 200);
  assert.match(page.text, /<html lang="de">/);
  assert.match(page.text, /Telefon verbinden/);
  assert.doesNotMatch(page.text, /https?:|\/\//, 'no address of another place');
  assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; script-src 'self'/);
  assert.equal(page.headers['vary'], 'accept-language');
  assert.match((await ask(port, '/kiosk')).text, /<body class="kiosk">/);
  for (const [path, type] of [
    ['/panel.js', 'text/javascript'],
    ['/panel.css', 'text/css'],
  ] as const) {
    const { status, headers, text } = await ask(port, path);
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), new RegExp(`^${type}`));
    assert.ok(text.length > 1_000 && text.length < 60_000, path);
  }

  const views = new Views(t, port);
  await views.until(({ network }) => network !== null, 'the network');
  assert.equal(views.latest?.network?.ssid, SSID);
  assert.equal(views.latest?.network?.passphrase, PASSPHRASE);
  assert.match(views.latest?.network?.code ?? '', /^data:image\/svg\+xml,/);

  played.asksForPin(1, 'Ann');
  await views.until(({ requests }) => requests.length === 1, 'the request');
  const [request] = views.latest?.requests ?? [];
  assert.match(request?.pin ?? '', /^\d{8}$/);
  assert.equal(request?.name, 'Ann');
  assert.ok((request?.secondsLeft ?? 0) > 100);
  const shown = views.latest?.events.find(({ text }) => text === 'pinShown');
  assert.equal(shown?.name, 'Ann');
  assert.ok(!JSON.stringify(views.latest?.events).includes(request?.pin ?? ''), 'no PIN in the events');
  played.connect(1);
  await views.until(({ stations }) => stations[0]?.signals.length === 2, 'two values of its signal');
  const [station] = views.latest?.stations ?? [];
  assert.equal(station?.deviceAddress, addresses(1).device);
  assert.equal(station?.connectedSeconds, 412);
  assert.deepEqual(views.latest?.requests, []);
});

test('a page of another site can neither read nor do anything', async (t) => {
  const { port, token } = await PlayedPanel.start(t);
  const own = `http://127.0.0.1:${port}`;
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`]) {
    for (const path of ['/', '/kiosk', '/live', '/panel.js'])
      assert.equal((await ask(port, path, { headers: { host } })).status, 421, `${host} ${path}`);
    assert.equal((await act(port, { action: 'check' }, token, { host })).status, 421, host);
  }
  assert.equal((await ask(port, '/', { headers: { host: `localhost:${port}` } })).status, 200);
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `http://localhost:${port + 1}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: own, 'sec-fetch-site': 'cross-site' },
  ]) {
    assert.equal((await act(port, { action: 'check' }, token, headers)).status, 403, JSON.stringify(headers));
    assert.equal((await ask(port, '/live', { headers })).status, 403, JSON.stringify(headers));
  }
  const sent = { origin: own, 'sec-fetch-site': 'same-origin' };
  assert.equal((await act(port, { action: 'check' }, token, sent)).status, 200);
  // What a form of another site can send.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
    assert.equal((await act(port, { action: 'check' }, token, { 'content-type': type })).status, 415);
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS'])
    assert.equal((await ask(port, '/actions', { method })).status, 405, method);
});

test('only the paths of the panel are answered, and none leads to a file', async (t) => {
  const { port } = await PlayedPanel.start(t);
  for (const path of [
    '/../../../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/panel.js/../../hostp2pd.cjs',
    '/./panel.js',
    '//panel.js',
    '/panel.js%00',
    '/hostp2pd.cjs',
    '/v1/status',
    '/__proto__',
    '/constructor',
    'http://evil.example/',
    '*',
  ])
    assert.ok([400, 404].includes((await ask(port, path)).status), path);
  assert.equal((await ask(port, '/panel.js?v=1')).status, 200);
  assert.equal((await ask(port, '/', { method: 'POST' })).status, 405);
});

test('an action needs the token, and wrong ones soon have to wait', async (t) => {
  const played = await PlayedPanel.start(t);
  const { port, token } = played;
  assert.equal((await act(port, { action: 'button' }, null)).status, 401);
  assert.equal((await act(port, { action: 'button' }, token.slice(1))).status, 401);
  assert.equal((await act(port, { action: 'button' }, token)).status, 200);
  const views = new Views(t, port);
  await views.until(({ pairing }) => pairing?.method === 'pbc', 'the open button');
  assert.equal((await act(port, { action: 'stop' }, token)).status, 200);
  await views.until(({ pairing }) => pairing === null, 'the closed button');
  assert.equal((await act(port, { action: 'pin' }, token)).status, 200);
  await views.until(({ pairing }) => /^\d{8}$/.test(pairing?.pin ?? ''), 'the PIN');
  assert.equal((await act(port, { action: 'stop' }, token)).status, 200);

  played.showsPin(2, 'Printer');
  await views.until(({ requests }) => requests[0]?.method === 'keypad', 'the request');
  const { device } = addresses(2);
  assert.equal((await act(port, { action: 'enterPin', device, pin: '1234 5670' }, token)).status, 200);

  played.connect(3);
  await views.until(({ stations }) => stations.length === 1, 'the station');
  assert.equal((await act(port, { action: 'disconnect', device: addresses(3).device }, token)).status, 200);
  await played.fake.saw(/DEAUTHENTICATE 46:00:00:00:01:03|P2P_REMOVE_CLIENT/);
  const known = await act(port, { action: 'known' }, token);
  assert.equal(known.status, 200);
  assert.ok(Array.isArray(JSON.parse(known.text).known));
  for (const wrong of [
    { action: 'wpa' },
    { action: 'quit' },
    { action: 'disconnect', device: '--json' },
    { action: 'enterPin', device, pin: '12' },
    {},
    [],
  ])
    assert.equal((await act(port, wrong, token)).status, 400, JSON.stringify(wrong));
  const long = { action: 'check', more: 'x'.repeat(PANEL_LIMITS.bodyBytes) };
  assert.equal((await act(port, long, token)).status, 413);

  const answers: number[] = [];
  for (let count = 0; count < WRONG_TOKENS + 2; count++)
    answers.push((await act(port, { action: 'check' }, `wrong-${count}`)).status);
  assert.deepEqual(answers, [...Array(WRONG_TOKENS).fill(401), 429, 429]);
  const late = await act(port, { action: 'check' }, token);
  assert.equal(late.status, 429, 'the right one has to wait, too');
  assert.ok(Number(late.headers['retry-after']) > 0);
});

test('200 connections and slow clients: others are served, and open pages stay', async (t) => {
  const played = await PlayedPanel.start(t);
  const { port } = played;
  const page = new Views(t, port);
  await page.until(({ network }) => network !== null, 'the network');
  const silent = new Crowd(t, port, 200, '');
  const slow = new Crowd(t, port, 50, 'GET / HTTP/1.1\r\nHost: 127');
  assert.equal((await ask(port, '/')).status, 200);
  await eventually(
    () => silent.closed + slow.closed >= 250 - PANEL_LIMITS.connections,
    () => `only ${silent.closed + slow.closed} of 250 were closed`,
  );
  const streams = new Crowd(t, port, 200, `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  await eventually(
    () => streams.closed >= 200 - PANEL_LIMITS.streams,
    () => `only ${streams.closed} streams were closed`,
  );
  assert.equal((await ask(port, '/kiosk')).status, 200);
  const another = new Views(t, port);
  await another.until(({ network }) => network !== null, 'a page of a newcomer');
  // All these connections are one client for the daemon.
  played.connect(1);
  await another.until(({ stations }) => stations.length === 1, 'a station');
  assert.equal(played.program.stderr.replace(/^.*waiting\n/, ''), '');
});

test('a restart of the daemon: the page says so, and goes on by itself', async (t) => {
  const played = await PlayedPanel.start(t);
  const views = new Views(t, played.port);
  await views.until(({ network }) => network !== null, 'the network');
  await played.endDaemon();
  await views.until(({ state, network }) => state === 'lost' && network === null, 'the loss');
  const refused = await act(played.port, { action: 'button' }, played.token);
  assert.ok(refused.status >= 500, String(refused.status));
  await played.startDaemon();
  await views.until(({ state, network }) => state === 'up' && network !== null, 'the network again');
  assert.equal(views.closed, false);
});

test('--private shows nothing without the token', async (t) => {
  const { port, token } = await PlayedPanel.start(t, { options: ['--private'] });
  assert.equal((await ask(port, '/')).status, 200);
  assert.equal((await ask(port, '/live')).status, 401);
  assert.equal((await ask(port, '/live', { headers: { authorization: 'Bearer wrong' } })).status, 401);
  const views = new Views(t, port, { authorization: `Bearer ${token}` });
  await views.until(({ network }) => network !== null, 'the network');
});

test('without an open page the daemon is not asked; memory stays small', async (t) => {
  // The interval between two questions, and the time for which it goes on to ask without a page, are shorter.
  const preload = preloaded(
    t,
    `const after = setTimeout;
     const shorter = new Map([[2_000, 200], [15_000, 1_500]]);
     globalThis.setTimeout = (fire, ms, ...rest) => after(fire, shorter.get(ms) ?? ms, ...rest);`,
  );
  const played = await PlayedPanel.start(t, { preload });
  const pages = Array.from({ length: 8 }, () => new Views(t, played.port));
  for (let number = 1; number <= 8; number++) played.connect(number);
  for (const page of pages) await page.until(({ stations }) => stations.length === 8, 'eight stations');
  await pages[0]?.until(({ stations }) => (stations[0]?.signals.length ?? 0) > 3, 'some values');
  const kilobytes = Number(
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${played.pid}/status`, 'utf8'))?.[1],
  );
  t.diagnostic(`resident memory of the panel: ${Math.round(kilobytes / 1024)} MB`);
  assert.ok(kilobytes < 60 * 1024, `${kilobytes} kB`);
  for (const page of pages) page.end();
  let asked = -1;
  const count = () => played.fake.commands.filter((one) => one.includes(' STA ')).length;
  // Two equal counts, five intervals apart.
  for (let tries = 0; asked !== count() && tries < 30; tries++) {
    asked = count();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  assert.equal(count(), asked);
});

test('the token file is made for its owner only, kept, and refused if the token is too short', async (t) => {
  const file = join(temporaryFolder(t), 'panel', 'token');
  const place = new Place(t);
  const args = ['panel', '--listen', '127.0.0.1:0', '--token-file', file];
  const first = place.start(args, { input: null });
  await first.wrote(/token for operators: in /);
  const token = readFileSync(file, 'utf8').trim();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!(first.stdout + first.stderr).includes(token), 'it is not printed');
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(first.stdout)?.[1]);
  assert.equal((await act(port, { action: 'check' }, token)).status, 200);
  first.signal('SIGTERM');
  assert.deepEqual(await first.ended(), { code: 0, signal: null });
  const second = place.start(args, { input: null });
  await second.wrote(/token for operators: in /);
  assert.equal(readFileSync(file, 'utf8').trim(), token);
  writeFileSync(file, 'short\n');
  const third = await place.run(args);
  assert.equal(third.code, 2);
  assert.match(third.stderr, /expected 16 to 256/);
});

test('what cannot be listened at is an error, in one line', async (t) => {
  const played = await PlayedPanel.start(t);
  for (const [listen, message] of [
    ['0.0.0.0', /expected one address, got all of them/],
    ['[::]:80', /expected one address, got all of them/],
    ['box.local', /expected an IP address/],
    ['127.0.0.1:70000', /expected an IP address/],
    [`127.0.0.1:${played.port}`, /another program uses that address/],
  ] as const) {
    const { code, stderr } = await played.place.run(['panel', '--listen', listen]);
    assert.equal(code, 2, listen);
    assert.match(stderr, message);
    assert.equal(stderr.split('\n').length, 2, stderr);
  }
  // An address that may come later, such as that of the group.
  const waiting = played.place.start(['panel', '--listen', '192.0.2.77'], { input: null });
  await waiting.wrote(/does not have the address 192\.0\.2\.77 yet; waiting/);
  waiting.signal('SIGTERM');
  assert.deepEqual(await waiting.ended(), { code: 0, signal: null });
});
