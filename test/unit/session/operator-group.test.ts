import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');
const STOP = { kind: 'stop-group' } as const;
const START = { kind: 'start-group' } as const;
const REMOVE = `P2P_GROUP_REMOVE ${GROUP}`;
const LOCK = 'SET persistent_reconnect 0';
const UNLOCK = 'SET persistent_reconnect 1';
const ON_DEMAND = { dynamic_group: true };
const NEGOTIATED = { activate_persistent_group: false, dynamic_group: true };

/** A group that is always up, stopped by the operator and gone. */
function stopped(settings = {}): Dialogue {
  const d = new Dialogue(settings).toRunning().operate(STOP).event('device', REMOVED);
  assert.deepEqual([d.outcome(), d.phase], ['ok', 'idle']);
  return d;
}

describe('stop-group', () => {
  test('removes the group, is answered when the group is gone, and no other is formed', () => {
    const d = new Dialogue().toRunning().operate(STOP);
    assert.deepEqual(d.commands(), ['group: WPS_CANCEL', LOCK, REMOVE]);
    assert.equal(d.outcome(), null);
    assert.equal(d.state.operator.groupStopped, true);
    d.reply(REMOVE, 'OK\n');
    assert.equal(d.outcome(), null);
    d.event('device', REMOVED);
    assert.equal(d.outcome(), 'ok');
    assert.deepEqual(d.hooks(), [['stop_group', GROUP]]);
    assert.equal(d.phase, 'idle');
    assert.ok(!d.commands().some((command) => command.startsWith('LIST_NETWORKS')));
    assert.ok(d.commands().includes('P2P_FIND'), 'the search goes on');
  });

  test('a group that may be up although wpa_supplicant did not list its interfaces is looked for, and removed', () => {
    const d = new Dialogue().toChoosing('FAIL\n').operate(STOP);
    assert.deepEqual([d.phase, d.outcome()], ['inspecting', null]);
    d.reply('INTERFACES', 'FAIL\n').timer('backoff', 2_000);
    d.reply('INTERFACES', `${GROUP}\nwlan0\n`).up('group');
    d.reply('STATUS', 'ssid=DIRECT-PP\nmode=P2P GO\n');
    assert.ok(d.commands().includes(REMOVE));
    d.event('device', REMOVED);
    assert.deepEqual([d.phase, d.outcome()], ['idle', 'ok']);
  });

  test('a group that came up while events were lost is looked for, and removed', () => {
    const announcing = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']);
    const forming = new Dialogue(NEGOTIATED).toIdle().event('device', phone.asksByPin);
    forming.event('device', phone.negotiates(1)).answer({ kind: 'station' }, '').hookDone('start_group');
    for (const [d, phase] of [
      [announcing, 'announcing'],
      [forming, 'forming'],
    ] as const) {
      assert.equal(d.give({ type: 'link-missed', link: 'device' }).phase, phase);
      assert.deepEqual([d.operate(STOP).phase, d.outcome()], ['inspecting', null]);
      d.reply('INTERFACES', `${GROUP}\nwlan0\n`).up('group');
      d.reply('STATUS', 'ssid=DIRECT-PP\nmode=P2P GO\n');
      assert.ok(d.commands().includes(REMOVE), phase);
    }
  });

  test('a phone that has asked to join is told at once, with a group and without one', () => {
    for (const before of [new Dialogue().toRunning(), new Dialogue(NEGOTIATED).toIdle()]) {
      const d = before.event('device', phone.asksByPin).operate(STOP);
      assert.deepEqual(
        d
          .all('emit')
          .map(({ event }) => (event.type === 'enrolmentFailed' ? event.reason.cause : event.type)),
        ['group-stopped'],
      );
      assert.deepEqual(d.state.enrolments, []);
    }
  });

  for (const silent of [[GROUP], [GROUP, 'p2p-wlan0-1']]) {
    const begun = () => {
      const d = new Dialogue().toChoosing(`${silent.join('\n')}\n`);
      for (const _ of silent) d.timer('adopting', 12_000);
      return d.profiles([0, 'DIRECT-PP']);
    };
    const attempts: readonly (readonly [string, () => Dialogue])[] = [
      ['announcing', begun],
      ['backoff', () => begun().hookDone('start_group').reply('P2P_GROUP_ADD persistent=0', 'FAIL\n')],
    ];
    for (const [phase, make] of attempts) {
      test(`${phase}: groups that did not answer (${silent.length}) are looked for, and removed`, () => {
        const before = make();
        assert.equal(before.phase, phase);
        const d = before.operate(STOP);
        assert.deepEqual([d.outcome(), d.phase], [null, 'inspecting']);
        d.reply('INTERFACES', `${silent.join('\n')}\n`)
          .up('group')
          .reply('STATUS', 'mode=P2P GO\n');
        assert.ok(d.commands().includes(REMOVE));
        d.event('device', REMOVED);
        if (silent.length > 1) d.reply('INTERFACES', 'wlan0\n');
        assert.deepEqual([d.outcome(), d.phase], ['ok', 'idle']);
      });
    }
  }

  test('a phone that has its credential may still connect', () => {
    const d = new Dialogue({ pbc_in_use: true, pbc_white_list: [phone.device] }).toRunning();
    d.event('device', phone.asksByButton).event('group', 'WPS-PBC-DISABLE ').operate(STOP);
    assert.ok(!d.emitted().includes('enrolmentFailed'));
    assert.ok(d.event('group', phone.joins).emitted().includes('stationConnected'));
  });

  test('a second command waits with the first', () => {
    const d = new Dialogue().toRunning().operate(STOP, 1).operate(STOP, 2);
    assert.deepEqual(d.commands(), []);
    d.event('device', REMOVED);
    assert.deepEqual([d.outcome(1), d.outcome(2)], ['ok', 'ok']);
  });

  test('refused by wpa_supplicant: the group stays, and nothing is stopped', () => {
    const d = new Dialogue().toRunning().operate(STOP).reply(REMOVE, 'FAIL\n');
    assert.deepEqual(
      [d.outcome(), d.state.operator.groupStopped, d.phase],
      ['COMMAND_REFUSED', false, 'running'],
    );
    assert.deepEqual(d.commands(), [UNLOCK]);
  });

  test('a removal without its event is checked: the group may be gone nevertheless', () => {
    const d = new Dialogue().toRunning().operate(STOP);
    assert.equal(d.timers()['removal'], 5_000);
    d.timer('removal', 5_000);
    assert.deepEqual([d.outcome(), d.commands()], [null, ['INTERFACES', REMOVE]]);
    d.reply('INTERFACES', `${GROUP}\n`).timer('removal', 5_000);
    assert.deepEqual([d.outcome(), d.state.operator.groupStopped], ['COMMAND_REFUSED', false]);
    assert.ok(d.commands().includes('INTERFACES'));
    const gone = new Dialogue().toRunning().operate(STOP).timer('removal', 5_000);
    assert.equal(gone.reply('INTERFACES', 'wlan0\n').outcome(), 'ok');
    const late = new Dialogue().toRunning().operate(STOP).event('device', REMOVED);
    assert.deepEqual(late.timer('removal').effects, []);
  });

  const WAITING: readonly (readonly [string, () => Dialogue, readonly string[]])[] = [
    ['idle', () => new Dialogue(NEGOTIATED).toIdle(), []],
    ['backoff', () => new Dialogue().toRunning().event('device', REMOVED), []],
    ['announcing', () => new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']), ['stop_group']],
    [
      'negotiating',
      () => new Dialogue(NEGOTIATED).toIdle().event('device', phone.negotiates(1)).hookDone('start_group'),
      ['stop_group'],
    ],
  ];
  for (const [name, make, hooks] of WAITING) {
    test(`${name}: no group is formed`, () => {
      const d = make().operate(STOP);
      assert.deepEqual(
        d.hooks().map(([hook]) => hook),
        hooks,
      );
      assert.equal(d.commands().includes('P2P_CANCEL'), name === 'negotiating');
      if (d.phase === 'inspecting') d.reply('INTERFACES', '');
      assert.deepEqual([d.outcome(), d.phase], ['ok', 'idle']);
    });
  }

  test('choosing: the choice is completed, but no group is formed', () => {
    const d = new Dialogue().toChoosing().operate(STOP);
    assert.equal(d.outcome(), null);
    d.answer({ kind: 'networks' }, '');
    assert.deepEqual([d.outcome(), d.phase, d.hooks()], ['ok', 'idle', []]);
  });

  test('forming: the group that comes up is removed; one that fails is not tried again', () => {
    const forming = () =>
      new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group').operate(STOP);
    const d = forming().event('device', STARTED);
    assert.deepEqual([d.outcome(), d.commands().at(-1)], [null, REMOVE]);
    assert.equal(d.event('device', REMOVED).outcome(), 'ok');
    const failed = forming().reply('SET persistent_reconnect 0', 'OK\n').timer('forming', 10_000);
    assert.equal(failed.phase, 'backoff');
    failed.timer('backoff', 1_000).answer({ kind: 'interfaces' }, '');
    assert.deepEqual([failed.outcome(), failed.phase], ['ok', 'idle']);
  });

  test('inspecting: a group that is found is removed', () => {
    const d = new Dialogue().up('device').operate(STOP);
    d.answer({ kind: 'interfaces' }, `${GROUP}\n`).up('group').answer({ kind: 'adoption' }, 'mode=P2P GO\n');
    assert.ok(d.commands().includes(REMOVE));
    assert.equal(d.event('device', REMOVED).outcome(), 'ok');
  });

  test('no group on demand: phones that ask, negotiate or reconnect are not served', () => {
    for (const settings of [{}, ON_DEMAND, NEGOTIATED]) {
      const d = new Dialogue(settings).toChoosing();
      if (d.phase === 'choosing') d.profiles();
      d.operate(STOP);
      if (d.phase === 'inspecting') d.reply('INTERFACES', '');
      for (const line of [phone.asksByPinAlone, phone.negotiates(1), phone.negotiates(4)]) {
        d.event('device', line);
        assert.deepEqual([d.phase, d.commands(), d.hooks(), d.state.enrolments], ['idle', [], [], []], line);
      }
    }
  });

  test('a phone may not start the persistent group itself, and a group that a phone started just before is removed', () => {
    const d = stopped();
    d.event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0`);
    assert.deepEqual([d.logs('warning'), d.logs('debug').length], [[], 1]);
    d.event('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`);
    assert.deepEqual([d.phase, d.hooks()], ['idle', []]);
    d.event('device', STARTED);
    assert.equal(d.commands().at(-1), REMOVE);
    assert.equal(d.event('device', REMOVED).phase, 'idle');
  });

  test('a known phone that enrols again does not start the search again', () => {
    const d = new Dialogue().toRunning().event('group', phone.joins);
    d.answer({ kind: 'group-clients' }, phone.device).operate(STOP).event('device', REMOVED);
    assert.ok(d.stored?.clients.includes(phone.device) && d.state.networkId !== null);
    assert.deepEqual(d.event('device', phone.asksByPinAlone).commands(), []);
  });

  test("an operator's invitation is refused", () => {
    assert.equal(stopped().operate({ kind: 'invite', deviceAddress: phone.device }, 2).outcome(2), 'STATE');
  });

  test('holds through a reload and the loss of wpa_supplicant, and ends with the session', () => {
    const d = stopped().configure({ pin: '12345670' }).values();
    // The command of the operator wins.
    assert.deepEqual(
      d.commands().filter((command) => /persistent_reconnect/.test(command)),
      [LOCK],
    );
    d.answer({ kind: 'interfaces' }, '');
    assert.deepEqual([d.phase, d.state.operator.groupStopped], ['idle', true]);
    d.down('device').up('device').values().answer({ kind: 'interfaces' }, `${GROUP}\n`);
    d.up('group').answer({ kind: 'adoption' }, 'mode=P2P GO\n');
    assert.ok(d.commands().includes(REMOVE), 'a group that is found afterwards is removed as well');
    d.event('device', REMOVED).give({ type: 'stop' });
    assert.ok(d.commands().includes(UNLOCK));
    assert.equal(d.state.operator.groupStopped, false);
  });

  test('closes the pairing window', () => {
    const d = new Dialogue().toRunning();
    d.operate({ kind: 'pair', method: 'pbc', pin: null, deviceAddress: null }, 2).operate(STOP);
    assert.ok(d.emitted().includes('pairingClosed'));
  });

  test('is answered when the link is lost or the session ends meanwhile', () => {
    const pending = () => new Dialogue().toRunning().operate(STOP);
    assert.equal(pending().down('device').outcome(), 'CONTROL_UNAVAILABLE');
    assert.equal(pending().give({ type: 'stop' }).outcome(), 'STATE');
    assert.equal(
      pending().event('device', 'CTRL-EVENT-TERMINATING ').outcome(),
      'ok',
      'the group has ended with wpa_supplicant',
    );
    assert.equal(new Dialogue().operate(STOP).outcome(), 'CONTROL_UNAVAILABLE');
  });
});

