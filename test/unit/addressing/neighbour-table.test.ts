import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  linkLocalOf,
  parseEntries,
  parseNeighbours,
  seekAddresses,
} from '#src/addressing/neighbour-table.js';

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
const BOTH_TABLES = `192.168.49.7 lladdr 46:00:00:00:01:00 STALE
192.168.49.8 FAILED
fe80::1 lladdr 46:00:00:00:02:00 router STALE
fe80::4400:ff:fe00:9 INCOMPLETE
2001:db8::7 lladdr 46:00:00:00:01:00 STALE
fe80::2 lladdr 46:00:00:00:03:00 REACHABLE proto zebra
`;

test('the IPv4 and link-local entries that ip prints', () => {
  assert.deepEqual(parseEntries(BOTH_TABLES), [
    { ip: '192.168.49.7', address: '46:00:00:00:01:00', state: 'STALE' },
    { ip: '192.168.49.8', address: null, state: 'FAILED' },
    { ip: 'fe80::1', address: '46:00:00:00:02:00', state: 'STALE' },
    { ip: 'fe80::4400:ff:fe00:9', address: null, state: 'INCOMPLETE' },
    { ip: 'fe80::2', address: '46:00:00:00:03:00', state: 'REACHABLE' },
  ]);
  assert.deepEqual(parseEntries('\nx\n'), []);
});

const GROUP = 'p2p-none-0';
const PHONE = '46:00:00:00:01:00';
const FORMED = `fe80::4400:ff:fe00:100%${GROUP}`;

/** Looks for the addresses of the phone in these tables, one for each look; the last one stays. */
async function seek(
  tables: readonly (string | Error)[],
  arp: readonly string[] = [''],
  former: string | null = null,
) {
  const asked: string[] = [];
  let [looks, arpLooks, waited] = [0, 0, 0];
  const { ip, ipv6 } = await seekAddresses(GROUP, PHONE, former, {
    async readTable() {
      const table = tables[Math.min(looks++, tables.length - 1)] ?? '';
      if (table instanceof Error) throw table;
      return table;
    },
    readArp: async () => arp[Math.min(arpLooks++, arp.length - 1)] ?? '',
    ask: (one) => void asked.push(one),
    async pause(ms) {
      waited += ms;
    },
  });
  return { ip, ipv6, asked, waited };
}

const OLD = `192.168.49.7 lladdr ${PHONE}`;

test('an address of an earlier connection is asked for, and not reported without an answer', async () => {
  const old6 = `fe80::7 lladdr ${PHONE}`;
  assert.deepEqual(
    await seek([
      `${OLD} STALE\n${old6} STALE`,
      `${OLD} DELAY\n${old6} DELAY`,
      `${OLD} PROBE\n${old6} PROBE`,
      '192.168.49.7 FAILED\nfe80::7 FAILED',
    ]),
    { ip: null, ipv6: null, asked: ['192.168.49.7', `fe80::7%${GROUP}`, FORMED], waited: 6_500 },
  );
});

test('an address that was not asked for in the end is not reported', async () => {
  const { ip, waited } = await seek([`${OLD} STALE`]);
  assert.deepEqual({ ip, waited }, { ip: null, waited: 9_500 });
});

test('an address is reported once the station has answered', async () => {
  const { ip, ipv6, waited } = await seek([`${OLD} STALE`, `${OLD} DELAY`, `${OLD} REACHABLE`]);
  assert.deepEqual({ ip, ipv6, waited }, { ip: '192.168.49.7', ipv6: null, waited: 4_000 });
});

test('of an old IPv4 address and a current IPv6 address, only the latter is reported', async () => {
  const formed = 'fe80::4400:ff:fe00:100';
  const { ip, ipv6 } = await seek([
    `${OLD} STALE`,
    `${OLD} DELAY\n${formed} lladdr ${PHONE} REACHABLE`,
    `192.168.49.7 FAILED\n${formed} lladdr ${PHONE} REACHABLE`,
  ]);
  assert.deepEqual({ ip, ipv6 }, { ip: null, ipv6: FORMED });
});

test('the address that a station had before counts only once it has answered for it', async () => {
  const [old, other] = ['192.168.49.7', '192.168.49.8'];
  // An entry of an earlier connection, and none.
  for (const before of [`${OLD} STALE`, ''])
    assert.equal((await seek([before, `${old} FAILED`], [], old)).ip, null);
  const { ip, asked } = await seek(['', `${OLD} REACHABLE`], [], old);
  assert.deepEqual({ ip, asked }, { ip: old, asked: [old, FORMED] });
  const both = `${other} lladdr ${PHONE} REACHABLE\n${OLD} REACHABLE`;
  assert.equal((await seek([both], [], old)).ip, old);
  assert.equal((await seek([both], [])).ip, other);
});

test('an address of another station is neither asked for nor reported', async () => {
  const table = 'fe80::1 lladdr 46:00:00:00:02:00 STALE\n192.168.49.9 lladdr 46:00:00:00:02:00 REACHABLE';
  assert.deepEqual(await seek([table]), { ip: null, ipv6: null, asked: [FORMED], waited: 1_000 });
});

test('without the program ip, the ARP table tells after the questions of the kernel', async () => {
  const missing = new Error('ip is not installed');
  const row = (flags: string, hardware: string) => `192.168.49.7 0x1 ${flags} ${hardware} * ${GROUP}\n`;
  const known = row('0x2', PHONE);
  const { ip, ipv6, asked, waited } = await seek([missing], [known]);
  assert.deepEqual({ ip, ipv6, waited }, { ip: '192.168.49.7', ipv6: null, waited: 9_500 });
  assert.deepEqual(asked, ['192.168.49.7', FORMED]);
  // Whether it uses IPv6 cannot be known, so nothing is said.
  await assert.rejects(seek([missing], [known, known, row('0x0', '00:00:00:00:00:00')]), missing);
  const other = row('0x2', '46:00:00:00:02:00');
  for (const arp of ['', other]) await assert.rejects(seek([missing], [arp]), missing);
  assert.equal((await seek([missing], ['', known], '192.168.49.7')).ip, '192.168.49.7');
});

test('the link-local address that is formed from a hardware address (RFC 4291, appendix A)', () => {
  assert.equal(linkLocalOf('34:56:78:9a:bc:de'), 'fe80::3656:78ff:fe9a:bcde');
  assert.equal(linkLocalOf('02:00:00:00:01:00'), 'fe80::0:ff:fe00:100');
});
