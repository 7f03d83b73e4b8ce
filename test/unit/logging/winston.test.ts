import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openLog } from '#src/logging/winston.js';
import { secrets } from '#src/system/secrets.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ROTATED = /^p2p-\d{4}-\d\d-\d\d(\.\d+)?\.log$/;
const QUIET = { file: null, level: 'info', maxSize: 100_000, maxFiles: 2, console: null, env: {} } as const;

class Screen extends PassThrough {
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  /** The lines since the last call, without their times. */
  lines(): string[] {
    let text = '';
    // From Node.js 26 on, read() returns one chunk, not all of them.
    for (let chunk = this.read(); chunk !== null; chunk = this.read()) text += chunk;
    return splitLines(text);
  }
}

function screens(isTTY = false): { out: Screen; err: Screen } {
  return { out: new Screen(isTTY), err: new Screen(isTTY) };
}

function splitLines(text: string): string[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\S+ /, ''));
}

async function linesOf(file: string): Promise<string[]> {
  return splitLines(await readFile(file, 'utf8'));
}

describe('the log file', () => {
  test('every record is in the file when close settles, also many at once', async () => {
    const file = join(temporaryFolder(), 'p2p.log');
    const log = await openLog({ ...QUIET, file, maxSize: 10_000_000 });
    for (let n = 0; n < 5000; n += 1) log.log('info', `record ${n}`);
    await log.close();
    const lines = await linesOf(file);
    assert.equal(lines.length, 5000);
    assert.equal(lines[0], 'info record 0');
    assert.equal(lines[4999], 'info record 4999');
  });

  test('a record keeps the time that it was given', async () => {
    const file = join(temporaryFolder(), 'p2p.log');
    const log = await openLog({ ...QUIET, file });
    log.log('info', 'early', new Date('2020-02-03T04:05:06.789Z'));
    await log.close();
    const [time = ''] = (await readFile(file, 'utf8')).split(' ');
    assert.equal(new Date(time).toISOString(), '2020-02-03T04:05:06.789Z');
  });

  test('the name is a link to the current file; files are not readable for others; the audit file is hidden', async () => {
    const folder = temporaryFolder();
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log') });
    log.log('info', 'one');
    await log.close();
    assert.match(await readlink(join(folder, 'p2p.log')), ROTATED);
    const names = await readdir(folder);
    assert.deepEqual(names.map((name) => name.replace(ROTATED, 'ROTATED')).sort(), [
      '.p2p.log-audit.json',
      'ROTATED',
      'p2p.log',
    ]);
    for (const name of names) assert.equal((await stat(join(folder, name))).mode & 0o007, 0, name);
  });

  test('the size is bounded: files rotate, the oldest are deleted, the link leads to the newest', async () => {
    const folder = temporaryFolder();
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log'), maxSize: 2048, maxFiles: 2 });
    for (let n = 0; n < 200; n += 1) {
      log.log('info', `record ${String(n).padStart(60)}`);
      // The rotation does not know a file that does not exist yet when it is rotated.
      while (!existsSync(join(folder, 'p2p.log'))) await nextTurn();
    }
    await log.close();
    const files = (await readdir(folder)).filter((name) => ROTATED.test(name));
    assert.equal(files.length, 3, 'the current file and two old ones');
    for (const name of files) assert.ok((await stat(join(folder, name))).size < 2048 + 200, name);
    const last = (await linesOf(join(folder, 'p2p.log'))).at(-1);
    assert.match(last ?? '', /^info record +199$/);
  });

  test('a log that is opened again continues the same file', async () => {
    const file = join(temporaryFolder(), 'p2p.log');
    for (const message of ['one', 'two']) {
      const log = await openLog({ ...QUIET, file });
      log.log('info', message);
      await log.close();
    }
    assert.deepEqual(await linesOf(file), ['info one', 'info two']);
  });

  test('an audit file that a power cut emptied does not stop the removal of old files', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, '.p2p.log-audit.json'), '');
    for (const day of ['01', '02', '03', '04'])
      await writeFile(join(folder, `p2p-2020-01-${day}.log`), 'old\n');
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log'), maxFiles: 2 });
    await log.close();
    const files = (await readdir(folder)).filter((name) => ROTATED.test(name));
    assert.equal(files.length, 3);
  });

  test('an existing regular file is renamed, and the log says so', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'p2p.log');
    await writeFile(file, 'of the original\n');
    await writeFile(`${file}.old`, 'older\n');
    const log = await openLog({ ...QUIET, file });
    log.log('info', 'one');
    await log.close();
    assert.equal(await readFile(`${file}.old.1`, 'utf8'), 'of the original\n');
    assert.equal(await readFile(`${file}.old`, 'utf8'), 'older\n');
    assert.deepEqual(await linesOf(file), [
      `warning the former log file ${file} is now ${file}.old.1`,
      'info one',
    ]);
  });

  test("another program's link is renamed, not followed", async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'victim'), 'untouched');
    await symlink('victim', join(folder, 'p2p.log'));
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log') });
    log.log('info', 'one');
    await log.close();
    assert.equal(await readFile(join(folder, 'victim'), 'utf8'), 'untouched');
    assert.equal(await readlink(join(folder, 'p2p.log.old')), 'victim');
  });
});

