import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { argumentsOf, quoteWord, readsAsCommand, splitLine } from '#src/cli/line.js';
import type { CommandSpec } from '#src/commands/command.js';

const texts = (line: string) => splitLine(line).map(({ text }) => text);
const spec = (...specs: CommandSpec['arguments']): CommandSpec => ({
  name: 'x',
  arguments: specs,
  summary: '',
  frontends: [],
});

test('blanks separate words, and quotes keep them together', () => {
  for (const [line, words] of [
    ['', []],
    ['  ', []],
    [' stats ', ['stats']],
    ['pin a\t12345670', ['pin', 'a', '12345670']],
    ['pin "My Phone" 1', ['pin', 'My Phone', '1']],
    ["pin 'My Phone' 1", ['pin', 'My Phone', '1']],
    ['pin My\\ Phone 1', ['pin', 'My Phone', '1']],
    ['pin "say \\"x\\" \\\\ \\n" 1', ['pin', 'say "x" \\ \\n', '1']],
    ["pin 'a\\b'", ['pin', 'a\\b']],
    ['pin My" "Phone', ['pin', 'My Phone']],
    ['pin ""', ['pin', '']],
    ['pin \\', ['pin', '\\']],
    ["pin Anna\\'s", ['pin', "Anna's"]],
  ] as const) {
    assert.deepEqual(texts(line), words, line);
  }
});

test('a word has its position, and whether its quote is open', () => {
  assert.deepEqual(splitLine('pin "My Ph'), [
    { text: 'pin', start: 0, end: 3, open: false },
    { text: 'My Ph', start: 4, end: 10, open: true },
  ]);
});

test('a quoted word is parsed to the original word', () => {
  for (const word of ['Pixel', 'My Phone', `a"b'c\\d`, '', '#1', '日本 語', 'x;touch $(id)']) {
    assert.deepEqual(texts(`pin ${quoteWord(word)} x`), ['pin', word, 'x']);
  }
  assert.equal(quoteWord('42:00:00:00:01:00'), '42:00:00:00:01:00');
});

test('a line that continues as an expression is no command', () => {
  const reads = (line: string) => readsAsCommand(line, splitLine(line));
  for (const line of [
    'stats',
    'wait 1',
    'wait -1',
    'prompt >',
    'reload /etc/x',
    'reload ../x',
    'wpa SET a=b',
  ]) {
    assert.ok(reads(line), line);
  }
  for (const line of ['stats = 3', 'find => 1', 'wait (1)', 'status + 1', 'x instanceof Map', 'x ? 1 : 2']) {
    assert.ok(!reads(line), line);
  }
  assert.ok(!reads(''));
});

test('an argument that takes the rest of the line gets it unchanged', () => {
  const line = 'wpa  SET_NETWORK 0  ssid "a \'b"  ';
  const rest = spec({ name: 'request', rest: true });
  assert.equal(argumentsOf(rest, line, splitLine(line)).join(' '), 'SET_NETWORK 0  ssid "a \'b"');
  const second = spec({ name: 'first' }, { name: 'request', rest: true });
  const other = 'x "My Phone" "as it  is';
  assert.deepEqual(argumentsOf(second, other, splitLine(other)), ['My Phone', '"as', 'it', '', 'is']);
  assert.deepEqual(argumentsOf(rest, 'wpa', splitLine('wpa')), []);
});

test('a file name is made absolute, but not the words that are allowed instead of one', () => {
  const file = spec({ name: 'file', words: ['reset'], completes: 'file' });
  const of = (line: string) => argumentsOf(file, line, splitLine(line));
  assert.deepEqual(of('reload a/../b.yaml'), [`${process.cwd()}/b.yaml`]);
  assert.deepEqual(of('reload "my file"'), [`${process.cwd()}/my file`]);
  assert.deepEqual(of('reload ~/x'), [`${homedir()}/x`]);
  assert.deepEqual(of('reload /etc/x'), ['/etc/x']);
  assert.deepEqual(of('reload reset'), ['reset']);
  assert.deepEqual(of('reload -'), ['-']);
});

test('a quote that is not closed is an error that does not repeat a PIN', () => {
  const line = 'pin "12345670';
  assert.throws(
    () => argumentsOf(spec({ name: 'PIN' }), line, splitLine(line)),
    (error: Error) => /quote/.test(error.message) && !/1234/.test(error.message),
  );
});
