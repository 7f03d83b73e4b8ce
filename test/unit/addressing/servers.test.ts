import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AddressRequest } from '#src/addressing/address-server.js';
import { dnsmasqArguments, explainEnd, parseDnsmasqLeases } from '#src/addressing/dnsmasq.js';
import { networkFileText, parseNetworkdLeases, wallClock } from '#src/addressing/networkd.js';
import { addressPlan, announcesRouter } from '#src/config/address-plan.js';
import { validate } from '#src/config/validate.js';

function request(section: Readonly<Record<string, unknown>> = {}): AddressRequest {
  const { settings } = validate({ addressing: 'dnsmasq', ...section });
  return {
    ...{ mode: 'dnsmasq', group: 'p2p-wlan0-0', interface: 'p2p-wlan0-0', index: 3, owner: 'p2p-dev-wlan0' },
    plan: addressPlan(settings),
    leaseSeconds: settings.lease_time,
    announceRouter: announcesRouter(settings),
  };
}

describe('dnsmasq', () => {
  test('listens only on the group, reads no configuration file of the system, and announces no router', () => {
    const args = dnsmasqArguments(request(), '/state/x.leases');
    for (const argument of [
      ...['--interface=p2p-wlan0-0', '--bind-interfaces', '--except-interface=lo', '--conf-file=/dev/null'],
      ...['--port=0', '--dhcp-option=option:router', '--dhcp-option=option:dns-server'],
      '--dhcp-range=192.168.49.2,192.168.49.128,255.255.255.0,3600s',
      '--dhcp-leasefile=/state/x.leases',
    ])
      assert.ok(args.includes(argument), argument);
    assert.equal(args.includes('--no-resolv'), false);
  });

  test('gives addresses also on a machine without resolvers', () => {
    assert.ok(dnsmasqArguments(request(), '/state/x.leases', false).includes('--no-resolv'));
  });

  test('announces the box as router and resolver if the settings say so', () => {
    const section = { announce_router: true, group_address: '10.0.0.9/24', lease_time: 600 };
    const args = dnsmasqArguments(request(section), '/state/x.leases');
    assert.ok(args.includes('--dhcp-option=option:router,10.0.0.9'));
    assert.ok(args.includes('--dhcp-option=option:dns-server,10.0.0.9'));
    assert.ok(args.includes('--dhcp-range=10.0.0.10,10.0.0.132,255.255.255.0,600s'));
    assert.ok(!args.some((argument) => argument.startsWith('--port')));
  });

  test('the lease file: valid leases, by hardware address', () => {
    const text =
      '1763999999 46:00:00:00:01:00 192.168.49.77 Pixel 01:46:00:00:00:01:00\n' +
      '1763000000 46:00:00:00:02:00 192.168.49.78 * *\n' +
      'duid 00:01:00:01:2c\n' +
      '1763999999 1234 fd00::5 * 00:01\n' +
      '1763999999 06-46:00:00:00:03:00 192.168.49.79 * *\n' +
      '1763999999 46:00:00:00:04:00 192.168.49.8';
    const leases = parseDnsmasqLeases(text, 1_763_500_000_000);
    assert.deepEqual(
      [...leases],
      [['46:00:00:00:01:00', { ip: '192.168.49.77', end: 1_763_999_999_000, expires: 1_763_999_999_000 }]],
    );
    assert.equal(parseDnsmasqLeases('', 0).size, 0);
  });
});

describe('systemd-networkd', () => {
  test('gets the group, the pool and what not to announce', () => {
    const text = networkFileText('p2p-wlan0-0', request({ address_range: '192.168.49.10-192.168.49.19' }));
    for (const line of [
      ...['Name=p2p-wlan0-0', 'Address=192.168.49.1/24', 'DHCPServer=yes', 'PoolOffset=10', 'PoolSize=10'],
      ...['DefaultLeaseTimeSec=3600', 'EmitRouter=no', 'EmitDNS=no'],
    ])
      assert.match(text, new RegExp(`^${line}$`, 'm'));
    assert.match(networkFileText('x', request({ announce_router: true })), /^EmitRouter=yes$/m);
  });

  test('the file in packaging has the same lines as ours with the default settings, for all groups', () => {
    const path = fileURLToPath(
      new URL('../../../../packaging/networkd/60-hostp2pd.network', import.meta.url),
    );
    const lines = readFileSync(path, 'utf8').split('\n');
    const text = lines.filter((line) => !line.startsWith('#')).join('\n');
    assert.equal(text.trimStart(), networkFileText('p2p-*', request()));
  });

  test('its leases, as busctl prints them', () => {
    const json =
      '{"type":"a(uayayayayt)","data":[[2,[1,70,0,0,0,1,0],[192,168,49,12],[192,168,49,1],' +
      '[70,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0],3661000000],[2,[1],[1,2],[],[],0],null]}';
    assert.deepEqual(
      [...parseNetworkdLeases(json, (us) => us / 1000)],
      [['46:00:00:00:01:00', { ip: '192.168.49.12', end: 3_661_000_000, expires: 3_661_000 }]],
    );
    assert.equal(parseNetworkdLeases('{"type":"a(uayayayayt)","data":[]}', Number).size, 0);
    assert.equal(parseNetworkdLeases('null', Number).size, 0);
    assert.throws(() => parseNetworkdLeases('Failed', Number), SyntaxError);
  });

  test('the end of a lease counts from the boot, with the time that the machine was suspended', () => {
    assert.equal(wallClock(7_260_000_000, 7_200.25, 1_763_500_000_000), 1_763_500_059_750);
    // The kernel's uptime has that time too.
    const uptimeUs = Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]) * 1_000_000;
    assert.ok(Math.abs(wallClock(uptimeUs) - Date.now()) < 5_000);
  });
});

test('a port that another server uses is an error with the fix', () => {
  const dhcp = 'dnsmasq: failed to bind DHCP server socket: Address already in use';
  assert.match(
    explainEnd(dhcp, false),
    /socket: Address already in use; another DHCP server .* bind-dynamic/,
  );
  assert.match(explainEnd(dhcp, true), /bind-dynamic/);
  const dns = 'dnsmasq: failed to create listening socket for 192.168.49.1: Address already in use';
  assert.match(
    explainEnd(dns, true),
    /another resolver .* set announce_router to false and share_internet to off/,
  );
  assert.equal(explainEnd(dns, false), dns);
  assert.equal(explainEnd('dnsmasq: unknown user', true), 'dnsmasq: unknown user');
});
