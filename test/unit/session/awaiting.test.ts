import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { validate } from '#src/config/validate.js';
import { noGroup } from '#src/host/no-group.js';
import { COMING_LIMIT_MS, STATION_LIMIT_MS } from '#src/session/awaiting.js';
import { Dialogue, OWN_ADDRESS, Phone, REMOVED, STARTED } from './dialogue.js';

/** Where the radio uses one channel at a time, its own connection gets time to come before the group. */

/** Of mac80211_hwsim. */
const ONE_CHANNEL = 'ifindex=0\ncapa.flags=0x40020b2c0f2e0\ncapa.num_multichan_concurrent=0\n';
const CONNECTED = 'bssid=02:00:00:00:09:00\nfreq=2437\nssid=home\nid=0\nmode=station\nwpa_state=COMPLETED\n';
const SEARCHING = 'wpa_state=SCANNING\n';
const IDLE = 'wpa_state=INACTIVE\n';
const BETWEEN = 'wpa_state=DISCONNECTED\n';
const HOME = 'network id / ssid / bssid / flags\n0\thome\tany\t\n';
const ADD = 'P2P_GROUP_ADD persistent=0';
const phone = new Phone(1, 'A');

/** Up to the question what the radio does. */
function asked(section: Readonly<Record<string, unknown>> = {}, driver = ONE_CHANNEL): Dialogue {
  const d = new Dialogue(section).toChoosing().answer({ kind: 'driver' }, driver);
  d.answer({ kind: 'networks' }, '0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n');
  return d.answer({ kind: 'profile-mode' }, '3');
}

function station(d: Dialogue, reply: string): Dialogue {
  return d.answer({ kind: 'station' }, reply);
}

/** The next look, with that answer. */
function look(d: Dialogue, reply: string, afterMs = 500): Dialogue {
  d.timer('backoff', afterMs);
  assert.deepEqual(
    d.all('request').map(({ link, command }) => [link, command]),
    [['radio', 'STATUS']],
  );
  return station(d, reply);
}

function formed(d: Dialogue): Dialogue {
  assert.deepEqual([d.phase, d.hooks()], ['announcing', [['start_group', '0']]]);
  d.hookDone('start_group');
  assert.deepEqual(d.commands(), [ADD]);
  return d;
}

/** The group is up, and wpa_supplicant is restarted. */
function restarted(d: Dialogue): Dialogue {
  d.answer({ kind: 'group-add' }, 'OK\n')
    .event('device', STARTED)
    .event('device', REMOVED)
    .down('device')
    .up('device');
  d.answer({ kind: 'device-status' }, `p2p_device_address=${OWN_ADDRESS}\n`).values();
  d.answer({ kind: 'interfaces' }, 'wlan0\n').answer({ kind: 'driver' }, ONE_CHANNEL);
  d.answer({ kind: 'networks' }, '0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n');
  return d.answer({ kind: 'profile-mode' }, '3');
}

test('connected: the group is formed at once, and nothing is logged', () => {
  const d = asked();
  assert.deepEqual(d.all('request').at(-1), {
    type: 'request',
    link: 'radio',
    command: 'STATUS',
    tag: { kind: 'station', phaseNumber: d.state.phaseNumber },
  });
  formed(station(d, CONNECTED));
  assert.equal(d.state.supplicant.station, 'seen');
});

test('it looks for its network: one line says that it is waited for, and the group follows it', () => {
  const d = station(asked(), SEARCHING);
  assert.deepEqual(d.logs(), [
    'waiting up to 20 s for wlan0 to connect: the radio uses one channel at a time, and the group has to use that of the ' +
      'connection',
  ]);
  assert.equal(d.timers()['backoff'], 500);
  for (const reply of [SEARCHING, 'wpa_state=ASSOCIATING\n', IDLE]) {
    look(d, reply);
    assert.deepEqual([d.phase, d.logs()], ['awaiting', []]);
  }
  look(d, CONNECTED);
  assert.deepEqual(d.logs('info'), ['wlan0 is connected to "home" at 2437 MHz: the group is formed']);
  formed(d);
});

test('the status says for what and until when', () => {
  const { settings } = validate({});
  const d = station(asked(), SEARCHING);
  assert.deepEqual(noGroup(d.state, settings, null), {
    cause: 'awaiting-station',
    reason:
      "waiting at most until the next try for the radio's own connection, because the group has to use its channel",
    waitsFor: "the radio's own connection",
    nextTryAt: d.now + STATION_LIMIT_MS,
  });
});

test('a network that is out of reach delays the group once: the next one comes at once, also after a restart', () => {
  const d = station(asked(), SEARCHING);
  const began = d.now;
  for (let n = 0; d.phase === 'awaiting' && n < 100; n++) look(d, SEARCHING, d.timers()['backoff']);
  assert.equal(d.now - began, STATION_LIMIT_MS);
  assert.match(d.logs('warning').join(), /^wlan0 has not connected, so the group is formed without it/);
  restarted(formed(d));
  formed(d);
});

