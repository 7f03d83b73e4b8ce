import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { statusThat } from './asked-status.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { NotifySocket } from './notify-socket.js';
import { configuration, Place, writeConfiguration } from './place.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

/** What does not work is told in `status` (text and JSON), in the monitor and to systemd: why, since when, and what it waits for. */

interface Condition {
  readonly subject: string;
  readonly reason: string;
  readonly since: string;
  readonly waitsFor: string | null;
  readonly nextTrySeconds: number | null;
}

interface Status {
  readonly phase: string;
  readonly noGroup: (Condition & { readonly cause: string }) | null;
  readonly problems: readonly Condition[];
  readonly recording: string | null;
}

function program(folder: string, text: string): string {
  const file = join(folder, 'hook.sh');
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
}

class Daemon {
  readonly place: Place;
  readonly notify: NotifySocket;

  constructor(t: TestContext, config: string, more: readonly string[] = []) {
    this.place = new Place(t);
    this.notify = new NotifySocket(t);
    const env = { NOTIFY_SOCKET: this.notify.path };
    this.place.start(['-b', '-', '-d', '-i', DEVICE, '-c', config, ...more], { env });
  }

  async status(): Promise<Status> {
    return JSON.parse((await this.place.run(['status', '-i', DEVICE, '--json'])).stdout);
  }

  async text(command: string): Promise<string> {
    return (await this.place.run([command, '-i', DEVICE])).stdout;
  }

  /** Waits until the status fits. */
  async until(fits: (status: Status) => boolean): Promise<Status> {
    return (await statusThat<Status>(this.place.folder, ({ result }) => fits(result))).result;
  }
}

const subjects = ({ problems }: Status) => problems.map(({ subject }) => subject).sort();

function daemon(t: TestContext, fake: FakeSupplicant, lines: readonly string[]): Daemon {
  return new Daemon(t, configuration(t, fake, lines));
}

test('a hook that fails, a log and a state that cannot be written: told everywhere, and over when they work again', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  // A folder of that name, so that even root cannot write it.
  const [log, state] = [join(folder, 'p2p.log'), join(folder, 'state')];
  mkdirSync(log);
  writeFileSync(state, '');
  const hook = program(folder, 'exit 3');
  const lines = [`file: ${log}`, `run_program: ${hook}`, `state_folder: ${state}`];
  const config = configuration(t, fake, lines);
  const one = new Daemon(t, config);
  const status = await one.until((view) => subjects(view).join() === 'hooks,log,state file');
  for (const { reason, since, waitsFor } of status.problems) {
    assert.ok(reason !== '' && waitsFor !== null && Math.abs(Date.now() - Date.parse(since)) < 60_000);
  }
  const text = await one.text('status');
  const hooks = `hooks since [\\d:]{8}: hook \\w+: ${hook} ended with code 3; waits for the next event`;
  assert.match(text, new RegExp(`^problem: +${hooks}$`, 'm'));
  assert.match(
    text,
    /^problem: +log since [\d:]{8}, next try in \d+ s: .*p2p\.log cannot be written: expected a regular file, got a folder/m,
  );
  assert.match(text, /^problem: +state file since [\d:]{8}: .*p2p-dev-wlan0\.json cannot be written: /m);
  await one.notify.got(new RegExp(`^STATUS=group "DIRECT-PP-group" .*; ${hooks}`));
  const monitor = one.place.start(['monitor', '-i', DEVICE]);
  await monitor.wrote(new RegExp(`^problem: ${hooks}$`, 'm'));
  monitor.signal('SIGTERM');

  program(folder, 'exit 0');
  fake.emit(GROUP, 'AP-STA-CONNECTED 02:00:00:00:01:00');
  await one.until((view) => !subjects(view).includes('hooks'));
});

test('a reload that fails is told until one succeeds', async (t) => {
  const fake = supplicant(t);
  const config = configuration(t, fake);
  const one = new Daemon(t, config);
  await one.until(({ phase }) => phase === 'running');
  writeFileSync(config, 'hostp2pd:\n  pinn: x\n');
  assert.equal((await one.place.run(['-r', '-i', DEVICE])).code, 1);
  const [problem] = (await one.status()).problems;
  assert.match(problem?.reason ?? '', /^reload failed, the previous one is still in use: .*pinn/s);
  assert.deepEqual([problem?.subject, problem?.waitsFor], ['configuration', 'the next reload']);
  writeConfiguration(config, fake, []);
  assert.equal((await one.place.run(['-r', '-i', DEVICE])).code, 0);
  assert.deepEqual((await one.status()).problems, []);
});

