import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Input } from '#src/session/messages.js';
import type { PhaseName, SessionState } from '#src/session/model.js';
import type { OperatorCommand } from '#src/session/operator-command.js';
import { parseEvent } from '#src/wpa/parse-event.js';
import { DEVICE, Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

/**
 * Every phase meets every input: either something happens, or it is left alone on purpose. The table below is the
 * whole of it; a new input or phase without a decision makes the test fail.
 */
const phone = new Phone(1, 'A');

const PHASES: Record<PhaseName, () => Dialogue> = {
  detached: () => new Dialogue().give({ type: 'start' }),
  inspecting: () => new Dialogue().up('device'),
  adopting: () => new Dialogue().up('device').reply('INTERFACES', `${GROUP}\n`),
  choosing: () => new Dialogue().toChoosing(),
  storing: () =>
    new Dialogue({ network_parms: ['ssid "DIRECT-x"'] })
      .toChoosing()
      .reply('LIST_NETWORKS', '')
      .reply('ADD_NETWORK', '1\n'),
  announcing: () => new Dialogue().toChoosing().reply('LIST_NETWORKS', ''),
  forming: () => new Dialogue().toChoosing().reply('LIST_NETWORKS', '').hookDone('start_group'),
  running: () => new Dialogue().toRunning(),
  resting: () => new Dialogue().toRunning().event('device', REMOVED),
  idle: () => new Dialogue({ activate_persistent_group: false }).toIdle(),
  stopping: () => new Dialogue().toRunning().give({ type: 'stop' }),
  ended: () => new Dialogue().toRunning().give({ type: 'stop' }).timer('stopping'),
};

const event = (link: 'device' | 'group', text: string): Input => ({
  type: 'event',
  link,
  event: parseEvent(text),
});
const reply = (tag: Extract<Input, { type: 'reply' }>['tag'], text: string): Input => ({
  type: 'reply',
  tag,
  reply: text,
});
const operator = (command: OperatorCommand): Input => ({ type: 'operator', id: 0, command });
const timer = (name: Extract<Input, { type: 'timer' }>['timer']): Input => ({ type: 'timer', timer: name });

const INPUTS: Record<string, Input> = {
  start: { type: 'start' },
  'device up': { type: 'link-up', link: 'device' },
  'device down': { type: 'link-down', link: 'device', reason: 'x' },
  'device missed': { type: 'link-missed', link: 'device' },
  'device deaf': { type: 'link-deaf', link: 'device', reason: 'x' },
  'group deaf': { type: 'link-deaf', link: 'group', reason: 'x' },
  'device waiting': { type: 'link-waiting', link: 'device', code: 'CONTROL_UNAVAILABLE', reason: 'x' },
  'group up': { type: 'link-up', link: 'group' },
  'group down': { type: 'link-down', link: 'group', reason: 'x' },
  'group missed': { type: 'link-missed', link: 'group' },
  'group waiting': { type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'x' },
  STARTED: event('device', STARTED),
  REMOVED: event('device', REMOVED),
  TERMINATING: event('device', 'CTRL-EVENT-TERMINATING '),
  'SHOW-PIN': event('device', phone.asksByPin),
  'ENROLLEE-SEEN': event('group', phone.seen),
  'STA-CONNECTED': event('group', phone.joins),
  'ENTER-PIN': event('device', phone.asksShowingPin),
  'PBC-REQ': event('device', phone.asksByButton),
  'GO-NEG-REQUEST': event('device', phone.negotiates(1)),
  'GO-NEG-SUCCESS': event('device', `P2P-GO-NEG-SUCCESS role=GO freq=2437 peer_dev=${phone.device}`),
  'GO-NEG-FAILURE': event('device', 'P2P-GO-NEG-FAILURE status=-1'),
  'FORMATION-FAILURE': event('device', 'P2P-GROUP-FORMATION-FAILURE '),
  'INVITATION-ACCEPTED': event('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`),
  'INVITATION-RESULT': event('device', 'P2P-INVITATION-RESULT status=0'),
  'WPS-FAIL': event('group', 'WPS-FAIL msg=8 config_error=18'),
  'WPS-TIMEOUT': event('group', 'WPS-TIMEOUT '),
  'WPS-PBC-DISABLE': event('group', 'WPS-PBC-DISABLE '),
  'WPS-PIN-NEEDED': event('group', `WPS-PIN-NEEDED 572cf82f-c957-5653-9b16-b5cfb298abf1 ${phone.station} []`),
  'FIND-STOPPED': event('device', 'P2P-FIND-STOPPED '),
  unknown: event('device', 'SOMETHING-NEW a=b'),
  'interfaces reply': reply({ kind: 'interfaces' }, `${DEVICE}\n`),
  'adoption reply': reply({ kind: 'adoption' }, 'mode=P2P GO\n'),
  'networks reply': reply({ kind: 'networks' }, ''),
  'profile-mode reply': reply({ kind: 'profile-mode' }, '3'),
  'channels reply': reply({ kind: 'channels', failure: { kind: 'timed-out', detail: '', text: 'x' } }, ''),
  'group-remove reply': reply({ kind: 'group-remove' }, 'FAIL\n'),
  'group-sharing reply': reply({ kind: 'group-sharing' }, '1'),
  'group-profile reply': reply(
    { kind: 'group-profile', before: [] },
    '0\tDIRECT-PP\tany\t[P2P-PERSISTENT]\n',
  ),
  'group-clients reply': reply({ kind: 'group-clients' }, phone.device),
  'restore-profile reply': reply({ kind: 'restore-profile' }, '4\n'),
  'invite reply': reply({ kind: 'invite' }, 'FAIL\n'),
  'button reply': reply({ kind: 'button', deviceAddress: phone.device }, 'FAIL\n'),
  'save reply': reply({ kind: 'save' }, 'FAIL\n'),
  'operator reply': reply({ kind: 'operator', id: 0, what: { kind: 'disconnect' } }, 'OK\n'),
  pin: { type: 'pin', deviceAddress: phone.device, call: 1, pin: '12345670', reason: '' },
  'loss investigated': { type: 'loss-investigated', culprit: null, leftover: null },
  leases: { type: 'leases', leases: new Map([[phone.station, { ip: '192.168.49.2', end: 1, expires: 1 }]]) },
  'address confirmed': { type: 'address-confirmed', address: phone.station, ip: '192.168.49.2' },
  operator: { type: 'operator', id: 0, command: { kind: 'clients' } },
  'operator pair': operator({ kind: 'pair', method: 'pbc', pin: null, deviceAddress: null }),
  'operator stop-pairing': operator({ kind: 'stop-pairing' }),
  'operator start-group': operator({ kind: 'start-group' }),
  'operator stop-group': operator({ kind: 'stop-group' }),
  'operator pause': operator({ kind: 'pause' }),
  'operator resume': operator({ kind: 'resume' }),
  'operator find': operator({ kind: 'find', seconds: 5 }),
  'add-network reply': reply({ kind: 'add-network' }, '1\n'),
  'set-network reply': reply({ kind: 'set-network', line: 'disabled 2' }, 'OK\n'),
  'group-add reply': reply({ kind: 'group-add' }, 'FAIL\n'),
  'walk reply': reply({ kind: 'walk' }, phone.entry),
  'farewell reply': reply({ kind: 'farewell' }, 'OK\n'),
  'group-check reply': reply({ kind: 'group-check', reason: null }, `${DEVICE}\n`),
  'no reply': { type: 'no-reply', tag: { kind: 'group-add' }, code: 'CONTROL_TIMEOUT', reason: 'x' },
  't discovery': timer('discovery'),
  't enrolment': timer('enrolment'),
  't forming': timer('forming'),
  't resting': timer('resting'),
  't held': timer('held'),
  't group-check': timer('group-check'),
  't adopting': timer('adopting'),
  't button': timer('button'),
  't unused': timer('unused'),
  't invitation': timer('invitation'),
  't method': timer('method'),
  't pairing': timer('pairing'),
  't removal': timer('removal'),
  't stopping': timer('stopping'),
  'start_group done': { type: 'hook-done', hook: 'start_group', call: 1 },
  'terminated done': { type: 'hook-done', hook: 'terminated', call: 1 },
  'start_group done late': { type: 'hook-done', hook: 'start_group', call: 0 },
  configure: { type: 'configure' },
  pulse: { type: 'pulse' },
  stop: { type: 'stop' },
};

/** Where each input does something; everywhere else it is ignored on purpose. */
const LIVE: readonly PhaseName[] = [
  'detached',
  'inspecting',
  'adopting',
  'choosing',
  'storing',
  'announcing',
  'forming',
  'running',
  'resting',
  'idle',
];
const ATTACHED = LIVE.filter((phase) => phase !== 'detached');
const HANDLED: Record<keyof typeof INPUTS, readonly PhaseName[]> = {
  start: LIVE,
  'device up': LIVE,
  'device down': LIVE,
  'device missed': LIVE,
  'device deaf': LIVE,
  'group deaf': LIVE,
  'device waiting': LIVE,
  'group up': ['adopting', 'running'],
  'group down': ['adopting', 'running'],
  'group missed': ['running'],
  'group waiting': ['adopting', 'running'],
  STARTED: LIVE,
  // The number of its interface is noted.
  REMOVED: LIVE.filter((phase) => phase !== 'resting'),
  TERMINATING: ATTACHED,
  'SHOW-PIN': LIVE,
  'ENROLLEE-SEEN': ['running'],
  'STA-CONNECTED': ['running'],
  'ENTER-PIN': LIVE,
  'PBC-REQ': LIVE,
  'GO-NEG-REQUEST': LIVE,
  // The forming group of this table is a standing one, which is not negotiated.
  'GO-NEG-SUCCESS': [],
  'GO-NEG-FAILURE': [],
  'FORMATION-FAILURE': [],
  'INVITATION-ACCEPTED': LIVE,
  'INVITATION-RESULT': [],
  'WPS-FAIL': ['running'],
  'WPS-TIMEOUT': [],
  'WPS-PBC-DISABLE': [],
  'WPS-PIN-NEEDED': ['running'],
  'FIND-STOPPED': ['idle'],
  unknown: [],
  'interfaces reply': ['inspecting'],
  'adoption reply': ['adopting'],
  'networks reply': ['choosing'],
  'profile-mode reply': [],
  'channels reply': ['forming'],
  'group-remove reply': ['running'],
  'group-sharing reply': LIVE,
  'group-profile reply': ['running'],
  'group-clients reply': ['running'],
  'restore-profile reply': ['running'],
  'invite reply': [],
  'button reply': [],
  'save reply': LIVE,
  'operator reply': LIVE,
  pin: [],
  'loss investigated': LIVE,
  leases: LIVE,
  // The table's phone has an address, or is not there.
  'address confirmed': [],
  operator: LIVE,
  'operator pair': LIVE,
  'operator stop-pairing': LIVE,
  'operator start-group': LIVE,
  'operator stop-group': LIVE,
  'operator pause': LIVE,
  'operator resume': LIVE,
  'operator find': LIVE,
  'add-network reply': ['storing'],
  'set-network reply': ['storing'],
  'group-add reply': ['forming'],
  // With the walk over there is nobody to take the reply.
  'walk reply': [],
  'farewell reply': ['stopping'],
  'group-check reply': ['running'],
  'no reply': [],
  't discovery': ['running', 'idle'],
  // With no enrolment open the search goes back to its schedule.
  't enrolment': LIVE,
  't forming': ['forming'],
  't resting': ['inspecting', 'resting'],
  't held': [],
  't group-check': ['running'],
  't adopting': ['adopting'],
  't button': ['running'],
  't unused': [],
  't invitation': [],
  't method': ATTACHED,
  // No window is open, and no group being stopped.
  't pairing': [],
  't removal': [],
  't stopping': ['stopping'],
  'start_group done': ['announcing'],
  'terminated done': ['stopping'],
  'start_group done late': [],
  configure: LIVE,
  pulse: [...LIVE, 'stopping'],
  stop: LIVE,
};

for (const [phaseName, make] of Object.entries(PHASES)) {
  test(`phase ${phaseName}: every input is handled, or ignored on purpose`, () => {
    assert.equal(make().phase, phaseName);
    for (const [name, input] of Object.entries(INPUTS)) {
      const dialogue = make();
      const before: SessionState = dialogue.state;
      dialogue.give(input);
      const happened = dialogue.effects.length > 0 || !isDeepStrictEqual(dialogue.state, before);
      const wanted = HANDLED[name]?.some((phase) => phase === phaseName) ?? false;
      assert.equal(happened, wanted, `${phaseName} × ${name}: ${JSON.stringify(dialogue.effects)}`);
    }
  });
}

test('the same input on the same state gives the same result', () => {
  for (const make of Object.values(PHASES)) {
    for (const input of Object.values(INPUTS)) {
      const [a, b] = [make().give(input), make().give(input)];
      assert.deepEqual(a.effects, b.effects);
      assert.deepEqual(a.state, b.state);
    }
  }
});

const COMMANDS: readonly OperatorCommand[] = [
  { kind: 'pair', method: 'pbc', pin: null, deviceAddress: null },
  { kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: phone.device },
  { kind: 'stop-pairing' },
  { kind: 'start-group' },
  { kind: 'stop-group' },
  { kind: 'pause' },
  { kind: 'resume' },
];
const ENDS: readonly Input[] = [
  { type: 'stop' },
  { type: 'link-down', link: 'device', reason: 'x' },
  event('device', 'CTRL-EVENT-TERMINATING '),
];

test('an operator is answered once, whatever ends the wait and whatever came before', () => {
  for (const phase of ATTACHED) {
    for (const command of COMMANDS) {
      for (const before of [null, ...COMMANDS]) {
        for (const end of ENDS) {
          const d = PHASES[phase]();
          if (before) d.operate(before, 1);
          d.operate(command, 2).give(end);
          const what = `${phase}: ${before?.kind}, ${command.kind}, ${end.type}`;
          assert.notEqual(d.outcome(2), null, what);
          if (before) assert.notEqual(d.outcome(1), null, what);
          assert.deepEqual(d.state.groupOrders, [], what);
        }
      }
    }
  }
});
