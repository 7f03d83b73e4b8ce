import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventName, EventOf, WpaEvent } from '#src/wpa/event.js';
import { EVENT_NAMES, parseEvent } from '#src/wpa/event.js';
import { seeded } from '../../fakes/seeded.js';
import { LINES, SAMPLES } from './event-samples.js';
import { IGNORED_EVENTS } from './ignored-samples.js';

/** The event, which must be of that type. */
function parsed<T extends EventName>(type: T, rest: string): EventOf<T> {
  const event: WpaEvent = parseEvent(`${type} ${rest}`);
  const isWanted = (e: WpaEvent): e is EventOf<T> => e.type === type;
  if (!isWanted(event)) assert.fail(`${type} was read as ${JSON.stringify(event)}`);
  return event;
}

function malformed(text: string): void {
  const name = text.split(' ', 1)[0];
  assert.deepEqual(parseEvent(text), { type: 'unknown', name, text, malformed: true });
}

describe('lines in the form of wpa_supplicant', () => {
  for (const { name, text, fields } of LINES) {
    test(text, () => assert.deepEqual(parseEvent(text), { type: name, ...fields }));
  }

  test('every event that the codec knows has a sample, and no sample is of an unknown event', () => {
    assert.deepEqual(Object.keys(SAMPLES).sort(), [...EVENT_NAMES].sort());
  });

  test('a name without fields is accepted with and without a space after it', () => {
    assert.deepEqual(parseEvent('AP-ENABLED'), parseEvent('AP-ENABLED '));
    assert.equal(parseEvent('CTRL-EVENT-TERMINATING').type, 'CTRL-EVENT-TERMINATING');
  });

  test('a group event with an invalid interface name is malformed', () => {
    for (const name of ['../../../tmp/evil', '/', '..', '.', 'a/b', 'p2p-0123456789-12', 'p2p:0', 'a\tb']) {
      malformed(`P2P-GROUP-STARTED ${name} GO ssid="DIRECT-x" freq=2412 go_dev_addr=42:00:00:00:00:00`);
      malformed(`P2P-GROUP-REMOVED ${name} GO reason=REQUESTED`);
    }
  });

  test('addresses become lower case', () => {
    const event = parsed('AP-STA-CONNECTED', 'AA:BB:CC:DD:EE:FF p2p_dev_addr=AA:BB:CC:00:00:01');
    assert.equal(event.address, 'aa:bb:cc:dd:ee:ff');
    assert.equal(event.deviceAddress, 'aa:bb:cc:00:00:01');
  });
});

describe('events that the codec does not know', () => {
  const UNKNOWN = [
    'P2P: Reject scan trigger since one is already pending',
    'DFS-CAC-START freq=5260 chan=52 sec_chan=1, width=0, seg0=0, seg1=0, cac_time=60s',
    'P2PS-PROV-START 42:00:00:00:01:00 adv_id=4d2 conncap=2',
    'CTRL-EVENT-SIGNAL-CHANGE above=0 signal=-90',
    'AP-STA-CONNECTED-LATER 46:00:00:00:01:00',
    'ap-enabled',
    '',
    ' ',
    'toString',
    'constructor x',
    '__proto__ x=1',
  ];
  for (const text of [...UNKNOWN, ...IGNORED_EVENTS.map(([, later]) => later)]) {
    test(`unknown, with the whole text: ${JSON.stringify(text)}`, () => {
      const name = text.split(' ', 1)[0] ?? '';
      assert.deepEqual(parseEvent(text), { type: 'unknown', name, text, malformed: false });
    });
  }

  test('keys that a later release adds are kept', () => {
    assert.deepEqual(parsed('P2P-DEVICE-LOST', 'p2p_dev_addr=42:00:00:00:01:00 why=age seen=3').extra, {
      why: 'age',
      seen: '3',
    });
    assert.deepEqual(parsed('AP-ENABLED', 'link_id=0').extra, { link_id: '0' });
    const started = parsed(
      'P2P-GROUP-STARTED',
      'g GO ssid="x" freq=2412 go_dev_addr=42:00:00:00:00:00 link=1',
    );
    assert.deepEqual(started.extra, { link: '1' });
  });

  test('a key with the name __proto__ is a key like others', () => {
    const { extra } = parsed('AP-ENABLED', '__proto__=x');
    assert.deepEqual(Object.entries(extra), [['__proto__', 'x']]);
    assert.equal(Object.getPrototypeOf(extra), Object.prototype);
  });

  test('an invitation of a later release may hold an SSID with spaces', () => {
    const event = parsed(
      'P2P-INVITATION-ACCEPTED',
      'sa=42:00:00:00:01:00 persistent=1 freq=2437 ssid="my sa=00:00:00:00:00:00 persistent=9" go_dev_addr=42:00:00:00:00:00',
    );
    assert.equal(event.from, '42:00:00:00:01:00');
    assert.equal(event.persistent, 1);
    assert.equal(event.frequency, 2437);
  });

  test('the SSID of an invitation cannot forge a field, even if its quotes are not escaped', () => {
    const accepted = parsed(
      'P2P-INVITATION-ACCEPTED',
      'sa=42:00:00:00:01:00 persistent=1 ssid="x" freq=5180 y" go_dev_addr=42:00:00:00:00:00',
    );
    assert.equal(accepted.frequency, null);
    assert.deepEqual(accepted.extra, { go_dev_addr: '42:00:00:00:00:00' });
    const result = parsed(
      'P2P-INVITATION-RESULT',
      'status=1 ssid=" 46:00:00:00:01:00 " go_dev_addr=42:00:00:00:00:00',
    );
    assert.deepEqual([result.status, result.bssid], [1, null]);
  });
});

