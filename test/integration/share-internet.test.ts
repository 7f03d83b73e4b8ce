import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DhcpClient, type Given } from '../dhcp-client.js';
import { DEVICE, GROUP } from './fake-supplicant.js';
import { NamespaceProgram } from './namespace-program.js';
import {
  inNamespace,
  ip,
  type Pings,
  pings,
  reaches,
  reasonToSkip,
  uniqueNamespace,
} from './phone-network.js';
import { eventually, temporaryFolder } from './support.js';

/** Networks for documentation (RFC 5737). The last one is "the internet". */
const [GROUP_NETWORK, UPLINK, SECOND_UPLINK] = ['198.51.100', '203.0.113', '203.0.114'];
const INTERNET = '192.0.2.80';
/** A machine on another network of the box, to which phones have no access. */
const INSIDE = '10.99.0.2';

const noNft = spawnSync('nft', ['--version']).error ? 'nft is not installed (Debian: nftables)' : false;
const skip = reasonToSkip() || (process.env['HOSTP2PD_TEST_ALL'] === '1' ? false : noNft);

/**
 * A box with a group, two uplinks and another network, each end in a network namespace, so that the rules and the routes of this
 * machine play no part. Only the box knows routes to all of them.
 */
class Network {
  readonly box: string;
  readonly #phone: string;
  readonly #internet: string;
  readonly #inside: string;
  readonly #folder: string;

