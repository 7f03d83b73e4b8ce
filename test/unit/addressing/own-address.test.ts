import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { AddressRequest } from '#src/addressing/address-server.js';
import { Addressing } from '#src/addressing/addressing.js';
import { addressPlan } from '#src/config/address-plan.js';
import { validate } from '#src/config/validate.js';
import { Problems } from '#src/system/problems.js';
import { CapturedLog } from '../../fakes/captured-log.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const OWNER = 'p2p-dev-wlan0';
const ADDRESS = '192.168.49.1/24';
const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

type Asked = Omit<AddressRequest, 'interface' | 'index'>;

function request(group_address = ADDRESS, group = 'br0', owner = OWNER): Asked {
  const plan = addressPlan(validate({ addressing: 'dnsmasq', group_address }).settings);
  return { mode: 'dnsmasq', group, owner, plan, leaseSeconds: 3600, announceRouter: false };
}

/** A machine with interfaces, and a state folder; instances of hostp2pd on it can be killed. */
class Machine {
  readonly folder: string;
  /** Of the instance that was started last: for one that was killed, time stands still. */
  clock = new ManualClock();
  readonly log = new CapturedLog();
  problems = new Problems();
  /** By index. */
  readonly names = new Map([
    [3, 'br0'],
    [4, 'br1'],
  ]);
  /** `index address` */
  readonly addresses = new Set<string>();
  /** What was done to addresses, with whether there was a note then. */
  readonly story: string[] = [];
  /** Why `ip address del` fails. */
  delProblem: string | null = null;
  serverProblem: string | null = null;

  constructor(t: TestContext) {
    this.folder = join(temporaryFolder(t), 'state');
  }

  note(owner = OWNER): string {
    return join(this.folder, `${owner}.own-address.json`);
  }

  writeNote(text: string): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.note(), text, { mode: 0o600 });
  }

  start(owner = OWNER): Addressing {
    this.clock = new ManualClock();
    this.problems = new Problems(() => {}, this.clock);
    const indexOf = (wanted: string) => [...this.names].find(([, name]) => name === wanted)?.[0] ?? null;
    return new Addressing({
      ...{ logger: this.log, clock: this.clock, stateFolder: this.folder, onLeases: () => {} },
      onProblem: this.problems.of('addresses'),
      lookUp: (name) => ({ interface: name, index: indexOf(name) }),
      nameOf: (index) => this.names.get(index) ?? null,
      run: async (_program, args) => {
        const words = args.filter((word) => !word.startsWith('-'));
        const name = words.at(-1) ?? '';
        const index = indexOf(name);
        if (index === null) throw new Error(`ip: Device "${name}" does not exist`);
        if (words[1] === 'show') {
          const own = [...this.addresses].filter((one) => one.startsWith(`${index} `));
          return own
            .map((one) => `${index}: ${name}    inet ${one.split(' ')[1]} scope global ${name}`)
            .join('\n');
        }
        const [, what = '', address = ''] = words;
        const isNoted = existsSync(this.note(owner));
        this.story.push(`${what} ${address} ${name}${isNoted ? ' noted' : ''}`);
        if (what === 'replace') this.addresses.add(`${index} ${address}`);
        else if (this.delProblem !== null) throw new Error(this.delProblem);
        else if (!this.addresses.delete(`${index} ${address}`))
          throw new Error('ip: Cannot assign requested address');
        return '';
      },
      open: async (_request, { address }) => ({
        start: async () => {
          await address.assign();
          if (this.serverProblem !== null) throw new Error(this.serverProblem);
        },
        expectLease: () => {},
        stop: async () => {},
      }),
    });
  }

  /** An instance that serves this request and is killed then. */
  async killed(asked = request()): Promise<void> {
    const addressing = this.start(asked.owner);
    addressing.serve(asked);
    await serving(addressing);
    this.story.length = 0;
  }

  /** The lines above the level info. */
  get warnings(): string[] {
    return this.log.lines.filter((line) => /^(?:warning|error) /.test(line));
  }
}

