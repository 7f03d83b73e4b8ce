import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { obtainDebianRoot } from '../../debian-root.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { CleanRoot, START_SUPPLICANT } from './clean-root.js';
import { containerTool, reasonToSkipContainer } from './package-tools.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CONTAINERFILE = join(ROOT, 'packaging/container/Containerfile');
const GUIDE = readFileSync(join(ROOT, 'packaging/docs/container.md'), 'utf8');
const IMAGE = 'hostp2pd-test';

/** The instructions of the Containerfile, in their order, each on one line. */
const INSTRUCTIONS = readFileSync(CONTAINERFILE, 'utf8')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, name = '', value = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { name, value };
  });

function instruction(name: string): string {
  const [found, ...more] = INSTRUCTIONS.filter((one) => one.name === name);
  assert.ok(found !== undefined && more.length === 0, `one ${name}`);
  return found.value;
}

function words(name: string): readonly string[] {
  const [list = ''] = /\[.*\]$/.exec(instruction(name)) ?? [];
  return JSON.parse(list);
}

/** apt-get without a network: it installs the package that is given as a file, whose dependencies are there already. */
const OFFLINE_APT = `#!/bin/sh
[ "$1" = install ] || exit 0
for word; do case $word in /*) file=$word ;; esac; done
exec /usr/bin/apt-get install -y --no-install-recommends "$file"
`;

/** @param packageFile the Debian package, which other tests have built */
export function testContainer(packageFile: () => string): void {
  describe('the container: its steps in a clean root', () => {
    let clean: CleanRoot;

    before(async () => {
      clean = new CleanRoot(await obtainDebianRoot());
      const [pattern = '', target = ''] = instruction('COPY').split(' ');
      assert.equal(pattern, 'hostp2pd_*.deb');
      assert.equal(target, '/tmp/');
      writeFileSync(join(clean.changes, 'apt-get'), OFFLINE_APT, { mode: 0o755 });
      await clean.shell('mv /apt-get /usr/local/bin/');
      mkdirSync(join(clean.changes, 'tmp'), { recursive: true });
      copyFileSync(packageFile(), join(clean.changes, 'tmp', basename(packageFile())));
      await clean.shell(instruction('RUN'));
    });

    test('the program is there, and neither the archive nor a compiler', async () => {
      assert.match(await clean.output('hostp2pd', '-V'), /^hostp2pd \d/);
      assert.equal(await clean.shell('find /tmp /var/lib/apt/lists -mindepth 1'), '');
      await clean.shell('for name in cc g++ make python3; do ! command -v $name; done');
      const doctor = await clean.run('hostp2pd', ['doctor', '--all']);
      assert.match(doctor.stdout, /^ok +addon +loaded$/m);
    });

    test('with the rights of the guide it reaches wpa_supplicant, answers the host, and survives a restart', async () => {
      const [, options = ''] = /podman run ((?:.*\\\n)*.*)\n/.exec(GUIDE) ?? [];
      const rights = [...options.matchAll(/--cap-add (\w+)/g)].map(([, name]) => `,+${name}`);
      assert.match(options, /--cap-drop all/);
      const mounts = [...options.matchAll(/-v (\S+?):(\S+?)(?::ro)? /g)];
      assert.deepEqual(
        mounts.map(([, from]) => from),
        mounts.map(([, , to]) => to),
      );
      const paths = mounts.map(([, from = '']) => from);
      const command = [...words('ENTRYPOINT'), ...words('CMD')].join(' ');
      copyFileSync(join(ROOT, 'packaging/container/tmpfiles.conf'), join(clean.changes, 'tmpfiles.conf'));
      const { code, stdout, stderr } = await clean.run('sh', [
        '-euc',
        `# The host.
        rm -rf /run/hostp2pd /run/wpa_supplicant
        systemd-tmpfiles --create /tmpfiles.conf
        mkdir -p /var/lib/hostp2pd
        printf 'logging:\\n  file: null\\nhostp2pd:\\n  pin: random\\n  ctrl_interface: /run/wpa_supplicant\\n' > /etc/hostp2pd.yaml
        ${START_SUPPLICANT} -P /supplicant.pid
        # The container: the files of this root, but with a /run of its own.
        mkdir /container
        mount --bind / /container
        mount -t proc proc /container/proc
        mount -t tmpfs tmpfs /container/run
        for path in ${paths.join(' ')}; do
          if [ -d "$path" ]; then mkdir -p "/container$path"; fi
          mount --bind "$path" "/container$path"
        done
        chroot /container setpriv --bounding-set=-all${rights.join('')} --no-new-privs ${command} > /log 2>&1 &
        container=$!
        within() { n=0; until eval "$1"; do n=$((n + 1)); [ $n -lt 200 ] || { cat /log; exit 1; }; sleep 0.1; done; }
        within 'grep -q "lo has no Wi-Fi Direct" /log'
        within 'hostp2pd status > /status'
        chroot /container ${words('HEALTHCHECK').join(' ')}
        # wpa_supplicant restarts: the container sees the new sockets.
        kill "$(cat /supplicant.pid)"
        within '! [ -e /run/wpa_supplicant/lo ]'
        ls -A /container/run/wpa_supplicant
        ${START_SUPPLICANT}
        within '[ -S /container/run/wpa_supplicant/lo ]'
        kill $container
        wait $container
        ! hostp2pd status
        cat /log`,
      ]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^\.keep$/m);
      assert.doesNotMatch(stdout, /denied|not permitted/);
    });

    test('as the service it does not start with the PIN that everybody knows', async () => {
      await clean.shell("printf 'hostp2pd: {}\\n' > /etc/hostp2pd.yaml");
      const [program = '', ...args] = [...words('ENTRYPOINT'), ...words('CMD')];
      const { code, stderr } = await clean.run(program, args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /hostp2pd\.pin: expected a PIN of your own, got the default PIN/);
    });

    test('its rights are those of the service', () => {
      const unit = readFileSync(join(ROOT, 'packaging/systemd/hostp2pd@.service'), 'utf8');
      const [, bounds = ''] = /^CapabilityBoundingSet=(.*)$/m.exec(unit) ?? [];
      const named = [...GUIDE.matchAll(/--cap-add (\w+)/g)].map(
        ([, name = '']) => `CAP_${name.toUpperCase()}`,
      );
      assert.deepEqual([...new Set(named)].sort(), bounds.split(' ').sort());
    });
  });

  describe('the container, built by a container tool', { skip: reasonToSkipContainer() }, () => {
    const folder = temporaryFolder();

    test('the image has the program', async (t) => {
      const tool = containerTool() ?? '';
      copyFileSync(packageFile(), join(folder, basename(packageFile())));
      await run(tool, ['build', '-t', IMAGE, '-f', CONTAINERFILE, folder]);
      t.after(() => spawnSync(tool, ['rmi', IMAGE]));
      const { stdout } = await run(tool, ['run', '--rm', IMAGE, '-V']);
      assert.match(stdout, /^hostp2pd \d/);
    });
  });
}
