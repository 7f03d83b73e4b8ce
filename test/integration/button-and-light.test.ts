import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HOSTP2PD } from '../shipped-program.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

/** The examples for a button, an LED and a display, as they are shipped, with a daemon on a fake wpa_supplicant. */

const EXAMPLES = fileURLToPath(new URL('../../../config/examples/', import.meta.url));
const PHONE = '42:00:00:00:01:00';
const STATION = '46:00:00:00:01:00';

interface Box {
  readonly fake: FakeSupplicant;
  readonly place: Place;
  /** With `hostp2pd` as an installed command. */
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
  /** Starts the daemon again. @returns its pid */
  readonly start: () => Promise<number>;
}

async function box(
  t: TestContext,
  lines: readonly string[] = [],
  variables: NodeJS.ProcessEnv = {},
): Promise<Box> {
  const fake = supplicant(t);
  const place = new Place(t);
  const bin = temporaryFolder(t);
  writeFileSync(join(bin, 'hostp2pd'), `#!/bin/sh\nexec '${process.execPath}' '${HOSTP2PD}' "$@"\n`);
  chmodSync(join(bin, 'hostp2pd'), 0o755);
  // The pause of the LED's script.
  writeFileSync(join(bin, 'sleep'), '#!/bin/sh\nexec /bin/sleep 1\n', { mode: 0o755 });
  const env = {
    ...process.env,
    HOSTP2PD_RUNTIME_DIR: place.folder,
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    ...variables,
  };
  const args = ['-i', DEVICE, '-c', configuration(t, fake, lines)];
  const start = () => place.daemon(args, { env: variables });
  const pid = await start();
  await fake.saw(`${GROUP} STA-FIRST`);
  return { fake, place, env, pid, start };
}

test('the button: the line for triggerhappy lets a phone in by its button', async (t) => {
  const { place, env } = await box(t);
  const lines = readFileSync(join(EXAMPLES, 'button.conf'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  assert.equal(lines.length, 1);
  const [, event, value, command] = /^(\S+)\s+(\S+)\s+(.+)$/.exec(lines[0] ?? '') ?? [];
  assert.deepEqual([event, value], ['KEY_WPS_BUTTON', '1'], 'pressed, not released');
  // As thd does (trigger.c).
  const press = () => promisify(execFile)('/bin/sh', ['-c', String(command)], { env });
  // A press does nothing while another one is handled, here by the same test in another Node.js.
  for (let tries = 1; ; tries++) {
    const error = await press().then(() => null, String);
    if (error === null) break;
    assert.ok(tries < 100, error);
    await delay(100);
  }
  const { stdout } = await place.run(['status', '--json']);
  assert.equal(JSON.parse(stdout).pairing.method, 'pbc');
});

test('the LED: dark, lit and blinking, as the group and the admission are', async (t) => {
  const { fake, place, env, pid, start } = await box(t);
  // As /sys/class/leds/<name> of an LED with the trigger "timer".
  const led = join(temporaryFolder(t), 'hostp2pd');
  mkdirSync(led);
  for (const name of ['trigger', 'brightness', 'delay_on', 'delay_off']) writeFileSync(join(led, name), '');
  writeFileSync(join(led, 'max_brightness'), '255\n');
  const read = (name: string): string => readFileSync(join(led, name), 'utf8').trim();
  const is = (): string => [read('trigger'), read('brightness')].join();
  const shows = (wanted: RegExp): Promise<void> =>
    eventually(
      () => wanted.test(is()),
      () => `the LED ${wanted}; it is ${is()}`,
    );
  const [dark, lit, blinking] = [/^none,0$/, /^none,255$/, /^timer,/];
  const script = spawn(join(EXAMPLES, 'hostp2pd-led.sh'), [led], { env, stdio: 'ignore' });
  t.after(() => script.kill());
  await shows(lit);
  await place.run(['pair', 'pbc']);
  await shows(blinking);
  // Files of the kernel that exist only with this trigger, so they are written after it.
  const delays = (): string => [read('delay_on'), read('delay_off')].join();
  await eventually(() => delays() === '200,200', delays);
  await place.run(['pair', 'stop']);
  await shows(lit);
  process.kill(pid, 'SIGTERM');
  await shows(dark);
  await start();
  await shows(lit);
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'FAIL\n' : undefined));
  fake.removeGroup();
  await shows(dark);
  assert.equal(script.exitCode, null);
});

test('the LED: what is no LED is refused', async () => {
  const run = promisify(execFile)(join(EXAMPLES, 'hostp2pd-led.sh'), ['/nowhere']);
  await assert.rejects(run, { code: 2, stderr: /expected an LED that may be written, got \/nowhere/ });
});

test('the display: the PIN with the name of the phone, until it is connected', async (t) => {
  const file = join(temporaryFolder(t), 'display');
  const lines = ['pin: random', `run_program: ${join(EXAMPLES, 'show-pin.sh')}`];
  const { fake, place } = await box(t, lines, { HOSTP2PD_DISPLAY_FILE: file });
  const shown = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : 'no file');
  await eventually(() => shown() === '\n', shown);
  const about = `p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='Ann\`s $(x)' config_methods=0x188 dev_capab=0x25 group_capab=0x0`;
  fake.emit(DEVICE, `P2P-PROV-DISC-SHOW-PIN ${PHONE} 99129897 ${about}`);
  await eventually(() => /^Ann`s \$\(x\)\n\d{4} \d{4}\n$/.test(shown()), shown);
  const pin = shown().split('\n')[1]?.replace(' ', '');
  const { stdout } = await place.run(['status', '--json']);
  assert.equal(JSON.parse(stdout).enrolling[0].pin, pin);
  for (const socket of [DEVICE, GROUP])
    fake.emit(socket, `AP-STA-CONNECTED ${STATION} p2p_dev_addr=${PHONE}`);
  await eventually(() => shown() === '\n', shown);
});

test('the display: a PIN that nobody types is cleared, and only that one', async (t) => {
  const file = join(temporaryFolder(t), 'display');
  const env = { ...process.env, HOSTP2PD_DISPLAY_FILE: file, HOSTP2PD_DISPLAY_SECS: '1' };
  const hook = (...args: string[]) => promisify(execFile)(join(EXAMPLES, 'show-pin.sh'), args, { env });
  const shown = (): string => readFileSync(file, 'utf8');
  await hook('show_pin', PHONE, '12345670', 'Ann');
  assert.equal(shown(), 'Ann\n1234 5670\n');
  await hook('connect', '42:00:00:00:02:00', 'Ben', GROUP);
  await hook('address', PHONE, 'Ann', GROUP, '192.168.49.17');
  assert.match(shown(), /^Ann|^$/m);
  await eventually(() => shown() === '\n', shown);
  rmSync(file);
});

const checker = ['/usr/bin/shellcheck', '/usr/local/bin/shellcheck'].find((path) => existsSync(path));

test('the scripts pass shellcheck', {
  skip: checker === undefined && 'shellcheck is not installed',
}, async () => {
  const scripts = ['hostp2pd-led.sh', 'show-pin.sh'].map((name) => join(EXAMPLES, name));
  await promisify(execFile)(String(checker), scripts);
});
