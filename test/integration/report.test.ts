import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration, type Ended, hiddenFromOthers, Place } from './place.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

/** `hostp2pd report`: the archive for an issue report. */

const PHONE = '42:12:34:56:78:9a';
const STATION = '46:12:34:56:78:9a';
const UUID = 'dc78b4f3-c957-5653-9b16-b5cfb298abf1';
const NAME = 'Pixel of a user';
/**
 * The configured PIN, those of an operator and of a phone; passphrases and keys: of a network line, of a parameter, of the group,
 * of an event and of a reply.
 */
const SECRETS = [
  ...['12345670', '47114711', '31415926', '4711'],
  ...['words of the network line', 'secret-of-a-parameter', 'mysecretpassword', 'in an event', 'in a reply'],
];

/** The folder of an unpacked report, and its files by name. */
function unpacked(
  t: TestContext,
  archive: string,
): { readonly folder: string; readonly files: Map<string, string> } {
  const folder = temporaryFolder(t);
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = names.map((entry) => join(entry.parentPath, entry.name));
  return {
    folder,
    files: new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')])),
  };
}

async function daemonWithPhone(t: TestContext, fake: FakeSupplicant) {
  const place = new Place(t);
  const folder = temporaryFolder(t);
  const log = join(folder, 'hostp2pd.log');
  const record = join(folder, 'session.jsonl');
  const config = configuration(t, fake, [
    `file: ${log}`,
    'pin: "12345670"',
    'force_logging: true',
    `network_parms: ['psk "words of the network line"']`,
    'config_parms: { sae_password: secret-of-a-parameter }',
    `state_folder: ${temporaryFolder(t)}`,
    `record: ${record}`,
  ]);
  await place.daemon(['-i', DEVICE, '-c', config]);
  await fake.saw(`${GROUP} STA-FIRST`);
  fake.emit(
    DEVICE,
    `P2P-PROV-DISC-SHOW-PIN ${PHONE} 31415926 p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='${NAME}' config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=${GROUP}`,
  );
  fake.emit(DEVICE, 'WPS-NEW-AP-SETTINGS in an event');
  fake.emit(DEVICE, `X-Y passphrase="in an event" psk="in an event"`);
  fake.emit(GROUP, `WPS-PIN-NEEDED ${UUID} ${STATION} [Pixel|Google|1|2|3|10-0050F204-5]`);
  const paired = await place.run(['pair', 'pin', '47114711', '-i', DEVICE]);
  assert.equal(paired.code, 0, paired.stderr);
  fake.emit(GROUP, `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`);
  for (const file of [log, record])
    await eventually(
      () => existsSync(file) && readFileSync(file, 'utf8').includes(`AP-STA-CONNECTED ${STATION}`),
      () => file,
    );
  return { place, log, record, config };
}

