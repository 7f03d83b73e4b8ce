import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mayUseButton } from '#src/session/requests.js';
import { REBUILD_GROUP_ELEMENTS } from '#src/wpa/command.js';
import { Dialogue, FRESH_PIN, GROUP, Phone, STARTED } from './dialogue.js';

const listed = new Phone(1, 'Listed');
const stranger = new Phone(2, 'Stranger');
const impostor = new Phone(2, 'Listed');
const INVITES = (phone: Phone) => `P2P_INVITE group=${GROUP} peer=${phone.device}`;
const OPEN = (phone: Phone) => `group: WPS_PBC p2p_dev_addr=${phone.device}`;

function buttonFor({ state: { registrar } }: Dialogue): string | null {
  return registrar.holds === 'button' ? registrar.deviceAddress : null;
}

describe('the white list', () => {
  for (const [list, phone, may] of [
    [[], stranger, true],
    [['Listed'], listed, true],
    [['Listed'], stranger, false],
    [['Listed'], impostor, true],
    [[listed.device], listed, true],
    [[listed.device.toUpperCase()], listed, true],
    [[listed.device], impostor, false],
    [['42:00:00:00:01'], listed, false],
  ] as const) {
    test(`${JSON.stringify(list)}: ${phone.device} "${phone.name}" ${may ? 'may' : 'may not'}`, () => {
      assert.equal(mayUseButton({ pbc_white_list: list }, phone.device, phone.name), may);
    });
  }

  test('a device whose name looks like a listed address is not admitted by it', () => {
    assert.equal(mayUseButton({ pbc_white_list: [listed.device] }, stranger.device, listed.device), false);
  });
});

const BUTTON = { pbc_in_use: true };

test('the button is opened when a device asks, and only for that device', () => {
  const d = new Dialogue(BUTTON).toRunning();
  assert.deepEqual(d.event('device', listed.asksByButton).commands(), ['P2P_STOP_FIND', OPEN(listed)]);
  d.event('group', `WPS-ENROLLEE-SEEN ${listed.station} u 0-00000000-0 0x3148 4 1 [ ]`);
  assert.deepEqual(d.commands(), []);
  assert.deepEqual(d.event('group', listed.joins).hooks(), [['connect', listed.device, 'Listed', GROUP]]);
});

test('an enrollee by push button that made no request before does not open the button', () => {
  const d = new Dialogue(BUTTON).toRunning();
  d.event('group', `WPS-ENROLLEE-SEEN ${stranger.station} u 0-00000000-0 0x3148 4 1 [ ]`);
  assert.deepEqual(d.commands(), []);
});

test('two phones press at once: the button is opened for one after the other', () => {
  const d = new Dialogue(BUTTON).toRunning().event('device', listed.asksByButton);
  assert.deepEqual(d.event('device', stranger.asksByButton).commands(), ['P2P_STOP_FIND']);
  d.event('group', listed.joins);
  assert.ok(d.commands().includes(OPEN(stranger)));
});

test('the next phone gets its turn as soon as the credential is given; the served phone gets no second one', () => {
  const d = new Dialogue(BUTTON)
    .toRunning()
    .event('device', listed.asksByButton)
    .event('device', stranger.asksByButton);
  d.event('group', `WPS-REG-SUCCESS ${listed.station} u`);
  assert.deepEqual(d.event('group', 'WPS-PBC-DISABLE ').commands(), [OPEN(stranger)]);
  assert.deepEqual(d.event('group', 'WPS-PBC-DISABLE ').commands(), []);
  assert.deepEqual(
    d.event('device', listed.asksByButton).commands(),
    [OPEN(listed)],
    'unless it presses again',
  );
});

