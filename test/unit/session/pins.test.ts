import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, FRESH_PIN, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
/** The digits in the phone's `P2P-PROV-DISC-SHOW-PIN`. */
const FRESH = '99129897';
const CANCEL = 'group: WPS_CANCEL';
const ARMED = (pin: string, seconds = 120) => `group: WPS_PIN ${phone.station} ${pin} ${seconds}`;

describe('a fresh PIN for each phone', () => {
  const RANDOM = { pin: 'random' };

  test('is shown by hook, event and log, and armed when the phone is seen', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin);
    assert.deepEqual(d.hooks(), [['show_pin', phone.device, FRESH, 'A']]);
    assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_PIN'], FRESH);
    assert.deepEqual(d.emitted(), ['enrolmentRequested', 'pinShown']);
    assert.match(d.logs('info').join(), new RegExp(FRESH));
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND'], 'nothing is armed yet');
    assert.deepEqual(d.event('group', phone.seen).commands(), [ARMED(FRESH)]);
  });

  test('no PIN is armed for other devices: there is no common PIN', () => {
    const d = new Dialogue(RANDOM).toRunning().event('group', other.seen);
    assert.deepEqual(d.commands(), []);
    assert.deepEqual(d.event('group', other.needsPin).commands(), []);
  });

  test('a repeated request gets the same PIN while it is valid; a retransmitted frame calls no hook', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin);
    const again = phone.asksByPin.replace(FRESH, '11111111');
    assert.deepEqual(d.event('device', again).hooks(), []);
    d.now += 10_000;
    assert.deepEqual(d.event('device', again).hooks(), [['show_pin', phone.device, FRESH, 'A']]);
  });

  test('is used up after a wrong attempt: the next request gets another one', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin).event('group', phone.seen);
    d.event('group', 'WPS-FAIL msg=8 config_error=18');
    assert.deepEqual(d.state.enrolments, []);
    assert.deepEqual(d.event('group', phone.seen).commands(), []);
    const next = phone.asksByPin.replace(FRESH, '11111111');
    assert.deepEqual(d.event('device', next).hooks(), [['show_pin', phone.device, '11111111', 'A']]);
  });

  test('is cancelled in the registrar after a wrong attempt, for the registrar would accept a second one', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin).event('group', phone.seen);
    assert.deepEqual(d.event('group', 'WPS-FAIL msg=8 config_error=18').commands(), ['group: WPS_CANCEL']);
  });

  test('another device that is seen first is not taken for the phone permanently', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin);
    d.event('group', phone.seen.replace(phone.station, '90:12:34:56:78:9a'));
    assert.deepEqual(d.event('group', phone.seen).commands(), [CANCEL, ARMED(FRESH)]);
  });

  test('a flood of requests calls at most twenty hooks a minute', () => {
    const d = new Dialogue(RANDOM).toRunning();
    let shown = 0;
    for (let n = 0; n < 60; n++) {
      const address = `42:00:00:00:01:${n.toString(16).padStart(2, '0')}`;
      shown += d.event('device', phone.asksByPin.replaceAll(phone.device, address)).hooks().length;
    }
    assert.equal(shown, 20);
    d.now += 60_000;
    assert.equal(d.event('device', phone.asksByPin).hooks().length, 1);
  });

  test('two phones at once: one PIN is armed at a time, the other one when the first was used', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin);
    d.event('device', other.asksByPin.replace(FRESH, '22222222'));
    assert.deepEqual(d.event('group', phone.seen).commands(), [ARMED(FRESH)]);
    assert.deepEqual(d.event('group', other.seen).commands(), []);
    assert.deepEqual(d.event('group', phone.seen).commands(), [], 'it is armed already');
    d.event('group', phone.joins);
    assert.deepEqual(d.event('group', other.seen).commands(), [
      `group: WPS_PIN ${other.station} 22222222 120`,
    ]);
    // Only its own failure uses it up.
    d.event('device', phone.asksByPin.replace(FRESH, '33333333'));
    d.event('group', 'WPS-FAIL msg=8 config_error=18');
    assert.deepEqual(
      d.state.enrolments.map(({ deviceAddress }) => deviceAddress),
      [phone.device],
    );
  });

  test('an armed PIN that is not used makes room for the next one after a while', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin).event('group', phone.seen);
    d.event('device', other.asksByPin.replace(FRESH, '22222222'));
    d.now += 15_000;
    assert.deepEqual(d.event('group', other.seen).commands(), [
      CANCEL,
      `group: WPS_PIN ${other.station} 22222222 105`,
    ]);
  });

  test('a phone that tries its own PIN has nothing in its way', () => {
    const d = new Dialogue({ pin: '12345670' }).toRunning().event('device', phone.asksByPin);
    d.event('group', phone.seen).event('group', `CTRL-EVENT-EAP-STARTED ${phone.station}`);
    d.event('group', phone.seen).event('group', 'WPS-FAIL msg=8 config_error=0');
    const [failed] = d.timer('enrolment', 120_000).events();
    assert.ok(failed?.type === 'enrolmentFailed');
    assert.equal(failed.reason, 'timed out');
  });

  test('a PIN that could never be armed: the failure says why', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', other.asksByPin.replace(FRESH, '22222222'));
    d.now += 115_000;
    d.event('device', phone.asksByPin).event('group', phone.seen).event('group', other.seen);
    assert.deepEqual(d.commands(), []);
    const [failed] = d.timer('enrolment', 5_000).events();
    assert.ok(failed?.type === 'enrolmentFailed');
    assert.equal(failed.deviceAddress, other.device);
    assert.equal(
      failed.reason,
      `timed out; its PIN could not be armed, because the PIN of ${phone.device} was armed`,
    );
  });

  test('a PIN that had to wait and then was armed: the timeout does not mention it', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin).event('group', phone.seen);
    d.event('device', other.asksByPin.replace(FRESH, '22222222')).event('group', other.seen);
    assert.deepEqual(d.commands(), []);
    d.now += 15_000;
    d.event('group', other.seen);
    const reasons = d
      .timer('enrolment', 105_000)
      .events()
      .map((event) => (event.type === 'enrolmentFailed' ? event.reason : event.type));
    assert.deepEqual(reasons, ['timed out', 'timed out']);
  });

  test('expires with the request, and is armed only for the rest of its time', () => {
    const d = new Dialogue(RANDOM).toRunning().event('device', phone.asksByPin);
    d.now += 30_000;
    assert.deepEqual(d.event('group', phone.seen).commands(), [ARMED(FRESH, 90)]);
    d.timer('enrolment', 90_000);
    assert.deepEqual(d.emitted(), ['enrolmentFailed']);
    assert.deepEqual(d.event('group', phone.seen).commands(), []);
  });

  test('a group is negotiated with it; without one there is no negotiation', () => {
    const settings = { ...RANDOM, activate_persistent_group: false };
    const d = new Dialogue(settings).toIdle().event('device', phone.asksByPinAlone);
    d.event('device', phone.negotiates(1)).hookDone('start_group');
    assert.deepEqual(d.commands(), [`P2P_CONNECT ${phone.device} ${FRESH} display go_intent=15`]);
    const blind = new Dialogue(settings).toIdle().event('device', phone.negotiates(1));
    assert.deepEqual(blind.hooks(), []);
    assert.match(blind.logs('warning').join(), /none has been shown/);
  });
});

