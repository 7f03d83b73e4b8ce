import assert from 'node:assert/strict';
import fs, { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import DailyRotateFile from 'winston-daily-rotate-file';
import { LOG_FILE, logFileNames, openRotatingOutput, RotatingOutput } from '#src/logging/log-file.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('a file that cannot be written is tried again after a minute, and the number of lost records is logged', async (t) => {
  const folder = join(temporaryFolder(t), 'log');
  await writeFile(folder, 'in the way');
  const told: string[] = [];
  let attached = 0;
  const options = {
    kind: LOG_FILE,
    names: logFileNames(join(folder, 'p2p.log')),
    maxSize: 100_000,
    maxFiles: 2,
    attach: () => {
      attached += 1;
    },
    detach: () => assert.fail('detach without attach'),
    report: (level: string, message: string) => told.push(`${level} ${message}`),
  };
  const output = new RotatingOutput(options, DailyRotateFile);

  output.open(1000);
  output.ready(2000);
  output.ready(61_000);
  assert.equal(attached, 0);
  assert.equal(told.length, 1, 'logged once, however often it is tried');

  await rm(folder);
  output.ready(62_000);
  assert.equal(attached, 0, 'not before a minute has passed since the last attempt');
  output.ready(121_000);
  assert.equal(attached, 1);
  assert.deepEqual(told.slice(1), ['warning 3 records could not be written to the log file']);
  await output.end();
});

test('where the file system has no links, the file does not count as removed', async (t) => {
  const folder = temporaryFolder(t);
  const told: string[] = [];
  // As on FAT; the rotation says nothing about it.
  t.mock.method(fs, 'symlinkSync', () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
  });
  const options = {
    kind: LOG_FILE,
    names: logFileNames(join(folder, 'p2p.log')),
    maxSize: 100_000,
    maxFiles: 2,
    attach: () => {},
    detach: () => assert.fail('the file is closed'),
    report: (level: string, message: string) => told.push(`${level} ${message}`),
  };
  const output = new RotatingOutput(options, DailyRotateFile);

  output.open(1000);
  output.ready(12_000);
  output.ready(23_000);
  assert.ok(!existsSync(join(folder, 'p2p.log')));
  assert.deepEqual(told, []);
  await output.end();
});

test('a folder that is missing is made, but no tree of folders: the name may be wrong', async (t) => {
  const folder = temporaryFolder(t);
  const told: string[] = [];
  const output = await openRotatingOutput({
    kind: LOG_FILE,
    names: logFileNames(join(folder, 'a', 'b', 'p2p.log')),
    maxSize: 1_000,
    maxFiles: 1,
    attach: () => {},
    detach: () => {},
    report: (_level, message) => told.push(message),
  });
  assert.equal(existsSync(join(folder, 'a')), false);
  assert.match(
    told.join(),
    /cannot be written: there is no folder \S+\/a; set logging\.file to another name/,
  );
  await output.end();
});
