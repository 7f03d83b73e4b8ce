import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '#src/config/validate.js';
import { noGroup } from '#src/host/no-group.js';
import { HOOKS_AT_END_MS } from '#src/system/end-limits.js';
import { REBUILD_GROUP_ELEMENTS } from '#src/wpa/command.js';
import { DEVICE, Dialogue, GROUP, Phone, REMOVED, STARTED, VALUE_QUESTIONS } from './dialogue.js';

const phone = new Phone(1, 'My Phone');

function withStation(): Dialogue {
  const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('group', phone.joins);
  assert.deepEqual(d.stations(), [phone.station]);
  return d;
}

/** From the back-off to the next P2P_GROUP_ADD. */
function startAgain(d: Dialogue): Dialogue {
  d.timer('backoff').reply('INTERFACES', `${DEVICE}\n`);
  d.profiles([0, 'DIRECT-PP']);
  return d.hookDone('start_group');
}

test('a group removed by another program is started again, with growing pauses', () => {
  const d = new Dialogue().toRunning();
  const rests: (number | undefined)[] = [];
  const warnings: string[] = [];
  for (let i = 0; i < 8; i++) {
    d.event('device', REMOVED);
    assert.equal(d.phase, 'backoff');
    warnings.push(...d.logs('warning'));
    assert.equal(warnings.length, i === 0 ? 0 : 1, 'one removal is no news, and several are the same news');
    rests.push(d.timers()['backoff']);
    startAgain(d);
    assert.deepEqual(d.commands(), ['P2P_GROUP_ADD persistent=0']);
    d.event('device', STARTED);
  }
  assert.deepEqual(rests, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  assert.match(
    warnings[0] ?? '',
    /another program has told wpa_supplicant to remove the group .*NetworkManager/,
  );
});

test('a group that was up for a minute resets the pauses', () => {
  const d = new Dialogue().toRunning().event('device', REMOVED);
  startAgain(d).event('device', STARTED);
  d.now += 60_000;
  assert.equal(d.event('device', REMOVED).timers()['backoff'], 1000);
});

test('P2P_GROUP_ADD refused: stop_group follows start_group, then a pause', () => {
  const d = new Dialogue({ p2p_group_add_opts: 'freq=6999' }).toChoosing();
  d.profiles([0, 'X']).hookDone('start_group');
  d.reply('P2P_GROUP_ADD persistent=0 freq=6999', 'FAIL\n');
  d.reply('GET_CAPABILITY freq', 'Mode[G] Channels:\n 1 = 2412 MHz\n 12 = 2467 MHz (NO_IR)\n');
  assert.deepEqual(d.hooks(), [['stop_group']]);
  assert.match(d.logs('error').join(), /freq=6999\).*allowed here: 2412 MHz/);
  assert.equal(d.phase, 'backoff');
});

test('a group that does not come up within 10 s is looked for, then tried again', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']).hookDone('start_group');
  assert.equal(d.timers()['forming'], 10_000);
  d.timer('forming', 10_000);
  assert.equal(d.phase, 'backoff');
  // It had been up all the time: wpa_supplicant then replies OK and sends no event.
  d.timer('backoff').reply('INTERFACES', `${GROUP}\n`);
  assert.equal(d.phase, 'adopting');
});

test('a short loss of the link loses no station and calls no hook', () => {
  const d = withStation().down('device');
  assert.equal(d.timers()['kept-group'], 3000);
  assert.deepEqual(d.hooks(), []);
  d.up('device').reply('INTERFACES', `${GROUP}\n${DEVICE}\n`).up('group');
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nmode=P2P GO\n');
  d.reply('STA-FIRST', phone.entry).reply(`STA-NEXT ${phone.station}`, '');
  assert.deepEqual(d.hooks(), []);
  assert.deepEqual(d.stations(), [phone.station]);
});

