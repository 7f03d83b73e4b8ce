import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration, type Ended, Place, writeConfiguration } from './place.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

/** The setting `record`, the option of that name, and `hostp2pd replay`. */

const DIALOGUE = fileURLToPath(new URL('../../fixtures/dialogues/push-button.jsonl', import.meta.url));
const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const ASKS = `P2P-PROV-DISC-SHOW-PIN ${PHONE} 31415926 p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='mysecretpassword' config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=${GROUP}`;
/** The configured PIN, that of an operator, one that wpa_supplicant names; the passphrase of a network line, and of the group. */
const SECRETS = ['12345670', '47114711', '31415926', 'words of the network line', 'mysecretpassword'];

function text(file: string): string {
  return readFileSync(file, 'utf8');
}

async function replay(place: Place, ...args: string[]): Promise<Ended> {
  return place.run(['replay', ...args]);
}

/** A daemon that records into this file, with its group up. */
async function recording(
  t: TestContext,
  fake: FakeSupplicant,
  { lines = [], args = [] }: { readonly lines?: readonly string[]; readonly args?: readonly string[] } = {},
) {
  const place = new Place(t);
  const config = configuration(t, fake, [
    'pin: "12345670"',
    `network_parms: ['psk "words of the network line"']`,
    `state_folder: ${temporaryFolder(t)}`,
    ...lines,
  ]);
  const daemon = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', config, ...args]);
  await fake.saw(`${GROUP} STA-FIRST`);
  return { place, config, daemon };
}

async function has(file: string, pattern: RegExp): Promise<void> {
  const content = (): string => {
    try {
      return text(file);
    } catch {
      return '';
    }
  };
  await eventually(() => pattern.test(content()), content);
}

