import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '#src/cli/arguments.js';
import { defaultConfiguration } from '#src/config/load.js';
import { LIMITS } from '#src/control/connections.js';
import { EXIT } from '#src/daemon/exit.js';
import { pidFileIn, pidFolder } from '#src/daemon/pid-file.js';
import { END_MS, HOOKS_AT_END_MS, RELEASE_MS, WAIT_FOR_END_MS } from '#src/system/end-limits.js';
import { panelUrlFile, stateFolderOf } from '#src/system/folders.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

/** Compares the units with the program, and lets systemd check the units. */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, 'packaging/systemd');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const FORKING = read('hostp2pd@.service');
const NOTIFY = read('hostp2pd-notify@.service');
const UNITS = [FORKING, NOTIFY];
const PANEL = read('hostp2pd-panel.service');
const INSTANCE = 'p2p-dev-wlan0';
const CONFIG = '/etc/hostp2pd.yaml';

/** The values of a key; empty if it does not occur. */
function valuesOf(unit: string, key: string): string[] {
  return unit.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
}

/** How the program understands a command line of the unit. */
function modeOf(unit: string, key: string) {
  const [line = '', ...more] = valuesOf(unit, key);
  assert.deepEqual(more, []);
  const [program, ...args] = line.replaceAll('%i', INSTANCE).split(' ');
  // Without a path systemd looks in /usr/local/bin (used by npm) and /usr/bin (used by Debian's package).
  assert.equal(program, 'hostp2pd');
  return parseArguments(args);
}

test('the command lines start, reload and stop the program', () => {
  const session = {
    configFile: CONFIG,
    interface: INSTANCE,
    runProgram: undefined,
    record: undefined,
    refuseDefaultPin: true,
    console: undefined,
  };
  assert.deepEqual(modeOf(FORKING, 'ExecStart'), { mode: 'daemon', ...session });
  assert.deepEqual(modeOf(NOTIFY, 'ExecStart'), { mode: 'foreground', ...session, batchFile: '-' });
  const signalled = { configFile: CONFIG, interface: INSTANCE };
  for (const unit of UNITS) assert.deepEqual(modeOf(unit, 'ExecReload'), { mode: 'reload', ...signalled });
  assert.deepEqual(modeOf(FORKING, 'ExecStop'), { mode: 'terminate', ...signalled });
  assert.deepEqual(valuesOf(NOTIFY, 'ExecStop'), []);
});

test('hooks do not get the options of Node.js that a unit sets for the program', () => {
  const variables = valuesOf(NOTIFY, 'Environment').flatMap((line) => line.split(' '));
  const value = (name: string) => variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  assert.equal(value('HOSTP2PD_NODE_OPTIONS'), value('NODE_OPTIONS'));
  assert.equal(variables.length, 2);
  assert.deepEqual(valuesOf(FORKING, 'Environment'), []);
});

test('both units are restarted after the time that the document says', () => {
  for (const unit of UNITS) assert.deepEqual(valuesOf(unit, 'RestartSec'), ['1s']);
  const text = readFileSync(join(ROOT, 'packaging/README.md'), 'utf8').replace(/\s+/g, ' ');
  assert.match(text, /restarts both 1 s after a failure.*is started every second even then/);
});

test('the PID file is the one that the daemon writes as root', () => {
  // systemd warns of the old name of /run.
  assert.equal(pidFolder({}, 0), '/var/run');
  assert.deepEqual(valuesOf(FORKING, 'Type'), ['forking']);
  assert.deepEqual(valuesOf(FORKING, 'PIDFile'), [pidFileIn('/run', '%i')]);
});

test('the program ends before -t gives up, and -t before systemd does', () => {
  for (const unit of UNITS)
    assert.deepEqual(valuesOf(unit, 'TimeoutStopSec'), [`${WAIT_FOR_END_MS / 1000 + 5}s`]);
  // The control socket closes within its own limit, and the log within two seconds.
  assert.ok(END_MS >= HOOKS_AT_END_MS + RELEASE_MS + LIMITS.closingMs + 2_000);
  assert.ok(WAIT_FOR_END_MS > END_MS);
});