describe('a log file that cannot be written', () => {
  test('is reported once on standard error with name and fix, and the console still works', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'plain'), '');
    const file = join(folder, 'plain', 'p2p.log');
    const streams = screens();
    const log = await openLog({ ...QUIET, file, streams, console: { level: 'info', colour: false } });
    log.log('info', 'one');
    log.log('info', 'two');
    await log.close();
    const [told = '', ...more] = streams.err.lines();
    assert.ok(told.startsWith(`error the log file ${file} cannot be written: `), told);
    assert.match(told, /logging\.file/);
    assert.deepEqual(more, []);
    assert.deepEqual(streams.out.lines(), ['info one', 'info two']);
  });

  test('a folder or a device of that name is not touched', async () => {
    const folder = temporaryFolder();
    await mkdir(join(folder, 'p2p.log'));
    const streams = screens();
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log'), streams });
    await log.close();
    assert.match(streams.err.lines()[0] ?? '', /expected a regular file, got a folder/);
    assert.deepEqual(await readdir(folder), ['p2p.log']);
  });

  test('a link to a device, such as /dev/stdout, is kept', async () => {
    const folder = temporaryFolder();
    await symlink('/dev/null', join(folder, 'p2p.log'));
    const streams = screens();
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log'), streams });
    await log.close();
    assert.match(streams.err.lines()[0] ?? '', /expected a regular file, got a link to a character device/);
    assert.deepEqual(await readdir(folder), ['p2p.log']);
  });

  for (const [what, put] of [
    ['a link', (path: string) => symlink('victim', path)],
    ['a FIFO', (path: string) => promisify(execFile)('mkfifo', [path])],
  ] as const) {
    test(`${what} under the name of a dated file is neither written to nor waited for`, async () => {
      const folder = temporaryFolder();
      const today = await rotatedName(folder);
      await writeFile(join(folder, 'victim'), 'untouched');
      await put(join(folder, today));
      const streams = screens();
      const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log'), streams });
      log.log('info', 'one');
      await log.close();
      assert.equal(await readFile(join(folder, 'victim'), 'utf8'), 'untouched');
      assert.match(
        streams.err.lines()[0] ?? '',
        /expected a regular file, got a (symbolic link|FIFO); remove it/,
      );
    });
  }

  test('a folder in place of the dated file is reported', async () => {
    const folder = temporaryFolder();
    const today = await rotatedName(folder);
    await mkdir(join(folder, today));
    const streams = screens();
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log'), streams });
    log.log('info', 'one');
    log.log('info', 'two');
    await log.close();
    assert.match(
      streams.err.lines()[0] ?? '',
      /cannot be written: .*expected a regular file, got a folder; remove it, or/,
    );
  });

  /** The name of the file that the rotation uses today. */
  async function rotatedName(folder: string): Promise<string> {
    const log = await openLog({ ...QUIET, file: join(folder, 'p2p.log') });
    await log.close();
    const name = await readlink(join(folder, 'p2p.log'));
    for (const left of await readdir(folder)) await rm(join(folder, left));
    return name;
  }
});