describe('start-group', () => {
  test('forms the group that is always up, and is answered when it is up', () => {
    const d = stopped().operate(START, 2);
    assert.deepEqual(d.commands(), ['INTERFACES', UNLOCK]);
    d.answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']);
    assert.deepEqual(d.hooks(), [['start_group', '0']]);
    d.hookDone('start_group');
    assert.deepEqual([d.commands(), d.outcome(2)], [['P2P_GROUP_ADD persistent=0'], null]);
    assert.equal(d.event('device', STARTED).outcome(2), 'ok');
    assert.equal(d.state.operator.groupStopped, false);
  });

  test('on demand too: forms the group as if a phone had asked, and no other one when it has ended', () => {
    const rows = [
      [ON_DEMAND, 'P2P_GROUP_ADD persistent=4'],
      [NEGOTIATED, 'P2P_GROUP_ADD'],
      [{ activate_persistent_group: false }, 'P2P_GROUP_ADD'],
    ] as const;
    for (const [settings, command] of rows) {
      const d = new Dialogue(settings).toChoosing();
      if (d.phase === 'choosing') d.profiles([4, 'DIRECT-PP']);
      assert.deepEqual([d.phase], ['idle']);
      d.operate(START).answer({ kind: 'interfaces' }, '');
      if (d.phase === 'choosing') d.profiles([4, 'DIRECT-PP']);
      assert.deepEqual(d.hookDone('start_group').commands(), [command]);
      assert.equal(d.event('device', STARTED).outcome(), 'ok');
      d.up('group').answer({ kind: 'walk' }, '');
      assert.ok(!d.timer('unused', 30_000).commands().includes(REMOVE), 'the operator asked for it');
      d.event('device', REMOVED);
      if (d.phase === 'choosing') d.profiles([4, 'DIRECT-PP']);
      assert.deepEqual([d.phase], ['idle']);
    }
  });

  test('a negotiated group still ends with its last station', () => {
    const d = new Dialogue(NEGOTIATED).toIdle().operate(START).answer({ kind: 'interfaces' }, '');
    d.hookDone('start_group').event('device', STARTED).up('group').answer({ kind: 'walk' }, '');
    d.event('group', phone.joins);
    assert.ok(d.event('group', phone.leaves).commands().includes(REMOVE));
  });

  test('already up: done at once', () => {
    const d = new Dialogue().toRunning().operate(START);
    assert.deepEqual([d.outcome(), d.commands()], ['ok', []]);
  });

  test('waits for a group that is being formed; ends a pause at once', () => {
    const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).operate(START);
    assert.deepEqual(d.commands(), []);
    assert.equal(d.hookDone('start_group').event('device', STARTED).outcome(), 'ok');
    d.event('device', REMOVED);
    assert.equal(d.phase, 'backoff');
    assert.deepEqual(d.operate(START, 2).commands(), ['INTERFACES']);
  });

  test('while the group is being removed: the next one follows at once, and each command is answered', () => {
    const d = new Dialogue().toRunning().operate(STOP).operate(START, 2);
    assert.equal(d.state.operator.groupStopped, false);
    d.event('device', REMOVED);
    assert.deepEqual([d.outcome(1), d.outcome(2), d.phase], ['ok', null, 'choosing']);
    d.profiles([0, 'DIRECT-PP']).hookDone('start_group').event('device', STARTED);
    assert.equal(d.outcome(2), 'ok');
  });

  test('cancels a stop that is still under way: the operator who stopped it gets an error', () => {
    const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
    d.operate(STOP, 1).operate(START, 2);
    assert.deepEqual([d.outcome(1), d.outcome(2)], ['STATE', null]);
    d.event('device', STARTED);
    assert.deepEqual([d.outcome(2), d.phase], ['ok', 'running']);
    assert.ok(!d.commands().includes(REMOVE));
  });

  test('the removal before it fails: the group is still up, so both commands are answered', () => {
    const d = new Dialogue().toRunning().operate(STOP, 1);
    d.operate(START, 2).answer({ kind: 'group-remove' }, 'FAIL\n');
    assert.deepEqual([d.outcome(1), d.outcome(2)], ['COMMAND_REFUSED', 'ok']);
  });

  test('is answered in bounded time, whatever happens to the group', () => {
    const d = stopped().operate(START, 2).answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']);
    assert.equal(d.timers()['orders'], 90_000);
    d.timer('orders', 60_000);
    assert.equal(d.outcome(2), null);
    d.timer('orders', 30_000);
    assert.deepEqual([d.outcome(2), d.phase], ['COMMAND_REFUSED', 'announcing']);
    assert.deepEqual(d.state.operator.orders, []);
  });

  test('is dropped when its client disconnects', () => {
    const gone = (d: Dialogue, id: number) => d.give({ type: 'operator-gone', id });
    const start = gone(stopped().operate(START, 2), 2);
    assert.deepEqual([start.outcome(2), start.state.operator.orders], ['CONTROL_CLOSED', []]);
    const stop = gone(new Dialogue().toRunning().operate(STOP, 2), 2);
    assert.deepEqual([stop.outcome(2), stop.state.operator.orders], ['CONTROL_CLOSED', []]);
    assert.equal(stop.event('device', REMOVED).phase, 'idle', 'it is stopped nevertheless');
    const invite = new Dialogue().toRunning().operate({ kind: 'invite', deviceAddress: phone.device }, 2);
    assert.equal(gone(invite, 2).outcome(2), 'CONTROL_CLOSED');
    invite.event('device', 'P2P-INVITATION-RESULT status=0');
    const recall = new Dialogue(ON_DEMAND).toChoosing().profiles([4, 'DIRECT-PP']);
    recall.operate({ kind: 'invite', deviceAddress: phone.device }, 2);
    assert.equal(gone(recall, 2).outcome(2), 'CONTROL_CLOSED');
    assert.deepEqual(gone(recall, 2).effects, []);
  });

  test('is refused with the reason if the attempt fails; the session goes on trying', () => {
    const failing = (settings = {}) => {
      const d = new Dialogue(settings).toRunning().operate(STOP).event('device', REMOVED);
      d.operate(START, 2).answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']);
      return d.hookDone('start_group');
    };
    for (const d of [
      failing().reply('P2P_GROUP_ADD persistent=0', 'FAIL\n'),
      failing().timer('forming', 10_000),
      failing().event('device', REMOVED.replace(GROUP, 'p2p-wlan0-1')),
    ]) {
      assert.deepEqual([d.outcome(2), d.phase], ['COMMAND_REFUSED', 'backoff']);
      assert.deepEqual(d.hooks(), [['stop_group']]);
    }
    const refused = failing().reply('P2P_GROUP_ADD persistent=0', 'FAIL\n');
    assert.match(refused.refusal(), /P2P_GROUP_ADD was refused/);
  });

  test("a phone's failed negotiation does not refuse it: a group is formed without the phone", () => {
    const d = new Dialogue(NEGOTIATED).toIdle().event('device', phone.negotiates(1)).hookDone('start_group');
    d.operate(START);
    d.event('device', 'P2P-GO-NEG-FAILURE status=7');
    assert.deepEqual([d.outcome(), d.phase], [null, 'backoff']);
    d.timer('backoff', 1_000).answer({ kind: 'interfaces' }, '').hookDone('start_group');
    assert.deepEqual(d.commands(), ['P2P_GROUP_ADD']);
  });

  test('is refused while paused, and if the group is stopped, the link lost or the session ended meanwhile', () => {
    const paused = stopped().operate({ kind: 'pause' }, 8).operate(START, 2);
    assert.deepEqual([paused.outcome(2), paused.state.operator.groupStopped], ['STATE', true]);
    const pending = () => stopped().operate(START, 2).answer({ kind: 'interfaces' }, '');
    assert.equal(pending().operate(STOP, 3).outcome(2), 'STATE');
    assert.equal(pending().operate({ kind: 'pause' }, 3).outcome(2), 'STATE');
    assert.equal(pending().down('device').outcome(2), 'CONTROL_UNAVAILABLE');
    assert.equal(pending().event('device', 'CTRL-EVENT-TERMINATING ').outcome(2), 'CONTROL_UNAVAILABLE');
    assert.equal(pending().give({ type: 'stop' }).outcome(2), 'STATE');
    assert.equal(new Dialogue().operate(START, 2).outcome(2), 'CONTROL_UNAVAILABLE');
  });
});
