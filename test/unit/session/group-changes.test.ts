import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialogue, GROUP, Phone, STARTED } from './dialogue.js';

const phone = new Phone(1, 'A');

test('the group is formed anew on another channel: status and stations are looked at', () => {
  for (const sign of ['P2P-REMOVE-AND-REFORM-GROUP ', STARTED.replace('2437', '2412')]) {
    const d = new Dialogue().toRunning().event('group', phone.joins).event('device', sign);
    assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST'], sign);
    d.reply('STATUS', 'freq=2412\nssid=DIRECT-PP\nmode=P2P GO\n');
    assert.equal(d.state.phase.name === 'running' && d.state.phase.group.frequency, 2412);
  }
});

test('a switch of the channel is told once, though wpa_supplicant says it twice', () => {
  const SWITCH =
    'CTRL-EVENT-CHANNEL-SWITCH freq=2462 ht_enabled=0 ch_offset=0 ch_width=20 MHz (no HT) cf1=2462 cf2=0';
  const d = new Dialogue().toRunning().event('group', SWITCH);
  assert.equal(d.logs('info').length, 1);
  assert.equal(d.event('group', `${SWITCH} dfs=0`).logs('info').length, 0);
});

test('a phone that wants to restart the group, and may not by itself: said, with the parameter that forbids it', () => {
  const asks = `P2P-INVITATION-RECEIVED sa=${phone.device} persistent=0 freq=2437`;
  const d = new Dialogue({ dynamic_group: true, config_parms: { persistent_reconnect: 0 } });
  d.give({ type: 'start' }).up('device');
  const sent = d.commands().filter((command) => command.includes('persistent_reconnect'));
  assert.deepEqual(
    sent,
    ['SET persistent_reconnect 1', 'SET persistent_reconnect 0'],
    'the person has the last word',
  );
  assert.match(d.event('device', asks).logs('warning').join(), /persistent_reconnect=0/);
});

test('another group beside ours is left alone', () => {
  const d = new Dialogue().toRunning().event('device', STARTED.replace(GROUP, 'p2p-wlan0-1'));
  assert.deepEqual([d.commands(), d.logs('warning').length], [[], 1]);
});

test('an invitation of somebody else to his group is not for us', () => {
  const d = new Dialogue().toRunning();
  d.event('device', `P2P-INVITATION-RECEIVED sa=${phone.device} go_dev_addr=${phone.device} unknown-network`);
  assert.deepEqual([d.commands(), d.logs('warning')], [[], []]);
});
