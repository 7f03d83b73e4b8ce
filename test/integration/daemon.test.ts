import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { NODE_OPTIONS } from '#src/daemon/launch.js';
import { readProcess } from '#src/system/processes.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { configuration, hiddenFromOthers, Place, writeConfiguration } from './place.js';
import type { ProgramOptions } from './program.js';
import { eventually, hookProgram, preloaded, supplicant, temporaryFolder } from './support.js';

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;
/** As root, the tests for an ordinary user run as the user "nobody", who must be able to read the program. */
const SKIP_NOBODY = IS_ROOT && hiddenFromOthers();

const gone = (pid: number) => readProcess(pid) === null;

test('-d returns when attached; the daemon has its own session and keeps nothing of its caller', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const { code, stdout, stderr } = await place.run(['-d', '-i', DEVICE, '-c', configuration(t, fake)]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const [, text] = /^hostp2pd: daemon started, pid (\d+), attached to p2p-dev-wlan0\n$/.exec(stdout) ?? [];
  const pid = Number(text);
  assert.ok(fake.attached(DEVICE));

  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, ppid, group, session, terminal] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  assert.deepEqual({ group, session, terminal }, { group: pid, session: pid, terminal: 0 });
  assert.notEqual(ppid, process.pid);
  assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Umask:\s*0077$/m);
  assert.equal(readFileSync(`/proc/${pid}/comm`, 'utf8'), 'hostp2pd\n');
  assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /^hostp2pd\0/);
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
  for (const descriptor of [0, 1, 2])
    assert.equal(readlinkSync(`/proc/${pid}/fd/${descriptor}`), '/dev/null');

  assert.equal(readFileSync(place.pidFile(), 'utf8'), `${pid}\n`);
  await fake.saw(`${GROUP} STA-FIRST`);
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
});

test('kill "$(cat FILE)" with the PID file ends the daemon', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const pid = await place.daemon(['-i', DEVICE, '-c', configuration(t, fake)]);
  const kill = spawn('sh', ['-c', 'kill "$(cat "$0")"', place.pidFile()]);
  assert.deepEqual(await once(kill, 'close'), [0, null]);
  await eventually(
    () => gone(pid),
    () => 'the end of the daemon',
  );
  assert.deepEqual(place.files(), []);
});

test('a daemon of an earlier version, with the start time as a second line of its PID file, is found', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const pid = await place.daemon(['-i', DEVICE, '-c', configuration(t, fake)]);
  writeFileSync(place.pidFile(), `${pid}\n${readProcess(pid)?.startTicks}\n`);
  assert.equal((await place.run(['-r', '-i', DEVICE])).code, 0);
  const second = await place.run(['-d', '-i', DEVICE, '-c', configuration(t, fake)]);
  assert.equal(second.stderr, `hostp2pd: ${DEVICE}: already running, pid ${pid}\n`);
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
  assert.ok(gone(pid));
});

test('-d without wpa_supplicant returns and says what the daemon waits for; then it attaches', async (t) => {
  const fake = supplicant(t);
  fake.close();
  const place = new Place(t);
  const { code, stdout } = await place.run(['-d', '-i', DEVICE, '-c', configuration(t, fake)]);
  assert.equal(code, 0);
  assert.match(stdout, /^hostp2pd: daemon started, pid \d+, waits: wpa_supplicant serves nothing in .*\n$/);
  assert.ok(existsSync(place.pidFile()));
  fake.serve('wlan0', DEVICE);
  await fake.saw(`${GROUP} STA-FIRST`);
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
});

test('with auto a waiting daemon is found as auto, and by its interface once that is known', async (t) => {
  const fake = supplicant(t);
  fake.close();
  const place = new Place(t);
  const config = configuration(t, fake);
  const pid = await place.daemon(['-c', config]);
  assert.deepEqual(place.pidFiles(), ['hostp2pd-auto.pid']);
  const second = await place.run(['-d', '-c', config]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`^hostp2pd: auto .*already running, pid ${pid}\n$`));

  fake.serve('wlan0', DEVICE);
  await fake.saw(`${GROUP} STA-FIRST`);
  assert.deepEqual(place.pidFiles(), [`hostp2pd-${DEVICE}.pid`]);
  // A third one finds the interface locked, and does not affect the first.
  const third = await place.run(['-d', '-c', config]);
  assert.equal(third.code, 1);
  assert.match(third.stderr, new RegExp(`${DEVICE}: already running, pid ${pid}\n$`));
  assert.equal((await place.run(['-t', '-c', config])).code, 0);
  assert.ok(gone(pid));
  assert.deepEqual(place.files(), []);
});

