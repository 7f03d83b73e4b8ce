import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OperatorCommand } from '#src/session/session-event.js';
import { REBUILD_GROUP_ELEMENTS } from '#src/wpa/command.js';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

/** The user's values, as a session notes them in wpa_supplicant. */
const NOTE = 'hostp2pd:KEYPAD,1,1,0.0.0.0,0.0.0.0,0.0.0.0,0.0.0.0';

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
const LAPTOP = '90:12:34:56:78:9a';
const PIN = '87654325';
const OPEN = 'group: WPS_PBC';
const ARMED = (seconds = 120) => `group: WPS_PIN any ${PIN} ${seconds}`;
const CANCEL = 'group: WPS_CANCEL';
/** How phones see the method from now on. */
const offers = (configMethods: string) => [`SET config_methods ${configMethods}`, REBUILD_GROUP_ELEMENTS];
const WRONG = 'WPS-FAIL msg=8 config_error=18';

const pair = (
  method: 'pbc' | 'pin',
  deviceAddress: string | null = null,
): Extract<OperatorCommand, { kind: 'pair' }> => ({
  kind: 'pair',
  method,
  pin: method === 'pin' ? PIN : null,
  deviceAddress,
});

const served = (address: string) => `WPS-REG-SUCCESS ${address} 572cf82f-c957-5653-9b16-b5cfb298abf1`;
const seen = (address: string) => phone.seen.replace(phone.station, address);

function closedWith(d: Dialogue): string | null {
  const closed = d.events();
  return closed.find((event) => event.type === 'pairingClosed')?.reason ?? null;
}

function open(method: 'pbc' | 'pin', address: string | null = null, settings = {}): Dialogue {
  const d = new Dialogue(settings).toRunning().operate(pair(method, address));
  assert.equal(d.outcome(), 'ok');
  return d;
}

