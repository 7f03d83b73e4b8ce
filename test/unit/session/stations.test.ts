import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialogue, GROUP, Phone, REMOVED } from './dialogue.js';

const phone = new Phone(1, 'My Phone');
const other = new Phone(2, 'Other');

/** Its name is known from an earlier discovery. */
function withKnownPhone(): Dialogue {
  return new Dialogue()
    .toRunning()
    .event(
      'device',
      `P2P-DEVICE-FOUND ${phone.device} p2p_dev_addr=${phone.device} pri_dev_type=10-0050F204-5 ` +
        `name='${phone.name}' config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1`,
    );
}

test('the copy of AP-STA-CONNECTED on the device socket does not count twice, in either order', () => {
  const d = withKnownPhone().event('device', phone.joins);
  assert.deepEqual(d.hooks(), []);
  d.event('group', phone.joins);
  assert.deepEqual(d.hooks(), [['connect', phone.device, phone.name, GROUP]]);
  d.event('device', phone.joins);
  assert.deepEqual(d.effects, []);
  d.event('group', phone.leaves);
  assert.deepEqual(d.hooks(), [['disconnect', phone.device, phone.name, GROUP]]);
  // A late copy must not bring the station back.
  d.event('device', phone.joins);
  assert.deepEqual(d.stations(), []);
});

test('without a link to the group the copy on the device socket counts', () => {
  const d = withKnownPhone().down('group').event('device', phone.joins);
  assert.deepEqual(d.hooks(), [['connect', phone.device, phone.name, GROUP]]);
  d.up('group');
  assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST', 'GET_NETWORK 0 p2p_client_list']);
  d.reply('STA-FIRST', phone.entry).reply(`STA-NEXT ${phone.station}`, '');
  assert.deepEqual(d.hooks(), []);
  assert.deepEqual(d.stations(), [phone.station]);
});

test('a returning phone whose name is unknown: its name is requested by STA, then the phone is announced', () => {
  const d = new Dialogue().toRunning().event('group', phone.joins);
  assert.deepEqual(d.hooks(), []);
  assert.deepEqual(d.commands(), [`group: STA ${phone.station}`]);
  d.reply(`STA ${phone.station}`, phone.entry);
  assert.deepEqual(d.hooks(), [['connect', phone.device, phone.name, GROUP]]);
  assert.equal(d.all('remember')[0]?.name, phone.name);
});

test('a phone that leaves before its name is known is announced first: connect and disconnect stay paired', () => {
  const d = new Dialogue().toRunning().event('group', phone.joins).event('group', phone.leaves);
  assert.deepEqual(
    d.hooks().map(([hook]) => hook),
    ['connect', 'disconnect'],
  );
  d.answer({ kind: 'station-name', address: phone.station }, 'FAIL\n');
  assert.deepEqual(d.effects, []);
});

test('a station whose name is requested without a reply is announced as unknown', () => {
  const d = new Dialogue().toRunning().event('group', phone.joins);
  d.give({
    type: 'no-reply',
    tag: { kind: 'station-name', address: phone.station },
    code: 'CONTROL_TIMEOUT',
    reason: 'timeout',
  });
  assert.deepEqual(d.hooks(), [['connect', phone.device, '[unknown]', GROUP]]);
});

test('a legacy station has no device address and no name', () => {
  const d = new Dialogue().toRunning().event('group', 'AP-STA-CONNECTED 46:00:00:00:09:00');
  assert.deepEqual(d.hooks(), [['connect', '46:00:00:00:09:00', '[unknown]', GROUP]]);
  assert.equal(d.hookCalls()[0]?.environment['HOSTP2PD_STATION_KIND'], 'legacy');
});

test('a station that never completed the handshake is not reported when it leaves', () => {
  const d = new Dialogue().toRunning().event('group', phone.leaves);
  assert.deepEqual(d.hooks(), []);
});

