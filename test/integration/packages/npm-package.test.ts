import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { reasonToSkipPackages } from './package-tools.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
}
interface BundleTable {
  readonly BUNDLES: readonly { readonly name: string }[];
  readonly PACKAGES: Readonly<Record<string, readonly string[]>>;
}
const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/**
 * The package as users get it: packed from the checkout with the addons that are built for this processor, and installed by
 * npm: once without compiling anything, once with the addon compiled there.
 */
describe('the npm package', { skip: reasonToSkipPackages() }, () => {
  const folder = temporaryFolder();
  const prefix = join(folder, 'global');
  const project = join(folder, 'project');
  let packed: readonly string[] = [];
  let said = '';

  before(async () => {
    const source = join(folder, 'source');
    const left = /\/(\.git|node_modules|prebuilds)$/;
    cpSync(ROOT, source, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !left.test(path) || path.endsWith('packaging/prebuilds'),
    });
    symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
    // Of this checkout, where they have just been built (test/run.sh).
    const prebuilds = process.env['HOSTP2PD_TEST_PREBUILDS'];
    if (prebuilds) cpSync(prebuilds, join(source, 'prebuilds'), { recursive: true });
    else await buildAddons(join(source, 'prebuilds'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: source });
    const [archive]: readonly { filename: string; files: readonly { path: string }[] }[] = JSON.parse(stdout);
    assert.ok(archive);
    packed = archive.files.map(({ path }) => path);
    mkdirSync(project);
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund'];
    const file = join(folder, archive.filename);
    const globally = ['--global', '--prefix', prefix, '--ignore-scripts'];
    const [global] = await Promise.all([
      run('npm', [...install, ...globally, file]),
      run('npm', [...install, file], { cwd: project }),
    ]);
    said = global.stdout + global.stderr;
  });

  test('it contains the files that package.json names, and the bundles', async () => {
    const built = filesBelow('dist').map((path) => `dist/${path}`);
    const others = manifest.files.filter(
      (name) => !['dist', 'prebuilds'].includes(name) && !name.startsWith('!'),
    );
    const prebuilds = packed.filter((path) => path.startsWith('prebuilds/'));
    assert.ok(prebuilds.length > 2);
    assert.ok(prebuilds.every((path) => /^prebuilds\/linux-\w+-abi\d+\/unix_dgram\.node$/.test(path)));
    const named = others.flatMap((name) =>
      statSync(join(ROOT, name)).isFile() ? name : filesBelow(name).map((path) => `${name}/${path}`),
    );
    assert.ok(named.length >= others.length);
    assert.deepEqual(
      [...packed].sort(),
      [...built, ...prebuilds, ...named, 'LICENSE', 'README.md', 'package.json'].sort(),
    );
    const { BUNDLES, PACKAGES }: BundleTable = await import(join(ROOT, 'packaging/bundle/.build/bundles.js'));
    const bundles = [...BUNDLES.map(({ name }) => name), ...Object.keys(PACKAGES)];
    assert.deepEqual(
      built.filter((path) => path.endsWith('.cjs')).sort(),
      bundles.map((name) => `dist/${name}.cjs`).sort(),
    );
    for (const path of built) {
      const [, module = ''] = /^dist\/types\/(.*)\.d\.ts$/.exec(path) ?? [];
      if (module !== '') assert.ok(existsSync(join(ROOT, `src/${module}.ts`)), path);
      else if (!['dist/index.js', 'dist/wpa/index.js', 'dist/licenses.txt'].includes(path))
        assert.match(path, /^dist\/(?:[\w-]+\.cjs(?:\.map)?|panel-page\.(?:js|css))$/);
    }
  });

  test('it contains the licence of every bundled package', () => {
    const licenses = readFileSync(join(prefix, 'lib/node_modules/hostp2pd/dist/licenses.txt'), 'utf8');
    const bundled: Readonly<Record<string, unknown>> = JSON.parse(
      readFileSync(join(ROOT, '.build/packages.json'), 'utf8'),
    );
    assert.ok(Object.keys(bundled).length > 20);
    for (const path of Object.keys(bundled)) {
      const { name, version }: { name: string; version: string } = JSON.parse(
        readFileSync(join(ROOT, path, 'package.json'), 'utf8'),
      );
      assert.ok(
        licenses.split('\n').some((line) => line.startsWith(`${name} ${version}: `)),
        path,
      );
    }
  });

  test('installing it as in the guide gives no npm warning, and compiles nothing', async () => {
    assert.doesNotMatch(said, /warn|ERR!/i);
    const modules = join(prefix, 'lib/node_modules/hostp2pd/node_modules');
    assert.ok(existsSync(join(modules, 'unix-dgram/package.json')));
    assert.ok(!existsSync(join(modules, 'unix-dgram/build')));
    const doctor = await run(join(prefix, 'bin/hostp2pd'), ['doctor', '--all']).catch((error) => error);
    assert.match(doctor.stdout, /^ok +addon +loaded$/m);
  });

  test('installed globally it has a command, and a man page that man finds', async () => {
    const { stdout } = await run(join(prefix, 'bin/hostp2pd'), ['--version']);
    assert.equal(stdout, `hostp2pd ${manifest.version}\n`);
    assert.equal(
      readFileSync(join(prefix, 'share/man/man8/hostp2pd.8'), 'utf8'),
      readFileSync(join(ROOT, 'packaging/man/hostp2pd.8'), 'utf8'),
    );
  });

  test('installed into an empty folder it can be imported and required, and has its addon', async () => {
    const use =
      "const host = new HostP2pD({ config: { ctrl_interface: '/nonexistent' } }); console.log(host.status.phase);" +
      "const options = { controlFolder: '/nonexistent', clientFolder: process.cwd(), timeout: 1_000 };" +
      "ControlInterface.open('wlan0', options).catch(({ code }) => console.log(code));" +
      "require('unix-dgram').createSocket('unix_dgram').close();";
    const texts = {
      'a.mjs': `import { createRequire } from 'node:module'; import { HostP2pD } from 'hostp2pd';
        import { ControlInterface } from 'hostp2pd/wpa';
        const require = createRequire(import.meta.url); ${use}`,
      'b.cjs': `const { HostP2pD } = require('hostp2pd'); const { ControlInterface } = require('hostp2pd/wpa'); ${use}`,
    };
    for (const [name, text] of Object.entries(texts)) {
      writeFileSync(join(project, name), text);
      assert.equal(
        (await run(process.execPath, [name], { cwd: project })).stdout,
        'detached\nCONTROL_UNAVAILABLE\n',
        name,
      );
    }
  });

  test('types are found from both kinds of modules, and are correct', async () => {
    const use = `
      const host = new HostP2pD({ interface: 'p2p-dev-wlan0', pin: '12345670' });
      host.on('stationConnected', ({ station, group }) => {
        const name: string | null = station.name;
        console.log(name, group.ssid);
      });
      // @ts-expect-error: no such event
      host.on('nonsense', () => {});
      async function connect() {
        const control = await wpa.ControlInterface.open('wlan0');
        const failure = ['CTRL-EVENT-SSID-TEMP-DISABLED'];
        const { bssid } = await control.waitFor('CTRL-EVENT-CONNECTED', { failure, timeout: 5_000 });
        const address: string | null = bssid;
        const refusal: wpa.Refusal = 'FAIL-BUSY';
        console.log(address, refusal, wpa.parseStatus(await control.request(wpa.command.STATUS)).ssid);
        // @ts-expect-error: no such field
        console.log((await control.waitFor('AP-ENABLED')).bssid);
      }
      console.log(connect);`;
    writeFileSync(
      join(project, 'c.mts'),
      `import { HostP2pD } from 'hostp2pd';\nimport * as wpa from 'hostp2pd/wpa';${use}`,
    );
    writeFileSync(
      join(project, 'd.cts'),
      `import hostp2pd = require('hostp2pd');\nimport wpa = require('hostp2pd/wpa');\nconst { HostP2pD } = hostp2pd;${use}`,
    );
    // As in a user's project.
    for (const types of ['@types/node', 'undici-types'])
      cpSync(join(ROOT, 'node_modules', types), join(project, 'node_modules', types), { recursive: true });
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const result = await run(tsc, [...options, 'c.mts', 'd.cts'], { cwd: project }).catch(
      (error: unknown) => error,
    );
    assert.ok(typeof result === 'object' && result !== null && 'stdout' in result);
    assert.equal(result.stdout, '');
    assert.ok(!(result instanceof Error), String(result));
  });
});

/** The addons for this processor. */
async function buildAddons(output: string): Promise<void> {
  const table: { architectures: readonly { debian: string; node: string }[] } = JSON.parse(
    readFileSync(join(ROOT, 'packaging/prebuilds/table.json'), 'utf8'),
  );
  const architecture = table.architectures.find(({ node }) => node === process.arch)?.debian ?? '';
  await run('npm', ['run', '--silent', 'prebuilds', '--', output, architecture], { cwd: ROOT });
}

/** The paths of all files, relative to the folder. */
function filesBelow(folder: string): string[] {
  const place = join(ROOT, folder);
  assert.ok(existsSync(place), folder);
  return readdirSync(place, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
}