test('wpa_supplicant closes the button after two minutes: it is opened again for a phone that still waits', () => {
  const d = new Dialogue({ ...BUTTON, max_negotiation_time: 300 })
    .toRunning()
    .event('device', listed.asksByButton);
  assert.deepEqual(
    d.event('group', 'WPS-TIMEOUT ').commands(),
    [],
    'the event of our own WPS_CANCEL opens nothing',
  );
  d.now += 120_000;
  assert.deepEqual(d.event('group', 'WPS-TIMEOUT ').commands(), [OPEN(listed)]);
});

test('a phone that has the button and does not join loses its turn to the next one after a while', () => {
  const d = new Dialogue({ ...BUTTON, max_negotiation_time: 300 }).toRunning();
  d.event('device', listed.asksByButton);
  d.now += 10_000;
  assert.equal(d.event('device', stranger.asksByButton).timers()['button'], 20_000);
  assert.deepEqual(d.timer('button', 20_000).commands(), ['group: WPS_CANCEL', OPEN(stranger)]);
  assert.deepEqual(d.timer('button', 30_000).commands(), ['group: WPS_CANCEL', OPEN(listed)]);
  // And so on, until they have joined.
  d.event('group', listed.joins);
  const sent = d.commands().filter((command) => command.startsWith('group: '));
  assert.deepEqual(sent, ['group: WPS_CANCEL', OPEN(stranger)]);
});

test('many phones that press do not displace the phone that is being served', () => {
  const d = new Dialogue(BUTTON).toRunning().event('device', listed.asksByButton);
  for (let n = 10; n < 40; n++) {
    d.event('device', listed.asksByButton.replaceAll('42:00:00:00:01:00', `42:00:00:00:00:${n}`));
  }
  assert.equal(d.state.enrolments.length, 16);
  assert.equal(buttonFor(d), listed.device);
  assert.match(d.logs('warning').join(), /too many phones/);
  assert.ok(d.emitted().includes('enrolmentFailed'));
  d.event('group', 'WPS-PBC-DISABLE ');
  assert.notEqual(buttonFor(d), listed.device);
});

test('a group formed by button: its phone has been served, so the button is not opened for it', () => {
  const d = new Dialogue({ ...BUTTON, activate_persistent_group: false }).toIdle();
  d.event('device', listed.asksByButton).event('device', listed.negotiates(4)).hookDone('start_group');
  d.event('device', STARTED).up('group');
  assert.ok(!d.commands().some((command) => command.includes('WPS_PBC')));
});

test('a phone that pressed and then reconnects with its stored credential: the button is closed', () => {
  const d = new Dialogue(BUTTON)
    .toRunning()
    .event('device', listed.asksByButton)
    .event('group', listed.joins);
  assert.ok(d.commands().includes('group: WPS_CANCEL'));
  assert.equal(buttonFor(d), null);
});

test('a known station that asks and joins again is no longer waited for', () => {
  const d = new Dialogue(BUTTON)
    .toRunning()
    .event('group', listed.joins)
    .event('device', listed.asksByButton);
  d.event('group', listed.joins);
  assert.deepEqual(d.state.enrolments, []);
});

test('an unlisted phone that negotiates every second is reported only once in a while', () => {
  const d = new Dialogue({ ...BUTTON, pbc_white_list: ['Listed'] }).toRunning();
  assert.deepEqual(d.event('device', stranger.negotiates(4)).emitted(), [
    'enrolmentRefused',
    'enrolmentRequested',
  ]);
  d.now += 1000;
  assert.deepEqual(d.event('device', stranger.negotiates(4)).effects, []);
  d.now += 5000;
  assert.deepEqual(d.event('device', stranger.negotiates(4)).emitted(), [
    'enrolmentRefused',
    'enrolmentRequested',
  ]);
});

test('the button is closed when no device waits for it any more, and opened for the next one', () => {
  const d = new Dialogue({ ...BUTTON, max_negotiation_time: 30 }).toRunning();
  d.event('device', listed.asksByButton);
  d.now += 10_000;
  d.event('device', stranger.asksByButton).timer('enrolment', 20_000);
  assert.deepEqual(d.commands(), ['group: WPS_CANCEL', OPEN(stranger)]);
});

