import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialogue, Phone, STARTED } from './dialogue.js';

const FOUND =
  "P2P-DEVICE-FOUND 42:00:00:00:01:00 p2p_dev_addr=42:00:00:00:01:00 pri_dev_type=10-0050F204-5 name='A' " +
  'config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1';

test('searches become rare after max_scan_polling searches without a peer, and frequent again after a peer', () => {
  const d = new Dialogue({ activate_persistent_group: false }).toChoosing();
  assert.equal(d.timers()['discovery'], 10_000);
  d.timer('discovery', 10_000);
  assert.deepEqual(d.commands(), ['P2P_FIND']);
  assert.equal(d.timers()['discovery'], 10_000);
  assert.equal(d.timer('discovery', 10_000).timers()['discovery'], 600_000);
  d.event('device', FOUND);
  assert.equal(d.timer('discovery', 600_000).timers()['discovery'], 10_000);
});

test('a phone that restarts a persistent group is a peer, too', () => {
  const d = new Dialogue({ activate_persistent_group: false }).toChoosing();
  d.timer('discovery', 10_000).timer('discovery', 10_000);
  d.event('device', 'P2P-INVITATION-ACCEPTED sa=42:00:00:00:01:00');
  assert.equal(d.timer('discovery', 600_000).timers()['discovery'], 10_000);
});

test('with max_scan_polling 0 searches never become rare', () => {
  const d = new Dialogue({ activate_persistent_group: false, max_scan_polling: 0 }).toChoosing();
  for (let i = 0; i < 5; i++) assert.equal(d.timer('discovery', 10_000).timers()['discovery'], 10_000);
});

test('while a group runs: no search when it comes up, then rare and short ones', () => {
  const d = new Dialogue().toChoosing().reply('LIST_NETWORKS', '').hookDone('start_group');
  d.reply('P2P_GROUP_ADD persistent', 'OK\n').event('device', STARTED);
  assert.deepEqual(d.commands(), []);
  assert.equal(d.timers()['discovery'], 600_000);
  d.event('device', FOUND).timer('discovery', 600_000);
  assert.deepEqual(d.commands(), ['P2P_FIND 3 type=social']);
  assert.equal(d.timers()['discovery'], 600_000);
});

test('no search while a phone joins, or while a station is connected', () => {
  const phone = new Phone(1, 'A');
  const d = new Dialogue().toRunning().event('device', phone.asksByPin);
  assert.deepEqual(d.commands(), ['P2P_STOP_FIND']);
  assert.equal(d.timers()['discovery'], 90_000);
  d.timer('discovery', 90_000);
  assert.deepEqual(d.commands(), []);
  d.event('group', phone.joins).timer('discovery', 600_000);
  assert.deepEqual(d.commands(), []);
  assert.equal(d.timers()['discovery'], 600_000);
});

test('a search that wpa_supplicant ended is started again if no group makes the box visible', () => {
  const idle = new Dialogue({ activate_persistent_group: false })
    .toChoosing()
    .event('device', 'P2P-FIND-STOPPED ');
  assert.equal(idle.timers()['discovery'], 10_000);
  assert.deepEqual(new Dialogue().toRunning().event('device', 'P2P-FIND-STOPPED ').effects, []);
});

test('events that say nothing about peers have no effect', () => {
  const d = new Dialogue().toRunning();
  for (const noise of [
    'RX-PROBE-REQUEST sa=02:00:00:00:01:00 signal=-30',
    'CTRL-EVENT-SCAN-STARTED ',
    'CTRL-EVENT-BSS-ADDED 3 02:00:00:00:01:00',
    'P2P: Reject scan trigger since one is already pending',
  ]) {
    assert.deepEqual(d.event('device', noise).effects, [], noise);
  }
});
