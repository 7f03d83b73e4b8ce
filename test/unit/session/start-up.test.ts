import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wrongInterfaceText } from '#src/host/refusal-text.js';
import { DEVICE, Dialogue, GROUP, Phone, STARTED, VALUE_QUESTIONS } from './dialogue.js';

const NETWORKS = 'network id / ssid / bssid / flags\n';

test('the hook started comes first, before there is any link', () => {
  const d = new Dialogue().give({ type: 'start' });
  assert.deepEqual(d.hooks(), [['started']]);
  assert.deepEqual(d.commands(), []);
});

test('attached: status, settings and the search for a group go out at once, with no wait between', () => {
  const d = new Dialogue({ config_parms: { country: 'IT', p2p_go_ht40: '1' }, ssid_postfix: '-box' });
  d.give({ type: 'start' }).up('device');
  assert.deepEqual(d.commands(), [
    'STATUS',
    ...VALUE_QUESTIONS,
    'SET country IT',
    'SET p2p_go_ht40 1',
    'P2P_SET ssid_postfix -box',
    'P2P_STOP_FIND',
    'P2P_SET conc_pref sta',
    'GET p2p_no_group_iface',
    'STATUS-DRIVER',
    'INTERFACES',
  ]);
});

test('a predefined persistent group: hook start_group, then P2P_GROUP_ADD of its profile, then the group', () => {
  const d = new Dialogue({ p2p_group_add_opts: 'freq=2' }).toChoosing();
  assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
  d.reply('LIST_NETWORKS', `${NETWORKS}0\thome\tany\t\n3\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n`);
  assert.deepEqual(d.commands(), ['GET_NETWORK 3 mode']);
  d.reply('GET_NETWORK 3 mode', '3');
  assert.deepEqual(d.hooks(), [['start_group', '3']]);
  assert.equal(d.all('hook')[0]?.call, 1);
  assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_SSID'], 'DIRECT-PP');
  assert.deepEqual(d.commands(), ['SET_NETWORK 3 bssid 42:00:00:00:00:00']);
  d.hookDone('start_group');
  assert.deepEqual(d.commands(), ['P2P_GROUP_ADD persistent=3 freq=2']);
  d.reply('P2P_GROUP_ADD persistent=3 freq=2', 'OK\n').event('device', STARTED);
  assert.equal(d.phase, 'running');
  assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: GROUP }]);
  assert.deepEqual(d.emitted(), ['groupStarted']);
  assert.deepEqual(d.commands(), []);
  d.up('group');
  assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST', 'GET_NETWORK 3 p2p_client_list']);
});

test('persistent_network_id selects its profile among several', () => {
  const d = new Dialogue({ persistent_network_id: 2 }).toChoosing();
  d.reply('LIST_NETWORKS', `${NETWORKS}1\tA\tany\t[P2P-PERSISTENT]\n2\tB\tany\t[P2P-PERSISTENT]\n`);
  d.reply('GET_NETWORK 2 mode', '3');
  assert.deepEqual(d.hooks(), [['start_group', '2']]);
});

test('persistent_network_id that is no persistent profile: an error names those that are, then a pause', () => {
  const d = new Dialogue({ persistent_network_id: 7 }).toChoosing();
  d.reply('LIST_NETWORKS', `${NETWORKS}1\tA\tany\t[P2P-PERSISTENT]\n7\thome\tany\t\n`);
  assert.match(d.logs('error').join(), /expected the id of .*\(1\), got 7/);
  assert.equal(d.phase, 'backoff');
  assert.deepEqual(d.hooks(), []);
});

test('a truncated LIST_NETWORKS is read to its end', () => {
  const d = new Dialogue().toChoosing();
  const rows = Array.from({ length: 90 }, (_, id) => `${id}\t${'n'.repeat(32)}\tany\t[DISABLED]\n`).join('');
  d.reply('LIST_NETWORKS', NETWORKS + rows);
  assert.deepEqual(d.commands(), ['LIST_NETWORKS LAST_ID=89']);
  d.reply('LIST_NETWORKS LAST_ID=89', `${NETWORKS}90\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n`);
  d.reply('GET_NETWORK 90 mode', '3');
  assert.deepEqual(d.hooks(), [['start_group', '90']]);
});

test('no profile, and network_parms: a profile is created and started', () => {
  const d = new Dialogue({ network_parms: ['ssid "DIRECT-new"', 'psk "geheimgeheim"'] }).toChoosing();
  d.reply('LIST_NETWORKS', NETWORKS);
  assert.deepEqual(d.commands(), ['ADD_NETWORK']);
  d.reply('ADD_NETWORK', '4\n');
  assert.deepEqual(d.commands(), [
    'SET_NETWORK 4 ssid "DIRECT-new"',
    'SET_NETWORK 4 psk "geheimgeheim"',
    'SET_NETWORK 4 mode 3',
    'SET_NETWORK 4 disabled 2',
  ]);
  for (const line of ['ssid "DIRECT-new"', 'psk "geheimgeheim"', 'mode 3']) {
    d.answer({ kind: 'set-network', line }, 'OK\n');
    assert.equal(d.phase, 'storing');
  }
  d.answer({ kind: 'set-network', line: 'disabled 2' }, 'OK\n');
  assert.deepEqual(d.commands(), ['SET_NETWORK 4 bssid 42:00:00:00:00:00']);
  assert.deepEqual(d.hooks(), [['start_group', '4']]);
});

