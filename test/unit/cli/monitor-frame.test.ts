import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { changeLines, monitorFrame, pictureLines } from '#src/cli/monitor-frame.js';
import type { ReportedStatus } from '#src/commands/daemon-answers.js';
import { displayWidth } from '#src/commands/text-table.js';
import type { MonitorPicture } from '#src/control/monitor-data.js';
import { anEvent, aStation, RUNNING } from '../../fakes/monitor-data.js';

const SINCE = '2026-01-01T12:00:00.000Z';
const SINCE_TEXT = `since ${new Date(SINCE).toLocaleString('sv-SE').slice(0, 16)}`;

const BUSY: MonitorPicture = {
  status: {
    ...RUNNING,
    pairing: { method: 'pin', pin: '12345670', deviceAddress: null, secondsLeft: 118 },
    enrolling: [
      {
        deviceAddress: '42:00:00:00:01:04',
        name: 'Galaxy "S"',
        method: 'display',
        pin: '87654325',
        secondsLeft: 60,
      },
      { deviceAddress: '42:00:00:00:01:05', name: null, method: 'keypad', pin: null, secondsLeft: 60 },
    ],
  },
  stations: [
    aStation(1, { name: "Anna's phone" }),
    aStation(2, { name: '📱 Käse 日本語', signal: -67, sentBytes: 12_345_678, connectedSeconds: 93_784 }),
    aStation(3, {
      deviceAddress: null,
      name: null,
      signal: null,
      receivedBytes: null,
      sentBytes: null,
      connectedSeconds: null,
    }),
  ],
  events: [
    anEvent(1, { type: 'paused' }, 'paused'),
    anEvent(2, { type: 'resumed' }, 'resumed'),
    anEvent(3, { type: 'reloaded' }, 'configuration reloaded'),
    anEvent(4, { type: 'paused' }, 'station 42:00:00:00:01:01 "Anna\'s phone" connected'),
  ],
  at: 1_000,
  lost: null,
};
const EMPTY: MonitorPicture = { status: RUNNING, stations: [], events: [], at: 0, lost: null };

/** Without the empty lines at the end; there must be as many as the terminal has rows left. */
function frame(picture: MonitorPicture, columns: number, rows: number, now = picture.at): string[] {
  const lines = monitorFrame(picture, { columns, rows }, false, now);
  assert.equal(lines.length, rows);
  return lines.join('\n').trimEnd().split('\n');
}

test('80 × 24', () => {
  assert.deepEqual(frame(BUSY, 80, 24, 3_400), [
    'hostp2pd monitor  p2p-dev-wlan0                                          q: quit',
    'State      running',
    'Group      p2p-wlan0-0',
    'SSID       DIRECT-PP-group',
    'Frequency  2437 MHz, channel 6 (2.4 GHz)',
    'Pairing    116 s left, PIN 12345670, any device',
    'Joining    type 87654325 on Galaxy "S" (42:00:00:00:01:04)',
    'Joining    pin 42:00:00:00:01:05 <PIN>, which it shows',
    '',
    'Stations: 3     Address             Signal  Received      Sent     Connected',
    "Anna's phone    42:00:00:00:01:01  -40 dBm    1.2 kB   56.8 kB      00:01:03",
    '📱 Käse 日本語  42:00:00:00:01:02  -67 dBm    1.2 kB   12.3 MB  1 d 02:03:06',
    '[unknown]       46:00:00:00:01:03        -         -         -             -',
    '',
    'Last events',
    '12:34:01 paused',
    '12:34:02 resumed',
    '12:34:03 configuration reloaded',
    '12:34:04 station 42:00:00:00:01:01 "Anna\'s phone" connected',
  ]);
});

test('40 × 10: PINs and seconds stay visible, the heading shows the number of stations', () => {
  assert.deepEqual(frame(BUSY, 40, 10, 3_400), [
    'hostp2pd monitor  p2p-dev-wlan0  q: quit',
    'State      running',
    'Group      DIRECT-PP-group, 2437 MHz, c…',
    'Pairing    116 s left, PIN 12345670, an…',
    'Joining    type 87654325 on Galaxy "S" …',
    'Joining    pin 42:00:00:00:01:05 <PIN>,…',
    'Stations: 3         Signal     Connected',
    "Anna's phone       -40 dBm      00:01:03",
    '📱 Käse 日本語     -67 dBm  1 d 02:03:06',
    '46:00:00:00:01:03        -             -',
  ]);
});