test('-d with an invalid configuration: all problems, exit code 2, no process', async (t) => {
  const place = new Place(t);
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  writeFileSync(file, 'hostp2pd:\n  pinn: x\n  max_scan_polling: many\n');
  const { code, stdout, stderr } = await place.run(['-d', '-c', file]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^hostp2pd: configuration .*\n.*pinn: .*did you mean "pin".*\n.*max_scan_polling: .*, got "many"/,
  );
  assert.deepEqual(place.files(), []);
  const missing = await place.run(['-d', '-c', '/nonexistent/hostp2pd.yaml']);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /\/nonexistent\/hostp2pd\.yaml/);
});

test('-d without permission for the control sockets: the error says who has it, exit code 1', {
  skip: SKIP_NOBODY,
}, async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const config = configuration(t, fake);
  chmodSync(fake.folder, 0o700);
  const folder = temporaryFolder(t);
  const home = join(folder, 'home');
  mkdirSync(home);
  if (IS_ROOT) {
    for (const path of [place.folder, config, join(config, '..'), folder, home])
      chownSync(path, NOBODY, NOBODY);
    chmodSync(join(fake.folder, '..'), 0o755);
  } else chmodSync(fake.folder, 0o000);
  const options: ProgramOptions = {
    env: { HOME: home, STATE_DIRECTORY: home, XDG_RUNTIME_DIR: home },
    ...(IS_ROOT ? { uid: NOBODY } : {}),
  };
  const { code, stdout, stderr } = await place.run(['-d', '-i', DEVICE, '-c', config], options);
  chmodSync(fake.folder, 0o700);
  assert.equal(code, 1, stdout);
  assert.match(stderr, /^hostp2pd: .*permission denied; .* is for user /);
  await eventually(
    () => place.files().length === 0,
    () => place.files().join(),
  );
});

test('-d on an interface that is no P2P device: an error after the attachment, exit code 1', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const { code, stdout, stderr } = await place.run(['-d', '-i', 'wlan0', '-c', configuration(t, fake)]);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.match(
    stderr,
    /^hostp2pd: wlan0 is not where Wi-Fi Direct events arrive\. Expected p2p-dev-wlan0\n$/,
  );
  assert.deepEqual(place.files(), []);
});

test('-d prints the error of a log file that cannot be written, for the daemon has no terminal', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const file = join(configuration(t, fake), 'hostp2pd.log');
  const config = configuration(t, fake, [`file: ${file}`]);
  const { code, stderr } = await place.run(['-d', '-i', DEVICE, '-c', config]);
  assert.equal(code, 0);
  assert.ok(
    stderr.startsWith(`hostp2pd: warning: no log: ${file} cannot be written: permission denied`),
    stderr,
  );
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
});

test('-d prints the error of a hook that cannot be run, and the log has it once', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const folder = temporaryFolder(t);
  const log = join(folder, 'hostp2pd.log');
  const config = configuration(t, fake, [`file: ${log}`]);
  const program = `${hookProgram(folder).path} -v`;
  const { code, stderr } = await place.run(['-d', '-i', DEVICE, '-c', config, '-p', program]);
  assert.equal(code, 0);
  const fault = `run_program: ${program} cannot be run: there is no such file; run_program takes no arguments`;
  assert.ok(stderr.startsWith(`hostp2pd: warning: ${fault}`), stderr);
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
  const told = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('cannot be run'));
  assert.equal(told.length, 1, told.join('\n'));
  assert.ok(told[0]?.includes(fault), told[0]);
});

