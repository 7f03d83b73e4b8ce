import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type Connection,
  carryOut,
  journalState,
  lockJournal,
  type Machine,
  undoAll,
  undoUnfinished,
} from '#src/setup/journal.js';
import type { Command, Step } from '#src/setup/plan.js';
import { HostP2pError } from '#src/system/errors.js';
import type { Missing } from '#src/system/missing.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** Power fails, or the process is killed. */
class Interruption extends Error {}

/** A machine in a folder. Its commands are recorded, and keep the state of units in a file, as systemd does. */
class FakeMachine implements Machine {
  readonly root: string;
  readonly commands: string[] = [];
  /** The number of acts, commands and steps, after which it is interrupted. */
  acts = Number.POSITIVE_INFINITY;
  fails: string | null = null;

  constructor(t: TestContext) {
    this.root = temporaryFolder(t);
    this.write('/etc/hostp2pd.yaml', 'hostp2pd:\n  pin: "00000000"\n', 0o640);
    this.write('/etc/dhcpcd.conf', 'hostname\n', 0o640);
    this.write('/etc/units', '', 0o644);
  }

  write(path: string, text: string, mode: number): void {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
    chmodSync(place, mode);
  }

  readonly run = async (command: Command): Promise<void> => {
    this.#act();
    const text = command.join(' ');
    this.commands.push(text);
    if (text === this.fails) throw new HostP2pError('STATE', `${text}: it failed`);
    const units = new Set(this.#units().split('\n').filter(Boolean));
    const [, verb] = command;
    const unit = command.at(-1) ?? '';
    if (verb === 'enable') units.add(unit);
    if (verb === 'disable') units.delete(unit);
    this.write('/etc/units', [...units].join('\n'), 0o644);
  };

  readonly onStep = (): void => this.#act();

  connected: boolean | Missing = true;
  readonly isConnected = async (): Promise<boolean | Missing> => this.connected;
  families: readonly ('IPv4' | 'IPv6')[] = ['IPv4', 'IPv6'];
  readonly addressFamilies = (): readonly ('IPv4' | 'IPv6')[] => this.families;
  /** Why the connection does not come back; null: it does. */
  lost: string | null = null;
  readonly awaited: string[] = [];
  readonly awaitedFamilies: Connection['families'][] = [];

  readonly awaitConnection = async ({ radio, families }: Connection): Promise<void> => {
    this.awaited.push(radio);
    this.awaitedFamilies.push(families);
    if (this.lost !== null) throw new HostP2pError('STATE', this.lost);
  };

  #units(): string {
    return readFileSync(join(this.root, 'etc/units'), 'utf8');
  }

  #act(): void {
    this.acts -= 1;
    if (this.acts < 0) throw new Interruption();
  }

  /** Every file and folder below /etc, with content and mode. */
  tree(folder = 'etc'): Record<string, string> {
    const found: Record<string, string> = {};
    for (const name of readdirSync(join(this.root, folder))) {
      const path = `${folder}/${name}`;
      const stats = lstatSync(join(this.root, path));
      const isFolder = stats.isDirectory();
      found[path] =
        `${stats.mode.toString(8)} ${isFolder ? '' : readFileSync(join(this.root, path), 'utf8')}`;
      if (isFolder) Object.assign(found, this.tree(path));
    }
    return found;
  }
}

const STEPS: readonly Step[] = [
  {
    what: 'NetworkManager keeps the radio.',
    files: [{ path: '/etc/dbus-1/system.d/hostp2pd.conf', content: '<busconfig/>\n', mode: 0o644 }],
    run: [['systemctl', 'reload', 'dbus']],
    undo: [['systemctl', 'reload', 'dbus']],
  },
  {
    what: 'Two files.',
    files: [
      { path: '/etc/dhcpcd.conf', content: 'denyinterfaces p2p-*\nhostname\n', mode: null },
      { path: '/etc/systemd/network/x.link', content: '[Link]\n', mode: 0o644 },
    ],
    run: [['systemctl', 'restart', 'dhcpcd']],
    undo: [['systemctl', 'restart', 'dhcpcd']],
    interrupts: true,
  },
  {
    what: 'hostp2pd serves p2p-dev-wlan0.',
    files: [{ path: '/etc/hostp2pd.yaml', content: 'hostp2pd:\n  pin: "random"\n', mode: 0o600 }],
    run: [['systemctl', 'enable', 'hostp2pd']],
    undo: [['systemctl', 'disable', '--now', 'hostp2pd']],
  },
];

const STOPS = ['hostp2pd'];
const HOME: Connection = { folder: '/run/wpa_supplicant', radio: 'wlan0' };