test('connected before: after a restart it is waited for although NetworkManager has not added its network yet', () => {
  const d = restarted(formed(station(asked(), CONNECTED)));
  station(d, IDLE);
  assert.equal(d.phase, 'awaiting');
  formed(look(d, CONNECTED));
});

describe('nothing to wait for: the group is formed at once', () => {
  for (const [what, reply] of [
    ['switched off', 'wpa_state=INTERFACE_DISABLED\n'],
    ['an access point', 'mode=AP\nwpa_state=COMPLETED\n'],
    ['an answer without a state', 'FAIL\n'],
  ] as const) {
    test(what, () => void formed(station(asked(), reply)));
  }

  test('rfkill keeps the radio off, which wpa_supplicant has not noticed yet', () => {
    const d = asked();
    d.radioBlock = 'software';
    formed(station(d, SEARCHING));
    assert.equal(d.state.supplicant.station, 'unknown');
  });

  test('wpa_supplicant does not have the interface', () => {
    const d = asked();
    d.give({
      type: 'no-reply',
      tag: { kind: 'station' },
      code: 'CONTROL_UNAVAILABLE',
      reason: 'nobody there',
    });
    formed(d);
  });

  for (const [what, networks] of [
    ['no network', ''],
    ['only disabled networks', '0\thome\tany\t[DISABLED]\n'],
    ['only profiles of groups', '0\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n'],
  ] as const) {
    test(what, () => {
      const d = station(asked(), IDLE);
      assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
      formed(d.reply('LIST_NETWORKS', networks));
    });
  }
});

test('an enabled network, between two scans: it is waited for', () => {
  assert.equal(station(asked(), BETWEEN).reply('LIST_NETWORKS', HOME).phase, 'awaiting');
});

describe('whether the radio is looked at', () => {
  for (const [what, section, driver, looks] of [
    ['the driver does not say how many channels', {}, 'FAIL\n', true],
    ['two channels at a time', {}, ONE_CHANNEL.replace(/0\n$/, '2\n'), false],
    ['a frequency of the user', { p2p_group_add_opts: 'freq=2412' }, ONE_CHANNEL, false],
    ['a band', { p2p_group_add_opts: 'freq=5' }, ONE_CHANNEL, true],
    ['keep_station: false', { keep_station: false }, ONE_CHANNEL, false],
  ] as const) {
    test(what, () => assert.equal(asked(section, driver).phase, looks ? 'awaiting' : 'announcing'));
  }

  test('the group takes the interface of the radio: keep_station decides, after the hook', () => {
    const d = new Dialogue().toChoosing().answer({ kind: 'driver' }, ONE_CHANNEL);
    d.answer({ kind: 'group-sharing' }, '1').answer({ kind: 'networks' }, '');
    assert.equal(d.phase, 'announcing');
  });
});

describe('the other ways in which we form a group', () => {
  test('a phone negotiates one', () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toChoosing();
    d.answer({ kind: 'driver' }, ONE_CHANNEL);
    d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1));
    assert.equal(station(d, SEARCHING).phase, 'awaiting');
    look(d, CONNECTED).hookDone('start_group');
    assert.match(d.commands().join(), /^P2P_CONNECT 42:00:00:00:01:00 /);
  });

  test('an operator invites a phone back; its answer comes in any case', () => {
    const d = asked({ dynamic_group: true });
    d.operate({ kind: 'invite', deviceAddress: phone.device });
    assert.equal(station(d, SEARCHING).phase, 'awaiting');
    d.operate({ kind: 'stop-group' }, 2);
    assert.deepEqual([d.phase, d.outcome(1), d.timers()['backoff']], ['inspecting', 'STATE', undefined]);
  });
});

test('stopped or paused meanwhile: no group, and the radio is not asked any more', () => {
  for (const kind of ['stop-group', 'pause'] as const) {
    const d = station(asked(), SEARCHING).operate({ kind });
    assert.deepEqual([d.phase, d.timers()['backoff']], ['inspecting', undefined]);
    assert.equal(station(d.reply('INTERFACES', ''), CONNECTED).phase, 'idle');
  }
});

