import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEVICE } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { supplicant, temporaryFolder } from './support.js';

/** The program under a Node.js for which its native module was not compiled, or without that module. */

/** The message of Node.js 24 about a module that Node.js 20 has compiled. */
const COMPILED_FOR_ANOTHER =
  "process.dlopen = (module, file) => { throw Object.assign(new Error('The module ' + file + '\\nwas compiled against a " +
  'different Node.js version using\\nNODE_MODULE_VERSION 115. This version of Node.js requires\\nNODE_MODULE_VERSION 137. ' +
  "Please try re-compiling or re-installing\\nthe module.'), { code: 'ERR_DLOPEN_FAILED' }); };";
const NOT_COMPILED =
  "process.dlopen = (module, file) => { throw Object.assign(new Error('Cannot " +
  "find module ' + file), { code: 'MODULE_NOT_FOUND' }); };";
const NOT_INSTALLED =
  "const Module = require('module'); const former = Module._resolveFilename; Module._resolveFilename = (name, ...rest) " +
  "=> { if (name === 'unix-dgram') throw Object.assign(new Error('Cannot find module ' + name), { code: " +
  "'MODULE_NOT_FOUND' }); return former(name, ...rest); };";

const CASES: readonly [what: string, preload: string, words: RegExp][] = [
  [
    'compiled for another Node.js',
    COMPILED_FOR_ANOTHER,
    /expected it compiled for Node\.js v\d+\.\d+\.\d+ \(module version 137\), got module version 115; run "npm rebuild unix-dgram" in \/.+, or install hostp2pd again/,
  ],
  ['not compiled', NOT_COMPILED, /it has not been compiled; run "npm rebuild unix-dgram" in \//],
  ['not installed', NOT_INSTALLED, /it is not installed; run "npm install" in \//],
];

function preloaded(t: TestContext, code: string): { readonly NODE_OPTIONS: string } {
  const file = join(temporaryFolder(t), 'preload.cjs');
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--require ${file}` };
}

for (const [what, preload, words] of CASES)
  test(`the native module is ${what}: one line says so, and commands that do not need it work`, async (t) => {
    const fake = supplicant(t);
    const place = new Place(t);
    const env = preloaded(t, preload);
    const config = configuration(t, fake);
    for (const args of [['-V'], ['--help'], ['version'], ['help']]) {
      const { code, stdout, stderr } = await place.run(args, { env });
      assert.deepEqual([code, stderr], [0, ''], args.join());
      assert.match(stdout, /hostp2pd/);
    }
    for (const args of [['-d'], ['-b', '-', '-d'], ['-b', '-']]) {
      const { code, stdout, stderr } = await place.run([...args, '-i', DEVICE, '-c', config], { env });
      assert.equal(code, 1, args.join());
      const [line = '', ...more] = (stdout + stderr).trimEnd().split('\n');
      assert.match(line, words);
      assert.deepEqual(more, [], args.join());
    }
    const doctor = await place.run(['doctor', '-c', config], { env });
    assert.equal(doctor.code, 2, doctor.stderr);
    assert.match(doctor.stdout, /^error +addon +the native module unix-dgram cannot be loaded: /m);
    assert.doesNotMatch(doctor.stdout + doctor.stderr, /^ +at /m);
    for (const option of ['-t', '-r', 'status']) {
      const { code, stderr } = await place.run([option, '-i', DEVICE], { env });
      assert.equal(code, 1);
      assert.match(stderr, /^hostp2pd: no (?:daemon|hostp2pd) is running[^\n]*\n$/);
    }
    assert.deepEqual([fake.commands, place.files()], [[], []]);
  });