/** Files are written meanwhile. */
async function until(met: () => boolean, what: () => string = () => ''): Promise<void> {
  for (const end = performance.now() + 20_000; !met(); await pause(2))
    assert.ok(performance.now() < end, `not within 20 s: ${what()}`);
}

function serving(addressing: Addressing): Promise<void> {
  return until(
    () => addressing.state?.serving === true,
    () => JSON.stringify(addressing.state),
  );
}

/** A machine with an instance that gives addresses on br0. */
async function served(t: TestContext): Promise<{ machine: Machine; addressing: Addressing }> {
  const machine = new Machine(t);
  const addressing = machine.start();
  addressing.serve(request());
  await serving(addressing);
  return { machine, addressing };
}

describe('the address of this machine', () => {
  test('is noted before it is added, and until it is removed', async (t) => {
    const { machine, addressing } = await served(t);
    const note: unknown = JSON.parse(readFileSync(machine.note(), 'utf8'));
    assert.deepEqual(note, { boot: BOOT, interface: 'br0', index: 3, address: ADDRESS });
    await addressing.close();
    assert.deepEqual(machine.story, [`replace ${ADDRESS} br0 noted`, `del ${ADDRESS} br0 noted`]);
    assert.equal(existsSync(machine.note()), false);
    assert.deepEqual(machine.warnings, []);
  });

  test('that a killed instance has left is kept where it is wanted again, and removed at the end', async (t) => {
    const machine = new Machine(t);
    for (let times = 0; times < 3; times++) await machine.killed();
    const next = machine.start();
    next.takeOver(OWNER);
    next.serve(request());
    await serving(next);
    machine.clock.advance(60_000);
    await next.close();
    assert.deepEqual(machine.story, [`replace ${ADDRESS} br0 noted`, `del ${ADDRESS} br0 noted`]);
    assert.deepEqual([...machine.addresses], []);
    assert.equal(existsSync(machine.note()), false);
  });

  for (const [what, asked] of [
    ['another address', request('192.168.49.2/24')],
    ['another prefix', request('192.168.49.1/25')],
    ['another interface', request(ADDRESS, 'br1')],
  ] as const)
    test(`that a killed instance has left is removed before ${what} is used`, async (t) => {
      const machine = new Machine(t);
      await machine.killed();
      const next = machine.start();
      next.takeOver(OWNER);
      next.serve(asked);
      await serving(next);
      assert.equal(machine.story[0], `del ${ADDRESS} br0 noted`);
      assert.equal(machine.story.length, 2);
      await next.close();
      assert.deepEqual([...machine.addresses], []);
      assert.equal(existsSync(machine.note()), false);
    });

  test('that a killed instance has left is removed where none is wanted, after 10 s or at the end', async (t) => {
    for (const end of [false, true]) {
      const machine = new Machine(t);
      await machine.killed();
      const next = machine.start();
      next.takeOver(OWNER);
      machine.clock.advance(9_999);
      assert.deepEqual(machine.story, []);
      if (end) await next.close();
      else machine.clock.advance(1);
      await until(() => !existsSync(machine.note()));
      assert.deepEqual([...machine.addresses], []);
      assert.deepEqual(machine.warnings, []);
      await next.close();
    }
  });

  test('that was there before is never noted, changed or removed', async (t) => {
    const machine = new Machine(t);
    machine.addresses.add(`3 ${ADDRESS}`);
    await machine.killed();
    const next = machine.start();
    next.takeOver(OWNER);
    next.serve(request());
    await serving(next);
    machine.serverProblem = 'no dnsmasq';
    next.serve({ ...request(), leaseSeconds: 60 });
    await until(() => next.state?.problem === 'no dnsmasq');
    await next.close();
    assert.deepEqual(machine.story, []);
    assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
    assert.equal(existsSync(machine.note()), false);
  });

  test('is removed where a server does not start, but kept if it was there when this instance started', async (t) => {
    const machine = new Machine(t);
    machine.serverProblem = 'no dnsmasq';
    const first = machine.start();
    first.serve(request());
    await until(() => first.state?.problem === 'no dnsmasq');
    assert.deepEqual(machine.story, [`replace ${ADDRESS} br0 noted`, `del ${ADDRESS} br0 noted`]);
    assert.equal(existsSync(machine.note()), false);
    await first.close();

    machine.serverProblem = null;
    await machine.killed();
    machine.serverProblem = 'no dnsmasq';
    const next = machine.start();
    next.takeOver(OWNER);
    next.serve(request());
    await until(() => next.state?.problem === 'no dnsmasq');
    assert.deepEqual(machine.story, [`replace ${ADDRESS} br0 noted`]);
    await next.close();
    assert.deepEqual([...machine.addresses], []);
  });

  test('that another program removes is a problem, and given again within 11 s', async (t) => {
    const { machine, addressing } = await served(t);
    const lookOnce = async (): Promise<void> => {
      machine.clock.advance(10_000);
      await until(() => machine.clock.waiting.length === 1);
    };
    for (let times = 0; times < 3; times++) await lookOnce();
    assert.deepEqual(machine.story, [`replace ${ADDRESS} br0 noted`]);
    machine.addresses.clear();
    await lookOnce();
    const reason = `another program has removed ${ADDRESS} from br0`;
    assert.equal(addressing.state?.problem, reason);
    await until(() => !existsSync(machine.note()));
    machine.clock.advance(1_000);
    await serving(addressing);
    assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
    assert.equal(existsSync(machine.note()), true);
    assert.deepEqual(machine.problems.list, []);
    assert.deepEqual(machine.warnings, [`error br0: no addresses for phones: ${reason}`]);
    await addressing.close();
    assert.deepEqual([...machine.addresses], []);
    assert.deepEqual(machine.clock.waiting, []);
  });

  test('is not missed on an interface that has been removed: the group reports its end', async (t) => {
    const { machine, addressing } = await served(t);
    machine.names.delete(3);
    machine.clock.advance(10_000);
    await until(() => machine.clock.waiting.length === 1);
    assert.equal(addressing.state?.serving, true);
    assert.deepEqual(machine.warnings, []);
    await addressing.close();
    assert.equal(existsSync(machine.note()), false);
    assert.deepEqual(machine.warnings, []);
  });

  test('is given to a bridge that was made again, also while the next attempt is waited for', async (t) => {
    for (const isLostFirst of [false, true]) {
      const { machine, addressing } = await served(t);
      machine.addresses.clear();
      if (isLostFirst) {
        machine.clock.advance(10_000);
        await until(() => addressing.state?.problem !== null);
      }
      machine.names.delete(3);
      machine.names.set(9, 'br0');
      machine.clock.advance(10_000);
      await until(
        () => machine.addresses.has(`9 ${ADDRESS}`) && addressing.state?.serving === true,
        () => JSON.stringify(addressing.state),
      );
      assert.match(readFileSync(machine.note(), 'utf8'), /"index":9/);
      assert.deepEqual(machine.problems.list, []);
      await addressing.close();
      assert.deepEqual([...machine.addresses], []);
    }
  });

  test('is looked at again after a look that found no descriptor', async (t) => {
    const { machine, addressing } = await served(t);
    machine.addresses.clear();
    const mock = t.mock.method(os, 'networkInterfaces', () => {
      throw new Error('uv_interface_addresses returned Unknown system error 24');
    });
    syncBuiltinESMExports();
    machine.clock.advance(10_000);
    await until(() => mock.mock.callCount() === 1 && machine.clock.waiting.length === 1);
    assert.equal(addressing.state?.problem, null);
    mock.mock.restore();
    syncBuiltinESMExports();
    machine.clock.advance(10_000);
    await until(() => addressing.state?.problem !== null);
    machine.clock.advance(1_000);
    await serving(addressing);
    assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
    await addressing.close();
  });

  test('stays ours where it is given again before a look has its answer', async (t) => {
    const { machine, addressing } = await served(t);
    machine.addresses.clear();
    // The look asks; before it goes on, a reload has the server started again.
    machine.clock.advance(10_000);
    addressing.serve({ ...request(), leaseSeconds: 60 });
    await until(() => machine.addresses.size === 1 && addressing.state?.serving === true);
    assert.equal(existsSync(machine.note()), true);
    await addressing.close();
    assert.deepEqual([...machine.addresses], []);
    assert.equal(existsSync(machine.note()), false);
  });

  test('that another program removes, and gives to the interface itself, is not ours any more', async (t) => {
    const { machine, addressing } = await served(t);
    machine.addresses.clear();
    machine.clock.advance(10_000);
    await until(() => addressing.state?.problem !== null);
    machine.addresses.add(`3 ${ADDRESS}`);
    machine.clock.advance(1_000);
    await serving(addressing);
    await addressing.close();
    assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
    assert.deepEqual(machine.story, [`replace ${ADDRESS} br0 noted`]);
  });

  test('is found on an interface that has another name now', async (t) => {
    const machine = new Machine(t);
    await machine.killed();
    machine.names.set(3, 'phones');
    const next = machine.start();
    next.takeOver(OWNER);
    await next.close();
    assert.deepEqual(machine.story, [`del ${ADDRESS} phones noted`]);
    assert.equal(existsSync(machine.note()), false);
  });

  test('is not removed from another interface with the name of the former one', async (t) => {
    const machine = new Machine(t);
    // The name is one that this machine has, too.
    machine.names.set(3, 'lo');
    await machine.killed(request(ADDRESS, 'lo'));
    machine.names.delete(3);
    machine.names.set(9, 'lo');
    machine.addresses.add(`9 ${ADDRESS}`);
    const next = machine.start();
    next.takeOver(OWNER);
    assert.equal(machine.log.lines.at(-1), 'info lo is another interface now, nothing is removed from it');
    await next.close();
    assert.deepEqual(machine.story, []);
    assert.equal(existsSync(machine.note()), false);
  });

  test('each radio has its own', async (t) => {
    const machine = new Machine(t);
    const other = request('192.168.50.1/24', 'br1', 'p2p-dev-wlan1');
    await machine.killed();
    await machine.killed(other);
    const next = machine.start();
    next.takeOver(OWNER);
    await next.close();
    assert.deepEqual([...machine.addresses], ['4 192.168.50.1/24']);
    assert.deepEqual(
      [OWNER, other.owner].map((owner) => existsSync(machine.note(owner))),
      [false, true],
    );
  });

  test('what cannot be removed is a problem, stays noted, and is tried again', async (t) => {
    const machine = new Machine(t);
    await machine.killed();
    machine.delProblem = 'ip: Operation not permitted';
    const next = machine.start();
    next.takeOver(OWNER);
    next.serve(request(ADDRESS, 'br1'));
    const reason = `${ADDRESS} cannot be removed from br0: ip: Operation not permitted`;
    await until(() => next.state?.problem === reason);
    assert.deepEqual(
      machine.problems.list.map((one) => one.reason),
      [reason],
    );
    next.withdraw();
    await until(() => machine.problems.list.length === 1 && machine.clock.waiting.length === 1);
    assert.deepEqual(machine.warnings, [`error br1: no addresses for phones: ${reason}`, `error ${reason}`]);
    assert.equal(existsSync(machine.note()), true);
    machine.delProblem = null;
    machine.clock.advance(1_000);
    await until(() => !existsSync(machine.note()));
    await until(() => machine.problems.list.length === 0);
    assert.deepEqual([...machine.addresses], []);
    await next.close();
    assert.deepEqual(machine.clock.waiting, []);
  });

  test('where no note can be written it is served all the same, and the log says once what that means', async (t) => {
    const machine = new Machine(t);
    writeFileSync(machine.folder, '');
    const addressing = machine.start();
    addressing.serve(request());
    await serving(addressing);
    assert.equal(machine.warnings.length, 1);
    assert.match(
      machine.warnings[0] ?? '',
      /^warning \S+\/p2p-dev-wlan0\.own-address\.json cannot be written: .+; if hostp2pd is killed now, 192\.168\.49\.1\/24 stays on br0$/,
    );
    await addressing.close();
    assert.deepEqual([...machine.addresses], []);
  });

  test('the log says that only once, also if the server has to be tried again', async (t) => {
    const machine = new Machine(t);
    writeFileSync(machine.folder, '');
    machine.serverProblem = 'no dnsmasq';
    const addressing = machine.start();
    addressing.serve(request());
    for (let tries = 1; tries <= 3; tries++) {
      await until(() => machine.story.length === 2 * tries && machine.clock.waiting.length === 1);
      machine.clock.advance(60_000);
    }
    await addressing.close();
    assert.equal(machine.warnings.filter((line) => /cannot be written/.test(line)).length, 1);
  });
});

