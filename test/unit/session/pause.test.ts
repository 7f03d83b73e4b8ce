import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
const PAUSE = { kind: 'pause' } as const;
const RESUME = { kind: 'resume' } as const;
const LOCK = 'SET persistent_reconnect 0';
const UNLOCK = 'SET persistent_reconnect 1';

function paused(d: Dialogue): Dialogue {
  d.operate(PAUSE);
  assert.deepEqual([d.outcome(), d.state.operator.paused], ['ok', true]);
  assert.ok(d.emitted().includes('paused'));
  return d;
}

test('the wait for another answer to INTERFACES is over when the pause is', () => {
  const d = paused(new Dialogue().toChoosing('FAIL\n'));
  d.reply('INTERFACES', 'FAIL\n');
  assert.equal(d.phase, 'backoff');
  assert.ok(d.operate(RESUME, 2).commands().includes('INTERFACES'));
});

describe('paused with a group', () => {
  test('what is armed is cancelled, open requests end, the search stops', () => {
    const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('group', phone.seen);
    paused(d);
    assert.deepEqual(d.commands(), ['group: WPS_CANCEL', 'P2P_STOP_FIND', LOCK]);
    assert.deepEqual(d.emitted(), ['paused', 'enrolmentFailed']);
    assert.deepEqual([d.state.enrolments, d.state.registrar.holds, d.phase], [[], 'nothing', 'running']);
    const button = new Dialogue({ pbc_in_use: true }).toRunning().event('device', phone.asksByButton);
    assert.ok(paused(button).commands().includes('group: WPS_CANCEL'));
    assert.deepEqual(button.timer('button').commands(), []);
  });

  test('no device is admitted', () => {
    const d = paused(new Dialogue().toRunning());
    for (const line of [phone.asksByPin, phone.asksByButton, phone.asksShowingPin, phone.negotiates(1)]) {
      d.event('device', line);
      assert.deepEqual([d.commands(), d.hooks(), d.emitted(), d.state.enrolments], [[], [], [], []], line);
    }
    assert.deepEqual(d.event('group', phone.seen).commands(), [], 'nor one without a request');
    assert.equal(d.operate({ kind: 'invite', deviceAddress: phone.device }, 2).outcome(2), 'STATE');
  });

  test('stations connect and disconnect, and are counted and reported', () => {
    const d = paused(new Dialogue().toRunning()).event('group', phone.joins);
    d.event('group', `AP-STA-CONNECTED ${other.station}`);
    assert.deepEqual(d.emitted(), ['stationConnected']);
    assert.ok(d.event('group', phone.leaves).emitted().includes('stationDisconnected'));
    assert.deepEqual(d.stations(), [other.station]);
    assert.deepEqual(d.timer('discovery').effects, []);
    assert.deepEqual(d.hooks(), []);
  });

  test('a group that ends is not started again', () => {
    const d = paused(new Dialogue().toRunning()).event('device', REMOVED);
    assert.deepEqual([d.phase, d.commands(), d.timers()], ['idle', [], {}]);
    assert.deepEqual(d.hooks(), [['stop_group', GROUP]]);
  });

  test('an invitation under way ends with an error', () => {
    const d = new Dialogue().toRunning().operate({ kind: 'invite', deviceAddress: phone.device }, 2);
    assert.equal(paused(d).outcome(2), 'STATE');
    assert.equal(d.event('device', 'P2P-INVITATION-RESULT status=0 ').outcome(2), 'STATE');
  });

  test('a second pause, and a second resume, change nothing', () => {
    const d = paused(new Dialogue().toRunning()).operate(PAUSE, 2);
    assert.deepEqual([d.outcome(2), d.commands(), d.emitted()], ['ok', [], []]);
    d.operate(RESUME, 3).operate(RESUME, 4);
    assert.deepEqual([d.outcome(3), d.outcome(4), d.commands(), d.emitted()], ['ok', 'ok', [], []]);
  });

  test('resumed: the group is checked, the search starts, and phones are admitted', () => {
    const d = paused(new Dialogue().toRunning()).operate(RESUME, 2);
    assert.deepEqual(d.emitted(), ['resumed']);
    assert.ok(d.commands().includes(UNLOCK) && d.commands().includes('INTERFACES'), d.commands().join());
    assert.equal(d.timers()['discovery'], 600_000);
    d.event('device', phone.asksByPin);
    assert.equal(d.event('group', phone.seen).commands().length, 1);
  });
});

