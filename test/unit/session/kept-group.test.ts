import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, GROUP, OWN_ADDRESS, Phone, STARTED } from './dialogue.js';

/** The persistent group is kept in the state file, so that it survives when wpa_supplicant loses its profile. */

const phone = new Phone(1, 'A');
const SSID = Buffer.from('DIRECT-PP').toString('hex');
const KEPT = {
  ssidHex: SSID,
  passphrase: 'my "secret" pass',
  psk: null,
  clients: [phone.device],
  forgotten: [],
};

const LINES = [
  `ssid ${SSID}`,
  'psk "my "secret" pass"',
  'proto RSN',
  'key_mgmt WPA-PSK',
  'pairwise CCMP',
  'auth_alg OPEN',
  `bssid ${OWN_ADDRESS}`,
  `p2p_client_list ${phone.device}`,
  'mode 3',
  'disabled 2',
];

function toldToStore(d: Dialogue, id: number): Dialogue {
  d.reply('ADD_NETWORK', `${id}\n`);
  assert.deepEqual(
    d.commands(),
    LINES.map((line) => `SET_NETWORK ${id} ${line}`),
  );
  for (const line of LINES) d.answer({ kind: 'set-network', line }, 'OK\n');
  return d;
}

describe('what the state file keeps', () => {
  test('name, passphrase and each phone that joins', () => {
    const d = new Dialogue().toRunning();
    assert.deepEqual(d.stored, {
      ssidHex: SSID,
      passphrase: 'mysecretpassword',
      psk: null,
      clients: [],
      forgotten: [],
    });
    d.event('device', phone.asksByPin).event('group', phone.joins);
    d.reply('GET_NETWORK 0 p2p_client_list', phone.device);
    assert.deepEqual(d.stored?.clients, [phone.device]);
  });

  test('the phones, if the same group starts again; not if another one does', () => {
    const d = new Dialogue();
    d.stored = KEPT;
    d.toRunning();
    assert.deepEqual(d.stored?.clients, [phone.device]);
    const another = new Dialogue();
    another.stored = { ...KEPT, ssidHex: '00' };
    another.toRunning();
    assert.deepEqual(another.stored?.clients, []);
  });

  test('the PSK, if wpa_supplicant reports no passphrase', () => {
    const psk = 'ab'.repeat(32);
    const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
    d.event('device', STARTED.replace('passphrase="mysecretpassword"', `psk=${psk}`));
    assert.deepEqual(d.stored, { ssidHex: SSID, passphrase: null, psk, clients: [], forgotten: [] });
  });

  test('nothing about a group that is not persistent', () => {
    const d = new Dialogue({
      activate_persistent_group: false,
      activate_autonomous_group: true,
    }).toChoosing();
    d.hookDone('start_group').event('device', STARTED.replace(' [PERSISTENT]', '')).up('group');
    assert.equal(d.stored, null);
    assert.ok(!d.commands().some((command) => /NETWORK|PASSPHRASE/.test(command)));
  });

  test('a group that was up already: its profile is found by name, and its passphrase is requested', () => {
    const d = new Dialogue()
      .give({ type: 'start' })
      .up('device')
      .reply('INTERFACES', `${GROUP}\n`)
      .up('group');
    d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
    assert.deepEqual(d.commands(), [
      'group: WPS_CANCEL',
      'group: STATUS',
      'group: STA-FIRST',
      'LIST_NETWORKS',
    ]);
    d.reply('LIST_NETWORKS', '0\tother\tany\t\n2\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n');
    assert.deepEqual(d.commands(), ['GET_NETWORK 2 p2p_client_list', 'group: P2P_GET_PASSPHRASE']);
    d.reply('P2P_GET_PASSPHRASE', 'from the group');
    assert.deepEqual(d.stored, {
      ssidHex: SSID,
      passphrase: 'from the group',
      psk: null,
      clients: [],
      forgotten: [],
    });
    assert.equal(d.state.networkId, 2);
  });
});

