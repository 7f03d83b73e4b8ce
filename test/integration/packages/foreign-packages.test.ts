import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { obtainForeignRoot } from '../../debian-root.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { DEVICE } from '../fake-supplicant.js';
import { configuration, Place } from '../place.js';
import { supplicant } from '../support.js';
import { CleanRoot, DAEMON_WAITS, START_SUPPLICANT } from './clean-root.js';
import { reasonToSkipForeign } from './package-tools.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
const PREBUILDS = join(ROOT, 'packaging/prebuilds');
const TRANSPORT_TESTS = 'test/.build/unit/wpa/unix-datagram.test.js';

interface Architecture {
  readonly debian: string;
  readonly node: 'x64' | 'arm64' | 'arm';
  readonly triplet: string;
  readonly emulator: string | null;
}

interface Table {
  readonly architectures: readonly Architecture[];
  readonly nodes: readonly ({ readonly major: number; readonly abi: string } & {
    readonly [arch in Architecture['node']]?: string;
  })[];
}

const { architectures, nodes }: Table = JSON.parse(readFileSync(join(PREBUILDS, 'table.json'), 'utf8'));
/** `readelf --file-header` of each. */
const MACHINES = { x64: 'Advanced Micro Devices X86-64', arm64: 'AArch64', arm: 'ARM' };
/** Every pair of the table that a Node.js exists for. */
const RUNNABLE = architectures.flatMap((architecture) =>
  nodes.flatMap((node) => {
    const name = node[architecture.node];
    return name === undefined ? [] : [{ architecture, node, name }];
  }),
);