describe('malformed events', () => {
  const WRONG = [
    'P2P-DEVICE-FOUND ',
    "P2P-DEVICE-FOUND 42:00:00:00:01 p2p_dev_addr=42:00:00:00:01:00 name='x'",
    'P2P-DEVICE-LOST ',
    'P2P-DEVICE-LOST p2p_dev_addr=42:00:00:00:01',
    'P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00',
    'P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00 123',
    'P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00 123456789',
    'P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00 1234567x',
    'P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00',
    'P2P-PROV-DISC-ENTER-PIN phone',
    'P2P-PROV-DISC-PBC-REQ ',
    'P2P-PROV-DISC-FAILURE status=1',
    'P2P-GO-NEG-REQUEST dev_passwd_id=4',
    'P2P-GROUP-STARTED p2p-wlan0-0',
    'P2P-GROUP-STARTED p2p-wlan0-0 AP ssid="x"',
    'P2P-GROUP-STARTED p2p-wlan0-0 GO ssid="open',
    'P2P-GROUP-REMOVED p2p-wlan0-0',
    'P2P-GROUP-REMOVED p2p-wlan0-0 owner',
    'P2P-INVITATION-RECEIVED persistent=0',
    'P2P-INVITATION-ACCEPTED ',
    'P2P-CROSS-CONNECT-ENABLE p2p-wlan0-0',
    'AP-STA-CONNECTED ',
    'AP-STA-DISCONNECTED someone',
    'AP-REJECTED-MAX-STA 1',
    'CTRL-EVENT-EAP-FAILURE ',
    'CTRL-EVENT-NETWORK-ADDED x',
    'CTRL-EVENT-NETWORK-REMOVED ',
    'WPS-ENROLLEE-SEEN 46:00:00:00:01:00 uuid 1-1-1 0x3148 0 1',
    'WPS-ENROLLEE-SEEN somebody uuid 1-1-1 0x3148 0 1 [x]',
    'WPS-ENROLLEE-SEEN 46:00:00:00:01:00 uuid 1-1-1 0xfffffffffffffffff 0 1 [x]',
    'WPS-ENROLLEE-SEEN 46:00:00:00:01:00 uuid 1-1-1 0x3148 99999999999999999 1 [x]',
    'WPS-ENROLLEE-SEEN 46:00:00:00:01:00 uuid 1-1-1 0x3148 0 99999999999999999 [x]',
    'WPS-PIN-NEEDED uuid [x|y]',
    'WPS-REG-SUCCESS uuid',
    'CTRL-EVENT-AUTH-REJECT status_code=1',
    'CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="open',
    'CTRL-EVENT-SSID-REENABLED ssid="home"',
  ];
  for (const text of WRONG) test(`malformed, with the whole text: ${text}`, () => malformed(text));

  test('an invalid number is missing, and never NaN', () => {
    for (const word of ['', 'N/A', '1x', '0x', '-', '-0x1', '1e3', '9'.repeat(400)]) {
      assert.equal(parsed('P2P-GO-NEG-FAILURE', `status=${word}`).status, null, word);
    }
  });
});

