import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { admissionText, statusScreen } from '#src/commands/status-screen.js';
import { displayWidth } from '#src/commands/text-table.js';
import { NO_ADMISSION } from '#src/host/admission-view.js';
import type { StationDetail, StatusView } from '#src/host/status.js';
import { styled } from '#src/system/colours.js';
import { aStation } from '../../fakes/monitor-data.js';

const SINCE = '2026-01-01T12:00:00.000Z';
const SINCE_TEXT = new Date(SINCE).toLocaleString('sv-SE').slice(0, 16);
const RUNNING: StatusView = {
  phase: 'running',
  interface: 'p2p-dev-wlan0',
  attached: true,
  eventsHeldBack: null,
  group: { interface: 'p2p-wlan0-0', ssid: 'DIRECT-PP-group', frequency: 5180, networkId: 0 },
  groupSince: SINCE,
  noGroup: null,
  technique: 'persistent',
  admission: { ...NO_ADMISSION, method: 'pin', pin: '52107733', pinFrom: 'setting' },
  enrolling: [],
  pairing: null,
  paused: false,
  groupStopped: false,
  withoutAddress: [],
  addresses: {
    ...{ mode: 'dnsmasq', interface: 'p2p-wlan0-0', serving: true, problem: null, internet: null },
    leases: [{ address: '46:00:00:00:01:01', ip: '192.168.49.17', expires: SINCE }],
  },
  problems: [],
  hook: '/etc/hostp2pd/hook',
  recording: null,
};
const PROCESS = {
  configuration: '/etc/hostp2pd.yaml',
  logFile: '/var/log/hostp2pd.log',
  logLevel: 'info',
  version: '0.1.0',
  pid: 17135,
  started: SINCE,
};
const STATIONS = [
  aStation(1, { name: 'Ann', ip: '192.168.49.17', signal: -47 }),
  aStation(2, { name: 'Telefon von Günther mit langem Namen', ip: '192.168.49.18', signal: -70 }),
  aStation(3, { name: '小さな電話', signal: -85 }),
];
const answer = (fields: Partial<StatusView> = {}, stationDetails: readonly StationDetail[] = []): object => {
  return { ...RUNNING, ...PROCESS, stations: stationDetails.length, stationDetails, ...fields };
};

test('a group with three stations: everything on one screen', () => {
  const text = statusScreen(answer({}, STATIONS), { columns: 80 });
  assert.equal(
    text,
    `
phase:           running
group:           p2p-wlan0-0 since ${SINCE_TEXT}
SSID:            DIRECT-PP-group
frequency:       5180 MHz, channel 36 (5 GHz)
technique:       persistent, network id 0
admission:       by PIN 5210 7733
addresses:       dnsmasq on p2p-wlan0-0, leases: 1
interface:       p2p-dev-wlan0
configuration:   /etc/hostp2pd.yaml
hook:            /etc/hostp2pd/hook
log:             /var/log/hostp2pd.log, level info
started:         ${SINCE_TEXT}, pid 17135, version 0.1.0
stations:        3
Name                        Address            IP              Signal  Connected
Ann                         42:00:00:00:01:01  192.168.49.17  -47 dBm   00:01:01
Telefon von Günther mit l…  42:00:00:00:01:02  192.168.49.18  -70 dBm   00:01:01
小さな電話                  42:00:00:00:01:03  -              -85 dBm   00:01:01`.slice(1),
  );
});

const problem = {
  ...{ subject: 'hooks' as const, since: SINCE, waitsFor: 'the next event', nextTrySeconds: null },
  reason: 'hook connect: /etc/hostp2pd/hook ended with code 3, which is long enough for two lines',
};
const none = (cause: NonNullable<StatusView['noGroup']>['cause'], waitsFor: string | null = null) => ({
  ...{ group: null, groupSince: null, addresses: null, admission: NO_ADMISSION },
  noGroup: { cause, reason: 'this is the reason', since: SINCE, waitsFor, nextTrySeconds: null },
});

