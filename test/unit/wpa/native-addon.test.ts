import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ADDON, type PackageParts, PREBUILT, packageCopy } from '../../fakes/package-copy.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const DAMAGED = Buffer.from('not an ELF file');
/** Where npm compiles it. */
const BUILD = 'node_modules/unix-dgram/build/Release/unix_dgram.node';
const OTHERS = { [`prebuilds/linux-${process.arch}-abi93/unix_dgram.node`]: DAMAGED };

/** Loads the addon of a package in a process of its own. @returns which file that was, or the message of the error */
function load(t: TestContext, root: string, preload = ''): string {
  const script = `
    const loaded = [];
    const dlopen = process.dlopen;
    process.dlopen = (module, file, ...more) => { dlopen(module, file, ...more); loaded.push(file); };
    const { addonProblem, loadAddon } = await import(${JSON.stringify(join(root, '.build/wpa/native-addon.js'))});
    const problem = addonProblem();
    try {
      if (loadAddon() !== loadAddon()) throw new Error('loaded twice');
      console.log(problem ?? loaded.join());
    } catch (error) {
      if (error.message !== problem.message + '; ' + problem.fix) console.log('two problems', problem);
      console.log(error.code + ': ' + error.message);
      if ('cause' in error) console.log('cause: ' + error.cause.message);
    }`;
  const file = join(temporaryFolder(t), 'preload.cjs');
  writeFileSync(file, preload);
  const args = ['--require', file, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.trimEnd().replaceAll(`${root}/`, '').replaceAll(root, 'ROOT');
}

const COMPILED = ['.build/system', '.build/wpa'];

function loadOf(t: TestContext, parts: PackageParts, preload = ''): string {
  return load(t, packageCopy(t, { compiled: COMPILED, ...parts }), preload);
}

test('the addon that is built for this Node.js is loaded, before the compiled one', (t) => {
  const files = { [PREBUILT]: ADDON, [BUILD]: DAMAGED };
  assert.equal(loadOf(t, { unixDgram: 'sources', files }), PREBUILT);
  assert.equal(loadOf(t, { unixDgram: null, files: { [PREBUILT]: ADDON } }), PREBUILT);
});

test('the compiled one is loaded if none is built for this Node.js, or if that one cannot be loaded', (t) => {
  assert.equal(loadOf(t, { unixDgram: 'sources', files: { [BUILD]: ADDON, ...OTHERS } }), BUILD);
  const files = { [BUILD]: ADDON, [PREBUILT]: DAMAGED };
  assert.equal(loadOf(t, { unixDgram: 'sources', files }), BUILD);
});

test('it is found from every folder of the package', (t) => {
  const root = packageCopy(t, { compiled: COMPILED, unixDgram: null, files: { [PREBUILT]: ADDON } });
  // As after a build that puts all code into one file.
  mkdirSync(join(root, 'lib/deep/er'), { recursive: true });
  cpSync(join(root, '.build/system'), join(root, 'lib/deep/system'), { recursive: true });
  cpSync(join(root, '.build/wpa/native-addon.js'), join(root, 'lib/deep/er/native-addon.js'));
  const script = `const { loadAddon } = await import('${root}/lib/deep/er/native-addon.js'); loadAddon();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(status, 0, String(stderr));
});

test('an ARMv6 processor gets none that is built for ARMv7', (t) => {
  const preload = `require('os').machine = () => 'armv6l'; require('module').syncBuiltinESMExports();`;
  const files = { [PREBUILT]: ADDON };
  assert.match(
    loadOf(t, { unixDgram: 'sources', files }, preload),
    /the package has it for ARMv7, and this processor is an ARMv6; run "npm rebuild unix-dgram" in ROOT with this Node\.js/,
  );
  assert.match(
    loadOf(t, { unixDgram: 'no sources', files }, preload),
    /this processor is an ARMv6; install the npm package, which compiles it here$/,
  );
  assert.equal(loadOf(t, { unixDgram: 'sources', files: { ...files, [BUILD]: ADDON } }, preload), BUILD);
});

const HERE = `Node.js ${process.version} (module version ${process.versions.modules}, ${process.arch})`;
const PROBLEMS: readonly [what: string, parts: PackageParts, message: string][] = [
  [
    'nothing is installed',
    { unixDgram: null },
    'it is not installed; run "npm install" in ROOT, or install hostp2pd again',
  ],
  [
    'it is installed and not compiled',
    { unixDgram: 'sources' },
    'it has not been compiled; run "npm rebuild unix-dgram" in ROOT with this Node.js, or install hostp2pd again',
  ],
  [
    'it is built for others only, and the sources are there',
    {
      unixDgram: 'sources',
      files: { ...OTHERS, [`prebuilds/linux-${process.arch}-abi9127/unix_dgram.node`]: DAMAGED },
    },
    `expected it built for ${HERE}, got it for Node.js of module version 93, of module version 9127; ` +
      'run "npm rebuild unix-dgram" in ROOT with this Node.js, or install hostp2pd again',
  ],
  [
    'it is built for others only, and the sources are not there',
    { unixDgram: 'no sources', files: OTHERS },
    `expected it built for ${HERE}, got it for Node.js of module version 93; run hostp2pd with Node.js of module ` +
      'version 93, or install a hostp2pd that was built for this Node.js',
  ],
  [
    'it is not compiled, and the sources are not there',
    { unixDgram: 'no sources' },
    'it has not been compiled; install hostp2pd again',
  ],
  [
    'it is built for other processors only',
    { unixDgram: 'sources', files: { 'prebuilds/linux-mips-abi115/unix_dgram.node': DAMAGED } },
    'it has not been compiled; run "npm rebuild unix-dgram" in ROOT with this Node.js, or install hostp2pd again',
  ],
];

for (const [what, parts, message] of PROBLEMS)
  test(`the message says what is wrong and what to do: ${what}`, (t) => {
    assert.equal(loadOf(t, parts), `ADDON: the native module unix-dgram cannot be loaded: ${message}`);
  });

test('the message names Node.js by its version, not by its module version', (t) => {
  const dlopen = `process.dlopen = (module, file) => { throw new Error('The module ' + file + '\\nwas compiled against a ' +
    'different Node.js version using\\nNODE_MODULE_VERSION 127. This version of Node.js requires\\nNODE_MODULE_VERSION 115.'); };`;
  const told = loadOf(t, { unixDgram: 'sources', files: { [BUILD]: ADDON } }, dlopen);
  assert.ok(told.includes(`: expected it built for ${HERE}, got it for Node.js 22; run "npm rebuild`), told);
  assert.match(told, /^cause: The module \S+\nwas compiled/m);
});

test('no one is told to compile it for a Node.js that is too old', (t) => {
  const old = `Object.defineProperty(process, 'version', { value: 'v18.20.4' });
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });`;
  assert.match(
    loadOf(t, { unixDgram: 'sources' }, old),
    /cannot be loaded: expected Node\.js 20\.19 or later, got v18\.20\.4; install 20\.19 or later: [^\n]+$/,
  );
});

test('a damaged file is told with the words of the loader, in one line', (t) => {
  const told = loadOf(t, { unixDgram: 'sources', files: { [BUILD]: DAMAGED } });
  assert.match(
    told,
    /^ADDON: [^\n]*: node_modules\/unix-dgram\/build[^\n]*; run "npm rebuild unix-dgram" in/,
  );
});