test('the walk finds stations that connected or disconnected while the link was down', () => {
  const d = withKnownPhone().event('group', phone.joins);
  d.give({ type: 'link-missed', link: 'group' });
  assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST']);
  d.reply('STA-FIRST', other.entry).reply(`STA-NEXT ${other.station}`, '');
  assert.deepEqual(d.hooks(), [
    ['disconnect', phone.device, phone.name, GROUP],
    ['connect', other.device, other.name, GROUP],
  ]);
});

test('an associated station does not count before the handshake', () => {
  const d = new Dialogue().toRunning().give({ type: 'link-missed', link: 'group' });
  d.reply('STA-FIRST', phone.entry.replace('[AUTHORIZED]', '')).reply(`STA-NEXT ${phone.station}`, '');
  assert.deepEqual(d.stations(), []);
});

test('an event during the walk overrides the walk', () => {
  const d = withKnownPhone().event('group', phone.joins);
  d.give({ type: 'link-missed', link: 'group' });
  const first = d.all('request').find((r) => r.command === 'STA-FIRST');
  assert.ok(first?.tag);
  d.event('group', phone.leaves).event('group', other.joins);
  d.answer(first.tag, phone.entry).reply(`STA-NEXT ${phone.station}`, '');
  assert.deepEqual(d.stations(), [other.station]);
});

test('a walk whose station has left starts again; if that repeats, a little later', () => {
  const d = new Dialogue().toRunning().give({ type: 'link-missed', link: 'group' });
  for (let round = 0; round < 3; round++) {
    d.answer({ kind: 'walk' }, phone.entry);
    d.answer({ kind: 'walk' }, 'FAIL\n');
    assert.deepEqual(d.commands(), ['group: STA-FIRST']);
  }
  d.answer({ kind: 'walk' }, phone.entry).answer({ kind: 'walk' }, 'FAIL\n');
  assert.deepEqual(d.commands(), []);
  assert.deepEqual(d.stations(), []);
  assert.equal(d.timers()['group-check'], 5000);
});

test('two reasons for a walk make one walk after the other: no connected station is reported gone', () => {
  const d = withKnownPhone().event('group', phone.joins).event('group', other.joins);
  d.answer({ kind: 'station-name', address: other.station }, other.entry);
  d.give({ type: 'link-missed', link: 'group' });
  d.reply('STA-FIRST', phone.entry);
  d.give({ type: 'link-missed', link: 'group' });
  assert.ok(!d.commands().includes('group: STA-FIRST'));
  d.answer({ kind: 'walk' }, other.entry).answer({ kind: 'walk' }, '');
  assert.deepEqual(d.hooks(), []);
  assert.deepEqual(d.commands(), ['group: STA-FIRST']);
  d.answer({ kind: 'walk' }, phone.entry).answer({ kind: 'walk' }, other.entry).answer({ kind: 'walk' }, '');
  assert.deepEqual(d.hooks(), []);
  assert.deepEqual(d.stations(), [phone.station, other.station]);
});

test('a phone that reconnects with another interface address has left under the old one', () => {
  const d = withKnownPhone().event('group', phone.joins);
  const again = phone.joins.replace(phone.station, '46:00:00:00:01:99');
  d.event('group', again);
  assert.deepEqual(
    d.hooks().map(([hook, address]) => [hook, address]),
    [
      ['disconnect', phone.device],
      ['connect', phone.device],
    ],
  );
  assert.deepEqual(d.event('group', phone.leaves).hooks(), []);
  assert.deepEqual(d.stations(), ['46:00:00:00:01:99']);
});

test('when the group ends its stations are reported first', () => {
  const d = withKnownPhone().event('group', phone.joins).event('device', REMOVED);
  assert.deepEqual(d.hooks(), [
    ['disconnect', phone.device, phone.name, GROUP],
    ['stop_group', GROUP],
  ]);
  assert.equal(d.all('close-group').length, 1);
});

test('a walk that reaches the same station twice is given up, and repeated later', () => {
  const d = new Dialogue().toRunning().timer('group-check').reply('INTERFACES', `${GROUP}\n`);
  d.reply('STA-FIRST', phone.entry).reply(`STA-NEXT ${phone.station}`, phone.entry);
  assert.deepEqual(d.commands(), []);
  assert.equal(d.timers()['group-check'], 5000);
});
