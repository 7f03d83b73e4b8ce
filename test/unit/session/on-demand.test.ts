import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

/** Groups that are formed when a phone asks: negotiated, autonomous and persistent on demand. */

const PIN = '12345670';
const NEGOTIATED = { activate_persistent_group: false, dynamic_group: true, pin: PIN };
const AUTONOMOUS = { activate_persistent_group: false, dynamic_group: false, pin: PIN };
const PERSISTENT = { dynamic_group: true, pin: PIN };
const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');

/** A phone asks by PIN and negotiates; the hook has ended. */
function connecting(settings: Readonly<Record<string, unknown>> = NEGOTIATED): Dialogue {
  const d = new Dialogue(settings).toIdle().event('device', phone.asksByPinAlone);
  d.event('device', phone.negotiates(1));
  if (d.phase === 'choosing') d.profiles();
  return d.hookDone('start_group');
}

/** The group of that phone is up, and the phone is connected. */
function formed(settings: Readonly<Record<string, unknown>> = NEGOTIATED): Dialogue {
  const d = connecting(settings);
  d.event('device', STARTED).up('group').answer({ kind: 'walk' }, '');
  return d.event('group', phone.joins);
}

test('nothing is formed before a phone negotiates; then the hook, then P2P_CONNECT with the PIN', () => {
  const d = new Dialogue(NEGOTIATED).toIdle().event('device', phone.asksByPinAlone);
  assert.deepEqual([d.commands(), d.hooks(), d.phase], [[], [], 'idle']);
  assert.deepEqual(d.emitted(), ['enrolmentRequested']);
  d.event('device', phone.negotiates(1));
  assert.deepEqual([d.commands(), d.hooks()], [[], [['start_group']]]);
  d.hookDone('start_group');
  assert.deepEqual(d.commands(), [`P2P_CONNECT ${phone.device} ${PIN} display go_intent=15`]);
  // The phone repeats its request; one P2P_CONNECT is enough.
  assert.deepEqual(d.event('device', phone.negotiates(1)).commands(), []);
  d.event(
    'device',
    `P2P-GO-NEG-SUCCESS role=GO freq=2437 ht40=0 peer_dev=${phone.device} peer_iface=${phone.station} wps_method=Display`,
  );
  assert.equal(d.timers()['forming'], 30_000);
  d.event('device', STARTED);
  assert.equal(d.phase, 'running');
  assert.deepEqual(d.up('group').event('group', phone.joins).hooks(), [
    ['connect', phone.device, 'A', GROUP],
  ]);
});

describe('P2P_CONNECT by technique', () => {
  for (const [settings, words] of [
    [NEGOTIATED, 'go_intent=15'],
    [AUTONOMOUS, 'go_intent=15'],
    [PERSISTENT, 'persistent go_intent=15'],
    [{ ...PERSISTENT, p2p_connect_opts: 'go_intent=9 freq=2412' }, 'persistent go_intent=9 freq=2412'],
  ] as const) {
    test(JSON.stringify(settings), () => {
      assert.deepEqual(connecting(settings).commands(), [
        `P2P_CONNECT ${phone.device} ${PIN} display ${words}`,
      ]);
    });
  }

  test('persistent on demand with a stored profile', () => {
    const d = new Dialogue(PERSISTENT).toChoosing().profiles([4, 'DIRECT-PP']);
    assert.equal(d.phase, 'idle');
    d.event('device', phone.negotiates(1)).profiles([4, 'DIRECT-PP']).hookDone('start_group');
    assert.deepEqual(d.commands(), [`P2P_CONNECT ${phone.device} ${PIN} display persistent=4 go_intent=15`]);
  });
});

