import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manualPage } from '#src/cli/manual-page.js';
import { COMMAND_OPTIONS, OPTIONS } from '#src/cli/options.js';
import { COMMANDS } from '#src/commands/table.js';
import { SETTINGS } from '#src/config/schema.js';
import { HOOK_VARIABLES, HOOKS } from '#src/hooks/contract.js';

const FILE = new URL('../../../../packaging/man/hostp2pd.8', import.meta.url);

test('the man page in packaging is up to date with the tables (npm run manual)', () => {
  assert.equal(readFileSync(FILE, 'utf8'), manualPage());
});

test('it has every option, command, setting with its default, hook with its arguments, and variable', () => {
  const page = manualPage().replaceAll('\\-', '-');
  for (const name of [...Object.keys(OPTIONS), ...Object.keys(COMMAND_OPTIONS)]) {
    assert.ok(page.includes(`--${name}`), name);
  }
  for (const { name } of COMMANDS) assert.match(page, new RegExp(`^\\.B ${name}\\b`, 'm'), name);
  for (const key of Object.keys(SETTINGS)) {
    const text = new RegExp(`^\\.B ${key}\\n((?!\\.)[\\s\\S]*?)^\\.`, 'm').exec(page)?.[1] ?? '';
    const { keys } = { keys: undefined, ...SETTINGS[key as keyof typeof SETTINGS] };
    if (keys === undefined) assert.match(text, /Default: \S/, key);
    else
      for (const name of Object.keys(keys))
        assert.match(page, new RegExp(`^\\.B ${key}\\.${name}$`, 'm'), name);
  }
  for (const [name, { arguments: words }] of Object.entries(HOOKS)) {
    assert.ok(page.includes(`\n.B ${[name, ...words].join(' ')}\n`), name);
  }
  for (const name of Object.keys(HOOK_VARIABLES)) assert.ok(page.includes(`\n.B ${name}\n`), name);
});

test('no line of text begins like a troff request', () => {
  const requests = manualPage()
    .split('\n')
    .filter((line) => /^['.]/.test(line));
  const known = /^\.(TH|SH|TP|PP|br|B|BR|I|nf|fi)\b/;
  assert.deepEqual(
    requests.filter((line) => !known.test(line)),
    [],
  );
});