test('a WPS_PBC that wpa_supplicant refuses is tried again a little later', () => {
  const d = new Dialogue(BUTTON).toRunning().event('device', listed.asksByButton);
  d.reply(OPEN(listed).slice('group: '.length), 'FAIL-PBC-OVERLAP\n');
  assert.match(d.logs('warning').join(), /OVERLAP/);
  assert.equal(d.timers()['button'], 2000);
  assert.deepEqual(d.timer('button', 2000).commands(), [OPEN(listed)]);
});

test('a phone that presses while the button is open for another is refused by wpa_supplicant; the other phone does not fail', () => {
  const d = new Dialogue(BUTTON)
    .toRunning()
    .event('device', listed.asksByButton)
    .event('device', stranger.asksByButton);
  d.event('group', 'WPS-OVERLAP-DETECTED ').event('group', 'WPS-FAIL msg=4 config_error=12');
  assert.deepEqual([d.emitted(), buttonFor(d)], [[], listed.device]);
  d.event('group', listed.joins);
  assert.equal(buttonFor(d), stranger.device);
});

test('a phone that asks by PIN after it pressed: the button is closed', () => {
  const d = new Dialogue(BUTTON)
    .toRunning()
    .event('device', listed.asksByButton)
    .event('device', listed.asksByPin);
  assert.deepEqual(d.commands(), ['P2P_STOP_FIND', 'group: WPS_CANCEL']);
  assert.deepEqual(
    d.state.enrolments.map(({ method }) => method),
    ['display'],
  );
});

test('a PIN waits while the button is open, is armed before the button is opened again, and then the button follows', () => {
  const d = new Dialogue(BUTTON).toRunning().event('device', listed.asksByButton);
  assert.deepEqual(d.event('device', stranger.asksByPin).event('group', stranger.seen).commands(), []);
  d.now += 15_000;
  d.event('group', stranger.seen);
  assert.deepEqual(d.commands(), ['group: WPS_CANCEL', `group: WPS_PIN ${stranger.station} 00000000 105`]);
  assert.equal(d.timers()['button'], 15_000);
  assert.equal(buttonFor(d), null);
  // Being seen again does not extend its turn.
  d.now += 5_000;
  assert.equal(d.event('group', stranger.seen).timers()['button'], 10_000);
  assert.deepEqual(d.timer('button', 10_000).commands(), ['group: WPS_CANCEL', OPEN(listed)]);
  d.now += 15_000;
  assert.ok(d.event('group', stranger.seen).event('group', stranger.joins).commands().includes(OPEN(listed)));
});

test('a device that is not on the list gets the PIN: the group offers the PIN for a while', () => {
  const d = new Dialogue({ ...BUTTON, pbc_white_list: ['Listed'], pin: '12345670' }).toRunning();
  d.event('device', stranger.asksByButton);
  assert.deepEqual(d.commands(), ['P2P_STOP_FIND', 'SET config_methods keypad', REBUILD_GROUP_ELEMENTS]);
  assert.deepEqual(d.emitted(), ['enrolmentRefused', 'enrolmentRequested']);
  assert.match(d.logs('warning').join(), /Stranger.*pbc_white_list/);
  // The listed phone is served as before.
  assert.ok(d.event('device', listed.asksByButton).commands().includes(OPEN(listed)));
  d.event('device', stranger.asksByPin);
  d.now += 15_000;
  assert.deepEqual(d.event('group', stranger.seen).commands(), [
    'group: WPS_CANCEL',
    `group: WPS_PIN ${stranger.station} 12345670 105`,
  ]);
  assert.deepEqual(d.timer('button', 15_000).commands(), ['group: WPS_CANCEL', OPEN(listed)]);
  // Meanwhile the request of the listed one has timed out.
  assert.deepEqual(d.timer('method', 105_000).commands(), [
    'group: WPS_CANCEL',
    'SET config_methods virtual_push_button',
    REBUILD_GROUP_ELEMENTS,
  ]);
});

