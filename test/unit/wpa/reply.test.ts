import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  addPage,
  isFailure,
  isOk,
  parseChannels,
  parseClientList,
  parseConfigMethods,
  parseInterfaces,
  parseKeyValues,
  parseNetworks,
  parseScanResults,
  parseStation,
  parseStationCounters,
  parseStationUse,
  parseStatus,
  stationUseText,
} from '#src/wpa/reply.js';
import { seeded } from '../../fakes/seeded.js';

describe('yes and no', () => {
  test('only OK means success', () => {
    for (const reply of ['OK\n', 'OK']) assert.equal(isOk(reply), true);
    for (const reply of ['', 'OKAY\n', 'ok\n', 'FAIL\n', 'PONG\n', 'OK 1\n', ' OK\n'])
      assert.equal(isOk(reply), false);
  });

  test('FAIL, FAIL-… and UNKNOWN COMMAND mean failure', () => {
    const FAILURES = [
      'FAIL\n',
      'FAIL-BUSY\n',
      'FAIL-INVALID-PIN\n',
      'FAIL-CHANNEL-UNAVAILABLE\n',
      'FAIL-CHANNEL-UNSUPPORTED\n',
      'FAIL-PBC-OVERLAP\n',
      'FAIL-CHECKSUM\n',
      'FAIL-NO-IFNAME-MATCH\n',
      'FAIL-Too long response',
      'UNKNOWN COMMAND\n',
    ];
    for (const reply of FAILURES) {
      assert.equal(isFailure(reply), true, reply);
      assert.equal(isOk(reply), false, reply);
    }
  });

  test('other replies are neither', () => {
    for (const reply of ['', '12345670', 'PONG\n', '0\n', 'wpa_state=COMPLETED\n', 'x FAIL\n']) {
      assert.equal(isFailure(reply), false, reply);
      assert.equal(isOk(reply), false, reply);
    }
  });
});

describe('STATUS', () => {
  test('of a group owner', () => {
    const reply =
      'bssid=42:00:00:00:00:01\nfreq=2437\nssid=DIRECT-\\xc3\\xa4 \\"x\\"=\nid=0\nid_str=\nmode=P2P GO\n' +
      'pairwise_cipher=CCMP\ngroup_cipher=CCMP\nkey_mgmt=WPA2-PSK\nwpa_state=COMPLETED\n' +
      'p2p_device_address=42:00:00:00:00:00\naddress=42:00:00:00:00:01\nuuid=572cf82f-c957-5653-9b16-b5cfb298abf1\n';
    assert.deepEqual(parseStatus(reply), {
      state: 'COMPLETED',
      mode: 'P2P GO',
      ssid: 'DIRECT-ä "x"=',
      ssidHex: Buffer.from('DIRECT-ä "x"=').toString('hex'),
      frequency: 2437,
      p2pDeviceAddress: '42:00:00:00:00:00',
    });
  });

  test('of an idle P2P device', () => {
    assert.deepEqual(
      parseStatus(
        'wpa_state=DISCONNECTED\np2p_device_address=42:00:00:00:00:00\naddress=42:00:00:00:00:00\n',
      ),
      {
        state: 'DISCONNECTED',
        mode: null,
        ssid: null,
        ssidHex: null,
        frequency: null,
        p2pDeviceAddress: '42:00:00:00:00:00',
      },
    );
  });

  for (const reply of ['', 'FAIL\n', 'UNKNOWN COMMAND\n']) {
    test(`no fields in ${JSON.stringify(reply)}`, () => {
      assert.ok(Object.values(parseStatus(reply)).every((value) => value === null));
    });
  }

  test('an empty SSID is an empty string, not missing', () => {
    assert.equal(parseStatus('ssid=\n').ssid, '');
  });
});

test('of two equal keys the first counts, and lines without a key are ignored', () => {
  const values = parseKeyValues('a=1\n=x\nnothing\na=2\nb=c=d\n');
  assert.deepEqual(
    [...values],
    [
      ['a', '1'],
      ['b', 'c=d'],
    ],
  );
});

