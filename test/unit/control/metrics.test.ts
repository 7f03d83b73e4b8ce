import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MetricsView, metricsText } from '#src/control/metrics.js';
import { NO_ADMISSION } from '#src/host/admission-view.js';

const VIEW: MetricsView = {
  version: '1.2.3',
  status: {
    phase: 'running',
    interface: 'p2p-dev-wlan0',
    attached: true,
    group: { interface: 'p2p-wlan0-0', ssid: 'DIRECT-PP-group', frequency: 2437, networkId: 0 },
    groupSince: null,
    technique: 'persistent',
    admission: NO_ADMISSION,
    hook: null,
    noGroup: null,
    enrolling: [
      { deviceAddress: '42:00:00:00:01:00', name: 'Ann', method: 'pbc', pin: null, secondsLeft: 60 },
    ],
    pairing: { method: 'pin', pin: '12345670', deviceAddress: null, secondsLeft: 77 },
    paused: false,
    groupStopped: false,
    eventsHeldBack: null,
    problems: [],
    recording: null,
    withoutAddress: [],
    addresses: null,
  },
  stations: [
    {
      address: '46:00:00:00:01:00',
      deviceAddress: '42:00:00:00:01:00',
      name: 'a "b" \\c\nd',
      ip: '192.168.49.5',
      ipv6: null,
      signal: -47,
      receivedBytes: 12,
      sentBytes: 34,
      connectedSeconds: 56,
    },
    {
      address: '46:00:00:00:02:00',
      deviceAddress: null,
      name: null,
      ip: null,
      ipv6: null,
      signal: null,
      receivedBytes: null,
      sentBytes: null,
      connectedSeconds: null,
    },
  ],
  peers: 3,
  statistics: {
    events: { 'AP-STA-CONNECTED': 2, 'odd"name': 1 },
    requests: 10,
    requestsFailed: 1,
    hooks: 4,
    groupsStarted: 1,
    stationsConnected: 2,
    enrolmentsRequested: 5,
    enrolmentsFailed: 1,
    linkLosses: 0,
  },
  process: { startSeconds: 1_700_000_000, residentBytes: 50_000_000, cpuSeconds: 1.25 },
};

const lines = (view: MetricsView) => metricsText(view).split('\n');

test('gauges and counters', () => {
  const text = lines(VIEW);
  for (const line of [
    'hostp2pd_info{version="1.2.3",interface="p2p-dev-wlan0"} 1',
    'hostp2pd_attached 1',
    'hostp2pd_group_up 1',
    'hostp2pd_group_frequency_hertz 2437000000',
    'hostp2pd_group_stopped 0',
    'hostp2pd_paused 0',
    'hostp2pd_stations 2',
    'hostp2pd_enrolling 1',
    'hostp2pd_pairing_window_seconds 77',
    'hostp2pd_peers 3',
    'hostp2pd_events_total{event="AP-STA-CONNECTED"} 2',
    'hostp2pd_events_total{event="odd\\"name"} 1',
    'hostp2pd_requests_total 10',
    'hostp2pd_request_failures_total 1',
    'hostp2pd_hooks_total 4',
    'hostp2pd_groups_started_total 1',
    'hostp2pd_stations_connected_total 2',
    'hostp2pd_enrolments_total 5',
    'hostp2pd_enrolment_failures_total 1',
    'hostp2pd_link_losses_total 0',
    'process_start_time_seconds 1700000000',
    'process_resident_memory_bytes 50000000',
    'process_cpu_seconds_total 1.25',
  ]) {
    assert.equal(text.filter((other) => other === line).length, 1, line);
  }
});

test('any device name is one escaped label value; unknown values are left out', () => {
  const labels =
    '{address="46:00:00:00:01:00",device_address="42:00:00:00:01:00",name="a \\"b\\" \\\\c\\nd"}';
  const stations = lines(VIEW).filter((line) => line.startsWith('hostp2pd_station_'));
  assert.deepEqual(stations, [
    `hostp2pd_station_signal_dbm${labels} -47`,
    `hostp2pd_station_received_bytes_total${labels} 12`,
    `hostp2pd_station_sent_bytes_total${labels} 34`,
    `hostp2pd_station_connected_seconds${labels} 56`,
  ]);
});

test('without a group there is no frequency', () => {
  const { status } = VIEW;
  const text = lines({
    ...VIEW,
    status: { ...status, interface: null, group: null, pairing: null },
    stations: [],
  });
  assert.ok(text.includes('hostp2pd_group_up 0'));
  assert.ok(text.includes('hostp2pd_pairing_window_seconds 0'));
  assert.ok(!text.some((line) => /^hostp2pd_(?:group_frequency_hertz|station_)/.test(line)));
  const unknown = { interface: 'g', ssid: null, frequency: null, networkId: null };
  assert.ok(
    !lines({ ...VIEW, status: { ...status, group: unknown } }).some((line) =>
      line.startsWith('hostp2pd_group_frequency_hertz'),
    ),
  );
});

/** The rules of OpenMetrics 1.0 that its parsers check. */
test('the text is valid OpenMetrics', () => {
  const text = metricsText(VIEW);
  assert.ok(text.endsWith('\n# EOF\n'));
  assert.doesNotMatch(text, /\r|\n\n/);
  const seen = new Set<string>();
  let family = { name: '', type: '', unit: '' };
  for (const line of text.trimEnd().split('\n')) {
    const meta = /^# (TYPE|UNIT|HELP) ([a-z][a-z0-9_]*) (.+)$/.exec(line);
    if (meta) {
      const [, what, name = '', value = ''] = meta;
      if (what === 'TYPE') {
        assert.ok(!seen.has(name), `${name} occurs twice`);
        seen.add(name);
        family = { name, type: value, unit: '' };
      } else assert.equal(name, family.name, line);
      if (what === 'UNIT') {
        family.unit = value;
        // The name of a family ends with its unit.
        assert.ok(name.endsWith(`_${value}`), line);
      }
      continue;
    }
    if (line === '# EOF') continue;
    const sample = /^([a-z0-9_]+)(?:\{([^\n]*)\})? (-?\d+(?:\.\d+)?)$/.exec(line);
    assert.ok(sample, line);
    const suffix = { gauge: '', counter: '_total', info: '_info' }[family.type];
    assert.equal(sample[1], family.name + suffix, line);
    assert.match(sample[2] ?? '', /^(?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*"(?:,|$))*$/, line);
    if (family.type === 'counter') assert.ok(Number(sample[3]) >= 0, line);
  }
  assert.ok(seen.size > 20);
});

test('addressing is reported if the settings have hostp2pd give addresses', () => {
  assert.doesNotMatch(metricsText(VIEW), /^hostp2pd_addresses_served /m);
  for (const serving of [true, false]) {
    const addresses = {
      mode: 'dnsmasq',
      interface: 'p2p-wlan0-0',
      serving,
      problem: null,
      leases: [],
      internet: null,
    } as const;
    const text = lines({ ...VIEW, status: { ...VIEW.status, addresses } });
    assert.ok(text.includes(`hostp2pd_addresses_served ${Number(serving)}`));
  }
});