test('a device that is not on the list is invited when it no longer tries its button, and is asked for the PIN', () => {
  const d = new Dialogue({ ...BUTTON, pbc_white_list: ['Listed'], pin: '12345670' }).toRunning();
  d.event('device', stranger.asksByButton);
  assert.deepEqual(d.timer('invitation', 6000).commands(), [INVITES(stranger)]);
  d.event('device', 'P2P-INVITATION-RESULT status=1 ').event('group', stranger.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${stranger.station} 12345670 114`]);
});

test('a device that is not on the list does not use up a pairing window: it is only asked to use the PIN', () => {
  const d = new Dialogue({ ...BUTTON, pbc_white_list: ['Listed'], pin: '12345670' }).toRunning();
  d.operate({ kind: 'pair', method: 'pbc', pin: null, deviceAddress: listed.device });
  d.event('device', stranger.asksByButton);
  assert.deepEqual(d.commands(), [`P2P_PROV_DISC ${stranger.device} keypad`]);
  assert.deepEqual(d.emitted(), ['enrolmentRefused']);
});

test('a phone that presses where only the PIN is used is invited when it no longer tries its button', () => {
  const d = new Dialogue({ pin: '12345670' }).toRunning().event('device', listed.asksByButton);
  assert.deepEqual(d.commands(), ['P2P_STOP_FIND'], 'Android drops a provision discovery');
  assert.equal(d.timers()['invitation'], 6000);
  d.now += 4000;
  const tries = `WPS-ENROLLEE-SEEN ${listed.station} 00000000-0000-0000-0000-000000000000 0-00000000-0 0x3148 4 1 [ ]`;
  assert.deepEqual(d.event('group', tries).commands(), [], 'no PIN for a device that tries its button');
  assert.equal(d.timers()['invitation'], 6000);
  assert.deepEqual(d.timer('invitation', 6000).commands(), [INVITES(listed)]);
  d.event('device', 'P2P-INVITATION-RESULT status=1 ');
  assert.equal(d.timers()['invitation'], 20_000, 'its user may not have seen it');
  assert.deepEqual(d.timer('invitation', 20_000).commands(), [INVITES(listed)]);
  d.event('device', 'P2P-INVITATION-RESULT status=1 ').event('group', listed.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${listed.station} 12345670 90`]);
  assert.equal(d.timers()['invitation'], undefined);
});

test('a phone that presses and does not answer the invitation is not invited again at once', () => {
  const d = new Dialogue({ pin: '12345670' }).toRunning().event('device', listed.asksByButton);
  assert.deepEqual(d.timer('invitation', 6000).commands(), [INVITES(listed)]);
  d.reply(INVITES(listed), 'FAIL\n');
  assert.deepEqual(d.commands(), []);
  assert.equal(d.timers()['invitation'], 20_000);
});

test('a phone that has negotiated in vain, and presses then, is invited as any other', () => {
  const d = new Dialogue({ pin: '12345670' }).toRunning().event('device', listed.negotiates(1));
  assert.deepEqual(d.commands().at(-1), INVITES(listed));
  d.reply(INVITES(listed), 'FAIL\n').event('device', listed.asksByButton);
  assert.equal(d.timers()['invitation'], 6000);
  assert.deepEqual(d.timer('invitation', 6000).commands(), [INVITES(listed)]);
  d.event('device', 'P2P-INVITATION-RESULT status=1 ');
  assert.equal(d.timers()['invitation'], 20_000, 'it does not negotiate any more');
});

