import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HookCaller } from '#src/host/hook-caller.js';
import type { Logger } from '#src/logging/logger.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { within } from '../../fakes/within.js';

function recording(): { readonly errors: string[]; readonly logger: Logger } {
  const errors: string[] = [];
  const log: Logger['log'] = (level, message) => {
    if (level === 'error') errors.push(message);
  };
  return { errors, logger: { wants: () => true, log } };
}

/** A program is checked beside its calls, so a call may end before the error is logged. */
const saw = (errors: readonly string[], count: number) =>
  within(
    10_000,
    () => `${errors.length} of ${count} errors`,
    () => errors.length >= count,
  );

const called = (caller: HookCaller) => new Promise<void>((done) => caller.call({ hook: 'started' }, done));

test('a program that cannot be run is an error at the start and at each reload, but not for each event', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'hook');
  writeFileSync(path, '#!/bin/sh\nexit 0\n', { mode: 0o644 });
  const { errors, logger } = recording();
  const program = { path: `${path} -v`, timeoutMs: 5000 };
  const caller = new HookCaller(program, logger);
  await called(caller);
  await called(caller);
  const withArguments = `run_program: ${path} -v cannot be run: there is no such file; run_program takes no arguments`;
  assert.equal(errors.length, 1);
  assert.ok(errors[0]?.startsWith(withArguments), errors[0]);

  caller.configure(program);
  await called(caller);
  await saw(errors, 2);
  assert.equal(errors.length, 2, 'a reload without a correction');
  assert.equal(errors[1], errors[0]);

  caller.configure({ path, timeoutMs: 5000 });
  await called(caller);
  await saw(errors, 3);
  assert.equal(errors.length, 3);
  assert.equal(errors[2], `run_program: ${path} cannot be run: it may not be executed; chmod +x '${path}'`);

  chmodSync(path, 0o755);
  caller.configure({ path, timeoutMs: 5000 });
  await called(caller);
  assert.equal(errors.length, 3, 'corrected');
  await caller.close(1000);
});

test('no error without a program, or with a valid one', async () => {
  const { errors, logger } = recording();
  for (const program of [null, { path: '/bin/true', timeoutMs: 5000 }, { path: 'true', timeoutMs: 5000 }]) {
    const caller = new HookCaller(program, logger);
    await called(caller);
    await caller.close(1000);
  }
  assert.deepEqual(errors, []);
});

test('code that cannot be loaded costs the hooks, and neither a reload nor the end of the session', async () => {
  const { errors, logger } = recording();
  // As after an upgrade of the package below a process that runs.
  const missing = () => Promise.reject(new Error('cannot find hook-runner.js'));
  const program = { path: '/bin/true', timeoutMs: 5000 };
  const caller = new HookCaller(program, logger, () => {}, missing);
  await called(caller);
  caller.configure({ ...program, timeoutMs: 6000 });
  await called(caller);
  await new Promise<void>((done) => caller.call({ hook: 'terminated' }, done));
  await caller.close(1000);
  assert.deepEqual(errors, [
    'hook started: Error: cannot find hook-runner.js',
    'hook started: Error: cannot find hook-runner.js',
    'hook terminated: Error: cannot find hook-runner.js',
  ]);
});
