import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HOSTP2PD } from '../shipped-program.js';
import { statusThat } from './asked-status.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { supplicant, temporaryFolder } from './support.js';
import { reasonToSkip, Terminal } from './terminal.js';

/** The program itself in each of its modes. */

const skip = reasonToSkip();

interface Set {
  readonly fake: FakeSupplicant;
  readonly place: Place;
  readonly config: string;
}

function setUp(t: TestContext, lines: readonly string[] = []): Set {
  const fake = supplicant(t);
  fake.behave((command) => (command === 'P2P_GET_PASSPHRASE' ? 'mysecretpassword' : undefined));
  return { fake, place: new Place(t), config: configuration(t, fake, lines) };
}

/** With a daemon whose group is up. */
async function withDaemon(t: TestContext, lines: readonly string[] = []): Promise<Set> {
  const all = setUp(t, lines);
  await all.place.daemon(['-i', DEVICE, '-c', all.config]);
  await all.fake.saw(`${GROUP} STA-FIRST`);
  return all;
}

function prompt(t: TestContext, { place, config }: Set): Terminal {
  return new Terminal(t, [process.execPath, HOSTP2PD, '-i', DEVICE, '-c', config], {
    environment: { HOME: temporaryFolder(t), HOSTP2PD_RUNTIME_DIR: place.folder, NO_COLOR: '1' },
  });
}

test('without options: the prompt, with its own session that ends with it', { skip }, async (t) => {
  const all = setUp(t);
  const terminal = prompt(t, all);
  await terminal.shows(/p2p-wlan0-0: group "DIRECT-PP-group" at 2437 MHz is up[\s\S]*CMD>$/);
  terminal.enter('status');
  await terminal.shows(/SSID: +DIRECT-PP-group\n[\s\S]*stations: +0\nCMD>$/);
  terminal.enter('hostp2pd.status.phase');
  await terminal.shows(/\n'running'\nCMD>$/);
  // Another process may use its control socket, too.
  const status = await all.place.run(['status']);
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /^phase: +running$/m);
  terminal.enter('quit');
  assert.equal(await terminal.ended(), 0);
  await all.fake.detached();
  assert.deepEqual(all.place.files(), []);
});

test('if a daemon runs, the prompt is its client, and leaves it running', { skip }, async (t) => {
  const all = await withDaemon(t);
  const terminal = prompt(t, all);
  await terminal.shows((text) => /already running: this is a client of/.test(text) && /CMD>$/.test(text));
  terminal.enter('loglevel debug');
  await terminal.shows(/log level: debug\nCMD>$/);
  terminal.enter('find 60');
  await all.fake.saw(/P2P_FIND 60/);
  terminal.press('C-c');
  await terminal.shows(/CMD> find 60\ninterrupted\nCMD>$/);
  terminal.enter('hostp2pd.status');
  await terminal.shows(/expression needs the session in this process[\s\S]*CMD>$/);
  terminal.enter('quit');
  assert.equal(await terminal.ended(), 0);
  assert.match((await all.place.run(['loglevel'])).stdout, /^log level: debug$/m);
});

test("the manual's batch example runs unchanged, except that its minute is shorter", async (t) => {
  const { place, config } = setUp(t);
  const hurried = join(temporaryFolder(t), 'hurried.mjs');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(
    hurried,
    `import timers from 'node:timers/promises';
     import { syncBuiltinESMExports } from 'node:module';
     const { setTimeout } = timers;
     timers.setTimeout = (ms, ...rest) => setTimeout(ms >= 10000 ? ms / 100 : ms, ...rest);
     syncBuiltinESMExports();`,
  );
  const { code, stdout } = await place.run(['-c', config, '-b', '-'], {
    input: 'stats\nwait 60\nstats\nstations\n',
    env: { NODE_OPTIONS: `--import ${hurried}` },
  });
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /requests to wpa_supplicant[\s\S]*waiting 60 s\n[\s\S]*1 {2}groups started[\s\S]*Stations: none/,
  );
});

