import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RemoteTarget } from '#src/control/client.js';
import { firstPhone } from '#src/setup/first-phone.js';
import { served } from './control-support.js';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { next } from './support.js';

/** What `hostp2pd setup` does at its end: it waits for the first phone. */

const STATION = '46:00:00:00:01:00';
const PHONE = '42:00:00:00:01:00';
const CONNECTED = `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`;

function waitFor(t: TestContext, daemon: RemoteTarget) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const notes: string[] = [];
  const note = (text: string) => void notes.push(text);
  const unit = `hostp2pd@${DEVICE}`;
  return { phone: firstPhone(daemon, { unit, addresses: false, signal: stop.signal, note }), stop };
}

test('a phone that joins during the wait, and one that is on already, end it', async (t) => {
  const { server, fake, host } = await served(t);
  const daemon = await RemoteTarget.connect(server.path);
  const connected = next(host, 'stationConnected');
  const { phone } = waitFor(t, daemon);
  fake.emit(GROUP, CONNECTED);
  await connected;
  const on = `The first phone has joined: ${PHONE}.`;
  assert.equal(await phone, on);
  assert.equal(await waitFor(t, daemon).phone, on);
});

test('Ctrl-C ends the wait without an error', async (t) => {
  const { server } = await served(t);
  const { phone, stop } = waitFor(t, await RemoteTarget.connect(server.path));
  stop.abort();
  assert.equal(await phone, null);
});

test('so does Ctrl-C before the wait has begun', async (t) => {
  const { server } = await served(t);
  const wait = { unit: `hostp2pd@${DEVICE}`, addresses: false, note: () => {} };
  const daemon = await RemoteTarget.connect(server.path);
  assert.equal(await firstPhone(daemon, { ...wait, signal: AbortSignal.abort() }), null);
});

test('a hostp2pd that ends during the wait is an error that says where to look', async (t) => {
  const { server } = await served(t);
  const { phone } = waitFor(t, await RemoteTarget.connect(server.path));
  const refused = assert.rejects(phone, {
    message: /^setup: no phone has joined yet: .*; "sudo journalctl -u hostp2pd@p2p-dev-wlan0" shows why$/,
  });
  server.close();
  await refused;
});
