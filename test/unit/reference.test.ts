import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMAND_OPTIONS, OPTIONS, type OptionSpec } from '#src/cli/options.js';
import { OPERATOR_EVENTS } from '#src/commands/journal.js';
import { COMMANDS } from '#src/commands/table.js';
import { HOOK_VARIABLES, HOOKS } from '#src/hooks/contract.js';
import { techniqueOf } from '#src/session/selectors.js';
import { ERROR_CODES } from '#src/system/errors.js';

/** Checks the reference documents against the code: options, commands, hooks, variables, events, error codes. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND_LINE = guide('command-line.md');
const CONFIGURATION = guide('configuration.md');
const HOOKS_GUIDE = guide('hooks.md');
const LIBRARY = guide('library.md');

function guide(name: string): string {
  return readFileSync(join(ROOT, 'packaging/docs', name), 'utf8');
}

test('the README has at most 170 lines, and names the two commands to try a clone', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  assert.ok(readme.split('\n').length <= 170);
  for (const command of ['npm run demo', 'npm test']) assert.match(readme, new RegExp(`^${command} `, 'm'));
});

test('every error code is in its table, with its meaning and whether a retry can help', () => {
  for (const [code, { retryable, meaning }] of Object.entries(ERROR_CODES)) {
    assert.ok(LIBRARY.includes(`| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${meaning} |`), code);
  }
  assert.equal(
    [...LIBRARY.matchAll(/^\| `[A-Z_]+` \| (?:yes|no) \|/gm)].length,
    Object.keys(ERROR_CODES).length,
  );
});

test('every option is documented, and none that does not exist', () => {
  for (const [name, spec] of Object.entries<OptionSpec>(OPTIONS)) {
    assert.ok(COMMAND_LINE.includes(`-${spec.short ?? `-${name}`}`), name);
  }
  for (const [, long] of COMMAND_LINE.matchAll(/`--([a-z_]+)`/g))
    assert.ok(Object.hasOwn(OPTIONS, long ?? '') || Object.hasOwn(COMMAND_OPTIONS, long ?? ''), long);
});

test('every variable that hooks get is documented, and no other', () => {
  const documented = new Set([...HOOKS_GUIDE.matchAll(/`(HOSTP2PD_[A-Z0-9_]+)`/g)].map((match) => match[1]));
  assert.deepEqual([...documented].sort(), Object.keys(HOOK_VARIABLES).sort());
});

test('every hook is documented with its arguments', () => {
  const rows = [...HOOKS_GUIDE.matchAll(/^\| `([a-z_]+(?: [A-Z[\] ]+)?)` \|/gm)].map(
    ([, call]) => call ?? '',
  );
  const wanted = Object.entries(HOOKS).map(([name, call]) => [name, ...call.arguments].join(' '));
  assert.deepEqual(rows.sort(), wanted.sort());
});

test('every event is documented, and none that does not exist', () => {
  const section = LIBRARY.slice(LIBRARY.indexOf('<!-- test/unit/reference.test.ts: the events -->'));
  const rows = [...section.slice(0, section.indexOf('\n\n')).matchAll(/^\| `(\w+)` \|/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(rows.sort(), [...OPERATOR_EVENTS, 'wpaEvent'].sort());
});

test('the examples for programs are JavaScript for every supported Node.js', () => {
  const examples = [...LIBRARY.matchAll(/```javascript\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
  assert.equal(examples.length, 3);
  for (const input of examples) {
    const { status, stderr } = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], {
      input,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    // Node.js 24 knows it, 20 and 22 do not.
    assert.doesNotMatch(input, /await using|\busing /);
  }
});

test('the table of techniques agrees with the code', () => {
  const row =
    /^\| (persistent|autonomous|negotiated)( on demand)? \| (true|false|any) \| (true|false|any) \| (true|false) \| (.*) \|$/gm;
  const rows = [...CONFIGURATION.matchAll(row)];
  assert.equal(rows.length, 5);
  for (const [, name, onDemand, persistent, autonomous, dynamic, text] of rows) {
    for (const any of [true, false]) {
      const value = (word: string | undefined) => (word === 'any' ? any : word === 'true');
      const technique = techniqueOf({
        activate_persistent_group: value(persistent),
        activate_autonomous_group: value(autonomous),
        dynamic_group: value(dynamic),
      });
      assert.deepEqual(
        technique,
        {
          persistent: name === 'persistent',
          alwaysUp: onDemand === undefined,
          removedWhenEmpty: text?.includes('removed') ?? false,
        },
        `${name}${onDemand ?? ''}`,
      );
    }
  }
});

test('the station browser in the document is the one that the tests run', () => {
  const example = readFileSync(join(ROOT, 'test/examples/station-browser.ts'), 'utf8');
  assert.ok(LIBRARY.includes(`\`\`\`javascript\n${example}\`\`\``));
});

test('the control-interface example in the document is the one that the tests run', () => {
  const example = readFileSync(join(ROOT, 'test/examples/wait-for-connection.ts'), 'utf8');
  const notes = readFileSync(join(ROOT, 'native-notes/control-interface.md'), 'utf8');
  assert.ok(notes.includes(`\`\`\`javascript\n${example}\`\`\``));
});

test('every command is documented', () => {
  const section = COMMAND_LINE.slice(
    COMMAND_LINE.indexOf('## Commands'),
    COMMAND_LINE.indexOf('## The control socket'),
  );
  for (const { name } of COMMANDS) assert.match(section, new RegExp(`\`${name}[\` ]`), name);
});

test('the control socket has the paths of the examples', () => {
  const section = COMMAND_LINE.slice(COMMAND_LINE.indexOf('## The control socket'));
  const paths = [...section.matchAll(/http:\/\/hostp2pd(\/\S+)/g)].map(([, path]) => path ?? '');
  assert.equal(paths.length, 4);
  const notes = readFileSync(new URL('../../../native-notes/control-socket.md', import.meta.url), 'utf8');
  for (const path of paths) assert.ok(notes.includes(path.replace(/\/pair$/, '/')), path);
});