describe('STATUS of an interface that may be a station', () => {
  const use = (state: string, more = '') => parseStationUse(`wpa_state=${state}\n${more}`);
  const home = 'ssid=home\nfreq=5180\n';

  test('connected, connecting or searching', () => {
    assert.deepEqual(use('COMPLETED', `mode=station\n${home}`), {
      state: 'connected',
      ssid: 'home',
      frequency: 5180,
    });
    for (const state of ['AUTHENTICATING', 'ASSOCIATING', 'ASSOCIATED', '4WAY_HANDSHAKE', 'GROUP_HANDSHAKE'])
      assert.deepEqual(use(state, home), { state: 'connecting', ssid: 'home', frequency: 5180 });
    assert.deepEqual(use('SCANNING', home), { state: 'searching', ssid: null, frequency: null });
  });

  test('an access point or a group is none, nor is an interface without a network', () => {
    for (const mode of ['P2P GO', 'AP', 'P2P GO - group formation'])
      assert.equal(use('COMPLETED', `mode=${mode}\n${home}`), null);
    for (const state of ['DISCONNECTED', 'INACTIVE', 'INTERFACE_DISABLED']) assert.equal(use(state), null);
    assert.equal(parseStationUse('FAIL\n'), null);
  });

  test('in words', () => {
    assert.equal(
      stationUseText({ state: 'connected', ssid: 'home', frequency: 2412 }),
      'is connected to "home" at 2412 MHz',
    );
    assert.equal(
      stationUseText({ state: 'connecting', ssid: null, frequency: null }),
      'is connecting to a network',
    );
    assert.equal(
      stationUseText({ state: 'searching', ssid: null, frequency: null }),
      'is looking for its network',
    );
  });
});

describe('GET config_methods', () => {
  test('a word counts wherever it stands', () => {
    const of = (text: string) => {
      const { keypad, pushButton } = parseConfigMethods(text) ?? assert.fail();
      return [keypad, pushButton];
    };
    assert.deepEqual(of('keypad\n'), [true, false]);
    assert.deepEqual(of('display virtual_push_button'), [false, true]);
    assert.deepEqual(of('keypad,physical_push_button'), [true, true]);
    assert.deepEqual(of('display'), [false, false]);
    assert.equal(parseConfigMethods(' keypad \n')?.text, 'keypad');
  });

  test('no value', () => {
    for (const reply of ['', '\n', 'FAIL\n', 'UNKNOWN COMMAND\n'])
      assert.equal(parseConfigMethods(reply), null);
  });
});

describe('LIST_NETWORKS', () => {
  const HEADER = 'network id / ssid / bssid / flags\n';

  test('profiles with and without flags', () => {
    const reply = `${HEADER}0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n1\thome\t02:00:00:00:04:00\t[CURRENT]\n2\tx\tany\t\n`;
    assert.deepEqual(parseNetworks(reply), [
      { id: 0, ssid: 'DIRECT-PP', persistent: true, disabled: true },
      { id: 1, ssid: 'home', persistent: false, disabled: false },
      { id: 2, ssid: 'x', persistent: false, disabled: false },
    ]);
  });

  test('an escaped tab or newline in an SSID does not start a column', () => {
    assert.deepEqual(
      parseNetworks(`${HEADER}4\ta\\tb\\n[P2P-PERSISTENT] \\xe6\\x9d\\xb1\tany\t[DISABLED]\n`),
      [{ id: 4, ssid: 'a\tb\n[P2P-PERSISTENT] 東', persistent: false, disabled: true }],
    );
  });

  test('an empty list, an empty reply and a failure have no profiles', () => {
    for (const reply of [HEADER, '', 'FAIL\n', 'UNKNOWN COMMAND\n'])
      assert.deepEqual(parseNetworks(reply), []);
  });

  test('a profile may have an empty SSID', () => {
    assert.deepEqual(parseNetworks(`${HEADER}0\t\tany\t\n`), [
      { id: 0, ssid: '', persistent: false, disabled: false },
    ]);
  });

  test('a truncated line is ignored', () => {
    assert.deepEqual(parseNetworks(`${HEADER}0\ta\tany\t\n1\tb`), [
      { id: 0, ssid: 'a', persistent: false, disabled: false },
    ]);
  });

  test('a page that was cut at the buffer size is recognised by its length, whatever the SSIDs', () => {
    // The longest line: a ten-digit id, 32 bytes of \xHH, an address and every flag (ctrl_iface.c).
    const longest = `2147483647\t${'\\xff'.repeat(32)}\t02:00:00:00:04:00\t[CURRENT][DISABLED][TEMP-DISABLED][P2P-PERSISTENT]\n`;
    let page = HEADER;
    while (page.length + longest.length < 4096) page += longest;
    assert.equal(addPage([], page).next, parseNetworks(page).at(-1)?.id);
  });

  test('a short page is the last', () => {
    assert.equal(addPage([], HEADER).next, null);
  });

  const pageOf = (first: number, count = 90): string =>
    HEADER + Array.from({ length: count }, (_, i) => `${first + i}\t${'x'.repeat(32)}\tany\t\n`).join('');

  test('a page without new profiles ends the list, and adds nothing twice', () => {
    const first = addPage([], pageOf(0));
    assert.equal(first.next, 89);
    for (const page of [pageOf(0), pageOf(0, 80), pageOf(-90)]) {
      const { profiles, next } = addPage(first.profiles, page);
      assert.deepEqual([profiles.length, next], [90, null]);
    }
    const half = addPage(first.profiles, pageOf(45));
    assert.deepEqual([half.profiles.length, half.next], [135, 134]);
  });

  test('an endless list is cut off', () => {
    let list = addPage([], pageOf(0));
    let pages = 1;
    for (; list.next !== null; pages++) list = addPage(list.profiles, pageOf(list.next + 1));
    assert.ok(pages < 60, `${pages} pages`);
  });
});

