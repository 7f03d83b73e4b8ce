import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostP2pError } from '#src/system/errors.js';
import * as command from '#src/wpa/command.js';

const PHONE = '42:00:00:00:01:00';

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof HostP2pError && error.code === 'COMMAND_INVALID' && pattern.test(error.message);

describe('the allowed text of a control command', () => {
  test('every control character is refused, with its code and position', () => {
    const codes = [...Array.from({ length: 32 }, (_none, code) => code), 127];
    for (const code of codes) {
      const hex = code.toString(16).padStart(2, '0');
      assert.throws(
        () => command.checkCommand(`SET a b${String.fromCharCode(code)}c`),
        refused(new RegExp(`0x${hex} at 7\\b`)),
      );
    }
  });

  test('everything else is allowed: quotes, backslashes, UTF-8', () => {
    const text = 'SET device_name "it\'s" \\ Grüße 📱 \u0080';
    assert.equal(command.checkCommand(text), text);
  });

  test('8192 bytes are allowed and 8193 refused, counted in bytes', () => {
    assert.equal(command.MAX_COMMAND_BYTES, 8192);
    assert.equal(command.checkCommand('x'.repeat(8192)).length, 8192);
    assert.throws(() => command.checkCommand('x'.repeat(8193)), refused(/got 8193$/));
    assert.equal(command.checkCommand('ä'.repeat(4096)).length, 4096);
    assert.throws(() => command.checkCommand(`${'ä'.repeat(4096)}x`), refused(/got 8193$/));
  });

  test('an empty command is refused', () => {
    assert.throws(() => command.checkCommand(''), refused(/got 0$/));
  });
});

