import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEVICE, type FakeSupplicant } from './fake-supplicant.js';
import { eventually, supplicant, temporaryFolder } from './support.js';

const PROGRAM = fileURLToPath(new URL('prompt-program.js', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function start(
  t: TestContext,
  fake: FakeSupplicant,
  mode: 'prompt' | 'batch',
  env: NodeJS.ProcessEnv = {},
): Run {
  const home = temporaryFolder(t);
  const CONFIG = JSON.stringify({ ctrl_interface: fake.folder, state_folder: home });
  const child = spawn(process.execPath, [PROGRAM, mode], {
    stdio: 'pipe',
    env: { ...process.env, CONFIG, HOME: home, ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  child.stdin?.on('error', () => {});
  const ended = once(child, 'close').then(([code]): number | null => code);
  return { child, output: () => output, ended };
}

/** A whole batch. @returns the exit code, and what was written */
async function batch(
  t: TestContext,
  input: string,
  env: NodeJS.ProcessEnv = {},
): Promise<[number | null, string]> {
  const run = start(t, supplicant(t), 'batch', env);
  run.child.stdin?.end(input);
  return [await run.ended, run.output()];
}

/** Lets the time of waits pass a hundred times as fast. */
function hurried(t: TestContext): NodeJS.ProcessEnv {
  const file = join(temporaryFolder(t), 'hurried.mjs');
  writeFileSync(
    file,
    `import timers from 'node:timers/promises';
     import { syncBuiltinESMExports } from 'node:module';
     const { setTimeout } = timers;
     timers.setTimeout = (ms, ...rest) => setTimeout(ms >= 10000 ? ms / 100 : ms, ...rest);
     syncBuiltinESMExports();`,
  );
  return { NODE_OPTIONS: `--import ${file}` };
}

test("the manual's example, but that its minute is short: results one after the other, then the end", async (t) => {
  const [code, output] = await batch(t, 'stats\nwait 60\nstats\n', hurried(t));
  assert.equal(code, 0, output);
  assert.match(output, /requests to wpa_supplicant[\s\S]*waiting 60 s\n[\s\S]*requests to wpa_supplicant/);
  assert.doesNotMatch(output, /CMD>|\u001b/);
});

test('the results stand between the lines of the log, and no line is repeated', async (t) => {
  const [code, output] = await batch(t, 'wait 0.5\nversion\nstations\n', { LEVEL: 'info' });
  assert.equal(code, 0, output);
  assert.match(
    output,
    /waiting 0.5 s\n[\s\S]*info p2p-wlan0-0: group .* is up\n[\s\S]*hostp2pd \d[\s\S]*Stations on the group:/,
  );
  assert.doesNotMatch(output, /^version$/m);
});

test('a command that fails says why; the next goes on, and the exit code tells', async (t) => {
  const input = 'statss\npin nobody 12345670\n\n  # a comment\nversion\ncolor\nhelp version\n';
  const [code, output] = await batch(t, input);
  assert.equal(code, 1);
  assert.deepEqual(output.split('\n'), [
    'error: found no command "statss"; try "help"',
    'error: found "nobody", wanted an address, or the name of a device that is known',
    ...output.split('\n').slice(2, 3),
    'error: color: found in the batch, wanted prompt',
    'usage: version',
    'print the version',
    '',
  ]);
  assert.match(output, /^hostp2pd \d/m);
});

test('expressions, as the manual has Python instructions', async (t) => {
  const input =
    'const n = 20\nn + 1\nawait hostp2pd.stations\nconsole.log("a\\nb")\nfor (const x of [1]) console.log(x)\nnope.x\n';
  const [code, output] = await batch(t, input);
  assert.equal(code, 1);
  assert.equal(
    output,
    '21\n[]\na\nb\n1\nerror: ReferenceError: nope is not defined\n'.replace(
      'error: ReferenceError: nope is not defined',
      'error: found no command "nope.x"; try "help"',
    ),
  );
});

test('quit ends it, though there is more to read and the input stays open', async (t) => {
  const run = start(t, supplicant(t), 'batch');
  run.child.stdin?.write('version\r\nquit\r\nversion\r\n');
  assert.equal(await run.ended, 0);
  assert.equal(run.output().match(/hostp2pd/g)?.length, 1);
});

test('a last line without an end is a line, and no lines at all are fine', async (t) => {
  assert.match((await batch(t, 'version'))[1], /^hostp2pd \S+\n$/);
  assert.deepEqual(await batch(t, ''), [0, '']);
});

test('SIGTERM ends it in the middle of a wait', async (t) => {
  const fake = supplicant(t);
  const run = start(t, fake, 'batch');
  run.child.stdin?.write('wait 60\nversion\n');
  await eventually(() => run.output().includes('waiting 60 s'), run.output);
  run.child.kill('SIGTERM');
  assert.equal(await run.ended, 0);
  assert.doesNotMatch(run.output(), /hostp2pd \d/);
  assert.ok(!fake.attached(DEVICE));
});

test('many lines at once are all carried out, in order', async (t) => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `${n}\n`);
  const [code, output] = await batch(t, lines.join(''));
  assert.equal(code, 0);
  assert.equal(output, lines.join(''));
});

test('the prompt without a terminal: line by line, no prompt shown, the end of the input ends it', async (t) => {
  const fake = supplicant(t);
  const run = start(t, fake, 'prompt');
  run.child.stdin?.write('version\nhostp2pd.nothing\n');
  await eventually(() => /hostp2pd \d/.test(run.output()), run.output);
  await fake.saw(`${DEVICE} ATTACH`);
  run.child.stdin?.end('history\nnope');
  assert.equal(await run.ended, 0);
  assert.doesNotMatch(run.output(), /CMD>|\u001b/);
  assert.match(run.output(), /version\nhostp2pd\.nothing\n[\s\S]*error: found no command "nope"/);
});