describe('a phone that shows its PIN', () => {
  test('the hook asks for it, the operator types it, and it is armed when both are known', () => {
    const d = new Dialogue().toRunning().event('device', phone.asksShowingPin);
    assert.deepEqual(d.hooks(), [['enter_pin', phone.device, 'A']]);
    assert.deepEqual(d.emitted(), ['enrolmentRequested', 'pinWanted']);
    assert.deepEqual(d.event('group', phone.seen).commands(), [], 'the static PIN is not for it');
    d.give({
      type: 'operator',
      id: 7,
      command: { kind: 'enter-pin', deviceAddress: phone.device, pin: '11112222' },
    });
    assert.deepEqual(d.commands(), [ARMED('11112222')]);
    assert.deepEqual(d.all('answer'), [{ type: 'answer', id: 7, answer: { ok: true, clients: [] } }]);
  });

  test('typed before the phone is seen', () => {
    const d = new Dialogue().toRunning().event('device', phone.asksShowingPin);
    d.give({
      type: 'operator',
      id: 0,
      command: { kind: 'enter-pin', deviceAddress: phone.device, pin: '11112222' },
    });
    assert.deepEqual(d.event('group', phone.seen).commands(), [ARMED('11112222')]);
  });

  test('typed for a phone that does not wait: refused, and the error names those that do', () => {
    const d = new Dialogue().toRunning().event('device', other.asksShowingPin);
    d.give({
      type: 'operator',
      id: 0,
      command: { kind: 'enter-pin', deviceAddress: phone.device, pin: '1234' },
    });
    const [answer] = d.all('answer');
    assert.ok(answer && !answer.answer.ok);
    assert.equal(answer.answer.code, 'DEVICE_UNKNOWN');
    assert.match(d.refusal(), new RegExp(other.device));
  });

  test('a group is negotiated only after it was typed', () => {
    const d = new Dialogue({ activate_persistent_group: false })
      .toIdle()
      .event('device', phone.asksShowingPin);
    assert.deepEqual(d.event('device', phone.negotiates(5)).hooks(), []);
    d.give({
      type: 'operator',
      id: 0,
      command: { kind: 'enter-pin', deviceAddress: phone.device, pin: '11112222' },
    });
    assert.deepEqual(d.hooks(), [['start_group']]);
    assert.deepEqual(d.hookDone('start_group').commands(), [
      `P2P_CONNECT ${phone.device} 11112222 keypad go_intent=15`,
    ]);
  });

  test('the request expires if no PIN is typed', () => {
    const d = new Dialogue({ max_negotiation_time: 20 }).toRunning().event('device', phone.asksShowingPin);
    assert.deepEqual(d.timer('enrolment', 20_000).emitted(), ['enrolmentFailed']);
    assert.deepEqual(d.state.enrolments, []);
  });
});

