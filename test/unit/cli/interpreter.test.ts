import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Evaluator } from '#src/cli/expression.js';
import { commonCommands, promptCommands } from '#src/cli/frontend-commands.js';
import { commandsOf, helpFor, helpList } from '#src/cli/help.js';
import { Interpreter } from '#src/cli/interpreter.js';
import { linesTo } from '#src/cli/screen.js';
import { FRONTEND_COMMANDS } from '#src/commands/table.js';
import type { CommandTarget } from '#src/commands/target.js';
import { HostP2pD } from '#src/host/host.js';
import { HostP2pError } from '#src/system/errors.js';
import { within } from '../../fakes/within.js';

const SURFACE = {
  history: () => ['a', 'b'],
  clearHistory: async () => {},
  prompt: (text: string | undefined) => `prompt ${text}`,
  colour: () => 'colour',
};

/** A frontend of the prompt, on a session that only records its commands. */
function frontend({ local = false } = {}) {
  const asked: (readonly string[])[] = [];
  const target: CommandTarget = {
    context: null,
    execute: async (name, words) => {
      asked.push([name, ...words]);
      if (name === 'clients') throw new HostP2pError('STATE', 'not now');
      if (name === 'find') await new Promise(() => {});
      return { value: null, text: `${name} done` };
    },
    events: async () => [],
    follow: () => () => {},
    complete: async () => [],
  };
  const said: string[] = [];
  const commands = commandsOf('prompt');
  const style = () => ({ colors: false, columns: 80 });
  const print = (text: string) => said.push(text);
  const own = {
    ...promptCommands(SURFACE),
    ...commonCommands({ target, commands, about: 'about', style, print, quit: () => said.push('quit') }),
  };
  const evaluator = local
    ? new Evaluator({ hostp2pd: new HostP2pD(), output: linesTo(() => {}), tell: () => {} })
    : null;
  const interpreter = new Interpreter({ target, commands, own, evaluator, style });
  const run = (line: string, signal = new AbortController().signal) => interpreter.run(line, signal);
  return { asked, said, own, run };
}

test('commands of the session are passed to it with their arguments; empty lines and comments are ignored', async () => {
  const { asked, run } = frontend();
  assert.deepEqual(await run('  pin "My Phone"   12345670 '), { text: 'pin done', failed: false });
  assert.deepEqual(await run('wpa SET  ssid "a b"'), { text: 'wpa done', failed: false });
  assert.deepEqual(await run(''), { text: '', failed: false });
  assert.deepEqual(await run('  # a comment'), { text: '', failed: false });
  assert.deepEqual(await run('clients'), { text: 'not now', failed: true });
  assert.deepEqual(asked, [
    ['pin', 'My Phone', '12345670'],
    ['wpa', 'SET', '', 'ssid', '"a', 'b"'],
    ['clients'],
  ]);
});

test('the frontend implements exactly the commands that the table lists for it', () => {
  const { own } = frontend();
  const names = FRONTEND_COMMANDS.filter(({ frontends }) => frontends.includes('prompt')).map(
    ({ name }) => name,
  );
  // `qr` is a command of the session as well.
  assert.deepEqual(Object.keys(own).sort(), [...names, 'qr'].sort());
});

test('wrong arguments, and unknown commands', async () => {
  const { run } = frontend();
  for (const [line, text] of [
    ['wait x', /^wait: expected seconds, at most \d+, got "x"/],
    ['wait 1 2', /^wait: expected "wait \[seconds\]", got 2 arguments$/],
    ['history x', /^history: expected a number, 0 or more, got "x"/],
    ['help nothing', /^unknown command: "nothing"; try "help"$/],
    ['color red', /^color takes no arguments$/],
    ['statss', /^unknown command: "statss"; did you mean status\?/],
    ['nothing', /^unknown command: "nothing"; try "help"/],
    ['monitor', /^monitor works only as hostp2pd monitor$/],
    ['hostp2pd.status', /^an expression needs the session in this process/],
  ] as const) {
    const { text: found, failed } = await run(line);
    assert.match(found, text, line);
    assert.ok(failed);
  }
});

test('an expression works in the process of the session; an unknown first word counts as a command', async () => {
  const { run } = frontend({ local: true });
  for (const [line, text, failed] of [
    ['[1, 2].map((n) => n * 2)', '[ 2, 4 ]', false],
    ['let status = 4', '', false],
    ['status + 1', '5', false],
    ['status * 2', '8', false],
    ['statss', 'unknown command: "statss"; did you mean status?', true],
    ['foo bar baz', 'unknown command: "foo"; try "help"', true],
    ['hostp2pd.nothing()', 'TypeError: hostp2pd.nothing is not a function', true],
    ['let 1', 'SyntaxError: Unexpected number', true],
    ['wait = nope', 'ReferenceError: nope is not defined', true],
  ] as const) {
    assert.deepEqual(await run(line), { text, failed }, line);
  }
});

test('help lists the commands of the frontend, and explains one', async () => {
  const { run } = frontend();
  const { text } = await run('help');
  for (const { name } of commandsOf('prompt')) assert.match(text, new RegExp(`^  ${name}\\b`, 'm'));
  assert.doesNotMatch(text, /monitor/);
  assert.match((await run('help reload')).text, /^usage: reload \[file\]\nread the configuration again/);
  for (const columns of [20, 40, 80, 200]) {
    for (const line of helpFor(commandsOf('prompt')[0] ?? assert.fail(), columns).split('\n')) {
      assert.ok(line.length <= Math.max(20, columns), line);
    }
  }
  for (const line of helpList(commandsOf('prompt'), 80).split('\n')) assert.ok(line.length <= 80, line);
});

test('wait waits, says so, and can be interrupted', async () => {
  const { said, run } = frontend();
  const start = performance.now();
  assert.deepEqual(await run('wait 0.05'), { text: '', failed: false });
  assert.ok(performance.now() - start >= 49);
  assert.deepEqual(said, ['waiting 0.05 s']);
  const controller = new AbortController();
  const waiting = run('wait', controller.signal);
  await within(1_000, 'that it waits', () => said.includes('waiting 10 s'));
  controller.abort();
  assert.deepEqual(await waiting, { text: 'interrupted', failed: false });
});

test('a command that ignores an interruption does not block the prompt', async () => {
  const { run } = frontend({ local: true });
  for (const line of ['find', 'await new Promise(() => {})']) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    assert.deepEqual(await run(line, controller.signal), { text: 'interrupted', failed: false });
  }
});
