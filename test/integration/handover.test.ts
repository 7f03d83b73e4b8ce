import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { parseHandover } from '#src/commands/handover.js';
import { ndefMessage } from '#src/commands/ndef.js';
import { HOSTP2PD } from '../shipped-program.js';
import { ask } from './control-support.js';
import { DEVICE, type FakeSupplicant, GROUP, SSID } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { supplicant } from './support.js';

const PASSPHRASE = 'my;secret"password';
const FACTS = {
  ssid: SSID,
  passphrase: PASSPHRASE,
  bssid: '42:00:00:00:00:01',
  frequency: 2437,
  band: '2.4 GHz',
  panel: null,
};

async function withDaemon(t: TestContext): Promise<{ readonly fake: FakeSupplicant; readonly place: Place }> {
  const fake = supplicant(t);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? PASSPHRASE : undefined));
  const place = new Place(t);
  await place.daemon(['-i', DEVICE, '-c', configuration(t, fake)]);
  await fake.saw(`${GROUP} STA-FIRST`);
  return { fake, place };
}

test('handover prints the group as JSON, as the text and the picture of a code, and for a tag', async (t) => {
  const { place } = await withDaemon(t);
  for (const args of [['handover'], ['handover', '--json'], ['handover', '--format', 'json']]) {
    const { code, stdout, stderr } = await place.run(args);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), FACTS);
  }
  const wifi = await place.run(['handover', '--format', 'wifi']);
  assert.equal(wifi.stdout, 'WIFI:T:WPA;S:DIRECT-PP-group;P:my\\;secret\\"password;;\n');
  const qr = await place.run(['qr']);
  assert.match(qr.stdout, /[▀▄█]{10}/);
  assert.equal((await place.run(['handover', '--format', 'qr'])).stdout, qr.stdout);
  const env = { ...process.env, HOSTP2PD_RUNTIME_DIR: place.folder };
  const args = [HOSTP2PD, 'handover', '--format', 'ndef'];
  const tag = await promisify(execFile)(process.execPath, args, { env, encoding: 'buffer' });
  assert.deepEqual(tag.stdout, ndefMessage(FACTS));
});

test('handover: a wrong form, two forms at once, and no group', async (t) => {
  const { fake, place } = await withDaemon(t);
  const wrong = await place.run(['handover', '--format', 'nfc']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--format: expected one of json, wifi, qr, ndef, got "nfc"/);
  const both = await place.run(['handover', '--format', 'ndef', '--json']);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--json and --format ndef do not go together/);
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'FAIL\n' : undefined));
  fake.removeGroup();
  const socket = join(place.folder, `${DEVICE}.sock`);
  await fake.saw(/ P2P_GROUP_ADD/, 2);
  const { status, text } = await ask(socket, '/v1/handover');
  assert.equal(status, 409);
  assert.deepEqual(JSON.parse(text).error.code, 'STATE');
  const none = await place.run(['handover']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no group is running/);
});

test('the address of the panel: what its service has written, and nothing else', async (t) => {
  const { place } = await withDaemon(t);
  const socket = join(place.folder, `${DEVICE}.sock`);
  const panel = async (): Promise<unknown> => JSON.parse((await ask(socket, '/v1/handover')).text).panel;
  const file = join(place.folder, 'panel-url');
  for (const [text, expected] of [
    ['http://192.168.49.1:8649/\n', 'http://192.168.49.1:8649/'],
    ['http://[fd00::1]:8649/\n', 'http://[fd00::1]:8649/'],
    ['javascript:alert(1)\n', null],
    ['http://a/\nhttp://b/\n', null],
    ['', null],
    [`http://${'a'.repeat(300)}/\n`, null],
  ] as const) {
    writeFileSync(file, text);
    assert.equal(await panel(), expected, text);
  }
});

const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

test('a panel at an address for phones tells it to the daemon, as long as it runs; one for this machine does not', {
  skip: own === undefined ? 'this machine has no address but the loopback' : false,
}, async (t) => {
  const place = new Place(t);
  const file = join(place.folder, 'panel-url');
  for (const address of [own, '127.0.0.1']) {
    const panel = place.start(['panel', '--listen', `${address}:0`], { input: null });
    await panel.wrote(/token for operators/);
    const [url] = /http:\S+/.exec(panel.stdout) ?? [];
    if (address === own) assert.equal(readFileSync(file, 'utf8'), `${url?.replace(/,$/, '')}\n`);
    else assert.equal(existsSync(file), false);
    panel.signal('SIGTERM');
    assert.equal((await panel.ended()).code, 0);
    assert.equal(existsSync(file), false);
  }
});

test('what comes over the socket is checked', () => {
  assert.deepEqual(parseHandover(FACTS), FACTS);
  for (const wrong of [null, [], 'x', {}, { ...FACTS, ssid: 1 }, { ...FACTS, frequency: '2437' }])
    assert.equal(parseHandover(wrong), null);
});