test('an output that cannot be written is an error with a message', async (t) => {
  const { place } = await withDaemon(t);
  const file = join(temporaryFolder(t), 'none', 'out');
  const { code, stderr } = await place.run(['-i', DEVICE, '-b', file], { input: 'version\n' });
  assert.equal(code, 1);
  assert.match(stderr, /^hostp2pd: .*no such file[^\n]*\n$/);
});

test('an output that cannot be written ends its own session before it begins', async (t) => {
  const { place, config, fake } = setUp(t);
  const { code, stderr } = await place.run(['-i', DEVICE, '-c', config, '-b', temporaryFolder(t)], {
    input: 'version\n',
  });
  assert.equal(code, 1);
  assert.match(stderr, /^hostp2pd: the batch output \S+ cannot be written: expected a file, got a folder\n$/);
  assert.deepEqual(fake.commands, []);
});

test('batch mode beside a daemon: its commands go to the daemon', async (t) => {
  const { place, config } = await withDaemon(t);
  const file = join(temporaryFolder(t), 'out');
  const { code } = await place.run(['-i', DEVICE, '-c', config, '-b', file], { input: 'version\nnope\n' });
  assert.equal(code, 1, 'a command failed');
  assert.match(
    readFileSync(file, 'utf8'),
    /is already running[\s\S]*hostp2pd \d[\s\S]*error: unknown command: "nope"/,
  );
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal((await place.run(['status'])).code, 0);
});

