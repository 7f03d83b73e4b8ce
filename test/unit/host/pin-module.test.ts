import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { PinModule } from '#src/host/pin-module.js';
import { HostP2pError } from '#src/system/errors.js';
import { HIDDEN, secrets } from '#src/system/secrets.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const PHONE = { deviceAddress: '02:00:00:00:01:00', name: 'Pixel' };
const OTHER = { deviceAddress: '02:00:00:00:02:00', name: null };
const PIN = '12345670';

function fileOf(t: TestContext, text: string, name = 'pin.mjs'): string {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, text);
  return path;
}

function moduleAt(path: string, timeoutMs: number, shown = false): PinModule {
  return new PinModule({ path, timeoutMs, shown });
}

function ask(t: TestContext, text: string, name?: string): Promise<string> {
  return moduleAt(fileOf(t, text, name), 5_000).getPin(PIN, PHONE);
}

/** Expects a rejection without any PIN in the printed error. */
async function refused(answer: Promise<string>, report: RegExp): Promise<void> {
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof HostP2pError);
    assert.equal(error.code, 'PIN_MODULE');
    assert.match(error.message, /^pin_module \//);
    assert.match(error.message, report);
    assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /12345670|87654325|1234567/);
    return true;
  });
}

describe('forms of a module', () => {
  const FORMS: readonly [form: string, text: string, name?: string][] = [
    ['a named export', "export const getPin = () => '1111';"],
    ["a named export by the original's name", "export const get_pin = () => '1111';"],
    ['an asynchronous one', "export async function getPin() { return '1111'; }"],
    ['a default export', "export default () => '1111';"],
    ['a member of the default export', "export default { get_pin: () => '1111' };"],
    ['a method', "export default new (class { pin = '1111'; getPin() { return this.pin; } })();"],
    ['CommonJS with a member', "exports.getPin = () => '1111';", 'pin.cjs'],
    [
      'CommonJS with an export that is visible only at run time',
      "module.exports = { ['get' + 'Pin']: () => '1111' };",
      'pin.cjs',
    ],
    ['CommonJS that is a function', "module.exports = () => '1111';", 'pin.js'],
  ];
  for (const [form, text, name] of FORMS) {
    test(form, async (t) => assert.equal(await ask(t, text, name), '1111'));
  }

  test('a path relative to the working directory', async (t) => {
    const path = relative(process.cwd(), fileOf(t, "export const getPin = () => '1111';"));
    assert.equal(await moduleAt(path, 5_000).getPin(PIN, PHONE), '1111');
  });
});

test('the function gets the PIN and the phone, and is called for each phone', async (t) => {
  const module = moduleAt(
    fileOf(
      t,
      `export function getPin(pin, { deviceAddress, name }) {
         if (pin !== '${PIN}') throw new Error('another PIN');
         return name === 'Pixel' && deviceAddress === '${PHONE.deviceAddress}' ? '1111' : '87654325';
       }`,
    ),
    5_000,
  );
  assert.equal(await module.getPin(PIN, PHONE), '1111');
  assert.equal(await module.getPin(PIN, OTHER), '87654325');
});

describe('when the file changes', () => {
  for (const [name, text] of [
    ['pin.mjs', (pin: string) => `export const getPin = () => '${pin}';`],
    ['pin.cjs', (pin: string) => `exports.getPin = () => '${pin}';`],
  ] as const) {
    test(`${name}: the next PinModule loads it, the former one keeps the old version`, async (t) => {
      const path = fileOf(t, text('1111'), name);
      const former = moduleAt(path, 5_000);
      assert.equal(await former.getPin(PIN, PHONE), '1111');
      // As editors save: a new file, perhaps with the same time, replaces the former one.
      writeFileSync(`${path}.new`, text('2222'));
      renameSync(`${path}.new`, path);
      assert.equal(await former.getPin(PIN, PHONE), '1111');
      assert.equal(await moduleAt(path, 5_000).getPin(PIN, PHONE), '2222');
      // Or the same file is written, with another time.
      writeFileSync(path, text('3333'));
      utimesSync(path, 1, 1);
      assert.equal(await moduleAt(path, 5_000).getPin(PIN, PHONE), '3333');
    });
  }

  test('a module that could not be loaded is tried again for the next phone', async (t) => {
    const path = fileOf(t, 'export const getPin = ;');
    const module = moduleAt(path, 5_000);
    await refused(module.getPin(PIN, PHONE), /cannot be loaded: /);
    writeFileSync(`${path}.new`, "export const getPin = () => '1111';");
    renameSync(`${path}.new`, path);
    assert.equal(await module.getPin(PIN, PHONE), '1111');
  });
});