  constructor(t: TestContext) {
    this.#folder = temporaryFolder(t);
    const names = ['box', 'phone', 'internet', 'inside'].map((name) => uniqueNamespace(name));
    [this.box = '', this.#phone = '', this.#internet = '', this.#inside = ''] = names;
    t.after(() => {
      for (const name of names) spawnSync('ip', ['netns', 'del', name]);
    });
    for (const name of names) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    this.#cable(GROUP, this.#phone, 'phone');
    this.#cable('up0', this.#internet, 'far0', UPLINK);
    this.#cable('up1', this.#internet, 'far1', SECOND_UPLINK);
    this.#cable('lan0', this.#inside, 'far2', '10.99.0');
    ip('-n', this.#inside, 'route', 'add', 'default', 'via', '10.99.0.1');
    ip('-n', this.#internet, 'address', 'add', `${INTERNET}/32`, 'dev', 'lo');
    ip('-n', this.#internet, 'route', 'add', '10.99.0.0/24', 'via', `${UPLINK}.1`);
    this.routeOver(`${UPLINK}.2`);
  }

  /** `.1` is our end. */
  #cable(name: string, other: string, far: string, network?: string): void {
    ip('link', 'add', name, 'netns', this.box, 'type', 'veth', 'peer', 'name', far, 'netns', other);
    const ends = [
      [this.box, name, '1'],
      [other, far, '2'],
    ] as const;
    for (const [namespace, one, host] of ends) {
      ip('-n', namespace, 'link', 'set', one, 'up');
      if (network !== undefined) ip('-n', namespace, 'address', 'add', `${network}.${host}/24`, 'dev', one);
    }
  }

  routeOver(gateway: string): void {
    ip('-n', this.box, 'route', 'replace', 'default', 'via', gateway);
  }

  /** Runs a command in the box. @returns its output; throws if it fails */
  inBox(...command: readonly string[]): string {
    return ip('netns', 'exec', this.box, ...command);
  }

  /** All rules of the box, without counters. */
  get rules(): string {
    return this.inBox('nft', '--stateless', 'list', 'ruleset');
  }

  forwarding(...names: readonly string[]): string {
    const paths = names.map((name) => `/proc/sys/net/ipv4/conf/${name}/forwarding`);
    return this.inBox('cat', ...paths).replaceAll('\n', '');
  }

  async phoneAsks(): Promise<Given> {
    const client = new DhcpClient(this.#folder, 'phone');
    await inNamespace(this.#phone, 'busybox', ...client.command);
    return client.given;
  }

  phoneStays(): () => Promise<Pings> {
    return pings(this.#phone, INTERNET);
  }

  phoneReaches = (address: string): Promise<boolean> => reaches(this.#phone, address);
  internetReaches = (address: string): Promise<boolean> => reaches(this.#internet, address);
}

/** hostp2pd in the box. */
class Box extends NamespaceProgram {
  readonly note: string;

  constructor(t: TestContext, network: Network) {
    super(t, network.box, ['addressing: dnsmasq', `group_address: ${GROUP_NETWORK}.1/24`]);
    this.note = join(this.stateFolder, `${DEVICE}.sharing.json`);
  }
}

// They mostly wait, each in namespaces of its own.
describe('sharing the internet by a real nft', { skip, concurrency: true }, () => {
  test('a phone reaches the internet and nothing else; nothing of ours is left, also after kill -9', async (t) => {
    const network = new Network(t);
    network.inBox('nft', 'add table inet other');
    network.inBox('nft', 'add chain inet other in { type filter hook input priority 5; policy accept; }');
    network.inBox('nft', 'add rule inet other in counter');
    const before = network.rules;
    const box = new Box(t, network);
    box.start('share_internet: up0');
    await box.shows(/^internet: +shared over up0$/);
    await box.shows(/^addresses: +dnsmasq on p2p-wlan0-0/);
    const { router, dns } = await network.phoneAsks();
    assert.deepEqual([router, dns], [`${GROUP_NETWORK}.1`, `${GROUP_NETWORK}.1`]);
    assert.equal(await network.phoneReaches(INTERNET), true);
    assert.equal(await network.phoneReaches(INSIDE), false, 'another network of the box');
    assert.equal(await network.internetReaches(INSIDE), false, 'the box is no router for the uplink');
    assert.equal(network.forwarding('all', GROUP, 'up0', 'up1', 'lan0'), '01100');
    assert.ok(network.rules.startsWith(before.trimEnd()), network.rules);
    assert.match(network.rules, /^table ip hostp2pd-p2p-dev-wlan0 \{$/m);

    const leaves = network.phoneStays();
    for (let times = 0; times < 3; times++) {
      await box.end('SIGKILL');
      box.start('share_internet: up0');
      await box.shows(/^internet: +shared over up0$/);
      await box.shows(/^addresses: +dnsmasq on p2p-wlan0-0/);
    }
    assert.deepEqual((await leaves()).missing, []);
    await box.end('SIGTERM');
    assert.equal(network.rules, before);
    assert.equal(network.forwarding('all', GROUP, 'up0', 'up1', 'lan0'), '00000');

    box.start('share_internet: up0');
    await box.shows(/^internet: +shared over up0$/);
    await box.end('SIGKILL');
    assert.notEqual(network.rules, before);
    box.start();
    await box.shows(/^addresses: +dnsmasq on p2p-wlan0-0/);
    await eventually(
      () => !existsSync(box.note),
      () => box.log,
    );
    assert.equal(network.rules, before);
    assert.equal(network.forwarding('all', GROUP, 'up0', 'up1', 'lan0'), '00000');
    await box.end('SIGTERM');
  });

  test('where another DHCP server serves the group, its phones are left alone until it has ended', async (t) => {
    const network = new Network(t);
    network.inBox('ip', 'address', 'add', '198.51.101.1/24', 'dev', GROUP);
    const other = spawn('ip', [
      ...['netns', 'exec', network.box, 'dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null'],
      ...['--port=0', '--pid-file=', `--interface=${GROUP}`, '--bind-interfaces', '--log-facility=-'],
      ...[`--dhcp-leasefile=${temporaryFolder(t)}/leases`, '--dhcp-range=198.51.101.2,198.51.101.9'],
    ]);
    t.after(() => other.kill('SIGKILL'));
    await once(other.stderr, 'data');
    const { router } = await network.phoneAsks();
    assert.equal(router, '198.51.101.1');
    const before = network.rules;
    const box = new Box(t, network);
    box.start('share_internet: up0');
    await box.shows(/^problem: +addresses since \S+: dnsmasq \(pid \d+\) gives addresses on p2p-wlan0-0/);
    await box.shows(/^internet: +not shared: hostp2pd gives no addresses/);
    assert.equal(network.rules, before);
    assert.equal(await network.phoneReaches('198.51.101.1'), true);
    assert.doesNotMatch(network.inBox('ip', 'address', 'show', GROUP), new RegExp(GROUP_NETWORK));

    other.kill('SIGKILL');
    await box.shows(/^internet: +shared over up0$/);
    await box.end('SIGTERM');
    assert.equal(network.rules, before);
  });

  test('it follows the route, and names a firewall in the way with commands that help', async (t) => {
    const network = new Network(t);
    const box = new Box(t, network);
    box.start('share_internet: auto');
    await box.shows(/^internet: +shared over up0$/);
    await box.shows(/^addresses: +dnsmasq on p2p-wlan0-0/);
    await network.phoneAsks();
    assert.equal(await network.phoneReaches(INTERNET), true);

    network.inBox('nft', 'add table inet mine');
    network.inBox('nft', 'add chain inet mine fw { type filter hook forward priority 5; policy drop; }');
    network.routeOver(`${SECOND_UPLINK}.2`);
    const line = await box.shows(/^internet: +shared over up1, but the nftables table inet mine drops /);
    assert.equal(network.forwarding('up0', 'up1'), '01');
    assert.equal(await network.phoneReaches(INTERNET), false);
    const [, fix = ''] = line.split(`from ${GROUP} to up1: `);
    network.inBox('sh', '-c', fix.replaceAll('sudo ', ''));
    assert.equal(await network.phoneReaches(INTERNET), true, fix);

    ip('-n', network.box, 'route', 'del', 'default');
    await box.shows(/^internet: +not shared: this machine has no route to the internet itself/);
    assert.doesNotMatch(network.rules, /hostp2pd/);
    network.routeOver(`${UPLINK}.2`);
    await box.shows(/^internet: +shared over up0/);
    await box.end('SIGTERM');
    assert.doesNotMatch(network.rules, /hostp2pd/);
  });
});