test('wpa_supplicant killed: after 3 s the stations and the group are reported gone', () => {
  const d = withStation().down('device').timer('kept-group', 3000);
  assert.deepEqual(d.hooks(), [
    ['disconnect', phone.device, phone.name, GROUP],
    ['stop_group', GROUP],
  ]);
});

test('wpa_supplicant restarted at once: stations and group are reported gone, and the group is started again', () => {
  const d = withStation().down('device').up('device').reply('INTERFACES', `${DEVICE}\n`);
  assert.deepEqual(d.hooks(), [
    ['disconnect', phone.device, phone.name, GROUP],
    ['stop_group', GROUP],
  ]);
  assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
});

/** `SET p2p_disabled 1` of wpa_supplicant after 2.11, or `INTERFACE_REMOVE`: the process lives, the P2P Device is gone. */
test('the P2P Device vanishes without CTRL-EVENT-TERMINATING and comes back: reported, and the group is started again', () => {
  const d = withStation().down('group').down('device', 'no such file');
  assert.equal(d.phase, 'detached');
  d.timer('kept-group', 3000);
  assert.deepEqual(d.hooks(), [
    ['disconnect', phone.device, phone.name, GROUP],
    ['stop_group', GROUP],
  ]);
  const missing = 'no such file; there are: wlan0';
  d.give({ type: 'link-waiting', link: 'device', code: 'CONTROL_UNAVAILABLE', reason: missing });
  assert.deepEqual(d.logs('warning'), [`${missing}; waiting`]);
  assert.equal(
    noGroup(d.state, validate({}).settings, { reason: missing, nextTryAt: null })?.cause,
    'supplicant',
  );
  // Nothing is asked of an interface that does not exist, however long that lasts.
  d.now += 3_600_000;
  assert.deepEqual([d.commands(), d.phase], [[], 'detached']);

  d.up('device');
  assert.ok(d.commands().includes('INTERFACES'));
  d.reply('INTERFACES', `wlan0\n${DEVICE}\n`).profiles([4, 'DIRECT-PP']).hookDone('start_group');
  assert.deepEqual(d.commands(), ['P2P_GROUP_ADD persistent=4']);
  d.event('device', STARTED.replaceAll(GROUP, 'p2p-wlan0-1'));
  assert.deepEqual([d.phase, d.stations()], ['running', []]);
});

test('CTRL-EVENT-TERMINATING: stations and group are reported gone at once', () => {
  const d = withStation().event('device', 'CTRL-EVENT-TERMINATING ');
  assert.deepEqual(d.hooks().length, 2);
  assert.equal(d.phase, 'detached');
  assert.deepEqual(d.down('device').hooks(), []);
});

test('the link lost between start_group and the group: stop_group follows', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']).hookDone('start_group');
  assert.deepEqual(d.down('device').hooks(), [['stop_group']]);
});

test('the group vanishes without an event: the device link shows it', () => {
  const d = withStation().down('group');
  assert.deepEqual([d.commands(), d.timers()['group-check']], [['INTERFACES'], 5000]);
  d.reply('INTERFACES', `${GROUP}\n${DEVICE}\n`);
  assert.equal(d.phase, 'running');
  d.timer('group-check', 5000);
  assert.deepEqual([d.commands(), d.timers()['group-check']], [['INTERFACES'], 5000]);
  d.reply('INTERFACES', `${DEVICE}\n`);
  assert.equal(d.phase, 'backoff');
  assert.deepEqual(d.hooks().at(-1), ['stop_group', GROUP]);
  assert.deepEqual(d.all('investigate-loss'), [{ type: 'investigate-loss', interface: GROUP }]);
});

/** As NetworkManager does: it removes the interface before our link to it is attached. */
function takenAway(d: Dialogue): Dialogue {
  d.event('device', STARTED);
  assert.equal(d.timers()['group-check'], 5000);
  d.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'nobody answers' });
  assert.deepEqual([d.commands(), d.logs()], [['INTERFACES'], []]);
  return d.reply('INTERFACES', `wlan0\n${DEVICE}\n`);
}