test('40 × 10 without a pairing window: some of everything', () => {
  const calm = { ...BUSY, status: RUNNING };
  assert.deepEqual(frame(calm, 40, 10), [
    'hostp2pd monitor  p2p-dev-wlan0  q: quit',
    'State      running',
    'Group      DIRECT-PP-group, 2437 MHz, c…',
    'Stations: 3         Signal     Connected',
    "Anna's phone       -40 dBm      00:01:01",
    '📱 Käse 日本語     -67 dBm  1 d 02:03:04',
    '46:00:00:00:01:03        -             -',
    'Last events',
    '12:34:03 configuration reloaded',
    '12:34:04 station 42:00:00:00:01:01 "Ann…',
  ]);
});

test('80 columns with IP addresses: the byte counts make room for them', () => {
  const [first, second, third] = BUSY.stations;
  assert.ok(first && second && third);
  const stations = [
    { ...first, ip: '192.168.49.10' },
    { ...second, ip: '192.168.149.211' },
    { ...third, ip: null },
  ];
  assert.deepEqual(frame({ ...BUSY, stations }, 80, 24).slice(9, 13), [
    'Stations: 3     Address            IP                Signal     Connected',
    "Anna's phone    42:00:00:00:01:01  192.168.49.10    -40 dBm      00:01:01",
    '📱 Käse 日本語  42:00:00:00:01:02  192.168.149.211  -67 dBm  1 d 02:03:04',
    '[unknown]       46:00:00:00:01:03  -                      -             -',
  ]);
  for (let columns = 40; columns <= 130; columns += 1) {
    const text = frame({ ...BUSY, stations }, columns, 24).join('\n');
    assert.match(text, /192\.168\.149\.211/, `${columns} columns`);
  }
});

test('200 × 50', () => {
  assert.deepEqual(frame(BUSY, 200, 50), [
    `hostp2pd monitor  p2p-dev-wlan0${' '.repeat(162)}q: quit`,
    'State      running',
    'Group      p2p-wlan0-0',
    'SSID       DIRECT-PP-group',
    'Frequency  2437 MHz, channel 6 (2.4 GHz)',
    'Pairing    118 s left, PIN 12345670, any device',
    'Joining    type 87654325 on Galaxy "S" (42:00:00:00:01:04)',
    'Joining    pin 42:00:00:00:01:05 <PIN>, which it shows',
    '',
    'Stations: 3     Address                   Signal  Received      Sent     Connected',
    "Anna's phone    42:00:00:00:01:01  ▂▄▆█  -40 dBm    1.2 kB   56.8 kB      00:01:01",
    '📱 Käse 日本語  42:00:00:00:01:02  ▂▄    -67 dBm    1.2 kB   12.3 MB  1 d 02:03:04',
    '[unknown]       46:00:00:00:01:03              -         -         -             -',
    '',
    'Last events',
    '12:34:01 paused',
    '12:34:02 resumed',
    '12:34:03 configuration reloaded',
    '12:34:04 station 42:00:00:00:01:01 "Anna\'s phone" connected',
  ]);
});

test('no group, nothing known', () => {
  const status = { ...RUNNING, phase: 'choosing', interface: null, group: null };
  assert.deepEqual(frame({ ...EMPTY, status }, 60, 20), [
    `hostp2pd monitor${' '.repeat(37)}q: quit`,
    'State      choosing',
    'Group      none',
    '',
    'Stations   none',
  ]);
});

test('many stations: the last line says how many more, and the last events stay visible', () => {
  const stations = Array.from({ length: 30 }, (_, index) => aStation(index + 1));
  const events = Array.from({ length: 30 }, (_, index) =>
    anEvent(index, { type: 'paused' }, `event ${index}`),
  );
  const lines = frame({ ...EMPTY, stations, events }, 80, 24);
  assert.equal(lines.length, 24);
  assert.match(lines[6] ?? '', /^Stations: 30 {2}Address/);
  assert.match(lines[17] ?? '', /^Phone 11 /);
  assert.deepEqual(lines.slice(18), [
    '… and 19 more',
    '',
    'Last events',
    '12:34:27 event 27',
    '12:34:28 event 28',
    '12:34:29 event 29',
  ]);
});

test('few stations: the events get the remaining rows, the newest last', () => {
  const events = Array.from({ length: 30 }, (_, index) =>
    anEvent(index, { type: 'paused' }, `event ${index}`),
  );
  const lines = frame({ ...EMPTY, stations: [aStation(1)], events }, 80, 24);
  assert.equal(lines.length, 24);
  assert.equal(lines[10], '12:34:16 event 16');
  assert.equal(lines[23], '12:34:29 event 29');
});

