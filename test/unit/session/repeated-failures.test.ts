import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEVICE, Dialogue } from './dialogue.js';

/** A lasting cause is logged once, whatever numbers or words change in each message. */

function toForming(d: Dialogue): Dialogue {
  d.timer('backoff').answer({ kind: 'interfaces' }, `${DEVICE}\n`).profiles([0, 'DIRECT-PP']);
  return d.hookDone('start_group');
}

const removed = (n: number) => `P2P-GROUP-REMOVED p2p-wlan0-${n} GO reason=REQUESTED`;

/** The errors of a number of attempts in a row, each ended by `end`. */
function errors(d: Dialogue, end: (d: Dialogue, n: number) => void, attempts = 5): string[] {
  const told: string[] = [];
  for (let n = 0; n < attempts; n++) {
    if (n > 0) toForming(d);
    assert.equal(d.phase, 'forming');
    end(d, n);
    assert.equal(d.phase, 'backoff');
    told.push(...d.logs('error'));
  }
  return told;
}

const forming = (settings = {}) =>
  new Dialogue(settings).toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');

describe('the same failure is logged once', () => {
  test('although the group interface has another number each time', () => {
    const told = errors(forming(), (d, n) => void d.event('device', removed(n)));
    assert.deepEqual(told, ['p2p-wlan0-0: the group ended before it was up (REQUESTED)']);
  });

  test('although the allowed channels or the words behind FAIL change', () => {
    const told = errors(forming({ p2p_group_add_opts: 'freq=2462' }), (d, n) => {
      d.reply('P2P_GROUP_ADD persistent=0 freq=2462', `FAIL ${n}\n`);
      d.reply('GET_CAPABILITY freq', `Mode[G] Channels:\n 1 = ${2412 + n} MHz\n`);
    });
    assert.equal(told.length, 1);
  });

  test('another reason is logged again', () => {
    const d = forming();
    const told = errors(d, (e, n) => {
      e.event('device', n < 2 ? removed(n) : removed(n).replace('REQUESTED', 'UNAVAILABLE'));
    });
    assert.equal(told.length, 2);
  });

  test('a refused search is logged once, and again after it had worked', () => {
    const d = new Dialogue({ dynamic_group: true }).toIdle().reply('P2P_FIND', 'FAIL\n');
    assert.equal(d.logs('warning').length, 1);
    d.timer('discovery').reply('P2P_FIND', 'FAIL\n');
    assert.equal(d.logs('warning').length, 0);
    d.timer('discovery').reply('P2P_FIND', 'OK\n').timer('discovery').reply('P2P_FIND', 'FAIL\n');
    assert.equal(d.logs('warning').length, 1);
  });
});

test('profiles cannot be listed or stored: the pauses grow, also if no phone has asked for a group', () => {
  for (const tag of [{ kind: 'networks' }, { kind: 'add-network' }] as const) {
    const d = new Dialogue({ dynamic_group: true, network_parms: ['ssid "DIRECT-xy"'] }).toChoosing();
    const pauses = [1, 2, 3].map(() => {
      if (tag.kind === 'add-network') d.reply('LIST_NETWORKS', '');
      d.give({ type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'no reply' });
      const pause = d.timers()['backoff'];
      d.timer('backoff').reply('INTERFACES', `${DEVICE}\n`);
      return pause;
    });
    assert.deepEqual(pauses, [1_000, 2_000, 4_000], tag.kind);
  }
});

describe('a radio that is off', () => {
  test('is logged as the cause once, whatever wpa_supplicant replies', () => {
    const d = forming();
    d.radioBlock = 'software';
    const ends = [
      (e: Dialogue, n: number) => e.event('device', removed(n)),
      (e: Dialogue) => e.timer('forming', 10_000),
      (e: Dialogue) => e.reply('P2P_GROUP_ADD persistent=0', 'FAIL\n'),
    ];
    const told = errors(d, (e, n) => void ends[n % 3]?.(e, n), 6);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /switched off by software \(rfkill\); "rfkill unblock wlan"/);
  });

  test('the hardware switch is another cause, and so is a failure with the radio on', () => {
    const d = forming();
    d.radioBlock = 'software';
    d.event('device', removed(0));
    d.radioBlock = 'hardware';
    assert.match(toForming(d).event('device', removed(1)).logs('error').join(), /switch or key/);
    d.radioBlock = null;
    assert.deepEqual(toForming(d).event('device', removed(2)).logs('error'), [
      'p2p-wlan0-2: the group ended before it was up (REQUESTED)',
    ]);
  });

  test('is named if the search is refused', () => {
    const d = new Dialogue({ dynamic_group: true }).toIdle();
    d.radioBlock = 'software';
    assert.match(d.reply('P2P_FIND', 'FAIL\n').logs('warning').join(), /rfkill/);
  });
});