describe('the PIN module', () => {
  const MODULE = { pin: '12345670', pin_module: '/etc/pins.js' };

  test('is asked with the PIN of the settings; its answer is armed', () => {
    const d = new Dialogue(MODULE).toRunning().event('device', phone.asksByPin);
    assert.deepEqual(d.all('ask-pin'), [
      { type: 'ask-pin', call: 1, deviceAddress: phone.device, name: 'A', pin: '12345670' },
    ]);
    assert.deepEqual(d.event('group', phone.seen).commands(), []);
    d.give({ type: 'pin', deviceAddress: phone.device, call: 1, pin: '11112222', reason: '' });
    assert.deepEqual(d.commands(), [ARMED('11112222')]);
    assert.deepEqual(d.hooks(), []);
  });

  test('is asked with a fresh PIN; its answer is shown', () => {
    const d = new Dialogue({ ...MODULE, pin: 'random' }).toRunning().event('device', phone.asksByPin);
    assert.deepEqual(d.hooks(), []);
    d.give({ type: 'pin', deviceAddress: phone.device, call: 1, pin: '11112222', reason: '' });
    assert.deepEqual(d.hooks(), [['show_pin', phone.device, '11112222', 'A']]);
  });

  test('without its answer the phone is not admitted, not even by the PIN of the settings', () => {
    const d = new Dialogue(MODULE).toRunning().event('device', phone.asksByPin);
    d.give({ type: 'pin', deviceAddress: phone.device, call: 1, pin: null, reason: 'it threw' });
    assert.match(d.logs('error').join(), /it threw/);
    assert.deepEqual(d.event('group', phone.seen).commands(), []);
  });

  test('only the answer to the latest call for a phone counts', () => {
    const d = new Dialogue({ ...MODULE, pin: 'random', pbc_in_use: true })
      .toRunning()
      .event('device', phone.asksByPin);
    d.event('device', phone.asksByButton).event('device', phone.asksByPin.replace(FRESH, '33333333'));
    assert.equal(d.all('ask-pin')[0]?.call, 2);
    d.give({ type: 'pin', deviceAddress: phone.device, call: 1, pin: '11112222', reason: '' });
    assert.deepEqual(d.effects, []);
    d.give({ type: 'pin', deviceAddress: phone.device, call: 2, pin: '44445555', reason: '' });
    assert.deepEqual(d.hooks(), [['show_pin', phone.device, '44445555', 'A']]);
  });

  test('its answer is not armed while PINs are refused', () => {
    const WRONG = 'WPS-FAIL msg=8 config_error=18';
    const d = new Dialogue(MODULE).toRunning().event('device', other.asksByPin);
    d.give({ type: 'pin', deviceAddress: other.device, call: 1, pin: '33334444', reason: '' });
    for (const _ of [1, 2, 3]) d.event('group', other.seen).event('group', WRONG);
    d.event('device', phone.asksByPin).event('group', phone.seen);
    d.give({ type: 'pin', deviceAddress: phone.device, call: 2, pin: '11112222', reason: '' });
    assert.deepEqual(d.commands(), []);
  });

  test('an answer that comes too late is ignored', () => {
    const d = new Dialogue(MODULE).toRunning();
    d.give({ type: 'pin', deviceAddress: phone.device, call: 1, pin: '11112222', reason: '' });
    assert.deepEqual(d.effects, []);
  });
});

