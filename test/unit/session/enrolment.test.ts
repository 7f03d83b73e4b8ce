import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

const PIN = '12345670';

test('a phone joins by PIN: the PIN is armed on the group for its interface address, the phone is announced by its device address', () => {
  const phone = new Phone(1, 'My Phone');
  const d = new Dialogue({ pin: PIN }).toRunning();
  d.event('device', phone.asksByPin);
  assert.deepEqual(d.commands(), ['P2P_STOP_FIND']);
  assert.deepEqual(d.emitted(), ['enrolmentRequested']);
  d.event('group', phone.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${phone.station} ${PIN} 120`]);
  assert.deepEqual(d.emitted(), ['enrolmentArmed']);
  d.event('group', `WPS-REG-SUCCESS ${phone.station} 572cf82f-c957-5653-9b16-b5cfb298abf1`);
  assert.deepEqual(d.effects, []);
  d.event('group', phone.joins);
  assert.deepEqual(d.hooks(), [['connect', phone.device, 'My Phone', GROUP]]);
  assert.deepEqual(d.state.enrolments, []);
});

test('a device name with spaces or control characters stays one argument of the hook', () => {
  for (const name of ['x;touch /tmp/p', '$(id)', "Pi'xel p2p_dev_addr=00:11:22:33:44:55", 'größe', '']) {
    const phone = new Phone(1, name);
    const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('group', phone.joins);
    if (name === '') {
      // The phone is unknown so far, so wpa_supplicant's own entry is requested.
      d.reply(`STA ${phone.station}`, phone.entry);
      assert.deepEqual(d.hooks(), [['connect', phone.device, '[unknown]', GROUP]]);
    } else {
      assert.deepEqual(d.hooks(), [['connect', phone.device, name, GROUP]]);
    }
  }
});

test('a wrong PIN is reported, and the PIN is armed again when the phone is next seen', () => {
  const phone = new Phone(1, 'My Phone');
  const d = new Dialogue({ pin: PIN })
    .toRunning()
    .event('device', phone.asksByPin)
    .event('group', phone.seen);
  d.event('group', 'WPS-FAIL msg=8 config_error=18 reason=1 (authentication failure)');
  assert.match(d.logs('warning').join(), /My Phone.*wrong PIN/);
  assert.deepEqual(d.emitted(), ['enrolmentFailed']);
  d.event('device', phone.asksByPin).event('group', phone.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${phone.station} ${PIN} 120`]);
});

test('two phones at once: each enrollee is matched to the request with the similar address', () => {
  const [a, b] = [new Phone(1, 'A'), new Phone(2, 'B')];
  const d = new Dialogue().toRunning().event('device', a.asksByPin).event('device', b.asksByPin);
  d.event('group', a.seen);
  assert.match(d.logs('info').join(), /"A"/);
  d.event('group', b.seen);
  assert.match(d.logs('info').join(), /"B"/);
  d.event('group', b.joins).event('group', a.joins);
  assert.deepEqual(d.stations(), [b.station, a.station]);
});

test('a phone that has joined before returns with an address like that of a phone that asks: it is not taken for that one', () => {
  const [asks, returns] = [new Phone(1, 'A'), new Phone(2, 'B')];
  const d = new Dialogue({ pin: PIN }).toRunning();
  d.stored = { ssidHex: '00', passphrase: PIN, psk: null, clients: [returns.device], forgotten: [] };
  d.event('device', asks.asksByPin);
  d.event('group', returns.seen.replace(' 0 1 [', ' 0 0 ['));
  assert.deepEqual(d.commands(), []);
  assert.equal(d.state.enrolments[0]?.stationAddress, null);
  d.event('group', asks.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${asks.station} ${PIN} 120`]);
});

test('the PIN is armed for an enrollee without a request as well: the PIN itself protects the group', () => {
  const laptop = new Phone(3, '');
  const d = new Dialogue({ pin: PIN }).toRunning().event('group', laptop.seen);
  assert.deepEqual(d.commands(), [], 'another program may have armed a PIN for the phone');
  d.event('group', laptop.needsPin);
  assert.deepEqual(d.commands(), [`group: WPS_PIN 46:00:00:00:03:00 ${PIN} 120`]);
  assert.deepEqual(d.logs('info'), []);
});

test('no PIN is armed for a device that only probes, unless a request of its kind is open', () => {
  const phone = new Phone(1, 'My Phone');
  const looks = phone.seen.replace('0x3148 0 1', '0x3148 0 0');
  const d = new Dialogue().toRunning().event('group', looks);
  assert.deepEqual(d.commands(), []);
  d.event('device', phone.asksByPin).event('group', looks);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${phone.station} 00000000 120`]);
});

