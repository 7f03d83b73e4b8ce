import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, Phone } from './dialogue.js';

/** Why no group comes up: the known reason is reported, at once if it is certain. */

const phone = new Phone(1, 'A');
const forming = (section: Readonly<Record<string, unknown>> = {}) =>
  new Dialogue(section).toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');

describe('a log message of wpa_supplicant', () => {
  for (const line of [
    'Failed to start AP functionality',
    'P2P: Failed to add group interface',
    'P2P: Failed to initialize group interface',
  ]) {
    test(`${line}: the attempt fails at once`, () => {
      const d = forming().event('device', line);
      assert.equal(d.phase, 'backoff');
      assert.deepEqual(d.logs('error'), [`wpa_supplicant could not start the group: ${line}`]);
      assert.ok(d.state.attempts.leftover, 'a leftover group interface is looked for');
    });
  }

  test('another message is no proof: it becomes part of the reason at the timeout', () => {
    const line = 'nl80211: Could not set channel for driver';
    const d = forming().event('device', line);
    assert.equal(d.phase, 'forming');
    assert.match(
      d.timer('forming', 10_000).logs('error').join(),
      /within 10 s .*wpa_supplicant said: nl80211: Could/,
    );
  });

  test('belongs to its attempt only', () => {
    const d = forming().event('device', 'Something failed here').timer('forming', 10_000);
    d.timer('backoff').answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']).hookDone('start_group');
    assert.doesNotMatch(d.timer('forming', 10_000).logs().join(), /Something failed/);
  });

  test('unknown events and routine messages are no reasons', () => {
    const d = forming();
    for (const line of [
      'NAN-FAILED-EVENT failed',
      'P2P: Reject scan trigger since one is already pending',
      '',
    ])
      d.event('device', line);
    assert.deepEqual(d.state.attempts.said, []);
  });

  test('repeated many times does not grow the reason', () => {
    const d = forming();
    for (let n = 0; n < 50; n++) d.event('device', `error ${n % 7} ${'x'.repeat(5_000)}`);
    assert.equal(d.state.attempts.said.length, 3);
    assert.ok(d.state.attempts.said.every((line) => line.length <= 200));
  });

  test('during a negotiation is part of its reason, for the operator and in the event', () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle();
    d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1)).hookDone('start_group');
    d.event('device', 'P2P: No common channels found').event('device', 'P2P-GO-NEG-FAILURE status=7');
    assert.match(
      d.logs('warning').join(),
      /\(status 7\); wpa_supplicant said: P2P: No common channels found/,
    );
    const [failed] = d.events().flatMap((event) => (event.type === 'enrolmentFailed' ? [event] : []));
    assert.match(failed?.reason ?? '', /No common channels found/);
  });

  test('during a negotiation, if it is certain: the negotiation ends at once and is cancelled', () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle();
    d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1)).hookDone('start_group');
    d.event('device', 'Failed to start AP functionality');
    assert.equal(d.phase, 'backoff');
    assert.ok(d.commands().includes('P2P_CANCEL'));
  });
});

describe('a channel that is allowed, and refused nevertheless', () => {
  const CHANNELS = ' 1 = 2412 MHz\n 11 = 2462 MHz\n 36 = 5180 MHz\n';
  const home = (frequency: number) => `freq=${frequency}\nssid=home\nmode=station\nwpa_state=COMPLETED\n`;
  const refused = (options: string) =>
    forming({ p2p_group_add_opts: options })
      .answer({ kind: 'group-add' }, 'FAIL\n')
      .reply('GET_CAPABILITY freq', CHANNELS);

  for (const options of ['freq=2462', 'freq=5', 'freq=5180 ht40']) {
    test(`${options}, while wlan0 is connected at 2412 MHz`, () => {
      const d = refused(options);
      assert.deepEqual(
        d.all('request').map(({ link, command }) => [link, command]),
        [['radio', 'STATUS']],
      );
      d.reply('STATUS', home(2412));
      assert.match(
        d.logs('error').join(),
        /wlan0 is connected to "home" at 2412 MHz, and a radio that uses one channel .* use freq=2412$/,
      );
      assert.equal(d.phase, 'backoff');
    });
  }

  for (const [what, reply] of [
    ['connected there', home(2462)],
    ['not connected', 'wpa_state=DISCONNECTED\n'],
    ['a group on it', 'freq=2412\nmode=P2P GO\nwpa_state=COMPLETED\n'],
  ] as const) {
    test(`${what}: the reason does not blame the connection of wlan0`, () => {
      const d = refused('freq=2462').reply('STATUS', reply);
      assert.equal(d.phase, 'backoff');
      assert.doesNotMatch(d.logs('error').join(), /one channel/);
    });
  }

  test('no answer: the reason does not mention it', () => {
    const d = refused('freq=2462');
    const [request] = d.all('request');
    assert.ok(request?.tag);
    d.give({ type: 'no-reply', tag: request.tag, code: 'CONTROL_UNAVAILABLE', reason: 'x' });
    assert.match(d.logs('error').join(), /allowed here: 2412, 2462, 5180 MHz$/);
  });

  test('the attempt gets time for the answer, also shortly before its end', () => {
    const d = forming({ p2p_group_add_opts: 'freq=2462' });
    d.now += 9_000;
    assert.equal(d.answer({ kind: 'group-add' }, 'FAIL\n').timers()['forming'], 10_000);
  });

  test('a channel that is not allowed: the list of channels shows it, and STATUS is not requested', () => {
    assert.equal(refused('freq=2472').phase, 'backoff');
  });
});