describe('the text of each command', () => {
  const TEXTS: readonly (readonly [string, string])[] = [
    [command.PING, 'PING'],
    [command.ATTACH, 'ATTACH'],
    [command.DETACH, 'DETACH'],
    [command.levelOfEvents(3), 'LEVEL 3'],
    [command.probe(7), 'GET hostp2pd-7'],
    [command.STATUS, 'STATUS'],
    [command.INTERFACES, 'INTERFACES'],
    [command.SAVE_CONFIG, 'SAVE_CONFIG'],
    [command.RECONFIGURE, 'RECONFIGURE'],
    [command.P2P_FIND, 'P2P_FIND'],
    [command.P2P_STOP_FIND, 'P2P_STOP_FIND'],
    [command.p2pFindSocial(10), 'P2P_FIND 10 type=social'],
    [command.ADD_NETWORK, 'ADD_NETWORK'],
    [command.STA_FIRST, 'STA-FIRST'],
    [command.get('config_methods'), 'GET config_methods'],
    [command.STATUS_DRIVER, 'STATUS-DRIVER'],
    [command.GET_NO_GROUP_INTERFACE, 'GET p2p_no_group_iface'],
    [command.GET_CHANNELS, 'GET_CAPABILITY freq'],
    [command.P2P_GET_PASSPHRASE, 'P2P_GET_PASSPHRASE'],
    [command.P2P_CANCEL, 'P2P_CANCEL'],
    [command.REBUILD_GROUP_ELEMENTS, 'WFD_SUBELEM_SET 10 '],
    [command.WPS_CANCEL, 'WPS_CANCEL'],
    [command.wpsPbc(PHONE), `WPS_PBC p2p_dev_addr=${PHONE}`],
    [command.provisionDiscovery(PHONE, 'keypad'), `P2P_PROV_DISC ${PHONE} keypad`],
    [command.inviteToGroup('p2p-wlan0-0', PHONE), `P2P_INVITE group=p2p-wlan0-0 peer=${PHONE}`],
    [command.inviteToProfile(2, PHONE), `P2P_INVITE persistent=2 peer=${PHONE}`],
    [command.getNetwork(3, 'mode'), 'GET_NETWORK 3 mode'],
    [command.getNetwork(0, 'p2p_client_list'), 'GET_NETWORK 0 p2p_client_list'],
    [command.removeClient(PHONE), `P2P_REMOVE_CLIENT ${PHONE}`],
    [command.deauthenticate(PHONE), `DEAUTHENTICATE ${PHONE}`],
    [command.p2pConnect(PHONE, { method: 'pbc' }, null, null), `P2P_CONNECT ${PHONE} pbc go_intent=15`],
    [
      command.p2pConnect(PHONE, { method: 'display', pin: '12345670' }, 'new', 'freq=2412'),
      `P2P_CONNECT ${PHONE} 12345670 display persistent go_intent=15 freq=2412`,
    ],
    [
      command.p2pConnect(PHONE, { method: 'keypad', pin: '1234' }, 3, ' go_intent=7 '),
      `P2P_CONNECT ${PHONE} 1234 keypad persistent=3 go_intent=7`,
    ],
    [command.set('device_name', 'My Pi'), 'SET device_name My Pi'],
    [command.set('country', ''), 'SET country '],
    [command.p2pSet('per_sta_psk', '1'), 'P2P_SET per_sta_psk 1'],
    [command.setNetwork(3, 'ssid 4449'), 'SET_NETWORK 3 ssid 4449'],
    [command.removeNetwork(3), 'REMOVE_NETWORK 3'],
    [command.selectNetwork(3), 'SELECT_NETWORK 3'],
    [command.SCAN, 'SCAN'],
    [command.SCAN_RESULTS, 'SCAN_RESULTS'],
    [command.DISCONNECT, 'DISCONNECT'],
    [command.RECONNECT, 'RECONNECT'],
    [command.listNetworks(null), 'LIST_NETWORKS'],
    [command.listNetworks(0), 'LIST_NETWORKS LAST_ID=0'],
    [command.listNetworks(41), 'LIST_NETWORKS LAST_ID=41'],
    [command.groupRemove('p2p-wlan0-0'), 'P2P_GROUP_REMOVE p2p-wlan0-0'],
    [command.staNext('46:00:00:00:01:00'), 'STA-NEXT 46:00:00:00:01:00'],
    [command.sta('46:00:00:00:01:00'), 'STA 46:00:00:00:01:00'],
    [command.groupAdd(null), 'P2P_GROUP_ADD'],
    [command.groupAdd(''), 'P2P_GROUP_ADD'],
    [command.groupAdd('  '), 'P2P_GROUP_ADD'],
    [command.groupAdd(' freq=2 ht40 '), 'P2P_GROUP_ADD freq=2 ht40'],
    [command.groupAddPersistent(null), 'P2P_GROUP_ADD persistent'],
    [command.groupAddPersistent('freq=5180'), 'P2P_GROUP_ADD persistent freq=5180'],
    [command.groupAddProfile(0, null), 'P2P_GROUP_ADD persistent=0'],
    [command.groupAddProfile(7, 'ht40'), 'P2P_GROUP_ADD persistent=7 ht40'],
    [command.wpsPin('any', '12345670', 60), 'WPS_PIN any 12345670 60'],
    [command.wpsPin('42:00:00:00:01:00', '0123', 59.2), 'WPS_PIN 42:00:00:00:01:00 0123 60'],
  ];
  for (const [built, text] of TEXTS) test(text, () => assert.equal(built, text));

  test('every command of the module is tested above', () => {
    const tested = new Set(TEXTS.map(([, text]) => text));
    for (const [name, value] of Object.entries(command)) {
      if (typeof value === 'string') assert.ok(tested.has(value), name);
    }
    assert.equal(Object.values(command).filter((value) => typeof value === 'function').length, 26);
  });
});

describe('values from a configuration cannot add a second line', () => {
  const BUILDERS: readonly (readonly [string, () => string])[] = [
    ['set', () => command.set('device_name', 'x\nTERMINATE')],
    ['set key', () => command.set('device_name\n', 'x')],
    ['p2pSet', () => command.p2pSet('ssid_postfix', 'x\r')],
    ['p2pConnect', () => command.p2pConnect(PHONE, { method: 'pbc' }, null, 'freq=2\nTERMINATE')],
    ['setNetwork', () => command.setNetwork(0, 'psk "x\0"')],
    ['groupAdd', () => command.groupAdd('freq=2\nht40')],
    ['groupAddPersistent', () => command.groupAddPersistent('freq=2\tht40')],
    ['groupAddProfile', () => command.groupAddProfile(0, 'freq=2\u007fht40')],
    ['wpsPin', () => command.wpsPin('any', '1234\n', 60)],
  ];
  for (const [name, build] of BUILDERS)
    test(name, () => assert.throws(() => command.checkCommand(build()), refused(/control character/)));
});
