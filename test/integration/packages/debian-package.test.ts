import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { obtainDebianRoot } from '../../debian-root.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testRepository } from './apt-repository.js';
import { CleanRoot, DAEMON_WAITS, START_SUPPLICANT } from './clean-root.js';
import { testContainer } from './container-image.js';
import { reasonToSkipDebian } from './package-tools.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
/** An unprivileged user id without an entry in /etc/passwd. */
const SOMEBODY = 65_534;
const INSTANCE = 'hostp2pd@p2p-dev-wlan0.service';

interface Component {
  readonly purl: string;
  readonly licenses: readonly object[];
}

/** The Debian package, built from the checkout and installed in a clean root. The tests build on each other. */
describe('the Debian package', { skip: reasonToSkipDebian() }, () => {
  const folder = temporaryFolder();
  const output = join(folder, 'output');
  let clean: CleanRoot;
  let packageFile = '';
  let bom = '';
  let another: Promise<string>;
  let filesBefore: readonly string[] = [];

  before(async () => {
    chmodSync(folder, 0o755);
    another = buildAsSomebody(join(folder, 'somebody'));
    // It is awaited later.
    another.catch(() => {});
    const [, base] = await Promise.all([build(ROOT, output), obtainDebianRoot()]);
    clean = new CleanRoot(base);
    const [deb = '', sbom = '', ...others] = readdirSync(output).sort().reverse();
    assert.ok(deb.startsWith(`hostp2pd_${VERSION}_`) && deb.endsWith('.deb'), deb);
    assert.equal(sbom, deb.replace(/deb$/, 'cdx.json'));
    assert.deepEqual(others, []);
    packageFile = join(output, deb);
    bom = readFileSync(join(output, sbom), 'utf8');
  });
  // Node 20 calls no "after" when "before" has failed.

  test('an ordinary user builds the same package in another folder, byte for byte', async () => {
    assert.ok(readFileSync(await another).equals(readFileSync(packageFile)));
  });

  test('everything in it belongs to root, and only root may write', async () => {
    const { stdout } = await run('dpkg-deb', ['--contents', packageFile]);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.length > 100);
    const modes = new Map(
      lines.map((line) => [line.split(/ +/)[5] ?? '', line.split(/ +/).slice(0, 2).join(' ')]),
    );
    for (const [path, mode] of modes) {
      if (path === './etc/hostp2pd.yaml') assert.equal(mode, '-rw------- root/root');
      else if (path === './usr/bin/hostp2pd' || mode.startsWith('l'))
        assert.equal(mode, 'lrwxrwxrwx root/root', path);
      else if (path.endsWith('/')) assert.equal(mode, 'drwxr-xr-x root/root', path);
      else if (path.endsWith('/dist/hostp2pd.cjs') || /\/examples\/[\w-]+\.sh$/.test(path))
        assert.equal(mode, '-rwxr-xr-x root/root');
      else assert.equal(mode, '-rw-r--r-- root/root', path);
    }
  });

  test('it contains the files to which its documents link', async () => {
    const unpacked = join(folder, 'unpacked');
    await run('dpkg-deb', ['--extract', packageFile, unpacked]);
    const documents = join(unpacked, 'usr/share/doc/hostp2pd');
    // "copyright" has all licences; these are only useful with the sources.
    const elsewhere = ['LICENSE', 'test/radio/README.md', '.github/CONTRIBUTING.md', '.github/SECURITY.md'];
    let count = 0;
    for (const path of readdirSync(documents, { encoding: 'utf8', recursive: true })) {
      if (!path.endsWith('.md')) continue;
      const text = readFileSync(join(documents, path), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)/g)) {
        const place = join(dirname(path), target);
        if (/^[a-z]+:/.test(target) || elsewhere.includes(place)) continue;
        count += 1;
        assert.ok(existsSync(join(documents, place)), `${path}: ${target}`);
      }
    }
    assert.ok(count > 30);
  });

  test('installed, it has a command, a man page, shell completion and a configuration that only root can read', async () => {
    filesBefore = await clean.shell(LIST_FILES).then(lines);
    await install(packageFile);
    assert.equal(await clean.output('hostp2pd', '--version'), `hostp2pd ${VERSION}\n`);
    assert.equal(
      await clean.shell(
        'stat -c "%a %U:%G" /etc/hostp2pd.yaml; readlink /usr/bin/hostp2pd; head -n 1 /usr/bin/hostp2pd',
      ),
      '600 root:root\n../lib/hostp2pd/dist/hostp2pd.cjs\n#!/usr/bin/node\n',
    );
    assert.match(await clean.output('man', '-w', 'hostp2pd'), /^\/usr\/share\/man\/man8\/hostp2pd\.8/);
    assert.match(
      await clean.output(
        'bash',
        '-c',
        '. /usr/share/bash-completion/completions/hostp2pd; complete -p hostp2pd',
      ),
      / -F \S+ hostp2pd$/m,
    );
    assert.equal(await clean.output('hostp2pd', '--get-yargs-completions', 'hostp2pd', 'statu'), 'status\n');
    const changelog = await clean.shell('gzip -cd /usr/share/doc/hostp2pd/changelog.gz');
    assert.match(changelog, new RegExp(`^hostp2pd \\(${VERSION}\\) unstable; .*\\n\\n  \\* \\S`));
  });

  test('its units are where systemd finds them, with the group and the folders that they need', async () => {
    const places: readonly (readonly [from: string, to: string])[] = [
      ['', '/usr/lib/systemd/system'],
      ['wpa_supplicant@.service.d', '/usr/lib/systemd/system/wpa_supplicant@.service.d'],
      ['wpa_supplicant.service.d', '/usr/lib/systemd/system/wpa_supplicant.service.d'],
      ['sysusers.d', '/usr/lib/sysusers.d'],
      ['tmpfiles.d', '/usr/lib/tmpfiles.d'],
    ];
    const units = join(ROOT, 'packaging/systemd');
    let count = 0;
    for (const [from, to] of places) {
      for (const entry of readdirSync(join(units, from), { withFileTypes: true })) {
        if (!entry.isFile()) continue;
        count += 1;
        assert.equal(
          await clean.output('cat', join(to, entry.name)),
          readFileSync(join(units, from, entry.name), 'utf8'),
        );
      }
    }
    // Every file has a documented place.
    const all = readdirSync(units, { withFileTypes: true, recursive: true }).filter((entry) =>
      entry.isFile(),
    );
    assert.equal(count, all.length);
    await clean.shell(
      'systemd-analyze verify hostp2pd@p2p-dev-wlan0.service hostp2pd-notify@p2p-dev-wlan0.service hostp2pd-panel.service',
    );
    assert.equal(
      await clean.shell(
        'stat -c "%a %U:%G %n" /run/hostp2pd /var/lib/hostp2pd; getent group netdev | cut -d : -f 1',
      ),
      '755 root:root /run/hostp2pd\n700 root:root /var/lib/hostp2pd\nnetdev\n',
    );
  });

  test('every bundle can be loaded with the files of the package', async () => {
    const isBundle = (name: string) => name.endsWith('.cjs') && name !== 'hostp2pd.cjs';
    const loaded = await clean.output(
      'node',
      '-e',
      `const folder = '/usr/lib/hostp2pd/dist';
      const files = require('node:fs').readdirSync(folder).filter(${isBundle});
      // A package in a bundle is evaluated when it is first used.
      for (const file of files) Object.values(require(folder + '/' + file));
      console.log(files.join());`,
    );
    assert.equal(loaded, `${readdirSync(join(ROOT, 'dist')).filter(isBundle).join()}\n`);
  });

  test('doctor runs with the configuration of the package', async () => {
    const { code, stdout, stderr } = await clean.run('hostp2pd', [
      '-c',
      '/etc/hostp2pd.yaml',
      'doctor',
      '--all',
    ]);
    // There is no radio in the root.
    assert.equal(code, 2, stderr);
    assert.match(stdout, /^ok +configuration /m);
    assert.match(stdout, /^ok +config-permissions /m);
    assert.match(stdout, /^error +p2p-go /m);
  });

  test('a daemon starts, talks to wpa_supplicant, is the only instance, and ends', async () => {
    const { code, stdout, stderr } = await clean.run('sh', [
      '-euc',
      `${START_SUPPLICANT}
      hostp2pd -c /etc/hostp2pd.yaml -d
      hostp2pd -c /etc/hostp2pd.yaml -d || echo "refused: $?"
      hostp2pd -t
      rm -r /wpa_supplicant.conf /run/wpa_supplicant`,
    ]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, DAEMON_WAITS);
    assert.match(stdout, /^refused: 1$/m);
    assert.match(stderr, /already running, pid \d+/);
    assert.match(stdout, /^hostp2pd: terminated the daemon/m);
  });

  test('every shipped module is in the SBOM and has its licence in the list', async () => {
    const documents = '/usr/share/doc/hostp2pd';
    assert.equal(await clean.output('cat', `${documents}/sbom.cdx.json`), bom);
    const copyright = await clean.output('cat', `${documents}/copyright`);
    const components: readonly Component[] = JSON.parse(bom).components;
    const bundled: Readonly<Record<string, unknown>> = JSON.parse(
      readFileSync(join(ROOT, '.build/packages.json'), 'utf8'),
    );
    const installed = await clean.shell('cd /usr/lib/hostp2pd; ls -d node_modules/*').then(lines);
    assert.deepEqual(
      installed.map((path) => path.slice('node_modules/'.length)),
      ['bindings', 'file-uri-to-path', 'nan', 'unix-dgram'],
    );
    const purls = new Set(components.map(({ purl }) => purl));
    for (const path of [...installed, ...Object.keys(bundled)]) {
      const { name, version }: { name: string; version: string } = JSON.parse(
        readFileSync(join(ROOT, path, 'package.json'), 'utf8'),
      );
      assert.ok(purls.has(`pkg:npm/${name.replace('@', '%40')}@${version}`), path);
      const stanza = copyright.split('\n\n').find((text) => text.startsWith(`Files: ${path}/*\n`));
      assert.match(stanza ?? '', /^Copyright: \S.*\n(?: .*\n)*License: \S.*\n(?: .*\n){3,}/m, path);
    }
    for (const path of installed)
      assert.notEqual(
        await clean.shell('ls "$1" | grep -iE "^licen[cs]e"', `/usr/lib/hostp2pd/${path}`),
        '',
        path,
      );
    for (const { purl, licenses } of components) assert.equal(licenses.length, 1, purl);
    const registry = new URL((await run('npm', ['config', 'get', 'registry'])).stdout.trim()).host;
    for (const text of [bom, copyright]) assert.ok(!text.includes(registry));
  });

  test("npm's own SBOM has the same modules", async () => {
    const { stdout } = await run(
      'npm',
      ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'],
      { cwd: ROOT, maxBuffer: 10_000_000 },
    );
    const theirs: readonly Component[] = JSON.parse(stdout).components;
    const ours: readonly Component[] = JSON.parse(bom).components;
    const names = (components: readonly Component[]) =>
      [...new Set(components.map(({ purl }) => purl))].sort();
    const list = new Set(names(ours));
    assert.deepEqual(
      names(theirs).filter((purl) => !list.has(purl)),
      [],
    );
    // npm 11 leaves out what a package of developers needs too.
    const lock: {
      readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: true }>>;
    } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const locked = Object.entries(lock.packages).flatMap(([path, { version, dev }]) =>
      dev ? [] : [`pkg:npm/${path.replace(/^.*node_modules\//, '').replace('@', '%40')}@${version}`],
    );
    assert.deepEqual(
      [...list].filter((purl) => !locked.includes(purl)),
      [],
    );
  });

  test('an upgrade keeps an edited configuration and its mode, with and without a change in the new one', async () => {
    await clean.shell('echo "# mine" >> /etc/hostp2pd.yaml');
    const mine = await clean.output('cat', '/etc/hostp2pd.yaml');
    await install(await newer('1', ''));
    assert.equal(await clean.output('cat', '/etc/hostp2pd.yaml'), mine);
    await install(await newer('2', '# theirs\n'), '--force-confold');
    assert.equal(await clean.output('cat', '/etc/hostp2pd.yaml'), mine);
    assert.equal(
      await clean.shell('stat -c "%a %U:%G %n" /etc/hostp2pd.yaml*'),
      '600 root:root /etc/hostp2pd.yaml\n600 root:root /etc/hostp2pd.yaml.dpkg-dist\n',
    );
  });

  test('an upgrade restarts running instances, unless policy-rc.d forbids it, and starts or enables none', async () => {
    await playSystemd(INSTANCE);
    const upgrade = async (suffix: string) => {
      await install(await newer(suffix, '# theirs\n'), '--force-confold');
      const asked = await clean.shell('cat /var/asked; : > /var/asked').then(lines);
      assert.ok(asked.includes('--system daemon-reload'));
      return asked
        .slice(asked.indexOf('--system daemon-reload') + 1)
        .filter((words) => !words.startsWith('list-units'));
    };
    assert.deepEqual(await upgrade('3'), [`--no-block try-restart ${INSTANCE}`]);
    await clean.shell(
      `printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d`,
    );
    assert.deepEqual(await upgrade('4'), []);
    await clean.shell('rm /usr/sbin/policy-rc.d');
  });

  test('removal stops running instances, and keeps the configuration, the log and the state', async () => {
    await clean.shell(`
      mkdir -p /var/lib/hostp2pd /run/hostp2pd
      touch /run/hostp2pd-p2p-dev-wlan0.pid /run/hostp2pd/p2p-dev-wlan0.sock /var/lib/hostp2pd/group.json
      touch /var/log/hostp2pd-2026-01-31.1.log
      mkdir -p /etc/systemd/system/multi-user.target.wants
      ln -s /usr/lib/systemd/system/hostp2pd@.service /etc/systemd/system/multi-user.target.wants/${INSTANCE}`);
    await clean.output('dpkg', '--remove', 'hostp2pd');
    const asked = await clean.shell('cat /var/asked').then(lines);
    assert.deepEqual(
      asked.filter((words) => words.includes(INSTANCE)),
      [`stop ${INSTANCE}`],
    );
    await clean.shell('rm -r /usr/local/bin/systemctl /var/asked /run/systemd');
    assert.equal((await clean.run('sh', ['-c', 'command -v hostp2pd || ls /usr/lib/hostp2pd'])).stdout, '');
    await clean.shell(
      'test -s /etc/hostp2pd.yaml && test -L /var/log/hostp2pd.log && test -e /var/lib/hostp2pd/group.json',
    );
  });

  test('a purge leaves nothing', async () => {
    await clean.output('dpkg', '--purge', 'hostp2pd');
    await clean.shell('rmdir --ignore-fail-on-non-empty /etc/systemd/system/multi-user.target.wants');
    const files = await clean.shell(LIST_FILES).then(lines);
    const without = (all: readonly string[], some: readonly string[]) => {
      const known = new Set(some);
      return all.filter((file) => !known.has(file));
    };
    assert.ok(files.length > 1000);
    assert.deepEqual(without(files, filesBefore), []);
    assert.deepEqual(without(filesBefore, files), []);
  });

  testRepository(
    () => packageFile,
    () => newer('5', ''),
  );
  testContainer(() => packageFile);

  async function install(file: string, ...options: readonly string[]): Promise<void> {
    cpSync(file, join(clean.changes, 'hostp2pd.deb'));
    await clean.output('dpkg', ...options, '--install', '/hostp2pd.deb');
    await clean.output('rm', '/hostp2pd.deb');
  }

  /** The same package as a later version, with these additional lines in its configuration. */
  async function newer(suffix: string, more: string): Promise<string> {
    const unpacked = join(folder, suffix);
    await run('dpkg-deb', ['--raw-extract', packageFile, unpacked]);
    const control = join(unpacked, 'DEBIAN/control');
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `$&+${suffix}`));
    const configuration = join(unpacked, 'etc/hostp2pd.yaml');
    writeFileSync(configuration, readFileSync(configuration, 'utf8') + more);
    assert.equal(statSync(configuration).mode & 0o777, 0o600);
    await run('dpkg-deb', ['--build', '--root-owner-group', '-Zgzip', '-z1', unpacked, `${unpacked}.deb`]);
    return `${unpacked}.deb`;
  }

  /** A root without systemd: a fake systemctl records its arguments, and has one unit. */
  async function playSystemd(unit: string): Promise<void> {
    const systemctl = `#!/bin/sh
echo "$*" >> /var/asked
case $1 in list-units) echo "${unit} loaded active running a service" ;; esac
`;
    await clean.shell(
      'mkdir -p /run/systemd/system; printf %s "$1" > /usr/local/bin/systemctl; chmod 755 /usr/local/bin/systemctl',
      systemctl,
    );
  }
});