test('a group that wpa_supplicant lost before its link is up: the end is reported, and the pauses grow', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']).hookDone('start_group');
  const rests: (number | undefined)[] = [];
  for (let i = 0; i < 8; i++) {
    takenAway(d);
    assert.deepEqual(d.hooks(), [['stop_group', GROUP]]);
    assert.deepEqual(d.emitted(), ['groupRemoved']);
    assert.deepEqual(d.all('investigate-loss'), [{ type: 'investigate-loss', interface: GROUP }]);
    rests.push(d.timers()['backoff']);
    startAgain(d);
  }
  assert.deepEqual(rests, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

test('which program removed the group is an error once, not for each group that follows', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']).hookDone('start_group');
  const found = { type: 'loss-investigated', culprit: 'NetworkManager did it', leftover: null } as const;
  takenAway(d).give(found);
  assert.deepEqual(d.logs('error'), ['NetworkManager did it']);
  assert.deepEqual(d.emitted(), ['groupFailed']);
  const why = noGroup(d.state, validate({}).settings, null);
  assert.deepEqual([why?.cause, why?.reason], ['vanished', 'NetworkManager did it']);
  takenAway(startAgain(d)).give(found);
  assert.deepEqual([d.logs('error'), d.logs('debug')], [[], ['NetworkManager did it']]);
  takenAway(startAgain(d)).give({ ...found, culprit: null, leftover: 'iw is not installed' });
  assert.match(d.logs('error').join(), /another program has removed it, or the radio failed/);
  assert.deepEqual(d.logs('warning'), ['iw is not installed']);
});

test('a group whose socket cannot be opened is reported, and tried until it opens', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']).hookDone('start_group').event('device', STARTED);
  d.give({ type: 'link-waiting', link: 'group', code: 'CONTROL_UNAVAILABLE', reason: 'no permission' });
  // It is tried again without a reply as well.
  assert.equal(d.timers()['group-check'], 5000);
  d.reply('INTERFACES', `${GROUP}\n`);
  assert.deepEqual(d.logs('warning'), ['no link to the group: no permission']);
  assert.equal(d.timer('group-check', 5000).timers()['group-check'], 5000);
  assert.deepEqual(d.reply('INTERFACES', `${GROUP}\n`).logs(), []);
  assert.ok(
    d
      .up('group')
      .all('cancel')
      .some(({ timer }) => timer === 'group-check'),
  );
});

test('AP-DISABLED without the end of the group: STATUS is requested', () => {
  const d = withStation().event('group', 'AP-DISABLED ');
  assert.deepEqual([d.commands(), d.timers()['group-check']], [[], 5000]);
  d.timer('group-check', 5000).reply('INTERFACES', `${GROUP}\n`);
  assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST']);
  d.reply('STATUS', 'wpa_state=DISCONNECTED\n');
  assert.equal(d.phase, 'backoff');
  assert.deepEqual(d.hooks().at(-1), ['stop_group', GROUP]);
  assert.deepEqual(d.all('investigate-loss'), [{ type: 'investigate-loss', interface: GROUP }]);
});

test('a group that we removed, and whose event is late or lost, is not blamed on another program', () => {
  const d = new Dialogue().toRunning().operate({ kind: 'stop-group' });
  d.reply(`P2P_GROUP_REMOVE ${GROUP}`, 'OK\n').down('group').reply('INTERFACES', `${DEVICE}\n`);
  assert.deepEqual([d.hooks(), d.all('investigate-loss')], [[['stop_group', GROUP]], []]);
});

