import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LinkName } from '#src/session/model.js';
import { Dialogue, GROUP, Phone, REMOVED } from './dialogue.js';

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
const PIN = '12345670';
const WINDOW_PIN = '87654325';
const REASON = 'wpa_cli (pid 77, stopped) is attached to it and does not read';
const CANCEL = 'group: WPS_CANCEL';

/** A heartbeat that finds events held back, `ms` after the last input. */
function beat(d: Dialogue, link: LinkName = 'group', ms = 10_000): Dialogue {
  d.now += ms;
  return d.give({ type: 'link-held-back', link, reason: REASON });
}

function running(settings: Readonly<Record<string, unknown>> = {}): Dialogue {
  return new Dialogue({ pin: PIN, ...settings }).toRunning();
}

const hears = (d: Dialogue, link: LinkName = 'group') => d.give({ type: 'link-missed', link });
const requests = (d: Dialogue) => d.commands().filter((command) => command.startsWith('group: WPS'));

/** Answers the walk that is under way: these stations are connected. */
function walk(d: Dialogue, ...phones: readonly Phone[]): Dialogue {
  for (const { entry } of phones) d.answer({ kind: 'walk' }, entry);
  return d.answer({ kind: 'walk' }, '');
}

describe('while wpa_supplicant holds back its events', () => {
  test('the log names the program that does not read once, and says once that events arrive again', () => {
    const d = beat(running());
    assert.match(
      d.logs('warning').join(),
      /^p2p-wlan0-0: .*holds back its events: wpa_cli \(pid 77, stopped\)/,
    );
    assert.equal(d.state.supplicant.heldBack.group, REASON);
    assert.deepEqual(beat(d).logs('warning'), []);
    // A program that is started again each time, with the same name and another pid.
    const reason = REASON.replace('77', '78');
    assert.deepEqual(d.give({ type: 'link-held-back', link: 'group', reason }).logs('warning'), []);
    assert.equal(d.state.supplicant.heldBack.group, reason);
    assert.match(hears(d).logs('info').join(), /are received again/);
    assert.deepEqual(hears(d).logs(), []);
    assert.deepEqual(d.state.supplicant.heldBack, { device: null, group: null });
  });

  test('stations are looked up with every heartbeat, and their connects and disconnects are reported', () => {
    const d = beat(running());
    assert.ok(d.commands().includes('group: STA-FIRST'));
    walk(d, phone);
    assert.deepEqual(d.hooks(), [['connect', phone.device, 'A', GROUP]]);
    walk(beat(d));
    assert.deepEqual(d.hooks(), [['disconnect', phone.device, 'A', GROUP]]);
  });

  test('the end of the group is noticed', () => {
    const d = beat(running(), 'device');
    d.reply('INTERFACES', 'p2p-dev-wlan0\n');
    assert.ok(d.hooks().some(([hook]) => hook === 'stop_group'));
  });

  test('the fixed PIN is armed for any device, again after a minute, and withdrawn when events arrive again', () => {
    const d = beat(running());
    assert.deepEqual(requests(d), [`group: WPS_PIN any ${PIN} 120`]);
    for (let n = 0; n < 5; n++) assert.deepEqual(requests(beat(d)), []);
    assert.deepEqual(requests(beat(d)), [CANCEL, `group: WPS_PIN any ${PIN} 120`]);
    assert.deepEqual(requests(hears(d)), [CANCEL]);
  });

  for (const settings of [{ pin: 'random' }, { pbc_in_use: true }, { pin_module: '/pins.mjs' }]) {
    test(`no PIN is armed for any device with ${JSON.stringify(settings)}`, () => {
      assert.deepEqual(requests(beat(running(settings))), []);
    });
  }

  test('a phone that made a request gets its PIN armed, although WPS-ENROLLEE-SEEN does not arrive', () => {
    const d = beat(running({ pin: 'random' })).event('device', phone.asksByPin);
    const [fresh] = d.state.enrolments;
    assert.ok(fresh?.pin);
    assert.deepEqual(requests(beat(d)), [`group: WPS_PIN any ${fresh.pin} 110`]);
    walk(d, phone);
    assert.deepEqual([d.state.enrolments, requests(d)], [[], [CANCEL]]);
  });

  test('a pairing window admits the device that the walk finds, and closes', () => {
    const d = beat(running()).operate({ kind: 'pair', method: 'pin', pin: WINDOW_PIN, deviceAddress: null });
    assert.ok(requests(d).includes(`group: WPS_PIN any ${WINDOW_PIN} 120`));
    walk(beat(d), other);
    assert.equal(d.state.pairing, null);
    assert.ok(requests(d).includes(CANCEL));
  });

  test('nothing is armed while the session is paused', () => {
    const d = running().operate({ kind: 'pause' });
    assert.deepEqual(requests(beat(d)), []);
  });

  test('a group that a phone has started is found without its event', () => {
    const d = beat(new Dialogue({ dynamic_group: true }).toIdle(), 'device');
    d.reply('INTERFACES', 'p2p-dev-wlan0\nwlan0\n');
    assert.equal(d.phase, 'idle');
    beat(d, 'device').reply('INTERFACES', `p2p-dev-wlan0\nwlan0\n${GROUP}\n`);
    assert.equal(d.phase, 'inspecting');
    d.reply('INTERFACES', `p2p-dev-wlan0\nwlan0\n${GROUP}\n`).up('group');
    d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
    assert.equal(d.phase, 'running');
  });

  test('the state "events held back" ends with the group, and with the link', () => {
    assert.equal(beat(running()).event('device', REMOVED).state.supplicant.heldBack.group, null);
    assert.equal(beat(running(), 'device').down('device').state.supplicant.heldBack.device, null);
  });
});

test('events that were lost while a phone joins: its PIN is armed again at once, as it may have been used', () => {
  const d = new Dialogue({ pin: 'random' }).toRunning().event('device', phone.asksByPin);
  const [armed = ''] = requests(d.event('group', phone.seen));
  assert.match(armed, /^group: WPS_PIN 46:00:00:00:01:00 \d{8} \d+$/);
  assert.deepEqual(requests(hears(d)), [CANCEL, armed]);
  d.event('group', phone.joins);
  assert.deepEqual(requests(hears(d)), []);
});
