import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ANYBODY } from '#src/session/model.js';
import type { OperatorCommand } from '#src/session/session-event.js';
import { seeded } from '../../fakes/seeded.js';
import { Dialogue, GROUP, Phone, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
const laptop = new Phone(3, '');
const PIN = '12345670';
const CANCEL = 'group: WPS_CANCEL';
const WRONG = 'WPS-FAIL msg=8 config_error=18';
const WINDOW_PIN = '87654325';
const armed = ({ station }: Phone, pin = PIN, seconds = 120) => `group: WPS_PIN ${station} ${pin} ${seconds}`;
const served = ({ station }: Phone) => `WPS-REG-SUCCESS ${station} 572cf82f-c957-5653-9b16-b5cfb298abf1`;
const begins = ({ station }: Phone) => `CTRL-EVENT-EAP-STARTED ${station}`;

function running(settings: Readonly<Record<string, unknown>> = {}): Dialogue {
  return new Dialogue({ pin: PIN, ...settings }).toRunning();
}

/** A PIN that a laptop tried and gave up without an event. */
function tried(settings = {}): Dialogue {
  return running(settings).event('group', laptop.needsPin).event('group', begins(laptop));
}

test('a device without a request is admitted by the common PIN, and the log says so', () => {
  const d = running().event('group', laptop.needsPin);
  assert.deepEqual(d.commands(), [armed(laptop, PIN, 120)]);
  assert.deepEqual(d.events(), [
    { type: 'enrolmentArmed', stationAddress: laptop.station, deviceAddress: null, name: null },
  ]);
});

describe('the PIN or button of the registrar is withdrawn', () => {
  test('before the next PIN: the registrar would hold it beside one that was tried', () => {
    const d = tried().event('device', phone.asksByPin);
    d.now += 10_000;
    assert.deepEqual(d.event('group', phone.seen).commands(), [CANCEL, armed(phone, PIN, 110)]);
  });

  test('not while a device is trying it: WPS_CANCEL would disconnect that device', () => {
    const d = tried().event('device', phone.asksByPin);
    d.now += 9_000;
    assert.deepEqual(d.event('group', phone.seen).commands(), []);
  });

  const ENDS: readonly (readonly [string, OperatorCommand | { readonly kind: 'end' }])[] = [
    ['by a pause', { kind: 'pause' }],
    ['when the group is stopped', { kind: 'stop-group' }],
    ['when the session ends', { kind: 'end' }],
  ];
  for (const [name, command] of ENDS) {
    test(`${name}, also if we know of nothing to withdraw`, () => {
      for (const d of [running(), tried(), running().event('group', served(phone))]) {
        if (command.kind === 'end') d.give({ type: 'stop' });
        else d.operate(command);
        assert.deepEqual(
          d.commands().filter((sent) => sent.includes('WPS')),
          [CANCEL],
        );
      }
    });
  }

  test('when a phone that was seen does not join in time', () => {
    const d = running({ max_negotiation_time: 30 }).event('device', phone.asksByPin);
    d.event('group', phone.seen).event('group', WRONG);
    assert.deepEqual(d.timer('enrolment', 30_000).commands(), [CANCEL]);
  });

  test('not when another phone that still waits needs it', () => {
    const d = running({ max_negotiation_time: 60 }).event('device', phone.asksByPin);
    d.event('group', phone.seen);
    d.now += 30_000;
    d.event('device', other.asksByPin).event('group', other.seen);
    assert.deepEqual(d.commands(), [CANCEL, armed(other, PIN, 60)]);
    assert.deepEqual(d.timer('enrolment', 30_000).commands(), []);
  });

  test('when a pairing window closes, also if its PIN has been used', () => {
    const d = running().operate({ kind: 'pair', method: 'pin', pin: WINDOW_PIN, deviceAddress: null });
    d.event('group', served(laptop)).operate({ kind: 'stop-pairing' }, 2);
    assert.deepEqual(d.commands(), [CANCEL]);
  });

  test('after too many wrong PINs', () => {
    const d = running();
    for (const _ of [1, 2]) d.event('group', laptop.needsPin).event('group', WRONG);
    d.event('group', laptop.needsPin);
    assert.deepEqual(d.event('group', WRONG).commands(), [CANCEL]);
    assert.equal(d.state.registrar.holds, 'nothing');
  });

  test('after every wrong PIN: it would be valid for a second attempt', () => {
    const d = running().event('group', laptop.needsPin);
    assert.deepEqual(d.event('group', WRONG).commands(), [CANCEL]);
  });

  for (const [what, settings] of [
    ['the PIN', { pin: '00000000' }],
    ['the method', { pin: PIN, pbc_in_use: true }],
    ['a fresh PIN', { pin: 'random' }],
    ['a PIN module', { pin: PIN, pin_module: '/pins.mjs' }],
  ] as const) {
    test(`when a reload changes ${what}`, () => {
      const d = tried().configure(settings);
      assert.ok(d.commands().includes(CANCEL), d.commands().join());
    });
  }

  test('not by a reload that does not change the PIN', () => {
    assert.ok(!tried().configure({ pin: PIN }).commands().includes(CANCEL));
  });

  test('when the link to the group is attached again: what happened meanwhile is unknown', () => {
    const d = running().event('group', laptop.needsPin).down('group').up('group');
    assert.equal(d.commands()[0], CANCEL);
    assert.equal(d.state.registrar.holds, 'nothing');
  });

  test('when the session finds a group: a former session may have armed a PIN', () => {
    const d = new Dialogue().up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
    assert.equal(d.reply('STATUS', 'mode=P2P GO\n').commands()[0], CANCEL);
  });

  test('when a group comes up while the session is paused', () => {
    const d = new Dialogue().toChoosing().operate({ kind: 'pause' });
    d.event('device', STARTED).up('group');
    assert.equal(d.commands()[0], CANCEL);
  });
});

describe('a reload, and phones that have asked', () => {
  test('by PIN: the new PIN is armed for them', () => {
    const d = running().event('device', phone.asksByPin).event('group', phone.seen);
    d.configure({ pin: '00000000' });
    assert.ok(d.commands().includes(CANCEL));
    assert.deepEqual(d.event('group', phone.seen).commands(), [armed(phone, '00000000')]);
  });

  test('by PIN: with a PIN for each phone they have to ask again', () => {
    const d = running().event('device', phone.asksByPin).configure({ pin: 'random' });
    assert.deepEqual([d.state.enrolments, d.emitted().includes('enrolmentFailed')], [[], true]);
  });

  test('by button: requests of phones that may no longer use it end', () => {
    const d = running({ pbc_in_use: true }).event('device', phone.asksByButton);
    d.configure({ pbc_in_use: true, pbc_white_list: [other.device] });
    assert.deepEqual([d.state.enrolments, d.commands().includes(CANCEL)], [[], true]);
    assert.ok(d.emitted().includes('enrolmentFailed'));
    const allowed = running({ pbc_in_use: true }).event('device', phone.asksByButton);
    allowed.configure({ pbc_in_use: true, pbc_white_list: [phone.device] });
    assert.deepEqual([allowed.state.enrolments.length, allowed.commands().includes(CANCEL)], [1, false]);
  });
});

describe('a PIN or button that another program gives the registrar', () => {
  test('a PIN is not replaced when a device is seen, and its failure is not counted as ours', () => {
    const d = running();
    for (const _ of [1, 2, 3]) {
      assert.deepEqual(d.event('group', laptop.seen).commands(), []);
      assert.deepEqual(d.event('group', begins(laptop)).event('group', WRONG).commands(), []);
    }
    assert.match(d.logs('warning').join(), /wrong PIN \(WPS error 18\), armed by another program/);
    assert.deepEqual(d.state.wrongPins, { count: 0, pausedUntil: 0 });
    assert.deepEqual(
      d.event('group', laptop.needsPin).commands(),
      [armed(laptop)],
      'the PIN of the other program is used up',
    );
  });

  test('a button is left open for a while, and devices by PIN that made no request wait', () => {
    const d = running({ pbc_in_use: true }).event('group', 'WPS-PBC-ACTIVE ');
    d.event('device', phone.asksByButton);
    assert.equal(d.timers()['button'], 30_000);
    assert.ok(!d.commands().includes(CANCEL));
    assert.deepEqual(d.timer('button', 30_000).commands(), [
      CANCEL,
      `group: WPS_PBC p2p_dev_addr=${phone.device}`,
    ]);
    const pin = running().event('group', 'WPS-PBC-ACTIVE ');
    assert.deepEqual(pin.event('group', laptop.needsPin).commands(), []);
    pin.event('group', 'WPS-TIMEOUT ');
    assert.deepEqual(pin.event('group', laptop.needsPin).commands(), [armed(laptop)]);
  });

  test('a button over our PIN: the PIN is withdrawn as well', () => {
    const d = running().event('group', laptop.needsPin).event('group', 'WPS-PBC-ACTIVE ');
    d.operate({ kind: 'pause' });
    assert.deepEqual(
      d.commands().filter((sent) => sent.includes('WPS')),
      [CANCEL, `group: WPS_PIN any ${PIN} 1`, CANCEL],
    );
  });

  test('the event of our own request is not taken for that', () => {
    const d = running({ pbc_in_use: true }).event('device', phone.asksByButton);
    d.event('group', 'WPS-PBC-ACTIVE ');
    assert.equal(d.state.registrar.holds, 'button');
  });
});

/** wpa_supplicant's registrar as in wps_registrar.c: a list of PINs, the newest first. */
class RegistrarModel {
  #pins: { readonly pin: string; attempts: number; readonly until: number }[] = [];
  #selected = false;
  #button = false;

  take(command: string, now: number): void {
    const [, verb, address, pin = '', seconds] =
      /^group: (WPS_\w+)(?: (\S+))?(?: (\d+) (\d+))?$/.exec(command) ?? [];
    if (verb === 'WPS_PIN') {
      assert.ok(address);
      const unused = this.#pins.findIndex(({ attempts }) => attempts === 0);
      if (unused >= 0) this.#pins.splice(unused, 1);
      this.#pins.unshift({ pin, attempts: 0, until: now + Number(seconds) * 1000 });
      [this.#selected, this.#button] = [true, false];
    } else if (verb === 'WPS_PBC') {
      [this.#selected, this.#button] = [true, true];
    } else if (verb === 'WPS_CANCEL') {
      if (this.#selected && !this.#button) this.#pins.shift();
      [this.#selected, this.#button] = [false, false];
    }
  }

  /** A device tries a PIN. @returns the events; none if it leaves silently */
  attempt(device: Phone, pin: string, silent: boolean): readonly string[] {
    const [found] = this.#pins;
    if (!found) return [device.needsPin];
    if (found.pin === pin) {
      this.#pins.shift();
      this.#selected = false;
      return [served(device), 'WPS-SUCCESS '];
    }
    found.attempts++;
    if (found.attempts >= 2) this.#pins.shift();
    return silent ? [] : [WRONG];
  }

  valid(now: number): readonly string[] {
    this.#pins = this.#pins.filter(({ until }) => until > now);
    return [...this.#pins.map(({ pin }) => pin), ...(this.#button ? ['button'] : [])];
  }
}

test('whatever happens, the registrar never holds two PINs or buttons, nor one that the session does not know', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seeded(seed);
    const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
    const d = running({ pbc_in_use: true, pin: PIN }).event('device', phone.asksByPin);
    const model = new RegistrarModel();
    const devices = [phone, other, laptop] as const;
    const take = () => {
      for (const command of d.commands()) model.take(command, d.now);
      const valid = model.valid(d.now);
      const { registrar } = d.state;
      const open = registrar.holds === 'pin' ? registrar.outlivesCancel : registrar.holds !== 'nothing';
      const known = [...(registrar.holds === 'pin' ? [registrar.pin] : []), ...(open ? ['button'] : [])];
      assert.ok(
        valid.length <= known.length && valid.every((one) => known.includes(one)),
        `seed ${seed}: the registrar holds ${valid.join()}, we know of ${known.join() || 'nothing'}`,
      );
    };
    const group = (line: string) => {
      d.event('group', line);
      take();
    };
    const acts: readonly [() => void, ...(() => void)[]] = [
      () => d.event('device', pick(devices).asksByPin),
      () => d.event('device', pick(devices).asksByButton),
      () => group(pick(devices).seen),
      () => group(pick(devices).seen),
      () => {
        const device = pick(devices);
        if (d.state.registrar.holds === 'pin' && d.state.registrar.outlivesCancel) return;
        group(begins(device));
        for (const line of model.attempt(device, pick([PIN, WINDOW_PIN, '00000000']), random() < 0.5))
          group(line);
      },
      () => {
        const pin = pick([WINDOW_PIN, null]);
        const deviceAddress = pick([null, phone.device]);
        d.operate({ kind: 'pair', method: pin === null ? 'pbc' : 'pin', pin, deviceAddress });
        d.answers.length = 0;
      },
      () => {
        d.operate({ kind: 'stop-pairing' });
        d.answers.length = 0;
      },
      () => {
        // Another program opens the button. If a PIN was tried before, only the end of the two minutes closes it.
        if (d.state.registrar.holds === 'pin' && d.state.registrar.triedAt !== null) return;
        model.take('group: WPS_PBC', d.now);
        group('WPS-PBC-ACTIVE ');
      },
      () => d.timer(pick(['enrolment', 'pairing', 'button']), random() * 40_000),
      () => d.configure(pick([{ pin: PIN }, { pin: 'random' }, { pbc_in_use: true }])),
    ];
    for (let n = 0; n < 60; n++) {
      pick(acts)();
      take();
    }
    d.operate(pick([{ kind: 'pause' }, { kind: 'stop-group' }]));
    take();
    assert.deepEqual(model.valid(d.now), [], `seed ${seed}: halted`);
  }
});

test('the window for any device is the only one that arms without an address', () => {
  const d = running().operate({ kind: 'pair', method: 'pin', pin: WINDOW_PIN, deviceAddress: null });
  const { registrar } = d.state;
  assert.ok(registrar.holds === 'pin');
  assert.deepEqual([registrar.address, registrar.deviceAddress], [ANYBODY, null]);
});

test('the lifetime of a PIN counts from the last time that it was armed', () => {
  const arms = (d: Dialogue) => d.commands().some((command) => command.startsWith('group: WPS_PIN'));
  const d = running({ pin: PIN }).event('device', phone.asksByPin).event('group', phone.seen);
  assert.ok(arms(d));
  d.now += 95_000;
  assert.ok(arms(d.event('device', phone.asksByPin)) || arms(d.event('group', phone.seen)));
  d.now += 20_000;
  assert.ok(!arms(d.event('group', phone.seen)));
});