test('with a daemon: everything is in it, and no secret and no address of a device', async (t) => {
  const fake = supplicant(t);
  fake.behave((command, name) =>
    name === DEVICE && command === 'STATUS'
      ? `wpa_state=DISCONNECTED\np2p_device_address=42:00:00:00:00:00\naddress=42:00:00:00:00:00\npassphrase=in a reply\nuuid=${UUID}\n`
      : undefined,
  );
  const { place, log } = await daemonWithPhone(t, fake);
  // The line of a hook of the user's own.
  const newest = join(
    log,
    '..',
    readdirSync(join(log, '..')).filter((name) => /^hostp2pd-.*\.log$/.test(name))[0] ?? '',
  );
  writeFileSync(newest, '2026-11-29 16:04:48.123 info: hook show_pin: type 4711\n', { flag: 'a' });
  const file = join(temporaryFolder(t), 'report.tar.gz');
  const result = await place.run(['report', file, '-i', DEVICE]);
  assert.deepEqual([result.code, result.stderr], [0, '']);
  assert.equal(statSync(file).mode & 0o777, 0o600);

  const { folder, files } = unpacked(t, file);
  const fixed = [...files.keys()].map((name) => name.replace(/-\d{4}-\d\d-\d\d/, ''));
  assert.deepEqual(fixed.filter((name) => name !== 'services.txt').sort(), [
    'answers.txt',
    'configuration.json',
    'contents.txt',
    'doctor.txt',
    'events.txt',
    'log/hostp2pd.log',
    'recording/session.jsonl',
    'stations.json',
    'statistics.json',
    'status.json',
    'versions.txt',
  ]);
  for (const name of files.keys())
    if (name !== 'contents.txt') assert.ok(result.stdout.includes(`  ${name} `), name);
  for (const [name, text] of files)
    for (const word of [...SECRETS, PHONE, STATION, UUID])
      assert.ok(!text.includes(word), `${word} in ${name}`);
  assert.equal(JSON.parse(files.get('status.json') ?? '').phase, 'running');
  assert.match(files.get('stations.json') ?? '', new RegExp(NAME));
  assert.match(
    files.get('doctor.txt') ?? '',
    new RegExp(`^configuration: .*, with which hostp2pd runs on ${DEVICE}$`, 'm'),
  );
  const logs = [...files].filter(([name]) => name.startsWith('log/')).map(([, text]) => text);
  assert.match(logs.join(''), /hook show_pin: type <hidden>$/m);
  const [recording = ''] = [...files.keys()].filter((name) => name.startsWith('recording/'));
  const replayed = await place.run(['replay', join(folder, recording)]);
  assert.match(replayed.stdout, /^no difference in \d\d+ steps$/m);

  const again = await place.run(['report', file, '-i', DEVICE]);
  assert.deepEqual([again.code, again.stdout], [2, '']);
  assert.match(again.stderr, /expected a name for a new file, got one that exists/);
});

function reportOf({ stdout }: Ended): {
  readonly file: string;
  readonly contents: string[];
  readonly missing: string[];
} {
  return JSON.parse(stdout);
}

test('without a daemon, and while wpa_supplicant does not answer: the rest is written', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const config = configuration(t, fake, ['pin: "12345670"']);
  const cwd = temporaryFolder(t);
  const without = reportOf(await place.run(['report', '-c', config, '--json'], { cwd }));
  assert.match(without.file, new RegExp(`^${cwd}/hostp2pd-report-\\d{4}-\\d\\d-\\d\\d-\\d{6}\\.tar\\.gz$`));
  assert.ok(without.missing.some((text) => /^the running hostp2pd: no hostp2pd is running/.test(text)));
  fake.behave(() => null);
  const hanging = reportOf(await place.run(['report', join(cwd, 'a'), '-c', config, '--json']));
  const { files } = unpacked(t, hanging.file);
  assert.match(files.get('answers.txt') ?? '', /← STATUS\n\(.*no reply within 4 s\)/);
  for (const name of ['doctor.txt', 'configuration.json', 'versions.txt']) assert.ok(files.has(name), name);
});

test('another user than root, who may read neither log nor configuration, is told so', {
  skip: process.getuid?.() === 0 ? hiddenFromOthers() : 'only root can become another user',
}, async (t) => {
  const fake = supplicant(t);
  const { place, config } = await daemonWithPhone(t, fake);
  const folder = temporaryFolder(t);
  execFileSync('chown', ['65534', folder]);
  const result = await place.run(['report', join(folder, 'a'), '-c', config, '--json'], { uid: 65_534 });
  assert.equal(result.code, 0, result.stderr);
  const { file, missing } = reportOf(result);
  assert.ok(
    missing.some((text) => text.startsWith('the running hostp2pd: ')),
    missing.join('\n'),
  );
  assert.match(unpacked(t, file).files.get('doctor.txt') ?? '', /cannot be read|permission denied/);
});

test('a folder that does not exist: nothing is left behind', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const config = configuration(t, fake);
  const folder = temporaryFolder(t);
  const env = { TMPDIR: folder };
  const result = await place.run(['report', join(folder, 'no', 'a'), '-c', config], { env });
  assert.equal(result.code, 1);
  assert.match(result.stderr, /^hostp2pd: report: .* cannot be written: there is no such file or folder/m);
  assert.deepEqual(readdirSync(folder), []);
});