describe('a note that is not to be trusted', () => {
  const good = { boot: BOOT, interface: 'br0', index: 3, address: ADDRESS };
  for (const [text, reason] of [
    ['', 'expected JSON, got other text'],
    ['\u0000\u0001', 'expected JSON, got other text'],
    ['[]', 'expected a JSON object, got something else'],
    ['{}', 'expected the id of a boot in it, got none'],
    [{ boot: BOOT }, 'expected the name of an interface, got nothing'],
    [{ ...good, version: 2 }, 'expected no other keys, got "version"'],
    [{ ...good, interface: '../br0' }, 'expected the name of an interface, got "../br0"'],
    [{ ...good, interface: '-br0\n' }, 'expected the name of an interface, got a text of 5 characters'],
    [{ ...good, index: '3' }, 'expected the index of an interface, got "3"'],
    [{ ...good, index: 0.5 }, 'expected the index of an interface, got 0.5'],
    [{ ...good, index: -3 }, 'expected the index of an interface, got -3'],
    [{ ...good, address: '192.168.49.1' }, 'expected an address that a group can have, got "192.168.49.1"'],
    [{ ...good, address: '127.0.0.1/8' }, 'expected an address that a group can have, got "127.0.0.1/8"'],
    [
      { ...good, address: '192.168.49.300/24' },
      'expected an address that a group can have, got "192.168.49.300/24"',
    ],
    [
      { ...good, address: 'x'.repeat(60_000) },
      'expected an address that a group can have, got a text of 60000 characters',
    ],
    [{ ...good, address: [ADDRESS] }, 'expected an address that a group can have, got a list'],
    ['x'.repeat(70_000), 'expected at most 65536 bytes, got more'],
  ] as const)
    test(`is ignored, and one line says so: ${reason}`, async (t) => {
      const machine = new Machine(t);
      machine.addresses.add(`3 ${ADDRESS}`);
      machine.writeNote(typeof text === 'string' ? text : JSON.stringify(text));
      const next = machine.start();
      next.takeOver(OWNER);
      machine.clock.advance(60_000);
      await next.close();
      assert.deepEqual(machine.log.lines, [
        `warning ${machine.note()} is ignored, no address is removed: ${reason}`,
      ]);
      assert.deepEqual(machine.story, []);
      assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
    });

  test('a symbolic link is not followed', async (t) => {
    const machine = new Machine(t);
    machine.addresses.add(`3 ${ADDRESS}`);
    machine.writeNote('');
    const [link, target] = [machine.note('p2p-dev-wlan1'), join(machine.folder, 'elsewhere')];
    writeFileSync(target, JSON.stringify(good));
    symlinkSync(target, link);
    const next = machine.start();
    next.takeOver('p2p-dev-wlan1');
    await next.close();
    assert.deepEqual(machine.log.lines, [
      `warning ${link} is ignored, no address is removed: expected a regular file, got a symbolic link`,
    ]);
    assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
  });

  test('of an earlier boot is void, and no line is needed', async (t) => {
    const machine = new Machine(t);
    machine.addresses.add(`3 ${ADDRESS}`);
    machine.writeNote(JSON.stringify({ ...good, boot: 'earlier' }));
    const next = machine.start();
    next.takeOver(OWNER);
    machine.clock.advance(60_000);
    await next.close();
    assert.deepEqual(machine.log.lines, []);
    assert.deepEqual([...machine.addresses], [`3 ${ADDRESS}`]);
  });
});
