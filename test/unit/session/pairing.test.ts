import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OperatorCommand } from '#src/session/session-event.js';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

/** The user's values as a session notes them in wpa_supplicant. */
const NOTE = 'hostp2pd:KEYPAD,1,1,0.0.0.0,0.0.0.0,0.0.0.0,0.0.0.0';

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
const LAPTOP = '90:12:34:56:78:9a';
const PIN = '87654325';
const OPEN = 'group: WPS_PBC';
const ARMED = (seconds = 120) => `group: WPS_PIN any ${PIN} ${seconds}`;
const CANCEL = 'group: WPS_CANCEL';
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
  const closed = d.all('emit').map(({ event }) => event);
  return closed.find((event) => event.type === 'pairingClosed')?.reason ?? null;
}

function open(method: 'pbc' | 'pin', address: string | null = null, settings = {}): Dialogue {
  const d = new Dialogue(settings).toRunning().operate(pair(method, address));
  assert.equal(d.outcome(), 'ok');
  return d;
}

describe('the pairing window by push button', () => {
  test('opens the button to all at once, shows the method, and says so', () => {
    const d = open('pbc');
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND', 'SET config_methods virtual_push_button', OPEN]);
    assert.equal(d.timers()['pairing'], 120_000);
    assert.deepEqual(d.emitted(), ['pairingOpened']);
    assert.deepEqual(d.all('emit')[0]?.event, {
      type: 'pairingOpened',
      pairing: { method: 'pbc', pin: null, deviceAddress: null, secondsLeft: 120 },
    });
    assert.deepEqual(d.logs('info'), ['pairing open for 120 s: any device, by push button']);
  });

  test('a plain device comes in and it shuts; the own method is shown again, and nothing is armed', () => {
    const d = open('pbc');
    for (const event of [served(LAPTOP), 'WPS-PBC-DISABLE ', 'WPS-SUCCESS ']) {
      assert.deepEqual(d.event('group', event).commands(), [], event);
    }
    d.event('group', `AP-STA-CONNECTED ${LAPTOP}`);
    assert.equal(closedWith(d), 'joined');
    assert.deepEqual(d.commands(), [CANCEL, 'SET config_methods keypad']);
    assert.equal(d.state.pairing, null);
    assert.deepEqual(d.logs('info').slice(-1), ['pairing closed: a device has joined']);
  });

  test('one that comes by the passphrase meanwhile leaves it open', () => {
    const d = open('pbc').event('group', `AP-STA-CONNECTED ${LAPTOP}`);
    assert.deepEqual([closedWith(d), d.state.pairing?.method], [null, 'pbc']);
  });

  test('who has its credential and does not come makes room after a while', () => {
    const d = open('pbc').event('group', served(LAPTOP));
    assert.equal(d.timers()['pairing'], 20_000);
    d.event('group', 'WPS-PBC-DISABLE ');
    assert.deepEqual(d.timer('pairing', 20_000).commands(), [OPEN]);
  });

  test('neither the method nor the white list hinders the phone, which then shuts it', () => {
    const d = open('pbc', null, { pbc_white_list: [other.device] }).event('device', phone.asksByButton);
    assert.deepEqual(d.emitted(), ['enrolmentRequested']);
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND'], 'it is open to all already');
    d.event('group', served(phone.station)).event('group', 'WPS-PBC-DISABLE ').event('group', phone.joins);
    assert.equal(closedWith(d), 'joined');
    const again = d.event('device', other.asksByButton);
    assert.deepEqual(again.emitted(), ['enrolmentRefused']);
  });

  test('with an address only that phone, by its address', () => {
    const d = open('pbc', phone.device);
    assert.ok(d.commands().includes(`${OPEN} p2p_dev_addr=${phone.device}`), d.commands().join());
    assert.match(d.logs('info').join(), new RegExp(`${phone.device}, by push button`));
    assert.deepEqual(d.event('device', other.asksByButton).emitted(), ['enrolmentRefused']);
    assert.ok(
      !d.commands().some((command) => command.includes('config_methods')),
      'the method stays on show',
    );
    d.event('device', phone.asksByButton);
    assert.deepEqual(d.emitted(), ['enrolmentRequested']);
    d.event('group', 'WPS-PBC-DISABLE ');
    assert.deepEqual(d.commands(), []);
    assert.equal(closedWith(d.event('group', phone.joins)), 'joined');
  });

  test('the phone that it is for comes back by what it knows: nothing is left to open it for', () => {
    const d = open('pbc', phone.device).event('group', phone.joins);
    assert.equal(closedWith(d), 'joined');
    assert.ok(d.commands().includes(CANCEL));
  });

  test('opened again when two minutes of wpa_supplicant are over, and the window is longer', () => {
    const d = open('pbc', null, { max_negotiation_time: 300 });
    d.now += 120_000;
    assert.deepEqual(d.event('group', 'WPS-TIMEOUT ').commands(), [OPEN]);
  });

  test('the echo of a cancelled button opens nothing', () => {
    assert.deepEqual(open('pbc').event('group', 'WPS-TIMEOUT ').commands(), []);
  });

  test('others wait for the registrar while it is open, and have their turn when it is shut', () => {
    const d = open('pbc').event('device', other.asksByPin);
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    d.now += 20_000;
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    d.operate({ kind: 'stop-pairing' }, 2);
    assert.deepEqual(d.commands(), [CANCEL, 'SET config_methods keypad']);
    assert.deepEqual(d.event('group', other.seen).commands(), [
      `group: WPS_PIN ${other.station} 00000000 100`,
    ]);
  });

  test('what was armed before it is taken back first', () => {
    const d = new Dialogue().toRunning().event('device', other.asksByPin).event('group', other.seen);
    d.operate(pair('pbc'));
    assert.deepEqual(
      d.commands().filter((command) => command.startsWith('group:')),
      [CANCEL, OPEN],
    );
  });

  test('two have pressed: it is tried again, and phones that ask come in by their address meanwhile', () => {
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

  test('two press while it is open: wpa_supplicant lets in neither, so it is opened anew', () => {
    const d = open('pbc').event('group', 'WPS-FAIL msg=4 config_error=12');
    assert.match(d.logs('warning').join(), /several devices/);
    assert.deepEqual(d.timer('button', 2_000).commands(), [OPEN]);
  });
});

describe('the pairing window by PIN', () => {
  test('arms its PIN for all at once and shows it in its line', () => {
    const d = open('pin');
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND', ARMED()]);
    assert.deepEqual(d.logs('info'), ['pairing open for 120 s: any device, by PIN']);
  });

  for (const settings of [{ pin: '11112222' }, { pin: 'random' }, { pin_module: '/pins.mjs' }]) {
    test(`is the PIN of whoever comes, with ${JSON.stringify(settings)}`, () => {
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

  test('for one phone it is armed when that shows itself; others have the PIN of the settings', () => {
    const d = open('pin', phone.device, { pin: '11112222' });
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND']);
    d.event('device', other.asksByPin).event('device', phone.asksByPin);
    assert.deepEqual(d.event('group', other.seen).commands(), [
      `group: WPS_PIN ${other.station} 11112222 120`,
    ]);
    // An operator waits for it: it does not wait for its turn.
    assert.deepEqual(d.event('group', phone.seen).commands(), [
      CANCEL,
      `group: WPS_PIN ${phone.station} ${PIN} 120`,
    ]);
    d.event('group', served(phone.station)).event('group', phone.joins);
    assert.equal(closedWith(d), 'joined');
  });

  test('a phone that shows a PIN comes in by it, without a question', () => {
    const d = open('pin').event('device', phone.asksShowingPin);
    assert.deepEqual(d.hooks(), []);
    const named = open('pin', phone.device).event('device', phone.asksShowingPin);
    assert.deepEqual(named.event('group', phone.seen).commands(), [
      `group: WPS_PIN ${phone.station} ${PIN} 120`,
    ]);
  });

  test('a phone that has asked before it was opened comes in by its PIN', () => {
    for (const asks of [phone.asksByPin, phone.asksShowingPin]) {
      const d = new Dialogue({ pin: 'random' }).toRunning().event('device', asks).event('group', phone.seen);
      d.operate(pair('pin', phone.device));
      assert.ok(d.commands().includes(`group: WPS_PIN ${phone.station} ${PIN} 120`), asks);
    }
  });

  test('a plain device that comes in shuts it', () => {
    const d = open('pin');
    d.event('group', seen(LAPTOP));
    assert.deepEqual(d.commands(), []);
    assert.deepEqual(d.event('group', served(LAPTOP)).commands(), []);
    assert.equal(closedWith(d.event('group', `AP-STA-CONNECTED ${LAPTOP}`)), 'joined');
  });

  test('a wrong one counts and is armed anew; three in a row shut it, and a new one is refused meanwhile', () => {
    const d = open('pin').event('group', WRONG);
    assert.deepEqual(d.commands(), [CANCEL, ARMED()], 'it would be there twice');
    d.event('group', WRONG);
    assert.deepEqual(d.commands(), [CANCEL, ARMED()]);
    d.event('group', WRONG);
    assert.equal(closedWith(d), 'failed');
    assert.deepEqual(d.commands(), [CANCEL]);
    assert.equal(d.operate(pair('pin'), 2).outcome(2), 'STATE');
    assert.equal(d.operate(pair('pbc'), 3).outcome(3), 'ok');
  });

  test('armed anew where the registrar says that it has none any more', () => {
    const needed = `WPS-PIN-NEEDED 572cf82f-c957-5653-9b16-b5cfb298abf1 ${LAPTOP} [x|x|x|x|x|1-0050F204-1]`;
    const d = open('pin').event('group', needed);
    assert.deepEqual(d.commands(), [], 'that was about the time before');
    d.now += 10_000;
    assert.deepEqual(d.event('group', needed).commands(), [ARMED(110)]);
  });

  test('a window longer than wpa_supplicant shows a PIN is armed anew in time', () => {
    const d = open('pin', null, { max_negotiation_time: 300 });
    assert.equal(d.timers()['pairing'], 110_000);
    assert.deepEqual(d.timer('pairing', 110_000).commands(), [CANCEL, ARMED()]);
    d.timer('pairing', 110_000);
    assert.equal(d.timers()['pairing'], 80_000);
    assert.equal(closedWith(d.timer('pairing', 80_000)), 'timeout');
  });

  test('what wpa_supplicant will not arm lets nobody in', () => {
    const d = open('pin').answer({ kind: 'arm', address: 'any' }, 'FAIL\n');
    assert.equal(closedWith(d), 'failed');
  });

  test('a second device is not let in while the first has only to connect', () => {
    const d = open('pin').event('device', other.asksByPin).event('group', served(phone.station));
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    d.event('group', phone.joins.replace(phone.device, '42:00:00:00:09:00'));
    assert.equal(closedWith(d), 'joined');
    assert.deepEqual(d.state.enrolments, [], 'what let it in is no more');
    assert.ok(d.emitted().includes('enrolmentFailed'));
  });
});

describe('the pairing window and the group', () => {
  test('the group goes and comes back: armed again', () => {
    for (const [method, command] of [['pbc', OPEN] as const, ['pin', ARMED(119)] as const]) {
      const d = open(method).event('device', REMOVED).timer('backoff', 1_000);
      d.answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']).hookDone('start_group');
      d.event('device', STARTED).up('group');
      assert.ok(d.commands().includes(command), `${method}: ${d.commands().join(' | ')}`);
    }
  });

  test('the link to the group comes back: armed again', () => {
    const d = open('pbc').down('group');
    assert.deepEqual(
      d
        .up('group')
        .commands()
        .filter((command) => command === OPEN),
      [OPEN],
    );
  });

  test('without a group, whoever asks is let in and negotiates', () => {
    const settings = { activate_persistent_group: false, pbc_white_list: [other.device] };
    const d = new Dialogue(settings).toIdle().operate(pair('pbc'));
    assert.deepEqual(d.commands(), ['SET config_methods virtual_push_button']);
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

  test('a group on demand without stations stays for it, and no search takes its radio away', () => {
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

describe('the pairing window shuts', () => {
  test('by time', () => {
    const d = open('pbc').timer('pairing', 120_000);
    assert.equal(closedWith(d), 'timeout');
    assert.deepEqual(d.commands(), [CANCEL, 'SET config_methods keypad']);
  });

  test('by an operator; where none is open nothing happens', () => {
    const d = open('pin').operate({ kind: 'stop-pairing' }, 2);
    assert.deepEqual([closedWith(d), d.outcome(2)], ['stopped', 'ok']);
    assert.deepEqual(d.commands(), [CANCEL]);
    d.operate({ kind: 'stop-pairing' }, 3);
    assert.deepEqual([d.outcome(3), d.emitted()], ['ok', []]);
    assert.equal(new Dialogue().operate({ kind: 'stop-pairing' }).outcome(), 'ok', 'also without a link');
  });

  test('for a new one, which takes its place', () => {
    const d = open('pin').operate(pair('pbc'), 2);
    assert.deepEqual(d.emitted(), ['pairingClosed', 'pairingOpened']);
    assert.deepEqual(d.commands(), [CANCEL, 'P2P_STOP_FIND', 'SET config_methods virtual_push_button', OPEN]);
    assert.deepEqual([d.outcome(2), d.state.pairing?.method], ['ok', 'pbc']);
  });

  test('with the session, which takes back what is armed', () => {
    const d = open('pbc').give({ type: 'stop' });
    assert.equal(closedWith(d), 'failed');
    assert.deepEqual(d.commands().slice(0, 2), [CANCEL, 'SET config_methods keypad']);
  });

  test('when wpa_supplicant ends, or stays away; not for a hiccup', () => {
    assert.equal(closedWith(open('pbc').event('device', 'CTRL-EVENT-TERMINATING ')), 'failed');
    const away = open('pbc').down('device');
    assert.deepEqual([closedWith(away), away.timers()['pairing']], [null, 3_000]);
    assert.equal(closedWith(away.timer('pairing', 3_000)), 'failed');
    assert.deepEqual(away.commands(), [], 'there is nobody to tell');
    away.up('device').values({ config_methods: `virtual_push_button ${NOTE}` });
    assert.ok(away.commands().includes('SET config_methods keypad'));

    const hiccup = open('pbc').down('device');
    hiccup.now += 1_000;
    hiccup.up('device');
    assert.equal(hiccup.timers()['pairing'], 119_000);
    // As the window has left it.
    hiccup.values({ config_methods: `virtual_push_button ${NOTE}` });
    assert.equal(
      hiccup.state.method.used,
      'keypad',
      'the method of the window is not the one of wpa_supplicant',
    );
    hiccup
      .answer({ kind: 'interfaces' }, `${GROUP}\n`)
      .up('group')
      .answer({ kind: 'adoption' }, 'mode=P2P GO\n');
    assert.ok(hiccup.commands().includes(OPEN));
  });

  test('and whom only it let in has to ask by the settings', () => {
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

describe('a pairing window is not opened', () => {
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
      'for a phone that is on the group',
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
