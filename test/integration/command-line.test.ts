import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { Program } from './program.js';
import { eventually, hookProgram, preloaded, supplicant, temporaryFolder } from './support.js';

test('-b with a log file: foreground, SIGHUP reloads, SIGTERM ends with 0 and leaves nothing behind', async (t) => {
  const fake = supplicant(t);
  const folder = temporaryFolder(t);
  const hook = hookProgram(folder);
  const file = join(folder, 'hostp2pd.yaml');
  const write = (pin: string) =>
    writeFileSync(
      file,
      `logging: { file: null }\nhostp2pd:\n  ctrl_interface: ${fake.folder}\n  pin: ${pin}\n`,
      {
        mode: 0o600,
      },
    );
  write('"12345670"');
  const log = join(folder, 'batch.log');
  const program = new Program(t, ['-b', log, '-d', '-c', file, '-i', DEVICE, '-p', hook.path]);
  await fake.saw(`${GROUP} STA-FIRST`);
  const text = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const logged = (pattern: RegExp) => () => pattern.test(text());
  await eventually(
    logged(/info p2p-wlan0-0: group "DIRECT-PP-group" at 2437 MHz is up/),
    () => program.stderr,
  );
  assert.match(text(), /attached to wpa_supplicant/, 'it has the lines from before the log was opened');

  write('12345670');
  program.signal('SIGHUP');
  await eventually(logged(/error .*not reloaded.*pin: .*, got a number/), text);
  write('"12345678"');
  program.signal('SIGHUP');
  await fake.saw(`${DEVICE} RECONFIGURE`);

  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.deepEqual(
    hook.calls().map(({ args }) => args[0]),
    ['started', 'start_group', 'terminated'],
  );
  const left = readdirSync(
    process.getuid?.() === 0 ? '/run/hostp2pd' : `${process.env['XDG_RUNTIME_DIR']}/hostp2pd`,
  );
  assert.deepEqual(
    left.filter((name) => name.includes(`.${program.child.pid}-`)),
    [],
  );
  assert.equal(program.stdout, '', 'lines for the file do not go to the terminal');
});

test('a reload changes the hook program, and removes it', async (t) => {
  const fake = supplicant(t);
  const hooks = [hookProgram(temporaryFolder(t)), hookProgram(temporaryFolder(t))] as const;
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  const write = (program: string) =>
    writeFileSync(
      file,
      `logging: { file: null }\nhostp2pd: { ctrl_interface: ${fake.folder}, run_program: "${program}" }\n`,
    );
  write(hooks[0].path);
  const program = new Program(t, ['-b', '-', '-d', '-v', '-c', file]);
  await fake.saw(`${GROUP} STA-FIRST`);
  write(hooks[1].path);
  program.signal('SIGHUP');
  await program.wrote(/configuration reloaded/);
  fake.emit(GROUP, 'AP-STA-CONNECTED 46:00:00:00:01:00');
  await eventually(
    () => hooks[1].calls().length === 1,
    () => program.stdout,
  );
  write('-');
  program.signal('SIGHUP');
  await fake.saw(`${DEVICE} RECONFIGURE`, 2);
  program.signal('SIGINT');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.deepEqual(
    hooks.map((hook) => hook.calls().map(({ args }) => args[0])),
    [['started', 'start_group'], ['connect']],
  );
});

test('an invalid configuration: all problems, exit code 2, nothing sent', async (t) => {
  const program = new Program(
    t,
    ['-b', '-', '-d', '-c', '-'],
    'hostp2pd:\n  pinn: x\n  max_scan_polling: many\n',
  );
  assert.deepEqual(await program.ended(), { code: 2, signal: null });
  assert.match(program.stderr, /hostp2pd\.pinn: .*did you mean "pin"/);
  assert.match(program.stderr, /hostp2pd\.max_scan_polling: expected .*, got "many"/);
});

