import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  gatherRadios,
  parseCapabilities,
  parseCountries,
  parseInterfacesInUse,
} from '#src/doctor/gather/radios.js';
import { PlantedMachine } from './planted-machine.js';

/** Output of iw 5.19 in the radio lab (mac80211_hwsim), shortened; the combinations below are those of a Raspberry Pi. */
const DEV = `phy#1
	Interface wlan1
		ifindex 3
		wdev 0x100000001
		addr 02:00:00:00:01:00
		type managed
		txpower 0.00 dBm
phy#0
	Interface p2p-wlan0-0
		ifindex 9
		wdev 0x4
		addr 46:00:00:00:00:00
		ssid DIRECT-lb type AP
		type P2P-GO
		channel 6 (2437 MHz), width: 20 MHz, center1: 2437 MHz
	Unnamed/non-netdev interface
		wdev 0x2
		addr 42:00:00:00:00:00
		type P2P-device
`;

const LIST = `Wiphy phy1
	wiphy index: 1
	Supported interface modes:
		 * managed
		 * monitor
	Band 1:
		Capcapabilities: 0x107e
			HT20/HT40
	interface combinations are not supported
Wiphy phy0
	max # scan SSIDs: 10
	Supported interface modes:
		 * IBSS
		 * managed
		 * AP
		 * P2P-client
		 * P2P-GO
		 * P2P-device
	Band 1:
		Frequencies:
			* 2412 MHz [1] (20.0 dBm)
	Supported commands:
		 * new_interface
	software interface modes (can always be added):
		 * AP/VLAN
	valid interface combinations:
		 * #{ managed } <= 1, #{ P2P-device } <= 1, #{ P2P-client, P2P-GO } <= 1,
		   total <= 3, #channels <= 2
		 * #{ managed } <= 1, #{ AP } <= 1, #{ P2P-client } <= 1, #{ P2P-device } <= 1,
		   total <= 4, #channels <= 1
	Device supports scan flush.
	Device supports randomizing MAC-addr in sched scans.
`;

const HWSIM = `Wiphy phy0
	valid interface combinations:
		 * #{ IBSS } <= 1, #{ managed, AP, mesh point, P2P-client, P2P-GO } <= 2048, #{ P2P-device } <= 1,
		   total <= 2050, #channels <= 1, radar detect widths: { 20 MHz (no HT), 20 MHz }

	HT Capability overrides:
		 * MCS: ff ff
`;

test('iw dev: each interface with its phy and type; an SSID is not taken for one', () => {
  assert.deepEqual(parseInterfacesInUse(DEV), [
    { phy: 'phy1', name: 'wlan1', type: 'managed', frequency: null },
    { phy: 'phy0', name: 'p2p-wlan0-0', type: 'P2P-GO', frequency: 2437 },
    { phy: 'phy0', name: null, type: 'P2P-device', frequency: null },
  ]);
  assert.deepEqual(parseInterfacesInUse(''), []);
});

test('iw list: modes and combinations by phy', () => {
  const radios = parseCapabilities(LIST);
  assert.deepEqual([...radios.keys()], ['phy1', 'phy0']);
  assert.deepEqual(radios.get('phy1'), {
    modes: ['managed', 'monitor'],
    combinations: [],
    restricted: new Map(),
  });
  const { modes, combinations } = radios.get('phy0') ?? {};
  assert.deepEqual(modes, ['IBSS', 'managed', 'AP', 'P2P-client', 'P2P-GO', 'P2P-device']);
  assert.deepEqual(combinations?.[0], {
    limits: [
      { types: ['managed'], most: 1 },
      { types: ['P2P-device'], most: 1 },
      { types: ['P2P-client', 'P2P-GO'], most: 1 },
    ],
    total: 3,
    channels: 2,
  });
  assert.deepEqual(
    combinations?.map(({ total, channels }) => [total, channels]),
    [
      [3, 2],
      [4, 1],
    ],
  );
});