describe('names of devices', () => {
  const TAIL = "' config_methods=0x188 dev_capab=0x25 group_capab=0x0";
  const HEAD = "p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=10-0050F204-5 name='";
  const NAMES = [
    "Tom's phone",
    "'",
    "''''",
    "' ",
    " name='",
    "x name='y",
    ' p2p_dev_addr=00:11:22:33:44:55',
    "' config_methods=0x0",
    "' config_methods=",
    "' config_methods='",
    '" go_dev_addr=',
    'Grüße von 東京',
    '📱📱📱📱📱📱📱📱',
    'a]b',
    'a|b|c',
    'line\nbreak',
    'new=0',
    "' group=eth0",
    'x'.repeat(32),
    `${'x'.repeat(15)}' config_methods=`,
    '',
    ' ',
  ];

  for (const name of NAMES) {
    test(`found: ${JSON.stringify(name)}`, () => {
      assert.ok(Buffer.byteLength(name) <= 32, 'the sample fits the field');
      const event = parsed('P2P-DEVICE-FOUND', `46:00:00:00:01:00 ${HEAD}${name}${TAIL} new=1`);
      assert.deepEqual(event, {
        type: 'P2P-DEVICE-FOUND',
        address: '46:00:00:00:01:00',
        deviceAddress: '42:00:00:00:01:00',
        deviceType: '10-0050F204-5',
        name,
        configMethods: 0x188,
        deviceCapability: 0x25,
        groupCapability: 0,
        isNew: true,
        extra: {},
      });
    });

    test(`provision discovery: ${JSON.stringify(name)}`, () => {
      const event = parsed(
        'P2P-PROV-DISC-SHOW-PIN',
        `42:00:00:00:01:00 12345670 ${HEAD}${name}${TAIL} group=p2p-wlan0-0`,
      );
      assert.equal(event.device?.name, name);
      assert.equal(event.device?.deviceAddress, '42:00:00:00:01:00');
      assert.equal(event.device?.configMethods, 0x188);
      assert.equal(event.group, 'p2p-wlan0-0');
      assert.equal(event.pin, '12345670');
    });

    test(`WPS: ${JSON.stringify(name)}`, () => {
      const seen = parsed('WPS-ENROLLEE-SEEN', `46:00:00:00:01:00 uuid 10-0050F204-5 0x188 0 1 [${name}]`);
      assert.equal(seen.name, name.trim());
      assert.equal(seen.devicePasswordId, 0);
      const needed = parsed('WPS-PIN-NEEDED', `uuid 46:00:00:00:01:00 [${name}|samsung|a|b|c|10-0050F204-5]`);
      assert.equal(needed.description, `${name}|samsung|a|b|c|10-0050F204-5`);
      assert.equal(needed.address, '46:00:00:00:01:00');
    });
  }

  test('a service name that contains the delimiter of the name forges neither name nor keys', () => {
    const event = parsed(
      'P2P-DEVICE-FOUND',
      `42:00:00:00:01:00 ${HEAD}P${TAIL} adv_id=4d2 asp_svc=a' config_methods=0xffff group_capab=0xff new=0`,
    );
    assert.equal(event.name, 'P');
    assert.equal(event.configMethods, 0x188);
    assert.equal(event.groupCapability, 0);
  });

  test('a nameless device with a service name that contains the delimiter stays nameless', () => {
    const event = parsed(
      'P2P-DEVICE-FOUND',
      `42:00:00:00:01:00 ${HEAD}${TAIL} adv_id=4d2 asp_svc=' config_methods=0xffff`,
    );
    assert.equal(event.name, '');
    assert.equal(event.configMethods, 0x188);
  });

  test('a service name is one text, whatever it looks like', () => {
    const event = parsed(
      'P2P-DEVICE-FOUND',
      `42:00:00:00:01:00 ${HEAD}P${TAIL} adv_id=4d2 asp_svc=x new=0 wfd_dev_info=0x0`,
    );
    assert.equal(event.isNew, true);
    assert.deepEqual(event.extra, { adv_id: '4d2', asp_svc: 'x new=0 wfd_dev_info=0x0' });
  });

  test("a deferred session's text forges neither the address nor the status", () => {
    const event = parsed(
      'P2P-PROV-DISC-FAILURE',
      "p2p_dev_addr=42:00:00:00:01:00 status=4 adv_id=4d2 deferred_session_resp='x p2p_dev_addr=00:11:22:33:44:55 status=0'",
    );
    assert.equal(event.deviceAddress, '42:00:00:00:01:00');
    assert.equal(event.status, 4);
  });

  test('bytes that are not UTF-8 do not shift the fields', () => {
    const event = parsed('P2P-DEVICE-FOUND', `42:00:00:00:01:00 ${HEAD}${'\ufffd'.repeat(32)}${TAIL} new=1`);
    assert.equal(event.name, '\ufffd'.repeat(32));
    assert.equal(event.configMethods, 0x188);
  });

  test('a line cut after the name: the remaining fields are missing', () => {
    const event = parsed(
      'P2P-PROV-DISC-PBC-REQ',
      `42:00:00:00:01:00 ${HEAD}Phone' config_methods=0x188 dev_ca`,
    );
    assert.equal(event.device?.name, 'Phone');
    assert.equal(event.device?.configMethods, 0x188);
    assert.equal(event.device?.deviceCapability, null);
    assert.equal(event.device?.groupCapability, null);
    assert.equal(event.group, null);
  });

  test('a line cut within the name: the beginning of the name is kept', () => {
    const event = parsed('P2P-PROV-DISC-PBC-REQ', `42:00:00:00:01:00 ${HEAD}Pho`);
    assert.equal(event.device?.name, 'Pho');
    assert.equal(event.device?.deviceAddress, '42:00:00:00:01:00');
    assert.equal(event.device?.configMethods, null);
  });

  test('a line of 300 bytes is parsed, wherever the group name ends', () => {
    const full = `42:00:00:00:01:00 ${HEAD}${'n'.repeat(32)}${TAIL} group=p2p-wlan0-0`.padEnd(318, '0');
    for (let length = full.indexOf('group=') + 7; length <= full.length; length++) {
      const event = parsed('P2P-PROV-DISC-PBC-REQ', full.slice(0, length));
      assert.equal(event.device?.name, 'n'.repeat(32));
      const name = full.slice(full.indexOf('group=') + 6, length);
      // The kernel has no longer names.
      assert.equal(event.group, name.length <= 15 ? name : null);
    }
  });
});

