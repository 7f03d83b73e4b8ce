import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { anEvent, aStation, RUNNING } from '../fakes/monitor-data.js';
import { PlayedMonitor } from './monitor-orders.js';
import { reasonToSkip, Terminal } from './terminal.js';

/** `hostp2pd monitor` in a real terminal. */

const skip = reasonToSkip();

function opened(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
  giveUp?: number,
): { readonly terminal: Terminal; readonly monitor: PlayedMonitor } {
  const monitor = new PlayedMonitor(t, giveUp);
  return { terminal: new Terminal(t, monitor.command, { environment }), monitor };
}

/** Waits until the number that is shown has become smaller twice. On a busy machine a look at the screen can come too late for one. */
async function countsDown(terminal: Terminal, pattern: RegExp): Promise<void> {
  const shown = (text: string) => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  await terminal.shows(pattern);
  for (let times = 0; times < 2; times++) {
    const last = shown(terminal.text);
    await terminal.shows((text) => shown(text) < last);
  }
}

/** The terminal is restored to its state before: screen, line wrapping, echo. */
async function assertLeft(terminal: Terminal, code: number, ...said: readonly RegExp[]): Promise<void> {
  await terminal.shows(/ icanon/);
  const rows = [...terminal.rows];
  assert.equal(rows[0], 'before');
  assert.deepEqual(rows.slice(-2), [`code ${code}`, ' icanon']);
  for (const pattern of said) assert.match(terminal.text, pattern);
  assert.doesNotMatch(terminal.text, /hostp2pd monitor {2}/);
  const longer = 'x'.repeat(100);
  terminal.type(longer);
  await terminal.shows((text) => text.includes(`${'x'.repeat(80)}\n${'x'.repeat(20)}`));
}

test('the first frame, an event, a station, the countdown of the window, another size, and q', {
  skip,
}, async (t) => {
  const { terminal, monitor } = opened(t);
  await terminal.shows(/Stations {3}none/);
  assert.deepEqual(terminal.rows, [
    'hostp2pd monitor  p2p-dev-wlan0                                          q: quit',
    'State      running',
    'Group      p2p-wlan0-0',
    'SSID       DIRECT-PP-group',
    'Frequency  2437 MHz, channel 6 (2.4 GHz)',
    '',
    'Stations   none',
  ]);
  const pairing = { method: 'pin', pin: '12345670', deviceAddress: null, secondsLeft: 120 } as const;
  monitor.play({ kind: 'status', status: { ...RUNNING, pairing } });
  monitor.play({
    kind: 'event',
    line: anEvent(1, { type: 'pairingOpened', pairing }, 'pairing open for 120 s'),
  });
  await terminal.shows(/Last events\n12:34:01 pairing open for 120 s$/);
  await terminal.shows(/Pairing {4}1[12]\d s left, PIN 12345670, any device/);

  monitor.play({ kind: 'status', status: RUNNING });
  monitor.play({ kind: 'stations', stations: [aStation(1), aStation(2, { name: '📱 Käse 日本語' })] });
  monitor.play({
    kind: 'event',
    line: anEvent(2, { type: 'paused' }, 'station 42:00:00:00:01:02 connected'),
  });
  await terminal.shows(/Stations: 2/);
  assert.doesNotMatch(terminal.text, /Pairing/, 'no part of a former frame is left');
  const [head, first, second] = terminal.rows.slice(6, 9).map((row) => row.replace(/00:01:0\d$/, 'TIME'));
  assert.equal(head, 'Stations: 2     Address                   Signal  Received      Sent  Connected');
  assert.equal(first, 'Phone 1         42:00:00:00:01:01  ▂▄▆█  -40 dBm    1.2 kB   56.8 kB   TIME');
  assert.equal(second, '📱 Käse 日本語  42:00:00:00:01:02  ▂▄▆█  -40 dBm    1.2 kB   56.8 kB   TIME');

  terminal.resize(40, 10);
  await terminal.shows(/^hostp2pd monitor {2}p2p-dev-wlan0 {2}q: quit\nState {6}running\nGroup {6}DIRECT/);
  const small = terminal.rows.slice(3, 8).map((row) => row.replace(/00:01:0\d$/, 'TIME'));
  assert.deepEqual(small, [
    'Stations: 2      Signal  Connected',
    'Phone 1         -40 dBm   TIME',
    '📱 Käse 日本語  -40 dBm   TIME',
    'Last events',
    '12:34:01 pairing open for 120 s',
  ]);
  terminal.resize(80, 24);
  await terminal.shows(/Frequency/);
  terminal.type('q');
  await assertLeft(terminal, 0);
});

test('the seconds count down while the daemon sends nothing', { skip }, async (t) => {
  const { terminal, monitor } = opened(t);
  await terminal.shows(/Stations/);
  const pairing = { method: 'pbc', pin: null, deviceAddress: null, secondsLeft: 90 } as const;
  monitor.play({ kind: 'status', status: { ...RUNNING, pairing } });
  await terminal.shows(/ 90 s left, push button/);
  monitor.play({ kind: 'silence' });
  await countsDown(terminal, / (\d+) s left, push button/);
  terminal.type('q');
  await terminal.shows(/code 0/);
  await assertLeft(terminal, 0);
});

test('the daemon is restarted: the monitor waits, then shows everything again', { skip }, async (t) => {
  const { terminal, monitor } = opened(t);
  await terminal.shows(/Stations/);
  monitor.play({ kind: 'down', reason: 'nobody answers' });
  await countsDown(terminal, /^State {6}waiting for the daemon, (\d+) s more: nobody answers$/m);
  assert.doesNotMatch(terminal.text, /DIRECT-PP-group/, 'outdated values are not shown');
  monitor.play({ kind: 'up' });
  await terminal.shows(/State {6}running\nGroup/);
  terminal.press('C-c');
  await assertLeft(terminal, 0);
});

test('the daemon does not come back: the terminal is restored, and an error says so', { skip }, async (t) => {
  const { terminal, monitor } = opened(t, {}, 1_000);
  await terminal.shows(/Stations/);
  monitor.play({ kind: 'down', reason: 'nobody answers at /run/x.sock' });
  await terminal.shows(/code/);
  await assertLeft(terminal, 1, /^hostp2pd: the daemon has ended: nobody answers at \/run\/x\.sock$/m);
});

test('SIGTERM: the terminal is restored', { skip }, async (t) => {
  const { terminal } = opened(t);
  await terminal.shows(/Stations/);
  const shell = terminal.processId;
  const child = Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8'));
  process.kill(child, 'SIGTERM');
  await assertLeft(terminal, 0);
});

test('an uncaught error elsewhere: the terminal is restored, and the error can be read', {
  skip,
}, async (t) => {
  const { terminal, monitor } = opened(t);
  await terminal.shows(/Stations/);
  monitor.play({ kind: 'fault' });
  await terminal.shows(/code/);
  await assertLeft(terminal, 1, /Error: a fault elsewhere/);
});

test('colours, and none with NO_COLOR', { skip }, async (t) => {
  const { terminal } = opened(t);
  await terminal.shows(/State {6}running/);
  assert.match(terminal.coloured, /\x1b\[32m(?:\x1b\[49m)?running/);
  const plain = opened(t, { NO_COLOR: '1' }).terminal;
  await plain.shows(/State {6}running/);
  assert.equal(plain.coloured.includes('\x1b'), false);
});