describe('the pairing window by push button', () => {
  test('a button that is open for one phone is opened for any device instead', () => {
    const d = new Dialogue({ pbc_in_use: true, pbc_white_list: [phone.device] }).toRunning();
    assert.ok(
      d.event('device', phone.asksByButton).commands().includes(`${OPEN} p2p_dev_addr=${phone.device}`),
    );
    assert.deepEqual(
      d
        .operate(pair('pbc'))
        .commands()
        .filter((command) => command.startsWith('group:')),
      [CANCEL, OPEN],
    );
  });

  test('opens the button for any device at once, offers the method in config_methods, and logs it', () => {
    const d = open('pbc');
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND', ...offers('virtual_push_button'), OPEN]);
    assert.equal(d.timers()['pairing'], 120_000);
    assert.deepEqual(d.emitted(), ['pairingOpened']);
    assert.deepEqual(d.all('emit')[0]?.event, {
      type: 'pairingOpened',
      pairing: { method: 'pbc', pin: null, deviceAddress: null, secondsLeft: 120 },
    });
    assert.deepEqual(d.logs('info'), ['pairing open for 120 s: any device, by push button']);
  });

  test('a device without Wi-Fi Direct joins: the window closes, the configured method is restored, and nothing is armed', () => {
    const d = open('pbc');
    for (const event of [served(LAPTOP), 'WPS-PBC-DISABLE ', 'WPS-SUCCESS ']) {
      assert.deepEqual(d.event('group', event).commands(), [], event);
    }
    d.event('group', `AP-STA-CONNECTED ${LAPTOP}`);
    assert.equal(closedWith(d), 'joined');
    assert.deepEqual(d.commands(), [CANCEL, ...offers('keypad')]);
    assert.equal(d.state.pairing, null);
    assert.deepEqual(d.logs('info').slice(-1), ['pairing closed: a device has joined']);
  });

  test('a device that joins with the passphrase leaves it open', () => {
    const d = open('pbc').event('group', `AP-STA-CONNECTED ${LAPTOP}`);
    assert.deepEqual([closedWith(d), d.state.pairing?.method], [null, 'pbc']);
  });

  test('a device that has its credential and does not connect makes room for the next one after a while', () => {
    const d = open('pbc').event('group', served(LAPTOP));
    assert.equal(d.timers()['pairing'], 20_000);
    d.event('group', 'WPS-PBC-DISABLE ');
    assert.deepEqual(d.timer('pairing', 20_000).commands(), [OPEN]);
  });

  test('admits a phone whatever the configured method and white list say, and then closes', () => {
    const d = open('pbc', null, { pbc_white_list: [other.device] }).event('device', phone.asksByButton);
    assert.deepEqual(d.emitted(), ['enrolmentRequested']);
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND'], 'it is already open for any device');
    d.event('group', served(phone.station)).event('group', 'WPS-PBC-DISABLE ').event('group', phone.joins);
    assert.equal(closedWith(d), 'joined');
    const again = d.event('device', other.asksByButton);
    assert.deepEqual(again.emitted(), ['enrolmentRefused', 'enrolmentRequested'], 'it is offered the PIN');
  });

  test('with an address admits only that phone, by its address', () => {
    const d = open('pbc', phone.device);
    assert.ok(d.commands().includes(`${OPEN} p2p_dev_addr=${phone.device}`), d.commands().join());
    assert.match(d.logs('info').join(), new RegExp(`${phone.device}, by push button`));
    assert.deepEqual(d.event('device', other.asksByButton).emitted(), ['enrolmentRefused']);
    assert.ok(
      !d.commands().some((command) => command.includes('config_methods')),
      'the offered method is not changed',
    );
    d.event('device', phone.asksByButton);
    assert.deepEqual(d.emitted(), ['enrolmentRequested']);
    d.event('group', 'WPS-PBC-DISABLE ');
    assert.deepEqual(d.commands(), []);
    assert.equal(closedWith(d.event('group', phone.joins)), 'joined');
  });

  test('the phone that it is for reconnects with its stored credential: the button is not opened again', () => {
    const d = open('pbc', phone.device).event('group', phone.joins);
    assert.equal(closedWith(d), 'joined');
    assert.ok(d.commands().includes(CANCEL));
  });

  test("is opened again after wpa_supplicant's two minutes, if the window is longer", () => {
    const d = open('pbc', null, { max_negotiation_time: 300 });
    d.now += 120_000;
    assert.deepEqual(d.event('group', 'WPS-TIMEOUT ').commands(), [OPEN]);
  });

  test('the event of our own WPS_CANCEL opens nothing', () => {
    assert.deepEqual(open('pbc').event('group', 'WPS-TIMEOUT ').commands(), []);
  });

  test('other phones wait while it is open, and get their turn when it closes', () => {
    const d = open('pbc').event('device', other.asksByPin);
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    d.now += 20_000;
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    d.operate({ kind: 'stop-pairing' }, 2);
    assert.deepEqual(d.commands(), [CANCEL, ...offers('keypad')]);
    assert.deepEqual(d.event('group', other.seen).commands(), [
      `group: WPS_PIN ${other.station} 00000000 100`,
    ]);
  });

  test('a PIN or button that was armed before is cancelled first', () => {
    const d = new Dialogue().toRunning().event('device', other.asksByPin).event('group', other.seen);
    d.operate(pair('pbc'));
    assert.deepEqual(
      d.commands().filter((command) => command.startsWith('group:')),
      [CANCEL, OPEN],
    );
  });

  test('refused because two devices pressed: tried again, and phones that ask get the button by their address meanwhile', () => {
    const d = open('pbc').reply('WPS_PBC', 'FAIL-PBC-OVERLAP\n');
    assert.equal(d.logs('warning').length, 1);
    assert.equal(d.timers()['button'], 2_000);
    d.timer('button', 2_000);
    assert.deepEqual(d.commands(), [OPEN]);
    assert.deepEqual(d.reply('WPS_PBC', 'FAIL-PBC-OVERLAP\n').logs('warning'), []);
    d.event('device', phone.asksByButton);
    assert.ok(d.commands().includes(`${OPEN} p2p_dev_addr=${phone.device}`));
    d.event('group', served(phone.station)).event('group', 'WPS-PBC-DISABLE ');
    assert.deepEqual(d.commands(), []);
    assert.equal(closedWith(d.event('group', phone.joins)), 'joined');
  });

  test('two devices press while it is open: wpa_supplicant admits neither, so it is opened again', () => {
    const d = open('pbc').event('group', 'WPS-FAIL msg=4 config_error=12');
    assert.match(d.logs('warning').join(), /several devices/);
    assert.deepEqual(d.timer('button', 2_000).commands(), [OPEN]);
  });
});