test("a device that only probes does not take over another device's request", () => {
  const phone = new Phone(1, 'My Phone');
  const d = new Dialogue().toRunning().event('device', phone.asksByPin);
  d.event('group', 'WPS-ENROLLEE-SEEN de:ad:be:ef:00:01 u 1-0050F204-1 0x3148 0 0 [ ]');
  assert.deepEqual(d.commands(), []);
  d.event('group', phone.seen);
  assert.match(d.logs('info').join(), /My Phone/);
});

test('three wrong PINs in a row: the PIN is not armed for a minute, for each attempt reveals half of it', () => {
  const phone = new Phone(1, 'My Phone');
  const WRONG = 'WPS-FAIL msg=8 config_error=18';
  const d = new Dialogue().toRunning();
  for (const _ of [1, 2]) d.event('group', phone.needsPin).event('group', WRONG);
  assert.equal(d.event('group', phone.needsPin).commands().length, 1);
  d.event('group', WRONG);
  assert.match(d.logs('warning').join(), /3 wrong PINs/);
  assert.deepEqual(d.commands(), ['group: WPS_CANCEL']);
  assert.deepEqual(d.event('group', phone.needsPin).commands(), []);
  d.now += 60_000;
  assert.equal(d.event('group', phone.needsPin).commands().length, 1);
});

test('a right PIN in between resets the count of wrong PINs', () => {
  const WRONG = 'WPS-FAIL msg=8 config_error=18';
  const d = new Dialogue().toRunning();
  const phone = new Phone(1, 'A');
  for (const result of [WRONG, WRONG, 'WPS-REG-SUCCESS 46:00:00:00:01:00 572cf82f', WRONG, WRONG])
    d.event('group', phone.needsPin).event('group', result);
  assert.equal(d.event('group', phone.needsPin).commands().length, 1);
});

test('nothing is armed for an enrollee by push button while the method is the PIN', () => {
  const d = new Dialogue().toRunning();
  d.event('group', 'WPS-ENROLLEE-SEEN 46:00:00:00:01:00 u 0-00000000-0 0x3148 4 1 [ ]');
  assert.deepEqual(d.commands(), []);
});

test('a request whose phone does not join ends after max_negotiation_time, and the search resumes', () => {
  const phone = new Phone(1, 'My Phone');
  const d = new Dialogue({ max_negotiation_time: 30 }).toRunning().event('device', phone.asksByPin);
  assert.equal(d.timers()['enrolment'], 30_000);
  d.timer('enrolment', 30_000);
  assert.deepEqual(d.emitted(), ['enrolmentFailed']);
  assert.deepEqual(d.state.enrolments, []);
  assert.equal(d.timers()['discovery'], 600_000);
});

test('too many open requests: the oldest one is dropped', () => {
  const d = new Dialogue().toRunning();
  for (let i = 0; i < 40; i++) {
    const address = `42:00:00:00:00:${i.toString(16).padStart(2, '0')}`;
    d.event('device', new Phone(1, 'x').asksByPin.replaceAll('42:00:00:00:01:00', address));
  }
  assert.equal(d.state.enrolments.length, 16);
  assert.equal(d.state.enrolments.at(-1)?.deviceAddress, '42:00:00:00:00:27');
});

test('the short form of the event is the answer to our own request and opens none', () => {
  const d = new Dialogue()
    .toRunning()
    .event('device', 'P2P-PROV-DISC-SHOW-PIN 42:00:00:00:01:00 12345670 peer_go=0');
  assert.deepEqual(d.effects, []);
});