describe('how the state file is used', () => {
  test('wpa_supplicant was started without a configuration file: the profile is created again, then the group', () => {
    const d = new Dialogue();
    d.stored = KEPT;
    d.toChoosing().profiles();
    assert.deepEqual(d.commands(), ['ADD_NETWORK']);
    toldToStore(d, 0);
    assert.deepEqual(d.hooks(), [['start_group', '0']]);
    assert.deepEqual(d.hookDone('start_group').commands(), ['P2P_GROUP_ADD persistent=0']);
  });

  test('on demand the profile is created as well, so that a phone can restart the group by itself', () => {
    const d = new Dialogue({ dynamic_group: true });
    d.stored = KEPT;
    d.toChoosing().profiles();
    toldToStore(d, 3);
    assert.deepEqual([d.hooks(), d.phase, d.state.networkId], [[], 'idle', 3]);
  });

  test('persistent_network_id names a profile that was dropped: it is created again, with a new network id', () => {
    const d = new Dialogue({ persistent_network_id: 4 });
    d.stored = KEPT;
    d.toChoosing().profiles();
    assert.deepEqual(d.commands(), ['ADD_NETWORK']);
    // And it is found by the new id the next time.
    const again = new Dialogue({ persistent_network_id: 4 });
    again.stored = KEPT;
    again.toChoosing();
    again.reply(
      'LIST_NETWORKS',
      '0\tDIRECT-zz\tany\t[P2P-PERSISTENT]\n9\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n',
    );
    assert.deepEqual(again.commands(), ['GET_NETWORK 9 mode']);
  });

  test('a profile of wpa_supplicant takes precedence over the state file, and network_parms as well', () => {
    for (const [settings, profiles, first] of [
      [{}, [[0, 'DIRECT-xx']], 'GET_NETWORK 0 mode'],
      [{ network_parms: ['ssid "DIRECT-new"'] }, [], 'ADD_NETWORK'],
    ] as const) {
      const d = new Dialogue(settings);
      d.stored = KEPT;
      d.toChoosing();
      d.reply(
        'LIST_NETWORKS',
        profiles.map(([id, ssid]) => `${id}\t${ssid}\tany\t[P2P-PERSISTENT]\n`).join(''),
      );
      assert.deepEqual(d.commands(), [first]);
      if (first === 'ADD_NETWORK')
        assert.ok(d.reply('ADD_NETWORK', '0\n').commands().includes('SET_NETWORK 0 ssid "DIRECT-new"'));
    }
  });

  test('a profile dropped while the group runs, as happens when a phone has forgotten the group: put back', () => {
    const d = new Dialogue();
    d.stored = KEPT;
    d.toRunning().event('device', phone.asksByPin).event('group', phone.joins);
    const kept = d.stored;
    d.reply('GET_NETWORK 0 p2p_client_list', 'FAIL\n');
    // A profile that no phone has joined has no list either.
    assert.deepEqual(d.commands(), ['GET_NETWORK 0 mode']);
    d.reply('GET_NETWORK 0 mode', 'FAIL\n');
    assert.deepEqual(d.commands(), ['ADD_NETWORK']);
    d.reply('ADD_NETWORK', '1\n');
    assert.ok(d.commands().includes(`SET_NETWORK 1 psk "${kept?.passphrase}"`));
    assert.ok(d.commands().includes(`SET_NETWORK 1 p2p_client_list ${phone.device}`));
    assert.equal(d.state.phase.name === 'running' && d.state.phase.group.networkId, 1);
  });

  test('a phone of the group enrols again: the profile is checked at once, for wpa_supplicant may have dropped it', () => {
    const d = new Dialogue();
    d.stored = KEPT;
    d.toRunning().event('device', phone.asksByPin);
    assert.ok(d.commands().includes('GET_NETWORK 0 p2p_client_list'));
    assert.ok(
      !d.event('device', new Phone(2, 'B').asksByPin).commands().includes('GET_NETWORK 0 p2p_client_list'),
    );
    const idle = new Dialogue({ dynamic_group: true });
    idle.stored = KEPT;
    idle.toChoosing().profiles([0, 'DIRECT-PP']).event('device', phone.asksByPinAlone);
    assert.deepEqual(idle.commands(), ['LIST_NETWORKS']);
    assert.deepEqual(idle.profiles().commands(), ['ADD_NETWORK']);
  });

  test('two checks at once that miss the profile create it only once', () => {
    const d = new Dialogue();
    d.stored = KEPT;
    d.toRunning();
    assert.deepEqual(d.answer({ kind: 'group-profile-mode' }, 'FAIL\n').commands(), ['ADD_NETWORK']);
    assert.deepEqual(d.answer({ kind: 'group-profile-mode' }, 'FAIL\n').commands(), []);
    d.answer({ kind: 'restore-profile' }, 'FAIL\n');
    assert.deepEqual(d.answer({ kind: 'group-profile-mode' }, 'FAIL\n').commands(), ['ADD_NETWORK']);
  });

  test('put back and dropped once more: put back again', () => {
    const d = new Dialogue();
    d.stored = KEPT;
    d.toRunning().answer({ kind: 'group-profile-mode' }, 'FAIL\n').reply('ADD_NETWORK', '1\n');
    assert.deepEqual(d.answer({ kind: 'group-profile-mode' }, 'FAIL\n').commands(), ['ADD_NETWORK']);
  });

  test('a profile that is still there is left alone', () => {
    const d = new Dialogue().toRunning();
    d.answer({ kind: 'group-clients' }, 'FAIL\n').reply('GET_NETWORK 0 mode', '3');
    assert.deepEqual(d.commands(), []);
  });
});

