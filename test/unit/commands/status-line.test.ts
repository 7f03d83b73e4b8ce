import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusLine } from '#src/commands/status-line.js';
import type { StatusView } from '#src/host/status.js';

type Facts = Pick<StatusView, 'group' | 'noGroup' | 'paused'>;
const NOTHING: Facts = { group: null, noGroup: null, paused: false };
const GROUP = { interface: 'p2p-wlan0-0', networkId: 0, ssid: 'DIRECT-PP-group', frequency: 2437 };
const because = (reason: string, nextTrySeconds: number | null = null): Partial<Facts> => ({
  noGroup: { cause: 'refused', reason, nextTrySeconds },
});

test('each state of a session has its words', () => {
  const cases: readonly (readonly [Partial<Facts>, number, string])[] = [
    [{}, 0, 'no group: starting'],
    [because('the session is paused'), 0, 'no group: the session is paused'],
    [
      { noGroup: { cause: 'supplicant', reason: '/run/x/wlan0: nobody answers there', nextTrySeconds: 5 } },
      0,
      'waiting: /run/x/wlan0: nobody answers there',
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

test('the next attempt is given as a time of day', () => {
  const before = Date.now();
  const time = /^no group: refused; next try at (\d\d):(\d\d):(\d\d)$/.exec(
    statusLine({ ...NOTHING, ...because('refused', 60) }, 0),
  );
  assert.ok(time);
  const [hours, minutes, seconds] = time.slice(1).map(Number);
  const told = new Date(before).setHours(hours ?? 0, minutes, seconds);
  const ahead = (told - before + 86_400_000) % 86_400_000;
  assert.ok(ahead > 50_000 && ahead < 90_000, String(ahead));
});