test('a group that was found: it is noted whether the radio is connected', () => {
  for (const [reply, noted] of [
    [CONNECTED, 'seen'],
    [SEARCHING, 'absent'],
  ] as const) {
    const d = new Dialogue().up('device').answer({ kind: 'driver' }, ONE_CHANNEL);
    d.answer({ kind: 'interfaces' }, 'p2p-wlan0-0\n').up('group').reply('STATUS', 'mode=P2P GO\n');
    assert.equal(d.all('request').find(({ link }) => link === 'radio')?.tag?.kind, 'station');
    assert.equal(station(d, reply).state.supplicant.station, noted);
    // It may have come since: then the next group waits for it.
    d.timer('discovery', 600_000);
    assert.equal(d.all('request').filter(({ link }) => link === 'radio').length, noted === 'seen' ? 0 : 1);
    assert.equal(station(d, CONNECTED).state.supplicant.station, 'seen');
  }
});

describe('the connection of the radio needs another channel than the group has', () => {
  const CONFLICT = REMOVED.replace('REQUESTED', 'FREQ_CONFLICT');

  /** The group is up without the connection, and wpa_supplicant removes it for that. */
  function conflict(): Dialogue {
    const d = formed(station(asked(), IDLE).reply('LIST_NETWORKS', ''));
    station(d.answer({ kind: 'group-add' }, 'OK\n').event('device', STARTED), IDLE);
    assert.equal(d.state.supplicant.station, 'absent');
    d.event('device', CONFLICT);
    assert.equal(d.phase, 'backoff');
    assert.equal(
      noGroup(d.state, validate({}).settings, null)?.reason,
      "wpa_supplicant has removed the group, because the radio's own connection needs another channel (FREQ_CONFLICT)",
    );
    return again(d);
  }

  /** The next attempt, up to the question what the radio does. */
  function again(d: Dialogue): Dialogue {
    d.timer('backoff').answer({ kind: 'interfaces' }, 'wlan0\n');
    d.answer({ kind: 'networks' }, '0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n');
    d.answer({ kind: 'profile-mode' }, '3').hooks();
    d.commands();
    return d;
  }

  test('the next group waits for the connection, although that had not come before', () => {
    const d = station(conflict(), 'wpa_state=ASSOCIATING\n');
    assert.equal(d.phase, 'awaiting');
    formed(look(d, CONNECTED));
    assert.equal(d.state.supplicant.station, 'seen');
  });

  /** The connection does not come in time. */
  function givenUp(): Dialogue {
    const d = station(conflict(), SEARCHING);
    const began = d.now;
    const sent: string[] = [];
    while (d.phase === 'awaiting') {
      d.timer('backoff', d.timers()['backoff']);
      sent.push(...d.commands());
      station(d, SEARCHING);
    }
    assert.equal(d.now - began, COMING_LIMIT_MS);
    assert.deepEqual(new Set(sent), new Set(['STATUS']));
    assert.equal(d.commands().join(), 'P2P_SET conc_pref p2p');
    formed(d);
    assert.equal(d.state.supplicant.station, 'given-up');
    return d;
  }

  test('the connection does not come, as with a wrong passphrase: it ends no further group', () => {
    const d = givenUp();
    station(d.answer({ kind: 'group-add' }, 'OK\n').event('device', STARTED), SEARCHING);
    assert.equal(d.state.supplicant.station, 'given-up');
    restarted(d);
    formed(d);
  });

  test('a connection that was given up comes all the same: groups make way for it again', () => {
    const d = givenUp();
    d.answer({ kind: 'group-add' }, 'OK\n').event('device', STARTED);
    d.commands();
    station(d, CONNECTED);
    assert.deepEqual(d.commands(), ['P2P_SET conc_pref sta']);
    assert.equal(d.state.supplicant.station, 'seen');
  });

  test('a reload gives a connection that was given up another chance', () => {
    const d = givenUp().configure({});
    assert.ok(d.commands().includes('P2P_SET conc_pref sta'));
    assert.equal(d.state.supplicant.station, 'absent');
  });

  test('a frequency of the user: the next group waits as well, so it is not ended again and again', () => {
    const d = asked({ p2p_group_add_opts: 'freq=2412' }).hookDone('start_group');
    d.answer({ kind: 'group-add' }, 'OK\n').event('device', STARTED).event('device', CONFLICT);
    again(d);
    assert.equal(station(d, SEARCHING).phase, 'awaiting');
  });

  test('a group that is not up yet', () => {
    const d = formed(station(asked(), IDLE).reply('LIST_NETWORKS', ''));
    d.event('device', CONFLICT);
    assert.deepEqual([d.phase, d.state.supplicant.station], ['backoff', 'coming']);
  });

  test('keep_station: false has the group go first, also after a reload', () => {
    // Also at the start: an earlier session with keep_station: true has left its own.
    const sent = new Dialogue({ keep_station: false }).up('device').commands();
    assert.deepEqual(
      sent.filter((command) => command.includes('conc_pref')),
      ['P2P_SET conc_pref p2p'],
    );
    const changed = new Dialogue().toRunning();
    changed.commands();
    assert.ok(changed.configure({ keep_station: false }).commands().includes('P2P_SET conc_pref p2p'));
  });
});