describe('the pairing window by PIN', () => {
  test('arms its PIN for any device at once and logs it', () => {
    const d = open('pin');
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND', ARMED()]);
    assert.deepEqual(d.logs('info'), ['pairing open for 120 s: any device, by PIN']);
  });

  for (const settings of [{ pin: '11112222' }, { pin: 'random' }, { pin_module: '/pins.mjs' }]) {
    test(`its PIN is valid for any device, with ${JSON.stringify(settings)}`, () => {
      const d = open('pin', null, settings).event('device', phone.asksByPin);
      assert.deepEqual([d.hooks(), d.all('ask-pin')], [[], []]);
      assert.deepEqual(
        d.state.enrolments.map(({ pin }) => pin),
        [PIN],
      );
      assert.deepEqual(d.event('group', phone.seen).commands(), [], 'armed already');
      d.event('group', served(phone.station)).event('group', phone.joins);
      assert.equal(closedWith(d), 'joined');
    });
  }

  test('with an address its PIN is armed when that phone is seen; other phones get the PIN of the settings', () => {
    const d = open('pin', phone.device, { pin: '11112222' });
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND']);
    d.event('device', other.asksByPin).event('device', phone.asksByPin);
    assert.deepEqual(d.event('group', other.seen).commands(), [
      `group: WPS_PIN ${other.station} 11112222 120`,
    ]);
    // An operator waits for it, so it does not wait for its turn.
    assert.deepEqual(d.event('group', phone.seen).commands(), [
      CANCEL,
      `group: WPS_PIN ${phone.station} ${PIN} 120`,
    ]);
    d.event('group', served(phone.station)).event('group', phone.joins);
    assert.equal(closedWith(d), 'joined');
  });

  test('a phone that shows a PIN joins with the PIN of the window, without the hook enter_pin', () => {
    const d = open('pin').event('device', phone.asksShowingPin);
    assert.deepEqual(d.hooks(), []);
    const named = open('pin', phone.device).event('device', phone.asksShowingPin);
    assert.deepEqual(named.event('group', phone.seen).commands(), [
      `group: WPS_PIN ${phone.station} ${PIN} 120`,
    ]);
  });

  test('a phone that asked before the window opened joins with its PIN', () => {
    for (const asks of [phone.asksByPin, phone.asksShowingPin]) {
      const d = new Dialogue({ pin: 'random' }).toRunning().event('device', asks).event('group', phone.seen);
      d.operate(pair('pin', phone.device));
      assert.ok(d.commands().includes(`group: WPS_PIN ${phone.station} ${PIN} 120`), asks);
    }
  });

  test('a device without Wi-Fi Direct joins: the window closes', () => {
    const d = open('pin');
    d.event('group', seen(LAPTOP));
    assert.deepEqual(d.commands(), []);
    assert.deepEqual(d.event('group', served(LAPTOP)).commands(), []);
    assert.equal(closedWith(d.event('group', `AP-STA-CONNECTED ${LAPTOP}`)), 'joined');
  });

  test('a wrong PIN counts, and the PIN is armed again; three in a row close it, and a new window is refused for a while', () => {
    const d = open('pin').event('group', WRONG);
    assert.deepEqual(d.commands(), [CANCEL, ARMED()], 'the registrar would hold it twice');
    d.event('group', WRONG);
    assert.deepEqual(d.commands(), [CANCEL, ARMED()]);
    d.event('group', WRONG);
    assert.equal(closedWith(d), 'failed');
    assert.deepEqual(d.commands(), [CANCEL]);
    assert.equal(d.operate(pair('pin'), 2).outcome(2), 'STATE');
    assert.equal(d.operate(pair('pbc'), 3).outcome(3), 'ok');
  });

  test('is armed again when the registrar reports that it has none', () => {
    const needed = `WPS-PIN-NEEDED 572cf82f-c957-5653-9b16-b5cfb298abf1 ${LAPTOP} [x|x|x|x|x|1-0050F204-1]`;
    const d = open('pin').event('group', needed);
    assert.deepEqual(d.commands(), [], 'this report is about the time before');
    d.now += 10_000;
    assert.deepEqual(d.event('group', needed).commands(), [ARMED(110)]);
  });

  test("the PIN is armed again in time if the window is longer than wpa_supplicant's limit for a PIN", () => {
    const d = open('pin', null, { max_negotiation_time: 300 });
    assert.equal(d.timers()['pairing'], 110_000);
    assert.deepEqual(d.timer('pairing', 110_000).commands(), [CANCEL, ARMED()]);
    d.timer('pairing', 110_000);
    assert.equal(d.timers()['pairing'], 80_000);
    assert.equal(closedWith(d.timer('pairing', 80_000)), 'timeout');
  });

  test('closes with an error if wpa_supplicant refuses to arm the PIN', () => {
    const d = open('pin').answer({ kind: 'arm', address: 'any' }, 'FAIL\n');
    assert.equal(closedWith(d), 'failed');
  });

  test('a second device is not admitted while the first one only has to connect', () => {
    const d = open('pin').event('device', other.asksByPin).event('group', served(phone.station));
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    d.event('group', phone.joins.replace(phone.device, '42:00:00:00:09:00'));
    assert.equal(closedWith(d), 'joined');
    assert.deepEqual(d.state.enrolments, [], 'its enrolment has ended');
    assert.ok(d.emitted().includes('enrolmentFailed'));
  });
});