/** Without the files of dpkg and man-db. */
const LIST_FILES = `find / -xdev \\( -path /proc -o -path /var/lib/dpkg -o -path /var/cache/man -o -path /var/log/dpkg.log \\) -prune -o -printf '%M %u %g %p\\n' | sort -k 4`;

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

async function build(
  root: string,
  output: string,
  options: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  const env = {
    ...process.env,
    npm_config_prefer_offline: 'true',
    SOURCE_DATE_EPOCH: '1767225600',
    ...options.env,
  };
  await run('sh', [join(root, 'packaging/debian/build.sh'), output], {
    ...options,
    env,
    maxBuffer: 10_000_000,
  });
}

/** From a copy of only the sources, as in a fresh clone. */
async function buildAsSomebody(folder: string): Promise<string> {
  const source = join(folder, 'source');
  mkdirSync(folder);
  cpSync(ROOT, source, {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|\.build|\.git)$/.test(path),
  });
  await run('chown', ['-R', `${SOMEBODY}:${SOMEBODY}`, folder]);
  const output = join(folder, 'output');
  // npm passes on the path of its cache, which other users cannot read.
  const own = { npm_config_cache: join(folder, 'cache'), npm_config_userconfig: join(folder, 'npmrc') };
  await build(source, output, { uid: SOMEBODY, gid: SOMEBODY, env: { HOME: folder, ...own } });
  const [deb] = readdirSync(output).filter((name) => name.endsWith('.deb'));
  return join(output, deb ?? '');
}
