import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { NamespaceProgram } from './namespace-program.js';
import { ip, type Pings, pings, reasonToSkip, uniqueNamespace } from './phone-network.js';
import { eventually, temporaryFolder } from './support.js';

/** Networks for documentation (RFC 5737). */
const [FIRST, SECOND, MINE] = ['198.51.100.1/24', '203.0.113.1/25', '192.0.2.7/24'];
const BRIDGE = 'br0';
const SERVING = /^addresses: +dnsmasq on /;

/** A box with a group, whose phone is at the other end of a cable, each in a network namespace. */
class Network {
  readonly box: string;
  readonly #phone: string;

  constructor(t: TestContext) {
    const names = ['box', 'phone'].map((name) => uniqueNamespace(name));
    [this.box = '', this.#phone = ''] = names;
    t.after(() => {
      for (const name of names) spawnSync('ip', ['netns', 'del', name]);
    });
    for (const name of names) ip('netns', 'add', name);
    this.inBox('link', 'add', GROUP, 'type', 'veth', 'peer', 'name', 'phone', 'netns', this.#phone);
    this.inBox('link', 'set', GROUP, 'up');
    ip('-n', this.#phone, 'link', 'set', 'phone', 'up');
    ip('-n', this.#phone, 'address', 'add', '198.51.100.77/24', 'dev', 'phone');
  }

  inBox(...args: readonly string[]): string {
    return ip('-n', this.box, ...args);
  }

  /** The group becomes a port of a bridge. */
  bridge(): void {
    this.inBox('link', 'add', BRIDGE, 'type', 'bridge');
    this.inBox('link', 'set', BRIDGE, 'up');
    this.inBox('link', 'set', GROUP, 'master', BRIDGE);
  }

  /** The IPv4 addresses of an interface of the box. */
  addresses(name: string): readonly string[] {
    return [...this.inBox('-4', '-o', 'address', 'show', 'dev', name).matchAll(/ inet (\S+)/g)].map(
      ([, address = '']) => address,
    );
  }

  phoneStays(): () => Promise<Pings> {
    return pings(this.#phone, '198.51.100.1');
  }
}

function program(t: TestContext, network: Network): NamespaceProgram & { readonly note: string } {
  const one = new NamespaceProgram(t, network.box);
  return Object.assign(one, { note: join(one.stateFolder, `${DEVICE}.own-address.json`) });
}

const served = (address: string) => ['addressing: dnsmasq', `group_address: ${address}`];

// They mostly wait, each in namespaces of its own.
describe('our address on an interface that stays, after kill -9', {
  skip: reasonToSkip(),
  concurrency: true,
}, () => {
  for (const name of [GROUP, BRIDGE])
    test(`on ${name === GROUP ? 'the interface of the group' : 'a bridge'}: kept for phones, and removed when another one or none is wanted`, async (t) => {
      const network = new Network(t);
      if (name === BRIDGE) network.bridge();
      network.inBox('address', 'add', MINE, 'dev', name);
      const box = program(t, network);
      box.start(...served(FIRST));
      await box.shows(SERVING);
      assert.deepEqual(network.addresses(name), [MINE, FIRST]);
      const leaves = network.phoneStays();
      for (let times = 0; times < 3; times++) {
        await box.end('SIGKILL');
        box.start(...served(FIRST));
        await box.shows(SERVING);
      }
      assert.deepEqual((await leaves()).missing, []);

      await box.end('SIGKILL');
      box.start(...served(SECOND));
      await box.shows(SERVING);
      assert.deepEqual(network.addresses(name), [MINE, SECOND]);
      await box.end('SIGKILL');
      assert.equal(existsSync(box.note), true);
      box.start('addressing: none');
      await eventually(
        () => !existsSync(box.note),
        () => box.log,
      );
      assert.deepEqual(network.addresses(name), [MINE]);
      await box.end('SIGTERM');

      box.start(...served(FIRST));
      await box.shows(SERVING);
      await box.end('SIGKILL');
      box.start(...served(FIRST));
      await box.shows(SERVING);
      await box.end('SIGTERM');
      assert.deepEqual(network.addresses(name), [MINE]);
      assert.equal(existsSync(box.note), false);
    });

  test('a bridge that has got other ports is not served for the sake of it; one with an address of its own is', async (t) => {
    const network = new Network(t);
    network.bridge();
    const box = program(t, network);
    box.start(...served(FIRST));
    await box.shows(SERVING);
    await box.end('SIGKILL');
    assert.deepEqual(network.addresses(BRIDGE), [FIRST]);
    const plug = (): void => {
      network.inBox('link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'far0');
      network.inBox('link', 'set', 'lan0', 'master', BRIDGE, 'up');
    };
    const refused =
      /^problem: +addresses since .+: p2p-wlan0-0 belongs to the bridge br0, .* network of lan0/;
    const isRefused = async (): Promise<void> => {
      await box.shows(refused);
      await eventually(
        () => !existsSync(box.note),
        () => box.log,
      );
      assert.deepEqual(network.addresses(BRIDGE), []);
    };
    plug();
    box.start(...served(FIRST));
    await isRefused();
    network.inBox('link', 'del', 'lan0');
    await box.shows(SERVING);
    assert.deepEqual(network.addresses(BRIDGE), [FIRST]);
    plug();
    await isRefused();

    network.inBox('address', 'add', FIRST, 'dev', BRIDGE);
    await box.shows(SERVING);
    assert.equal(existsSync(box.note), false);
    await box.end('SIGKILL');
    box.start(...served(SECOND));
    await box.shows(refused);
    await box.end('SIGTERM');
    assert.deepEqual(network.addresses(BRIDGE), [FIRST]);
  });

  test('an address of the user on an interface without a carrier is not ours', async (t) => {
    const network = new Network(t);
    network.bridge();
    network.inBox('address', 'add', FIRST, 'dev', BRIDGE);
    network.inBox('link', 'set', GROUP, 'down');
    // Node does not list it then.
    const link = () => network.inBox('-o', 'link', 'show', 'dev', BRIDGE);
    await eventually(() => /NO-CARRIER/.test(link()), link);
    const box = program(t, network);
    box.start(...served(FIRST));
    await box.shows(SERVING);
    await box.end('SIGTERM');
    assert.deepEqual(network.addresses(BRIDGE), [FIRST]);
  });

  test('an address that another program removes is given again', async (t) => {
    const network = new Network(t);
    network.bridge();
    const box = program(t, network);
    box.start(...served(FIRST));
    await box.shows(SERVING);
    network.inBox('address', 'flush', 'dev', BRIDGE);
    await eventually(
      () => network.addresses(BRIDGE).includes(FIRST),
      () => box.log,
    );
    assert.match(
      box.log,
      /br0: no addresses for phones: another program has removed 198\.51\.100\.1\/24 from br0/,
    );
    await box.shows(SERVING);
    await box.end('SIGTERM');
    assert.deepEqual(network.addresses(BRIDGE), []);
  });

  test('a note that is none is ignored, and the log says so', async (t) => {
    const network = new Network(t);
    network.bridge();
    network.inBox('address', 'add', FIRST, 'dev', BRIDGE);
    const box = program(t, network);
    writeFileSync(box.note, '{"interface":"br0"', { mode: 0o600 });
    box.start('addressing: none');
    await eventually(
      () => /own-address\.json is ignored, no address is removed: expected JSON/.test(box.log),
      () => box.log,
    );
    await box.end('SIGTERM');
    assert.deepEqual(network.addresses(BRIDGE), [FIRST]);
  });

  test('on a full disk phones are served, and the log says what that means', async (t) => {
    const network = new Network(t);
    network.bridge();
    const folder = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    t.after(() => execFileSync('umount', ['--lazy', folder]));
    assert.throws(() => writeFileSync(join(folder, 'filler'), Buffer.alloc(100_000)), { code: 'ENOSPC' });
    const box = new NamespaceProgram(t, network.box, served(FIRST), folder);
    box.start();
    await box.shows(SERVING);
    const told =
      /own-address\.json cannot be written: .*; if hostp2pd is killed now, 198\.51\.100\.1\/24 stays on br0/g;
    assert.equal([...box.log.matchAll(told)].length, 1, box.log);
    await box.end('SIGTERM');
    assert.deepEqual(network.addresses(BRIDGE), []);
  });
});
