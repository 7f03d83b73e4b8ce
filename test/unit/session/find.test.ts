import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialogue, Phone } from './dialogue.js';

const phone = new Phone(1, 'A');
const FIND = { kind: 'find', seconds: 20 } as const;

test('beside a group the social channels are searched for the given time, and the schedule goes on', () => {
  const d = new Dialogue().toRunning().operate(FIND);
  assert.deepEqual(d.commands(), ['P2P_FIND 20 type=social']);
  assert.equal(d.outcome(), null);
  assert.equal(d.timers()['discovery'], 600_000);
  assert.equal(d.reply('P2P_FIND 20 type=social', 'OK\n').outcome(), 'ok');
  const short = new Dialogue({ select_timeout_secs: { enroller: 5 } }).toRunning().operate(FIND);
  assert.equal(short.timers()['discovery'], 20_000, 'no scheduled search cuts it short');
});

test('without a group the continuous search is started again', () => {
  const d = new Dialogue({ activate_persistent_group: false }).toIdle().operate(FIND);
  assert.deepEqual(d.commands(), ['P2P_FIND']);
  assert.equal(d.reply('P2P_FIND', 'OK\n').outcome(), 'ok');
  assert.deepEqual(d.timer('discovery', 20_000).commands(), ['P2P_FIND']);
});

test('a fraction of a second is rounded up', () => {
  const d = new Dialogue().toRunning().operate({ kind: 'find', seconds: 1.5 });
  assert.deepEqual(d.commands(), ['P2P_FIND 2 type=social']);
});

test('a P2P_FIND that wpa_supplicant refuses, or does not answer, is an error', () => {
  const d = new Dialogue().toRunning().operate(FIND).reply('P2P_FIND 20 type=social', 'FAIL\n');
  assert.equal(d.outcome(), 'COMMAND_REFUSED');
  const silent = new Dialogue().toRunning().operate(FIND);
  const [request] = silent.all('request');
  assert.ok(request?.tag);
  silent.give({ type: 'no-reply', tag: request.tag, code: 'CONTROL_TIMEOUT', reason: 'x' });
  assert.equal(silent.outcome(), 'CONTROL_TIMEOUT');
});

const negotiating = () =>
  new Dialogue({ activate_persistent_group: false }).toIdle().event('device', phone.negotiates(1));
const rows: readonly (readonly [string, () => Dialogue, string, RegExp])[] = [
  [
    'an invitation',
    () => new Dialogue().toRunning().operate({ kind: 'invite', deviceAddress: phone.device }, 9),
    'COMMAND_REFUSED',
    /an invitation of 42:00:00:00:01:00/,
  ],
  [
    'a negotiation that is about to begin',
    negotiating,
    'COMMAND_REFUSED',
    /negotiated with 42:00:00:00:01:00/,
  ],
  ['a negotiation', () => negotiating().hookDone('start_group'), 'COMMAND_REFUSED', /negotiated with/],
  [
    'a group that is being formed',
    () => new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group'),
    'COMMAND_REFUSED',
    /being formed/,
  ],
  ['a pause', () => new Dialogue().toRunning().operate({ kind: 'pause' }, 9), 'STATE', /paused/],
  ['a lost link', () => new Dialogue(), 'CONTROL_UNAVAILABLE', /no link/],
];
for (const [name, make, code, message] of rows) {
  test(`no search during ${name}`, () => {
    const d = make().operate(FIND);
    assert.deepEqual([d.outcome(), d.commands()], [code, []]);
    assert.match(d.refusal(), message);
  });
}
