import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { FRAME_MS, runMonitor } from '#src/cli/monitor.js';
import type { MonitorTiming } from '#src/control/monitor-feed.js';
import { FakeKeyboard, FakeTerminal } from '../../fakes/fake-terminal.js';
import { anEvent, aStation, RUNNING } from '../../fakes/monitor-data.js';
import { FakeSource } from '../../fakes/monitor-source.js';
import { within } from '../../fakes/within.js';

const TIMING: MonitorTiming = { poll: 40, between: 5, answer: 100, again: [10, 20], giveUp: 10_000 };
const A_NEW_GROUP = { interface: 'p2p-wlan0-1', ssid: 'DIRECT-XX-new', frequency: 2412, networkId: 1 };
const LEFT = '\x1b[?7h\x1b[?25h\x1b[?1049l';

interface Running {
  readonly source: FakeSource;
  readonly output: FakeTerminal;
  readonly input: FakeKeyboard;
  readonly process: EventEmitter;
  readonly ended: Promise<number>;
  /** The output on standard error. */
  readonly said: () => string;
  readonly shows: (text: string | RegExp) => Promise<void>;
}

function monitor(
  t: TestContext,
  {
    terminal = true,
    timing = {},
    source = new FakeSource(),
  }: {
    readonly terminal?: boolean;
    readonly timing?: Partial<MonitorTiming>;
    readonly source?: FakeSource;
  } = {},
): Running {
  const [output, errors, input, process] = [
    new FakeTerminal(),
    new FakeTerminal(),
    new FakeKeyboard(),
    new EventEmitter(),
  ];
  output.isTTY = terminal;
  const ended = runMonitor(
    source,
    { input, output, errors, process, colour: false },
    { ...TIMING, ...timing },
  );
  t.after(async () => {
    process.emit('SIGTERM');
    await ended.catch(() => {});
  });
  const met = (text: string | RegExp) =>
    typeof text === 'string' ? output.words.includes(text) : text.test(output.words);
  const shows = (text: string | RegExp) =>
    within(
      10_000,
      () => `${text} in ${JSON.stringify(output.words)}`,
      () => met(text),
    );
  return { source, output, input, process, ended, said: () => errors.text, shows };
}

/** Terminal, listeners and timers are restored. */
function assertTidy({ source, output, input, process }: Running): void {
  assert.ok(output.text.endsWith(LEFT), 'leaving the alternate screen is the last output');
  assert.equal(input.raw, false);
  assert.equal(input.listenerCount('data'), 0);
  assert.ok(input.isPaused());
  assert.deepEqual(process.eventNames(), []);
  assert.equal(output.listenerCount('resize'), 0);
  assert.equal(source.streams, 0);
}

