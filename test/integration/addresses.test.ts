import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostP2pD } from '#src/host/host.js';
import { overcome } from '../faults/outcome.js';
import { DEVICE, type FakeSupplicant, GROUP } from './fake-supplicant.js';
import { CablePhone, ip, reasonToSkip, reserveNetwork } from './phone-network.js';
import {
  eventually,
  hookProgram,
  type Lines,
  next,
  session,
  supplicant,
  temporaryFolder,
} from './support.js';

/** Networks for documentation (RFC 5737), which no machine uses. */
const SETTINGS = { addressing: 'dnsmasq', group_address: '198.51.100.1/24' };

before(reserveNetwork);

describe('addresses by a real dnsmasq', { skip: reasonToSkip() }, () => {
  test('a phone gets one, and hook, event and status report it; at the end nothing is left', async (t) => {
    const phone = new CablePhone(t);
    const folder = temporaryFolder(t);
    const hook = hookProgram(folder);
    const { host, fake } = await served(t, { run_program: hook.path, lease_time: 600 });
    fake.emit(GROUP, `AP-STA-CONNECTED ${phone.address}`);
    const addressed = next(host, 'stationAddressed');
    const given = await phone.asks();
    assert.equal(given.subnet, '255.255.255.0');
    assert.equal(given.lease, '600');
    assert.match(given.ip ?? '', /^198\.51\.100\.\d+$/);
    assert.deepEqual([given.router, given.dns], [undefined, undefined]);
    assert.doesNotMatch(phone.routes, /default/);
    await phone.pings('198.51.100.1');

    assert.equal((await addressed).station.ip, given.ip);
    assert.deepEqual(
      host.stations.map((station) => station.ip),
      [given.ip],
    );
    const { addresses } = host.status;
    assert.deepEqual(
      addresses?.leases.map((lease) => [lease.address, lease.ip]),
      [[phone.address, given.ip]],
    );
    const args = [phone.address, '[unknown]', GROUP, given.ip ?? ''];
    await eventually(
      () => hook.calls().some((call) => call.args.join() === ['address', ...args].join()),
      () => JSON.stringify(hook.calls()),
    );

    assert.equal(dnsmasqs().length, 1);
    await host.stop();
    assert.deepEqual(dnsmasqs(), []);
    assert.doesNotMatch(ip('address', 'show', GROUP), /198\.51\.100\.1/);
    // The hook for its end is called before that for the end of the session.
    assert.equal(hook.calls().at(-1)?.args[0], 'terminated');
  });

  test('a dnsmasq that dies is started again, and keeps its leases', async (t) => {
    const phone = new CablePhone(t);
    const { host, log } = await served(t);
    const { ip: first } = await phone.asks();
    const [pid] = dnsmasqs();
    const began = performance.now();
    process.kill(pid ?? 0, 'SIGKILL');
    await eventually(
      () => host.status.addresses?.problem !== null,
      () => JSON.stringify(host.status),
    );
    await phone.pings('198.51.100.1');
    await serving({ host, log });
    assert.equal((await phone.asks()).ip, first);
    assert.equal(log.matching(/^error .*no addresses for phones: dnsmasq has ended/).length, 1);
    assert.notDeepEqual(dnsmasqs(), [pid]);
    overcome('dnsmasq is killed', 'nothing: leases are kept', (performance.now() - began) / 1000);
  });

  test('a port that another program takes while dnsmasq is away: an error once, and served when it is free', async (t) => {
    const phone = new CablePhone(t);
    const { host, log } = await served(t);
    const { ip: given } = await phone.asks();
    const [pid] = dnsmasqs();
    process.kill(pid ?? 0, 'SIGKILL');
    const taker = await takePort(67);
    await eventually(
      () => log.matching(/^error .*port 67/).length > 0,
      () => log.lines.join('\n'),
    );
    await eventually(
      () => log.matching(/port 67/).length > 1,
      () => log.lines.join('\n'),
    );
    assert.equal(log.matching(/^error .*port 67/).length, 1);
    await phone.pings('198.51.100.1');
    taker.close();
    const began = performance.now();
    await serving({ host, log });
    assert.equal((await phone.asks()).ip, given);
    overcome(
      'another program takes the port of dnsmasq',
      'addresses for phones that join meanwhile',
      (performance.now() - began) / 1000,
    );
  });

  test('a former lease is not the address of a phone before the phone asks again', async (t) => {
    const phone = new CablePhone(t);
    const state_folder = temporaryFolder(t);
    const end = Math.round(Date.now() / 1000) + 600;
    writeFileSync(
      join(state_folder, 'p2p-dev-wlan0.leases'),
      `${end} ${phone.address} 198.51.100.50 * 01:${phone.address}\n`,
    );
    const { host, fake } = await served(t, { state_folder });
    const came = next(host, 'stationConnected');
    fake.emit(GROUP, `AP-STA-CONNECTED ${phone.address} ip_addr=198.51.100.200`);
    assert.equal((await came).station.ip, '198.51.100.200');
    assert.deepEqual(
      host.status.addresses?.leases.map(({ ip: leased }) => leased),
      ['198.51.100.50'],
    );
    await eventually(
      () => host.stations[0]?.ip === '198.51.100.200',
      () => JSON.stringify(host.stations),
    );
    const { ip: given } = await phone.asks();
    assert.equal(given, '198.51.100.50', 'dnsmasq gives it the same again');
    await eventually(
      () => host.stations[0]?.ip === given,
      () => JSON.stringify(host.stations),
    );
  });

  test('a dnsmasq that a killed hostp2pd left behind is ended', async (t) => {
    new CablePhone(t);
    const state_folder = temporaryFolder(t);
    const [leaseFile, pidFile] = [`${state_folder}/p2p-dev-wlan0.leases`, `${state_folder}/pid`];
    const left = spawn('dnsmasq', [
      ...[
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--port=0',
        `--interface=${GROUP}`,
        '--bind-interfaces',
      ],
      ...[`--dhcp-leasefile=${leaseFile}`, '--dhcp-range=198.51.100.2,198.51.100.3', `--pid-file=${pidFile}`],
    ]);
    t.after(() => left.kill('SIGKILL'));
    const ended = new Promise((resolve) => left.once('exit', resolve));
    await eventually(
      () => readdirSync(state_folder).includes('pid'),
      () => 'no dnsmasq',
    );
    await served(t, { state_folder });
    await ended;
  });

  test('with addressing none, everything that a killed hostp2pd left behind is removed', async (t) => {
    new CablePhone(t);
    const state_folder = temporaryFolder(t);
    const [leaseFile, file] = [
      `${state_folder}/${DEVICE}.leases`,
      `/run/systemd/network/60-hostp2pd-${DEVICE}.network`,
    ];
    mkdirSync('/run/systemd/network', { recursive: true });
    t.after(() => rmSync(file, { force: true }));
    writeFileSync(file, '[Match]\nName=p2p-*\n');
    const left = spawn('dnsmasq', [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--pid-file=', `--interface=${GROUP}`],
      ...['--bind-interfaces', `--dhcp-leasefile=${leaseFile}`, '--dhcp-range=198.51.100.2,198.51.100.3'],
    ]);
    t.after(() => left.kill('SIGKILL'));
    const ended = new Promise((resolve) => left.once('exit', resolve));
    await eventually(
      () => existsSync(leaseFile),
      () => 'no dnsmasq',
    );
    await running(t, { addressing: 'none', state_folder });
    await ended;
    await eventually(
      () => !existsSync(file),
      () => `${file} is there`,
    );
  });

  test('the box is router and resolver if the settings say so', async (t) => {
    const phone = new CablePhone(t);
    await served(t, { announce_router: true });
    const { router, dns } = await phone.asks();
    assert.deepEqual([router, dns], ['198.51.100.1', '198.51.100.1']);
    assert.match(phone.routes, /^default via 198\.51\.100\.1 /m);
  });

  test('a group that is a port of a bridge is served on the bridge', async (t) => {
    const phone = new CablePhone(t);
    ip('link', 'add', 'hostp2pd-br', 'type', 'bridge');
    t.after(() => ip('link', 'del', 'hostp2pd-br'));
    ip('link', 'set', 'hostp2pd-br', 'up');
    ip('link', 'set', GROUP, 'master', 'hostp2pd-br');
    const { host } = await served(t);
    assert.equal(host.status.addresses?.interface, 'hostp2pd-br');
    await phone.asks();
    await phone.pings('198.51.100.1');
    await host.stop();
    assert.doesNotMatch(ip('address', 'show', 'hostp2pd-br'), /198\.51\.100\.1/);
  });

  test('an address that a bridge had before is kept', async (t) => {
    new CablePhone(t);
    ip('link', 'add', 'hostp2pd-br', 'type', 'bridge');
    t.after(() => ip('link', 'del', 'hostp2pd-br'));
    ip('link', 'set', 'hostp2pd-br', 'up');
    ip('link', 'set', GROUP, 'master', 'hostp2pd-br');
    ip('address', 'add', '198.51.100.1/24', 'dev', 'hostp2pd-br');
    await eventually(
      () => hasAddress('hostp2pd-br', '198.51.100.1'),
      () => ip('address', 'show', 'hostp2pd-br'),
    );
    const { host } = await served(t);
    await host.stop();
    assert.match(ip('address', 'show', 'hostp2pd-br'), /198\.51\.100\.1\/24/);
  });

  test('the bridge of another network is not served, unless this machine has group_address there', async (t) => {
    new CablePhone(t);
    ip('link', 'add', 'hostp2pd-br', 'type', 'bridge');
    t.after(() => ip('link', 'del', 'hostp2pd-br'));
    ip('link', 'add', 'hostp2pd-lan', 'type', 'veth', 'peer', 'name', 'hostp2pd-far');
    t.after(() => ip('link', 'del', 'hostp2pd-lan'));
    ip('link', 'set', 'hostp2pd-br', 'up');
    for (const port of [GROUP, 'hostp2pd-lan']) ip('link', 'set', port, 'master', 'hostp2pd-br');
    ip('address', 'add', '203.0.113.7/24', 'dev', 'hostp2pd-br');
    const { host, log } = await running(t);
    await problem({ host, log });
    assert.match(
      host.status.addresses?.problem ?? '',
      /^p2p-wlan0-0 belongs to the bridge hostp2pd-br, .* network of hostp2pd-lan; set addressing to none, or give hostp2pd-br the address 198\.51\.100\.1\/24/,
    );
    assert.equal(host.status.phase, 'running');
    assert.deepEqual(dnsmasqs(), []);
    assert.doesNotMatch(ip('address', 'show', 'hostp2pd-br'), /198\.51\.100\.1/);
    ip('address', 'add', '198.51.100.1/24', 'dev', 'hostp2pd-br');
    await serving({ host, log });
    await host.stop();
    assert.match(ip('address', 'show', 'hostp2pd-br'), /198\.51\.100\.1\/24/);
  });

  test('where another DHCP server serves the group there is no second one; it is served when that has ended', async (t) => {
    const phone = new CablePhone(t);
    ip('address', 'add', '203.0.113.1/24', 'dev', GROUP);
    const folder = temporaryFolder(t);
    const other = spawn('dnsmasq', [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--pid-file=', `--interface=${GROUP}`],
      ...['--bind-dynamic', `--dhcp-leasefile=${folder}/other`, '--dhcp-range=203.0.113.2,203.0.113.9'],
    ]);
    t.after(() => other.kill('SIGKILL'));
    await eventually(
      () => existsSync(`${folder}/other`),
      () => 'no dnsmasq',
    );
    const { host, log } = await running(t);
    await problem({ host, log });
    assert.equal(
      host.status.addresses?.problem,
      `dnsmasq (pid ${other.pid}) gives addresses on ${GROUP}; set addressing to none, so that hostp2pd leaves the addresses to it`,
    );
    assert.equal(host.status.phase, 'running');
    assert.match(ip('address', 'show', GROUP), /203\.0\.113\.1\/24/);
    assert.doesNotMatch(ip('address', 'show', GROUP), /198\.51\.100\.1/);
    assert.match((await phone.asks()).ip ?? '', /^203\.0\.113\./);
    other.kill();
    await serving({ host, log });
    assert.equal(log.matching(/^error .*no addresses for phones/).length, 1);
  });

  test('where a .network file makes systemd-networkd serve the group there is no second server', async (t) => {
    new CablePhone(t);
    const file = join(temporaryFolder(t), '50-phones.network');
    writeFileSync(file, `[Match]\nName=p2p-*\n[Network]\nDHCPServer=yes\n`);
    const index = readFileSync(`/sys/class/net/${GROUP}/ifindex`, 'utf8').trim();
    const note = `/run/systemd/netif/links/${index}`;
    mkdirSync('/run/systemd/netif/links', { recursive: true });
    t.after(() => rmSync(note, { force: true }));
    // As long as udev has not seen the interface, networkd has no file for it.
    writeFileSync(note, 'ADMIN_STATE=pending\n');
    const { host, log } = await running(t);
    writeFileSync(note, `ADMIN_STATE=configuring\nNETWORK_FILE=${file}\n`);
    await problem({ host, log });
    assert.equal(
      host.status.addresses?.problem,
      `systemd-networkd gives addresses on ${GROUP} (${file}); set addressing to none, so that hostp2pd leaves the addresses to it, or delete that file`,
    );
    rmSync(file);
    await serving({ host, log });
  });

  test('a server that does not start leaves the address that the group has', async (t) => {
    new CablePhone(t);
    ip('address', 'add', '198.51.100.1/24', 'dev', GROUP);
    await eventually(
      () => hasAddress(GROUP, '198.51.100.1'),
      () => ip('address', 'show', GROUP),
    );
    const taker = await takePort(67);
    t.after(() => taker.close());
    const { host, log } = await running(t);
    await problem({ host, log });
    assert.match(
      host.status.addresses?.problem ?? '',
      /port 67.*if it serves phones, set addressing to none/,
    );
    await host.stop();
    assert.match(ip('address', 'show', GROUP), /198\.51\.100\.1\/24/);
  });

  test('systemd-networkd is not used for a group on a bridge that it already configures', async (t) => {
    new CablePhone(t);
    ip('link', 'add', 'hostp2pd-br', 'type', 'bridge');
    t.after(() => ip('link', 'del', 'hostp2pd-br'));
    ip('link', 'set', GROUP, 'master', 'hostp2pd-br');
    const { host, log } = await running(t, { addressing: 'networkd' });
    await eventually(
      () => host.status.addresses?.problem !== null,
      () => log.lines.join('\n'),
    );
    assert.match(
      host.status.addresses?.problem ?? '',
      /belongs to the bridge hostp2pd-br.*set addressing to none/,
    );
  });

  test('a network that another interface uses is an error, and the session goes on', async (t) => {
    new CablePhone(t);
    ip('link', 'add', 'hostp2pd-lan', 'type', 'veth', 'peer', 'name', 'hostp2pd-far');
    t.after(() => ip('link', 'del', 'hostp2pd-lan'));
    for (const name of ['hostp2pd-lan', 'hostp2pd-far']) ip('link', 'set', name, 'up');
    ip('address', 'add', '198.51.100.77/25', 'dev', 'hostp2pd-lan');
    const { host, log } = await running(t);
    await eventually(
      () => host.status.addresses?.problem !== null,
      () => log.lines.join('\n'),
    );
    assert.match(
      host.status.addresses?.problem ?? '',
      /hostp2pd-lan \(198\.51\.100\.77\/25\) has the same network as the group; set group_address/,
    );
    assert.equal(host.status.phase, 'running');
    assert.equal(hasAddress(GROUP, '198.51.100.1'), false);
  });

  test('a reload gives the group another network, or none', async (t) => {
    const phone = new CablePhone(t);
    const fake = supplicant(t);
    const folder = temporaryFolder(t);
    const file = join(folder, 'hostp2pd.yaml');
    const write = (...lines: readonly string[]) =>
      writeFileSync(file, ['hostp2pd:', `  ctrl_interface: ${fake.folder}`, ...lines, ''].join('\n'));
    write('  addressing: dnsmasq', '  group_address: 198.51.100.1/24');
    const options = { configFile: file };
    const { host, log } = await session(t, fake, {}, options);
    await serving({ host, log });
    write('  addressing: dnsmasq', '  group_address: 203.0.113.1/24');
    await host.reload();
    await eventually(
      () => hasAddress(GROUP, '203.0.113.1') && host.status.addresses?.serving === true,
      () => log.lines.join('\n'),
    );
    assert.equal(hasAddress(GROUP, '198.51.100.1'), false);
    assert.match((await phone.asks()).ip ?? '', /^203\.0\.113\./);
    write('  addressing: none');
    await host.reload();
    await eventually(
      () => dnsmasqs().length === 0,
      () => log.lines.join('\n'),
    );
    assert.equal(host.status.addresses, null);
  });
});