test('the steps are carried out, and undone to the last bit of the mode', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  await carryOut(machine, STEPS, HOME);
  assert.deepEqual(journalState(machine), {
    changed: true,
    unfinished: false,
    stops: STOPS,
    restarts: ['dhcpcd'],
  });
  const after = machine.tree();
  assert.equal(after['etc/hostp2pd.yaml'], '100600 hostp2pd:\n  pin: "random"\n');
  assert.equal(after['etc/dhcpcd.conf'], '100640 denyinterfaces p2p-*\nhostname\n', 'its mode stays');
  assert.equal(after['etc/systemd/network/x.link'], '100644 [Link]\n');
  assert.equal(after['etc/units'], '100644 hostp2pd');
  assert.deepEqual(await undoAll(machine), []);
  assert.deepEqual(machine.tree(), before);
  assert.deepEqual(journalState(machine), { changed: false, unfinished: false, stops: [], restarts: [] });
  assert.deepEqual(machine.commands, [
    'systemctl reload dbus',
    'systemctl restart dhcpcd',
    'systemctl enable hostp2pd',
    'systemctl disable --now hostp2pd',
    'systemctl restart dhcpcd',
    'systemctl reload dbus',
  ]);
});

test('the journal is for root alone: it holds passphrases', async (t) => {
  const machine = new FakeMachine(t);
  await carryOut(machine, STEPS, HOME);
  const folder = join(machine.root, 'var/lib/hostp2pd/setup');
  assert.equal(lstatSync(folder).mode & 0o777, 0o700);
  assert.equal(lstatSync(join(folder, 'journal.json')).mode & 0o777, 0o600);
});

/** Each step has an announcement and one command. */
const ACTS = STEPS.length * 2;

test('interrupted at every point and run again, all is as it should be; and as it was after undo', async (t) => {
  for (let acts = 0; acts < ACTS; acts += 1) {
    const machine = new FakeMachine(t);
    const before = machine.tree();
    const reference = new FakeMachine(t);
    await carryOut(reference, STEPS, HOME);
    machine.acts = acts;
    // A process that is killed does not undo anything.
    await assert.rejects(carryOut(machine, STEPS, HOME));
    assert.equal(journalState(machine).unfinished, true, `after ${acts} acts`);
    machine.acts = Number.POSITIVE_INFINITY;
    await undoUnfinished(machine);
    assert.deepEqual(machine.tree(), before, `after ${acts} acts`);
    await carryOut(machine, STEPS, HOME);
    assert.deepEqual(machine.tree(), reference.tree(), `after ${acts} acts`);
    await undoAll(machine);
    assert.deepEqual(machine.tree(), before, `after ${acts} acts`);
  }
});

test('undo that is interrupted at every point, and run again, comes to its end', async (t) => {
  for (let acts = 0; acts < ACTS; acts += 1) {
    const machine = new FakeMachine(t);
    const before = machine.tree();
    await carryOut(machine, STEPS, HOME);
    machine.acts = acts;
    await undoAll(machine).catch(() => {});
    machine.acts = Number.POSITIVE_INFINITY;
    await undoAll(machine);
    assert.deepEqual(machine.tree(), before, `after ${acts} acts`);
  }
});

test('a command that fails: everything of this run is put back, and what an earlier run did stays', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  await carryOut(machine, STEPS.slice(0, 1), HOME);
  const first = machine.tree();
  machine.fails = 'systemctl enable hostp2pd';
  await assert.rejects(carryOut(machine, STEPS.slice(1), HOME), {
    code: 'STATE',
    message: 'systemctl enable hostp2pd: it failed; everything has been put back as it was',
  });
  assert.deepEqual(machine.tree(), first);
  assert.deepEqual(journalState(machine), { changed: true, unfinished: false, stops: [], restarts: [] });
  await undoAll(machine);
  assert.deepEqual(machine.tree(), before);
});

test('a kind of address that is gone since setup is not awaited by undo', async (t) => {
  const machine = new FakeMachine(t);
  await carryOut(machine, STEPS, { ...HOME, families: ['IPv4', 'IPv6'] });
  assert.deepEqual(machine.awaitedFamilies, [['IPv4', 'IPv6']]);
  machine.families = ['IPv4'];
  await undoAll(machine);
  assert.deepEqual(machine.awaitedFamilies, [['IPv4', 'IPv6'], ['IPv4']]);
});

test('a connection that does not come back: everything is put back', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  machine.lost = 'wlan0 did not come back';
  const notes = { message: /^wlan0 did not come back; what was changed.*\nwlan0 did not come back$/s };
  await assert.rejects(carryOut(machine, STEPS, HOME), notes);
  assert.deepEqual(machine.tree(), before);
});