describe('no PIN', () => {
  test('an invalid return value is reported by its type', async (t) => {
    const wanted = /getPin: expected a text of 4 or 8 digits, got /;
    await refused(ask(t, "export const getPin = () => '1234567';"), wanted);
    await refused(ask(t, "export const getPin = () => '1234567';"), /, got a text of 7 characters$/);
    await refused(ask(t, 'export const getPin = () => 12345670;'), /, got a number$/);
    await refused(ask(t, 'export const getPin = () => {};'), /, got nothing$/);
    await refused(ask(t, "export const getPin = () => 'random';"), wanted);
    await refused(ask(t, "export const getPin = () => ['1111'];"), /, got a list$/);
  });

  test('a module without the function', async (t) => {
    const report = /expected an exported function getPin or get_pin, got none$/;
    await refused(ask(t, 'export const pin = 5;'), report);
    await refused(ask(t, "export const getPin = '1111';"), report);
    await refused(ask(t, 'export default null;'), report);
  });

  test('a module that does not exist, or is no JavaScript', async (t) => {
    await refused(moduleAt('/nowhere/pin.mjs', 5_000).getPin(PIN, PHONE), /cannot be loaded: ENOENT/);
    const fifo = join(temporaryFolder(t), 'fifo.mjs');
    execFileSync('mkfifo', [fifo]);
    await refused(moduleAt(fifo, 5_000).getPin(PIN, PHONE), /expected a regular file, got a FIFO$/);
    await refused(ask(t, "throw new Error('no 87654325 here');"), /cannot be loaded: no <hidden> here$/);
    await refused(ask(t, 'export default 12345670x;'), /cannot be loaded: /);
  });

  test('a function that throws: its message in one line, without anything that could be a PIN', async (t) => {
    const failed = /getPin failed: no door for <hidden>$/;
    await refused(
      ask(t, "export const getPin = (pin) => { throw new Error('no door for ' + pin); };"),
      failed,
    );
    const lines = String.raw`export const getPin = async (p) => { throw new Error('no door for ' + p + '\n' + p); };`;
    await refused(ask(t, lines), failed);
    await refused(
      ask(t, 'export const getPin = (pin) => Promise.reject(pin);'),
      /getPin failed: a text of 8 characters$/,
    );
    await refused(ask(t, 'export default class {}'), /getPin failed: /);
  });

  test('a timeout of the function, or of the loading', async (t) => {
    const report = /getPin: expected an answer within 0\.02 s, got none$/;
    for (const text of [
      'export const getPin = () => new Promise(() => {});',
      'await new Promise(() => {});',
    ]) {
      await refused(moduleAt(fileOf(t, text), 20).getPin(PIN, PHONE), report);
    }
  });

  test('an answer in time leaves no timer that would keep the process running', async (t) => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const path = fileOf(t, "export const getPin = () => '1111';");
    const before = timers();
    await moduleAt(path, 60_000).getPin(PIN, PHONE);
    assert.equal(timers(), before);
  });

  test('a failure after the timeout is ignored', async (t) => {
    const text =
      "export const getPin = () => new Promise((_, no) => setTimeout(() => no(new Error('late')), 30));";
    const loose: unknown[] = [];
    const note = (error: unknown) => loose.push(error);
    process.on('unhandledRejection', note);
    t.after(() => process.off('unhandledRejection', note));
    await refused(moduleAt(fileOf(t, text), 10).getPin(PIN, PHONE), /got none$/);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(loose, []);
  });
});

test('a PIN of the module is hidden in the log, unless it has to be shown', async (t) => {
  const line = (pin: string) => secrets.redact(`internal error: no such phone: ${pin}`);
  const file = fileOf(
    t,
    "export const getPin = (_pin, { name }) => (name === 'Pixel' ? '60176429' : '60176430');",
  );
  await moduleAt(file, 5_000).getPin(PIN, PHONE);
  await moduleAt(file, 5_000, true).getPin(PIN, OTHER);
  assert.equal(line('60176429'), `internal error: no such phone: ${HIDDEN}`);
  assert.equal(line('60176430'), 'internal error: no such phone: 60176430');
});