test('status and stations in a terminal: one screen, in colours unless NO_COLOR is set', {
  skip,
}, async (t) => {
  const { place, fake, config } = await withDaemon(t, ['pin: "52107733"']);
  fake.emit(GROUP, 'AP-STA-CONNECTED 02:00:00:00:01:00');
  const terminal = (
    command: string,
    columns: number,
    more: Readonly<Record<string, string>> = {},
  ): Terminal =>
    new Terminal(t, [process.execPath, HOSTP2PD, '-i', DEVICE, command], {
      columns,
      environment: { HOSTP2PD_RUNTIME_DIR: place.folder, ...more },
    });
  await statusThat(place.folder, ({ text }) => /^stations: +1$/m.test(text));
  const screen = terminal('status', 80);
  assert.equal(await screen.ended(), 0);
  assert.match(screen.text, /^phase: +running\ngroup: +p2p-wlan0-0 since [\d:]{8}\nSSID: +DIRECT-PP-group\n/);
  assert.match(screen.text, new RegExp(`^configuration: +${config}$`, 'm'));
  assert.match(screen.text, /^admission: +by PIN 5210 7733$/m);
  assert.match(screen.text, /^stations: +1\nName .* Connected\n/m);
  assert.match(screen.coloured, /\u001b\[32m(?:\u001b\[49m)?running/);
  for (const command of ['status', 'stations']) {
    const plain = terminal(command, 60, { NO_COLOR: '1' });
    assert.equal(await plain.ended(), 0);
    assert.doesNotMatch(plain.coloured, /\u001b/);
    assert.match(plain.text, /02:00:00:00:01:00/);
    assert.equal((await place.run([command])).stdout.includes('\u001b'), false, 'no terminal, no colours');
  }
  const stations = terminal('stations', 80);
  assert.equal(await stations.ended(), 0);
  assert.match(stations.coloured, /\u001b\[4m(?:\u001b\[49m)?Stations: 1/);
});

test('hostp2pd <command>: as text, as JSON, and errors by the exit code', async (t) => {
  const { place } = await withDaemon(t);
  const status: unknown = JSON.parse((await place.run(['status', '--json'])).stdout);
  assert.ok(typeof status === 'object' && status !== null && 'phase' in status);
  assert.equal(status.phase, 'running');
  const pairing = await place.run(['pair', 'pin', '12345670']);
  assert.equal(pairing.stdout, 'pairing: 120 s left, PIN 12345670, any device\n');
  const refused = await place.run(['disconnect', '42:00:00:00:09:00', '--json']);
  assert.equal(refused.code, 1);
  assert.deepEqual(JSON.parse(refused.stdout).error.code, 'DEVICE_UNKNOWN');
  assert.match(
    refused.stderr,
    /^hostp2pd: expected the address of a station in the group, got 42:00:00:00:09:00/,
  );
  for (const [args, words] of [
    [['statsu'], /"statsu"; did you mean stat(?:s|us)\?/],
    [['group', 'begin'], /expected start or stop, got "begin"/],
    [['status', '--svg', 'x'], /status: --svg goes with qr only/],
    [['status', '-f'], /status: --follow goes with events only/],
    [['status', '--jsn'], /unknown option "--jsn"\nDid you mean --json\?/],
  ] as const) {
    const { code, stderr } = await place.run(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, words);
  }
  assert.match((await place.run(['pair', '--help'])).stdout, /hostp2pd pair \[method\] \[PIN\] \[address\]/);
  const tab = await place.run(['--get-yargs-completions', 'hostp2pd', 'sta']);
  assert.deepEqual(tab.stdout.split('\n'), ['stations', 'stats', 'status', '']);
});

test('qr: to the terminal, and into files that only their owner can read', async (t) => {
  const { place } = await withDaemon(t);
  const folder = temporaryFolder(t);
  const shown = await place.run(['qr']);
  assert.match(shown.stdout, /[▀▄█]{10}[\s\S]*SSID: +DIRECT-PP-group\npassphrase: +mysecretpassword\n$/);
  const files = await place.run(['qr', '--svg', join(folder, 'a.svg'), '--png', join(folder, 'a.png')]);
  assert.equal(files.code, 0, files.stderr);
  assert.equal(files.stdout, '');
  assert.match(readFileSync(join(folder, 'a.svg'), 'utf8'), /^<svg|^<\?xml/);
  assert.equal(statSync(join(folder, 'a.png')).mode & 0o777, 0o600);
  const batch = await place.run(['-i', DEVICE, '-b', '-'], { input: `qr --png ${join(folder, 'b.png')}\n` });
  assert.equal(batch.code, 0, batch.stdout);
  assert.equal(statSync(join(folder, 'b.png')).size, statSync(join(folder, 'a.png')).size);
  const piped = await place.run(['qr', '--svg', '-'], { cwd: folder });
  assert.equal(piped.stdout, readFileSync(join(folder, 'a.svg'), 'utf8'));
  assert.equal(existsSync(join(folder, '-')), false);
  const both = await place.run(['qr', '--svg', '-', '--png', '-']);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /standard output takes one of --svg -, --png - and --json/);
  const nowhere = await place.run(['qr', '--svg', join(folder, 'none', 'a.svg')]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /its folder does not exist/);
});

test('events and monitor follow the daemon line by line, and end with it', async (t) => {
  const { place, fake } = await withDaemon(t);
  const events = place.start(['events', '-f', '--json']);
  const monitor = place.start(['monitor']);
  await monitor.wrote(/DIRECT-PP-group/);
  const PHONE = '42:00:00:00:01:00';
  const found = () =>
    fake.emit(
      DEVICE,
      `P2P-DEVICE-FOUND ${PHONE} p2p_dev_addr=${PHONE} pri_dev_type=10-0050F204-5 name='Pixel${count++}' ` +
        'config_methods=0x188 dev_capab=0x25 group_capab=0x0',
    );
  let count = 0;
  // It may not follow the events yet.
  const again = setInterval(found, 100);
  t.after(() => clearInterval(again));
  await events.wrote(/"type":"peerFound"/);
  clearInterval(again);
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
  assert.equal((await events.ended()).code, 1);
  assert.match(events.stderr, /hostp2pd: .*ended/);
  monitor.signal('SIGINT');
  assert.equal((await monitor.ended()).code, 0);
});

test('doctor beside a daemon examines its settings, and says so; -c names another file', async (t) => {
  const { place, config, fake } = await withDaemon(t);
  const examined = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout, stderr } = await place.run(['doctor', '--json', ...args]);
    assert.equal(stderr, '');
    const report: unknown = JSON.parse(stdout);
    assert.ok(typeof report === 'object' && report !== null);
    return { ...report };
  };
  const beside = await examined();
  assert.equal(beside['examined'], `${config}, with which hostp2pd runs on ${DEVICE}`);
  const findings: unknown = beside['findings'];
  assert.ok(Array.isArray(findings));
  // Only its file names the folder of the sockets.
  assert.ok(findings.some(({ check, level }) => check === 'control-socket' && level === 'ok'));
  const ranks = findings.map(({ level }) => ['fault', 'warning', 'unknown', 'ok'].indexOf(level));
  assert.deepEqual(ranks, ranks.toSorted(), 'the worst first');
  const other = configuration(t, fake, []);
  assert.equal((await examined('-c', other))['examined'], other);
  const short = (await place.run(['doctor'])).stdout;
  assert.match(short, /^configuration: .*, with which hostp2pd runs on /);
  assert.match(short, /^\d+ checks ok \(--all lists them\)\n$/m);
  // No terminal: no colours, and nothing is wrapped.
  assert.doesNotMatch(short, /\u001b|^ok /m);
  const long = (await place.run(['doctor', '--all'])).stdout;
  assert.match(long, /^ok +control-socket .* answers?$/m);
  assert.match(long, /^\d+ checks ok\n$/m);
  const { code, stderr } = await place.run(['status', '--all']);
  assert.deepEqual([code, stderr.split('\n')[0]], [2, 'hostp2pd: status: --all goes with doctor only']);
});

test('without a daemon the error says where one was looked for', async (t) => {
  const { place, config } = setUp(t);
  const { code, stderr } = await place.run(['stations']);
  assert.equal(code, 1);
  assert.equal(stderr, `hostp2pd: no hostp2pd is running; looked in ${place.folder}\n`);
  // Some commands need none.
  assert.match((await place.run(['version'])).stdout, /^hostp2pd \d/);
  assert.match((await place.run(['completion', 'bash'])).stdout, /_hostp2pd_yargs_completions/);
  assert.match((await place.run(['help', 'pin'])).stdout, /enter the PIN that a phone shows/i);
  const doctor = await place.run(['doctor', '--json', '-c', config]);
  const report: unknown = JSON.parse(doctor.stdout);
  assert.ok(typeof report === 'object' && report !== null && 'worst' in report);
  assert.equal(doctor.code, { ok: 0, unknown: 0, warning: 1, fault: 2 }[String(report.worst)]);
});

test('standard input cannot be the configuration and the commands', async (t) => {
  const { place } = setUp(t);
  const { code, stderr } = await place.run(['-c', '-', '-b', '-'], { input: 'pin: "12345670"\n' });
  assert.equal(code, 2);
  assert.match(stderr, /standard input can hold the configuration \(-c -\) or the commands \(-b\), not both/);
});

test('status while wpa_supplicant no longer answers: without the table of stations, within a few seconds', async (t) => {
  const { place, fake } = await withDaemon(t);
  fake.emit(GROUP, 'AP-STA-CONNECTED 02:00:00:00:01:00');
  await statusThat(place.folder, ({ text }) => /^stations: +1$/m.test(text));
  fake.behave((command) => (command.startsWith('STA ') ? null : undefined));
  const { code, stdout } = await place.run(['status']);
  assert.equal(code, 0);
  assert.match(stdout, /^phase: +running$/m);
  assert.match(stdout, /^stations: +1$/m);
  assert.doesNotMatch(stdout, /02:00:00:00:01:00/);
});
