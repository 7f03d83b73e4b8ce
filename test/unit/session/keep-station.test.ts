import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, Phone, STARTED } from './dialogue.js';

/** A group that takes the radio's own interface must not end its Wi-Fi connection, unless the settings allow it. */

const HOME = 'bssid=02:00:00:00:09:00\nfreq=2412\nssid=home\nid=0\nmode=station\nwpa_state=COMPLETED\n';
const FREE = 'wpa_state=DISCONNECTED\naddress=02:00:00:00:00:00\n';
const SEARCHING = 'wpa_state=SCANNING\n';
const phone = new Phone(1, 'A');

/** Up to the end of the hook, on a radio that cannot create a group interface. */
function afterHook(section: Readonly<Record<string, unknown>> = {}): Dialogue {
  const d = new Dialogue(section).toChoosing();
  d.answer({ kind: 'group-sharing' }, '1').answer({ kind: 'networks' }, '');
  return d.hookDone('start_group');
}

test('connected: no group, a reason that says what to do, and new attempts after growing pauses', () => {
  const d = afterHook();
  assert.deepEqual(
    d.all('request').map(({ link, command }) => [link, command]),
    [['radio', 'STATUS']],
  );
  d.reply('STATUS', HOME);
  assert.deepEqual(d.commands(), []);
  assert.deepEqual(d.hooks(), [['stop_group']]);
  assert.match(
    d.logs('error').join(),
    /^the group would take wlan0, which is connected to "home" at 2412 MHz; .*keep_station: false/,
  );
  assert.ok(d.state.phase.name === 'backoff' && d.state.phase.failure.kind === 'station');
  assert.equal(d.timers()['backoff'], 1_000);
});

for (const state of ['AUTHENTICATING', 'ASSOCIATING', 'ASSOCIATED', '4WAY_HANDSHAKE', 'GROUP_HANDSHAKE']) {
  test(`connecting counts as well: ${state}`, () => {
    const d = afterHook().reply('STATUS', `wpa_state=${state}\nssid=home\n`);
    assert.match(d.logs('error').join(), /is connecting to "home"/);
    assert.equal(d.phase, 'backoff');
  });
}

test('at boot: waits while wpa_supplicant looks for the home network, but not for one that is out of reach', () => {
  assert.match(afterHook().reply('STATUS', SEARCHING).logs('error').join(), /is looking for its network/);
  const later = new Dialogue().toChoosing();
  later.answer({ kind: 'group-sharing' }, '1').answer({ kind: 'networks' }, '');
  later.now += 60_000;
  assert.deepEqual(later.hookDone('start_group').reply('STATUS', SEARCHING).commands(), [
    'P2P_GROUP_ADD persistent',
  ]);
});

test('no reply to STATUS: the group is not formed', () => {
  const d = afterHook();
  d.give({
    type: 'no-reply',
    tag: { kind: 'station-use' },
    code: 'CONTROL_UNAVAILABLE',
    reason: 'nobody there',
  });
  assert.equal(d.phase, 'backoff');
  assert.match(d.logs('error').join(), /does not say/);
});

for (const [what, reply] of [
  ['not connected', FREE],
  ['no network is set up', 'wpa_state=INACTIVE\n'],
  ['a group of ours on it', 'ssid=DIRECT-x\nmode=P2P GO\nwpa_state=COMPLETED\n'],
] as const) {
  test(`${what}: the group is formed`, () => {
    assert.deepEqual(afterHook().reply('STATUS', reply).commands(), ['P2P_GROUP_ADD persistent']);
  });
}

test('keep_station: false: STATUS is not requested, the group comes first', () => {
  assert.deepEqual(afterHook({ keep_station: false }).commands(), ['P2P_GROUP_ADD persistent']);
});

test('a group with its own interface: STATUS is not requested', () => {
  const d = new Dialogue()
    .toChoosing()
    .answer({ kind: 'group-sharing' }, '0')
    .answer({ kind: 'networks' }, '');
  assert.deepEqual(d.hookDone('start_group').commands(), ['P2P_GROUP_ADD persistent']);
});

describe('without a P2P device the driver reports whether it can have two interfaces', () => {
  const shares = (driver: string) => {
    const d = new Dialogue({}, 'wlan0').give({ type: 'start' }).up('device');
    d.answer({ kind: 'group-sharing' }, '0').answer({ kind: 'driver' }, driver);
    return d.state.supplicant.sharesInterface;
  };
  test('it can', () => assert.equal(shares('ifindex=3\ncapa.flags=0x40020b2c0f2e0\n'), false));
  test('it cannot', () => assert.equal(shares('ifindex=3\ncapa.flags=0x40020b2c0fce0\n'), true));
});

/** The radio's interface would carry the group, and its profile is known. */
function idleOnDemand(): Dialogue {
  const d = new Dialogue({ dynamic_group: true }).toChoosing();
  d.answer({ kind: 'group-sharing' }, '1');
  assert.deepEqual(d.commands(), ['SET persistent_reconnect 0']);
  d.answer({ kind: 'networks' }, '0\tDIRECT-PP\tany\t[DISABLED][P2P-PERSISTENT]\n');
  d.answer({ kind: 'profile-mode' }, '3');
  assert.equal(d.phase, 'idle');
  return d;
}

test('a phone may not start the persistent group by itself: its invitation makes the session form it', () => {
  const d = idleOnDemand();
  d.event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0`);
  d.profiles([0, 'DIRECT-PP']).hookDone('start_group').reply('STATUS', FREE);
  assert.deepEqual(d.commands(), ['P2P_GROUP_ADD persistent=0']);
  d.event('device', STARTED.replace('p2p-wlan0-0', 'wlan0'));
  assert.equal(d.phase, 'running');
});

test('while paused, no group is formed for such an invitation, and it is not logged as one that leads to a group', () => {
  const d = idleOnDemand().operate({ kind: 'pause' });
  d.event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0`);
  assert.equal(d.phase, 'idle');
  const [log] = d.all('log');
  assert.deepEqual(log?.notice, {
    type: 'restart-requested',
    deviceAddress: phone.device,
    networkId: 0,
    formed: false,
    halted: 'paused',
  });
});

test('a reload sends persistent_reconnect 0 last', () => {
  // wpa_supplicant has read its file again.
  const d = new Dialogue().toRunning().answer({ kind: 'group-sharing' }, '1').configure({}).values();
  const sent = d.commands().filter((command) => command.startsWith('SET persistent_reconnect'));
  assert.equal(sent.at(-1), 'SET persistent_reconnect 0');
});

test('a phone that negotiates is refused as well, to keep the connection', () => {
  const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toChoosing();
  d.answer({ kind: 'group-sharing' }, '1');
  d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1)).hookDone('start_group');
  assert.deepEqual(d.reply('STATUS', HOME).commands(), []);
  assert.equal(d.phase, 'backoff');
});

test('a reply that comes after the attempt was given up changes nothing', () => {
  const d = afterHook();
  const { phaseNumber } = d.state;
  d.operate({ kind: 'stop-group' }).reply('INTERFACES', '');
  assert.equal(d.phase, 'idle');
  d.answer({ kind: 'station-use', phaseNumber }, FREE);
  assert.deepEqual([d.phase, d.commands()], ['idle', []]);
});
