import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, type StatusFacts, statusText } from '#src/daemon/status-text.js';

const ATTACHED: StatusFacts = {
  link: { kind: 'attached', interface: 'p2p-dev-wlan0' },
  group: null,
  stations: 0,
  paused: false,
  groupStopped: false,
  reloadProblem: null,
};
const GROUP = { ssid: 'DIRECT-PP-group', frequency: 2437 };

test('each state of a session has its words', () => {
  const cases: readonly (readonly [Partial<StatusFacts>, string])[] = [
    [{ link: { kind: 'starting' } }, 'starting'],
    [{ link: { kind: 'waiting', reason: 'nothing in /run/x' } }, 'waiting: nothing in /run/x'],
    [{}, 'attached to p2p-dev-wlan0, no group'],
    [{ groupStopped: true }, 'attached to p2p-dev-wlan0, group stopped'],
    [{ group: GROUP }, 'group "DIRECT-PP-group" at 2437 MHz, 0 stations'],
    [{ group: GROUP, stations: 1 }, 'group "DIRECT-PP-group" at 2437 MHz, 1 station'],
    [{ group: { ssid: null, frequency: null }, stations: 2 }, 'group, 2 stations'],
    [{ group: GROUP, paused: true }, 'paused; group "DIRECT-PP-group" at 2437 MHz, 0 stations'],
    [{ paused: true }, 'paused; attached to p2p-dev-wlan0, no group'],
    [
      { reloadProblem: 'configuration x:\n  pin: found y' },
      'attached to p2p-dev-wlan0, no group; not reloaded, the former configuration stays in force: configuration x:; pin: found y',
    ],
  ];
  for (const [facts, text] of cases) assert.equal(statusText({ ...ATTACHED, ...facts }), text);
});

test("a network's name cannot speak for us", () => {
  const text = statusText({ ...ATTACHED, group: { ssid: 'a\nREADY=1\r\u001b[2J', frequency: null } });
  assert.doesNotMatch(text, /[\n\r\u001b]/);
});

test('the longest text fits what systemd reads', () => {
  const text = statusText({ ...ATTACHED, reloadProblem: '€'.repeat(5_000) });
  assert.ok(Buffer.byteLength(`READY=1\nSTATUS=${text}`) < 4_096);
  assert.equal(oneLine(text), text);
});
