import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimerName } from '#src/session/model.js';
import { Dialogue, GROUP, Phone, STARTED } from './dialogue.js';

/** The end of every step: what is due is done with any input, and a refused request is not repeated at once. */

const phone = new Phone(1, 'A');
const other = new Phone(2, 'B');
const BUTTON = { pbc_in_use: true };
const OPEN = ({ device }: Phone) => `group: WPS_PBC p2p_dev_addr=${device}`;
const PAIR = { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null } as const;

/** A timer of Node can fire a millisecond before its time. */
function early(d: Dialogue, timer: TimerName): Dialogue {
  d.timer(timer, (d.timers()[timer] ?? assert.fail(timer)) - 1);
  assert.deepEqual(
    d.all('timer').filter((effect) => effect.timer === timer),
    [{ type: 'timer', timer, ms: 1 }],
  );
  return d.timer(timer, 1);
}

test('a timer that fires early is set again', () => {
  const window = early(new Dialogue().toRunning().operate(PAIR), 'pairing');
  assert.equal(window.state.pairing, null);
  const request = early(new Dialogue().toRunning().event('device', phone.asksByPin), 'enrolment');
  assert.deepEqual(request.state.enrolments, []);
  const d = new Dialogue().toRunning().event('group', phone.joins);
  d.answer({ kind: 'station-name', address: phone.station }, phone.entry);
  assert.equal(early(d, 'address').all('seek-address').length, 1);
});

test('whatever has expired ends with the next input, also without its timer', () => {
  const d = new Dialogue().toRunning().operate(PAIR).event('device', other.asksByButton);
  d.now += 120_000;
  d.event('device', 'P2P-DEVICE-LOST p2p_dev_addr=42:00:00:00:09:00');
  assert.deepEqual([d.state.pairing, d.state.enrolments], [null, []]);
});

test('a device that has its credential and does not connect does not keep the window open beyond its time', () => {
  const d = new Dialogue().toRunning().operate({ ...PAIR, method: 'pin', pin: '12345670' });
  d.now += 100_000;
  d.event('group', `WPS-REG-SUCCESS ${phone.station} 572cf82f-c957-5653-9b16-b5cfb298abf1`);
  d.down('group');
  assert.equal(d.timers()['pairing'], 20_000);
  d.timer('pairing', 20_000);
  assert.equal(d.state.pairing, null);
});

test('WPS_PBC is refused for each of two phones: each is tried again after two seconds, not at once', () => {
  const d = new Dialogue(BUTTON)
    .toRunning()
    .event('device', phone.asksByButton)
    .event('device', other.asksByButton);
  d.answer({ kind: 'button', deviceAddress: phone.device }, 'FAIL\n');
  assert.deepEqual(d.commands(), [OPEN(other)]);
  d.answer({ kind: 'button', deviceAddress: other.device }, 'FAIL\n');
  assert.deepEqual(d.commands(), []);
  assert.equal(d.timers()['button'], 2_000);
  assert.deepEqual(d.timer('button', 2_000).commands(), [OPEN(phone)]);
});

test('the window closes while its phone negotiates: the negotiation goes on', () => {
  const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle().operate(PAIR);
  d.event('device', phone.asksByButton).event('device', phone.negotiates(4));
  assert.equal(d.phase, 'announcing');
  d.operate({ kind: 'stop-pairing' }, 2);
  assert.deepEqual(
    d.state.enrolments.map((e) => e.deviceAddress),
    [phone.device],
  );
  assert.match(d.hookDone('start_group').commands().join(), new RegExp(`P2P_CONNECT ${phone.device} pbc`));
  d.event('device', STARTED);
  assert.equal(d.state.enrolments[0]?.hasCredential, true);
});

test('a group on demand that was found again without a link ends with its last station', () => {
  const d = new Dialogue({ activate_persistent_group: false, dynamic_group: true }).toIdle();
  d.event('device', STARTED).up('group').answer({ kind: 'walk' }, '').event('group', phone.joins);
  d.down('device').up('device').answer({ kind: 'interfaces' }, `${GROUP}\n`);
  d.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_TIMEOUT', reason: 'no answer' });
  d.event('device', phone.leaves);
  assert.deepEqual(d.stations(), []);
  d.now += 30_000;
  assert.ok(d.timer('group-check').commands().includes(`P2P_GROUP_REMOVE ${GROUP}`), d.commands().join());
});