describe('the console', () => {
  test('errors and warnings go to standard error, the rest to standard output', async () => {
    const streams = screens();
    const log = await openLog({ ...QUIET, streams, console: { level: 'debug', colour: true } });
    for (const level of ['error', 'warning', 'info', 'debug'] as const) log.log(level, 'text');
    await log.close();
    assert.deepEqual(streams.err.lines(), ['error text', 'warning text']);
    assert.deepEqual(streams.out.lines(), ['info text', 'debug text']);
  });

  test('is coloured only on a terminal, and not with NO_COLOR', async () => {
    const shown = async (isTTY: boolean, env: Record<string, string>, colour: boolean): Promise<string> => {
      const streams = screens(isTTY);
      const log = await openLog({ ...QUIET, streams, env, console: { level: 'info', colour } });
      log.log('error', 'text');
      await log.close();
      return streams.err.lines().join();
    };
    assert.equal(await shown(true, {}, true), '\u001b[31merror\u001b[0m text');
    assert.equal(await shown(true, { NO_COLOR: '1' }, true), 'error text');
    assert.equal(await shown(true, {}, false), 'error text');
    assert.equal(await shown(false, {}, true), 'error text');
  });

  test('a closed pipe does not end the program', async () => {
    const script = `
      import { openLog } from ${JSON.stringify(import.meta.resolve('#src/logging/winston.js'))};
      const log = await openLog({ file: null, level: 'info', maxSize: 1, maxFiles: 1, console: { level: 'info', colour: false } });
      process.stdin.once('data', async () => {
        for (let n = 0; n < 100; n += 1) log.log('info', 'into the void');
        await log.close();
        process.stderr.write('still here', () => process.exit(0));
      });
      console.log('ready');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.end('go\n');
    const [code] = await once(child, 'close');
    assert.equal(errors, 'still here');
    assert.equal(code, 0);
  });
});

describe('the batch output', () => {
  test('a file gets every record, and so does the console', async () => {
    const batchFile = join(temporaryFolder(), 'batch.txt');
    const streams = screens();
    const log = await openLog({ ...QUIET, batchFile, streams, console: { level: 'error', colour: false } });
    log.log('info', 'one');
    log.log('error', 'two');
    log.log('debug', 'three');
    await log.close();
    assert.deepEqual(await linesOf(batchFile), ['info one', 'error two']);
    assert.deepEqual(streams.err.lines(), ['error two']);
  });

  test('"-" is standard output, instead of the console', async () => {
    const streams = screens();
    const log = await openLog({
      ...QUIET,
      batchFile: '-',
      streams,
      console: { level: 'error', colour: false },
    });
    log.log('error', 'one');
    log.log('info', 'two');
    await log.close();
    assert.deepEqual(streams.out.lines(), ['error one', 'info two']);
    assert.deepEqual(streams.err.lines(), []);
  });

  test('a file that cannot be written is reported on standard error', async (t) => {
    const streams = screens();
    const log = await openLog({ ...QUIET, batchFile: join(temporaryFolder(t), 'none', 'x'), streams });
    log.log('info', 'one');
    await once(streams.err, 'readable');
    await log.close();
    assert.match(
      streams.err.lines()[0] ?? '',
      /batch output .* cannot be written: there is no such file or folder/,
    );
  });
});

describe('levels', () => {
  test('setLevel changes the level of the file, not of the console', async () => {
    const file = join(temporaryFolder(), 'p2p.log');
    const streams = screens();
    const log = await openLog({ ...QUIET, file, streams, console: { level: 'error', colour: false } });
    assert.equal(log.wants('debug'), false);
    log.log('debug', 'one');
    log.setLevel('debug');
    assert.equal(log.wants('debug'), true);
    log.log('debug', 'two');
    log.setLevel('error');
    log.log('warning', 'three');
    await log.close();
    assert.deepEqual(await linesOf(file), ['debug two']);
    assert.deepEqual(streams.out.lines(), []);
  });

  test('setLevel changes the console if it is the only output', async () => {
    const streams = screens();
    const log = await openLog({ ...QUIET, streams, console: { level: 'error', colour: false } });
    log.setLevel('debug');
    log.log('debug', 'one');
    await log.close();
    assert.deepEqual(streams.out.lines(), ['debug one']);
  });

  test('a log without outputs wants no records and writes nothing', async () => {
    const streams = screens();
    const log = await openLog({ ...QUIET, streams });
    assert.equal(log.wants('error'), false);
    log.log('error', 'one');
    await log.close();
    assert.deepEqual([...streams.err.lines(), ...streams.out.lines()], []);
  });
});

test('secrets and control characters do not reach the outputs', async () => {
  const file = join(temporaryFolder(), 'p2p.log');
  secrets.register('hunter22');
  const streams = screens();
  const log = await openLog({ ...QUIET, file, streams, console: { level: 'info', colour: false } });
  log.log('info', 'WPS_PIN any 12345670');
  log.log('info', 'passphrase is hunter22\n2026 error forged');
  await log.close();
  const wanted = ['info WPS_PIN any <hidden>', 'info passphrase is <hidden>\\n2026 error forged'];
  assert.deepEqual(await linesOf(file), wanted);
  assert.deepEqual(streams.out.lines(), wanted);
});

test('close may be called twice, and later records are dropped', async () => {
  const file = join(temporaryFolder(), 'p2p.log');
  const log = await openLog({ ...QUIET, file });
  log.log('info', 'one');
  await Promise.all([log.close(), log.close()]);
  log.log('error', 'two');
  await log.close();
  assert.equal(log.wants('error'), false);
  assert.deepEqual(await linesOf(file), ['info one']);
});

test('an open log has no timer and does not keep the process running', async () => {
  const file = join(temporaryFolder(), 'p2p.log');
  const script = `
    import { openLog } from ${JSON.stringify(import.meta.resolve('#src/logging/winston.js'))};
    const log = await openLog({ file: ${JSON.stringify(file)}, level: 'info', maxSize: 100000, maxFiles: 1, console: null });
    log.log('info', 'one');
    setImmediate(() => console.log(process.getActiveResourcesInfo().filter((name) => /Timeout/.test(name)).length));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 4000,
  });
  assert.equal(stdout, '0\n');
  assert.deepEqual(await linesOf(file), ['info one']);
});
