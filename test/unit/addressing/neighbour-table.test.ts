import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkLocalOf, parseLinkLocal, parseNeighbours } from '#src/addressing/neighbour-table.js';

/** As Linux 6.1 prints it (net/ipv4/arp.c). */
const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
192.168.49.130   0x1         0x2         46:00:00:00:01:00     *        p2p-wlan0-0
192.168.49.131   0x1         0x0         00:00:00:00:00:00     *        p2p-wlan0-0
192.168.1.1      0x1         0x6         02:00:00:00:02:AB     *        eth0
`;

test('returns entries with a hardware address, permanent ones too', () => {
  assert.deepEqual(parseNeighbours(TABLE), [
    { ip: '192.168.49.130', address: '46:00:00:00:01:00', interface: 'p2p-wlan0-0' },
    { ip: '192.168.1.1', address: '02:00:00:00:02:ab', interface: 'eth0' },
  ]);
});

test('a text that is no table has no entries', () => {
  for (const text of ['', 'x', 'a b c d e f\n\n', '999.1.1.1 0x1 0x2 46:00:00:00:01:00 * p2p-wlan0-0'])
    assert.deepEqual(parseNeighbours(text), []);
});

/** As iproute2 6.15 prints it. */
const IPV6_TABLE = `fe80::1 lladdr 46:00:00:00:02:00 router STALE
fe80::4400:ff:fe00:9 FAILED
2001:db8::7 lladdr 46:00:00:00:01:00 REACHABLE
fe80::4400:ff:fe00:100 lladdr 46:00:00:00:01:00 REACHABLE
`;

test('the link-local address of a station, with its zone', () => {
  const of = (address: string) => parseLinkLocal(IPV6_TABLE, 'p2p-wlan0-0', address);
  assert.equal(of('46:00:00:00:01:00'), 'fe80::4400:ff:fe00:100%p2p-wlan0-0');
  assert.equal(of('46:00:00:00:02:00'), 'fe80::1%p2p-wlan0-0');
  assert.equal(of('46:00:00:00:03:00'), null);
  assert.equal(parseLinkLocal('', 'p2p-wlan0-0', '46:00:00:00:01:00'), null);
});

test('the link-local address that is formed from a hardware address (RFC 4291, appendix A)', () => {
  assert.equal(linkLocalOf('34:56:78:9a:bc:de'), 'fe80::3656:78ff:fe9a:bcde');
  assert.equal(linkLocalOf('02:00:00:00:01:00'), 'fe80::0:ff:fe00:100');
});