test('the connection is waited for after the step that interrupts it, and after that is undone', async (t) => {
  const machine = new FakeMachine(t);
  await carryOut(machine, STEPS, HOME);
  assert.deepEqual(machine.awaited, ['wlan0']);
  await undoAll(machine);
  assert.deepEqual(machine.awaited, ['wlan0', 'wlan0']);
  const unconnected = new FakeMachine(t);
  await carryOut(unconnected, STEPS, null);
  await undoAll(unconnected);
  assert.deepEqual(unconnected.awaited, [], 'there was none');
});

test('two runs that change the same file are undone to the state before the first', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  await carryOut(machine, STEPS, HOME);
  const [step] = STEPS.slice(-1);
  assert.ok(step);
  const other = { path: '/etc/hostp2pd.yaml', content: 'hostp2pd:\n  pin: "52107733"\n', mode: 0o600 };
  await carryOut(machine, [{ ...step, files: [other] }], HOME);
  await undoAll(machine);
  assert.deepEqual(machine.tree(), before);
});

test('what the user has changed since is kept beside the journal', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  await carryOut(machine, STEPS, HOME);
  machine.write('/etc/hostp2pd.yaml', 'hostp2pd:\n  pin: "52107733"\n', 0o600);
  const copy = '/var/lib/hostp2pd/setup/hostp2pd.yaml.changed';
  assert.deepEqual(await undoAll(machine), [
    `/etc/hostp2pd.yaml has been changed since setup wrote it; that version is now ${copy}`,
  ]);
  assert.deepEqual(machine.tree(), before);
  assert.match(readFileSync(join(machine.root, copy), 'utf8'), /52107733/);
});

test('out of a file that had a head added, and was changed since, only that head is taken', async (t) => {
  const DHCPCD = '/etc/dhcpcd.conf';
  for (const [now, left] of [
    [
      'denyinterfaces p2p-*\nhostname\nstatic ip_address=10.0.0.2/24\n',
      'hostname\nstatic ip_address=10.0.0.2/24\n',
    ],
    ['# mine\ndenyinterfaces p2p-*\nhostname\n', '# mine\nhostname\n'],
    ['mine\n', 'mine\n'],
  ] as const)
    for (const acts of [3, Number.POSITIVE_INFINITY]) {
      const machine = new FakeMachine(t);
      await carryOut(machine, STEPS, HOME);
      machine.write(DHCPCD, now, 0o600);
      // After the file has been put back, its command is interrupted.
      machine.acts = acts;
      await undoAll(machine).catch(() => {});
      machine.acts = Number.POSITIVE_INFINITY;
      await undoAll(machine);
      assert.equal(machine.tree()['etc/dhcpcd.conf'], `100600 ${left}`);
    }
});

const CONFIGURATION = '/etc/hostp2pd.yaml';
const writing = (content: string, from?: string | null): Step => ({
  what: 'a setting',
  files: [{ path: CONFIGURATION, content, mode: 0o600, ...(from === undefined ? {} : { from }) }],
  run: [],
  undo: [],
});

/** Nothing can be written in place of that file, as on a full disk. */
const obstruct = (machine: FakeMachine, path: string) =>
  mkdirSync(join(machine.root, `${path}.${process.pid}.tmp`));
const release = (machine: FakeMachine, path: string) =>
  rmdirSync(join(machine.root, `${path}.${process.pid}.tmp`));

test('a file that cannot be written need not be written to put it back', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  obstruct(machine, CONFIGURATION);
  const message = /; everything has been put back as it was$/;
  await assert.rejects(carryOut(machine, [writing('new\n')], null), { code: 'STATE', message });
  release(machine, CONFIGURATION);
  assert.deepEqual(machine.tree(), before);
  assert.deepEqual(journalState(machine), { changed: false, unfinished: false, stops: [], restarts: [] });
});

test('after a failure, why it could not be put back is said too, and a later run does it', async (t) => {
  const machine = new FakeMachine(t);
  const before = machine.tree();
  const failing: Machine = {
    ...machine,
    run: async () => {
      throw new HostP2pError('STATE', 'x: it failed');
    },
    onStep: (what) => what.startsWith('Put back') && obstruct(machine, CONFIGURATION),
  };
  const steps = [{ ...writing('new\n'), run: [['x']] as const }];
  const message = /^x: it failed; then what was changed could not be put back: .* run setup --undo$/;
  await assert.rejects(carryOut(failing, steps, null), { code: 'STATE', message });
  release(machine, CONFIGURATION);
  await undoAll(machine);
  assert.deepEqual(machine.tree(), before);
});

test('a command of undo that fails does not keep the rest', async (t) => {
  const machine = new FakeMachine(t);
  await carryOut(machine, STEPS, HOME);
  machine.fails = 'systemctl disable --now hostp2pd';
  assert.deepEqual(await undoAll(machine), ['systemctl disable --now hostp2pd: it failed']);
  assert.equal(existsSync(join(machine.root, 'etc/dbus-1')), false);
});

