import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dialogue, Phone, STARTED } from './dialogue.js';

/** Radios that cannot create a group interface: the group runs on the existing interface. */

const phone = new Phone(1, 'A');
const ON_WLAN0 = STARTED.replace('p2p-wlan0-0', 'wlan0');

describe('with a P2P device, the group on the radio itself', () => {
  const running = () =>
    new Dialogue()
      .toChoosing()
      .profiles([0, 'DIRECT-PP'])
      .hookDone('start_group')
      .event('device', ON_WLAN0)
      .up('group')
      .answer({ kind: 'walk' }, '');

  test('the link of the group goes to that interface', () => {
    const d = new Dialogue().toChoosing().profiles().hookDone('start_group').event('device', ON_WLAN0);
    assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: 'wlan0' }]);
  });

  test('a group that is up is found there, if wpa_supplicant says that the group shares the interface', () => {
    const d = new Dialogue().give({ type: 'start' }).up('device').reply('GET p2p_no_group_iface', '1');
    d.answer({ kind: 'interfaces' }, 'p2p-dev-wlan0\nwlan0\n');
    assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: 'wlan0' }]);
    d.up('group').reply('STATUS', 'freq=2437\nssid=DIRECT-PP\nid=1\nmode=P2P GO\n');
    assert.equal(d.phase, 'running');
  });

  test('a client connection on it is not taken for a group, and it is never removed', () => {
    const d = new Dialogue().give({ type: 'start' }).up('device').reply('GET p2p_no_group_iface', '1');
    d.answer({ kind: 'interfaces' }, 'p2p-dev-wlan0\nwlan0\n').up('group').reply('STATUS', 'mode=station\n');
    assert.deepEqual(d.commands(), ['LIST_NETWORKS']);
  });

  test('STATUS shows its end if the event is missing, for the interface stays', () => {
    const d = running().timer('group-check').reply('INTERFACES', 'p2p-dev-wlan0\nwlan0\n');
    assert.deepEqual(d.commands(), ['group: STATUS', 'group: STA-FIRST']);
    d.reply('STATUS', 'wpa_state=DISCONNECTED\n');
    assert.deepEqual(d.hooks(), [['stop_group', 'wlan0']]);
    assert.equal(d.phase, 'backoff');
  });

  test('after a start that timed out the group is looked for there as well', () => {
    const d = new Dialogue()
      .toChoosing()
      .profiles()
      .hookDone('start_group')
      .timer('forming')
      .timer('backoff');
    d.reply('INTERFACES', 'p2p-dev-wlan0\nwlan0\n');
    assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: 'wlan0' }]);
    d.up('group').reply('STATUS', 'wpa_state=DISCONNECTED\n');
    assert.ok(!d.commands().some((command) => command.startsWith('P2P_GROUP_REMOVE')));
  });
});

test('without a P2P device all events come on one socket: it reports the stations, too', () => {
  const d = new Dialogue({}, 'wlan0')
    .toChoosing('wlan0\n')
    .profiles([0, 'DIRECT-PP'])
    .hookDone('start_group');
  d.event('device', ON_WLAN0);
  assert.deepEqual(d.all('open-group'), [{ type: 'open-group', interface: 'wlan0' }]);
  d.up('group').answer({ kind: 'walk' }, '').event('device', phone.asksByPin).event('device', phone.seen);
  assert.deepEqual(d.commands(), [`group: WPS_PIN ${phone.station} 00000000 120`]);
  assert.deepEqual(d.event('device', phone.joins).hooks(), [['connect', phone.device, 'A', 'wlan0']]);
  assert.deepEqual(d.event('device', phone.leaves).hooks(), [['disconnect', phone.device, 'A', 'wlan0']]);
});

test('events missed on an interface that the group shares: the state of the registrar is unknown, so it is cleared', () => {
  const d = new Dialogue({ pin: '12345670' }, 'wlan0')
    .toChoosing('wlan0\n')
    .profiles([0, 'DIRECT-PP'])
    .hookDone('start_group')
    .event('device', ON_WLAN0)
    .up('group')
    .answer({ kind: 'walk' }, '');
  d.event('device', phone.asksByPin).event('device', phone.seen);
  assert.equal(d.state.registrar.holds, 'pin');
  d.give({ type: 'link-missed', link: 'device' });
  const commands = d.commands();
  assert.ok(commands.includes('group: WPS_CANCEL') && commands.includes('group: STA-FIRST'), commands.join());
});
