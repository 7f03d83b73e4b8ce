import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { RawClient, reacts, served } from './control-support.js';
import { DEVICE } from './fake-supplicant.js';
import { Program } from './program.js';
import { eventually } from './support.js';

/** An operator beside a thousand clients that want a place on the control socket: its command is answered. */

const CROWD = 1_000;

const WAYS: readonly [how: string, request: string][] = [
  ['say nothing', ''],
  ['have sent half a request line', 'GET /v1/st'],
  ['have sent half their headers', 'GET /v1/status HTTP/1.1\r\nHost: x\r\nX: '],
  ['have sent half a body', 'POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
  ['keep their connection', 'GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['do not read their events', 'GET /v1/events?last=200&wpa=true HTTP/1.1\r\nHost: x\r\n\r\n'],
];

/** A process with a thousand clients. Each one connects again as soon as it is turned away. */
async function crowd(t: TestContext, path: string, request: string): Promise<ChildProcess> {
  const script = `
    const { createConnection } = require('node:net');
    const join = () => {
      const socket = createConnection(${JSON.stringify(path)}, () => { socket.pause(); socket.write(${JSON.stringify(request)}); });
      socket.on('error', () => {});
      socket.on('close', () => setTimeout(join, 100));
    };
    for (let n = 0; n < ${CROWD}; n++) join();
    setTimeout(() => process.stdout.write('.'), 300);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('hostp2pd status is answered while a thousand clients hold their connections', async (t) => {
  for (const [how, request] of WAYS) {
    const all = await served(t);
    const child = await crowd(t, all.server.path, request);
    const times: number[] = [];
    for (let n = 0; n < 2; n++) {
      const begin = performance.now();
      const program = new Program(t, ['-i', DEVICE, 'status'], '', { HOSTP2PD_RUNTIME_DIR: all.folder });
      await program.ended();
      times.push(performance.now() - begin);
      assert.match(program.stdout, /running/i, `${how}: ${program.stderr}`);
    }
    t.diagnostic(`${how}: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    await reacts(all);
    child.kill('SIGKILL');
    await all.server.close();
  }
});

test('a request that comes byte by byte is answered', async (t) => {
  const all = await served(t);
  const body = '{"arguments":[]}';
  const post = `POST /v1/commands/version HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (const request of ['GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n', post]) {
    const client = new RawClient(t, all.server.path);
    for (const byte of request) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(
      () => client.text.includes('\r\n\r\n{'),
      () => client.text,
    );
    assert.match(client.text, /^HTTP\/1\.1 200 /);
  }
  await reacts(all);
});