describe('INTERFACES', () => {
  test('invalid interface names are left out', () => {
    assert.deepEqual(
      parseInterfaces('wlan0\n../../tmp/evil\n/\n..\n.\na b\np2p-wlan0-0\np2p-0123456789-12\n'),
      ['wlan0', 'p2p-wlan0-0'],
    );
    assert.deepEqual(parseInterfaces('FAIL\n'), []);
  });
});

describe('GET_NETWORK p2p_client_list', () => {
  test('addresses, the most recent first; an empty list without the field', () => {
    assert.deepEqual(parseClientList('42:00:00:00:02:00 42:00:00:00:01:0A'), [
      '42:00:00:00:02:00',
      '42:00:00:00:01:0a',
    ]);
    for (const reply of ['', 'FAIL\n', 'x y']) assert.deepEqual(parseClientList(reply), []);
  });
});

describe('GET_CAPABILITY freq', () => {
  test('each frequency on which a group owner may start, once', () => {
    const reply =
      'Mode[G] Channels:\n 1 = 2412 MHz\n 11 = 2462 MHz\n 12 = 2467 MHz (NO_IR)\n\nMode[A] Channels:\n' +
      ' 36 = 5180 MHz\n 52 = 5260 MHz (NO_IR) (DFS)\n 100 = 5500 MHz (DFS)\n\nMode[A] Channels:\n\n' +
      ' 1 = 5955 MHz\n\nMode[B] Channels:\n 1 = 2412 MHz\n 14 = 2484 MHz\n';
    assert.deepEqual(parseChannels(reply), [2412, 2462, 5180]);
    assert.deepEqual(parseChannels('FAIL\n'), []);
  });
});

