import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNeighbours } from '#src/addressing/neighbour-table.js';

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