/** Two steps of one run, which both interrupt the connection. */
const INTERRUPTING: readonly Step[] = ['a', 'b'].map((unit) => ({
  what: `${unit} is restarted`,
  files: [],
  run: [['systemctl', 'restart', unit]],
  undo: [['systemctl', 'restart', unit]],
  interrupts: true,
}));

test('undo waits for the connection after each step, and not at all for a network that is gone', async (t) => {
  for (const [connected, awaited] of [
    [true, ['wlan0', 'wlan0']],
    [{ missing: 'it connects' }, ['wlan0', 'wlan0']],
    [false, []],
  ] as const) {
    const machine = new FakeMachine(t);
    await carryOut(machine, INTERRUPTING, HOME);
    machine.awaited.length = 0;
    machine.connected = connected;
    assert.deepEqual(await undoAll(machine), []);
    assert.deepEqual(machine.awaited, awaited);
    assert.deepEqual(machine.commands.slice(2), ['systemctl restart b', 'systemctl restart a']);
  }
});

test('undo waits once for a connection that does not come back', async (t) => {
  const machine = new FakeMachine(t);
  await carryOut(machine, INTERRUPTING, HOME);
  machine.awaited.length = 0;
  machine.lost = 'wlan0 did not come back';
  assert.deepEqual(await undoAll(machine), ['wlan0 did not come back']);
  assert.deepEqual(machine.awaited, ['wlan0']);
});

test('after a step that has failed the connection is waited for, also while it is away', async (t) => {
  const machine = new FakeMachine(t);
  machine.connected = false;
  machine.fails = 'systemctl restart b';
  await assert.rejects(carryOut(machine, INTERRUPTING, HOME), { code: 'STATE' });
  assert.deepEqual(machine.awaited, ['wlan0', 'wlan0', 'wlan0'], 'after a, and after both are put back');
});

test('a damaged journal is reported and not overwritten', async (t) => {
  const machine = new FakeMachine(t);
  const path = '/var/lib/hostp2pd/setup/journal.json';
  machine.write(path, '{"format":2}', 0o600);
  await assert.rejects(carryOut(machine, STEPS, HOME), { code: 'STATE' });
  assert.equal(readFileSync(join(machine.root, path), 'utf8'), '{"format":2}');
});

test('a user who has changed a file between two runs, and after them, loses neither version', async (t) => {
  const machine = new FakeMachine(t);
  const place = join(machine.root, CONFIGURATION);
  await carryOut(machine, [writing('one\n')], HOME);
  writeFileSync(place, 'between\n');
  await carryOut(machine, [writing('two\n')], HOME);
  writeFileSync(place, 'last\n');
  const notes = await undoAll(machine);
  assert.equal(notes.length, 2);
  const folder = join(machine.root, 'var/lib/hostp2pd/setup');
  const kept = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  assert.deepEqual(kept.sort(), ['between\n', 'last\n']);
});

test('a file that was changed after setup has read it is not replaced', async (t) => {
  const machine = new FakeMachine(t);
  const place = join(machine.root, CONFIGURATION);
  const seen = readFileSync(place, 'utf8');
  writeFileSync(place, `${seen}  addressing: none\n`);
  const refused = { code: 'STATE', message: /has been changed since setup read it/ };
  await assert.rejects(carryOut(machine, [writing('new\n', seen)], HOME), refused);
  assert.equal(readFileSync(place, 'utf8'), `${seen}  addressing: none\n`);
  // Bytes that are no UTF-8 would be lost.
  writeFileSync(place, Buffer.from('# caf\u00e9\n', 'latin1'));
  await assert.rejects(carryOut(machine, [writing('new\n', '# caf\ufffd\n')], HOME), refused);
  // A file that has appeared since.
  await assert.rejects(carryOut(machine, [writing('new\n', null)], HOME), refused);
});

test('what could not be put back after a failure is said', async (t) => {
  const machine = new FakeMachine(t);
  machine.fails = 'systemctl restart x';
  const command = ['systemctl', 'restart', 'x'] as const;
  const failing = { ...writing('new\n'), run: [command], undo: [command] };
  await assert.rejects(carryOut(machine, [failing], HOME), (error: Error) => {
    assert.match(error.message, /has been put back, but:\nsystemctl restart x: it failed/);
    assert.doesNotMatch(error.message, /everything/);
    return true;
  });
});

test('one setup at a time has the journal', async (t) => {
  const machine = new FakeMachine(t);
  const unlock = await lockJournal(machine);
  await assert.rejects(lockJournal(machine), { code: 'STATE', message: /another setup is running/ });
  unlock();
  (await lockJournal(machine))();
});