describe('STA, STA-FIRST and STA-NEXT', () => {
  const station = (name: string, more = '') =>
    '46:00:00:00:01:00\nflags=[AUTH][ASSOC][AUTHORIZED][WMM]\naid=1\ncapability=0x431\nlisten_interval=5\n' +
    'supported_rates=02 04 0b 16\ntimeout_next=NULLFUNC POLL\nwpa=2\n' +
    `p2p_dev_capab=0x25\np2p_group_capab=0x0\np2p_primary_device_type=10-0050F204-5\np2p_device_name=${name}\n` +
    `p2p_device_addr=42:00:00:00:01:00\np2p_config_methods=0x188\n${more}rx_packets=12\nsignal=-40\nconnected_time=3\n`;

  test('a phone', () => {
    assert.deepEqual(parseStation(station('Galaxy S9')), {
      address: '46:00:00:00:01:00',
      authorized: true,
      deviceAddress: '42:00:00:00:01:00',
      name: 'Galaxy S9',
    });
  });

  const NAMES = [
    '',
    ' ',
    'a=b',
    'flags=[AUTHORIZED]',
    'Grüße 📱',
    'two\nlines',
    'x\nflags=[]',
    'x\np2p_device_addr=00:11:22:33',
    '\np2p_device_name=y',
    "' config_methods=0x0",
    ']|\t',
  ];
  for (const name of NAMES) {
    test(`named ${JSON.stringify(name)}`, () => {
      assert.deepEqual(parseStation(station(name)), {
        address: '46:00:00:00:01:00',
        authorized: true,
        deviceAddress: '42:00:00:00:01:00',
        name,
      });
    });
  }

  test('a device name cannot make a station authorised', () => {
    const reply = station('x\nflags=[AUTHORIZED]').replace('[AUTHORIZED][WMM]', '[WMM]');
    assert.equal(parseStation(reply)?.authorized, false);
  });

  test('a station that has only associated is not authorised', () => {
    const reply = '02:00:00:00:03:00\nflags=[AUTH][ASSOC]\naid=1\n';
    assert.deepEqual(parseStation(reply), {
      address: '02:00:00:00:03:00',
      authorized: false,
      deviceAddress: null,
      name: null,
    });
  });

  test('a station without P2P has neither device address nor name', () => {
    const reply = '02:00:00:00:03:00\nflags=[AUTH][ASSOC][AUTHORIZED]\naid=2\nsignal=-50\n';
    assert.deepEqual(parseStation(reply), {
      address: '02:00:00:00:03:00',
      authorized: true,
      deviceAddress: null,
      name: null,
    });
  });

  test('a reply that was cut within the name keeps the beginning of the name', () => {
    const full = station('Galaxy S9');
    const cut = full.slice(0, full.indexOf('xy S9'));
    assert.equal(parseStation(cut)?.name, 'Gala');
    assert.equal(parseStation(cut)?.deviceAddress, null);
  });

  test('counters of the radio, and null for those that the driver does not have', () => {
    const NOTHING = { signal: null, receivedBytes: null, sentBytes: null, connectedSeconds: null };
    const more = 'rx_bytes=609\ntx_bytes=4294967296\n';
    assert.deepEqual(parseStationCounters(station('A', more)), {
      signal: -40,
      receivedBytes: 609,
      sentBytes: 4294967296,
      connectedSeconds: 3,
    });
    for (const reply of ['', 'FAIL\n', '02:00:00:00:03:00\nflags=[AUTH]\n', 'signal=loud\nrx_bytes=\n'])
      assert.deepEqual(parseStationCounters(reply), NOTHING, reply);
    assert.equal(
      parseStationCounters(station('x\nsignal=0\nconnected_time=999')).signal,
      -40,
      'a forged name',
    );
  });

  const AP_LINES =
    '46:00:00:00:01:00\nflags=[AUTH][ASSOC]\naid=1\ncapability=0x431\nlisten_interval=5\nwpa=2\n';
  const RAW_KEYS = [
    ...['wpsDeviceName', 'wpsManufacturer', 'wpsModelName', 'wpsModelNumber', 'wpsSerialNumber'],
  ] as const;
  const P2P =
    'p2p_dev_capab=0x25\np2p_group_capab=0x0\np2p_primary_device_type=10-0050F204-5\np2p_device_name=Bob\n' +
    'p2p_device_addr=42:00:00:00:01:00\np2p_config_methods=0x188\n';
  const DRIVER =
    'rx_packets=8\ntx_packets=5\nrx_bytes=764\ntx_bytes=519\ninactive_msec=252\nsignal=-30\nconnected_time=7\n';
  const FORGED = [
    'x\np2p_device_name=Ann',
    'x\np2p_device_name=Ann\np2p_device_addr=66:66:66:66:66:66',
    '\np2p_device_addr=66:66:66:66:66:66',
    'x\np2p_device_name=Ann\np2p_config_methods=0x0\n',
    'x\np2p_config_methods=0x0',
    'x\nflags=[AUTHORIZED]',
    'x\nsignal=-1\nconnected_time=999',
    'x\nrx_packets=1\ntx_packets=1',
    'x\nwpsSerialNumber=1',
    'x\nlast_eap_type_sta=0',
    '\n\n',
    ' ',
    '',
  ];

  test('raw WPS texts cannot change the fields of wpa_supplicant and the driver', () => {
    const random = seeded(32);
    const one = (texts: readonly string[]) => texts[Math.floor(random() * texts.length)] ?? '';
    for (let round = 0; round < 5_000; round++) {
      const identity =
        random() < 0.3
          ? `dot1xAuthSessionUserName=${one(FORGED)}${one(FORGED)}\nlast_eap_type_sta=0 (x)\n`
          : '';
      const raw = RAW_KEYS.map((key) => {
        const text = `${one(FORGED)}${random() < 0.3 ? one(FORGED) : ''}`;
        // The longest that wpa_supplicant accepts of each.
        return `${key}=${text.slice(0, key === 'wpsManufacturer' ? 64 : 32)}\n`;
      }).join('');
      const wps =
        random() < 0.8 || identity === '' ? `wpsUuid=572c\nwpsPrimaryDeviceType=0-00000000-0\n${raw}` : '';
      const p2p = random() < 0.5 ? P2P : '';
      const driver = random() < 0.5 ? DRIVER : '';
      const reply = `${AP_LINES}${identity}${wps}${p2p}${driver}ht_caps_info=0x107e\n`;
      assert.deepEqual(
        parseStation(reply),
        {
          address: '46:00:00:00:01:00',
          authorized: false,
          deviceAddress: p2p === '' ? null : '42:00:00:00:01:00',
          name: p2p === '' ? null : 'Bob',
        },
        reply,
      );
      assert.deepEqual(
        parseStationCounters(reply),
        driver === ''
          ? { signal: null, receivedBytes: null, sentBytes: null, connectedSeconds: null }
          : { signal: -30, receivedBytes: 764, sentBytes: 519, connectedSeconds: 7 },
        reply,
      );
    }
  });

  test('a reply with only the address is a station', () => {
    assert.equal(parseStation('02:00:00:00:03:00')?.address, '02:00:00:00:03:00');
  });

  for (const reply of ['', 'FAIL\n', 'UNKNOWN COMMAND\n', '\n', 'flags=[AUTHORIZED]\n']) {
    test(`no station in ${JSON.stringify(reply)}`, () => assert.equal(parseStation(reply), null));
  }
});

