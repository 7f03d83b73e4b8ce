import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventJournal } from '#src/commands/journal.js';
import { EventStreams, type Sink, wpaEventLine } from '#src/control/event-streams.js';
import type { HostP2pD } from '#src/host/host.js';
import type { OperatorEvent, SessionEvent } from '#src/host/public-event.js';

/** As much of a session as streams and the journal use. */
class FakeHost {
  readonly listeners = new Map<string, Set<(event: SessionEvent) => void>>();

  on(type: string, listener: (event: SessionEvent) => void): () => void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set.add(listener));
    return () => set.delete(listener);
  }

  emit(event: SessionEvent): void {
    for (const listener of this.listeners.get(event.type) ?? []) listener(event);
  }

  get wpaListeners(): number {
    return this.listeners.get('wpaEvent')?.size ?? 0;
  }
}

class FakeSink implements Sink {
  written: string[] = [];
  writableLength = 0;
  state: 'open' | 'ended' | 'destroyed' = 'open';

  write(text: string): void {
    assert.equal(this.state, 'open');
    this.written.push(text);
  }

  end(): void {
    this.state = 'ended';
  }

  destroy(): void {
    this.state = 'destroyed';
  }

  get reasons(): unknown[] {
    return this.written
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).reason ?? JSON.parse(line).event.name);
  }
}