/** Takes the port as soon as the program that has it is gone. */
async function takePort(port: number): Promise<Socket> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = createSocket('udp4').unref();
    const error = await new Promise<Error | null>((resolve) => {
      socket.once('error', resolve).bind(port, () => resolve(null));
    });
    if (error === null) return socket;
    socket.close();
    await delay(1);
  }
  assert.fail(`port ${port} is never free`);
}

describe('addresses after a restart of hostp2pd', { skip: reasonToSkip() }, () => {
  /** Our end of the cable has an address that another program gave it. */
  async function restarted(
    t: TestContext,
    phoneHas: string,
    { stale = false } = {},
  ): Promise<{ host: HostP2pD; log: Lines }> {
    const phone = new CablePhone(t);
    ip('address', 'add', '198.51.100.1/24', 'dev', GROUP);
    phone.takes(`${phoneHas}/24`);
    const state_folder = temporaryFolder(t);
    const { host, fake } = await running(t, { addressing: 'none', state_folder });
    await fake.saw(`${GROUP} STA-FIRST`);
    const told = next(host, 'stationAddressed');
    fake.emit(GROUP, `AP-STA-CONNECTED ${phone.address} ip_addr=198.51.100.130`);
    assert.equal((await told).station.ip, '198.51.100.130');
    await host.stop();
    assert.equal(ip('neigh', 'show', 'dev', GROUP), '', 'the ARP table is empty');
    if (stale) {
      // By default the kernel asks for a STALE address after 5 s.
      writeFileSync(`/proc/sys/net/ipv4/neigh/${GROUP}/delay_first_probe_time`, '1');
      ip('neigh', 'add', '198.51.100.130', 'lladdr', phone.address, 'nud', 'stale', 'dev', GROUP);
    }
    fake.behave((command, name) => {
      if (name !== GROUP || !command.startsWith('STA')) return undefined;
      return command === 'STA-FIRST'
        ? `${phone.address}\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=1\n`
        : undefined;
    });
    const second = await session(t, fake, { ...SETTINGS, addressing: 'none', state_folder });
    await next(second.host, 'stationConnected');
    return second;
  }

  test('the address from the handshake of a connected phone is known again', async (t) => {
    const { host } = await restarted(t, '198.51.100.130');
    await eventually(
      () => host.stations[0]?.ip === '198.51.100.130',
      () => JSON.stringify(host.stations),
    );
  });

  for (const [what, stale] of [
    ['an address that the phone does not have', false],
    ['an address that the phone had in an earlier connection', true],
  ] as const)
    test(`${what} is not reported`, async (t) => {
      const { host } = await restarted(t, '198.51.100.77', { stale });
      const neighbours = () => ip('neigh', 'show', 'nud', 'all', 'dev', GROUP);
      // The kernel has sent ARP requests without a reply.
      await eventually(() => /198\.51\.100\.130 .*FAILED/.test(neighbours()), neighbours, 15_000);
      assert.deepEqual(
        host.stations.map((station) => station.ip),
        [null],
      );
    });
});