describe('long and short form of provision discovery', () => {
  test('without p2p_dev_addr it is the answer to our own request', () => {
    for (const type of [
      'P2P-PROV-DISC-ENTER-PIN',
      'P2P-PROV-DISC-PBC-REQ',
      'P2P-PROV-DISC-PBC-RESP',
    ] as const) {
      const event = parsed(type, '42:00:00:00:01:00');
      assert.equal(event.device, null);
      assert.equal(event.peerIsOwner, null);
    }
  });

  test('with it, it is the request of a peer', () => {
    const event = parsed(
      'P2P-PROV-DISC-SHOW-PIN',
      '46:00:00:00:01:00 12345670 p2p_dev_addr=42:00:00:00:01:00',
    );
    assert.equal(event.device?.deviceAddress, '42:00:00:00:01:00');
    assert.equal(event.device?.name, null);
  });

  test('an invalid device address is replaced by the address at the beginning', () => {
    const event = parsed('P2P-PROV-DISC-PBC-REQ', '46:00:00:00:01:00 p2p_dev_addr=?');
    assert.equal(event.device?.deviceAddress, '46:00:00:00:01:00');
  });
});

describe('SSIDs and passphrases of a group', () => {
  const end = 'go_dev_addr=42:00:00:00:00:00 [PERSISTENT]';
  const PASSPHRASES = [
    'with spaces in it',
    'a"quote',
    '"""""""""',
    'x" go_dev_addr=00:11:22:33:44:55',
    'x" go_dev_addr=',
    ' passphrase="again"',
    ' freq=1 psk=00',
    '[PERSISTENT]',
    "' config_methods=0x0",
    'back\\slash\\',
    '\\"escaped\\"',
    'p'.repeat(63),
  ];
  for (const passphrase of PASSPHRASES) {
    test(`passphrase: ${passphrase}`, () => {
      const event = parsed('P2P-GROUP-STARTED', `g0 GO ssid="s" freq=2437 passphrase="${passphrase}" ${end}`);
      assert.deepEqual(event, {
        type: 'P2P-GROUP-STARTED',
        interface: 'g0',
        role: 'GO',
        ssid: 's',
        ssidHex: '73',
        frequency: 2437,
        passphrase,
        psk: null,
        goDeviceAddress: '42:00:00:00:00:00',
        persistent: true,
        extra: {},
      });
    });
  }

  const SSIDS = [
    { printed: 'DIRECT-a b', ssid: 'DIRECT-a b' },
    { printed: 'say \\"hi\\"', ssid: 'say "hi"' },
    { printed: '\\" freq=1 passphrase=\\"x\\" go_dev_addr=00:11:22:33:44:55', ssid: null },
    { printed: 'back\\\\', ssid: 'back\\' },
    { printed: 'back\\\\\\"', ssid: 'back\\"' },
    { printed: '\\xc3\\xa4', ssid: 'ä' },
    { printed: '\\n\\t\\r\\e', ssid: '\n\t\r\u001b' },
    { printed: '\\xff\\x00', ssid: '\ufffd\u0000' },
    { printed: '', ssid: '' },
  ];
  for (const { printed, ssid } of SSIDS) {
    test(`ssid: ${printed}`, () => {
      const event = parsed(
        'P2P-GROUP-STARTED',
        `g0 GO ssid="${printed}" freq=2437 passphrase="secretly" ${end}`,
      );
      assert.equal(event.ssid, ssid ?? printed.replaceAll('\\"', '"'));
      assert.equal(event.passphrase, 'secretly');
      assert.equal(event.frequency, 2437);
      assert.equal(event.goDeviceAddress, '42:00:00:00:00:00');
    });
  }

  test('the copy in the log has no passphrase, and can be parsed nevertheless', () => {
    const event = parsed('P2P-GROUP-STARTED', `g0 GO ssid="s" freq=2437 ${end}`);
    assert.equal(event.passphrase, null);
    assert.equal(event.persistent, true);
  });
});