describe('paused without a group', () => {
  const rows: readonly (readonly [string, () => Dialogue, readonly string[]])[] = [
    ['idle', () => new Dialogue({ dynamic_group: true }).toIdle(), []],
    ['backoff', () => new Dialogue().toRunning().event('device', REMOVED), []],
    ['announcing', () => new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']), ['stop_group']],
    [
      'negotiating',
      () =>
        new Dialogue({ dynamic_group: true })
          .toIdle()
          .event('device', phone.negotiates(1))
          .answer({ kind: 'networks' }, '')
          .hookDone('start_group'),
      ['stop_group'],
    ],
  ];
  for (const [name, make, hooks] of rows) {
    test(`${name}: no group is formed, and the box is not visible`, () => {
      const d = paused(make());
      assert.deepEqual(
        d.hooks().map(([hook]) => hook),
        hooks,
      );
      assert.equal(d.commands().includes('P2P_CANCEL'), name === 'negotiating');
      if (d.phase === 'inspecting') d.reply('INTERFACES', '');
      assert.equal(d.phase, 'idle');
      assert.ok(!d.commands().includes('P2P_FIND'));
      assert.equal(d.timers()['discovery'], undefined);
      d.event('device', phone.negotiates(1)).event('device', 'P2P-FIND-STOPPED ').timer('discovery');
      assert.deepEqual([d.phase, d.effects], ['idle', []]);
    });
  }

  test('choosing and inspecting lead to no group', () => {
    const d = paused(new Dialogue().toChoosing()).answer({ kind: 'networks' }, '');
    assert.deepEqual([d.phase, d.hooks(), d.commands()], ['idle', [], []]);
    const early = paused(new Dialogue().up('device')).answer({ kind: 'interfaces' }, '');
    assert.deepEqual([early.phase, early.commands()], ['idle', []]);
  });

  test('a group that is up already, or that another program starts, is adopted', () => {
    const d = paused(new Dialogue().up('device')).answer({ kind: 'interfaces' }, `${GROUP}\n`);
    d.up('group').answer({ kind: 'adoption' }, 'mode=P2P GO\n');
    assert.deepEqual([d.phase, d.state.operator.groupStopped], ['running', false]);
    const started = paused(new Dialogue().toRunning().event('device', REMOVED)).event('device', STARTED);
    assert.equal(started.phase, 'running');
  });

  test('resumed: the session begins as at the start', () => {
    const d = paused(new Dialogue().toRunning().event('device', REMOVED)).reply('INTERFACES', '');
    assert.equal(d.operate(RESUME, 2).phase, 'inspecting');
    assert.ok(d.commands().includes('INTERFACES') && d.commands().includes(UNLOCK));
    d.answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']).hookDone('start_group');
    assert.deepEqual(d.commands(), ['P2P_GROUP_ADD persistent=0']);
  });

  test('resumed while the group is stopped: the search starts, and no group', () => {
    const d = new Dialogue().toRunning().operate({ kind: 'stop-group' }, 2).event('device', REMOVED);
    paused(d).operate(RESUME, 3).answer({ kind: 'interfaces' }, '');
    assert.deepEqual([d.phase, d.commands()], ['idle', ['P2P_FIND']]);
  });
});

describe('a pause and wpa_supplicant', () => {
  test('the pause continues when wpa_supplicant is lost and comes back', () => {
    const d = paused(new Dialogue().toRunning()).event('device', 'CTRL-EVENT-TERMINATING ');
    d.down('device').up('device').answer({ kind: 'interfaces' }, '');
    assert.deepEqual([d.phase, d.state.operator.paused, d.commands(), d.timers()], ['idle', true, [], {}]);
  });

  test('the pause begins and ends without a link as well', () => {
    const d = paused(new Dialogue().give({ type: 'start' }));
    assert.deepEqual(d.commands(), []);
    d.up('device').values();
    assert.deepEqual(
      d.commands().filter((command) => /persistent_reconnect/.test(command)),
      [LOCK],
    );
    d.down('device').operate(RESUME, 2);
    assert.deepEqual([d.outcome(2), d.state.operator.paused, d.commands()], ['ok', false, []]);
  });

  test('the pause ends with the session', () => {
    const d = paused(new Dialogue().toRunning()).give({ type: 'stop' });
    assert.ok(d.commands().includes(UNLOCK));
    assert.equal(d.state.operator.paused, false);
  });

  test('a reload does not end the pause', () => {
    const d = paused(new Dialogue({ dynamic_group: true }).toIdle()).configure({});
    d.answer({ kind: 'interfaces' }, '');
    assert.deepEqual([d.phase, d.commands()], ['idle', []]);
  });

  test('the pause closes the pairing window', () => {
    const d = new Dialogue().toRunning();
    d.operate({ kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: null }, 2);
    assert.deepEqual(paused(d).emitted(), ['paused', 'pairingClosed']);
    assert.equal(d.commands().filter((command) => command === 'group: WPS_CANCEL').length, 1);
  });
});
