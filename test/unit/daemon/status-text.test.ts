import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, type StatusFacts, statusText } from '#src/daemon/status-text.js';

const NOTHING: StatusFacts = { group: null, noGroup: null, stations: 0, paused: false, reloadProblem: null };
const GROUP = { interface: 'p2p-wlan0-0', networkId: 0, ssid: 'DIRECT-PP-group', frequency: 2437 };
const because = (reason: string, nextTrySeconds: number | null = null): Partial<StatusFacts> => ({
  noGroup: { cause: 'refused', reason, nextTrySeconds },
});

test('each state of a session has its words', () => {
  const cases: readonly (readonly [Partial<StatusFacts>, string])[] = [
    [{}, 'no group: starting'],
    [because('the session is paused'), 'no group: the session is paused'],
    [
      { noGroup: { cause: 'supplicant', reason: '/run/x/wlan0: nobody answers there', nextTrySeconds: 5 } },
      'waiting: /run/x/wlan0: nobody answers there',
    ],
    [{ group: GROUP }, 'group "DIRECT-PP-group" at 2437 MHz, 0 stations'],
    [{ group: GROUP, stations: 1 }, 'group "DIRECT-PP-group" at 2437 MHz, 1 station'],
    [{ group: { ...GROUP, ssid: null, frequency: null }, stations: 2 }, 'group, 2 stations'],
    [{ group: GROUP, paused: true }, 'paused; group "DIRECT-PP-group" at 2437 MHz, 0 stations'],
    [
      { ...because('refused'), reloadProblem: 'configuration x:\n  pin: found y' },
      'no group: refused; not reloaded, the former configuration stays in force: configuration x:; pin: found y',
    ],
  ];
  for (const [facts, text] of cases) assert.equal(statusText({ ...NOTHING, ...facts }), text);
});

test('the next try is told by the time of day', () => {
  const before = Date.now();
  const time = /^no group: refused; next try at (\d\d):(\d\d):(\d\d)$/.exec(
    statusText({ ...NOTHING, ...because('refused', 60) }),
  );
  assert.ok(time);
  const [hours, minutes, seconds] = time.slice(1).map(Number);
  const told = new Date(before).setHours(hours ?? 0, minutes, seconds);
  const ahead = (told - before + 86_400_000) % 86_400_000;
  assert.ok(ahead > 50_000 && ahead < 90_000, String(ahead));
});

test("a network's name cannot speak for us", () => {
  const text = statusText({ ...NOTHING, group: { ...GROUP, ssid: 'a\nREADY=1\r\u001b[2J' } });
  assert.doesNotMatch(text, /[\n\r\u001b]/);
});

test('the longest text fits what systemd reads', () => {
  const text = statusText({ ...NOTHING, reloadProblem: '€'.repeat(5_000) });
  assert.ok(Buffer.byteLength(`READY=1\nSTATUS=${text}`) < 4_096);
  assert.equal(oneLine(text), text);
});
