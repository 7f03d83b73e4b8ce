import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEVICE, FakeSupplicant } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import type { Program } from './program.js';
import { supplicant, temporaryFolder } from './support.js';

/** Batch mode with commands; modes.test.ts runs the manual's example. */

/** @param input null leaves it open */
function batch(
  t: TestContext,
  input: string | null,
  args: readonly string[] = ['-b', '-'],
  fake: FakeSupplicant = supplicant(t),
): Program {
  return new Place(t).start(['-i', DEVICE, '-c', configuration(t, fake), ...args], { input });
}

/** A whole batch. @returns the exit code, and the output without log lines */
async function results(t: TestContext, input: string): Promise<readonly [number | null, string]> {
  const program = batch(t, input);
  const { code } = await program.ended();
  return [code, withoutLog(program)];
}

function withoutLog({ stdout }: Program): string {
  return stdout.replaceAll(/^\d{4}-\d\d-\d\dT.*\n/gm, '');
}

test('results and log lines are in order, and no line is repeated', async (t) => {
  const program = batch(t, 'wait 0.5\nversion\nstations\n');
  assert.equal((await program.ended()).code, 0, program.stdout);
  assert.match(
    program.stdout,
    /waiting 0.5 s\n[\s\S]*info p2p-wlan0-0: group .* is up\n[\s\S]*hostp2pd \d[\s\S]*Stations: none/,
  );
  assert.doesNotMatch(program.stdout, /^version$|CMD>|\u001b/m);
});

test('a command that fails says why; the next one runs, and the exit code is 1', async (t) => {
  const [code, output] = await results(
    t,
    'statss\npin nobody 12345670\n\n  # a comment\nversion\ncolor\nhelp version\n',
  );
  assert.equal(code, 1);
  assert.deepEqual(output.replace(/^hostp2pd \d.*/m, 'hostp2pd').split('\n'), [
    'error: unknown command: "statss"; did you mean status?',
    'error: expected an address, or the name of a known device, got "nobody"',
    'hostp2pd',
    'error: color works only at the prompt',
    'usage: version',
    'print the version',
    '',
  ]);
});

test('the first command waits until the session is attached', async (t) => {
  const fake = new FakeSupplicant(temporaryFolder(t));
  t.after(() => fake.close());
  const program = batch(t, 'wpa PING\n', ['-b', '-', '-v'], fake);
  await program.wrote(/wpa_supplicant/);
  fake.serve('wlan0', DEVICE);
  const { code } = await program.ended();
  assert.equal(code, 0, program.stdout);
  assert.equal(withoutLog(program), 'PONG\n');
});

test('expressions, as the Python instructions in the manual', async (t) => {
  const [code, output] = await results(
    t,
    'let n = 20\nn + 1\nawait hostp2pd.stations\nconsole.log("a\\nb")\nfor (const x of [1]) console.log(x)\nn = nope\n',
  );
  assert.equal(code, 1);
  assert.equal(output, '21\n[]\na\nb\n1\nerror: ReferenceError: nope is not defined\n');
});

test('an error of an expression that nothing awaits is printed, and the session goes on', async (t) => {
  const [code, output] = await results(
    t,
    'let p = hostp2pd.forget("x")\nlet q = setTimeout(() => { throw new Error("late") }, 1)\nwait 0.1\nhostp2pd.stations.length\n',
  );
  assert.equal(code, 0);
  assert.match(output, /^error: address: expected .*, got "x"/m);
  assert.match(output, /^error: Error: late$/m);
  assert.match(output, /^0$/m);
});

test('quit ends it, although there are more lines and the input stays open', async (t) => {
  const program = batch(t, null);
  program.child.stdin?.write('version\r\nquit\r\nversion\r\n');
  assert.equal((await program.ended()).code, 0);
  assert.equal(withoutLog(program).match(/hostp2pd/g)?.length, 1);
});

test('a last line without a line end is run, and an empty input is no error', async (t) => {
  assert.match((await results(t, 'version'))[1], /^hostp2pd \S+\n$/);
  assert.deepEqual(await results(t, ''), [0, '']);
});

test('SIGTERM ends it in the middle of a wait', async (t) => {
  const fake = supplicant(t);
  const program = batch(t, null, ['-b', '-'], fake);
  program.child.stdin?.write('wait 60\nversion\n');
  await program.wrote(/waiting 60 s/);
  program.signal('SIGTERM');
  assert.equal((await program.ended()).code, 0);
  assert.doesNotMatch(withoutLog(program), /hostp2pd \d/);
  await fake.detached();
});

test('many lines at once are all run, in order', async (t) => {
  const lines = Array.from({ length: 1_000 }, (_, n) => `${n}\n`).join('');
  assert.deepEqual(await results(t, lines), [0, lines]);
});

test('the prompt without a terminal: line by line, no prompt shown, the end of the input ends it', async (t) => {
  const program = batch(t, null, []);
  program.child.stdin?.write('version\nhostp2pd.nothing\n');
  await program.wrote(/hostp2pd \d/);
  program.child.stdin?.end('history\nnope');
  assert.equal((await program.ended()).code, 0);
  assert.doesNotMatch(program.stdout, /CMD>|\u001b/);
  assert.match(program.stdout, /version\nhostp2pd\.nothing\n[\s\S]*error: unknown command: "nope"/);
});