test('a WPS_PIN that wpa_supplicant refuses is an error that names the phone', () => {
  const phone = new Phone(1, 'My Phone');
  const d = new Dialogue().toRunning().event('group', phone.needsPin);
  d.reply(`WPS_PIN ${phone.station} 00000000 120`, 'FAIL\n');
  assert.match(d.logs('error').join(), new RegExp(phone.station));
});

describe('the end of a request is reported, whatever ends it', () => {
  const phone = new Phone(1, 'My Phone');
  const on = (settings = {}) => new Dialogue({ pin: PIN, ...settings }).toRunning();
  const asked = (settings = {}) => on(settings).event('device', phone.asksByPin);
  const connecting = () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true, pin: PIN }).toIdle();
    d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1));
    return d.hookDone('start_group');
  };
  const failures = (d: Dialogue) =>
    d.events().flatMap((event) => (event.type === 'enrolmentFailed' ? [[event.reason, event.open]] : []));

  test('the end of the group', () => {
    const d = asked().event('device', REMOVED);
    assert.deepEqual(failures(d), [['the group has ended (REQUESTED)', false]]);
    assert.deepEqual(d.emitted().slice(0, 2), ['enrolmentFailed', 'groupRemoved']);
  });

  test('the end of the session', () => {
    assert.deepEqual(failures(asked().give({ type: 'stop' })), [['the session ends', false]]);
  });

  test('P2P_CONNECT refused: the phone may negotiate again', () => {
    const d = connecting().answer({ kind: 'group-add' }, 'FAIL\n');
    assert.equal(failures(d).length, 1);
    assert.match(String(failures(d)[0]?.[0]), /^negotiation failed: P2P_CONNECT was refused/);
    assert.equal(failures(d)[0]?.[1], true);
    assert.deepEqual(failures(d.timer('enrolment', 120_000)), [['timed out', false]]);
  });

  test('the phone became the group owner', () => {
    const d = connecting().event('device', STARTED.replace(' GO ', ' client '));
    assert.deepEqual(failures(d), [['negotiation failed: the phone became the group owner', false]]);
    assert.deepEqual(d.state.enrolments, []);
  });

  test('it has ended already when the negotiation fails', () => {
    const d = connecting().timer('enrolment', 120_000);
    assert.deepEqual(failures(d), [['timed out', false]]);
    assert.deepEqual(failures(d.event('device', 'P2P-GO-NEG-FAILURE status=7')), []);
  });

  test('a station that joins is reported, also if the group ends before its name is known', () => {
    const nameless = new Phone(1, '');
    const d = on().event('device', nameless.asksByPin).event('group', nameless.joins);
    assert.deepEqual(d.emitted(), []);
    const ended = d.event('device', REMOVED).emitted();
    assert.deepEqual(ended, ['stationConnected', 'stationDisconnected', 'groupRemoved']);
  });
});

describe('a phone that gets nowhere has a line in the log that says why', () => {
  const phone = new Phone(1, 'My Phone');

  for (const settings of [{ pin: 'random' }, { pin_module: '/pins.mjs' }, { pbc_in_use: true }]) {
    test(`it tries a PIN without a request: ${JSON.stringify(settings)}`, () => {
      const d = new Dialogue(settings).toRunning().event('group', phone.needsPin);
      assert.deepEqual(d.commands(), []);
      assert.match(d.logs('debug').join(), /^46:00:00:00:01:00 tries to join by PIN .* no PIN is valid/);
    });
  }

  test('it tries a PIN while the session is paused', () => {
    const d = new Dialogue({ pin: PIN }).toRunning().operate({ kind: 'pause' });
    assert.deepEqual(d.event('group', phone.needsPin).commands(), []);
    assert.match(d.logs('debug').join(), /tries to join by PIN .* the session is paused/);
  });

  test('it negotiates shortly after it was invited', () => {
    const d = new Dialogue({ pin: PIN }).toRunning().event('device', phone.asksByPinAlone);
    d.event('device', phone.negotiates(1)).event('device', 'P2P-INVITATION-RESULT status=0 ');
    assert.match(d.logs('info').join(), /is invited into the group/);
    d.event('device', phone.negotiates(1));
    assert.deepEqual([d.commands(), d.logs('debug').length], [[], 1]);
    assert.match(d.logs('debug').join(), /negotiates although it has been invited/);
  });
});