test('events of the device link were missed, perhaps with a restart: settings are sent again, the group is checked', () => {
  const d = new Dialogue({ ssid_postfix: '-box' }).toRunning().give({ type: 'link-missed', link: 'device' });
  assert.deepEqual(d.commands(), [
    ...VALUE_QUESTIONS,
    'P2P_SET ssid_postfix -box',
    'P2P_STOP_FIND',
    'P2P_SET conc_pref sta',
    'INTERFACES',
  ]);
  // Read from the file again.
  d.values({ persistent_reconnect: '0' });
  assert.deepEqual(d.commands(), [
    'SET config_methods keypad',
    'SET update_config 0',
    'SET persistent_reconnect 1',
    REBUILD_GROUP_ELEMENTS,
  ]);
  d.answer({ kind: 'group-check', reason: null }, `${GROUP}\n`);
  assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST']);
});

test('stop: the search ends, the hook terminated runs, then the session ends; the group is left alone', () => {
  const d = withStation().give({ type: 'stop' });
  assert.deepEqual(d.commands(), ['group: WPS_CANCEL', 'P2P_STOP_FIND']);
  assert.deepEqual(d.hooks(), [['terminated']]);
  assert.deepEqual(d.event('group', phone.leaves).effects, []);
  assert.deepEqual(d.hookDone('terminated').effects, []);
  assert.deepEqual(d.answer({ kind: 'farewell' }, 'OK\n').all('end'), [{ type: 'end' }]);
  assert.deepEqual(d.give({ type: 'stop' }).effects, []);
});

test('stop: a group on demand is removed', () => {
  const d = new Dialogue()
    .toRunning()
    .configure({ activate_persistent_group: false, dynamic_group: true })
    .give({ type: 'stop' });
  assert.deepEqual(d.commands(), ['group: WPS_CANCEL', `P2P_GROUP_REMOVE ${GROUP}`, 'P2P_STOP_FIND']);
  assert.deepEqual(d.hooks(), [['stop_group', GROUP], ['terminated']]);
});

test('stop with a hook that hangs ends in bounded time', () => {
  const d = new Dialogue({ hook_timeout_secs: 600 }).toRunning().give({ type: 'stop' });
  assert.equal(d.timers()['stopping'], HOOKS_AT_END_MS);
  assert.deepEqual(d.timer('stopping', HOOKS_AT_END_MS).all('end'), [{ type: 'end' }]);
});

test('reload: RECONFIGURE first, then our settings on top of it; the running group stays', () => {
  const d = withStation().configure({ config_parms: { country: 'DE' } });
  assert.deepEqual(d.commands(), [
    'RECONFIGURE',
    ...VALUE_QUESTIONS,
    'SET country DE',
    'P2P_STOP_FIND',
    'P2P_SET conc_pref sta',
    'P2P_SET per_sta_psk 0',
    'LIST_NETWORKS',
  ]);
  assert.deepEqual(d.stations(), [phone.station]);
});

test('reload during the back-off tries at once with the new settings', () => {
  const idle = () => new Dialogue({ dynamic_group: true }).toIdle();
  for (const d of [new Dialogue().toRunning().event('device', REMOVED), idle()]) {
    d.configure({});
    assert.equal(d.phase, 'inspecting');
    // If they went on, they would start a second look for the group, and a search beside the forming group.
    assert.deepEqual(d.timers(), {});
  }
});

test('a lasting failure is logged once, not every minute', () => {
  const d = new Dialogue({ persistent_network_id: 7 }).toChoosing().reply('LIST_NETWORKS', '');
  assert.equal(d.logs('error').length, 1);
  d.timer('backoff').reply('INTERFACES', '').reply('LIST_NETWORKS', '');
  assert.deepEqual([d.logs('error'), d.logs('info')], [[], []]);
});