describe('a phone that negotiates while the group runs', () => {
  const INVITE = `P2P_INVITE group=${GROUP} peer=${phone.device}`;
  const ENDS = `P2P_CONNECT ${phone.device} ${FRESH_PIN} keypad go_intent=15`;
  const ENDED = 'P2P-GO-NEG-FAILURE status=10';
  const SUCCEEDS = `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone.device}`;

  test('is invited, gets its PIN armed when it is seen, and becomes a station', () => {
    const d = new Dialogue({ pin: '12345670' }).toRunning().event('device', phone.negotiates(1));
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND', INVITE]);
    // A phone repeats its request every second or so.
    assert.deepEqual(d.event('device', phone.negotiates(1)).commands(), []);
    d.event('device', 'P2P-INVITATION-RESULT status=1');
    assert.deepEqual(d.event('device', phone.negotiates(1)).commands(), [], 'its user is being asked');
    assert.deepEqual(d.event('group', phone.seen).commands(), [ARMED('12345670')]);
    assert.equal(d.timers()['invitation'], undefined);
    assert.deepEqual(d.event('group', phone.joins).stations(), [phone.station]);
    assert.deepEqual(d.state.enrolments, []);
  });

  describe('and drops the invitation, as Android does', () => {
    const dropped = (settings = {}, passwordId: 1 | 4 = 1) => {
      const d = new Dialogue({ pin: '12345670', ...settings })
        .toRunning()
        .event('device', phone.negotiates(passwordId));
      return d.event('device', 'P2P-INVITATION-RESULT status=1');
    };

    test('after 6 s a negotiation by another method ends its attempt, and it is invited again', () => {
      const d = dropped();
      assert.equal(d.timers()['invitation'], 6000);
      assert.deepEqual(d.timer('invitation', 6000).commands(), [ENDS]);
      assert.deepEqual(d.event('device', ENDED).commands(), [INVITE]);
      d.event('device', 'P2P-INVITATION-RESULT status=1');
      assert.equal(
        d.timers()['invitation'],
        20_000,
        'the frame can be lost, and it does not try by itself any more',
      );
      assert.deepEqual(d.timer('invitation', 20_000).commands(), [INVITE]);
      d.event('device', 'P2P-INVITATION-RESULT status=1').event('group', phone.seen);
      assert.deepEqual(d.commands(), [ARMED('12345670', 94)]);
      assert.equal(d.timers()['invitation'], undefined);
    });

    test('by push button, the other method is a PIN that nobody learns', () => {
      const d = dropped({ pbc_in_use: true }, 4).timer('invitation', 6000);
      assert.deepEqual(d.commands(), [ENDS.replace('keypad', 'display')]);
    });

    test('it is invited again after 3 s in any case, and at once if wpa_supplicant refuses the negotiation', () => {
      const late = dropped().timer('invitation', 6000).timer('invitation', 3000);
      assert.deepEqual(late.commands(), ['P2P_CANCEL', INVITE]);
      const refused = dropped().timer('invitation', 6000).reply(ENDS, 'FAIL\n');
      assert.deepEqual(refused.commands(), [INVITE]);
    });

    test('a phone that joins meanwhile is not invited again', () => {
      for (const ends of [ENDED, null]) {
        const d = dropped().timer('invitation', 6000).event('group', phone.seen).event('group', phone.joins);
        if (ends) assert.deepEqual(d.event('device', ends).commands(), []);
        else assert.deepEqual(d.timer('invitation', 3000).commands(), ['P2P_CANCEL']);
        assert.equal(d.state.invitation, null);
      }
    });

    test('a device that changes its method to ours is stopped', () => {
      const d = dropped().timer('invitation', 6000).event('device', SUCCEEDS);
      assert.deepEqual([d.commands(), d.state.invitation], [['P2P_CANCEL'], null]);
    });

    test('the operator removes the group: the negotiation is cancelled', () => {
      const d = dropped().timer('invitation', 6000).operate({ kind: 'stop-group' });
      assert.ok(d.commands().includes('P2P_CANCEL'));
      assert.equal(d.state.invitation, null);
    });

    test('the group ends meanwhile: the negotiation is cancelled', () => {
      const d = dropped().timer('invitation', 6000).event('device', REMOVED);
      assert.ok(d.commands().includes('P2P_CANCEL'));
    });
  });

  test('is invited when the phone that negotiated the group has had its time, though it only repeats its request', () => {
    const d = new Dialogue({ pin: '12345670', activate_persistent_group: false, dynamic_group: true });
    d.toIdle().event('device', other.negotiates(1)).hookDone('start_group');
    d.event('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${other.device}`).event(
      'device',
      STARTED,
    );
    d.give({ type: 'link-up', link: 'group' }).event('device', phone.negotiates(1));
    assert.ok(!d.commands().includes(INVITE));
    d.now += 21_000;
    assert.ok(Object.values(d.timers()).every((due) => due > 0));
    assert.ok(d.event('device', phone.negotiates(1)).commands().includes(INVITE));
  });

  test('is left alone if it is connected already', () => {
    const d = new Dialogue().toRunning().event('group', phone.joins).event('device', phone.negotiates(1));
    assert.deepEqual([d.commands(), d.state.enrolments], [[], []]);
  });

  test('is invited again if it still negotiates after a while', () => {
    const d = new Dialogue().toRunning().event('device', phone.negotiates(1));
    d.event('device', 'P2P-INVITATION-RESULT status=1').timer('invitation', 6000).event('device', ENDED);
    d.event('device', 'P2P-INVITATION-RESULT status=1');
    d.now += 20_000;
    assert.deepEqual(d.event('device', phone.negotiates(1)).commands(), [INVITE]);
  });

  test('is invited again soon if it answers that it does not know the group (status 8)', () => {
    const d = new Dialogue().toRunning().event('device', phone.negotiates(1));
    d.event('device', 'P2P-INVITATION-RESULT status=8');
    assert.equal(d.timers()['invitation'], 1500);
    assert.deepEqual(d.timer('invitation', 1500).commands(), [INVITE]);
  });

  test('is given up after four invitations without a reply, and its next request starts over', () => {
    const d = new Dialogue().toRunning().event('device', phone.negotiates(1));
    for (let i = 1; i < 4; i++) {
      d.event('device', 'P2P-INVITATION-RESULT status=-1');
      assert.deepEqual(d.timer('invitation', 1500).commands(), [INVITE]);
    }
    d.event('device', 'P2P-INVITATION-RESULT status=-1');
    assert.match(d.logs('warning').join(), /could not be invited/);
    assert.deepEqual(d.event('device', phone.negotiates(1)).commands(), [INVITE]);
  });

  test('by push button: the button is opened for it as well', () => {
    const d = new Dialogue({ pbc_in_use: true }).toRunning().event('device', phone.negotiates(4));
    assert.deepEqual(d.commands(), ['P2P_STOP_FIND', `group: WPS_PBC p2p_dev_addr=${phone.device}`, INVITE]);
  });

  test('two phones: one invitation at a time', () => {
    const d = new Dialogue()
      .toRunning()
      .event('device', phone.negotiates(1))
      .event('device', other.negotiates(1));
    assert.deepEqual(d.commands(), [], 'and the search is not stopped, for that would end the invitation');
    d.event('device', 'P2P-INVITATION-RESULT status=1');
    assert.deepEqual(d.commands(), [`P2P_INVITE group=${GROUP} peer=${other.device}`]);
  });
});