test('a refused line of network_parms removes the unfinished profile and is named without its value', () => {
  const d = new Dialogue({ network_parms: ['ssid "DIRECT-new"', 'psk "kurzkurz"'] }).toChoosing();
  d.reply('LIST_NETWORKS', NETWORKS).reply('ADD_NETWORK', '4\n');
  d.answer({ kind: 'set-network', line: 'ssid "DIRECT-new"' }, 'OK\n');
  d.answer({ kind: 'set-network', line: 'psk "kurzkurz"' }, 'FAIL\n');
  assert.deepEqual(d.commands(), ['REMOVE_NETWORK 4']);
  assert.match(d.logs('error').join(), /psk was refused/);
  assert.doesNotMatch(d.logs().join(), /kurzkurz/);
  assert.equal(d.phase, 'backoff');
});

test('no profile and no network_parms: a persistent group with an SSID that wpa_supplicant makes up', () => {
  const d = new Dialogue().toChoosing().reply('LIST_NETWORKS', NETWORKS);
  assert.deepEqual(d.hooks(), [['start_group']]);
  assert.deepEqual(d.hookDone('start_group').commands(), ['P2P_GROUP_ADD persistent']);
});

test('an autonomous group needs no profile', () => {
  const d = new Dialogue({ activate_persistent_group: false, activate_autonomous_group: true }).toChoosing();
  assert.deepEqual(d.hooks(), [['start_group']]);
  assert.deepEqual(d.hookDone('start_group').commands(), ['P2P_GROUP_ADD']);
});

test('without a group to start the session searches for peers continuously', () => {
  const d = new Dialogue({ activate_persistent_group: false }).toChoosing();
  assert.equal(d.phase, 'idle');
  assert.deepEqual(d.commands(), ['P2P_FIND']);
});

describe('the WPS method', () => {
  const chosen = (reply: string) =>
    new Dialogue().give({ type: 'start' }).up('device').values({ config_methods: reply });

  for (const [reply, method] of [
    ['virtual_push_button', 'virtual_push_button'],
    ['push_button', 'virtual_push_button'],
    ['physical_push_button', 'virtual_push_button'],
    ['display push_button', 'virtual_push_button'],
    ['virtual_display,virtual_push_button,p2ps', 'virtual_push_button'],
    ['push_button virtual_display physical_display\n', 'virtual_push_button'],
    ['virtual_push_button keypad', 'keypad'],
    ['keypad', 'keypad'],
    ['display', 'keypad'],
    ['label ethernet', 'keypad'],
    ['pbc', 'keypad'],
    ['', 'keypad'],
    ['FAIL\n', 'keypad'],
  ] as const) {
    test(`config_methods ${JSON.stringify(reply)} means ${method}`, () => {
      assert.ok(chosen(reply).commands().includes(`SET config_methods ${method}`));
    });
  }

  test('pbc_in_use decides, whatever config_methods wpa_supplicant has', () => {
    for (const [pbc_in_use, used, method] of [
      [true, 'pbc', 'virtual_push_button'],
      [false, 'pin', 'keypad'],
    ] as const) {
      const d = new Dialogue({ pbc_in_use }).give({ type: 'start' }).up('device');
      assert.ok(
        d.logs('info').some((line) => line.startsWith('WPS method: ') && line.includes('pbc_in_use')),
      );
      assert.ok(d.values({ config_methods: 'display' }).commands().includes(`SET config_methods ${method}`));
      assert.equal(d.state.method.used, used);
    }
  });

  test('one log line says which method it is and why, again only when that changes', () => {
    const d = chosen('display push_button');
    assert.deepEqual(d.logs('info'), [
      'WPS method: push button (wpa_supplicant has config_methods=display push_button)',
    ]);
    assert.deepEqual(
      d.down('device').up('device').values({ config_methods: 'display push_button' }).logs('info'),
      [],
    );
    assert.deepEqual(d.down('device').up('device').values({ config_methods: 'display' }).logs('info'), [
      'WPS method: PIN, typed on the phone (wpa_supplicant has config_methods=display, which names neither keypad nor push_button)',
    ]);
    assert.deepEqual(chosen('FAIL\n').logs('info'), [
      'WPS method: PIN, typed on the phone (the default: wpa_supplicant has no config_methods)',
    ]);
  });
});

