import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { obtainDebianRoot } from '../../debian-root.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { CleanRoot } from './clean-root.js';
import { reasonToSkipRepository } from './package-tools.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** Where the repository is in the clean root, which has no network. */
const PLACE = '/srv/hostp2pd';
const SIGNATURES: readonly string[] = ['InRelease', 'Release.gpg'];

/**
 * The apt repository with the Debian package, and apt in a clean root that installs it from there.
 * @param packageFile the package, which other tests have built
 * @param makeNewer makes the same package as a later version
 */
export function testRepository(packageFile: () => string, makeNewer: () => Promise<string>): void {
  describe('an apt repository', { skip: reasonToSkipRepository() }, () => {
    const folder = temporaryFolder();
    const packages = join(folder, 'packages');
    const keys = join(folder, 'keys');
    let clean: CleanRoot;
    let repository = '';
    let architecture = '';
    let version = '';

    before(async () => {
      mkdirSync(packages);
      mkdirSync(keys, { mode: 0o700 });
      for (const name of ['ours', 'theirs']) await makeKey(name);
      version = await fieldOf(packageFile(), 'Version');
      architecture = await fieldOf(packageFile(), 'Architecture');
      await addPackage(packageFile());
      await addPackage(await forArmhf(packageFile()));
      clean = new CleanRoot(await obtainDebianRoot());
      repository = join(clean.changes, PLACE);
      await clean.output('rm', '/etc/apt/sources.list');
    });
    // Before the folder is removed.
    process.prependOnceListener('exit', () => {
      spawnSync('gpgconf', ['--homedir', keys, '--kill', 'all']);
    });

    test('without a secret key it is not made, and the message says what is expected', async () => {
      const publicKey = join(folder, 'public.asc');
      writeFileSync(publicKey, await gpg('--armor', '--export', 'ours'));
      for (const [key, got] of [
        ['', 'nothing'],
        ['nobody@example.org', 'nobody@example.org'],
        [publicKey, publicKey],
        ['example.org', 'several keys for example.org: '],
      ] as const)
        await assert.rejects(publish(repository, key), ({ code, stderr }) => {
          assert.equal(code, 2);
          const message =
            'HOSTP2PD_REPOSITORY_KEY: expected the id of a secret key that gpg has, or a file with one';
          assert.ok(stderr.startsWith(`${message}, got ${got}`), stderr);
          return true;
        });
      await assert.rejects(
        publish(repository, 'ours', keys),
        /keys: expected packages hostp2pd_\*\.deb, got none/,
      );
    });

    test('it is the same with a key of gpg and with a file, apart from the time of the signatures', async () => {
      const file = join(folder, 'secret.asc');
      writeFileSync(file, await gpg('--armor', '--export-secret-keys', 'ours'), { mode: 0o600 });
      const another = join(folder, 'another');
      await publish(another, file);
      await publish(repository, 'ours');
      const files = filesOf(repository);
      assert.deepEqual(filesOf(another), files);
      assert.ok(files.includes(`pool/hostp2pd_${version}_${architecture}.deb`), files.join());
      for (const path of files)
        if (!SIGNATURES.some((name) => path.endsWith(name)))
          assert.ok(readFileSync(join(repository, path)).equals(readFileSync(join(another, path))), path);
      const release = readFileSync(join(repository, 'dists/stable/Release'), 'utf8');
      assert.match(release, new RegExp(`^Architectures: ${[architecture, 'armhf'].sort().join(' ')}$`, 'm'));
      assert.match(release, /^Date: Thu, 01 Jan 2026 00:00:00 \+0000$/m);
      assert.ok(!readFileSync(join(repository, 'hostp2pd.asc'), 'utf8').includes('PRIVATE'));
    });

    test('apt refuses an index that was changed, and one that another key signed', async () => {
      await publish(repository, 'ours');
      await clean.shell(linesOfTheGuide().replace(/^sudo apt .*$/m, ''));
      const index = join(repository, `dists/stable/main/binary-${architecture}/Packages`);
      const original = readFileSync(index, 'utf8');
      const changed = original.replace(/^SHA256: ./m, (line) => `SHA256: ${line.endsWith('0') ? '1' : '0'}`);
      assert.equal(gunzipSync(readFileSync(`${index}.gz`)).toString(), original);
      writeFileSync(index, changed);
      writeFileSync(`${index}.gz`, gzipSync(changed));
      await refused(/Hash Sum mismatch|unexpected size/);

      await publish(repository, 'theirs');
      await refused(/is not signed/);
    });

    test('apt refuses a package that was changed', async () => {
      await publish(repository, 'ours');
      const file = join(repository, `pool/hostp2pd_${version}_${architecture}.deb`);
      const bytes = readFileSync(file);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      writeFileSync(file, bytes);
      await clean.output('apt-get', 'update');
      const { code, stderr } = await clean.run('apt-get', ['install', '--yes', 'hostp2pd']);
      assert.equal(code, 100);
      assert.match(stderr, /Hash Sum mismatch/);
      assert.equal((await clean.run('hostp2pd', ['--version'])).code, 127);
    });

    test('the three lines of the guide install it', async () => {
      await publish(repository, 'ours');
      await clean.shell(`rm -r /etc/apt/keyrings/* /etc/apt/sources.list.d/*\n${linesOfTheGuide()}`);
      assert.equal(await clean.output('hostp2pd', '--version'), `hostp2pd ${version}\n`);
    });

    test('a later version is an upgrade, and the earlier one stays available', async () => {
      rmSync(packages, { recursive: true });
      mkdirSync(packages);
      const newer = await makeNewer();
      await addPackage(newer);
      await publish(repository, 'ours');
      await clean.shell('apt-get update; apt-get upgrade --yes');
      const later = await fieldOf(newer, 'Version');
      assert.notEqual(later, version);
      const status = await clean.output('dpkg-query', '--status', 'hostp2pd');
      assert.ok(status.includes(`\nVersion: ${later}\n`), status);
      await clean.output('apt-get', 'install', '--yes', '--allow-downgrades', `hostp2pd=${version}`);
    });

    /** A key for these tests only, without a passphrase. */
    async function makeKey(name: string): Promise<void> {
      const forever = ['ed25519', 'sign', 'never'];
      await gpg('--passphrase', '', '--quick-generate-key', `${name} <${name}@example.org>`, ...forever);
    }

    async function gpg(...args: readonly string[]): Promise<string> {
      return (await run('gpg', ['--homedir', keys, '--batch', '--quiet', ...args])).stdout;
    }

    async function publish(output: string, key: string, from = packages): Promise<void> {
      const env = { ...process.env, GNUPGHOME: keys, HOSTP2PD_REPOSITORY_KEY: key };
      await run('npm', ['run', '--silent', 'package:repository', '--', output, from], { cwd: ROOT, env });
    }

    async function addPackage(file: string): Promise<void> {
      const name = `hostp2pd_${await fieldOf(file, 'Version')}_${await fieldOf(file, 'Architecture')}.deb`;
      cpSync(file, join(packages, name));
    }

    /** A package without files, which claims to be the same for another processor. */
    async function forArmhf(file: string): Promise<string> {
      const unpacked = join(folder, 'armhf');
      mkdirSync(join(unpacked, 'DEBIAN'), { recursive: true });
      const { stdout } = await run('dpkg-deb', ['--field', file]);
      const control = stdout.replace(/^Architecture: .*$/m, 'Architecture: armhf');
      writeFileSync(join(unpacked, 'DEBIAN/control'), control);
      const env = { ...process.env, SOURCE_DATE_EPOCH: '1767225600' };
      await run('dpkg-deb', ['--build', '--root-owner-group', unpacked, `${unpacked}.deb`], { env });
      return `${unpacked}.deb`;
    }

    async function refused(reason: RegExp): Promise<void> {
      const { code, stderr } = await clean.run('apt-get', ['update']);
      assert.equal(code, 100, stderr);
      assert.match(stderr, reason);
      assert.match((await clean.run('apt-get', ['install', 'hostp2pd'])).stderr, /Unable to locate package/);
    }
  });
}

/** What a user types. The clean root has neither sudo nor wget, and the repository is a folder there. */
function linesOfTheGuide(): string {
  const guide = readFileSync(join(ROOT, 'packaging/docs/install.md'), 'utf8');
  const lines = /^```shell\n((?:.*example\.org.*\n){2}.*\n)```$/m.exec(guide)?.[1];
  assert.ok(lines);
  return `sudo() { "$@"; }
    wget() { cp "\${3#file:}" "$2"; }
    ${lines.replaceAll('https://example.org/hostp2pd', `file:${PLACE}`)}`;
}

async function fieldOf(file: string, name: string): Promise<string> {
  return (await run('dpkg-deb', ['--field', file, name])).stdout.trim();
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
