import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manualPage } from '#src/cli/manual-page.js';
import { COMMAND_OPTIONS, OPTIONS } from '#src/cli/options.js';
import { COMMANDS } from '#src/commands/table.js';
import { SETTINGS } from '#src/index.js';

const FILE = new URL('../../../../packaging/man/hostp2pd.8', import.meta.url);

test('the man page in packaging is the one that the tables make: npm run manual', () => {
  assert.equal(readFileSync(FILE, 'utf8'), manualPage());
});

test('it tells every option, command and setting', () => {
  const page = manualPage().replaceAll('\\-', '-');
  for (const name of [...Object.keys(OPTIONS), ...Object.keys(COMMAND_OPTIONS)]) {
    assert.ok(page.includes(`--${name}`), name);
  }
  for (const { name } of COMMANDS) assert.match(page, new RegExp(`^\\.B ${name}\\b`, 'm'), name);
  for (const key of Object.keys(SETTINGS)) assert.match(page, new RegExp(`^\\.B ${key}$`, 'm'), key);
});

test('no line of text is taken for a request', () => {
  const requests = manualPage()
    .split('\n')
    .filter((line) => /^['.]/.test(line));
  const known = /^\.(TH|SH|TP|PP|br|B|BR|I)\b/;
  assert.deepEqual(
    requests.filter((line) => !known.test(line)),
    [],
  );
});