describe('when the last station has left', () => {
  test('a group that is dynamic and not persistent is removed, then reported, and the search resumes', () => {
    const d = formed().event('group', other.joins).event('group', phone.leaves);
    assert.deepEqual(d.commands(), [], 'one station is still connected');
    d.event('group', other.leaves);
    assert.deepEqual(d.commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
    d.event('device', REMOVED);
    assert.deepEqual(d.hooks(), [['stop_group', GROUP]]);
    assert.equal(d.phase, 'idle');
    assert.deepEqual(d.commands(), ['P2P_FIND']);
  });

  test('it stays while a device is being admitted, and is removed if that device does not join', () => {
    const d = formed().event('device', other.asksByPin).event('group', phone.leaves);
    assert.deepEqual(d.commands(), []);
    d.timer('enrolment', 120_000);
    assert.deepEqual(d.commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
  });

  test('a group that no station has joined yet stays for a while', () => {
    const d = connecting().event('device', STARTED);
    assert.equal(d.timers()['unused'], 30_000);
    d.up('group').answer({ kind: 'walk' }, '').timer('enrolment', 120_000);
    assert.deepEqual(d.commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
    const unasked = connecting().event('device', STARTED).up('group');
    unasked.timer('enrolment', 120_000).now -= 100_000;
    assert.deepEqual(unasked.answer({ kind: 'walk' }, '').commands(), []);
    assert.deepEqual(unasked.timer('unused', 110_000).commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
  });

  test('the link is lost while the phone joins: the phone is still expected', () => {
    const d = connecting().down('device').up('device').event('device', STARTED).up('group');
    assert.deepEqual(d.answer({ kind: 'walk' }, '').commands(), []);
    assert.equal(d.state.enrolments.length, 1);
  });

  test('a removal that wpa_supplicant refuses is reported, and tried again when the next station leaves', () => {
    const d = formed().event('group', phone.leaves).reply(`P2P_GROUP_REMOVE ${GROUP}`, 'FAIL\n');
    assert.match(d.logs('warning').join(), /FAIL/);
    d.event('group', phone.joins).event('group', phone.leaves);
    assert.deepEqual(d.commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
  });

  for (const settings of [AUTONOMOUS, PERSISTENT]) {
    test(`it stays: ${JSON.stringify(settings)}`, () => {
      const d = formed(settings).event('group', phone.leaves);
      assert.deepEqual(d.commands(), []);
      assert.equal(d.phase, 'running');
    });
  }
});

describe('a negotiation that fails', () => {
  test('no reply of the phone: tried again at once, up to max_num_failures times; then stop_group, and the box searches', () => {
    const d = connecting({ ...NEGOTIATED, max_num_failures: 2 });
    for (let retry = 0; retry < 2; retry++) {
      d.event('device', 'P2P-GO-NEG-FAILURE status=-1');
      assert.deepEqual(d.commands(), [
        'P2P_CANCEL',
        `P2P_CONNECT ${phone.device} ${PIN} display go_intent=15`,
      ]);
      assert.deepEqual(d.hooks(), []);
    }
    d.event('device', 'P2P-GO-NEG-FAILURE status=-1');
    assert.deepEqual(d.commands(), ['P2P_CANCEL']);
    assert.deepEqual(d.hooks(), [['stop_group']]);
    d.timer('backoff', 1000).reply('INTERFACES', '');
    assert.equal(d.phase, 'idle');
    // This phone has to wait before it may ask again; another phone need not.
    assert.deepEqual(d.event('device', phone.negotiates(1)).hooks(), []);
    assert.deepEqual(d.event('device', other.negotiates(1)).hooks(), [['start_group']]);
  });

  test('after min_conn_delay the phone is answered again', () => {
    const d = connecting({ ...NEGOTIATED, max_num_failures: 0, min_conn_delay: 30 });
    d.event('device', 'P2P-GO-NEG-FAILURE status=-1').timer('backoff', 1000).reply('INTERFACES', '');
    d.now += 30_000;
    assert.deepEqual(d.event('device', phone.negotiates(1)).hooks(), [['start_group']]);
  });

  test('refused by the phone: not tried again, but its next request counts', () => {
    const d = connecting().event('device', 'P2P-GO-NEG-FAILURE status=11');
    assert.deepEqual(d.commands(), ['P2P_CANCEL']);
    d.timer('backoff', 1000).reply('INTERFACES', '').event('device', phone.negotiates(1));
    assert.deepEqual(d.hooks(), [['start_group']]);
  });

  test('a wrong PIN: reported with its phone, counted, and one stop_group although three events report the failure', () => {
    const d = connecting().event('device', 'WPS-FAIL msg=8 config_error=18');
    assert.match(d.logs('warning').join(), /"A".*wrong PIN/);
    assert.equal(d.state.wrongPins.count, 1);
    d.event('device', 'P2P-GROUP-FORMATION-FAILURE ');
    assert.deepEqual(d.hooks(), [['stop_group']]);
    assert.deepEqual(
      d.event('device', 'P2P-GROUP-REMOVED p2p-wlan0-0 GO reason=FORMATION_FAILED').hooks(),
      [],
    );
  });

  test('no group is formed by PIN while PINs are refused, and again afterwards', () => {
    const WRONG = 'WPS-FAIL msg=8 config_error=18';
    const d = connecting().event('device', WRONG).event('device', WRONG).event('device', WRONG);
    d.event('device', 'P2P-GROUP-FORMATION-FAILURE ').timer('backoff', 1000).reply('INTERFACES', '');
    assert.deepEqual(d.event('device', phone.negotiates(1)).hooks(), []);
    d.now += 60_000;
    assert.deepEqual(d.event('device', phone.negotiates(1)).hooks(), [['start_group']]);
  });

  test('a refusal by wpa_supplicant counts as well', () => {
    const d = connecting({ ...NEGOTIATED, max_num_failures: 0 }).answer({ kind: 'group-add' }, 'FAIL\n');
    d.timer('backoff', 1000).reply('INTERFACES', '');
    assert.deepEqual(d.event('device', phone.negotiates(1)).hooks(), []);
  });

  test('of phones with ever new addresses only the latest are remembered', () => {
    const d = new Dialogue(NEGOTIATED).toIdle();
    for (let i = 0; i < 80; i++) {
      const address = `42:00:00:00:${(16 + i).toString(16)}:00`;
      d.event('device', phone.negotiates(1).replace(phone.device, address)).hookDone('start_group');
      d.event('device', 'P2P-GO-NEG-FAILURE status=7').timer('backoff', 1000).reply('INTERFACES', '');
      assert.ok(d.state.repeats.negotiations.has(address));
    }
    assert.equal(d.state.repeats.negotiations.size, 64);
  });

  test('a group that comes up resets the count', () => {
    const d = connecting({ ...NEGOTIATED, max_num_failures: 1 }).event(
      'device',
      'P2P-GO-NEG-FAILURE status=-1',
    );
    assert.equal(d.state.repeats.negotiations.size, 1);
    d.event('device', 'WPS-FAIL msg=8 config_error=18').event('device', STARTED);
    assert.equal(d.state.repeats.negotiations.size, 0);
    assert.equal(d.state.wrongPins.count, 0);
  });

  test('P2P_CONNECT refused', () => {
    const d = connecting();
    d.reply(`P2P_CONNECT ${phone.device} ${PIN} display go_intent=15`, 'FAIL\n');
    assert.match(d.logs('error').join(), /P2P_CONNECT was refused/);
    assert.deepEqual(d.hooks(), [['stop_group']]);
  });

  test('a channel that may not be used: the error names the allowed ones', () => {
    const d = connecting({ ...NEGOTIATED, p2p_connect_opts: 'freq=5500' });
    d.answer({ kind: 'group-add' }, 'FAIL-CHANNEL-UNSUPPORTED\n');
    d.reply('GET_CAPABILITY freq', ' 1 = 2412 MHz\n 100 = 5500 MHz (NO_IR) (DFS)\n');
    assert.match(d.logs('error').join(), /FAIL-CHANNEL-UNSUPPORTED.*allowed here: 2412 MHz/);
  });

  test('stopped by the request of another phone, without an event: cancelled and started again', () => {
    const d = connecting();
    assert.equal(d.timers()['forming'], 12_000);
    d.event('device', other.negotiates(1)).timer('forming', 12_000);
    assert.deepEqual(d.commands(), ['P2P_CANCEL', `P2P_CONNECT ${phone.device} ${PIN} display go_intent=15`]);
  });

  test('negotiated, but no group comes up in time', () => {
    const d = connecting().event('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone.device}`);
    d.timer('forming', 30_000);
    assert.deepEqual([d.commands(), d.hooks()], [['P2P_CANCEL'], [['stop_group']]]);
  });

  test('the phone becomes the owner: its group is left, and the error names the option that caused it', () => {
    const d = connecting().event('device', STARTED.replace(' GO ', ' client '));
    assert.deepEqual(d.commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
    assert.match(d.logs('error').join(), /go_intent/);
    assert.equal(d.phase, 'backoff');
  });

  test('the session ends during the negotiation: it is cancelled, and stop_group follows', () => {
    const d = connecting().give({ type: 'stop' });
    assert.deepEqual(d.commands(), ['P2P_CANCEL', 'P2P_STOP_FIND']);
    assert.deepEqual(d.hooks(), [['stop_group'], ['terminated']]);
  });
});

test('two phones negotiate at once: a group with the first, the second is invited into it', () => {
  const d = connecting();
  assert.deepEqual(d.event('device', other.negotiates(1)).commands(), []);
  d.event('device', STARTED).up('group').answer({ kind: 'walk' }, '');
  // The first connects before the radio leaves the channel for the second.
  d.event('group', phone.joins);
  assert.ok(d.commands().includes(`P2P_INVITE group=${GROUP} peer=${other.device}`));
});

test('a phone that asks while the box looks for its profile is served afterwards', () => {
  const d = new Dialogue(PERSISTENT).toChoosing().event('device', phone.negotiates(1));
  assert.deepEqual([d.hooks(), d.commands()], [[], []]);
  d.answer({ kind: 'networks' }, '');
  assert.deepEqual(d.commands(), ['P2P_FIND', 'LIST_NETWORKS']);
  assert.deepEqual(d.profiles().hooks(), [['start_group']]);
});

test('a group that was up before the session and that no station has used is not removed', () => {
  const d = new Dialogue(NEGOTIATED)
    .give({ type: 'start' })
    .up('device')
    .reply('INTERFACES', `${GROUP}\n`)
    .up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-xy\nmode=P2P GO\n').answer({ kind: 'walk' }, '');
  assert.deepEqual(d.timer('unused', 60_000).commands(), []);
  d.event('group', phone.joins).event('group', phone.leaves);
  assert.deepEqual(d.commands(), [`P2P_GROUP_REMOVE ${GROUP}`]);
});

test('a reload to a group that is always up, while the profiles are read', () => {
  const d = new Dialogue(PERSISTENT).toChoosing().configure({ pin: PIN }).answer({ kind: 'networks' }, '');
  assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
  assert.deepEqual(d.reply('LIST_NETWORKS', '').hooks(), [['start_group']]);
});

test('on demand, a lasting failure is tried less and less often', () => {
  const d = new Dialogue({ ...PERSISTENT, persistent_network_id: 7 }).toChoosing();
  const rests = [1, 2, 3].map(() => {
    const { backoff } = d.reply('LIST_NETWORKS', '').timers();
    d.timer('backoff').reply('INTERFACES', '');
    return backoff;
  });
  assert.deepEqual(rests, [1000, 2000, 4000]);
});

describe('a phone that knows the persistent group restarts it by itself', () => {
  const accepted = `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=4 freq=2437`;
  const invited = () =>
    new Dialogue(PERSISTENT).toChoosing().profiles([4, 'DIRECT-PP']).event('device', accepted);

  test('start_group with its id, then the group', () => {
    const d = invited();
    assert.deepEqual([d.hooks(), d.commands()], [[['start_group', '4']], []]);
    d.event('device', STARTED);
    assert.equal(d.phase, 'running');
    const started = d.all('emit').find(({ event }) => event.type === 'groupStarted')?.event;
    assert.equal(started?.type === 'groupStarted' && started.adopted, false);
  });

  test('the same while the box looks for its profile', () => {
    const d = new Dialogue(PERSISTENT).toChoosing().event('device', accepted);
    assert.deepEqual(d.hooks(), [['start_group', '4']]);
    assert.deepEqual(d.answer({ kind: 'networks' }, '').effects, []);
  });

  test('the group does not come up: stop_group, and the box waits again', () => {
    const d = invited().timer('forming', 30_000);
    assert.deepEqual(d.hooks(), [['stop_group']]);
    d.timer('backoff').reply('INTERFACES', '').profiles([4, 'DIRECT-PP']);
    assert.equal(d.phase, 'idle');
  });

  test('wpa_supplicant ends the unused group: the box waits again, and its profile is checked', () => {
    const d = invited().event('device', STARTED).event('device', REMOVED.replace('REQUESTED', 'IDLE'));
    assert.deepEqual(d.hooks(), [['stop_group', GROUP]]);
    assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
    assert.equal(d.profiles([4, 'DIRECT-PP']).phase, 'idle');
  });
});

test('a profile of a group in which the box is the client is ignored', () => {
  const d = new Dialogue().toChoosing();
  d.reply('LIST_NETWORKS', '0\tDIRECT-tv\tany\t[P2P-PERSISTENT]\n1\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n');
  d.reply('GET_NETWORK 0 mode', '0');
  assert.deepEqual(d.commands(), ['GET_NETWORK 1 mode']);
  assert.deepEqual(d.reply('GET_NETWORK 1 mode', '3').hooks(), [['start_group', '1']]);
});

describe('a negotiation that the phone ends: the status code in words, with what to do', () => {
  for (const [status, words] of [
    [9, /both devices insist on owning the group; lower go_intent.*\(status 9\)/],
    [7, /no common channel.*\(status 7\)/],
    [11, /its user refused \(status 11\)/],
    [99, /status 99/],
  ] as const) {
    test(String(status), () => {
      const d = connecting().event('device', `P2P-GO-NEG-FAILURE status=${status}`);
      assert.match(d.logs('warning').join(), words);
      const failed = d.events();
      const [event] = failed.filter((e) => e.type === 'enrolmentFailed');
      assert.match(event?.reason ?? '', words);
      assert.deepEqual(event?.code, { table: 'P2P status', value: status });
    });
  }
});

describe('another group beside the one that runs', () => {
  const OTHER = 'p2p-wlan0-1';
  const list = `${GROUP}\n${OTHER}\np2p-dev-wlan0\n`;
  const beside = () => new Dialogue(PERSISTENT).toIdle().event('device', STARTED).up('group');
  const heard = () => beside().event('device', STARTED.replace(GROUP, OTHER));
  const unheard = () => beside().answer({ kind: 'group-check', reason: null }, list);

  for (const [how, begin] of Object.entries({ heard, unheard }))
    test(`${how}: the session looks for it when the first one has ended`, () => {
      const d = begin().event('device', REMOVED);
      assert.deepEqual(d.commands(), ['INTERFACES']);
      d.reply('INTERFACES', `${OTHER}\np2p-dev-wlan0\n`)
        .up('group')
        .reply('STATUS', 'ssid=DIRECT-PP\nmode=P2P GO\n');
      assert.ok(d.state.phase.name === 'running' && d.state.phase.group.interface === OTHER);
      assert.equal(d.event('device', REMOVED.replace(GROUP, OTHER)).phase, 'choosing');
    });

  test('an operator pauses before the session looks for it', () => {
    const d = new Dialogue()
      .toRunning()
      .event('device', STARTED.replace(GROUP, OTHER))
      .event('device', REMOVED);
    assert.equal(d.phase, 'backoff');
    assert.ok(d.operate({ kind: 'pause' }).commands().includes('INTERFACES'));
  });
});
