import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servesGroup } from '#src/addressing/left-over.js';
import { parseBoundServers } from '#src/addressing/other-servers.js';

test('DHCP servers that are bound to one interface, in the output of ss', () => {
  const text = [
    'UNCONN 0      0      0.0.0.0%p2p-wlan0-0:67 0.0.0.0:* users:(("dnsmasq",pid=1019,fd=4))',
    'UNCONN 0      0           0.0.0.0%virbr0:67      0.0.0.0:*    users:(("systemd-network",pid=301,fd=21),("x",pid=2,fd=1))',
    'UNCONN 0      0      0.0.0.0%eth0:67 0.0.0.0:*',
    'UNCONN 0      0      0.0.0.0:67 0.0.0.0:* users:(("dhcpd",pid=77,fd=7))',
    'UNCONN 0      0      [::]%eth0:547 [::]:* users:(("dhcpd",pid=77,fd=8))',
    '',
  ];
  assert.deepEqual(parseBoundServers(text.join('\n')), [
    { interface: 'p2p-wlan0-0', name: 'dnsmasq', pid: 1019 },
    { interface: 'virbr0', name: 'systemd-network', pid: 301 },
    { interface: 'eth0', name: null, pid: null },
  ]);
  assert.deepEqual(parseBoundServers(''), []);
});

test('a dnsmasq is ours by its lease file, which is named after the P2P device', () => {
  for (const [argument, group, ours] of [
    ['--dhcp-leasefile=/var/lib/hostp2pd/p2p-dev-wlan0.leases', 'p2p-wlan0-0', true],
    ['--dhcp-leasefile=/var/lib/hostp2pd/p2p-dev-wlan0.leases', 'p2p-wlan1-0', false],
    ['--dhcp-leasefile=/var/lib/NetworkManager/dnsmasq-p2p-wlan0-0.leases', 'p2p-wlan0-0', false],
    ['--dhcp-leasefile=/var/lib/misc/dnsmasq.leases', 'p2p-wlan0-0', false],
    ['/var/lib/hostp2pd/p2p-dev-wlan0.leases', 'p2p-wlan0-0', false],
  ] as const)
    assert.equal(servesGroup(argument, group), ours, argument);
});
