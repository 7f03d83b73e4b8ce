import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, Phone } from './dialogue.js';

/** What is known of the reason why no group comes is told, and at once where it is certain. */

const phone = new Phone(1, 'A');
const forming = (section: Readonly<Record<string, unknown>> = {}) =>
  new Dialogue(section).toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');

describe('what wpa_supplicant says in words', () => {
  for (const line of [
    'Failed to start AP functionality',
    'P2P: Failed to add group interface',
    'P2P: Failed to initialize group interface',
  ]) {
    test(`${line}: failed at once`, () => {
      const d = forming().event('device', line);
      assert.equal(d.phase, 'backoff');
      assert.deepEqual(d.logs('error'), [`wpa_supplicant could not start the group: ${line}`]);
      assert.ok(d.state.attempts.leftover, 'what was made is looked for');
    });
  }

  test('another line is no proof: it is part of the reason when the time is over', () => {
    const line = 'nl80211: Could not set channel for driver';
    const d = forming().event('device', line);
    assert.equal(d.phase, 'forming');
    assert.match(
      d.timer('forming', 10_000).logs('error').join(),
      /within 10 s .*wpa_supplicant said: nl80211: Could/,
    );
  });

  test('it belongs to its attempt only', () => {
    const d = forming().event('device', 'Something failed here').timer('forming', 10_000);
    d.timer('backoff').answer({ kind: 'interfaces' }, '').profiles([0, 'DIRECT-PP']).hookDone('start_group');
    assert.doesNotMatch(d.timer('forming', 10_000).logs().join(), /Something failed/);
  });

  test('events that nobody knows, and chatter, are no reasons', () => {
    const d = forming();
    for (const line of [
      'NAN-FAILED-EVENT failed',
      'P2P: Reject scan trigger since one is already pending',
      '',
    ])
      d.event('device', line);
    assert.deepEqual(d.state.attempts.said, []);
  });

  test('a driver that repeats itself fills nothing', () => {
    const d = forming();
    for (let n = 0; n < 50; n++) d.event('device', `error ${n % 7} ${'x'.repeat(5_000)}`);
    assert.equal(d.state.attempts.said.length, 3);
    assert.ok(d.state.attempts.said.every((line) => line.length <= 200));
  });

  test('of a negotiation: in its reason, for the operator and for listeners', () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle();
    d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1)).hookDone('start_group');
    d.event('device', 'P2P: No common channels found').event('device', 'P2P-GO-NEG-FAILURE status=7');
    assert.match(
      d.logs('warning').join(),
      /\(status 7\); wpa_supplicant said: P2P: No common channels found/,
    );
    const [failed] = d.all('emit').flatMap(({ event }) => (event.type === 'enrolmentFailed' ? [event] : []));
    assert.match(failed?.reason ?? '', /No common channels found/);
  });

  test('of a negotiation, where it is certain: over at once, and taken back', () => {
    const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle();
    d.event('device', phone.asksByPinAlone).event('device', phone.negotiates(1)).hookDone('start_group');
    d.event('device', 'Failed to start AP functionality');
    assert.equal(d.phase, 'backoff');
    assert.ok(d.commands().includes('P2P_CANCEL'));
  });
});

describe('a channel that is allowed, and refused all the same', () => {
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
    test(`${what}: no such claim`, () => {
      const d = refused('freq=2462').reply('STATUS', reply);
      assert.equal(d.phase, 'backoff');
      assert.doesNotMatch(d.logs('error').join(), /one channel/);
    });
  }

  test('no answer: without it', () => {
    const d = refused('freq=2462');
    const [request] = d.all('request');
    assert.ok(request?.tag);
    d.give({ type: 'no-reply', tag: request.tag, code: 'CONTROL_UNAVAILABLE', reason: 'x' });
    assert.match(d.logs('error').join(), /allowed here: 2412, 2462, 5180 MHz$/);
  });

  test('one that is not allowed: the list says it, and nobody is asked', () => {
    assert.equal(refused('freq=2472').phase, 'backoff');
  });
});
