import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialogue, Phone } from './dialogue.js';

/** A rejected phone shows its user no reason, so the log and an event do. */

const phone = new Phone(1, 'A');

for (const [event, reason] of [
  ['AP-REJECTED-MAX-STA', /the group is full; .*max_num_sta/],
  ['AP-REJECTED-BLOCKED-STA', /blocked by an access list/],
  ['AP-STA-POSSIBLE-PSK-MISMATCH', /wrong passphrase/],
] as const) {
  test(`${event}: one log line and one event, not again at each attempt of the phone`, () => {
    const d = new Dialogue().toRunning().event('group', `${event} ${phone.station}`);
    assert.match(d.logs('warning').join(), reason);
    const [told] = d.events();
    assert.ok(told?.type === 'stationRejected' && told.address === phone.station);
    assert.match(told.reason, reason);
    d.now += 5_000;
    assert.deepEqual(d.event('group', `${event} ${phone.station}`).effects, []);
    // Another phone, and the same a minute later.
    assert.equal(d.event('group', `${event} 46:00:00:00:07:00`).logs('warning').length, 1);
    d.now += 60_000;
    assert.equal(d.event('group', `${event} ${phone.station}`).logs('warning').length, 1);
  });
}

test('the log line names a phone that made a request before', () => {
  const d = new Dialogue().toRunning().event('device', phone.asksByPin).event('group', phone.seen);
  d.event('group', `AP-REJECTED-MAX-STA ${phone.station}`);
  assert.match(d.logs('warning').join(), new RegExp(`^${phone.device} "A" was rejected`));
});

test('devices with ever new addresses fill neither memory nor log', () => {
  const d = new Dialogue().toRunning();
  let lines = 0;
  for (let n = 0; n < 300; n++) {
    const address = `46:00:00:00:${(n >> 4).toString(16).padStart(2, '0')}:0${(n & 15).toString(16)}`;
    lines += d.event('group', `AP-REJECTED-MAX-STA ${address}`).logs('warning').length;
  }
  assert.ok(d.state.repeats.stations.size <= 64);
  assert.equal(lines, 20);
  d.now += 60_000;
  assert.equal(d.event('group', `AP-REJECTED-MAX-STA ${phone.station}`).logs('warning').length, 1);
});

test('a phone that shows its PIN: the log line says what to type where', () => {
  const d = new Dialogue().toRunning().event('device', phone.asksShowingPin);
  assert.ok(
    d
      .logs('info')
      .some((line) => line.includes(`shows a PIN: type it with "hostp2pd pin ${phone.device} <PIN>"`)),
  );
});