for (const [what, key] of [
  ['q', 'q'],
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
] as const) {
  test(`${what} ends it and restores the terminal`, async (t) => {
    const view = monitor(t);
    await view.shows('DIRECT-PP-group');
    assert.equal(view.input.raw, true);
    view.input.write(key);
    assert.equal(await view.ended, 0);
    assertTidy(view);
    assert.equal(view.said(), '');
  });
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} ends it and restores the terminal`, async (t) => {
    const view = monitor(t);
    await view.shows('DIRECT-PP-group');
    view.process.emit(signal);
    assert.equal(await view.ended, 0);
    assertTidy(view);
  });
}

test('other keys do nothing, arrow keys among them', async (t) => {
  const view = monitor(t);
  await view.shows('DIRECT-PP-group');
  const before = view.source.asked;
  for (const keys of ['x', ' ', '\r', '\x1b[A', '\x1bq']) view.input.write(keys);
  await within(10_000, 'asked twice more', () => view.source.asked > before + 1);
  assert.equal(view.input.raw, true);
});

test('Ctrl-L and SIGCONT redraw everything', async (t) => {
  const view = monitor(t);
  await view.shows('DIRECT-PP-group');
  const drawn = () => view.output.words.split('DIRECT-PP-group').length - 1;
  assert.equal(drawn(), 1);
  view.input.write('\x0c');
  await within(10_000, 'drawn again', () => drawn() === 2);
  view.input.raw = false;
  view.process.emit('SIGCONT');
  await within(10_000, 'drawn again', () => drawn() === 3);
  assert.equal(view.input.raw, true);
});

test('an event is shown at once, and the status is requested before the next poll', async (t) => {
  const view = monitor(t, { timing: { poll: 60_000 } });
  await view.shows('Stations   none');
  view.source.on = [aStation(1)];
  view.source.emit(anEvent(1, { type: 'paused' }, 'station Phone 1 connected'));
  await view.shows('station Phone 1 connected');
  await view.shows('Stations: 1');
});

test('a flood of events causes few requests and few frames', async (t) => {
  const between = 50;
  const view = monitor(t, { timing: { poll: 60_000, between } });
  await view.shows('DIRECT-PP-group');
  const { asked } = view.source;
  const began = performance.now();
  const drawn = view.output.writes.length;
  for (let n = 0; n < 500; n++) view.source.emit(anEvent(1, { type: 'paused' }, `event ${n}`));
  await view.shows('event 499');
  const requests = view.source.asked - asked;
  const frames = view.output.writes.length - drawn;
  const ms = performance.now() - began;
  assert.ok(requests <= 2 + ms / between, `${requests} requests in ${ms} ms`);
  assert.ok(frames <= 2 + ms / FRAME_MS, `${frames} frames in ${ms} ms`);
});

test('a pairing window counts down without news from the daemon', async (t) => {
  const source = new FakeSource();
  const pairing = { method: 'pin', pin: '12345670', deviceAddress: null, secondsLeft: 100 } as const;
  source.current = { ...RUNNING, pairing };
  const view = monitor(t, { source, timing: { poll: 60_000 } });
  await view.shows('100 s left, PIN 12345670');
  await view.shows('99 s left');
});

test('a new terminal size is drawn at once', async (t) => {
  const view = monitor(t, { timing: { poll: 60_000 } });
  await view.shows('Frequency  2437 MHz');
  view.output.resize(40, 10);
  await view.shows('Group      DIRECT-PP-group, 2437 MHz, c…');
});

test('no daemon at the start: an error at once, and the terminal is not touched', async (t) => {
  const source = new FakeSource();
  source.down = 'no hostp2pd is running';
  const view = monitor(t, { source });
  assert.equal(await view.ended, 1);
  assert.equal(view.output.text, '');
  assert.equal(view.said(), 'hostp2pd: no hostp2pd is running\n');
  assert.deepEqual(view.process.eventNames(), []);
});

test('a daemon that never answers is given up after a while', async (t) => {
  const source = new FakeSource();
  source.silent = true;
  const view = monitor(t, { source });
  assert.equal(await view.ended, 1);
  assert.match(view.said(), /no answer from the daemon within 0.1 s/);
});

test('the daemon is restarted: the monitor says that it waits, then shows everything again', async (t) => {
  const view = monitor(t);
  view.source.on = [aStation(1)];
  await view.shows('Stations: 1');
  view.source.goDown('nobody answers');
  await view.shows(/waiting for the daemon, 10 s more: nobody answers/);
  view.source.down = null;
  view.source.current = { ...RUNNING, group: A_NEW_GROUP };
  view.source.emit(anEvent(9, { type: 'paused' }, 'of the new one, before we were there'));
  await view.shows('DIRECT-XX-new');
  await view.shows('of the new one, before we were there');
  assert.equal(view.source.streams, 1);
  view.source.emit(anEvent(10, { type: 'paused' }, 'of the new one'));
  await view.shows('of the new one');
});

test('the daemon does not come back: the terminal is restored, and an error says so', async (t) => {
  const view = monitor(t, { timing: { giveUp: 80 } });
  await view.shows('DIRECT-PP-group');
  view.source.goDown('nobody answers');
  assert.equal(await view.ended, 1);
  assertTidy(view);
  assert.equal(view.said(), 'hostp2pd: the daemon has ended: nobody answers\n');
});

test('a daemon that has gone is looked for after growing pauses', async (t) => {
  const view = monitor(t, { timing: { poll: 10, again: [10, 250], giveUp: 1_000 } });
  await view.shows('DIRECT-PP-group');
  const before = view.source.tried;
  view.source.goDown('nobody answers');
  assert.equal(await view.ended, 1);
  // About 10 times, or fewer on a busy machine; without growing pauses about 100 times.
  const tries = view.source.tried - before;
  assert.ok(tries >= 3 && tries <= 20, `${tries} tries`);
});

test('an event stream that breaks is opened again, and no event is missed or shown twice', async (t) => {
  const view = monitor(t, { terminal: false });
  await view.shows('stations: none');
  view.source.emit(anEvent(1, { type: 'paused' }, 'first'));
  await view.shows('first');
  view.source.cutStreams();
  view.source.emit(anEvent(2, { type: 'paused' }, 'second'));
  await view.shows('second');
  await within(10_000, 'followed again', () => view.source.streams === 1);
  view.source.emit(anEvent(3, { type: 'paused' }, 'third'));
  await view.shows('third');
  const events = view.output.words.split('\n').filter((line) => /first|second|third/.test(line));
  assert.deepEqual(events, ['12:34:01 first', '12:34:02 second', '12:34:03 third']);
});

test('no terminal: the current state, then a line for each event, and no escape sequences', async (t) => {
  const source = new FakeSource();
  source.emit(anEvent(1, { type: 'paused' }, 'of before, and so no news'));
  source.current = { ...RUNNING, pairing: { method: 'pbc', pin: null, deviceAddress: null, secondsLeft: 9 } };
  const view = monitor(t, { terminal: false, source });
  await view.shows('stations: none\n');
  source.on = [aStation(1, { name: 'Anna\x1b[2J' })];
  source.emit(anEvent(2, { type: 'paused' }, 'station connected'));
  await view.shows('Anna');
  source.on = [aStation(1, { name: 'Anna\x1b[2J', receivedBytes: 99_999, connectedSeconds: 99 })];
  const { asked } = source;
  await within(10_000, 'asked again', () => source.asked > asked + 1);
  source.current = { ...RUNNING, group: null };
  source.on = [];
  await view.shows('group: none');
  view.process.emit('SIGTERM');
  assert.equal(await view.ended, 0);
  assert.deepEqual(
    view.output.text
      .replaceAll(/^\d\d:\d\d:\d\d/gm, 'NOW')
      .trimEnd()
      .split('\n'),
    [
      'p2p-dev-wlan0: running',
      'group: p2p-wlan0-0, DIRECT-PP-group, 2437 MHz, channel 6 (2.4 GHz)',
      'pairing: 9 s left, push button, any device',
      'stations: none',
      'NOW station connected',
      'NOW stations: 1: 42:00:00:00:01:01 Anna_[2J',
      'NOW group: none',
      'NOW stations: none',
    ],
  );
});

test('no terminal: the daemon is restarted', async (t) => {
  const view = monitor(t, { terminal: false });
  await view.shows('stations: none');
  view.source.goDown('nobody answers');
  await view.shows('waiting for the daemon: nobody answers\n');
  view.source.down = null;
  await view.shows('the daemon is back\n');
  await view.shows(/back\n.*p2p-dev-wlan0: running\n/);
  assert.equal(view.output.words.split('waiting for the daemon').length, 2, 'printed once');
});

test('no terminal: it ends when its output is closed', async (t) => {
  const view = monitor(t, { terminal: false });
  await view.shows('stations: none');
  view.output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  assert.equal(await view.ended, 0);
  assert.equal(view.said(), '');
});

test('an uncaught exception elsewhere: the terminal is restored before it is printed', async (t) => {
  const view = monitor(t);
  await view.shows('DIRECT-PP-group');
  view.process.emit('uncaughtExceptionMonitor', new Error('x'));
  assert.ok(view.output.text.endsWith(LEFT));
  assert.equal(view.input.raw, false);
});

test('an error while a frame is drawn restores the terminal and is thrown', async (t) => {
  const view = monitor(t);
  await view.shows('DIRECT-PP-group');
  Object.defineProperty(view.source, 'current', {
    get: () => ({
      ...RUNNING,
      get group() {
        throw new Error('a fault');
      },
    }),
  });
  await assert.rejects(view.ended, /a fault/);
  assertTidy(view);
});

test('standard input that is no terminal is left alone', async (t) => {
  const source = new FakeSource();
  const [output, input, process] = [new FakeTerminal(), new FakeKeyboard(false), new EventEmitter()];
  const ended = runMonitor(source, { input, output, errors: output, process, colour: false }, TIMING);
  t.after(() => process.emit('SIGTERM'));
  await within(10_000, 'drawn', () => output.words.includes('DIRECT-PP-group'));
  assert.equal(input.raw, false);
  assert.equal(input.listenerCount('data'), 0);
  process.emit('SIGTERM');
  assert.equal(await ended, 0);
});
