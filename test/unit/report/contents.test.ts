import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Contents, gatherContents } from '#src/report/contents.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { PlantedMachine } from '../doctor/planted-machine.js';

/** What a report contains on planted machines. No daemon has this interface. */

const NO_DAEMON = 'wlan9';

function textOf({ parts }: Contents, name: string): string {
  const part = parts.find((one) => one.name === name);
  assert.ok(part, `${name} in ${parts.map((one) => one.name).join(', ')}`);
  return part.text;
}

/** Files of a log or a recording, as the rotation leaves them. */
function rotated(folder: string, name: string, extension: string, texts: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const names = texts.map((_, number) => `${name}-2026-11-2${number}${extension}`);
  for (const [place, text] of texts.entries()) writeFileSync(join(folder, names[place] ?? ''), text);
  const link = join(folder, name + extension);
  symlinkSync(names.at(-1) ?? '', link);
  return link;
}

/** @param lines of the section hostp2pd */
function gather(
  machine: PlantedMachine,
  lines: readonly string[],
  { log = 'null', limitMs }: { readonly log?: string; readonly limitMs?: number } = {},
): Promise<Contents> {
  const configFile = machine.configuration();
  const own = ['pin: "52107733"', ...lines].map((line) => `  ${line}\n`);
  writeFileSync(configFile, `logging:\n  file: ${log}\nhostp2pd:\n${own.join('')}`);
  return gatherContents({ interface: NO_DAEMON, configFile }, machine.sources, limitMs);
}

test('a machine without a daemon: what the doctor sees, what programs answered, and what is missing', async (t: TestContext) => {
  const machine = new PlantedMachine(t);
  await machine.sockets(t, 'p2p-dev-wlan0', 'wlan0');
  const contents = await gather(machine, []);
  assert.match(textOf(contents, 'doctor.txt'), /^ok +country /m);
  assert.match(textOf(contents, 'versions.txt'), /^wpa_supplicant, running: 2\.10$/m);
  const answers = textOf(contents, 'answers.txt');
  for (const part of [/^\$ iw list\nWiphy phy0/m, /^p2p-dev-wlan0 ← GET country\nIT$/m])
    assert.match(answers, part);
  assert.deepEqual(
    contents.missing.map((text) => text.replace(/:.*/, '')),
    ['the running hostp2pd', 'services.txt'],
  );
});

test('a program and a wpa_supplicant that hang: their part is missing, the others are there in bounded time', async (t) => {
  const machine = new PlantedMachine(t);
  const never = () => new Promise<never>(() => {});
  machine.sources = { ...machine.sources, ask: never, run: never };
  await machine.sockets(t, 'p2p-dev-wlan0');
  const contents = await gather(machine, [], { limitMs: 200 });
  assert.deepEqual(
    contents.missing
      .filter((text) => text.endsWith('no answer within 0.2 s'))
      .map((text) => text.replace(/:.*/, '')),
    ['doctor', 'versions.txt', 'services.txt'],
  );
});

test('log and recording: the end of the newest two files, without a secret', async (t) => {
  const machine = new PlantedMachine(t);
  const folder = temporaryFolder(t);
  const log = rotated(folder, 'hostp2pd', '.log', [
    'oldest\n',
    'older 52107733\n',
    `${'x'.repeat(1_000_001)}\n42:12:34:56:78:9a\n`,
  ]);
  const record = rotated(join(folder, 'records'), 'session', '.jsonl', ['{"a":"52107733"}\n', '{}\n']);
  const group = { version: 1, ssidHex: '44', passphrase: 'of the state file', psk: null, clients: [] };
  machine.write('var/lib/hostp2pd/p2p-dev-wlan0.json', JSON.stringify(group));
  await machine.sockets(t, 'p2p-dev-wlan0');
  machine.replies.set('STATUS', `${machine.replies.get('STATUS')}ssid=of the state file\n`);
  const contents = await gather(machine, [`record: ${record}`], { log });
  assert.match(textOf(contents, 'answers.txt'), /^ssid=<hidden>$/m);
  assert.equal(textOf(contents, 'log/hostp2pd-2026-11-21.log'), 'older <hidden>\n');
  const newest = textOf(contents, 'log/hostp2pd-2026-11-22.log');
  assert.equal(newest.length, 1_000_000);
  assert.match(newest, /x\n42:(?!12:34:56:78:9a)[0-9a-f:]{14}\n$/);
  assert.equal(textOf(contents, 'recording/session-2026-11-20.jsonl'), '{"a":"<hidden>"}\n');
  assert.equal(contents.parts.filter(({ name }) => name.startsWith('log/')).length, 2);
});