test('the end of an earlier call of start_group does not start the group', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']);
  assert.equal(d.phase, 'announcing');
  // The first hook still runs; the link is lost and comes back.
  d.down('device');
  assert.deepEqual(d.hooks(), [['stop_group']]);
  d.up('device').reply('INTERFACES', '').profiles([0, 'X']);
  assert.deepEqual(d.hooks(), [['start_group', '0']]);
  assert.deepEqual(d.give({ type: 'hook-done', hook: 'start_group', call: 1 }).commands(), []);
  assert.deepEqual(d.give({ type: 'hook-done', hook: 'start_group', call: 2 }).commands(), [
    'P2P_GROUP_ADD persistent=0',
  ]);
});

test('a lost attachment while the group is being started calls no hook twice', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'X']);
  d.give({ type: 'link-missed', link: 'device' });
  assert.deepEqual([d.hooks(), d.phase], [[], 'announcing']);
  d.hookDone('start_group').give({ type: 'link-missed', link: 'device' });
  assert.deepEqual([d.hooks(), d.phase], [[], 'forming']);
});

test('stop while start_group runs: stop_group follows, because no group will come up', () => {
  const d = new Dialogue().toChoosing().reply('LIST_NETWORKS', '').give({ type: 'stop' });
  assert.deepEqual(d.hooks(), [['stop_group'], ['terminated']]);
});

test('a group that starts while the former one is looked for: the same one keeps its stations, another one ends it', () => {
  const same = withStation().down('device').up('device').event('device', STARTED);
  assert.deepEqual([same.hooks(), same.stations()], [[], [phone.station]]);
  const other = withStation()
    .down('device')
    .up('device')
    .event('device', STARTED.replace(GROUP, 'p2p-wlan0-1'));
  assert.deepEqual(other.hooks(), [
    ['disconnect', phone.device, phone.name, GROUP],
    ['stop_group', GROUP],
    ['start_group'],
  ]);
  assert.equal(other.phase, 'running');
});

test('a group interface that a timed-out start left behind is removed; a client interface is not', () => {
  const timedOut = () =>
    new Dialogue()
      .toChoosing()
      .reply('LIST_NETWORKS', '')
      .hookDone('start_group')
      .timer('forming')
      .timer('backoff');
  const d = timedOut().reply('INTERFACES', `${GROUP}\n`).up('group').reply('STATUS', 'wpa_state=INACTIVE\n');
  assert.ok(d.commands().includes(`P2P_GROUP_REMOVE ${GROUP}`));
  const client = timedOut().reply('INTERFACES', `${GROUP}\n`).up('group').reply('STATUS', 'mode=station\n');
  assert.ok(!client.commands().some((command) => command.startsWith('P2P_GROUP_REMOVE')));
});

test('the end of a group of another radio, or of one that we joined as a client, does not fail our start', () => {
  const d = new Dialogue().toChoosing().reply('LIST_NETWORKS', '').hookDone('start_group');
  d.event('device', 'P2P-GROUP-REMOVED p2p-wlan1-3 GO reason=REQUESTED');
  d.event('device', 'P2P-GROUP-REMOVED p2p-wlan0-3 client reason=IDLE');
  assert.equal(d.phase, 'forming');
});

test('a link to a group that comes up without the link to the device attaches nothing', () => {
  const d = new Dialogue().toRunning().down('device').up('group');
  assert.deepEqual([d.phase, d.emitted(), d.commands()], ['detached', [], []]);
});

test('a group of another radio that starts meanwhile is named in the log', () => {
  const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
  d.event('device', STARTED.replace(GROUP, 'p2p-wlan1-0'));
  assert.equal(d.phase, 'forming');
  assert.match(d.logs('warning').join(), /p2p-wlan1-0.* of another radio/);
});

test('another group has the name of ours: the loss says which', () => {
  const d = withStation().give({ type: 'link-missed', link: 'group' });
  d.reply('STATUS', 'freq=2437\nssid=DIRECT-other\nmode=P2P GO\n');
  assert.deepEqual(d.all('investigate-loss'), [
    { type: 'investigate-loss', interface: GROUP, successor: 'DIRECT-other' },
  ]);
});