test('a failure is restarted; an invalid configuration is not, if systemd can tell by the exit code', () => {
  for (const unit of UNITS) {
    assert.deepEqual(valuesOf(unit, 'Restart'), ['on-failure']);
    assert.deepEqual(valuesOf(unit, 'StartLimitIntervalSec'), ['0']);
  }
  assert.deepEqual(valuesOf(NOTIFY, 'Type'), ['notify']);
  assert.deepEqual(valuesOf(NOTIFY, 'RestartPreventExitStatus'), [String(EXIT.usage)]);
});

test('the two units of one interface conflict, and both start after wpa_supplicant', () => {
  assert.deepEqual(valuesOf(FORKING, 'Conflicts'), ['hostp2pd-notify@%i.service']);
  assert.deepEqual(valuesOf(NOTIFY, 'Conflicts'), ['hostp2pd@%i.service']);
  const before = valuesOf(read('wpa_supplicant@.service.d/hostp2pd.conf'), 'Before').join(' ').split(' ');
  for (const name of ['hostp2pd', 'hostp2pd-notify']) {
    for (const device of ['p2p-dev-%i', '%i']) assert.ok(before.includes(`${name}@${device}.service`));
  }
  for (const unit of UNITS) assert.equal(valuesOf(unit, 'After')[0], 'wpa_supplicant.service');
});

test('both units have the same hardening', () => {
  const [one, other] = UNITS.map((unit) => unit.slice(unit.indexOf('# What follows is the same')));
  assert.ok(one?.includes('CapabilityBoundingSet='));
  assert.equal(one, other);
});

test('the folders that the program writes to are writable, and no private mount hides its sockets', () => {
  const { settings, logging } = defaultConfiguration();
  const state = stateFolderOf(settings.state_folder, {}, 0);
  const sockets = ClientFolder.place({}, 0);
  const folder = pidFolder({}, 0);
  for (const unit of UNITS) {
    const writable = valuesOf(unit, 'ReadWritePaths').join(' ').split(' ');
    for (const path of [sockets, folder, logging.file && dirname(logging.file)]) {
      const real = path?.replace(/^\/var\/run\b/, '/run') ?? '';
      assert.ok(
        writable.some((folder) => real === folder || real.startsWith(`${folder}/`)),
        `${real} in ${writable.join()}`,
      );
    }
    assert.deepEqual(valuesOf(unit, 'StateDirectory'), [basename(state)]);
    assert.equal(dirname(state), '/var/lib');
    for (const key of ['RuntimeDirectory', 'TemporaryFileSystem', 'InaccessiblePaths', 'BindPaths'])
      assert.deepEqual(valuesOf(unit, key), [], key);
    // V8 aborts with it.
    assert.deepEqual(valuesOf(unit, 'MemoryDenyWriteExecute'), []);
  }
  const folders = [...read('tmpfiles.d/hostp2pd.conf').matchAll(/^d (\S+) (\d+) root root -$/gm)];
  assert.deepEqual(
    folders.map(([, path, mode]) => [path, mode]),
    [
      [sockets, '0755'],
      [state, '0700'],
    ],
  );
});

const version = /^systemd (\d+)/.exec(
  spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)?.[1];
const skip = version === undefined ? 'systemd-analyze is not installed' : false;

test('systemd-analyze verify finds no error', { skip }, (t) => {
  const folder = temporaryFolder(t);
  const stub = join(folder, 'hostp2pd');
  writeFileSync(stub, '#!/bin/sh\n');
  chmodSync(stub, 0o755);
  const files = ['hostp2pd@.service', 'hostp2pd-notify@.service', 'hostp2pd-panel.service'].map((name) => {
    const path = join(folder, name);
    // The program need not be installed here.
    writeFileSync(path, read(name).replaceAll(/^(Exec\w+=)hostp2pd /gm, `$1${stub} `));
    return path;
  });
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
    encoding: 'utf8',
  });
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
});