test('a phone that presses gets a fresh PIN of its own, and is invited', () => {
  const d = new Dialogue({ pin: 'random' }).toRunning().event('device', listed.asksByButton);
  assert.deepEqual(d.commands(), ['P2P_STOP_FIND'], 'Android drops a provision discovery');
  assert.deepEqual(d.hooks(), [['show_pin', listed.device, FRESH_PIN, 'Listed']]);
  assert.deepEqual(d.timer('invitation', 6000).commands(), [INVITES(listed)]);
  d.event('device', 'P2P-INVITATION-RESULT status=1 ').event('group', listed.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${listed.station} ${FRESH_PIN} 114`]);
});

test('a phone that presses again keeps its fresh PIN', () => {
  const d = new Dialogue({ pin: 'random' }).toRunning().event('device', listed.asksByButton);
  d.now += 10_000;
  d.nextPin = '12345670';
  d.event('device', listed.asksByButton);
  assert.deepEqual(d.hooks(), [['show_pin', listed.device, FRESH_PIN, 'Listed']]);
});

describe('a phone that presses while there is no group', () => {
  const onDemand = { activate_persistent_group: false, dynamic_group: true };
  const connects = `P2P_CONNECT ${listed.device} 12345670 display go_intent=15`;

  test('is asked for the PIN by a negotiation, again after it has refused the first one', () => {
    const d = new Dialogue({ ...onDemand, pin: '12345670' }).toIdle().event('device', listed.asksByButton);
    assert.deepEqual(d.hookDone('start_group').commands(), [connects]);
    d.event('device', 'P2P-GO-NEG-FAILURE status=10');
    assert.deepEqual(d.commands(), ['P2P_CANCEL', connects]);
    assert.equal(d.phase, 'forming');
  });

  test('with a fresh PIN of its own', () => {
    const d = new Dialogue({ ...onDemand, pin: 'random' }).toIdle().event('device', listed.asksByButton);
    assert.deepEqual(d.hooks()[0], ['show_pin', listed.device, FRESH_PIN, 'Listed']);
    d.hookDone('start_group');
    assert.deepEqual(d.commands(), [connects.replace('12345670', FRESH_PIN)]);
  });

  test('and never answers gets no more attempts than one that negotiates', () => {
    const d = new Dialogue({ ...onDemand, pin: '12345670' }).toIdle();
    let attempts = 0;
    for (let press = 0; press < 30; press++) {
      d.event('device', listed.asksByButton).hookDone('start_group');
      for (; d.phase === 'forming'; attempts++) d.event('device', 'P2P-GO-NEG-FAILURE status=-1');
      d.now += 6000;
      d.timer('backoff', 0);
    }
    assert.ok(attempts > 0 && attempts < 20, String(attempts));
  });

  test('another phone that uses another method has made a mistake, and is not asked again', () => {
    const d = new Dialogue({ ...onDemand, pin: '12345670' }).toIdle().event('device', listed.negotiates(1));
    d.hookDone('start_group').event('device', 'P2P-GO-NEG-FAILURE status=10');
    assert.deepEqual(d.commands(), ['P2P_CANCEL']);
  });
});

test('a phone that negotiates by button and is not on the list gets no group', () => {
  const d = new Dialogue({
    ...BUTTON,
    pbc_white_list: ['Listed'],
    activate_persistent_group: false,
  }).toIdle();
  d.event('device', stranger.negotiates(4));
  assert.deepEqual([d.hooks(), d.phase], [[], 'idle']);
  d.event('device', listed.asksByButton).event('device', listed.negotiates(4)).hookDone('start_group');
  assert.deepEqual(d.commands(), [`P2P_CONNECT ${listed.device} pbc go_intent=15`]);
});

test('at the end of the session config_methods get back the configured method', () => {
  const d = new Dialogue({ ...BUTTON, pbc_white_list: ['Listed'] }).toRunning();
  d.values({ config_methods: 'virtual_push_button' })
    .event('device', stranger.asksByButton)
    .give({ type: 'stop' });
  assert.deepEqual(d.commands(), [
    'group: WPS_CANCEL',
    'SET config_methods virtual_push_button',
    'P2P_STOP_FIND',
  ]);
});
