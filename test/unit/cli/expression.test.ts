import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Evaluator, errorText, valueText } from '#src/cli/expression.js';
import { linesTo } from '#src/cli/screen.js';
import { HostP2pD } from '#src/host/host.js';
import { HostP2pError } from '#src/system/errors.js';
import { within } from '../../fakes/within.js';

function evaluator(t: TestContext): { evaluator: Evaluator; printed: string[]; told: string[] } {
  const printed: string[] = [];
  const told: string[] = [];
  const output = linesTo((text) => printed.push(text));
  const made = new Evaluator({ hostp2pd: new HostP2pD(), output, tell: (text) => told.push(text) });
  t.after(() => made.close());
  return { evaluator: made, printed, told };
}

test('values, and variables that later expressions can use', async (t) => {
  const { evaluator: it } = evaluator(t);
  for (const [source, value] of [
    ['1 + 1', 2],
    ['let x = 1', undefined],
    ['x = x + 1; x', 2],
    ['const f = (n) => n * x', undefined],
    ['f(21)', 42],
    ['function g() { return 7 }', undefined],
    ['g()', 7],
    ['y = 3', 3],
    ['hostp2pd.status.phase', 'detached'],
    ['hostp2pd.stations.length', 0],
    ['typeof Buffer + typeof setTimeout + typeof process + typeof require', 'functionfunctionobjectfunction'],
    ['crypto.randomUUID().length', 36],
    ['this === globalThis', true],
  ] as const) {
    assert.equal(await it.evaluate(source), value, source);
  }
});

test('braces are an object, not a block', async (t) => {
  const { evaluator: it } = evaluator(t);
  assert.equal(valueText(await it.evaluate('{ a: 1, b: [2] } // so'), PLAIN), '{ a: 1, b: [ 2 ] }');
  assert.equal(await it.evaluate('{ let z = 1; z + 1 }'), 2);
});

test('await anywhere in an expression, and its declarations can be used later', async (t) => {
  const { evaluator: it } = evaluator(t);
  for (const [source, value] of [
    ['await Promise.resolve(5)', 5],
    ['await (Promise.resolve(6));', 6],
    ['1 + await 2', 3],
    ['let a = await Promise.resolve(7)', undefined],
    ['a', 7],
    ['const b = await 8 // a comment', undefined],
    ['const b = await 9', undefined],
    ['b', 9],
    ['const { c, d: e, ...rest } = await Promise.resolve({ c: 1, d: 2, r: 3 });', undefined],
    ['c + e + rest.r', 6],
    ['let [h, i] = await [1, 2]', undefined],
    ['h + i', 3],
    ['n = await 4', 4],
    ['n', 4],
    ['for (const k of [1, 2]) n += await k', undefined],
    ['n', 7],
    ['async function later() { return (await 1) + 1 }', undefined],
    ['later()', 2],
    ['{ v: await 5 }.v', 5],
  ] as const) {
    assert.equal(await it.evaluate(source), value, source);
  }
});

test('an error is one line, whatever was thrown', async (t) => {
  const { evaluator: it } = evaluator(t);
  for (const [source, text] of [
    ['nope', 'ReferenceError: nope is not defined'],
    ['hostp2pd.status.group.ssid', "TypeError: Cannot read properties of null (reading 'ssid')"],
    ['1 +', 'SyntaxError: Unexpected end of input'],
    ['throw new Error("a\\n  b\\u001b[2J")', 'Error: a b_[2J'],
    ['throw { a: 1 }', 'thrown: { a: 1 }'],
    ['hostp2pd.pause()', 'the session is not running'],
    [
      'await hostp2pd.invite("x")',
      'address: expected six pairs of hexadecimal digits such as 42:00:00:00:01:00, got "x"',
    ],
  ] as const) {
    await assert.rejects(it.evaluate(source), (error) => {
      assert.equal(errorText(error), text);
      return true;
    });
  }
  assert.equal(errorText(new HostP2pError('STATE', 'in words')), 'in words');
});

test('which names are defined', (t) => {
  const { evaluator: it } = evaluator(t);
  for (const word of ['hostp2pd', 'console', 'let', 'await', 'for', 'Map']) assert.ok(it.defines(word), word);
  assert.ok(!it.defines('statss'));
});

test('console.log prints through the prompt', async (t) => {
  const { evaluator: it, printed } = evaluator(t);
  await it.evaluate('console.log("a", { b: 1 }); console.error("c\\nd")');
  assert.deepEqual(printed, ['a { b: 1 }', 'c\nd']);
});

test('names for TAB: variables, and properties, also inherited ones', async (t) => {
  const { evaluator: it } = evaluator(t);
  await it.evaluate('mine = { one: 1, "not a name": 2, _hidden: 3 }');
  assert.deepEqual(it.names(null), ['hostp2pd', 'mine']);
  assert.deepEqual(it.names('mine'), ['one']);
  for (const name of ['status', 'stations', 'clients', 'reload'])
    assert.ok(it.names('hostp2pd').includes(name), name);
  assert.ok(it.names('hostp2pd.stations').includes('map'));
  assert.ok(it.names('hostp2pd.status.phase').includes('startsWith'));
  assert.deepEqual(it.names('nobody'), []);
  assert.deepEqual(it.names('mine.none.deeper'), []);
});

test('an error that nothing awaits is printed, and does not end the process', async (t) => {
  const before = process.listeners('unhandledRejection');
  const { evaluator: it, told } = evaluator(t);
  const fresh = async (source: string, told1: RegExp) => {
    told.length = 0;
    await it.evaluate(source);
    await within(
      2_000,
      () => `${source}: ${told}`,
      () => told.some((text) => told1.test(text)),
    );
  };
  await fresh('void (async () => { throw new Error("typed") })()', /^Error: typed$/);
  await fresh('let p = hostp2pd.pause()', /^the session is not running$/);
  await fresh('let u = setTimeout(() => { throw new Error("late") }, 1)', /^Error: late$/);
  await fresh('let v = setTimeout(() => { Buffer.alloc(-1) }, 1)', /^RangeError: /);
  it.close();
  assert.deepEqual(process.listeners('unhandledRejection'), before, 'the former listeners are restored');
});

test('printed values are bounded and contain no control sequences', () => {
  assert.equal(valueText(undefined, PLAIN), '');
  assert.equal(valueText(null, PLAIN), 'null');
  assert.match(
    valueText(
      Array.from({ length: 5_000 }, () => 1),
      PLAIN,
    ),
    /4900 more items/,
  );
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`key${n}`, n]));
  assert.ok(valueText(wide, PLAIN).length < 33_000);
  assert.ok(!/[\u001b\u202e]/.test(valueText(['\u001b[2J', '\u202egnp'], PLAIN)));
  assert.match(valueText({ a: 1 }, { ...PLAIN, colors: true }), /\u001b\[33m1/);
});

const PLAIN = { colors: false, columns: 80 };