test('one instance: a second -d and a foreground mode fail with the pid of the first, and call no hook', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const hook = hookProgram(temporaryFolder(t));
  const config = configuration(t, fake);
  const pid = await place.daemon(['-i', DEVICE, '-c', config]);
  for (const mode of [['-d'], ['-b', '-', '-d']]) {
    const { code, stdout, stderr } = await place.run([...mode, '-i', DEVICE, '-c', config, '-p', hook.path]);
    assert.equal(code, 1);
    assert.match(stdout + stderr, new RegExp(`${DEVICE}: already running, pid ${pid}\n$`));
  }
  // With auto the interface is found first; no hook is called before we have its lock.
  const auto = await place.run(['-b', '-', '-d', '-c', config, '-p', hook.path]);
  assert.equal(auto.code, 1);
  assert.match(auto.stdout + auto.stderr, new RegExp(`already running, pid ${pid}`));
  assert.deepEqual(hook.calls(), []);
  assert.deepEqual(place.pidFiles(), [`hostp2pd-${DEVICE}.pid`]);
  assert.equal((await place.run(['-t', '-c', config])).code, 0);
});

test('a daemon in the foreground has the lock too, and -r and -t find it', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const config = configuration(t, fake);
  const foreground = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', config]);
  await fake.saw(`${GROUP} STA-FIRST`);
  assert.deepEqual(place.pids(), [foreground.child.pid]);
  const { code, stderr } = await place.run(['-d', '-i', DEVICE, '-c', config]);
  assert.equal(code, 1);
  assert.equal(stderr, `hostp2pd: ${DEVICE}: already running, pid ${foreground.child.pid}\n`);
  assert.equal((await place.run(['-r', '-i', DEVICE])).code, 0);
  await foreground.wrote(/configuration reloaded/);
  const ending = place.run(['-t', '-i', DEVICE]);
  assert.deepEqual(await foreground.ended(), { code: 0, signal: null });
  assert.equal((await ending).code, 0);
  assert.deepEqual(place.pidFiles(), []);
  await place.daemon(['-i', DEVICE, '-c', config]);
});

test('in the foreground an existing file at the path of the PID file is no obstacle, and is kept', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  mkdirSync(place.pidFile());
  const foreground = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', configuration(t, fake)]);
  await fake.saw(`${GROUP} STA-FIRST`);
  foreground.signal('SIGTERM');
  assert.deepEqual(await foreground.ended(), { code: 0, signal: null });
  assert.match(foreground.stdout, /PID file .* got a folder.*; -t and -r will not find this session/);
  assert.ok(existsSync(place.pidFile()));
});

test('a prompt, or a batch with commands, writes no PID file', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const batch = place.start(['-b', '-', '-i', DEVICE, '-c', configuration(t, fake)], { input: null });
  await fake.saw(`${GROUP} STA-FIRST`);
  assert.deepEqual(place.pidFiles(), []);
  batch.signal('SIGTERM');
  assert.deepEqual(await batch.ended(), { code: 0, signal: null });
});

test('several -d at once: exactly one succeeds, each time', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const config = configuration(t, fake);
  for (const name of [DEVICE, 'auto', DEVICE, 'auto']) {
    const args = ['-d', '-i', name, '-c', config];
    const ends = await Promise.all([place.run(args), place.run(args), place.run(args)]);
    assert.deepEqual(ends.map(({ code }) => code).sort(), [0, 1, 1], JSON.stringify(ends));
    const won = /pid (\d+), attached/.exec(ends.map(({ stdout }) => stdout).join())?.[1];
    for (const { code, stderr } of ends) {
      // With auto one may find another that is about to fail.
      const pid = name === 'auto' ? '\\d+' : won;
      if (code === 1) assert.match(stderr, new RegExp(`already running, pid ${pid}\n$`));
    }
    assert.deepEqual(place.pidFiles(), [`hostp2pd-${DEVICE}.pid`]);
    assert.deepEqual(place.pids(), [Number(won)]);
    assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
  }
});

test('after kill -9 the next -d starts at once and replaces the stale PID file', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const args = ['-i', DEVICE, '-c', configuration(t, fake)];
  const first = await place.daemon(args);
  process.kill(first, 'SIGKILL');
  await eventually(
    () => gone(first),
    () => 'the end of the first',
  );
  assert.ok(existsSync(place.pidFile()), 'the stale file still exists');
  const { code, stderr } = await place.run(['-t', '-i', DEVICE]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`names pid ${first}, which is no longer running`));
  const second = await place.daemon(args);
  assert.notEqual(second, first);
  assert.deepEqual(place.pids(), [second]);
});

