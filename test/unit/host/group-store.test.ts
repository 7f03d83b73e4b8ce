import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { formatGroupFile, GroupStore, parseGroupFile } from '#src/host/group-store.js';
import type { StoredGroup } from '#src/session/model.js';
import { HostP2pError } from '#src/system/errors.js';
import { stateFolderOf } from '#src/system/folders.js';
import { ClientFolder } from '#src/wpa/client-folder.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { overcome } from '../../faults/outcome.js';

const INTERFACE = 'p2p-dev-wlan0';
const SECRET = 'correct horse';
const GROUP: StoredGroup = { ssidHex: '4449', passphrase: SECRET, psk: null, clients: [], forgotten: [] };

/** The n-th version of the group: one more phone has joined. */
function version(n: number): StoredGroup {
  return { ...GROUP, clients: [`02:00:00:00:00:${n.toString(16).padStart(2, '0')}`] };
}

function setUp(t: TestContext): { folder: string; file: string; log: CapturedLog; store: GroupStore } {
  const folder = join(temporaryFolder(t), 'state');
  const log = new CapturedLog();
  return { folder, file: join(folder, `${INTERFACE}.json`), log, store: new GroupStore(folder, log) };
}

function put(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

function stored(file: string): StoredGroup {
  const parsed = parseGroupFile(readFileSync(file, 'utf8'));
  assert.ok('group' in parsed);
  return parsed.group;
}

/** Identifies a file, so that a replacement is noticed. */
function changedAt(file: string): string {
  const { ino, ctimeNs } = statSync(file, { bigint: true });
  return `${ino} ${ctimeNs}`;
}

test("the folder: the setting, then systemd's, then the usual one of the user", () => {
  const systemd = { STATE_DIRECTORY: '/var/lib/a:/var/lib/b', XDG_STATE_HOME: '/x', HOME: '/home/me' };
  const { STATE_DIRECTORY: _, ...xdg } = systemd;
  assert.equal(stateFolderOf('/srv/p2p', systemd, 0), '/srv/p2p');
  assert.equal(stateFolderOf(null, systemd, 0), '/var/lib/a');
  assert.equal(stateFolderOf(null, systemd, 1000), '/var/lib/a');
  assert.equal(stateFolderOf(null, xdg, 0), '/var/lib/hostp2pd');
  assert.equal(stateFolderOf(null, { ...xdg, STATE_DIRECTORY: '' }, 0), '/var/lib/hostp2pd');
  assert.equal(stateFolderOf(null, xdg, 1000), '/x/hostp2pd');
  assert.equal(stateFolderOf(null, { HOME: '/home/me' }, 1000), '/home/me/.local/state/hostp2pd');
  const relative = { XDG_STATE_HOME: 'x', HOME: '/home/me' };
  assert.equal(stateFolderOf(null, relative, 1000), '/home/me/.local/state/hostp2pd');
});

test("the folder of our sockets: root's, the user's, or a private one", () => {
  assert.equal(ClientFolder.place({}, 0), '/run/hostp2pd');
  assert.equal(ClientFolder.place({ XDG_RUNTIME_DIR: '/run/user/7' }, 7), '/run/user/7/hostp2pd');
  assert.equal(ClientFolder.place({}, 7), null);
});

describe('reading', () => {
  test('a group that was saved is there after a restart', async (t) => {
    const { folder, log, store } = setUp(t);
    assert.equal(store.open(INTERFACE), null);
    store.save(version(1));
    await store.close();
    const next = new GroupStore(folder, log);
    assert.deepEqual(next.open(INTERFACE), version(1));
    assert.deepEqual(next.current, version(1));
    assert.equal(new GroupStore(folder, log).open('p2p-dev-wlan1'), null);
    assert.deepEqual(log.lines, []);
  });

  test('a damaged file gives a warning without secrets, and is kept', (t) => {
    const { file, log, store } = setUp(t);
    for (const [text, report] of [
      [
        `{"passphrase": "${SECRET}`,
        /^warning state file \S+\.json cannot be used: expected a map in JSON, got /,
      ],
      [formatGroupFile({ ...GROUP, ssidHex: '4' }), /ssidHex: expected 2 to 64 hexadecimal digits.*, got /],
      [' '.repeat(65_537), /expected at most 65536 bytes, got more/],
    ] as const) {
      put(file, text);
      assert.equal(store.open(INTERFACE), null);
      assert.equal(store.current, null);
      assert.match(log.lines.splice(0).join('\n'), report);
      assert.equal(readFileSync(file, 'utf8'), text);
    }
    writeFileSync(file, Buffer.from([0xff, 0xfe]));
    assert.equal(store.open(INTERFACE), null);
    assert.match(log.lines.join('\n'), /expected a text in UTF-8, got other bytes/);
    const newer = JSON.stringify({ ...JSON.parse(formatGroupFile(GROUP)), version: 2 });
    put(file, newer);
    assert.equal(store.open(INTERFACE), null);
    assert.match(log.lines.join('\n'), /version: expected 1, got 2/);
    assert.equal(readFileSync(file, 'utf8'), newer);
    const whole = formatGroupFile(version(1));
    for (let length = 0; length < whole.length - 1; length++) {
      put(file, whole.slice(0, length));
      assert.equal(store.open(INTERFACE), null, `the first ${length} bytes`);
    }
    assert.doesNotMatch(log.lines.join('\n'), /horse/);
    overcome(
      'the state file is cut, has garbage, or a newer version',
      'the group, if wpa_supplicant has no configuration file; the state file is kept until a group is saved',
      0,
    );
  });

  test('a file that others may read becomes private, with a warning', (t) => {
    const { file, log, store } = setUp(t);
    put(file, formatGroupFile(GROUP), 0o644);
    assert.deepEqual(store.open(INTERFACE), GROUP);
    assert.match(log.lines.join('\n'), /^warning .*expected mode 0600, got 0644.*; set to 0600$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    store.open(INTERFACE);
    assert.equal(log.lines.length, 1);
  });

  test('a symbolic link is followed neither for reading nor for chmod', (t) => {
    const { folder, file, log, store } = setUp(t);
    const target = join(folder, 'elsewhere');
    put(target, formatGroupFile(GROUP), 0o644);
    symlinkSync(target, file);
    assert.equal(store.open(INTERFACE), null);
    assert.match(log.lines.join('\n'), /expected a regular file, got a symbolic link/);
    assert.equal(statSync(target).mode & 0o777, 0o644);
  });

  test('a folder or a pipe in place of the file does not block the program', (t) => {
    const { file, log, store } = setUp(t);
    mkdirSync(file, { recursive: true });
    assert.equal(store.open(INTERFACE), null);
    rmSync(file, { recursive: true });
    execFileSync('mkfifo', [file]);
    assert.equal(store.open(INTERFACE), null);
    assert.equal(log.lines.length, 2);
    for (const line of log.lines) assert.match(line, /expected a regular file, got a (folder|FIFO)/);
  });

  const foreign = process.getuid?.() === 0 ? {} : { skip: 'only root can give a file away' };
  test("another user's file is neither read nor written", foreign, (t) => {
    const { file, log, store } = setUp(t);
    put(file, formatGroupFile(GROUP));
    chownSync(file, 65_534, 65_534);
    assert.equal(store.open(INTERFACE), null);
    assert.match(log.lines.join('\n'), /expected a file of our own, got one of another user \(uid 65534\)/);
  });
});

describe('writing', () => {
  test('file and folder are private, and no temporary file is left', async (t) => {
    const { folder, file, store } = setUp(t);
    store.open(INTERFACE);
    store.save(GROUP);
    assert.deepEqual(store.current, GROUP);
    await store.close();
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), [`${INTERFACE}.json`]);
  });

  test('several saves in quick succession keep the newest', async (t) => {
    const { file, store } = setUp(t);
    store.open(INTERFACE);
    for (let n = 0; n < 50; n++) store.save(version(n));
    assert.deepEqual(store.current, version(49));
    await store.close();
    assert.deepEqual(stored(file), version(49));
    store.save(version(50));
    await store.close();
    assert.deepEqual(stored(file), version(50));
  });

  test('an unchanged group is not written again', async (t) => {
    const { folder, file, log, store } = setUp(t);
    store.open(INTERFACE);
    store.save(version(1));
    await store.close();
    const former = changedAt(file);
    store.save(structuredClone(version(1)));
    await store.close();
    assert.equal(changedAt(file), former);
    const next = new GroupStore(folder, log);
    next.open(INTERFACE);
    next.save(version(1));
    await next.close();
    assert.equal(changedAt(file), former);
    next.save(version(2));
    await next.close();
    assert.notEqual(changedAt(file), former);
  });

  test('a failure is logged once, the group stays in memory, and the next save tries again', async (t) => {
    const { folder, file, log, store } = setUp(t);
    store.open(INTERFACE);
    writeFileSync(folder, 'a file in the place of the folder');
    for (const n of [1, 1, 2]) {
      store.save(version(n));
      await store.close();
    }
    assert.deepEqual(store.current, version(2));
    assert.equal(log.lines.length, 1);
    assert.match(
      log.lines.join(),
      /^warning state file \S+\/p2p-dev-wlan0\.json cannot be written: (something else is in its place|a part of the path)/,
    );
    assert.doesNotMatch(log.lines.join(), /horse/);

    rmSync(folder);
    store.save(version(2));
    await store.close();
    assert.deepEqual(stored(file), version(2));

    // A save has worked meanwhile, so the next failure is logged again.
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    store.save(version(3));
    await store.close();
    assert.equal(log.lines.length, 2);
  });

  test('a group that could not be read back is not written over a valid file', async (t) => {
    const { file, log, store } = setUp(t);
    store.open(INTERFACE);
    store.save(GROUP);
    store.save({ ...GROUP, passphrase: 'short' });
    await store.close();
    assert.deepEqual(stored(file), GROUP);
    assert.match(
      log.lines.join(),
      /the group is not stored in .*: passphrase: expected 8 to 63 .*, got a text of 5 characters$/,
    );
  });

  test('a temporary file of a crash and a link in place of the file are replaced, not followed', async (t) => {
    const { folder, file, store } = setUp(t);
    const precious = join(folder, 'precious');
    put(precious, 'precious');
    symlinkSync(precious, `${file}.${process.pid}.tmp`);
    // Another instance is writing.
    put(`${file}.1.tmp`, 'half');
    // This one has ended: no process can have that number.
    put(`${file}.9999999.tmp`, 'half, with the passphrase');
    symlinkSync(precious, file);
    store.open(INTERFACE);
    store.save(GROUP);
    await store.close();
    assert.equal(readFileSync(precious, 'utf8'), 'precious');
    assert.equal(readFileSync(`${file}.1.tmp`, 'utf8'), 'half');
    assert.ok(!existsSync(`${file}.9999999.tmp`));
    assert.ok(lstatSync(file).isFile());
    assert.deepEqual(stored(file), GROUP);
  });

  test('a power cut at each step of writing: the former group or the new one is read', async (t) => {
    const { file, store } = setUp(t);
    store.open(INTERFACE);
    store.save(version(1));
    await store.close();
    const [former, text] = [readFileSync(file), formatGroupFile(version(2))];
    /** The steps of replaceFile: the temporary file grows, and then takes the place of the former one. */
    const steps = [...text].map((_, length) => () => put(`${file}.1.tmp`, text.slice(0, length)));
    const renamed = () => put(file, text);
    for (const [n, cut] of [() => {}, ...steps, renamed].entries()) {
      put(file, former.toString());
      rmSync(`${file}.1.tmp`, { force: true });
      cut();
      const log = new CapturedLog();
      const next = new GroupStore(dirname(file), log);
      const found = next.open(INTERFACE);
      assert.deepEqual(found, n === steps.length + 1 ? version(2) : version(1), `after step ${n}`);
      if (n % 50 !== 0) continue;
      next.save(version(3));
      await next.close();
      assert.deepEqual(stored(file), version(3), `saved after step ${n}`);
      assert.deepEqual(log.lines, []);
    }
    overcome('a power cut at each step of writing the state file', 'at most the last change', 0);
  });

  test('the hundred most recent clients are kept', async (t) => {
    const { file, store } = setUp(t);
    const clients = Array.from({ length: 120 }, (_, n) => version(n).clients[0] ?? '');
    store.open(INTERFACE);
    store.save({ ...GROUP, clients });
    await store.close();
    assert.deepEqual(stored(file).clients, clients.slice(0, 100));
  });

  test('nothing can be saved before the interface is known', (t) => {
    const { store } = setUp(t);
    assert.throws(
      () => store.save(GROUP),
      (error) => error instanceof HostP2pError && error.code === 'STATE',
    );
  });
});
