import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDON, type PackageParts, PREBUILT, packageCopy } from '../fakes/package-copy.js';
import { DEVICE } from './fake-supplicant.js';
import { configuration, Place } from './place.js';
import { preloaded, supplicant } from './support.js';

/** The program under a Node.js for which its native module was not built, or without that module. */

/** The message of Node.js 24 about a module that Node.js 20 has compiled. */
const COMPILED_FOR_ANOTHER =
  "process.dlopen = (module, file) => { throw Object.assign(new Error('The module ' + file + '\\nwas compiled against a " +
  'different Node.js version using\\nNODE_MODULE_VERSION 115. This version of Node.js requires\\nNODE_MODULE_VERSION 137. ' +
  "Please try re-compiling or re-installing\\nthe module.'), { code: 'ERR_DLOPEN_FAILED' }); };";

const BUILD = 'node_modules/unix-dgram/build/Release/unix_dgram.node';
const HERE = /expected it built for Node\.js v\d+\.\d+\.\d+ \(module version \d+, \w+\), /.source;
const REBUILD = /; run "npm rebuild unix-dgram" in \/.+ with this Node\.js, or install hostp2pd again$/
  .source;

const CASES: readonly [what: string, parts: PackageParts, words: RegExp, preload?: string][] = [
  [
    'compiled for another Node.js',
    { unixDgram: 'sources', files: { [BUILD]: ADDON } },
    new RegExp(`: ${HERE}got it for Node\\.js 20${REBUILD}`),
    COMPILED_FOR_ANOTHER,
  ],
  [
    'built for other Node.js versions',
    {
      unixDgram: 'no sources',
      files: { [`prebuilds/linux-${process.arch}-abi93/unix_dgram.node`]: ADDON },
    },
    new RegExp(
      `: ${HERE}got it for Node\\.js of module version 93; run hostp2pd with Node\\.js .*, or install`,
    ),
  ],
  ['not compiled', { unixDgram: 'sources' }, new RegExp(`: it has not been compiled${REBUILD}`)],
  ['not installed', { unixDgram: null }, /: it is not installed; run "npm install" in \//],
  [
    'damaged',
    { unixDgram: 'sources', files: { [PREBUILT]: Buffer.from('damaged') } },
    new RegExp(`: /.*unix_dgram\\.node: .*${REBUILD}`),
  ],
];

for (const [what, parts, words, preload = ''] of CASES)
  test(`the native module is ${what}: one line says so, and commands that do not need it work`, async (t) => {
    const fake = supplicant(t);
    const place = new Place(t);
    const env = preloaded(t, preload);
    const root = packageCopy(t, parts);
    const config = configuration(t, fake);
    for (const args of [['-V'], ['--help'], ['version'], ['help']]) {
      const { code, stdout, stderr } = await place.run(args, { env, root });
      assert.deepEqual([code, stderr], [0, ''], args.join());
      assert.match(stdout, /hostp2pd/);
    }
    for (const args of [['-d'], ['-b', '-', '-d'], ['-b', '-']]) {
      const { code, stdout, stderr } = await place.run([...args, '-i', DEVICE, '-c', config], { env, root });
      assert.equal(code, 1, args.join());
      const [line = '', ...more] = (stdout + stderr).trimEnd().split('\n');
      assert.match(line, words);
      assert.deepEqual(more, [], args.join());
    }
    const doctor = await place.run(['doctor', '-c', config], { env, root });
    assert.equal(doctor.code, 2, doctor.stderr);
    assert.match(doctor.stdout, /^error +addon +the native module unix-dgram cannot be loaded: /m);
    assert.doesNotMatch(doctor.stdout + doctor.stderr, /^ +at /m);
    for (const option of ['-t', '-r', 'status']) {
      const { code, stderr } = await place.run([option, '-i', DEVICE], { env, root });
      assert.equal(code, 1);
      assert.match(stderr, /^hostp2pd: no (?:daemon|hostp2pd) is running[^\n]*\n$/);
    }
    assert.deepEqual([fake.commands, place.files()], [[], []]);
  });

/** Says that it is Node.js 18, and lacks what is newer. */
const OLD_NODE = `
  Object.defineProperty(process, 'version', { value: 'v18.20.4' });
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });
  for (const name of ['toSorted', 'toReversed', 'toSpliced', 'with']) delete Array.prototype[name];`;
const TOO_OLD =
  /^hostp2pd: expected Node\.js 20\.19 or later, got 18\.20\.4; install 20\.19 or later: [^\n]+\n$/;

test('with a Node.js that is too old, one line says so before anything is loaded', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  const env = preloaded(
    t,
    `${OLD_NODE}
    const { Module } = require('node:module');
    const load = Module._load;
    Module._load = (name, ...more) => {
      if (name.startsWith('.') || /yargs|unix-dgram/.test(name)) console.log('loads', name);
      return load(name, ...more);
    };`,
  );
  const config = configuration(t, fake);
  const modes = [['-d'], ['-b', '-', '-d'], ['-b', '-'], [], ['-t'], ['-r']];
  const others = [
    ['--help'],
    ['help'],
    ['completion', 'zsh'],
    ['status'],
    ['report'],
    ['setup'],
    ['--nonsense'],
  ];
  for (const args of [...modes.map((mode) => [...mode, '-i', DEVICE, '-c', config]), ...others]) {
    const { code, stdout, stderr } = await place.run(args, { env });
    assert.deepEqual([code, stdout], [2, ''], args.join());
    assert.match(stderr, TOO_OLD, args.join());
  }
  assert.deepEqual([fake.commands, place.files()], [[], []]);
});

test('with a Node.js that is too old, the doctor and the version work', async (t) => {
  const place = new Place(t);
  const env = preloaded(t, OLD_NODE);
  for (const args of [['-V'], ['--version'], ['version']]) {
    const { code, stdout, stderr } = await place.run(args, { env });
    assert.deepEqual([code, stderr], [0, ''], args.join());
    assert.match(stdout, /^hostp2pd \d/m);
  }
  const config = configuration(t, supplicant(t));
  for (const args of [
    ['doctor', '-c', config],
    ['-c', config, 'doctor'],
  ]) {
    const { code, stdout, stderr } = await place.run(args, { env });
    assert.deepEqual([code, stderr], [2, ''], args.join());
    assert.match(stdout, /^error +node-version +Node\.js 18\.20\.4 is too old/m);
  }
});

test('if a Node.js that is too old cannot run the doctor either, one line says so', async (t) => {
  const root = packageCopy(t, { unixDgram: null });
  // As to a parser that does not know the syntax.
  writeFileSync(join(root, 'dist/program.cjs'), 'class { static {');
  const { code, stdout, stderr } = await new Place(t).run(['doctor'], { env: preloaded(t, OLD_NODE), root });
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, TOO_OLD);
});

test('without the native module, the commands reach a daemon that has it', async (t) => {
  const fake = supplicant(t);
  const place = new Place(t);
  await place.daemon(['-i', DEVICE, '-c', configuration(t, fake)]);
  const root = packageCopy(t, { unixDgram: null });
  for (const args of [['status'], ['stations'], ['-r'], ['-t']]) {
    const { code, stdout, stderr } = await place.run([...args, '-i', DEVICE], { root });
    assert.deepEqual([code, stderr], [0, ''], args.join());
    assert.notEqual(stdout, '', args.join());
  }
  assert.deepEqual(place.pids(), []);
});