describe('the state file is newer than a configuration file that is not written', () => {
  const other = new Phone(2, 'B');
  const gone = new Phone(3, 'C');
  const kept = { ...KEPT, clients: [phone.device], forgotten: [gone.device] };
  const LOOK = 'GET_NETWORK 0 p2p_client_list';

  test('after a restart its phones are put back, and forgotten phones are removed again', () => {
    const d = new Dialogue({ dynamic_group: true });
    d.stored = kept;
    d.toChoosing().profiles([0, 'DIRECT-PP']);
    assert.ok(d.commands().includes(LOOK));
    d.reply(LOOK, `${other.device} ${gone.device}`);
    assert.deepEqual(d.commands(), [
      `P2P_REMOVE_CLIENT ${gone.device}`,
      `SET_NETWORK 0 p2p_client_list ${phone.device} ${other.device}`,
    ]);
    assert.deepEqual(d.stored, { ...kept, clients: [phone.device, other.device] });
  });

  test('the same if the group is up already, and if its profile has no phones', () => {
    const running = new Dialogue();
    running.stored = kept;
    running.toRunning();
    // The list was requested before the group was formed; this repeats it as if the group had been found up.
    running.state = {
      ...running.state,
      supplicant: { ...running.state.supplicant, freshFromFile: true },
    };
    running.answer({ kind: 'group-clients' }, 'FAIL\n').reply('GET_NETWORK 0 mode', '3');
    assert.deepEqual(running.commands(), [
      `P2P_REMOVE_CLIENT ${gone.device}`,
      `SET_NETWORK 0 p2p_client_list ${phone.device}`,
    ]);
  });

  test('not if wpa_supplicant kept running: its own list of joined and forgotten phones is newer', () => {
    const d = new Dialogue({ dynamic_group: true });
    d.stored = kept;
    d.give({ type: 'start' }).up('device');
    d.values({
      update_config: '0',
      config_methods: 'keypad hostp2pd:KEYPAD,1,1,0.0.0.0,0.0.0.0,0.0.0.0,0.0.0.0',
    });
    d.answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']);
    assert.ok(!d.commands().includes(LOOK));
  });

  test('a forgotten phone stays forgotten until it joins again', () => {
    const d = new Dialogue();
    d.stored = { ...KEPT, clients: [phone.device, other.device] };
    d.toRunning().answer({ kind: 'group-clients' }, `${phone.device} ${other.device}`);
    d.operate({ kind: 'forget', deviceAddress: other.device });
    d.answer({ kind: 'operator', id: 1, what: { kind: 'forget', deviceAddress: other.device } }, 'OK\n');
    assert.deepEqual([d.stored?.clients, d.stored?.forgotten], [[phone.device], [other.device]]);
    d.answer({ kind: 'group-clients' }, `${other.device} ${phone.device}`);
    assert.deepEqual([d.stored?.clients, d.stored?.forgotten], [[other.device, phone.device], []]);
  });

  test('a reload makes wpa_supplicant read a file without the group: its profile is created again', () => {
    const d = new Dialogue().toRunning().configure({}).values();
    d.answer({ kind: 'group-profile', before: [] }, 'network id / ssid / bssid / flags\n');
    assert.deepEqual(d.commands(), ['ADD_NETWORK']);
  });
});