test('-t ends the daemon: hook terminated, no PID file, no process; a second -t finds none', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const hook = hookProgram(temporaryFolder(t));
  const pid = await place.daemon(['-i', DEVICE, '-p', hook.path, '-c', configuration(t, fake)]);
  await fake.saw(`${GROUP} STA-FIRST`);
  const ended = await place.run(['-t', '-i', DEVICE]);
  assert.deepEqual(ended, {
    code: 0,
    stdout: `hostp2pd: terminated the daemon of ${DEVICE}, pid ${pid}\n`,
    stderr: '',
  });
  assert.ok(gone(pid));
  assert.deepEqual(place.files(), []);
  assert.deepEqual(
    hook.calls().map(({ args }) => args[0]),
    ['started', 'start_group', 'terminated'],
  );
  const facts = Object.keys(hook.calls()[0]?.facts ?? {});
  assert.ok(!facts.includes('HOSTP2PD_DAEMON_CHILD'), 'internal variables are not passed to hooks');
  const again = await place.run(['-t', '-i', DEVICE]);
  assert.equal(again.code, 1);
  assert.equal(
    again.stderr,
    `hostp2pd: no daemon is running for ${DEVICE}: no PID file in ${place.folder}\n`,
  );
});

test('hooks inherit no file descriptor, neither ours nor one of the caller of -d', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const folder = temporaryFolder(t);
  const list = join(folder, 'descriptors');
  const hook = join(folder, 'hook');
  writeFileSync(hook, `#!/bin/sh\nls -l /proc/$$/fd > ${list}.new && mv ${list}.new ${list}\n`, {
    mode: 0o755,
  });
  const caller = join(folder, 'caller');
  writeFileSync(caller, '');
  const descriptor = openSync(caller, 'r');
  await place.daemon(['-i', DEVICE, '-p', hook, '-c', configuration(t, fake)], { descriptor });
  closeSync(descriptor);
  await eventually(
    () => existsSync(list),
    () => 'the hook',
  );
  const held = readFileSync(list, 'utf8');
  assert.ok(!held.includes(caller), held);
  // The descriptor of the report; the higher ones are the shell's own.
  assert.doesNotMatch(held, / [3-9] -> /);
  const [pid] = place.pids();
  const own = readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`));
  assert.ok(!own.includes(caller), own.join());
});

test('-r makes the daemon reload: the hook program of the new file is called', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const hook = hookProgram(temporaryFolder(t));
  const config = configuration(t, fake, [`interface: ${DEVICE}`]);
  const pid = await place.daemon(['-c', config]);
  await fake.saw(`${GROUP} STA-FIRST`);
  writeConfiguration(config, fake, [`interface: ${DEVICE}`, `run_program: ${hook.path}`]);
  const { code, stdout } = await place.run(['-r', '-c', config]);
  assert.equal(code, 0);
  assert.equal(stdout, `hostp2pd: the daemon of ${DEVICE}, pid ${pid} has reloaded its configuration\n`);
  await fake.saw(`${DEVICE} RECONFIGURE`);
  assert.equal((await place.run(['-t', '-c', config])).code, 0);
  assert.deepEqual(
    hook.calls().map(({ args }) => args[0]),
    ['terminated'],
  );
  assert.equal((await place.run(['-r', '-c', config])).code, 1);
});

test('-r with an invalid file: the reason, exit code 1, and the former configuration is kept', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const config = configuration(t, fake);
  const pid = await place.daemon(['-i', DEVICE, '-c', config]);
  await fake.saw(`${GROUP} STA-FIRST`);
  fake.commands.length = 0;
  for (const [text, reason] of [
    ['hostp2pd: { pinn: x }', /pinn/],
    ['hostp2pd: {', /./],
    ['hostp2pd: { hook_timeout_secs: 1000 }', /hook_timeout_secs/],
  ] as const) {
    writeFileSync(config, text);
    const { code, stdout, stderr } = await place.run(['-r', '-i', DEVICE]);
    assert.deepEqual([code, stdout], [1, ''], text);
    assert.ok(
      stderr.startsWith(`hostp2pd: the daemon of ${DEVICE}, pid ${pid} has not reloaded its configuration: `),
    );
    assert.match(stderr, reason);
  }
  assert.ok(!fake.commands.some((command) => command.includes('RECONFIGURE')));
  writeConfiguration(config, fake, []);
  assert.equal((await place.run(['-r', '-i', DEVICE])).code, 0);
  await fake.saw(`${DEVICE} RECONFIGURE`);
});

test('-r without a control socket: sends SIGHUP and does not claim success', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const foreground = place.start(['-b', '-', '-d', '-i', DEVICE, '-c', configuration(t, fake)]);
  await fake.saw(`${GROUP} STA-FIRST`);
  const socket = () => place.files().find((name) => name.endsWith('.sock'));
  await eventually(
    () => socket() !== undefined,
    () => String(place.files()),
  );
  unlinkSync(join(place.folder, socket() ?? ''));
  const { code, stderr } = await place.run(['-r', '-i', DEVICE]);
  assert.equal(code, 1);
  assert.match(stderr, /SIGHUP sent to .* to reload its configuration; the result is unknown \(/);
  await foreground.wrote(/configuration reloaded/);
});

test('relative names are resolved in the working directory of the caller, also after a reload', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const folder = temporaryFolder(t);
  const hook = hookProgram(folder);
  writeConfiguration(join(folder, 'hostp2pd.yaml'), fake, [`interface: ${DEVICE}`, 'run_program: ./hook']);
  const here = { cwd: folder };
  for (const [args, env] of [
    [[], {}],
    [['-c', 'hostp2pd.yaml'], {}],
    [[], { HOSTP2PD_CFG: 'hostp2pd.yaml' }],
    [['-p', './hook'], {}],
  ] as const) {
    const before = hook.calls().length;
    await place.daemon(args, { ...here, env });
    assert.equal((await place.run(['-r'], here)).code, 0);
    await fake.saw(`${DEVICE} RECONFIGURE`);
    fake.commands.length = 0;
    assert.equal((await place.run(['-t'], here)).code, 0);
    const called = hook.calls().slice(before);
    assert.equal(called[0]?.args[0], 'started');
    assert.equal(called.at(-1)?.args[0], 'terminated');
  }
  assert.equal((await place.run(['-t'], { cwd: '/' })).code, 1);
});

test('one of several daemons must be named, and an unreadable PID file is an error', async (t) => {
  const place = new Place(t);
  const fakes = [supplicant(t), supplicant(t)] as const;
  const none = configuration(t, fakes[0]);
  for (const [index, fake] of fakes.entries()) {
    fake.serve(`p2p-dev-wlan${index + 5}`);
    await place.daemon(['-i', `p2p-dev-wlan${index + 5}`, '-c', configuration(t, fake)]);
  }
  writeFileSync(place.pidFile('stale'), '999999999\n1\n');
  for (const option of ['-t', '-r']) {
    const { code, stderr } = await place.run([option, '-c', none]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /several daemons are running: p2p-dev-wlan5 \(pid \d+\), p2p-dev-wlan6 \(pid \d+\); .*-i/,
    );
  }
  assert.equal((await place.run(['-t', '-i', 'p2p-dev-wlan5'])).code, 0);
  const unreadable = await place.run(['-t', '-c', '/nonexistent.yaml']);
  assert.equal(unreadable.code, 2);
  assert.match(unreadable.stderr, /nonexistent\.yaml.*\nName the daemon with -i\.\n$/s);
  assert.match((await place.run(['-t', '-c', none])).stdout, /terminated the daemon of p2p-dev-wlan6/);
});

/** An unrelated process. */
async function innocent(t: TestContext, title: string | null): Promise<number> {
  const name = title === null ? '' : `process.title = ${JSON.stringify(title)};`;
  const child = spawn(process.execPath, ['-e', `${name} console.log(1); setInterval(() => {}, 1e6)`]);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

test('a PID file that names an unrelated process: no signal, the reason, exit code 1', async (t) => {
  const place = new Place(t);
  const sleep = spawn('sleep', ['1000']);
  t.after(() => sleep.kill('SIGKILL'));
  await once(sleep, 'spawn');
  const namesake = await innocent(t, 'hostp2pd');
  const ticks = readProcess(namesake)?.startTicks ?? 0;
  const target = join(temporaryFolder(t), 'target');
  writeFileSync(target, `${namesake}\n${ticks}\n`);
  for (const [content, reason] of [
    [
      `${sleep.pid}\n${readProcess(sleep.pid ?? 0)?.startTicks}\n`,
      /names pid \d+, which is sleep and not hostp2pd/,
    ],
    [`${sleep.pid}\n`, /which is sleep and not hostp2pd/],
    // The pid was ours once; another hostp2pd may have it now.
    [`${namesake}\n`, /names pid \d+, a hostp2pd that does not serve p2p-dev-wlan0/],
    [`${namesake}\n${ticks}\n`, /names pid \d+, a hostp2pd that does not serve p2p-dev-wlan0/],
    ['1\n', /names pid 1, which is .* and not hostp2pd/],
    ['-1\n', /contains no PID/],
    ['0\n', /contains no PID/],
  ] as const) {
    writeFileSync(place.pidFile(), content);
    for (const option of ['-t', '-r']) {
      const { code, stdout, stderr } = await place.run([option, '-i', DEVICE]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, content);
      assert.match(stderr, reason);
    }
  }
  symlinkSync(target, place.pidFile('linked'));
  const linked = await place.run(['-t', '-i', 'linked']);
  assert.equal(linked.code, 1);
  assert.match(linked.stderr, /got a symbolic link/);
  for (const pid of [sleep.pid ?? 0, namesake]) assert.ok(!gone(pid));
});

test('a link or a folder at the path of the PID file: not touched, exit code 1, no process left', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const target = join(temporaryFolder(t), 'target');
  writeFileSync(target, 'untouched');
  symlinkSync(target, place.pidFile());
  mkdirSync(place.pidFile('p2p-dev-wlan5'));
  const config = configuration(t, fake);
  for (const [name, reason] of [
    [DEVICE, /PID file .* got a symbolic link/],
    ['p2p-dev-wlan5', /PID file .* got a folder/],
  ] as const) {
    const { code, stdout, stderr } = await place.run(['-d', '-i', name, '-c', config]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.match(stderr, reason);
  }
  assert.equal(readFileSync(target, 'utf8'), 'untouched');
  assert.deepEqual(fake.commands, [], 'nothing was sent');
});

test('-d -c - reads the configuration from standard input, and then closes it', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const text = readFileSync(configuration(t, fake), 'utf8');
  const pid = await place.daemon(['-i', DEVICE, '-c', '-'], { input: text });
  assert.equal(readlinkSync(`/proc/${pid}/fd/0`), '/dev/null');
  assert.equal((await place.run(['-t', '-i', DEVICE])).code, 0);
  const file = join(temporaryFolder(t), 'input');
  writeFileSync(file, text);
  const shell = `exec "$0" "$@" < ${file}`;
  const second = await place.daemon(['-i', DEVICE, '-c', '-'], { shell });
  assert.equal(readlinkSync(`/proc/${second}/fd/0`), '/dev/null');
  const broken = await place.run(['-d', '-c', '-'], { input: 'hostp2pd: { pinn: x }' });
  assert.equal(broken.code, 2);
});

test('-d fails if the daemon is ended before it is ready, or cannot start', async (t) => {
  const place = new Place(t);
  // It keeps reading, because its input does not end.
  const waiting = place.start(['-d', '-c', '-'], { input: null });
  const child = () =>
    readFileSync(`/proc/${waiting.child.pid}/task/${waiting.child.pid}/children`, 'utf8').trim();
  await eventually(
    () => child() !== '' && readProcess(Number(child()))?.name === 'hostp2pd',
    () => waiting.stderr,
  );
  const pid = Number(child());
  waiting.signal('SIGINT');
  assert.deepEqual(await waiting.ended(), { code: 1, signal: null });
  assert.equal(waiting.stderr, 'hostp2pd: ended by SIGINT before it was ready\n');
  assert.ok(gone(pid));

  const env = preloaded(t, 'if (process.env.HOSTP2PD_DAEMON_CHILD) process.exit(7);');
  const { code, stderr } = await place.run(['-d'], { env });
  assert.equal(code, 1);
  assert.match(stderr, /^hostp2pd: the daemon ended with code 7 before it was ready; to see why/);
});

test('a user without XDG_RUNTIME_DIR has no folder for a PID file: the error says so', {
  skip: SKIP_NOBODY,
}, async (t) => {
  const fake: FakeSupplicant = supplicant(t);
  const config = configuration(t, fake);
  const options: ProgramOptions = {
    env: { HOSTP2PD_RUNTIME_DIR: '', XDG_RUNTIME_DIR: '' },
    ...(IS_ROOT ? { uid: NOBODY } : {}),
  };
  if (IS_ROOT) for (const path of [config, join(config, '..')]) chownSync(path, NOBODY, NOBODY);
  const { code, stderr } = await new Place(t).run(['-d', '-i', 'p2p-dev-test9', '-c', config], options);
  assert.equal(code, 1);
  assert.match(stderr, /^hostp2pd: no folder for the PID file: XDG_RUNTIME_DIR is not set/);
});

test('the daemon of -d gets the options of Node.js that keep its heap small, and forgets the YAML parser', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const seen = join(temporaryFolder(t), 'seen');
  const env = preloaded(
    t,
    `process.on('exit', () => {
       const loaded = Object.keys(require.cache).map((file) => require('path').basename(file));
       require('fs').appendFileSync(${JSON.stringify(seen)}, JSON.stringify([process.execArgv, loaded]) + '\\n');
     });`,
  );
  const pid = await place.daemon(['-i', DEVICE, '-c', configuration(t, fake)], { env });
  process.kill(pid, 'SIGTERM');
  await eventually(
    () => gone(pid),
    () => 'the end of the daemon',
  );
  const lines = readFileSync(seen, 'utf8').trimEnd().split('\n');
  const [launcher, daemon]: string[][][] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(launcher?.[0], []);
  assert.deepEqual(daemon?.[0], NODE_OPTIONS);
  const loaded = daemon?.[1] ?? [];
  assert.ok(loaded.includes('session.cjs') && !loaded.includes('yaml.cjs'), loaded.join());
});

test('the memory that a flood of events takes is given back when it is over, before the first group too', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const seen = join(temporaryFolder(t), 'seen');
  // What collects the garbage is loaded only for that.
  const env = preloaded(
    t,
    `setInterval(() => {
       if (!process.moduleLoadList.includes('NativeModule inspector')) return;
       require('fs').writeFileSync(${JSON.stringify(seen)}, '');
     }, 100).unref();`,
  );
  const onDemand = configuration(t, fake, ['activate_persistent_group: false']);
  const pid = await place.daemon(['-i', DEVICE, '-c', onDemand], { env });
  const dirty = () =>
    Number(/^Private_Dirty:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  let i = 0;
  const found = async (count: number) => {
    for (const end = i + count; i < end; i++) {
      const address = `02:00:00:00:${[i >> 8, i].map((n) => (n & 255).toString(16).padStart(2, '0')).join(':')}`;
      fake.emit(
        DEVICE,
        `P2P-DEVICE-FOUND ${address} p2p_dev_addr=${address} pri_dev_type=10-0050F204-5 name='Phone ${i}' ` +
          'config_methods=0x188 dev_capab=0x25 group_capab=0x0',
      );
      if (i % 100 === 99) await setTimeout(5);
    }
  };
  // What stays: the program is loaded, and knows as many devices as it keeps.
  await eventually(
    () => place.files().some((name) => name.endsWith('.sock')),
    () => String(place.files()),
  );
  await found(2_000);
  const before = dirty();
  while (dirty() < before + 4_000) await found(100);
  const full = dirty();
  await eventually(
    () => existsSync(seen) && dirty() < full - 2_000,
    () => `${before} → ${full} → ${dirty()} kB, collected: ${existsSync(seen)}`,
  );
});
