import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { HookOutcome, Spawn } from '#src/hooks/hook-process.js';
import { HookRunner } from '#src/hooks/hook-runner.js';
import { explainProgram } from '#src/hooks/program-check.js';
import type { Logger } from '#src/logging/logger.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const folder = temporaryFolder();
let count = 0;

function newPath(): string {
  count += 1;
  return join(folder, `file ${count}`);
}

async function script(body: string, mode = 0o755): Promise<string> {
  const path = newPath();
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, mode);
  return path;
}

interface Setup {
  readonly runner: HookRunner;
  readonly log: string[];
  run(name: string, args?: readonly string[], environment?: Record<string, string>): Promise<HookOutcome>;
}

function setup(
  program: string,
  { timeoutMs = 5000, spawn }: { timeoutMs?: number; spawn?: Spawn } = {},
): Setup {
  const log: string[] = [];
  const logger: Logger = { wants: () => true, log: (level, message) => void log.push(`${level} ${message}`) };
  const runner = new HookRunner({ program, timeoutMs, logger, ...(spawn ? { spawn } : {}) });
  return { runner, log, run: (name, args = [], environment = {}) => runner.run({ name, args, environment }) };
}

/** Waits for a condition, which must come true within 5 s. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    assert.ok(Date.now() < end, `not within 5 s: ${what}`);
    await delay(5);
  }
}

/** Whether a process runs; a zombie does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const OK: HookOutcome = { kind: 'exited', code: 0 };

describe('arguments and environment', () => {
  test('every argument arrives as one argument, and no shell interprets it', async () => {
    const bait = newPath();
    const dump = newPath();
    const program = await script(`printf '%s\\n' "$#" "$@" > '${dump}'`);
    const names = [`x;touch '${bait}'`, '$(id)', '`id`', 'two words', `"quotes" 'and' \\`, '', '*', 'π 📱'];
    assert.deepEqual(await setup(program).run('connect', names), OK);
    const lines = (await readFile(dump, 'utf8')).split('\n').slice(0, -1);
    assert.deepEqual(lines, [String(names.length + 1), 'connect', ...names]);
    assert.equal(existsSync(bait), false);
  });

  test('control characters become underscores, in arguments and in the environment', async () => {
    const dump = newPath();
    const program = await script(`printf '%s\\n' "$#" "$2" "$HOSTP2PD_NAME" > '${dump}'`);
    const name = 'a\nb\u0000c\u001b[31m\u009bd';
    assert.deepEqual(await setup(program).run('connect', [name], { HOSTP2PD_NAME: name }), OK);
    assert.equal(await readFile(dump, 'utf8'), '2\na_b_c_[31m_d\na_b_c_[31m_d\n');
  });

  test('a lone surrogate does not make the call fail', async () => {
    const program = await script('exit 0');
    assert.deepEqual(await setup(program).run('connect', ['a\ud83dz'], { HOSTP2PD_NAME: '\udc00' }), OK);
  });

  test('the environment of hostp2pd is passed on', async () => {
    const { run, log } = setup(await script('echo "$PATH"'));
    await run('started');
    assert.equal(log[0], `info hook started: ${process.env['PATH']}`);
  });

  test('the standard input of a hook is empty', async () => {
    const { run, log } = setup(await script('cat; echo end'));
    assert.deepEqual(await run('started'), OK);
    assert.equal(log[0], 'info hook started: end');
  });
});

describe('order', () => {
  test('calls run one at a time, in the order they were made', async () => {
    const dump = newPath();
    const program = await script(
      `echo "begin $2" >> '${dump}'; [ "$2" = 0 ] && sleep 0.1; echo "end $2" >> '${dump}'`,
    );
    const { run } = setup(program);
    await Promise.all(['0', '1', '2'].map((n) => run('connect', [n])));
    const wanted = ['0', '1', '2'].flatMap((n) => [`begin ${n}`, `end ${n}`]);
    assert.deepEqual((await readFile(dump, 'utf8')).split('\n').slice(0, -1), wanted);
  });

  test('attempts that end while their start_group waits are not told; the last one is', async () => {
    const dump = newPath();
    const { run } = setup(await script(`echo "$*" >> '${dump}'; [ "$1" = started ] && sleep 0.2; true`));
    const calls = [run('started'), run('start_group', ['3']), run('show_pin', ['a']), run('stop_group')];
    const running = run('start_group', ['3']);
    const up = [run('connect', ['b']), run('stop_group', ['p2p-wlan0-0'])];
    assert.deepEqual(
      (await Promise.all(calls)).map(({ kind }) => kind),
      [...['exited', 'not run', 'exited', 'not run']],
    );
    await Promise.all([running, ...up]);
    assert.deepEqual((await readFile(dump, 'utf8')).split('\n').slice(0, -1), [
      ...['started', 'show_pin a', 'start_group 3', 'connect b', 'stop_group p2p-wlan0-0'],
    ]);
  });

  test('an attempt whose start_group runs already is told to its end', async () => {
    const dump = newPath();
    const { run } = setup(await script(`echo "$1" >> '${dump}'; [ "$1" = start_group ] && sleep 0.2; true`));
    const start = run('start_group');
    await until(() => existsSync(dump), 'start_group');
    await Promise.all([start, run('stop_group')]);
    assert.equal(await readFile(dump, 'utf8'), 'start_group\nstop_group\n');
  });

  test('the queue has 256 calls; a further call is dropped with a log line', async () => {
    const { run, log, runner } = setup(await script('exec sleep 60'));
    const calls = Array.from({ length: 257 }, () => run('connect'));
    assert.deepEqual(await run('disconnect'), { kind: 'not run', reason: 'too many calls are waiting' });
    assert.match(log[0] ?? '', /^error hook disconnect: dropped/);
    const closed = runner.close(0);
    await Promise.all([...calls, closed]);
  });

  test('with a full queue both hooks of a group are called, or neither', async () => {
    const { run, runner } = setup(await script('exec sleep 60'));
    const calls = Array.from({ length: 256 }, () => run('connect'));
    const last = run('start_group');
    const neither = { kind: 'not run', reason: 'nor was start_group' };
    assert.deepEqual(await run('stop_group'), neither);
    assert.deepEqual(await last, { kind: 'not run', reason: 'its attempt has ended' });
    calls.push(run('connect'));
    assert.deepEqual(await run('start_group'), { kind: 'not run', reason: 'too many calls are waiting' });
    assert.deepEqual(await run('stop_group', ['p2p-wlan0-0']), neither);
    const closed = runner.close(0);
    await Promise.all([...calls, closed]);
  });
});

// Concurrently, because some of these take seconds of waiting.
describe('how a call ends', { concurrency: true }, () => {
  test('an exit code other than 0 is logged', async () => {
    const { run, log } = setup(await script('exit 3'));
    assert.deepEqual(await run('started'), { kind: 'exited', code: 3 });
    assert.match(log[0] ?? '', /^warning hook started: .* ended with code 3$/);
  });

  test('a signal is logged', async () => {
    const { run, log } = setup(await script('kill -KILL $$'));
    assert.deepEqual(await run('started'), { kind: 'signalled', signal: 'SIGKILL' });
    assert.match(log[0] ?? '', /^warning hook started: .* was ended by SIGKILL$/);
  });

  test('a call that takes too long is ended with its child processes, and the next one runs', async () => {
    const pids = newPath();
    const program = await script(
      `[ "$1" = next ] && exit 0; sleep 60 & echo "$$ $!" > '${pids}.new'; mv '${pids}.new' '${pids}'; wait`,
    );
    // On a busy machine the hook needs some time to start.
    const { run, log } = setup(program, { timeoutMs: 1_500 });
    const outcomes = Promise.all([run('connect'), run('next')]);
    await until(() => existsSync(pids), 'the hook started');
    const [hook = 0, grandchild = 0] = (await readFile(pids, 'utf8')).split(' ').map(Number);
    assert.ok(isAlive(hook) && isAlive(grandchild));
    assert.deepEqual(await outcomes, [{ kind: 'timed out' }, OK]);
    assert.deepEqual([isAlive(hook), isAlive(grandchild)], [false, false]);
    assert.match(log[0] ?? '', /^error hook connect: .* did not end in time and was stopped$/);
  });

  test('a hook that ignores SIGTERM, and its children, are killed 2 s later', async () => {
    const pids = newPath();
    const program = await script(
      `trap '' TERM; sleep 60 & echo "$$ $!" > '${pids}.new'; mv '${pids}.new' '${pids}'; while :; do wait; done`,
    );
    const { run } = setup(program, { timeoutMs: 200 });
    const started = performance.now();
    assert.deepEqual(await run('connect'), { kind: 'timed out' });
    const took = performance.now() - started;
    assert.ok(took >= 2150 && took < 4500, `${took} ms`);
    for (const pid of (await readFile(pids, 'utf8')).split(' ').map(Number))
      assert.equal(isAlive(pid), false);
  });

  test('a process that the hook leaves running neither blocks the queue nor is ended', async () => {
    const pids = newPath();
    const { run, log } = setup(await script(`sleep 60 & echo $! > '${pids}'; echo left`));
    const started = performance.now();
    assert.deepEqual(await run('started'), OK);
    assert.ok(performance.now() - started < 3000);
    assert.equal(log[0], 'info hook started: left');
    const left = Number(await readFile(pids, 'utf8'));
    assert.equal(isAlive(left), true);
    process.kill(left);
  });
});

describe('a program that cannot be run', () => {
  const reasonOf = async (program: string): Promise<string> => {
    const { run, log } = setup(program);
    assert.equal((await run('started')).kind, 'failed');
    await run('started');
    assert.equal(log.filter((line) => line.startsWith('error ')).length, 1, 'reported once');
    const line = log[0] ?? '';
    assert.ok(line.startsWith(`error hook started: ${program} cannot be run: `), line);
    return line.slice(line.indexOf('run: ') + 5);
  };

  test('is missing', async () => {
    assert.equal(await reasonOf('/nowhere/hook'), 'there is no such file; correct run_program');
    assert.equal(await reasonOf('no-such-program-hostp2pd'), 'it is not in PATH; write its full path');
  });

  test('is not executable', async () => {
    const path = await script('exit 0', 0o644);
    assert.equal(await reasonOf(path), `it may not be executed; chmod +x '${path}'`);
  });

  test('is a folder', async () => {
    assert.equal(await reasonOf(folder), 'it is a folder; name the program in it');
  });

  test('names an interpreter that does not exist', async () => {
    const path = newPath();
    await writeFile(path, '#!/no/such/shell\n', { mode: 0o755 });
    assert.match(await reasonOf(path), /^its first line \(#!\) names an interpreter that does not exist/);
  });

  test('is logged once, then only for debugging', async () => {
    const log: string[] = [];
    const logger: Logger = {
      wants: () => true,
      log: (level, message) => void log.push(`${level} ${message}`),
    };
    const program = '/nowhere/hook -v';
    const knownFailure = await explainProgram(program);
    const runner = new HookRunner({ program, timeoutMs: 5000, logger, knownFailure });
    assert.equal((await runner.run({ name: 'started', args: [], environment: {} })).kind, 'failed');
    assert.deepEqual(log, [
      `debug hook started: ${program} cannot be run: there is no such file; correct run_program`,
    ]);
  });

  test('is followed by arguments', async () => {
    assert.match(await reasonOf('/bin/sh -e'), /run_program takes no arguments/);
  });

  test('cannot be started because of a lack of resources: no exception', async () => {
    const refusing: Spawn = () => {
      throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
    };
    const { run, log } = setup(await script('exit 0'), { spawn: refusing });
    assert.equal((await run('started')).kind, 'failed');
    assert.match(log[0] ?? '', /cannot be run: spawn ENOMEM$/);
  });
});

test('empty, blank and - mean no program: nothing is started', async () => {
  const never: Spawn = () => assert.fail('something was started');
  for (const program of ['', '  ', '-', ' - ']) {
    const outcome = await setup(program, { spawn: never }).run('started');
    assert.deepEqual(outcome, { kind: 'not run', reason: 'no program is configured' });
  }
});

describe('output', () => {
  test('both streams are logged line by line, also a last line without a line end', async () => {
    const { run, log } = setup(await script("echo one; printf 'two\\r\\n\\n'; printf three"));
    await run('started');
    assert.deepEqual(log.slice(0, 3), [
      'info hook started: one',
      'info hook started: two',
      'info hook started: three',
    ]);
    const errors = setup(await script('echo trouble >&2'));
    await errors.run('started');
    assert.equal(errors.log[0], 'info hook started: trouble');
  });

  test('after 200 lines the rest is dropped, and one line says so', async () => {
    const { run, log } = setup(await script('i=0; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); done'));
    assert.deepEqual(await run('started'), OK);
    const lines = log.filter((line) => line.startsWith('info '));
    assert.equal(lines.length, 201);
    assert.equal(lines[199], 'info hook started: 199');
    assert.equal(lines[200], 'info hook started: (more than 200 lines: the others are dropped)');
  });

  test('a line is cut at 2,000 characters, and a flood without line ends does not block the hook', async () => {
    const { run, log } = setup(await script('head -c 300000 /dev/zero | tr "\\0" x; echo; echo end'));
    assert.deepEqual(await run('started'), OK);
    assert.equal(log[0], `info hook started: ${'x'.repeat(2000)}…`);
    assert.equal(log[1], 'info hook started: end');
  });
});

describe('close', () => {
  test('waits for the queued calls, and runs no later ones', async () => {
    const dump = newPath();
    const { run, runner } = setup(await script(`echo "$1" >> '${dump}'`));
    const calls = [run('disconnect'), run('terminated')];
    await runner.close(5000);
    assert.deepEqual(await Promise.all(calls), [OK, OK]);
    assert.equal(await readFile(dump, 'utf8'), 'disconnect\nterminated\n');
    assert.deepEqual(await run('late'), { kind: 'not run', reason: 'hostp2pd is ending' });
  });

  test('after the grace time the running call is ended and the queued ones are dropped', async () => {
    const started = newPath();
    const { run, runner } = setup(await script(`echo > '${started}'; exec sleep 60`));
    const calls = [run('connect'), run('disconnect')];
    await until(() => existsSync(started), 'the hook started');
    await Promise.all([runner.close(10), runner.close(10)]);
    assert.deepEqual(await Promise.all(calls), [
      { kind: 'timed out' },
      { kind: 'not run', reason: 'hostp2pd is ending' },
    ]);
  });

  test('ends at once without a call, and leaves no timer', async () => {
    const { runner } = setup(await script('exit 0'));
    await runner.close(60_000);
    assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, 0);
  });
});

test('a hook has its own process group', async () => {
  const seen: unknown[] = [];
  const watching: Spawn = (program, args, options) => {
    seen.push(options.detached, options.shell);
    return spawn(program, args, options);
  };
  assert.deepEqual(await setup(await script('exit 0'), { spawn: watching }).run('started'), OK);
  assert.deepEqual(seen, [true, false]);
});

describe('the last call', () => {
  const hanging = () => script(`echo "$1" >> "$HOSTP2PD_DUMP"; [ "$1" = quick ] || exec sleep 60`);

  test('calls before it get a grace time, then the running one is ended and the others are dropped', async () => {
    const dump = newPath();
    const { run, runner } = setup(await hanging());
    const environment = { HOSTP2PD_DUMP: dump };
    const earlier = [run('connect', [], environment), run('disconnect', [], environment)];
    const last = runner.runLast({ name: 'terminated', args: [], environment }, 50, 100);
    assert.deepEqual(await run('late'), { kind: 'not run', reason: 'hostp2pd is ending' });
    assert.deepEqual(await Promise.all([...earlier, last]), [
      { kind: 'timed out' },
      { kind: 'not run', reason: 'hostp2pd is ending' },
      { kind: 'timed out' },
    ]);
    assert.equal(await readFile(dump, 'utf8'), 'connect\nterminated\n');
  });

  test('it runs to its end if the others ended in time, also with a full queue', async () => {
    const dump = newPath();
    const { run, runner } = setup(await script(`echo "$1" >> '${dump}'`));
    const calls = Array.from({ length: 258 }, () => run('quick'));
    const last = runner.runLast({ name: 'terminated', args: [], environment: {} }, 300, 5_000);
    assert.deepEqual(await last, OK);
    await Promise.all(calls);
    assert.match(await readFile(dump, 'utf8'), /^(?:quick\n)+terminated\n$/);
  });

  test('it may not run longer than any other call', async () => {
    const { runner } = setup(await script('exec sleep 60'), { timeoutMs: 20 });
    const outcome = await runner.runLast({ name: 'terminated', args: [], environment: {} }, 0, 60_000);
    assert.deepEqual(outcome, { kind: 'timed out' });
  });
});