interface Scene {
  readonly host: HostP2pD;
  readonly log: Lines;
  readonly fake: FakeSupplicant;
}

/** A session whose group is up. */
async function running(t: TestContext, settings: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const fake = supplicant(t);
  const { host, log } = await session(t, fake, { ...SETTINGS, ...settings });
  await eventually(
    () => host.status.phase === 'running',
    () => log.lines.join('\n'),
  );
  return { host, log, fake };
}

/** The same, with a running dnsmasq. */
async function served(t: TestContext, settings: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const scene = await running(t, settings);
  await serving(scene);
  return scene;
}

function serving({ host, log }: Pick<Scene, 'host' | 'log'>): Promise<void> {
  return eventually(
    () => host.status.addresses?.serving === true,
    () => log.lines.join('\n'),
  );
}

function problem({ host, log }: Pick<Scene, 'host' | 'log'>): Promise<void> {
  return eventually(
    () => typeof host.status.addresses?.problem === 'string',
    () => log.lines.join('\n'),
  );
}

function hasAddress(name: string, wanted: string): boolean {
  return networkInterfaces()[name]?.some(({ address }) => address === wanted) ?? false;
}

/** The dnsmasq processes of our sessions, by their lease file. Other tests have theirs in another network namespace. */
function dnsmasqs(): number[] {
  const here = networkOf('self');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes('/p2p-dev-wlan0.leases\0'))
    .filter((name) => networkOf(name) === here)
    .map(Number);
}

function networkOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