describe('the pairing window and the group', () => {
  test('the group ends and comes up again: armed again', () => {
    for (const [method, command] of [['pbc', OPEN] as const, ['pin', ARMED(119)] as const]) {
      const d = open(method).event('device', REMOVED).timer('backoff', 1_000);
      d.answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']).hookDone('start_group');
      d.event('device', STARTED).up('group');
      assert.ok(d.commands().includes(command), `${method}: ${d.commands().join(' | ')}`);
    }
  });

  test('the link to the group is attached again: armed again', () => {
    const d = open('pbc').down('group');
    assert.deepEqual(
      d
        .up('group')
        .commands()
        .filter((command) => command === OPEN),
      [OPEN],
    );
  });

  test('without a group, any phone that asks is admitted and negotiates', () => {
    const settings = { activate_persistent_group: false, pbc_white_list: [other.device] };
    const d = new Dialogue(settings).toIdle().operate(pair('pbc'));
    assert.deepEqual(d.commands(), offers('virtual_push_button'));
    d.event('device', phone.negotiates(4));
    d.hookDone('start_group');
    assert.deepEqual(d.commands(), [`P2P_CONNECT ${phone.device} pbc go_intent=15`]);
    d.event('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone.device}`);
    d.event('device', STARTED).up('group');
    assert.ok(!d.commands().includes(OPEN), 'the phone has its credential');
    assert.equal(closedWith(d.event('group', phone.joins)), 'joined');

    const pin = new Dialogue({ activate_persistent_group: false })
      .toIdle()
      .operate(pair('pin', phone.device));
    pin.event('device', phone.negotiates(1)).hookDone('start_group');
    assert.deepEqual(pin.commands(), [`P2P_CONNECT ${phone.device} ${PIN} display go_intent=15`]);
  });

  test('a phone that shows its PIN and waits is negotiated with at once', () => {
    const d = new Dialogue({ activate_persistent_group: false })
      .toIdle()
      .event('device', phone.negotiates(5));
    assert.equal(d.phase, 'idle');
    assert.equal(d.operate(pair('pin', phone.device)).phase, 'announcing');
  });

  test('a group on demand without stations stays up for it, and no search takes the radio off its channel', () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle();
    d.event('device', phone.negotiates(1)).hookDone('start_group');
    d.event('device', STARTED).up('group').answer({ kind: 'walk' }, '');
    d.now += 60_000;
    d.operate(pair('pbc')).timer('enrolment', 60_000);
    assert.deepEqual(d.timer('unused', 1).commands(), []);
    assert.deepEqual(d.timer('discovery').commands(), []);
    d.operate({ kind: 'stop-pairing' }, 2);
    assert.ok(d.commands().includes(`P2P_GROUP_REMOVE ${GROUP}`));
  });
});

