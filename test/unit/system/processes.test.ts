import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  commandLine,
  endLeftOver,
  openSockets,
  processExists,
  processIds,
  readProcess,
} from '#src/system/processes.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('the facts about our own process', async () => {
  const { pid } = process;
  assert.ok(processIds().includes(pid));
  assert.ok(processExists(pid));
  assert.equal(readProcess(pid)?.stopped, false);
  assert.equal(commandLine(pid)[0], process.argv0);
  const before = openSockets(pid) ?? [];
  const server = createServer().listen(0);
  await once(server, 'listening');
  assert.equal(openSockets(pid)?.length, before.length + 1);
  server.close();
});

test('names with brackets, stopped processes, zombies and what cannot be read', (t) => {
  const proc = temporaryFolder(t);
  const plant = (pid: number, name: string, state: string) => {
    mkdirSync(join(proc, `${pid}`, 'fd'), { recursive: true });
    writeFileSync(join(proc, `${pid}`, 'stat'), `${pid} (${name}) ${state} ${'0 '.repeat(18)}77 0\n`);
  };
  plant(2, 'a) (b\u001b', 'T');
  plant(3, 'dead', 'Z');
  mkdirSync(join(proc, 'self'));
  symlinkSync('socket:[42]', join(proc, '2', 'fd', '0'));
  symlinkSync('/dev/null', join(proc, '2', 'fd', '1'));
  assert.deepEqual(readProcess(2, proc), { name: 'a) (b_', startTicks: 77, stopped: true });
  assert.equal(readProcess(3, proc), null);
  assert.equal(readProcess(4, proc), null);
  assert.deepEqual(processIds(proc), [2, 3]);
  assert.deepEqual(openSockets(2, proc), ['42']);
  assert.deepEqual(openSockets(3, proc), []);
  assert.equal(openSockets(4, proc), null);
  assert.deepEqual(commandLine(2, proc), []);
  assert.deepEqual(processIds(join(proc, 'missing')), []);
  assert.equal(processExists(2 ** 22 + 1), false);
});

test('a leftover process is found by its argument and ended', async () => {
  const argument = `--marker=${process.pid}`;
  const other = spawn('sh', ['-c', 'read line', 'sh']);
  const marked = spawn('sh', ['-c', 'read line', argument]);
  const ended = once(marked, 'exit');
  await endLeftOver('sh', argument);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  assert.equal(other.exitCode, null);
  other.kill();
});
