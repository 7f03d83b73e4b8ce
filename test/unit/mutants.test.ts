import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOnly, mutantsOf } from '../mutation/mutants.js';

/** The lines that the mutation check changes in a piece of code, one for each mutant. */
function changes(source: string): string[] {
  return mutantsOf(source).map(({ start, end, replacement }) => {
    const changed = source.slice(0, start) + replacement + source.slice(end);
    return changed.split('\n').find((line, i) => line !== source.split('\n')[i]) ?? '';
  });
}

test('conditions, comparisons, numbers and truth values are changed', () => {
  assert.deepEqual(changes('if (a && b < 0x10) c = 1_000;'), [
    'if (!(a && b < 0x10)) c = 1_000;',
    'if (a || b < 0x10) c = 1_000;',
    'if (a && b <= 0x10) c = 1_000;',
    'if (a && b < 32) c = 1_000;',
    'if (a && b < 0x10) c = 2000;',
  ]);
  assert.deepEqual(changes("while (a.b('c)')) d();"), ["while (!(a.b('c)'))) d();"]);
  assert.deepEqual(changes('x = y1 === true;'), ['x = y1 !== true;', 'x = y1 === false;']);
});

test('a call statement is removed, and a function returns at once', () => {
  const source = 'function f(a) {\n    g(a,\n        h());\n    return k(a);\n}';
  assert.deepEqual(
    mutantsOf(source).map(({ change }) => change),
    ['f() returns at once', 'left out: g(a, h())'],
  );
  assert.deepEqual(changes(source), ['function f(a) { return;', '    ;']);
});

test('comments, strings, regular expressions and log calls are not changed', () => {
  const source = [
    '// a && b',
    '/* 1 < 2 */',
    "const text = 'it\\'s true && 5';",
    `const inner = \`\${a && \`\${b === 3}\`} && 7\`;`,
    'const pattern = /[/"]{2} && (true)/;',
    "    turn.log('info', a && b ? 1 : '2');",
  ].join('\n');
  assert.deepEqual(mutantsOf(source), []);
  assert.equal(codeOnly(source).length, source.length);
  assert.deepEqual(changes('x = a / 2 / b;'), ['x = a / 4 / b;']);
});