test('the here document of the manual is read from standard input', async (t) => {
  const fake = supplicant(t);
  const program = new Program(
    t,
    ['-i', DEVICE, '-v', '-c', '-'],
    `pin: "00000000"\nctrl_interface: ${fake.folder}\n`,
  );
  await fake.saw(`${GROUP} STA-FIRST`);
  await program.wrote(/group .* is up/);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

test('HOSTP2PD_CFG names the file if -c does not', async (t) => {
  const program = new Program(t, ['-b', '-', '-d'], '', { HOSTP2PD_CFG: '/nonexistent/hostp2pd.yaml' });
  assert.deepEqual(await program.ended(), { code: 2, signal: null });
  assert.match(program.stderr, /\/nonexistent\/hostp2pd\.yaml/);
});

test('invalid arguments: one line, exit code 2', async (t) => {
  const program = new Program(t, ['--interfaces', 'x']);
  assert.deepEqual(await program.ended(), { code: 2, signal: null });
  assert.match(program.stderr, /unknown option "--interfaces"\nDid you mean --interface\?/);
});

test('the long-running process loads no argument parser, and the log library only when the group is up', async (t) => {
  const fake = supplicant(t);
  const list = join(temporaryFolder(t), 'loaded');
  // Records every module that is loaded, in order.
  const env = preloaded(
    t,
    `const { appendFileSync } = require('fs');
     const Module = require('module');
     const load = Module._load;
     Module._load = function (request) {
       appendFileSync(${JSON.stringify(list)}, request + '\\n');
       return load.apply(this, arguments);
     };`,
  );
  let whenAsked = '';
  fake.behave((command) => {
    if (command.startsWith('P2P_GROUP_ADD')) whenAsked = readFileSync(list, 'utf8');
    return undefined;
  });
  const config = `ctrl_interface: ${fake.folder}\n`;
  const program = new Program(t, ['-b', '-', '-d', '-v', '-c', '-'], config, env);
  await program.wrote(/group .* is up/);
  assert.match(whenAsked, /session\.cjs[\s\S]*\/unix_dgram\.node$/m);
  assert.doesNotMatch(whenAsked, /winston/);
  const inTheEnd = readFileSync(list, 'utf8');
  assert.match(inTheEnd, /winston/);
  assert.doesNotMatch(inTheEnd, /yargs|doctor|prompt|qr\.cjs|operator|addressing/);
  assert.doesNotMatch(
    inTheEnd,
    /child_process/,
    'without a hook program no module that starts processes is loaded',
  );
  program.signal('SIGTERM');
  await program.ended();
});

test('SIGTERM while the configuration is being read from standard input ends the program', async (t) => {
  const program = new Program(t, ['-b', '-', '-d', '-c', '-'], null);
  // It keeps reading, because its input does not end.
  await handlesSignals(program);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

/** Signals that a process has handlers for are a bit mask in /proc. Node itself handles SIGTERM; SIGHUP only we do. */
async function handlesSignals(program: Program): Promise<void> {
  const status = () => readFileSync(`/proc/${program.child.pid}/status`, 'utf8');
  const handled = () => BigInt(`0x${/SigCgt:\s*([0-9a-f]+)/.exec(status())?.[1] ?? '0'}`);
  await eventually(() => (handled() & 1n) !== 0n, status);
}

test('a FIFO as the configuration: it is read, SIGTERM ends the wait for it, and without a writer it is an error', async (t) => {
  const fake = supplicant(t);
  const fifo = join(temporaryFolder(t), 'fifo.yaml');
  execFileSync('mkfifo', [fifo]);
  const waiting = new Program(t, ['-b', '-', '-d', '-c', fifo]);
  await handlesSignals(waiting);
  waiting.signal('SIGTERM');
  assert.deepEqual(await waiting.ended(), { code: 0, signal: null });

  const served = new Program(t, ['-i', DEVICE, '-b', '-', '-d', '-c', fifo]);
  writeFileSync(fifo, `ctrl_interface: ${fake.folder}\n`);
  await fake.saw(`${GROUP} STA-FIRST`);
  // No process writes at the reload: the former configuration is kept, and not replaced by the defaults.
  served.signal('SIGHUP');
  await served.wrote(/error .*not reloaded.*nothing writes to it/);
  served.signal('SIGHUP');
  served.signal('SIGTERM');
  assert.deepEqual(await served.ended(), { code: 0, signal: null });
});

test('a configuration or batch output that is no regular file is named and does not block', async (t) => {
  const folder = temporaryFolder(t);
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  for (const [path, kind] of [
    [folder, 'a folder'],
    ['/dev/zero', 'a character device'],
  ]) {
    const program = new Program(t, ['-b', '-', '-c', path ?? '']);
    assert.equal((await program.ended()).code, 2);
    assert.match(
      `${program.stdout}${program.stderr}`,
      new RegExp(`expected a regular file or a pipe, got ${kind}`),
    );
  }
  const file = join(folder, 'hostp2pd.yaml');
  const settings = `logging: { file: null }\nhostp2pd: { ctrl_interface: ${folder}/nowhere }\n`;
  writeFileSync(file, settings, { mode: 0o600 });
  const batch = new Program(t, ['-b', fifo, '-d', '-c', file]);
  await eventually(
    () => /the batch output .* cannot be written: no program reads from that FIFO/.test(batch.stderr),
    () => batch.stderr,
  );
  batch.signal('SIGTERM');
  assert.deepEqual(await batch.ended(), { code: 0, signal: null });
});

test('SIGHUP with the configuration from standard input makes wpa_supplicant read its file again', async (t) => {
  const fake = supplicant(t);
  const program = new Program(t, ['-i', DEVICE, '-v', '-c', '-'], `ctrl_interface: ${fake.folder}\n`);
  await fake.saw(`${GROUP} STA-FIRST`);
  program.signal('SIGHUP');
  await fake.saw(`${DEVICE} RECONFIGURE`);
  await program.wrote(/warning .*standard input, which can be read only once/);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
});

test('a session that ends at once prints the reason and nothing else, and logs it', async (t) => {
  const fake = supplicant(t);
  const log = join(temporaryFolder(t), 'program.log');
  const config = `logging: { file: ${log} }\nhostp2pd: { ctrl_interface: ${fake.folder} }\n`;
  const program = new Program(t, ['-i', 'wlan0', '-c', '-'], config);
  assert.deepEqual(await program.ended(), { code: 1, signal: null });
  assert.match(
    program.stderr,
    /^\S+ error wlan0 is not where Wi-Fi Direct events arrive. Expected p2p-dev-wlan0\n$/,
  );
  assert.match(readFileSync(log, 'utf8'), /error wlan0 is not where/);
});

test('with --json standard output is one JSON value, whatever the error', async (t) => {
  for (const [args, code] of [
    [['qr', '--svg', '--json'], 2],
    [['--json', 'status', '--unknown'], 2],
    [['--json'], 2],
    [['__proto__', '--json'], 2],
    [['monitor', '--json'], 2],
    [['completion', '--json'], 2],
    [['help', '--json'], 2],
    [['wait', '0', '--json'], 0],
  ] as const) {
    const program = new Program(t, args);
    assert.equal((await program.ended()).code, code, args.join(' '));
    const value: unknown = JSON.parse(program.stdout);
    if (code === 0) assert.equal(value, null);
    else {
      assert.match(
        JSON.stringify(value),
        /^\{"error":\{"code":"USAGE","message":".+","retryable":false\}\}$/,
      );
      assert.match(program.stderr, /^hostp2pd: /);
    }
  }
});

test('standard output that is full or closed does not crash the program', async (t) => {
  for (const args of [['--help'], ['version'], ['help', 'status'], ['completion'], ['doctor', '--json']]) {
    const full = new Program(t, args, '', {}, { shell: 'exec "$0" "$@" >/dev/full' });
    assert.deepEqual(await full.ended(), { code: 1, signal: null }, args.join(' '));
    assert.equal(full.stderr, 'hostp2pd: standard output: no space is left on the disk\n');
    const unread = new Program(t, args, '', {}, { shell: '"$0" "$@" | true' });
    await unread.ended();
    assert.equal(unread.stderr, '', args.join(' '));
  }
});

test('SIGUSR1 opens no debugger and SIGUSR2 does not end the session', async (t) => {
  const fake = supplicant(t);
  const file = join(temporaryFolder(t), 'hostp2pd.yaml');
  writeFileSync(file, `logging: { file: null }\nhostp2pd: { ctrl_interface: ${fake.folder} }\n`, {
    mode: 0o600,
  });
  const program = new Program(t, ['-d', '-b', '-', '-c', file, '-i', DEVICE]);
  await fake.saw(`${GROUP} STA-FIRST`);
  program.signal('SIGUSR1');
  program.signal('SIGUSR2');
  program.signal('SIGHUP');
  await fake.saw(`${DEVICE} RECONFIGURE`);
  program.signal('SIGTERM');
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  assert.doesNotMatch(program.stderr, /Debugger listening/);
});
