import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCrowd, WAYS_TO_HOLD } from '../crowd.js';
import { RawClient, reacts, served } from './control-support.js';
import { DEVICE } from './fake-supplicant.js';
import { Program } from './program.js';
import { eventually } from './support.js';

/** An operator beside a thousand clients that want a place on the control socket: its command is answered. */

test('hostp2pd status is answered while a thousand clients hold their connections', async (t) => {
  for (const [how, request] of WAYS_TO_HOLD) {
    const all = await served(t);
    const crowd = await startCrowd(all.server.path, request);
    t.after(() => crowd.kill('SIGKILL'));
    for (let n = 0; n < 2; n++) {
      const program = new Program(t, ['-i', DEVICE, 'status'], '', { HOSTP2PD_RUNTIME_DIR: all.folder });
      await program.ended();
      assert.match(program.stdout, /running/i, `${how}: ${program.stderr}`);
    }
    await reacts(all);
    crowd.kill('SIGKILL');
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