/** States, and lines of their texts. */
const STATES: readonly (readonly [name: string, fields: Partial<StatusView>, lines: readonly RegExp[]])[] = [
  ['everything is well', {}, []],
  [
    'before the start',
    { ...none('starting'), phase: 'detached', interface: null, attached: false, hook: null, technique: null },
    [/^interface: +not found yet$/m, /^wpa_supplicant: +not attached$/m, /^hook: +none$/m],
  ],
  [
    'an attempt that failed',
    { ...none('refused'), phase: 'backoff' },
    [
      /^group: +none since [\d: -]+: this is the reason$/m,
      /^try: +hostp2pd doctor: /m,
      /^admission: +no phone can join now$/m,
    ],
  ],
  [
    'on demand',
    { ...none('on-demand', 'a phone'), phase: 'idle', admission: { ...NO_ADMISSION, method: 'pbc' } },
    [/^admission: +by button$/m, /waits for a phone$/m],
  ],
  [
    'paused',
    {
      paused: true,
      problems: [
        {
          ...problem,
          subject: 'admission',
          reason: 'paused by an operator',
          waitsFor: 'the command "resume"',
        },
      ],
    },
    [/^phase: +running, paused$/m, /^problem: +admission since .*"resume"$/m],
  ],
  [
    'two problems',
    { problems: [problem, { ...problem, subject: 'log' }] },
    [/^problem: +hooks since/m, /^problem: +log since/m, /^try: /m],
  ],
  [
    'a phone that asks',
    {
      admission: { ...NO_ADMISSION, method: 'pin', pinFrom: 'random' },
      enrolling: [
        {
          deviceAddress: '42:00:00:00:01:09',
          name: 'Bob',
          method: 'display',
          pin: '12345670',
          secondsLeft: 90,
        },
      ],
    },
    [/^joining: +type 12345670 on Bob \(42:00:00:00:01:09\)$/m],
  ],
  [
    'a window for one device',
    {
      admission: {
        method: 'pbc',
        pin: null,
        pinFrom: null,
        deviceAddress: '42:00:00:00:01:09',
        secondsLeft: 74,
      },
    },
    [/^admission: +by button for 74 s \(42:00:00:00:01:09\)$/m],
  ],
  [
    'no address, no internet',
    {
      withoutAddress: ['46:00:00:00:01:03'],
      addresses: {
        ...{ mode: 'networkd', interface: 'p2p-wlan0-0', serving: false, problem: 'x', leases: [] },
        internet: { uplink: null, problem: 'no interface has a default route' },
      },
    },
    [
      /^addresses: +networkd does not run$/m,
      /^internet: +not shared: no interface has a default route$/m,
      /^no address: +46:00:00:00:01:03 got no address from networkd$/m,
    ],
  ],
  [
    'a recording, and a group without a profile',
    {
      recording: '/var/lib/hostp2pd/session.jsonl',
      technique: 'autonomous',
      group: { interface: 'wlan0', ssid: null, frequency: null, networkId: null },
    },
    [/^recording: +\/var/m, /^technique: +autonomous$/m, /^SSID: +unknown$/m, /^frequency: +unknown$/m],
  ],
];

test('each state has its lines, once, without a terminal', () => {
  for (const [name, fields, lines] of STATES) {
    const text = statusScreen(answer(fields));
    for (const line of lines) assert.match(text.replaceAll(/(?<=\n) {17}/g, ' '), line, name);
    const isWrong = lines.some(({ source }) => source.startsWith('^try'));
    assert.equal(/^try:/m.test(text), isWrong, `${name}: the doctor is named only if it can help`);
    assert.match(text, /^stations: +0$/m, name);
  }
});

test('80 and 60 columns: no line is wider, every state with three stations has at most 24 lines at 80', () => {
  for (const [name, fields] of STATES)
    for (const columns of [80, 60]) {
      const stations = fields.group === null ? [] : STATIONS;
      const text = statusScreen(answer(fields, stations), { columns });
      for (const line of text.split('\n'))
        assert.ok(displayWidth(line) <= columns, `${name}, ${columns}: ${line}`);
      if (columns === 80) assert.ok(text.split('\n').length <= 24, `${name}: ${text}`);
    }
});

test('a word that has no room has a line of its own, unbroken', () => {
  const long = `/srv/${'x'.repeat(70)}/hook`;
  assert.ok(
    statusScreen(answer({ hook: long }), { columns: 60 })
      .split('\n')
      .includes(`hook:            ${long}`),
  );
});

test('with colours the text is the same, and only then there are any', () => {
  for (const [name, fields] of STATES) {
    const plain = statusScreen(answer(fields, STATIONS), { columns: 80 });
    const coloured = statusScreen(answer(fields, STATIONS), { columns: 80, paint: styled });
    assert.equal(stripVTControlCharacters(plain), plain, name);
    assert.notEqual(coloured, plain, name);
    assert.equal(stripVTControlCharacters(coloured), plain, name);
  }
});

test('how phones get in', () => {
  const window = { pin: '12345670', pinFrom: 'window', deviceAddress: null, secondsLeft: 74 } as const;
  const cases = [
    [NO_ADMISSION, 'no phone can join now'],
    [
      { ...NO_ADMISSION, method: 'pin', pin: '00000000', pinFrom: 'setting' },
      'by PIN 0000 0000, which everybody knows: set pin to random',
    ],
    [{ ...NO_ADMISSION, method: 'pin', pin: '4711', pinFrom: 'setting' }, 'by PIN 4711'],
    [
      { ...NO_ADMISSION, method: 'pin', pinFrom: 'random' },
      'by PIN: a new one for each phone, shown here when it asks',
    ],
    [
      { ...NO_ADMISSION, method: 'pin', pinFrom: 'pin_module' },
      'by PIN: pin_module gives one for each phone',
    ],
    [{ ...window, method: 'pin' }, 'by PIN 1234 5670 for 74 s'],
    [{ ...window, method: 'pbc', pin: null, pinFrom: null }, 'by button for 74 s'],
    [
      { ...NO_ADMISSION, method: 'pbc', pin: '52107733', pinFrom: 'setting' },
      'by button, if listed in pbc_white_list; others by PIN 5210 7733',
    ],
  ] as const;
  for (const [admission, text] of cases) assert.equal(admissionText(admission), text);
});

test('a daemon of another version: what it reports is shown', () => {
  const text = statusScreen({ phase: 'running', group: { interface: 'g' } }, { columns: 80 });
  assert.match(text, /^phase: +running\ngroup: +g\n/);
  assert.match(text, /^stations: +unknown$/m);
  assert.doesNotMatch(text, /null|undefined|^hook|^log|^technique|^admission|^started/m);
  assert.match(statusScreen('x'), /another version/);
});

test('names from the air cannot forge a line', () => {
  const text = statusScreen(
    answer({ group: { interface: 'g', ssid: 'a\nphase: b\u001b[31m', frequency: null, networkId: null } }),
  );
  assert.doesNotMatch(text, /^phase: b|\u001b/m);
});
