import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completeLine, type PromptSources } from '#src/cli/completion.js';
import { commonStart, inColumns } from '#src/cli/prompt-line.js';
import type { CommandSpec } from '#src/commands/command.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const command = (name: string, ...specs: CommandSpec['arguments']): CommandSpec => ({
  name,
  arguments: specs,
  summary: '',
  frontends: [],
});

const KNOWN = {
  device: ['42:00:00:00:01:00', '42:00:00:00:02:00', 'Pixel', 'My Phone'],
  station: ['46:00:00:00:01:00'],
  client: ['Old "One"'],
};

const SOURCES: PromptSources = {
  commands: [
    command('stats'),
    command('stations'),
    command('help', { name: 'command', optional: true, completes: 'command' }),
    command('pin', { name: 'address', completes: 'device' }, { name: 'PIN', completes: 'text' }),
    command('pair', { name: 'method', words: ['pbc', 'pin'], completes: 'device' }),
    command('disconnect', { name: 'address', completes: 'station' }),
    command('invite', { name: 'address', completes: 'client' }),
    command('group', { name: 'start|stop', words: ['start', 'stop'] }),
    command('reload', { name: 'file', optional: true, words: ['reset'], completes: 'file' }),
    command('wpa', { name: 'request', rest: true, words: ['STATUS'] }),
  ],
  known: async (what) => KNOWN[what],
  names: (chain) => {
    if (chain === null) return ['hostp2pd', 'mine'];
    return chain === 'hostp2pd' ? ['stations', 'status', 'clients'] : chain === 'mine[0].x' ? ['deep'] : [];
  },
};

const hits = async (before: string) => (await completeLine(before, SOURCES)).hits;

test('the first word: commands, and the variables of expressions', async () => {
  assert.deepEqual(await completeLine('st', SOURCES), { hits: ['stats ', 'stations '], on: 'st' });
  assert.deepEqual(await completeLine('h', SOURCES), { hits: ['help ', 'hostp2pd'], on: 'h' });
  assert.deepEqual(await completeLine('mi', SOURCES), { hits: ['mine'], on: 'mi' });
  assert.equal((await hits('')).length, SOURCES.commands.length);
  assert.deepEqual(await hits('zz'), []);
});

test('arguments, by their kind', async () => {
  assert.deepEqual(await hits('group '), ['start ', 'stop ']);
  assert.deepEqual(await hits('group sta'), ['start ']);
  assert.deepEqual(await hits('group start '), []);
  assert.deepEqual(await hits('help di'), ['disconnect ']);
  assert.deepEqual(await hits('pair p'), ['pbc ', 'pin ', 'Pixel ']);
  assert.deepEqual(await hits('disconnect '), ['46:00:00:00:01:00 ']);
  assert.deepEqual(await hits('pin Pixel '), []);
  assert.deepEqual(await hits('wpa a b ST'), ['STATUS ']);
  assert.deepEqual(await hits('stats '), []);
});

test('names with blanks and quotes are quoted, whatever quote was typed first', async () => {
  for (const begun of ['my', 'My\\ Ph', '"My P', "'my ph"]) {
    assert.deepEqual(await completeLine(`pin ${begun}`, SOURCES), { hits: ['"My Phone" '], on: begun });
  }
  assert.deepEqual(await hits('invite o'), ['"Old \\"One\\"" ']);
});

test('files in the folder that was typed', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  for (const name of ['a.yaml', 'a b.yaml', '.hidden', 'e\u001b[2J']) writeFileSync(join(folder, name), '');
  assert.deepEqual(await hits(`reload ${folder}/`), [
    `"${folder}/a b.yaml" `,
    `${folder}/a.yaml `,
    `${folder}/sub/`,
  ]);
  assert.deepEqual(await hits(`reload ${folder}/.h`), [`${folder}/.hidden `]);
  assert.deepEqual(await hits(`reload ${folder}/nowhere/`), []);
  assert.deepEqual(await hits('reload res'), ['reset ']);
});

test('properties after a dot, also inside an expression', async () => {
  assert.deepEqual(await completeLine('hostp2pd.st', SOURCES), { hits: ['stations', 'status'], on: 'st' });
  assert.deepEqual(await completeLine('await hostp2pd.cl', SOURCES), { hits: ['clients'], on: 'cl' });
  assert.deepEqual(await completeLine('f(1, hostp2pd?.', SOURCES), {
    hits: ['clients', 'stations', 'status'],
    on: '',
  });
  assert.deepEqual(await completeLine('x = mine[0].x.d', SOURCES), { hits: ['deep'], on: 'd' });
  assert.deepEqual(await hits('f().st'), [], 'a function call is not evaluated');
  assert.deepEqual(await hits('stats = hostp2pd.st'), ['stations', 'status']);
  assert.deepEqual(await hits('x = ho'), ['hostp2pd']);
});

test('the common prefix of several candidates', () => {
  assert.equal(commonStart(['stats ', 'stations ', 'status ']), 'stat');
  assert.equal(commonStart(['a']), 'a');
  assert.equal(commonStart(['a', 'b']), '');
  assert.equal(commonStart([]), '');
});

test('a list in columns is sorted downwards and fits the terminal', () => {
  assert.equal(inColumns(['one', 'two', 'three', 'four', 'five'], 14), 'one    four\ntwo    five\nthree');
  assert.equal(inColumns(['a long word', 'b'], 4), 'a long word\nb');
});