test('a session is recorded without its secrets, and plays back without a difference', async (t) => {
  const fake = supplicant(t);
  const file = join(temporaryFolder(t), 'logs', 'session.jsonl');
  const { place, daemon } = await recording(t, fake, { lines: [`record: ${file}`] });
  fake.emit(DEVICE, ASKS);
  fake.emit(DEVICE, 'DPP-CONFOBJ-PASS 6d797365637265747061737377');
  fake.emit(GROUP, `WPS-PIN-NEEDED dc78b4f3 ${STATION} [Pixel|Google|1|2|3|10-0050F204-5]`);
  await has(file, /WPS_PIN/);
  const paired = await place.run(['pair', 'pin', '47114711', '-i', DEVICE]);
  assert.equal(paired.code, 0, paired.stderr);
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`);
  await has(file, /"hook":"connect"/);
  daemon.signal('SIGTERM');
  assert.equal((await daemon.ended()).code, 0);

  const recorded = text(file);
  for (const secret of SECRETS) assert.ok(!recorded.includes(secret), secret);
  assert.match(recorded, /DPP-CONFOBJ-PASS <hidden>/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const result = await replay(place, file);
  assert.deepEqual([result.code, result.stderr], [0, '']);
  assert.match(result.stdout, /^no difference in \d\d+ steps\n$/);
  const timeline = await replay(place, file, '--as', 'timeline');
  assert.match(timeline.stdout, /→ event {3}group: AP-STA-CONNECTED 46:00:00:00:01:00/);
  assert.match(timeline.stdout, / phase {3}═══ ended ═══/);
});

test('a reload switches the recording on, to another file, and off', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const [one, two] = [join(folder, 'one.jsonl'), join(folder, 'two.jsonl')];
  const { place, config, daemon } = await recording(t, fake);
  const reload = async (...lines: string[]): Promise<void> => {
    writeConfiguration(config, fake, ['pin: "12345670"', ...lines]);
    const { code, stderr } = await place.run(['-r', '-i', DEVICE]);
    assert.equal(code, 0, stderr);
  };
  const found = (number: number): void =>
    fake.emit(
      DEVICE,
      `P2P-DEVICE-FOUND 42:00:00:00:02:0${number} p2p_dev_addr=42:00:00:00:02:0${number} name='Phone ${number}'`,
    );
  await reload(`record: ${one}`);
  await has(one, /"recording":1/);
  found(1);
  await has(one, /Phone 1/);
  await reload(`record: ${two}`);
  await has(two, /"recording":1/);
  found(2);
  await has(two, /Phone 2.*\n.*/);
  await reload();
  await has(two, /"type":"configure"/);
  found(3);
  await place.run(['peers', '-i', DEVICE]);
  daemon.signal('SIGTERM');
  await daemon.ended();
  assert.doesNotMatch(text(one), /"text":"[^"]*Phone 2/);
  assert.doesNotMatch(text(two), /Phone 3/);
  for (const file of [one, two]) assert.match((await replay(place, file)).stdout, /^no difference/);
});

test('--record wins over the file; after a kill and a cut line the next start goes on in the same file', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const file = join(folder, 'session.jsonl');
  const args = ['--record', file];
  const { place, daemon, config } = await recording(t, fake, {
    lines: [`record: ${join(folder, 'other.jsonl')}`],
    args,
  });
  await has(file, /STA-FIRST/);
  daemon.signal('SIGKILL');
  await daemon.ended();
  truncateSync(file, statSync(file).size - 20);
  const again = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', config, ...args]);
  await has(file, /"recording":1[\s\S]*"recording":1[\s\S]*STA-FIRST/);
  again.signal('SIGTERM');
  await again.ended();
  const { code, stdout, stderr } = await replay(place, file);
  assert.deepEqual(
    [code, stderr.replace(/line \d+/, 'line N')],
    [0, 'hostp2pd: line N is cut off and is left out\n'],
  );
  assert.match(stdout, /^no difference in \d+ steps\n$/);
});

test('a difference is shown with its line, and the exit code is 1', async (t) => {
  const place = new Place(t);
  const file = join(place.folder, 'changed.jsonl');
  writeFileSync(file, text(DIALOGUE).replace('"command":"LIST_NETWORKS"', '"command":"LIST_NETWORKS now"'));
  const { code, stdout } = await replay(place, file);
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^line \d+, \d+\.\d+ s after its head: reply to interfaces\n {2}hostp2pd \S+ did: .*LIST_NETWORKS now/,
  );
  assert.match(stdout, /\n {2}this version does: {2}.*"LIST_NETWORKS"/);
  const { difference } = JSON.parse((await replay(place, file, '--json')).stdout);
  assert.equal(difference.input, 'reply to interfaces');
});

test('what is no recording is refused in one line', async (t) => {
  const place = new Place(t);
  const path = (name: string): string => join(place.folder, name);
  mkdirSync(path('folder'));
  execFileSync('mkfifo', [path('fifo')]);
  writeFileSync(path('garbage'), 'hello\nworld\n');
  writeFileSync(path('newer'), text(DIALOGUE).replace('"recording":1', '"recording":7'));
  writeFileSync(path('large'), '');
  truncateSync(path('large'), 1_000_000_000);
  const cases: readonly (readonly [string, RegExp])[] = [
    ['missing', /there is no such file/],
    ['folder', /expected a regular file, got a folder/],
    ['fifo', /expected a regular file, got a FIFO/],
    ['garbage', /expected a step in JSON/],
    ['newer', /expected a recording of format 1, got 7/],
    ['large', /expected at most 64000000 bytes, got more/],
  ];
  for (const [name, message] of cases) {
    const { code, stdout, stderr } = await replay(place, path(name));
    assert.deepEqual([name, code, stdout, stderr.split('\n').length], [name, 2, '', 2]);
    assert.match(stderr, message);
  }
  for (const args of [
    ['--as', 'png'],
    ['--from', '3'],
    ['--as', 'svg', '--to', 'x'],
    ['--as', 'svg', '--from', '9', '--to', '3'],
    ['--as', 'timeline', '--from', '90000'],
  ])
    assert.match(
      (await replay(place, DIALOGUE, ...args)).stderr,
      /expected |go with --as only|nothing between these times/,
    );
});

test('the diagram is drawn from a part of a recording', async (t) => {
  const place = new Place(t);
  const whole = await replay(place, DIALOGUE, '--as', 'svg');
  const part = await replay(place, DIALOGUE, '--as', 'svg', '--from', '1', '--to', '3');
  assert.match(whole.stdout, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [\s\S]*<\/svg>\n$/);
  assert.ok(part.stdout.length < whole.stdout.length / 2);
});
