import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stationsOf, statusOf } from '#src/commands/daemon-answers.js';
import type { EventLine } from '#src/commands/journal.js';
import { remoteSource } from '#src/control/monitor-data.js';
import { anEvent, aStation, RUNNING } from '../../fakes/monitor-data.js';

const FULL = {
  ...RUNNING,
  enrolling: [{ deviceAddress: 'a', name: null, method: 'keypad', pin: null, secondsLeft: 60 }],
  pairing: { method: 'pin', pin: '12345670', deviceAddress: 'a', secondsLeft: 5 },
};

test('the answers of a daemon of this version are accepted unchanged', () => {
  assert.deepEqual(statusOf(JSON.parse(JSON.stringify({ ...FULL, version: '1', pid: 3 }))), FULL);
  assert.deepEqual(statusOf({ ...FULL, group: null, pairing: null }), {
    ...FULL,
    group: null,
    pairing: null,
  });
  const stations = [aStation(1), aStation(2, { name: null, signal: null })];
  assert.deepEqual(stationsOf(JSON.parse(JSON.stringify(stations))), stations);
  assert.deepEqual(stationsOf({ stations, devices: [] }), stations);
});

test('unknown or malformed fields of an answer are left out, and the rest is shown', () => {
  const odd = {
    ...FULL,
    attached: 'yes',
    group: { interface: 'g', ssid: 3, frequency: '2437' },
    enrolling: [null, {}, { deviceAddress: 'a', method: 'nfc' }, FULL.enrolling[0]],
    pairing: { method: 'nfc' },
    paused: 1,
  };
  assert.deepEqual(statusOf(odd), {
    ...FULL,
    attached: false,
    group: { interface: 'g', ssid: null, frequency: null, networkId: null },
    pairing: null,
  });
  assert.deepEqual(stationsOf([3, null, { name: 'x' }, { address: 'a', signal: Number.NaN }]), [
    {
      address: 'a',
      deviceAddress: null,
      name: null,
      ip: null,
      ipv6: null,
      signal: null,
      receivedBytes: null,
      sentBytes: null,
      connectedSeconds: null,
    },
  ]);
  assert.deepEqual(statusOf({ phase: 'running', group: [], enrolling: {} })?.enrolling, []);
});

test('an answer that is no status, or no list of stations, is rejected', () => {
  for (const answer of [null, undefined, 'running', 3, [], {}, { phase: 3 }])
    assert.equal(statusOf(answer), null);
  for (const answer of [null, 'x', {}, { stations: 'x' }]) assert.equal(stationsOf(answer), null);
});

test('a daemon on its socket: each stream of events opens the socket again, so a restarted daemon is found', async () => {
  const opened: string[] = [];
  const came: string[] = [];
  let end: () => void = () => {};
  const source = remoteSource(async () => {
    const name = `daemon ${opened.push('opened')}`;
    return {
      get: async (path) => (path === '/v1/status' ? { ...RUNNING, interface: name } : [aStation(1)]),
      events: async (count) => [anEvent(1, { type: 'paused' }, `${name} ${count}`)],
      follow: (listener: (line: EventLine) => void) => {
        listener(anEvent(2, { type: 'paused' }, name));
        return () => came.push('left');
      },
      ended: new Promise<void>((resolve) => {
        end = resolve;
      }),
    };
  });
  const leave = await source.follow(
    ({ text }) => came.push(text),
    () => came.push('ended'),
  );
  assert.equal((await source.status()).interface, 'daemon 1');
  assert.deepEqual(await source.stations(), [aStation(1)]);
  assert.match((await source.events(7))[0]?.text ?? '', /daemon 1 7$/);
  end();
  await Promise.resolve();
  assert.deepEqual(came, ['12:34:02 daemon 1', 'ended']);
  leave();
  await source.follow(
    ({ text }) => came.push(text),
    () => {},
  );
  assert.equal((await source.status()).interface, 'daemon 2');
  assert.deepEqual(came, ['12:34:02 daemon 1', 'ended', 'left', '12:34:02 daemon 2']);
  assert.equal(opened.length, 2);
});

test('an answer of another program is an error, not an empty screen', async () => {
  const source = remoteSource(async () => ({
    get: async () => 'hello',
    events: async () => [],
    follow: () => () => {},
    ended: new Promise(() => {}),
  }));
  await assert.rejects(source.status(), /not from hostp2pd, or from another version/);
  await assert.rejects(source.stations(), /not from hostp2pd, or from another version/);
});
