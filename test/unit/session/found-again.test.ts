import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE, Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

/** A group whose link is lost is either found again or reported gone. A missing reply does not mean that it is gone. */

const phone = new Phone(1, 'My Phone');

function withStation(): Dialogue {
  const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('group', phone.joins);
  assert.deepEqual(d.stations(), [phone.station]);
  return d;
}

test('a short loss of the link is not reported: no event, and the group keeps its start time', () => {
  const d = withStation().timer('address', 70_000);
  const before = d.state.phase.name === 'running' ? d.state.phase.group : assert.fail();
  d.down('device').up('device').reply('INTERFACES', `${GROUP}\n${DEVICE}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.deepEqual(d.emitted(), []);
  assert.ok(d.commands().includes('group: WPS_CANCEL'), 'what the registrar got meanwhile is unknown');
  const after = d.state.phase.name === 'running' ? d.state.phase.group : assert.fail();
  assert.deepEqual({ ...after, linkUp: true, walk: null }, { ...before, linkUp: true, walk: null });
});

test('the link is lost before the name of a station is known: it is reported when the group is found again', () => {
  const d = new Dialogue().toRunning().event('group', phone.joins);
  assert.deepEqual(d.emitted(), []);
  const question = { kind: 'station-name', address: phone.station } as const;
  d.down('device').give({ type: 'no-reply', tag: question, code: 'CONTROL_CLOSED', reason: 'closed' });
  d.up('device').reply('INTERFACES', `${GROUP}\n${DEVICE}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  d.answer({ kind: 'walk' }, phone.entry).answer({ kind: 'walk' }, '');
  assert.deepEqual(d.answer(question, phone.entry).emitted(), ['stationConnected']);
});

test('a phone that asks to join again and connects has left in between, reported or not', () => {
  const d = withStation().event('device', phone.asksByPin).event('group', phone.joins);
  assert.deepEqual(d.emitted(), ['stationDisconnected', 'stationConnected']);
  assert.deepEqual(d.stations(), [phone.station]);
  assert.deepEqual(d.event('group', phone.joins).emitted(), [], 'the same event again changes nothing');
});

test('a phone reconnects while the group is looked for: it is a station of that group', () => {
  const d = new Dialogue({ dynamic_group: true }).toIdle().event('device', STARTED).up('group');
  d.answer({ kind: 'walk' }, '').event('group', phone.joins);
  d.answer({ kind: 'station-name', address: phone.station }, phone.entry);
  assert.deepEqual(d.stations(), [phone.station]);
  d.down('device').up('device');
  d.event('device', `P2P-INVITATION-ACCEPTED sa=${phone.device} persistent=0`);
  assert.deepEqual([d.phase, d.hooks()], ['inspecting', []]);
  d.answer({ kind: 'interfaces' }, `${GROUP}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.deepEqual([d.stations(), d.hooks()], [[phone.station], []]);
});

test('a group that is removed while it is looked for is gone, and so are its stations', () => {
  const removed = [
    withStation().down('device').up('device'),
    withStation().down('device').up('device').reply('INTERFACES', `${GROUP}\n`),
  ];
  for (const d of removed) {
    d.event('device', REMOVED);
    assert.deepEqual(d.hooks(), [
      ['disconnect', phone.device, phone.name, GROUP],
      ['stop_group', GROUP],
    ]);
    assert.equal(d.phase, 'inspecting');
    assert.ok(d.commands().includes('INTERFACES'));
  }
});

test('a group of another name on the same interface is another group', () => {
  const d = withStation().down('device').up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-QQ\nmode=P2P GO\n');
  assert.deepEqual(d.hooks().slice(-2), [['stop_group', GROUP], ['start_group']]);
  assert.deepEqual([d.phase, d.stations()], ['running', []]);
  const unseen = withStation().down('group').up('group');
  unseen.reply('STATUS', 'freq=2437\nssid=DIRECT-QQ\nmode=P2P GO\n');
  assert.deepEqual(unseen.hooks().at(-1), ['stop_group', GROUP]);
});

test('a group that came of an attempt which the loss of the link has ended: the hook is told again that there is one', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
  assert.deepEqual(d.commands(), ['P2P_GROUP_ADD persistent=0']);
  assert.deepEqual(d.down('device').hooks(), [['stop_group']]);
  d.up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.deepEqual([d.phase, d.hooks()], ['running', [['start_group']]]);
  assert.deepEqual(d.event('device', REMOVED).hooks(), [['stop_group', GROUP]]);
});

test('a group that is up when the session starts: no start_group, but a stop_group; the next one has both', () => {
  const d = new Dialogue().up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.deepEqual([d.phase, d.hooks()], ['running', []]);
  assert.deepEqual(d.event('device', REMOVED).hooks(), [['stop_group', GROUP]]);
  d.timer('backoff').answer({ kind: 'interfaces' }, `${GROUP}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.deepEqual([d.phase, d.hooks()], ['running', [['start_group']]]);
});

test('a group that another program makes later: both hooks', () => {
  const d = new Dialogue({ dynamic_group: true }).toIdle();
  assert.deepEqual(d.event('device', STARTED).hooks(), [['start_group']]);
  assert.deepEqual(d.event('device', REMOVED).hooks(), [['stop_group', GROUP]]);
  assert.deepEqual(d.timer('backoff').answer({ kind: 'interfaces' }, `${DEVICE}\n`).hooks(), []);
  assert.deepEqual(d.event('device', STARTED).hooks(), [['start_group']]);
});

test('a group that wpa_supplicant lists counts as up although its socket does not answer: it is checked again', () => {
  const waiting = (code: 'CONTROL_TIMEOUT' | 'CONTROL_UNAVAILABLE') =>
    ({ type: 'link-waiting', link: 'group', code, reason: 'x' }) as const;
  for (const end of [
    (d: Dialogue) => d.give(waiting('CONTROL_TIMEOUT')),
    (d: Dialogue) => d.give(waiting('CONTROL_UNAVAILABLE')),
    (d: Dialogue) => d.timer('adopting', 12_000),
  ]) {
    const d = end(withStation().down('device').up('device').reply('INTERFACES', `${GROUP}\n`));
    assert.deepEqual([d.phase, d.hooks(), d.stations()], ['running', [], [phone.station]]);
    assert.equal(typeof d.timers()['group-check'], 'number');
    assert.deepEqual(d.all('close-group'), []);
  }
});

test('a link that keeps coming and going does not keep a lost group for ever', () => {
  const d = withStation().down('device');
  d.now += 2_000;
  d.up('device').down('device');
  assert.equal(d.timers()['kept-group'], 1_000);
  d.now += 500;
  d.up('device');
  d.now += 2_000;
  assert.deepEqual(d.down('device').hooks().at(-1), ['stop_group', GROUP]);
});

test('no reply to INTERFACES, or a refusal, says nothing about the group: INTERFACES is sent again', () => {
  const unanswered = [
    (d: Dialogue) =>
      d.give({ type: 'no-reply', tag: { kind: 'interfaces' }, code: 'CONTROL_TIMEOUT', reason: 'x' }),
    (d: Dialogue) => d.answer({ kind: 'interfaces' }, 'FAIL\n'),
  ];
  for (const ask of unanswered) {
    const d = ask(withStation().down('device').up('device'));
    assert.deepEqual([d.phase, d.hooks()], ['inspecting', []]);
    assert.deepEqual(d.timer('backoff', 1_000).commands(), ['INTERFACES']);
  }
  const running = withStation().answer({ kind: 'group-check', reason: null }, 'FAIL\n');
  assert.equal(running.phase, 'running');
});

test('LIST_NETWORKS refused or unanswered does not create a second persistent group', () => {
  const refused = new Dialogue().toChoosing().reply('LIST_NETWORKS', 'FAIL\n');
  assert.deepEqual([refused.phase, refused.hooks()], ['backoff', []]);
  const tag = { kind: 'networks' } as const;
  const silent = new Dialogue()
    .toChoosing()
    .give({ type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'x' });
  assert.equal(silent.phase, 'backoff');
});

test('a P2P_GROUP_REMOVE without effect is sent again, then reported, and tried once more later', () => {
  const settings = { activate_persistent_group: false, dynamic_group: true };
  const d = new Dialogue(settings).toIdle().event('device', phone.negotiates(1)).hookDone('start_group');
  d.event('device', STARTED).up('group').answer({ kind: 'walk' }, '').event('group', phone.joins);
  d.event('group', phone.leaves);
  const REMOVE = `P2P_GROUP_REMOVE ${GROUP}`;
  assert.ok(d.commands().includes(REMOVE));
  assert.deepEqual(d.timer('removal', 5_000).commands(), ['INTERFACES', REMOVE]);
  d.timer('removal', 5_000);
  assert.match(d.logs('warning').join(), /has not ended within 10 s/);
  assert.equal(d.state.phase.name === 'running' && d.state.phase.group.removal?.stage, 'failed');
  assert.ok(d.timer('removal', 60_000).commands().includes(REMOVE));
  assert.deepEqual(d.logs('info'), []);
  d.timer('removal', 5_000).timer('removal', 5_000);
  assert.deepEqual(d.logs('warning'), [], 'reported once');
});

test('the end of an older group does not end the negotiation of the next one', () => {
  const settings = { activate_persistent_group: false, dynamic_group: true };
  const d = new Dialogue(settings).toChoosing(`wlan0\n${DEVICE}\n${GROUP}\n`).timer('adopting');
  d.timer('backoff').answer({ kind: 'interfaces' }, `${DEVICE}\n`);
  d.event('device', phone.negotiates(1)).hookDone('start_group');
  assert.equal(d.phase, 'forming');
  assert.deepEqual([d.event('device', REMOVED).phase, d.hooks()], ['forming', []]);
  d.event('device', REMOVED.replace(GROUP, 'p2p-wlan0-1'));
  assert.deepEqual(d.hooks(), [['stop_group']]);
});

test('another group is found in place of the one that was lost: the link to it stays open', () => {
  const OTHER = 'p2p-wlan0-1';
  for (const [interfaces, status] of [
    // Under another name, and another network under the same name.
    [`${OTHER}\n${DEVICE}\n`, 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n'],
    [`${GROUP}\n${DEVICE}\n`, 'freq=2437\nssid=DIRECT-QQ\nmode=P2P GO\n'],
  ] as const) {
    const d = withStation().down('device').up('device').reply('INTERFACES', interfaces);
    assert.deepEqual(d.all('open-group').length, 1);
    d.up('group').reply('STATUS', status);
    assert.ok(d.emitted().includes('groupRemoved'));
    assert.deepEqual(d.all('close-group'), []);
    d.answer({ kind: 'walk' }, phone.entry).answer({ kind: 'walk' }, '');
    assert.deepEqual(d.stations(), [phone.station]);
  }
});

test('a group that does not answer STATUS on a link that works is attached again', () => {
  for (const answer of ['FAIL\n', '', 'OK\n']) {
    const d = withStation().down('device').up('device').reply('INTERFACES', `${GROUP}\n`).up('group');
    assert.deepEqual(d.reply('STATUS', answer).all('open-group'), [{ type: 'open-group', interface: GROUP }]);
    assert.equal(d.phase, 'running');
    assert.ok(d.up('group').commands().includes('group: STA-FIRST'));
  }
});

test('a text that is no reply to STATUS does not end the group', () => {
  for (const answer of ['FAIL\n', '', 'OK\n', '46:00:00:00:01:00\nflags=[AUTH]\n']) {
    const d = withStation().give({ type: 'link-missed', link: 'group' }).reply('STATUS', answer);
    assert.deepEqual([d.phase, d.hooks()], ['running', []], answer);
  }
});

test('of two questions for the interfaces only the newer reply counts', () => {
  const d = new Dialogue().give({ type: 'start' }).up('device');
  const { phaseNumber } = d.state;
  d.give({ type: 'link-missed', link: 'device' });
  assert.equal(d.answer({ kind: 'interfaces', phaseNumber }, `${DEVICE}\n`).phase, 'inspecting');
  assert.equal(d.answer({ kind: 'interfaces' }, `${GROUP}\n${DEVICE}\n`).phase, 'adopting');
  const tag = { kind: 'interfaces', phaseNumber } as const;
  d.give({ type: 'no-reply', tag, code: 'CONTROL_TIMEOUT', reason: 'x' });
  assert.equal(d.phase, 'adopting');
});

test('events are lost while a group is formed: it is looked for when it should be there, and no second one is formed', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
  d.reply('P2P_GROUP_ADD persistent=0', 'OK\n').give({ type: 'link-missed', link: 'device' });
  assert.equal(d.phase, 'forming');
  d.timer('forming', 10_000);
  assert.equal(d.phase, 'inspecting');
  d.answer({ kind: 'interfaces' }, `${GROUP}\n${DEVICE}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.equal(d.phase, 'running');
});

test('a profile that was added for an attempt that is over is removed', () => {
  const d = new Dialogue({ network_parms: ['ssid "DIRECT-new"'] }).toChoosing().profiles();
  assert.equal(d.phase, 'storing');
  const { phaseNumber } = d.state;
  d.give({ type: 'link-missed', link: 'device' });
  assert.deepEqual(d.answer({ kind: 'add-network', phaseNumber }, '7\n').commands(), ['REMOVE_NETWORK 7']);
  assert.deepEqual(d.answer({ kind: 'add-network', phaseNumber }, 'FAIL\n').commands(), []);
});

test('events are lost while a group is formed, and another one starts: the first is looked for when that one ends', () => {
  const second = GROUP.replace(/0$/, '1');
  const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
  d.give({ type: 'link-missed', link: 'device' });
  d.event('device', STARTED.replace(GROUP, second)).up('group');
  d.operate({ kind: 'stop-group' }).event('device', REMOVED.replace(GROUP, second));
  assert.deepEqual([d.phase, d.commands()], ['inspecting', ['INTERFACES']]);
  d.reply('INTERFACES', `${GROUP}\n${DEVICE}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  assert.ok(d.commands().includes(`P2P_GROUP_REMOVE ${GROUP}`), d.commands().join(' | '));
});