/** The packages for all processors, built on this one by one command, and the addons in them. */
describe('the packages for other processors', { skip: reasonToSkipForeign() }, () => {
  const folder = temporaryFolder();
  const output = join(folder, 'output');
  let root: CleanRoot;

  before(async () => {
    // The tests become other users.
    chmodSync(folder, 0o755);
    const env = { ...process.env, npm_config_prefer_offline: 'true' };
    const names = architectures.map(({ debian }) => debian);
    const build = run('sh', [join(ROOT, 'packaging/debian/build.sh'), output, ...names], {
      env,
      maxBuffer: 10_000_000,
    });
    const base = await obtainForeignRoot('arm64');
    root = new CleanRoot(base, { rule: ruleOf('aarch64') });
    for (const { name } of RUNNABLE)
      await run(process.execPath, [join(PREBUILDS, '.build/unpack.js'), name, join(folder, name)]);
    await build;
    for (const { debian } of architectures)
      await run('dpkg-deb', ['--extract', packageOf(debian), join(folder, debian)]);
  });

  const packageOf = (debian: string) => join(output, `hostp2pd_${VERSION}_${debian}.deb`);
  /** The program as it is installed. */
  const program = ({ debian }: Architecture) => join(folder, debian, 'usr/lib/hostp2pd');
  /** The words that start a Node.js of the table. */
  function nodeOf({ emulator, triplet }: Architecture, name: string): string[] {
    const emulation = emulator === null ? [] : [emulator, '-L', `/usr/${triplet}`];
    return [...emulation, join(folder, name, 'bin/node')];
  }

  for (const architecture of architectures)
    test(`${architecture.debian}: it has the addon for each Node.js of the table, and no other`, async () => {
      const prebuilds = join(program(architecture), 'prebuilds');
      const expected = nodes.map(({ abi }) => `linux-${architecture.node}-abi${abi}`);
      assert.deepEqual(readdirSync(prebuilds).sort(), expected.sort());
      for (const name of expected) {
        const file = join(prebuilds, name, 'unix_dgram.node');
        const { stdout } = await run('readelf', ['--wide', '--file-header', '--version-info', file]);
        assert.match(stdout, new RegExp(`Machine: +${MACHINES[architecture.node]}\n`), name);
        // As control says: libc6 (>= 2.17), and the libstdc++6 of GCC 5.
        assert.deepEqual(newerThan(stdout, /\bGLIBC_([\d.]+)/g, '2.17'), [], name);
        assert.deepEqual(newerThan(stdout, /\bGLIBCXX_([\d.]+)/g, '3.4.21'), [], name);
        assert.deepEqual(newerThan(stdout, /\bCXXABI_([\d.]+)/g, '1.3.9'), [], name);
      }
      const { stdout } = await run('dpkg-deb', ['--field', packageOf(architecture.debian), 'Depends']);
      assert.match(stdout, /, nodejs \(>= 20\.19\), libc6 \(>= 2\.17\), libstdc\+\+6 \(>= 5\), /);
      assert.doesNotMatch(stdout, /<</);
    });

  // An emulated Node.js leaves the second processor of the machine idle.
  describe('each in its Node.js', { concurrency: 2 }, () => {
    // Once for each package: tests of one package run at the same time.
    before(() => {
      // The tests are of modules, which the package has in bundles.
      for (const architecture of architectures)
        for (const path of ['.build/wpa', '.build/system', 'test/.build/fakes', TRANSPORT_TESTS])
          cpSync(join(ROOT, path), join(program(architecture), path), { recursive: true });
    });

    for (const { architecture, node, name } of RUNNABLE)
      test(`${architecture.debian}: the transport tests pass in Node.js ${node.major}`, async () => {
        const file = join(program(architecture), TRANSPORT_TESTS);
        const [command = '', ...words] = nodeOf(architecture, name);
        const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
        const env = { ...environment, HOSTP2PD_TEST_NODE: [command, ...words].join(' ') };
        const { stdout } = await run(command, [...words, '--test-reporter=tap', file], { env }).catch(
          (error) => {
            throw new Error(String(error.stdout));
          },
        );
        assert.match(stdout, /^# pass [3-9]\d$/m);
        assert.match(stdout, /^# fail 0$/m);
      });

    for (const { architecture, node, name } of RUNNABLE)
      test(`${architecture.debian}: the program serves a session in Node.js ${node.major}`, async (t) => {
        const fake = supplicant(t);
        const place = new Place(t);
        const options = { root: program(architecture), node: nodeOf(architecture, name) };
        const args = ['-i', DEVICE, '-c', configuration(t, fake)];
        if (architecture.emulator === null) {
          await place.daemon(args, options);
          for (const command of ['status', '-t']) {
            const { code, stderr } = await place.run([command, '-i', DEVICE], options);
            assert.deepEqual([code, stderr], [0, ''], command);
          }
          return;
        }
        // A daemon starts itself again, which an emulator cannot do.
        const session = place.start(['-b', '-', '-v', ...args], { ...options, input: null });
        await session.wrote(/group .* is up/);
        session.signal('SIGTERM');
        assert.equal((await session.ended()).code, 0, session.stderr);
      });
  });

  test('arm64: in a clean Debian it is installed, and dpkg misses nothing', async () => {
    cpSync(packageOf('arm64'), join(root.changes, 'hostp2pd.deb'));
    assert.equal(await root.output('uname', '-m'), 'aarch64\n');
    await root.output('dpkg', '--install', '/hostp2pd.deb');
    const status = await root.output('dpkg-query', '--status', 'hostp2pd');
    assert.match(status, /^Status: install ok installed$/m);
    assert.match(status, /^Architecture: arm64$/m);
    assert.equal(await root.output('hostp2pd', '--version'), `hostp2pd ${VERSION}\n`);
  });

  test('arm64: the doctor finds the addon there, and the units are in place', async () => {
    const { code, stdout, stderr } = await root.run('hostp2pd', [
      '-c',
      '/etc/hostp2pd.yaml',
      'doctor',
      '--all',
    ]);
    // There is no radio in the root.
    assert.equal(code, 2, stderr);
    assert.match(stdout, /^ok +addon +loaded$/m);
    assert.match(stdout, /^ok +configuration /m);
    assert.match(stdout, /^error +p2p-go /m);
    for (const unit of ['hostp2pd@.service', 'hostp2pd-notify@.service'])
      assert.equal(
        await root.output('cat', `/usr/lib/systemd/system/${unit}`),
        readFileSync(join(ROOT, 'packaging/systemd', unit), 'utf8'),
      );
    assert.equal(
      await root.shell('getent group netdev | cut -d : -f 1; stat -c %a /etc/hostp2pd.yaml'),
      'netdev\n600\n',
    );
  });

  test('arm64: a daemon asks the wpa_supplicant of that root', async () => {
    const { code, stdout, stderr } = await root.run('sh', [
      '-euc',
      `${START_SUPPLICANT}
      hostp2pd -c /etc/hostp2pd.yaml -d
      hostp2pd -t`,
    ]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, DAEMON_WAITS);
    assert.match(stdout, /^hostp2pd: terminated the daemon/m);
  });
});

/** The versions that the pattern finds and that come after the last one that is allowed. */
function newerThan(text: string, pattern: RegExp, last: string): string[] {
  const number = (version: string) =>
    version.split('.').reduce((sum, part, index) => sum + Number(part) / 1000 ** index, 0);
  const found = [...text.matchAll(pattern)].map(([, version = '']) => version);
  return found.filter((version) => number(version) > number(last));
}

/** How the kernel recognises programs for that processor, with the emulator of Debian's qemu-user-static. */
function ruleOf(machine: string): string {
  const [, name, kind, offset, magic, mask] = readFileSync(
    `/usr/lib/binfmt.d/qemu-${machine}.conf`,
    'utf8',
  ).split(':');
  return `:${name}:${kind}:${offset}:${magic}:${mask}:/usr/bin/qemu-${machine}-static:F`;
}
