import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE, Dialogue, GROUP, Phone, REMOVED, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');

test('the group moves to another channel: STATUS and the stations are requested', () => {
  for (const sign of ['P2P-REMOVE-AND-REFORM-GROUP ', STARTED.replace('2437', '2412')]) {
    const d = new Dialogue().toRunning().event('group', phone.joins).event('device', sign);
    assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST'], sign);
    d.reply('STATUS', 'freq=2412\nssid=DIRECT-PP\nmode=P2P GO\n');
    assert.equal(d.state.phase.name === 'running' && d.state.phase.group.frequency, 2412);
  }
});

test('a channel switch is reported once, although wpa_supplicant sends two events', () => {
  const SWITCH =
    'CTRL-EVENT-CHANNEL-SWITCH freq=2462 ht_enabled=0 ch_offset=0 ch_width=20 MHz (no HT) cf1=2462 cf2=0';
  const d = new Dialogue().toRunning().event('group', SWITCH);
  assert.equal(d.logs('info').length, 1);
  assert.equal(d.event('group', `${SWITCH} dfs=0`).logs('info').length, 0);
});

test('a phone that may not restart the group by itself: the log names the parameter that forbids it', () => {
  const asks = `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0 freq=2437`;
  const d = new Dialogue({ dynamic_group: true, config_parms: { persistent_reconnect: 0 } });
  d.give({ type: 'start' }).up('device').values();
  const sent = d.commands().filter((command) => command.includes('persistent_reconnect'));
  assert.deepEqual(sent, ['SET persistent_reconnect 0'], 'the value of the user wins');
  assert.match(d.event('device', asks).logs('warning').join(), /persistent_reconnect=0/);
});

test('a second group beside ours is left alone', () => {
  const d = new Dialogue().toRunning().event('device', STARTED.replace(GROUP, 'p2p-wlan0-1'));
  assert.deepEqual([d.commands(), d.logs('warning').length], [[], 1]);
});

test('a group of another radio is not taken for ours, nor its end for the end of ours', () => {
  for (const name of ['p2p-wlan1-0', 'wlan1', 'p2p-dev-wlan1', 'eth0', 'p2p-wlan0-', 'p2p-dev-wlan0-0']) {
    const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
    d.event('device', STARTED.replace(GROUP, name));
    assert.deepEqual([d.phase, d.all('open-group')], ['forming', []], name);
    d.event('device', REMOVED.replace(GROUP, name));
    assert.equal(d.phase, 'forming', name);
  }
  for (const name of ['p2p-wlan0-7', 'p2p-3', 'wlan0', DEVICE]) {
    const d = new Dialogue().toChoosing().profiles([0, 'DIRECT-PP']).hookDone('start_group');
    d.event('device', STARTED.replace(GROUP, name));
    assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: name }]);
  }
});

test('a P2P device interface whose name was cut: the group may be on its parent', () => {
  const d = new Dialogue({}, 'p2p-dev-wlx0123').toChoosing().profiles([0, 'X']).hookDone('start_group');
  d.event('device', STARTED.replace(GROUP, 'wlx0123456789ab'));
  assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: 'wlx0123456789ab' }]);
});

test('LIST_NETWORKS whose pages never end is sent a bounded number of times', () => {
  const page = Array.from({ length: 100 }, (_, id) => `${id}\t${'x'.repeat(32)}\tany\t\n`).join('');
  const d = new Dialogue().toChoosing();
  d.reply('LIST_NETWORKS', page);
  assert.deepEqual(d.commands(), ['LIST_NETWORKS LAST_ID=99']);
  d.reply('LIST_NETWORKS LAST_ID=99', page);
  assert.deepEqual([d.phase, d.hooks()], ['announcing', [['start_group']]]);
});

test('an invitation of another device into its own group is not ours to answer', () => {
  const d = new Dialogue().toRunning();
  d.event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} go_dev_addr=${phone.device} unknown-network`);
  assert.deepEqual([d.commands(), d.logs('warning')], [[], []]);
});