describe('nothing throws', () => {
  /** Parses, and checks the type of each field of the result. */
  function check(text: string): void {
    const event = parseEvent(text);
    if (event.type === 'unknown') {
      assert.equal(event.text, text);
    } else {
      assert.ok(text.startsWith(event.type));
    }
    for (const value of Object.values(event)) assert.ok(!Number.isNaN(value), text);
  }

  test('every sample cut at every length', () => {
    let cuts = 0;
    for (const { text } of LINES) {
      for (let length = 0; length <= text.length; length++, cuts++) check(text.slice(0, length));
    }
    assert.ok(cuts > 3_000);
  });

  test('20,000 mutated lines', () => {
    const random = seeded(20_250_101);
    const below = (n: number) => Math.floor(random() * n);
    const pick = <T>(items: readonly T[]): T => {
      const item = items[below(items.length)];
      assert.ok(item !== undefined);
      return item;
    };
    const BITS = [
      ' ',
      '=',
      "'",
      '"',
      '\\',
      '\n',
      '\0',
      '[',
      ']',
      '|',
      '0x',
      '-',
      '-0x1',
      'ä',
      '📱',
      '\ufffd',
      '\ud800',
      "' config_methods=",
      '" go_dev_addr=',
      " name='",
      ' passphrase="',
      ' group=',
      '__proto__=',
      '9'.repeat(400),
    ];
    const mutate = (text: string): string => {
      const at = below(text.length + 1);
      const length = below(8);
      switch (below(5)) {
        case 0:
          return text.slice(0, at) + pick(BITS) + text.slice(at);
        case 1:
          return text.slice(0, at) + text.slice(at + length);
        case 2:
          return text.slice(0, at) + String.fromCharCode(below(0x180)) + text.slice(at + 1);
        case 3:
          return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
        default:
          return text.slice(0, at) + pick(LINES).text.slice(below(40));
      }
    };
    let known = 0;
    for (let i = 0; i < 20_000; i++) {
      let { text } = pick(LINES);
      for (let changes = 1 + below(3); changes > 0; changes--) text = mutate(text);
      check(text);
      if (parseEvent(text).type !== 'unknown') known += 1;
    }
    assert.ok(known > 4_000, 'enough mutated lines still reach the parsers of the fields');
  });

  test('a long line of quotes is parsed quickly', () => {
    const before = performance.now();
    for (const bit of ['\\"', "' config_methods=", '" go_dev_addr=', ' ', 'a=', '[', ']']) {
      const long = bit.repeat(20_000);
      check(`P2P-GROUP-STARTED g0 GO ssid="${long}`);
      check(`P2P-GROUP-STARTED g0 GO ssid="x" passphrase="${long}`);
      check(`P2P-DEVICE-FOUND 42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 name='${long}`);
      check(`WPS-ENROLLEE-SEEN 46:00:00:00:01:00 u 1-1-1 0x1 0 1 [${long}`);
      check(`WPS-PIN-NEEDED u 46:00:00:00:01:00 [${long}`);
    }
    assert.ok(performance.now() - before < 2_000);
  });
});