test('iw list: the frequencies that cannot be used at once, of older and newer versions of iw', () => {
  const lines = [
    '* 2412 MHz [1] (20.0 dBm)',
    '* 2484.0 MHz [14] (disabled)',
    '* 5180 MHz [36] (20.0 dBm) (no IR)',
    '* 5260.0 MHz [52] (20.0 dBm) (no IR, radar detection)',
  ].map((line) => `\t\t\t${line}\n`);
  const found = parseCapabilities(`Wiphy phy0\n\tBand 1:\n\t\tFrequencies:\n${lines.join('')}`);
  assert.deepEqual(
    [...(found.get('phy0')?.restricted ?? [])],
    [
      [2484, 'disabled'],
      [5180, 'no IR'],
      [5260, 'radar detection'],
    ],
  );
});

test('iw list: lines after the combinations are not taken for one', () => {
  const [one, ...others] = parseCapabilities(HWSIM).get('phy0')?.combinations ?? [];
  assert.deepEqual(others, []);
  assert.equal(one?.total, 2050);
  assert.deepEqual(one?.limits[1], {
    types: ['managed', 'AP', 'mesh point', 'P2P-client', 'P2P-GO'],
    most: 2048,
  });
});

test('iw reg get: the global country, and those of cards with their own', () => {
  const rules = '\t(2402 - 2472 @ 40), (N/A, 20), (N/A)\n';
  const own = `phy#0 (self-managed)\ncountry 99: DFS-UNSET\n${rules}`;
  assert.deepEqual(
    [...parseCountries(`global\ncountry IT: DFS-ETSI\n${rules}\n${own}`)],
    [
      ['global', 'IT'],
      ['phy0', '99'],
    ],
  );
  assert.deepEqual(
    [...parseCountries(`country 00: DFS-UNSET\n${rules}`)],
    [['global', '00']],
    'before iw 4.0',
  );
});

const WHOLE_MODES =
  '\tSupported interface modes:\n\t\t * P2P-GO\n\tinterface combinations are not supported\n';
const WHOLE = {
  dev: 'phy#0\n\tInterface wlan0\n\t\ttype managed\n',
  list: `Wiphy phy0\n${WHOLE_MODES}`,
  'reg get': 'global\ncountry IT: DFS-ETSI\n',
};

for (const [question, partial] of [
  ['dev', ''],
  ['dev', 'phy#0\n\tUnnamed/non-netdev interface\n\t\ttype P2P-device\n'],
  ['list', 'Wiphy phy0\n'],
  ['list', `Wiphy phy1\n${WHOLE_MODES}`],
  ['list', ''],
  ['list', 'Wiphy phy0\n\tSupported interface modes:\n\t\t * P2P-GO\n'],
  ['reg get', ''],
  ['reg get', 'phy#0 (self-managed)\ncountry DE: DFS-ETSI\n'],
] as const)
  test(`iw ${question}: asked again after ${JSON.stringify(partial)}, which is not whole`, async (t) => {
    let asked = 0;
    const planted = new PlantedMachine(t);
    const { inUse, capabilities, countries } = await gatherRadios({
      ...planted.sources,
      run: async (_program, args) => {
        const words = args.join(' ');
        if (words !== 'dev' && words !== 'list' && words !== 'reg get') return { missing: words };
        if (words !== question) return WHOLE[words];
        asked += 1;
        return asked < 3 ? partial : WHOLE[question];
      },
    });
    assert.equal(asked, 3);
    assert.deepEqual(inUse, parseInterfacesInUse(WHOLE.dev));
    assert.deepEqual(capabilities, parseCapabilities(WHOLE.list));
    assert.deepEqual(countries, parseCountries(WHOLE['reg get']));
  });

test('iw that never shows everything: it is unknown, and the radio is not said to have none', async (t) => {
  const planted = new PlantedMachine(t);
  planted.iw
    .set('dev', '')
    .set('reg get', '')
    .set('list', 'Wiphy phy0\n\tSupported interface modes:\n\t\t * P2P-GO\n');
  const { inUse, countries, capabilities } = await gatherRadios(planted.sources);
  assert.deepEqual(inUse, { missing: 'iw dev does not show everything' });
  assert.deepEqual(countries, { missing: 'iw reg get does not show everything' });
  assert.deepEqual(capabilities, { missing: 'iw list does not show everything' });
});