describe('the pairing window closes', () => {
  test('at its time limit', () => {
    const d = open('pbc').timer('pairing', 120_000);
    assert.equal(closedWith(d), 'timeout');
    assert.deepEqual(d.commands(), [CANCEL, ...offers('keypad')]);
  });

  test('by an operator; nothing happens if none is open', () => {
    const d = open('pin').operate({ kind: 'stop-pairing' }, 2);
    assert.deepEqual([closedWith(d), d.outcome(2)], ['stopped', 'ok']);
    assert.deepEqual(d.commands(), [CANCEL]);
    d.operate({ kind: 'stop-pairing' }, 3);
    assert.deepEqual([d.outcome(3), d.emitted()], ['ok', []]);
    assert.equal(new Dialogue().operate({ kind: 'stop-pairing' }).outcome(), 'ok', 'also without a link');
  });

  test('for a new one, which replaces it', () => {
    const d = open('pin').operate(pair('pbc'), 2);
    assert.deepEqual(d.emitted(), ['pairingClosed', 'pairingOpened']);
    assert.deepEqual(d.commands(), [CANCEL, 'P2P_STOP_FIND', ...offers('virtual_push_button'), OPEN]);
    assert.deepEqual([d.outcome(2), d.state.pairing?.method], ['ok', 'pbc']);
  });

  test('with the session, which cancels what is armed', () => {
    const d = open('pbc').give({ type: 'stop' });
    assert.equal(closedWith(d), 'failed');
    assert.deepEqual(d.commands().slice(0, 2), [CANCEL, 'SET config_methods keypad']);
  });

  test('when wpa_supplicant ends, or stays away; not for a short loss of the link', () => {
    assert.equal(closedWith(open('pbc').event('device', 'CTRL-EVENT-TERMINATING ')), 'failed');
    const away = open('pbc').down('device');
    assert.deepEqual([closedWith(away), away.timers()['pairing']], [null, 3_000]);
    assert.equal(closedWith(away.timer('pairing', 3_000)), 'failed');
    assert.deepEqual(away.commands(), [], 'there is no link to send on');
    away.up('device').values({ config_methods: `virtual_push_button ${NOTE}` });
    assert.ok(away.commands().includes('SET config_methods keypad'));

    const hiccup = open('pbc').down('device');
    hiccup.now += 1_000;
    hiccup.up('device');
    assert.equal(hiccup.timers()['pairing'], 119_000);
    // As the window left it.
    hiccup.values({ config_methods: `virtual_push_button ${NOTE}` });
    assert.equal(hiccup.state.method.used, 'pin', "the method of the window is not taken for the user's");
    hiccup
      .answer({ kind: 'interfaces' }, `${GROUP}\n`)
      .up('group')
      .answer({ kind: 'adoption' }, 'mode=P2P GO\n');
    assert.ok(hiccup.commands().includes(OPEN));
  });

  test('and a phone that only the window admitted has to ask again, by the settings', () => {
    const d = open('pbc').event('device', phone.asksByButton).timer('pairing', 120_000);
    assert.deepEqual(d.state.enrolments, []);
    assert.ok(d.emitted().includes('enrolmentFailed'));
    const allowed = open('pbc', null, { pbc_in_use: true }).event('device', phone.asksByButton);
    allowed.operate({ kind: 'stop-pairing' }, 2);
    assert.deepEqual(
      allowed.state.enrolments.map(({ deviceAddress }) => deviceAddress),
      [phone.device],
    );
    assert.ok(allowed.commands().includes(`${OPEN} p2p_dev_addr=${phone.device}`));
  });
});

describe('a pairing window is refused', () => {
  const rows: readonly (readonly [string, () => Dialogue, string | null, string])[] = [
    ['without a link', () => new Dialogue(), null, 'CONTROL_UNAVAILABLE'],
    ['while paused', () => new Dialogue().toRunning().operate({ kind: 'pause' }, 9), null, 'STATE'],
    [
      'while the group is stopped',
      () => new Dialogue().toRunning().operate({ kind: 'stop-group' }, 9),
      null,
      'STATE',
    ],
    [
      'for a phone that is connected',
      () => new Dialogue().toRunning().event('group', phone.joins),
      phone.device,
      'STATE',
    ],
  ];
  for (const [name, make, address, code] of rows) {
    test(name, () => {
      const d = make().operate(pair('pbc', address));
      assert.equal(d.outcome(), code);
      assert.deepEqual([d.commands(), d.emitted(), d.state.pairing], [[], [], null]);
    });
  }
});