test('many joining phones do not fill the screen', () => {
  const enrolling = Array.from({ length: 9 }, (_, index) => ({
    deviceAddress: `42:00:00:00:02:0${index}`,
    name: null,
    method: 'pbc' as const,
    pin: null,
    secondsLeft: 60,
  }));
  const lines = frame({ ...EMPTY, status: { ...RUNNING, enrolling } }, 80, 16);
  assert.equal(lines.filter((line) => line.startsWith('Joining')).length, 3);
  assert.ok(lines.includes('           … and 6 more'));
});

test('seconds are counted between two answers: down for the window, up for the stations', () => {
  const pairing = { method: 'pbc', pin: null, deviceAddress: '42:00:00:00:02:01', secondsLeft: 2 } as const;
  const picture = { ...EMPTY, status: { ...RUNNING, pairing }, stations: [aStation(1)], at: 5_000 };
  const shown = (now: number) => {
    const text = frame(picture, 80, 24, now).join('\n');
    return [
      /Pairing +(\d+) s left, push button, 42:00:00:00:02:01/.exec(text)?.[1],
      /00:01:\d\d$/m.exec(text)?.[0],
    ];
  };
  assert.deepEqual(shown(5_000), ['2', '00:01:01']);
  assert.deepEqual(shown(6_000), ['1', '00:01:02']);
  assert.deepEqual(shown(9_000), ['0', '00:01:05'], 'never negative');
});

test('the state of the session: its phase, paused, stopped', () => {
  const state = (fields: object) => frame({ ...EMPTY, status: { ...RUNNING, ...fields } }, 200, 24)[1];
  assert.equal(state({ phase: 'detached', attached: false }), 'State      detached');
  assert.equal(state({}), 'State      running');
  assert.equal(
    state({ paused: true, groupStopped: true }),
    'State      running, paused, group stopped by operator',
  );
});

test('without a group: the reason, and a countdown to the next attempt', () => {
  const group = (noGroup: ReportedStatus['noGroup'], now: number) =>
    frame({ ...EMPTY, at: 1_000, status: { ...RUNNING, group: null, noGroup } }, 200, 24, now)[2];
  const refused = 'P2P_GROUP_ADD was refused: FAIL';
  const failed = { reason: refused, since: SINCE, waitsFor: null, nextTrySeconds: 12 };
  assert.equal(group(failed, 1_000), `Group      none ${SINCE_TEXT}, next try in 12 s: ${refused}`);
  assert.equal(group(failed, 8_000), `Group      none ${SINCE_TEXT}, next try in 5 s: ${refused}`);
  assert.equal(group(failed, 60_000), `Group      none ${SINCE_TEXT}, next try in 0 s: ${refused}`);
  const paused = { reason: 'paused', since: SINCE, waitsFor: 'resume', nextTrySeconds: null };
  assert.equal(group(paused, 1_000), `Group      none ${SINCE_TEXT}: paused; waits for resume`);
  const former = { reason: 'paused', since: null, waitsFor: null, nextTrySeconds: null };
  assert.equal(group(former, 1_000), 'Group      none: paused');
  assert.equal(
    group(null, 1_000),
    'Group      none',
    'a daemon of another version does not report the reason',
  );
});

test('what does not work: a line for each problem, as far as there is room', () => {
  const reason = 'held back: wpa_cli (pid 77, stopped) is attached to it and does not read';
  const problem = { subject: 'events', reason, since: SINCE, waitsFor: 'that program', nextTrySeconds: null };
  const shown = (count: number) => {
    const status = { ...RUNNING, problems: Array.from({ length: count }, () => problem) };
    return frame({ ...EMPTY, at: 1_000, status }, 200, 24, 1_000).filter((line) => /problem/i.test(line));
  };
  const line = `Problem    events ${SINCE_TEXT}: ${reason}; waits for that program`;
  assert.deepEqual(shown(1), [line]);
  assert.deepEqual(shown(9).slice(2), [line, `${' '.repeat(11)}… and 6 more problems`]);
});

test('plain lines for problems that begin, and for their end', () => {
  const problem = { subject: 'log', reason: 'full', since: SINCE, waitsFor: null, nextTrySeconds: 5 };
  const [well, bad] = [[], [problem]].map((problems) => ({ ...EMPTY, status: { ...RUNNING, problems } }));
  assert.ok(well && bad);
  const line = `problem: log ${SINCE_TEXT}: full`;
  assert.deepEqual(changeLines(well, bad), [line]);
  assert.deepEqual(changeLines(bad, bad), []);
  assert.deepEqual(changeLines(bad, well), ['problems: none']);
  assert.ok(pictureLines(bad).includes(line));
});