test('a group that is up is adopted with its stations, and none is started', () => {
  const phone = new Phone(1, "Pi'xel p2p_dev_addr=00:11:22:33:44:55");
  const d = new Dialogue().give({ type: 'start' }).up('device');
  d.reply('INTERFACES', `${GROUP}\n${DEVICE}\nwlan0\n`);
  assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: GROUP }]);
  d.up('group');
  d.reply('STATUS', 'bssid=42:00:00:00:00:01\nfreq=2437\nssid=DIRECT-\\xc3\\xa4\nid=0\nmode=P2P GO\n');
  assert.equal(d.phase, 'running');
  assert.equal(d.state.phase.name === 'running' && d.state.phase.group.ssid, 'DIRECT-ä');
  d.answer({ kind: 'walk' }, phone.entry);
  assert.deepEqual(d.commands(), [`group: STA-NEXT ${phone.station}`]);
  d.reply(`STA-NEXT ${phone.station}`, '');
  assert.deepEqual(d.hooks(), [['connect', phone.device, phone.name, GROUP]]);
});

test('a group that the box joined as a client is not adopted, nor a dead socket, nor a group of another radio', () => {
  const d = new Dialogue().give({ type: 'start' }).up('device');
  d.reply('INTERFACES', `p2p-wlan1-0\n${GROUP}\np2p-wlan0-1\n${DEVICE}\n`);
  assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: GROUP }]);
  d.up('group').reply('STATUS', 'mode=station\nwpa_state=COMPLETED\n');
  assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: 'p2p-wlan0-1' }]);
  d.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'ECONNREFUSED' });
  assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
});

test('a candidate that never answers does not hold up the start', () => {
  const d = new Dialogue().give({ type: 'start' }).up('device').reply('INTERFACES', `${GROUP}\n`);
  assert.equal(typeof d.timers()['adopting'], 'number');
  d.timer('adopting', 3000);
  assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
});

test('on demand, a group whose socket answers late is found; without a reply it is looked for again', () => {
  const d = new Dialogue({ dynamic_group: true }).give({ type: 'start' }).up('device');
  d.reply('INTERFACES', `${GROUP}\n`);
  assert.ok((d.timers()['adopting'] ?? 0) > 10_000, 'longer than a reply may take');
  d.now += 4_000;
  d.up('group').reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.equal(d.phase, 'running');
  const silent = new Dialogue({ dynamic_group: true }).give({ type: 'start' }).up('device');
  silent.reply('INTERFACES', `${GROUP}\n`);
  for (const ms of [1_000, 2_000, 4_000]) {
    silent.give({
      type: 'link-waiting',
      link: 'group',
      code: 'CONTROL_TIMEOUT',
      reason: 'no reply within 10 s',
    });
    assert.deepEqual([silent.phase, silent.timers()['backoff']], ['backoff', ms]);
    const told = silent.logs(ms === 1_000 ? 'warning' : 'debug').join();
    assert.match(told, /p2p-wlan0-0: cannot find out .*no reply within 10 s/);
    silent.timer('backoff', ms).reply('INTERFACES', `${GROUP}\n`);
  }
});

test('STATUS refused by wpa_supplicant does not count as a wrong interface', () => {
  const d = new Dialogue().give({ type: 'start' }).up('device').reply('STATUS', 'FAIL\n');
  assert.deepEqual([d.phase, d.all('fail')], ['inspecting', []]);
});

test('STATUS without a P2P device address: a wrong interface only by a real answer of a radio', () => {
  for (const [name, reply] of [
    [DEVICE, 'wpa_state=DISCONNECTED\n'],
    [DEVICE, ''],
    ['wlan0', ''],
    ['wlan0', '\0\xff=\n=\n'],
  ] as const) {
    const d = new Dialogue({}, name).give({ type: 'start' }).up('device').reply('STATUS', reply);
    assert.deepEqual([d.phase, d.all('fail')], ['inspecting', []], `${name} ${reply}`);
  }
});

test('an interface that is no P2P device: the error says how to find the right one, and the session ends', () => {
  const d = new Dialogue({}, 'wlan0').give({ type: 'start' }).up('device');
  d.reply('STATUS', 'wpa_state=DISCONNECTED\n');
  const [failed] = d.all('fail');
  assert.ok(failed?.code === 'INTERFACE_WRONG');
  assert.match(wrongInterfaceText(failed), /is no P2P device\. Expected .*such as p2p-dev-wlan0/);
  assert.deepEqual(d.hooks(), [['terminated']]);
  assert.deepEqual(d.hookDone('terminated').effects, []);
  assert.deepEqual(d.answer({ kind: 'farewell' }, 'OK\n').all('end'), [{ type: 'end' }]);
});

test('the radio of a P2P device, also if wpa_supplicant cut the name of the P2P device', () => {
  for (const [radio, device] of [
    ['wlan0', 'p2p-dev-wlan0'],
    ['wlx001122334455', 'p2p-dev-wlx0011'],
  ] as const) {
    const d = new Dialogue({}, radio).give({ type: 'start' }).up('device');
    d.answer({ kind: 'interfaces' }, `${radio}\n${device}\n`);
    const [failed] = d.all('fail');
    assert.ok(failed?.code === 'INTERFACE_WRONG');
    assert.match(wrongInterfaceText(failed), new RegExp(`Expected ${device}$`));
  }
});
