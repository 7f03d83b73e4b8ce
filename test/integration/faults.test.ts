import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readProcess } from '#src/system/processes.js';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { eventually, hookProgram, ownSocketsOf, supplicant, temporaryFolder } from './support.js';

/** Uncaught errors, in a user's module and in the program itself. */

const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';
const ASKS =
  `P2P-PROV-DISC-SHOW-PIN ${PHONE} 99129897 p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='Phone' ` +
  `config_methods=0x188 dev_capab=0x25 group_capab=0x0 group=${GROUP}`;
const SEEN = `WPS-ENROLLEE-SEEN ${STATION} 572cf82f-c957-5653-9b16-b5cfb298abf1 0-00000000-0 0x3148 0 1 [ ]`;

/** Code of a user's module with an uncaught error, and the log line about it. */
const STRAYS: readonly [code: string, words: RegExp][] = [
  ["Promise.reject(new Error('at once'))", /at once/],
  ["setTimeout(() => Promise.reject(new Error('after a while')), 20)", /after a while/],
  ["setTimeout(() => { throw new Error('from a timer') }, 20)", /from a timer/],
  ["setImmediate(() => { throw 'no error at all' })", /a text of 15 characters/],
  ["import('node:fs').then(({ promises }) => promises.readFile('/nonexistent'))", /ENOENT/],
  ["import('node:net').then(({ connect }) => connect('/nonexistent'))", /connect ENOENT/],
  ["Promise.reject(new Error('the PIN is 87654325'))", /the PIN is <hidden>/],
];

test('an uncaught error of a pin_module is logged, and the daemon goes on', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const folder = temporaryFolder(t);
  const module = join(folder, 'pins.mjs');
  const codes = STRAYS.map(([code]) => `${code};`);
  // Some are thrown when the module is loaded, all of them for each phone.
  const lines = [...codes.slice(0, 3), 'export function getPin() {', ...codes, "return '12345670'; }"];
  writeFileSync(module, lines.join('\n'));
  const config = configuration(t, fake, ['pin: "12345670"', `pin_module: ${module}`]);
  const foreground = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', config]);
  await fake.saw(`${GROUP} STA-FIRST`);
  fake.emit(DEVICE, ASKS);
  const told = (words: RegExp) => (line: string) =>
    / error pin_module .*pins\.mjs: an error that it does not catch: /.test(line) && words.test(line);
  for (const [, words] of STRAYS)
    await eventually(
      () => foreground.stdout.split('\n').some(told(words)),
      () => `${words} in:\n${foreground.stdout}`,
    );
  assert.doesNotMatch(foreground.stdout, /87654325|internal error/);
  fake.emit(GROUP, SEEN);
  await fake.saw(`${GROUP} WPS_PIN ${STATION} 12345670 120`);
  assert.equal((await place.run(['status', '-i', DEVICE])).code, 0);
  foreground.signal('SIGTERM');
  assert.deepEqual(await foreground.ended(), { code: 0, signal: null });
});

/** Makes the program throw at SIGUSR2. */
function faulty(t: TestContext, fault: string): NodeJS.ProcessEnv {
  const preload = join(temporaryFolder(t), 'fault.mjs');
  writeFileSync(preload, `process.on('SIGUSR2', () => { ${fault} });`);
  return { NODE_OPTIONS: `--import ${preload}` };
}

for (const [what, fault] of [
  ['an exception', "setTimeout(() => { throw new Error('made up') }, 0)"],
  ['a rejection', "Promise.reject(new Error('made up'))"],
  ['one after the other, also while it ends', "setInterval(() => { throw new Error('made up') }, 1)"],
] as const)
  test(`an internal error, ${what}: the program ends as on SIGTERM, with exit code 1`, async (t) => {
    const fake = supplicant(t);
    const place = new Place(t);
    const hook = hookProgram(temporaryFolder(t));
    const foreground = place.start(
      ['-b', '-', '-d', '-i', DEVICE, '-c', configuration(t, fake), '-p', hook.path],
      {
        env: faulty(t, fault),
      },
    );
    await fake.saw(`${GROUP} STA-FIRST`);
    await eventually(
      () => place.files().length === 2,
      () => String(place.files()),
    );
    foreground.signal('SIGUSR2');
    assert.deepEqual(await foreground.ended(), { code: 1, signal: null });
    assert.match(foreground.stdout + foreground.stderr, /error internal error: Error: made up\b/);
    assert.deepEqual(
      hook.calls().map(({ args }) => args[0]),
      ['started', 'start_group', 'terminated'],
    );
    await fake.detached();
    assert.deepEqual(place.files(), []);
    assert.deepEqual(ownSocketsOf(foreground.child.pid), []);
  });

test('a daemon that crashed leaves neither a process nor files', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const pid = await place.daemon(['-i', DEVICE, '-c', configuration(t, fake)], {
    env: faulty(t, "setTimeout(() => { throw new Error('made up') }, 0)"),
  });
  await fake.saw(`${GROUP} STA-FIRST`);
  process.kill(pid, 'SIGUSR2');
  await eventually(
    () => readProcess(pid) === null,
    () => 'the end of the daemon',
  );
  await fake.detached();
  assert.deepEqual(place.files(), []);
});