test('systemd-analyze verify would find a mistake', { skip }, (t) => {
  const path = join(temporaryFolder(t), 'hostp2pd@.service');
  writeFileSync(path, FORKING.replace('ProtectSystem=strict', 'ProtectSystm=strict'));
  const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  assert.match(stderr, /ProtectSystm/);
});

test('their exposure level is the documented one', { skip }, () => {
  const told = /systemd-analyze security[\s\S]*?systemd (\d+)[\s\S]*?\*\*(\d+\.\d) /.exec(
    readFileSync(join(ROOT, 'packaging/README.md'), 'utf8'),
  );
  for (const name of ['hostp2pd@.service', 'hostp2pd-notify@.service']) {
    const text = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', join(FOLDER, name)],
      {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
      },
    );
    const score = /Overall exposure level for \S+: (\d+\.\d)/.exec(text)?.[1] ?? '';
    // Each version of systemd rates differently.
    if (version === told?.[1]) assert.equal(score, told?.[2], name);
    else assert.ok(Number(score) > 0 && Number(score) <= Number(told?.[2]) + 0.5, `${name}: ${score}`);
  }
});

test('the panel: a user of its own in the group of the control socket, no capability, a token that stays', () => {
  const args = modeOf(PANEL, 'ExecStart');
  assert.equal(args.mode, 'command');
  if (args.mode !== 'command') return;
  assert.equal(args.name, 'panel');
  assert.deepEqual([...args.own.keys()], ['token-file'], 'the default address');
  const folder = dirname(String(args.own.get('token-file')));
  assert.deepEqual(valuesOf(PANEL, 'StateDirectory'), [basename(folder)]);
  assert.equal(dirname(folder), '/var/lib');
  // Its address is told to the daemon.
  assert.deepEqual(valuesOf(PANEL, 'RuntimeDirectory'), [basename(dirname(panelUrlFile({})))]);
  assert.equal(dirname(dirname(panelUrlFile({}))), '/run');
  assert.deepEqual(valuesOf(PANEL, 'DynamicUser'), ['yes']);
  const [, group] = /^g (\S+) -$/m.exec(read('sysusers.d/hostp2pd.conf')) ?? [];
  assert.deepEqual(valuesOf(PANEL, 'SupplementaryGroups'), [group]);
  assert.deepEqual(valuesOf(PANEL, 'CapabilityBoundingSet'), ['']);
  assert.deepEqual(valuesOf(PANEL, 'RestrictAddressFamilies'), ['AF_UNIX AF_INET AF_INET6']);
  assert.deepEqual(valuesOf(PANEL, 'RestartPreventExitStatus'), [String(EXIT.usage)]);
  // V8 aborts with it.
  assert.deepEqual(valuesOf(PANEL, 'MemoryDenyWriteExecute'), []);
});

const skipRoot = skip || (process.getuid?.() === 0 ? false : 'only root may make files of root');

test('systemd creates the folders and the group', { skip: skipRoot }, (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  const make = (program: string, file: string, ...args: readonly string[]) =>
    execFileSync(program, [`--root=${root}`, ...args, join(FOLDER, file)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  make('systemd-sysusers', 'sysusers.d/hostp2pd.conf');
  assert.match(readFileSync(join(root, 'etc/group'), 'utf8'), /^netdev:x:\d+:$/m);
  make('systemd-tmpfiles', 'tmpfiles.d/hostp2pd.conf', '--create');
  assert.equal(statSync(join(root, 'run/hostp2pd')).mode & 0o777, 0o755);
  assert.equal(statSync(join(root, 'var/lib/hostp2pd')).mode & 0o777, 0o700);
});
