import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frequencyText, noGroupText, problemText, statusLine } from '#src/commands/status-text.js';
import type { StatusView } from '#src/host/status.js';

type Facts = Pick<StatusView, 'group' | 'noGroup' | 'paused' | 'problems'>;
const NOTHING: Facts = { group: null, noGroup: null, paused: false, problems: [] };
const SINCE = '2026-01-01T12:00:00.000Z';
const SINCE_TEXT = `since ${new Date(SINCE).toLocaleString('sv-SE').slice(0, 16)}`;
const ALONE = { since: SINCE, waitsFor: null, nextTrySeconds: null };
const GROUP = { interface: 'p2p-wlan0-0', networkId: 0, ssid: 'DIRECT-PP-group', frequency: 2437 };
const because = (reason: string, nextTrySeconds: number | null = null): Partial<Facts> => ({
  noGroup: { ...ALONE, cause: 'refused', reason, nextTrySeconds },
});

test('the text for each state of a session', () => {
  const cases: readonly (readonly [Partial<Facts>, number, string])[] = [
    [{}, 0, 'no group: starting'],
    [because('the session is paused'), 0, `no group ${SINCE_TEXT}: the session is paused`],
    [
      {
        noGroup: {
          ...{ ...ALONE, cause: 'supplicant', nextTrySeconds: 5, waitsFor: 'wpa_supplicant' },
          reason: '/run/x/wlan0: no program answers there',
        },
      },
      0,
      `waiting ${SINCE_TEXT}: /run/x/wlan0: no program answers there; waits for wpa_supplicant, looked for every few seconds`,
    ],
    [{ group: GROUP }, 0, 'group "DIRECT-PP-group" at 2437 MHz, 0 stations'],
    [{ group: GROUP }, 1, 'group "DIRECT-PP-group" at 2437 MHz, 1 station'],
    [{ group: { ...GROUP, ssid: null, frequency: null } }, 2, 'group, 2 stations'],
    [{ group: GROUP, paused: true }, 0, 'paused; group "DIRECT-PP-group" at 2437 MHz, 0 stations'],
  ];
  for (const [facts, stations, text] of cases) {
    assert.equal(statusLine({ ...NOTHING, ...facts }, stations), text);
  }
});

test('since when: the time, and the day if that is not today', () => {
  const now = new Date();
  const today = { ...ALONE, reason: 'x', since: now.toISOString() };
  assert.equal(noGroupText(today), `none since ${now.toTimeString().slice(0, 8)}: x`);
  assert.equal(noGroupText({ ...ALONE, reason: 'x' }), `none ${SINCE_TEXT}: x`);
  const hooks = {
    ...ALONE,
    subject: 'hooks',
    reason: 'a\u001bb',
    waitsFor: 'the next event',
    nextTrySeconds: 9,
  };
  assert.equal(problemText(hooks, 4), `hooks ${SINCE_TEXT}, next try in 5 s: a_b; waits for the next event`);
});

test('the next attempt is given as a time of day', () => {
  const before = Date.now();
  const time = /^no group since [\d :-]+: refused; next try at (\d\d):(\d\d):(\d\d)$/.exec(
    statusLine({ ...NOTHING, ...because('refused', 60) }, 0),
  );
  assert.ok(time);
  const [hours, minutes, seconds] = time.slice(1).map(Number);
  const told = new Date(before).setHours(hours ?? 0, minutes, seconds);
  const ahead = (told - before + 86_400_000) % 86_400_000;
  assert.ok(ahead > 50_000 && ahead < 90_000, String(ahead));
});

test('the channel of a frequency, and its band', () => {
  const known: readonly (readonly [number, string])[] = [
    [2412, 'channel 1 (2.4 GHz)'],
    [2437, 'channel 6 (2.4 GHz)'],
    [2472, 'channel 13 (2.4 GHz)'],
    [2484, 'channel 14 (2.4 GHz)'],
    [5180, 'channel 36 (5 GHz)'],
    [5745, 'channel 149 (5 GHz)'],
    [5935, 'channel 2 (6 GHz)'],
    [5955, 'channel 1 (6 GHz)'],
    [7115, 'channel 233 (6 GHz)'],
    [58_320, 'channel 1 (60 GHz)'],
    [60_480, 'channel 2 (60 GHz)'],
  ];
  for (const [frequency, text] of known) assert.equal(frequencyText(frequency), `${frequency} MHz, ${text}`);
});

test('a frequency without a channel number is shown alone', () => {
  for (const frequency of [0, 2411, 2413, 2480, 5001, 5181, 5940, 65_000]) {
    assert.equal(frequencyText(frequency), `${frequency} MHz`);
  }
});