test('a phone that asks again by another method: the first request ends, and the second begins', () => {
  const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('device', phone.asksShowingPin);
  assert.deepEqual(
    d.events().map((event) => (event.type === 'enrolmentFailed' ? event.cause : event.type)),
    ['other-method', 'enrolmentRequested', 'pinWanted'],
  );
  assert.equal(d.state.enrolments.length, 1);
});

describe('a second request for a PIN, as Android sends it when its user cancels', () => {
  const asked = (settings: object) =>
    new Dialogue({ ...settings }).toRunning().event('device', phone.asksByPin);
  const cancels = (d: Dialogue, afterMs = 4000) => {
    d.now += afterMs;
    return d.event('device', phone.asksByPin.replace('99129897', '51704711'));
  };
  const causes = (d: Dialogue) => d.events().map((event) => ('cause' in event ? event.cause : event.type));

  test('closes the first, where the PIN is valid for any device', () => {
    const d = cancels(asked({ pin: '12345670' }));
    assert.deepEqual(causes(d), ['cancelled']);
    assert.deepEqual(d.state.enrolments, []);
    // It did not cancel: it is served like a device that made no request.
    assert.deepEqual(d.event('group', phone.needsPin).commands(), [
      `group: WPS_PIN ${phone.station} 12345670 120`,
    ]);
  });

  test('shows the PIN again that was made for the phone', () => {
    const d = cancels(asked({ pin: 'random' }), 6000);
    assert.deepEqual(causes(d), ['enrolmentRequested', 'pinShown']);
    assert.deepEqual(d.hooks(), [['show_pin', phone.device, FRESH, 'A']]);
  });

  test('is another attempt of a phone that was seen on the group meanwhile', () => {
    const d = cancels(asked({ pin: '12345670' }).event('group', phone.seen));
    assert.equal(d.state.enrolments.length, 1);
  });

  test('is the same request for 2 s, in which wpa_supplicant sends one again that gets no answer', () => {
    assert.deepEqual(cancels(asked({ pin: '12345670' }), 1_999).emitted(), []);
    assert.deepEqual(causes(cancels(asked({ pin: '12345670' }), 2_000)), ['cancelled']);
  });

  test('is the same request, where it comes at once', () => {
    const d = cancels(asked({ pin: '12345670' }), 500);
    assert.deepEqual(d.emitted(), []);
    assert.equal(d.state.enrolments.length, 1);
  });
});