const detached = (reason: string): OperatorEvent => ({ type: 'detached', reason });
const wpa = (name: string): SessionEvent => ({
  type: 'wpaEvent',
  link: 'device',
  event: { type: 'unknown', name, text: name, malformed: false },
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

function streams(limits = { streams: 2, waitingBytes: 1_000 }) {
  const host = new FakeHost();
  const context = {
    host: host as unknown as HostP2pD,
    journal: new EventJournal(host as unknown as HostP2pD),
  };
  return { host, streams: new EventStreams(context, limits) };
}

test('events of one turn are written in one piece, in order, to each stream those it asked for', async () => {
  const { host, streams: all } = streams();
  const [plain, raw] = [new FakeSink(), new FakeSink()];
  all.add(plain, { last: 0, wpa: false });
  all.add(raw, { last: 0, wpa: true });
  host.emit(detached('a'));
  host.emit(wpa('B'));
  host.emit(detached('c'));
  assert.deepEqual([plain.written, raw.written], [[], []]);
  await turn();
  assert.deepEqual(
    [plain.reasons, raw.reasons],
    [
      ['a', 'c'],
      ['a', 'B', 'c'],
    ],
  );
  assert.deepEqual([plain.written.length, raw.written.length], [1, 1]);
  host.emit(wpa('D'));
  await turn();
  assert.deepEqual([plain.written.length, raw.written.length], [1, 2]);
});

test('the last events are sent first; events that wait are sent once', async () => {
  const { host, streams: all } = streams();
  const first = new FakeSink();
  all.add(first, { last: 0, wpa: false });
  for (const reason of ['a', 'b', 'c']) host.emit(detached(reason));
  const second = new FakeSink();
  all.add(second, { last: 2, wpa: false });
  host.emit(detached('d'));
  await turn();
  assert.deepEqual(first.reasons, ['a', 'b', 'c', 'd']);
  assert.deepEqual(second.reasons, ['b', 'c', 'd']);
});

test('without a stream there is no listener', async () => {
  const { host, streams: all } = streams();
  assert.equal(host.wpaListeners, 0);
  const [plain, raw] = [new FakeSink(), new FakeSink()];
  all.add(plain, { last: 0, wpa: false });
  assert.equal(host.wpaListeners, 0);
  all.add(raw, { last: 0, wpa: true });
  assert.equal(host.wpaListeners, 1);
  all.remove(raw);
  all.remove(raw);
  assert.equal(host.wpaListeners, 0);
  all.remove(plain);
  host.emit(detached('a'));
  await turn();
  assert.deepEqual(plain.written, []);
});

test('a client that does not read is disconnected, and the others go on', async () => {
  const { host, streams: all } = streams();
  const [slow, quick] = [new FakeSink(), new FakeSink()];
  all.add(slow, { last: 0, wpa: false });
  all.add(quick, { last: 0, wpa: false });
  assert.throws(() => all.ensureRoom(), { code: 'BUSY' });
  slow.writableLength = 1_000;
  host.emit(detached('a'));
  await turn();
  assert.equal(slow.state, 'open');
  slow.writableLength = 1_001;
  host.emit(detached('b'));
  host.emit(detached('c'));
  await turn();
  assert.equal(slow.state, 'destroyed');
  assert.deepEqual(quick.reasons, ['a', 'b', 'c']);
  all.ensureRoom();
});

test('close writes the waiting events and ends the streams', async () => {
  const { host, streams: all } = streams();
  const sink = new FakeSink();
  all.add(sink, { last: 0, wpa: true });
  host.emit(detached('a'));
  all.close();
  assert.deepEqual(sink.reasons, ['a']);
  assert.equal(sink.state, 'ended');
  assert.equal(host.wpaListeners, 0);
  host.emit(detached('b'));
  await turn();
});

test('only the secrets in events of wpa_supplicant are left out', () => {
  const line = (event: Extract<SessionEvent, { type: 'wpaEvent' }>['event']) =>
    JSON.parse(wpaEventLine('2026-01-02T03:04:05.000Z', { type: 'wpaEvent', link: 'group', event }));
  const started = line({
    type: 'P2P-GROUP-STARTED',
    interface: 'p2p-wlan0-0',
    role: 'GO',
    ssid: 'DIRECT-x',
    ssidHex: '44',
    frequency: 2412,
    passphrase: 'mysecretpassword',
    psk: '0123',
    goDeviceAddress: null,
    persistent: true,
    extra: { sae_password: 'mysecretpassword', later: '1' },
  });
  assert.deepEqual(started.event, {
    type: 'P2P-GROUP-STARTED',
    interface: 'p2p-wlan0-0',
    role: 'GO',
    ssid: 'DIRECT-x',
    ssidHex: '44',
    frequency: 2412,
    goDeviceAddress: null,
    persistent: true,
    extra: { later: '1' },
  });
  assert.deepEqual([started.type, started.link], ['wpaEvent', 'group']);
  assert.match(started.text, / wpa_supplicant \(group\): P2P-GROUP-STARTED$/);
  const seen = line({
    type: 'WPS-ENROLLEE-SEEN',
    address: 'a',
    uuid: 'u',
    deviceType: 't',
    configMethods: 1,
    devicePasswordId: 4,
    requestType: 1,
    name: 'passphrase="x"',
  });
  assert.equal(seen.event.devicePasswordId, 4);
  const asks = {
    type: 'P2P-GO-NEG-REQUEST',
    address: 'a',
    devicePasswordId: null,
    goIntent: 7,
    extra: {},
  } as const;
  assert.deepEqual(line(asks).event, asks);
  assert.equal(seen.event.name, 'passphrase="x"');
  for (const text of [
    'WPS-CRED-RECEIVED 100e',
    'WPS-NEW-AP-SETTINGS 100e',
    'DPP-CONFOBJ-PASS 6d79',
    'DPP-CONFOBJ-PSK 6d79',
    'P2P-GROUP-STARTED x passphrase="y"',
  ]) {
    const [name = ''] = text.split(' ');
    const event = line({ type: 'unknown', name, text, malformed: false }).event;
    assert.deepEqual(event, { type: 'unknown', name, malformed: false });
  }
  const plain = {
    type: 'unknown',
    name: 'NEW\u001b',
    text: 'NEW\u001b of interest',
    malformed: false,
  } as const;
  assert.deepEqual(line(plain).event, plain);
  assert.match(line(plain).text, /: NEW_$/);
});

test('with the most streams open, a new client replaces one that leaves events unread', () => {
  const { streams: all } = streams();
  const [stuck, reading, third] = [new FakeSink(), new FakeSink(), new FakeSink()];
  for (const sink of [reading, stuck]) all.add(sink, { last: 0, wpa: false });
  assert.throws(() => all.ensureRoom(), /too many event streams at once: at most 2/);
  stuck.writableLength = 1;
  all.ensureRoom();
  all.add(third, { last: 0, wpa: false });
  assert.deepEqual([stuck.state, reading.state], ['destroyed', 'open']);
  assert.throws(() => all.ensureRoom(), /too many event streams at once: at most 2/);
});