test('no daemon: outdated values are not shown, the events are', () => {
  const lost = { reason: 'nobody answers at /run/hostp2pd/x.sock', until: 60_000 };
  const picture = { ...BUSY, status: null, stations: [], lost };
  assert.deepEqual(frame(picture, 80, 24, 18_000).slice(0, 5), [
    `hostp2pd monitor${' '.repeat(57)}q: quit`,
    'State      waiting for the daemon, 42 s more: nobody answers at /run/hostp2pd/x…',
    '',
    '',
    'Last events',
  ]);
});

test('the line of a joining phone says what to do', () => {
  const joining = (method: 'display' | 'keypad' | 'pbc', name: string | null, pin: string | null) => {
    const enrolling = [{ deviceAddress: '42:00:00:00:01:05', name, method, pin, secondsLeft: 60 }];
    return frame({ ...EMPTY, status: { ...RUNNING, enrolling } }, 80, 24).find((line) =>
      line.startsWith('Joining'),
    );
  };
  const address = '42:00:00:00:01:05';
  assert.equal(joining('display', 'Pixel', '12345670'), `Joining    type 12345670 on Pixel (${address})`);
  assert.equal(joining('display', 'Pixel', null), `Joining    Pixel (${address}), by PIN`);
  assert.equal(joining('keypad', 'Pixel', null), `Joining    pin ${address} <PIN>, which Pixel shows`);
  assert.equal(joining('pbc', null, null), `Joining    ${address}, by push button`);
});

test('control characters in names do not reach the terminal', () => {
  const nasty = 'a\x1b[2Jb\x9bc\r\n\x07\u202ed';
  const group = { interface: nasty, ssid: nasty, frequency: 2437, networkId: 0 };
  const enrolling = [
    { deviceAddress: nasty, name: nasty, method: 'keypad', pin: null, secondsLeft: 60 },
  ] as const;
  const pairing = { method: 'pin', pin: nasty, deviceAddress: nasty, secondsLeft: 3 } as const;
  const picture = {
    ...EMPTY,
    status: { ...RUNNING, phase: nasty, interface: nasty, group, enrolling, pairing },
    stations: [aStation(1, { name: nasty }), aStation(2, { deviceAddress: nasty })],
    events: [anEvent(1, { type: 'paused' }, nasty)],
  };
  for (const line of [
    ...frame(picture, 200, 24),
    ...frame({ ...picture, status: null, lost: { reason: nasty, until: 0 } }, 200, 24),
  ]) {
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f\u202e]/);
  }
});

test('the frame fits every terminal size', () => {
  const pictures = [BUSY, EMPTY, { ...BUSY, status: null, lost: { reason: 'x'.repeat(300), until: 0 } }];
  const long = {
    ...BUSY,
    stations: Array.from({ length: 7 }, (_, index) =>
      aStation(index, { name: '日'.repeat(10) + '📱'.repeat(9) }),
    ),
    events: [anEvent(1, { type: 'paused' }, '👨‍👩‍👧'.repeat(100))],
  };
  const allRows = Array.from({ length: 14 }, (_, index) => 1 + 3 * index);
  // What has wide characters takes long to measure; its lines are the same in each height that shows them.
  const heights = [...pictures.map((picture) => [picture, allRows] as const), [long, [8, 24]] as const];
  for (const [picture, heightsOfIt] of heights) {
    for (let columns = 1; columns <= 130; columns += 3) {
      // Most lines are the same with other rows and in colour, and measuring takes long.
      const lines = new Set<string>();
      for (const rows of heightsOfIt)
        for (const colour of [false, true]) {
          const shown = monitorFrame(picture, { columns, rows }, colour, 0);
          assert.equal(shown.length, rows);
          for (const line of shown) lines.add(stripVTControlCharacters(line));
        }
      for (const line of lines) {
        const width = displayWidth(line);
        assert.ok(width <= columns, `${width} of ${columns}: ${line}`);
      }
    }
  }
});

test('the text is the same with colours', () => {
  for (const size of [
    { columns: 80, rows: 24 },
    { columns: 40, rows: 10 },
  ]) {
    const plain = monitorFrame(BUSY, size, false, 0);
    const coloured = monitorFrame(BUSY, size, true, 0);
    assert.deepEqual(coloured.map(stripVTControlCharacters), plain);
    assert.ok(coloured[0]?.startsWith('\x1b[1mhostp2pd monitor  p2p-dev-wlan0\x1b[0m'));
    assert.ok(coloured[1]?.endsWith('\x1b[32mrunning\x1b[0m'));
    assert.ok(coloured.every((line) => !line.includes('\x1b') || line.lastIndexOf('\x1b[0m') > 0));
  }
});