test('the default PIN where it is refused: no start, and a reload keeps the former PIN', async (t) => {
  const fake = supplicant(t);
  const config = configuration(t, fake);
  const place = new Place(t);
  const args = ['-i', DEVICE, '-c', config, '--refuse-default-pin', '-d'];
  const refused = await place.run(args);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /hostp2pd\.pin: expected a PIN of your own, got the default PIN.*"pin: random"/,
  );
  writeConfiguration(config, fake, ['pin: "52107733"']);
  await place.daemon(args.slice(0, -1));
  const status = async () => (await place.run(['status', '-i', DEVICE])).stdout;
  await eventually(
    () => place.files().some((name) => name.endsWith('.sock')),
    () => String(place.files()),
  );
  writeConfiguration(config, fake, []);
  const reload = await place.run(['-r', '-i', DEVICE]);
  assert.equal(reload.code, 1);
  assert.match(reload.stderr, /got the default PIN/);
  await fake.saw(`${GROUP} STA-FIRST`);
  assert.match(await status(), /^admission: +by PIN 5210 7733$/m);
  assert.match(await status(), /^problem: +configuration since .*the default PIN/m);
});

test('a recording is told; a second session that names the same file is refused, and takes it over when it is free', async (t) => {
  const [fake, other] = [supplicant(t), supplicant(t)];
  const record = join(temporaryFolder(t), 'session.jsonl');
  const one = daemon(t, fake, [`record: ${record}`]);
  await one.until(({ recording }) => recording === record);
  assert.match(await one.text('status'), new RegExp(`^recording: +${record}$`, 'm'));
  await eventually(
    () => existsSync(record),
    () => record,
  );
  const config = configuration(t, other, [`record: ${record}`]);
  const two = new Daemon(t, config);
  const [problem] = (await two.until(({ problems }) => problems.length > 0)).problems;
  assert.equal(problem?.subject, 'recording');
  assert.match(
    problem?.reason ?? '',
    /^another hostp2pd, pid \d+, records into .*session\.jsonl; set record to another file/,
  );
  assert.equal((await two.status()).recording, null);
  for (const pid of one.place.pids()) process.kill(pid, 'SIGTERM');
  await eventually(
    () => one.place.pids().length === 0,
    () => 'the end of the first session',
  );
  // A reload without record, and one with it, begins the recording.
  for (const lines of [[], [`record: ${record}`]]) {
    writeConfiguration(config, other, lines);
    assert.equal((await two.place.run(['-r', '-i', DEVICE])).code, 0);
  }
  await two.until(({ recording, problems }) => recording === record && problems.length === 0);
});

test('no group: since when, which stays while the reason changes, and another time after the next group', async (t) => {
  const fake = supplicant(t);
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'FAIL\n' : undefined));
  const one = daemon(t, fake, []);
  const refused = await one.until(({ noGroup }) => noGroup?.cause === 'refused');
  const since = refused.noGroup?.since ?? '';
  await fake.saw(/P2P_GROUP_ADD/, 2);
  assert.equal((await one.status()).noGroup?.since, since);
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'OK\n' : undefined));
  await one.until(({ phase }) => phase === 'running');
  fake.behave((command) => (command.startsWith('P2P_GROUP_ADD') ? 'FAIL\n' : undefined));
  fake.removeGroup();
  const again = await one.until(({ noGroup }) => noGroup !== null);
  assert.ok(Date.parse(again.noGroup?.since ?? '') > Date.parse(since));
  assert.match(await one.text('status'), /^group: +none since [\d:]{8}, next try in \d+ s: /m);
});

/** A changed control socket triggers a heartbeat, just as ten seconds do; every sixth looks at the settings. */
async function lookedAt(fake: FakeSupplicant, times: number): Promise<void> {
  const looked = () => fake.saw(`${DEVICE} GET device_name`, times, 300);
  for (let tries = 0; tries < 30; tries++) {
    utimesSync(join(fake.folder, DEVICE), new Date(), new Date());
    const done = await looked().then(
      () => true,
      () => false,
    );
    if (done) return;
  }
  await looked();
}

test('another program changes the device name: it is set back, and told when that does not help', async (t) => {
  const fake = supplicant(t);
  const one = daemon(t, fake, ['config_parms: { device_name: Box }']);
  await one.until(({ phase }) => phase === 'running');
  const set = `${DEVICE} SET device_name Box`;
  for (let times = 1; times <= 3; times++) {
    fake.settings.set('device_name', 'raspberrypi');
    await lookedAt(fake, times);
    await fake.saw(set, times + 1);
    assert.deepEqual((await one.status()).problems, []);
  }
  fake.settings.set('device_name', 'raspberrypi');
  await lookedAt(fake, 4);
  const { problems } = await one.until((status) => status.problems.length > 0);
  assert.deepEqual(
    problems.map(({ subject }) => subject),
    ['settings'],
  );
  const told =
    'settings since [\\d:]{8}: phones see "raspberrypi", not "Box": another program changes device_name; waits for that ' +
    'program to leave it; NetworkManager needs wifi-p2p.device-name=Box in a \\[device\\] section in /etc/NetworkManager/conf.d';
  assert.match(await one.text('status'), new RegExp(`^problem: +${told}$`, 'm'));
  await one.notify.got(new RegExp(`^STATUS=group .*; ${told}`));
  assert.equal(fake.settings.get('device_name'), 'raspberrypi', 'it is left so');

  fake.settings.set('device_name', 'Box');
  await lookedAt(fake, 5);
  await one.until((status) => status.problems.length === 0);
});