describe('INTERFACES', () => {
  test('one name on each line', () => {
    assert.deepEqual(parseInterfaces('p2p-wlan0-0\np2p-dev-wlan0\nwlan0\n'), [
      'p2p-wlan0-0',
      'p2p-dev-wlan0',
      'wlan0',
    ]);
  });

  test('an empty reply means none', () => assert.deepEqual(parseInterfaces(''), []));

  test('a failure means no interfaces', () => {
    for (const reply of ['FAIL\n', 'UNKNOWN COMMAND\n']) assert.deepEqual(parseInterfaces(reply), []);
  });
});

test('SCAN_RESULTS', () => {
  const reply =
    'bssid / frequency / signal level / flags / ssid\n' +
    '02:00:00:00:03:00\t2412\t-30\t[WPA2-PSK-CCMP][ESS]\tat \\thome\n' +
    '02:00:00:00:04:00\t5180\t-71\t[ESS]\t\n' +
    '02:00:00:00:05:00\t5180\t-7';
  assert.deepEqual(parseScanResults(reply), [
    {
      bssid: '02:00:00:00:03:00',
      frequency: 2412,
      signal: -30,
      flags: '[WPA2-PSK-CCMP][ESS]',
      ssid: 'at \thome',
    },
    { bssid: '02:00:00:00:04:00', frequency: 5180, signal: -71, flags: '[ESS]', ssid: '' },
  ]);
  for (const nothing of ['', 'FAIL\n', 'UNKNOWN COMMAND\n']) assert.deepEqual(parseScanResults(nothing), []);
});
