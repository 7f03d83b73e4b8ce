import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, chartPoints, duration, pinGroups } from '#src/panel/page/format.js';
import { networkView, panelView, withSignals } from '#src/panel/view.js';
import { anEvent, aStation, RUNNING } from '../../fakes/monitor-data.js';

const EMPTY = { status: null, stations: [], events: [], at: 0, lost: null };
const NETWORK = networkView(
  { ssid: 'DIRECT-PP-group', passphrase: 'secret & more', text: '' },
  '<svg fill="#fff"/>',
);

test('the state: a group is up, none is, no daemon answers', () => {
  const view = (status: typeof RUNNING | null) => panelView({ ...EMPTY, status }, new Map(), NETWORK, '1');
  assert.equal(view(RUNNING).state, 'up');
  assert.equal(view(RUNNING).network, NETWORK);
  assert.equal(view({ ...RUNNING, group: null }).state, 'none');
  assert.equal(view({ ...RUNNING, group: null }).network, null, 'a group that is gone has no code');
  assert.equal(view(null).state, 'lost');
  assert.equal(view(null).network, null);
  assert.equal(view({ ...RUNNING, paused: true }).paused, true);
  assert.equal(view({ ...RUNNING, groupStopped: true }).paused, true);
});

test('the code is a data URL', () => {
  assert.equal(NETWORK.code, 'data:image/svg+xml,%3Csvg%20fill%3D%22%23fff%22%2F%3E');
});

test('the signal over time: the last values of each station, none of those that left', () => {
  let signals = withSignals(new Map(), [aStation(1, { signal: -40 }), aStation(2, { signal: null })]);
  signals = withSignals(signals, [aStation(1, { signal: -50 }), aStation(2)]);
  assert.deepEqual(
    [...signals],
    [
      [aStation(1).address, [-40, -50]],
      [aStation(2).address, [-40]],
    ],
  );
  signals = withSignals(signals, [aStation(2)]);
  assert.deepEqual([...signals.keys()], [aStation(2).address]);
  for (let count = 0; count < 500; count++) signals = withSignals(signals, [aStation(2, { signal: -count })]);
  const kept = signals.get(aStation(2).address) ?? [];
  assert.equal(kept.length, 120);
  assert.equal(kept.at(-1), -499);
});

test('events: the latest first, with the name of the device, without PINs, and only those with a text', () => {
  const station = { address: 'b', deviceAddress: 'a', name: 'Ann\u202e', ip: null, ipv6: null };
  const group = { interface: 'p2p-wlan0-0', ssid: 'DIRECT-x', frequency: 2437, networkId: 0 };
  const unknown = {
    ...anEvent(3, { type: 'paused' }, ''),
    entry: { time: '2026', event: { type: 'constructor' } },
  };
  const { events } = panelView(
    {
      ...EMPTY,
      status: RUNNING,
      events: [
        anEvent(1, { type: 'stationConnected', station, group }, ''),
        anEvent(2, { type: 'pinShown', deviceAddress: 'a', name: null, pin: '12345670' }, ''),
        unknown,
        anEvent(
          4,
          {
            type: 'peerFound',
            peer: { deviceAddress: 'c', name: 'Bob', deviceType: null, deviceKind: null },
          },
          '',
        ),
        anEvent(5, { type: 'resumed' }, ''),
      ],
    },
    new Map(),
    null,
    '1',
  );
  assert.deepEqual(
    events.map(({ text, name }) => [text, name]),
    [
      ['resumed', null],
      ['peerFound', 'Bob'],
      ['pinShown', 'a'],
      ['stationConnected', 'Ann_'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(events), /12345670/);
});

test('numbers as people read them', () => {
  assert.deepEqual(pinGroups('12345670'), ['1234', '5670']);
  assert.deepEqual(pinGroups('1234'), ['1234']);
  assert.equal(bytes(null, 'en'), '–');
  assert.equal(bytes(0, 'en'), '0 B');
  assert.equal(bytes(999, 'en'), '999 B');
  assert.equal(bytes(1_000, 'en'), '1.0 kB');
  assert.equal(bytes(1_234, 'de'), '1,2 kB');
  assert.equal(bytes(999_600, 'en'), '1.0 MB');
  assert.equal(bytes(56_789_012, 'en'), '57 MB');
  assert.equal(bytes(5e15, 'en'), '5,000 TB');
  assert.equal(duration(null), '–');
  assert.equal(duration(-1), '0:00');
  assert.equal(duration(65.9), '1:05');
  assert.equal(duration(3_723), '1:02:03');
});

test('the chart: the latest value at the right edge, strong signals above', () => {
  assert.equal(chartPoints([-90, -30], 2, 100, 30), '0.0,30.0 100.0,0.0');
  assert.equal(chartPoints([-120, -60], 3, 100, 30), '50.0,30.0 100.0,15.0');
});
