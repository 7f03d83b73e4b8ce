import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enrolmentView, pairingView, stationView, withoutAddress } from '#src/session/views.js';
import { Dialogue, Phone } from './dialogue.js';

/** What status and events show of the state. */

const phone = new Phone(1, 'A');

test('the PIN of a request is shown where it was made for that phone', () => {
  const views = (pin: string, seconds = 30) => {
    const { enrolments } = new Dialogue({ pin }).toRunning().event('device', phone.asksByPin).state;
    return enrolments.map((one) => enrolmentView(one, 120, one.requestedAt + seconds * 1_000));
  };
  const view = { deviceAddress: phone.device, name: 'A', method: 'display', secondsLeft: 90 };
  assert.deepEqual(views('12345670'), [{ ...view, pin: null }]);
  assert.deepEqual(views('random'), [{ ...view, pin: '99129897' }]);
  assert.deepEqual(views('random', 200), [{ ...view, pin: '99129897', secondsLeft: 0 }]);
});

test('the pairing window is shown with the seconds that are left, and never fewer than none', () => {
  const { pairing } = new Dialogue()
    .toRunning()
    .operate({ kind: 'pair', method: 'pin', pin: '12345670', deviceAddress: null }).state;
  assert.ok(pairing);
  const left = (at: number) => pairingView(pairing, at).secondsLeft;
  assert.deepEqual([pairing.until - 90_000, pairing.until, pairing.until + 5_000].map(left), [90, 0, 0]);
  const { method, pin, deviceAddress } = pairingView(pairing, pairing.until);
  assert.deepEqual([method, pin, deviceAddress], ['pin', '12345670', null]);
});

test('a station is shown with its addresses', () => {
  const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('group', phone.joins);
  const { phase } = d.state;
  assert.ok(phase.name === 'running');
  assert.deepEqual([...phase.group.stations.values()].map(stationView), [
    { address: phone.station, deviceAddress: phone.device, name: 'A', ip: null, ipv6: null },
  ]);
  assert.deepEqual(withoutAddress(phase.group), []);
});
