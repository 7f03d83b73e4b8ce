import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorAnswer, OperatorCommand } from '#src/session/session-event.js';
import { Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');
const legacy = '02:00:00:00:02:00';

function operate(d: Dialogue, command: OperatorCommand): Dialogue {
  return d.operate(command);
}

function answer(d: Dialogue): OperatorAnswer | undefined {
  return d.all('answer').find(({ id }) => id === 1)?.answer;
}

function withPhone(settings: Readonly<Record<string, unknown>> = {}): Dialogue {
  return new Dialogue(settings)
    .toRunning()
    .event('device', phone.asksByPin)
    .event('group', phone.joins)
    .reply('GET_NETWORK 0 p2p_client_list', phone.device);
}

test('clients: the clients of the group, with their names and whether they are connected', () => {
  const d = operate(withPhone(), { kind: 'clients' });
  d.reply('GET_NETWORK 0 p2p_client_list', `${phone.device} 42:00:00:00:09:00`);
  assert.deepEqual(answer(d), {
    ok: true,
    clients: [
      { deviceAddress: phone.device, name: 'A', connected: true },
      { deviceAddress: '42:00:00:00:09:00', name: null, connected: false },
    ],
  });
});

test('clients: a group that no phone has joined has none', () => {
  const d = operate(new Dialogue().toRunning(), { kind: 'clients' });
  assert.deepEqual(answer(d.reply('GET_NETWORK 0 p2p_client_list', 'FAIL\n')), { ok: true, clients: [] });
});

test('disconnect, by device or by interface address', () => {
  for (const address of [phone.device, phone.station]) {
    const d = operate(withPhone(), { kind: 'disconnect', address });
    assert.deepEqual(d.commands(), [`group: DEAUTHENTICATE ${phone.station}`]);
    assert.equal(answer(d.reply(`DEAUTHENTICATE ${phone.station}`, 'OK\n'))?.ok, true);
  }
  const d = withPhone().event('group', `AP-STA-CONNECTED ${legacy}`);
  assert.deepEqual(operate(d, { kind: 'disconnect', address: legacy }).commands(), [
    `group: DEAUTHENTICATE ${legacy}`,
  ]);
});

test('disconnect of a station that is not connected', () => {
  const refused = answer(operate(withPhone(), { kind: 'disconnect', address: '42:00:00:00:09:00' }));
  assert.ok(refused && !refused.ok);
  assert.equal(refused.code, 'DEVICE_UNKNOWN');
});

test('forget: removes the phone from the list of wpa_supplicant and from ours, and disconnects it', () => {
  const d = operate(withPhone({ per_sta_psk: true }), { kind: 'forget', deviceAddress: phone.device });
  assert.deepEqual(d.commands(), [`P2P_REMOVE_CLIENT ${phone.device}`]);
  d.reply(`P2P_REMOVE_CLIENT ${phone.device}`, 'OK\n');
  assert.deepEqual(d.stored?.clients, []);
  assert.equal(answer(d)?.ok, true);
});

test('a request that wpa_supplicant refuses, or does not answer, is an error', () => {
  const forget = { kind: 'forget', deviceAddress: phone.device } as const;
  const refused = answer(operate(withPhone(), forget).reply(`P2P_REMOVE_CLIENT ${phone.device}`, 'FAIL\n'));
  assert.ok(refused && !refused.ok && refused.code === 'COMMAND_REFUSED');
  const tag = { kind: 'operator', id: 1, what: forget } as const;
  const silent = answer(
    operate(withPhone(), forget).give({
      type: 'no-reply',
      tag,
      code: 'CONTROL_TIMEOUT',
      reason: 'no reply within 10 s',
    }),
  );
  assert.ok(silent && !silent.ok && silent.code === 'CONTROL_TIMEOUT');
});

test('an invitation into the running group is answered with its result', () => {
  const invite = { kind: 'invite', deviceAddress: phone.device } as const;
  const d = operate(new Dialogue().toRunning(), invite);
  assert.deepEqual(d.commands(), [`P2P_INVITE group=${GROUP} peer=${phone.device}`]);
  assert.equal(answer(d.reply(`P2P_INVITE group=${GROUP} peer=${phone.device}`, 'OK\n')), undefined);
  assert.equal(answer(d.event('device', 'P2P-INVITATION-RESULT status=0 46:00:00:00:01:00'))?.ok, true);
  const unknown = operate(new Dialogue().toRunning(), invite);
  const refused = answer(unknown.reply(`P2P_INVITE group=${GROUP} peer=${phone.device}`, 'FAIL\n'));
  assert.ok(refused && !refused.ok && refused.code === 'COMMAND_REFUSED');
});

test('an invitation without a running group starts the persistent one, after its hook', () => {
  const invite = { kind: 'invite', deviceAddress: phone.device } as const;
  const INVITE = `P2P_INVITE persistent=4 peer=${phone.device}`;
  const sent = () => {
    const d = operate(new Dialogue({ dynamic_group: true }).toChoosing().profiles([4, 'DIRECT-PP']), invite);
    assert.deepEqual([d.hooks(), d.commands()], [[['start_group', '4']], []]);
    d.hookDone('start_group');
    assert.deepEqual(d.commands(), [INVITE]);
    return d;
  };
  const d = sent().event('device', 'P2P-INVITATION-RESULT status=0 ');
  assert.equal(answer(d)?.ok, true);
  assert.equal(d.event('device', STARTED).phase, 'running');

  for (const failed of [
    sent().event('device', 'P2P-INVITATION-RESULT status=8'),
    sent().reply(INVITE, 'FAIL\n'),
    sent().timer('forming', 20_000),
  ]) {
    const refused = answer(failed);
    assert.ok(refused && !refused.ok && refused.code === 'COMMAND_REFUSED');
    assert.deepEqual(failed.hooks(), [['stop_group']]);
    assert.equal(failed.phase, 'backoff');
  }
  const lost = answer(sent().down('device'));
  assert.ok(lost && !lost.ok && lost.code === 'CONTROL_UNAVAILABLE');
  const none = answer(operate(new Dialogue({ activate_persistent_group: false }).toIdle(), invite));
  assert.ok(none && !none.ok && none.code === 'STATE');
});

test('an invitation without a result is an error, and so is one of a phone that is connected', () => {
  const invite = { kind: 'invite', deviceAddress: phone.device } as const;
  const silent = answer(operate(new Dialogue().toRunning(), invite).timer('invitation', 20_000));
  assert.ok(silent && !silent.ok && silent.code === 'COMMAND_REFUSED');
  const there = operate(withPhone(), invite);
  const refused = answer(there);
  assert.ok(refused && !refused.ok && refused.code === 'STATE');
  assert.deepEqual(there.commands(), []);
});

test('an invitation ends with its group', () => {
  const d = operate(new Dialogue().toRunning(), { kind: 'invite', deviceAddress: phone.device });
  const ended = answer(d.event('device', REMOVED));
  assert.ok(ended && !ended.ok);
});

test('every command fails without a link', () => {
  const refused = answer(operate(new Dialogue(), { kind: 'clients' }));
  assert.ok(refused && !refused.ok && refused.code === 'CONTROL_UNAVAILABLE');
});

test('an invitation back to the persistent group is answered once, whatever happens', () => {
  const called = () => {
    const d = new Dialogue({ dynamic_group: true }).toChoosing().profiles([4, 'DIRECT-PP']);
    operate(d, { kind: 'invite', deviceAddress: phone.device });
    return d.hookDone('start_group');
  };
  // Another phone starts the group meanwhile: it is up, as wanted.
  const d = called().event('device', STARTED);
  assert.equal(answer(d)?.ok, true);
  assert.deepEqual(d.event('device', 'P2P-INVITATION-RESULT status=0 ').all('answer'), []);
  // Accepted, and then no group comes up.
  const late = called().event('device', 'P2P-INVITATION-RESULT status=0 ');
  assert.equal(answer(late)?.ok, true);
  assert.deepEqual(late.timer('forming', 30_000).all('answer'), []);
  for (const end of [REMOVED, 'CTRL-EVENT-TERMINATING ']) {
    const refused = answer(called().event('device', end));
    assert.ok(refused && !refused.ok, end);
  }
});

test('an invitation does not start a persistent group that the settings no longer want', () => {
  const d = new Dialogue({ dynamic_group: true }).toChoosing().profiles([4, 'DIRECT-PP']);
  d.configure({ activate_persistent_group: false }).answer({ kind: 'interfaces' }, '');
  assert.equal(d.phase, 'idle');
  const refused = answer(operate(d, { kind: 'invite', deviceAddress: phone.device }));
  assert.ok(refused && !refused.ok && refused.code === 'STATE');
});

test('the end of the session, and the loss of the link, send no invitation', () => {
  const other = new Phone(2, 'B');
  for (const finish of [(d: Dialogue) => d.give({ type: 'stop' }), (d: Dialogue) => d.down('device')]) {
    const d = new Dialogue()
      .toRunning()
      .event('device', phone.negotiates(1))
      .event('device', other.negotiates(1));
    finish(d);
    assert.ok(!d.commands().some((command) => command.startsWith('P2P_INVITE')));
    assert.equal(d.state.invitation, null);
  }
});
