import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completeWords, completionReply, type Lookup } from '#src/cli/completion.js';
import { commandsOf } from '#src/cli/help.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const PHONES = ['42:00:00:00:01:00', '42:00:00:00:02:00', 'Pixel'];

const lookup: Lookup = async (what, interfaceName) => {
  if (interfaceName === 'p2p-dev-gone') throw new Error('no daemon');
  return what === 'station' ? PHONES.slice(0, 1) : PHONES;
};

const complete = (...words: string[]) => completeWords(['hostp2pd', ...words], lookup);

test('commands for the shell, and the options before them', async () => {
  assert.deepEqual(
    await complete(''),
    commandsOf('shell')
      .map(({ name }) => name)
      .toSorted(),
  );
  assert.deepEqual(await complete('sta'), ['stations', 'stats', 'status']);
  assert.deepEqual(await complete('--te'), ['--terminate']);
  assert.deepEqual(await complete('status', '--j'), ['--json']);
});

test('arguments that the daemon knows', async () => {
  assert.deepEqual(await complete('forget', ''), PHONES);
  assert.deepEqual(await complete('disconnect', ''), PHONES.slice(0, 1));
  assert.deepEqual(await complete('pair', 'p'), ['pbc', 'pin']);
  assert.deepEqual(await complete('pair', 'pbc', 'P'), ['Pixel']);
  assert.deepEqual(await complete('group', ''), ['start', 'stop']);
  assert.deepEqual(await complete('version', ''), []);
  assert.deepEqual(await complete('-i', 'p2p-dev-gone', 'forget', ''), [], 'none without a daemon');
});

test('files in the folder that was typed', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'hostp2pd.d'));
  writeFileSync(join(folder, 'hostp2pd.yaml'), '');
  writeFileSync(join(folder, 'other'), '');
  const both = [`${folder}/hostp2pd.d/`, `${folder}/hostp2pd.yaml`];
  assert.deepEqual(await complete('-c', `${folder}/ho`), both);
  assert.deepEqual(await complete('reload', `${folder}/ho`), both);
  assert.deepEqual(await complete('reload', `${folder}/none/`), []);
});

test('bash splits words at colons', async () => {
  const reply = (...words: string[]) => completionReply(['hostp2pd', ...words], false, lookup);
  assert.deepEqual(await reply('forget', '42'), PHONES.slice(0, 2));
  assert.deepEqual(await reply('forget', '42', ':', '00', ':', '00', ':', '00', ':', '02'), ['02:00']);
  assert.deepEqual(await reply('forget', '42', ':'), ['00:00:00:01:00', '00:00:00:02:00']);
});

test('zsh takes the text after a colon for a description', async () => {
  const reply = await completionReply(['hostp2pd', 'disconnect', ''], true, lookup);
  assert.deepEqual(reply, ['42\\:00\\:00\\:00\\:01\\:00']);
});

test('in a real bash, with the script that yargs generates', (t) => {
  const folder = temporaryFolder(t);
  const script = new URL('../../../../.build/cli/completion.js', import.meta.url);
  const bash = execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `const { printCompletionScript } = await import(${JSON.stringify(script.href)}); await printCompletionScript('bash');`,
  ]).toString();
  const file = join(folder, 'completion');
  writeFileSync(file, bash);
  // Instead of the program, one that prints its arguments.
  const typed = `hostp2pd() { echo "$*" >&2; printf 'stations\\nstats\\n'; }
    source ${file}
    COMP_WORDS=(hostp2pd st) COMP_CWORD=1
    _hostp2pd_yargs_completions
    echo "\${COMPREPLY[@]}"
    complete -p hostp2pd`;
  const out = execFileSync('bash', ['-c', typed], { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  assert.match(out, /^stations stats$/m);
  assert.match(out, /-F _hostp2pd_yargs_completions hostp2pd/);
});
