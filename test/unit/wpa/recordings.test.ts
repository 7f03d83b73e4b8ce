import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseFrame } from '#src/wpa/channel.js';
import { parseEvent } from '#src/wpa/event.js';
import {
  isFailure,
  isOk,
  parseNetworks,
  parseStation,
  parseStationCounters,
  parseStatus,
} from '#src/wpa/reply.js';

/** Datagrams of Debian's wpa_supplicant 2.10 on simulated radios, recorded in the radio lab. */
const FOLDER = fileURLToPath(new URL('../../../fixtures/recordings/', import.meta.url));

interface Line {
  readonly interface?: string;
  readonly text?: string;
  readonly command?: string;
  readonly reply?: string;
}

const lines: readonly Line[] = readdirSync(FOLDER).flatMap((name) =>
  readFileSync(FOLDER + name, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Line => JSON.parse(line)),
);

test('every recorded event is known and parsed completely', () => {
  const events = lines.flatMap(({ text }) => (text === undefined ? [] : [text]));
  assert.ok(events.length > 300);
  for (const datagram of events) {
    const frame = parseFrame(Buffer.from(datagram));
    assert.equal(frame.kind, 'event', datagram);
    const event = parseEvent(frame.text);
    assert.notEqual(event.type, 'unknown', datagram);
    if ('extra' in event)
      assert.deepEqual(
        Object.keys(event.extra).filter((key) => !EXTRA.has(key)),
        [],
        datagram,
      );
  }
});

/** Keys that belong in `extra`. */
const EXTRA = new Set([
  'adv_id',
  'reason',
  'ht40',
  'bssid',
  'locally_generated',
  'init',
  'type',
  'alpha2',
  'clear_all',
  'dfs',
  // From the channel width: "20 MHz (no HT)".
  'MHz',
  '(no',
  'HT)',
  'ht_enabled',
  'ch_offset',
  'ch_width',
  'cf1',
  'cf2',
  'vendor',
  'method',
  'ret',
  'wfd_dev_info',
  'vendor_elems',
  'keyid',
  'ip_addr',
]);

test('every recorded reply is parsed', () => {
  const replies = lines.filter((line) => line.reply !== undefined);
  assert.ok(replies.length > 50);
  for (const { command = '', reply = '', interface: name = '' } of replies) {
    assert.equal(parseFrame(Buffer.from(reply)).kind, 'reply');
    if (isOk(reply) || isFailure(reply)) continue;
    if (command === 'LIST_NETWORKS') {
      const rows = reply.trimEnd().split('\n').length - 1;
      assert.equal(parseNetworks(reply).length, rows, reply);
    }
    if (command === 'STATUS' && !name.startsWith('p2p-wlan'))
      assert.ok(parseStatus(reply).p2pDeviceAddress, reply);
    if (command === 'STATUS' && name.startsWith('p2p-wlan')) assert.equal(parseStatus(reply).mode, 'P2P GO');
    if (/^STA(-FIRST|-NEXT)?\b/.test(command) && reply !== '') {
      const station = parseStation(reply);
      assert.ok(station?.deviceAddress, reply);
      assert.ok(station.name, reply);
      assert.equal(station.authorized, reply.includes('[AUTHORIZED]'));
    }
  }
});

test('every recorded station has its counters', () => {
  const stations = lines.filter(
    ({ command = '', reply = '' }) => /^STA(-FIRST|-NEXT)?\b/.test(command) && parseStation(reply) !== null,
  );
  assert.ok(stations.length > 3);
  for (const { reply = '' } of stations) {
    const { signal, receivedBytes, sentBytes, connectedSeconds } = parseStationCounters(reply);
    assert.equal(signal, -30, 'the constant value of mac80211_hwsim');
    assert.ok(receivedBytes !== null && receivedBytes > 0, reply);
    assert.ok(sentBytes !== null && sentBytes > 0, reply);
    assert.ok(connectedSeconds !== null && connectedSeconds < 600, reply);
  }
});
