import type { StatisticsView } from '../host/statistics.js';
import type { StationDetail, StatusView } from '../host/status.js';

/** What is measured: the current state, and counters since the start. */
export interface MetricsView {
  readonly version: string;
  readonly status: StatusView;
  readonly stations: readonly StationDetail[];
  /** Number of known devices. */
  readonly peers: number;
  readonly statistics: StatisticsView;
  readonly process: {
    /** Since the epoch. */
    readonly startSeconds: number;
    readonly residentBytes: number;
    /** User and system time. */
    readonly cpuSeconds: number;
  };
}

export const METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

interface Family {
  /** Without the suffix of its samples; ends with its unit. */
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'info';
  readonly unit?: string | undefined;
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number | null])[];
}

/** OpenMetrics 1.0: the suffix of a sample depends on the type of its family. */
const SUFFIXES = { gauge: '', counter: '_total', info: '_info' } as const;

/** The text format of OpenMetrics 1.0. */
export function metricsText(view: MetricsView): string {
  return `${families(view).flatMap(familyLines).join('\n')}\n# EOF\n`;
}

function families(view: MetricsView): readonly Family[] {
  return [
    {
      name: 'hostp2pd',
      type: 'info',
      help: 'The program and its interface.',
      samples: [[{ version: view.version, interface: view.status.interface ?? '' }, 1]],
    },
    ...stateFamilies(view),
    ...statisticsFamilies(view.statistics),
    ...stationFamilies(view.stations),
    ...processFamilies(view.process),
  ];
}

function stateFamilies({ status, stations, peers }: MetricsView): readonly Family[] {
  const { attached, eventsHeldBack, group, paused, groupStopped, enrolling, pairing, addresses } = status;
  const hertz = group?.frequency == null ? null : group.frequency * 1e6;
  const hearsEvents = attached && eventsHeldBack === null;
  return [
    gauge('hostp2pd_attached', 'Whether events of wpa_supplicant arrive.', Number(hearsEvents)),
    gauge('hostp2pd_group_up', 'Whether the group is up.', Number(group !== null)),
    gauge('hostp2pd_group_frequency_hertz', 'The frequency of the group.', hertz, 'hertz'),
    gauge('hostp2pd_group_stopped', 'Whether an operator has stopped the group.', Number(groupStopped)),
    gauge('hostp2pd_paused', 'Whether an operator has paused the session.', Number(paused)),
    gauge('hostp2pd_stations', 'Stations that are connected.', stations.length),
    gauge(
      'hostp2pd_addresses_served',
      'Whether stations can get addresses; missing if hostp2pd gives none.',
      addresses && Number(addresses.serving),
    ),
    gauge('hostp2pd_enrolling', 'Devices that have asked to join and have not joined yet.', enrolling.length),
    gauge(
      'hostp2pd_pairing_window_seconds',
      'Time left in the pairing window that an operator has opened.',
      pairing?.secondsLeft ?? 0,
      'seconds',
    ),
    gauge('hostp2pd_peers', 'Wi-Fi Direct devices that have been found.', peers),
  ];
}

function statisticsFamilies(statistics: StatisticsView): readonly Family[] {
  return [
    {
      name: 'hostp2pd_events',
      type: 'counter',
      help: 'Events of wpa_supplicant.',
      samples: Object.entries(statistics.events).map(([event, count]) => [{ event }, count]),
    },
    counter('hostp2pd_requests', 'Requests sent to wpa_supplicant.', statistics.requests),
    counter(
      'hostp2pd_request_failures',
      'Requests that wpa_supplicant refused or did not answer.',
      statistics.requestsFailed,
    ),
    counter('hostp2pd_hooks', 'Calls of the hook program.', statistics.hooks),
    counter('hostp2pd_groups_started', 'Groups that were started or adopted.', statistics.groupsStarted),
    counter('hostp2pd_stations_connected', 'Stations that have connected.', statistics.stationsConnected),
    counter('hostp2pd_enrolments', 'Devices that have asked to join.', statistics.enrolmentsRequested),
    counter('hostp2pd_enrolment_failures', 'Devices that failed to join.', statistics.enrolmentsFailed),
    counter('hostp2pd_link_losses', 'Losses of the link to wpa_supplicant.', statistics.linkLosses),
  ];
}

function stationFamilies(stations: readonly StationDetail[]): readonly Family[] {
  const family = (
    name: string,
    type: Family['type'],
    unit: string,
    help: string,
    value: (station: StationDetail) => number | null,
  ): Family => {
    const samples = stations.map((station) => [stationLabels(station), value(station)] as const);
    return { name: `hostp2pd_station_${name}`, type, unit, help, samples };
  };
  const { signal, received, sent, connected } = STATION_HELP;
  return [
    family('signal_dbm', 'gauge', 'dbm', signal, (station) => station.signal),
    family('received_bytes', 'counter', 'bytes', received, (station) => station.receivedBytes),
    family('sent_bytes', 'counter', 'bytes', sent, (station) => station.sentBytes),
    family('connected_seconds', 'gauge', 'seconds', connected, (station) => station.connectedSeconds),
  ];
}

const STATION_HELP = {
  signal: 'Signal strength of a station.',
  received: 'Received from a station since it connected.',
  sent: 'Sent to a station since it connected.',
  connected: 'Time since a station connected.',
} as const;

function stationLabels({ address, deviceAddress, name }: StationDetail): Labels {
  return { address, device_address: deviceAddress ?? '', name: name ?? '' };
}

/** Named as by every exporter. */
function processFamilies(process: MetricsView['process']): readonly Family[] {
  const { startSeconds, residentBytes, cpuSeconds } = process;
  return [
    gauge('process_start_time_seconds', 'When the process started.', startSeconds, 'seconds'),
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', residentBytes, 'bytes'),
    counter('process_cpu_seconds', 'User and system time of the process.', cpuSeconds, 'seconds'),
  ];
}

function gauge(name: string, help: string, value: number | null, unit?: string): Family {
  return { name, type: 'gauge', help, unit, samples: [[{}, value]] };
}

function counter(name: string, help: string, value: number, unit?: string): Family {
  return { name, type: 'counter', help, unit, samples: [[{}, value]] };
}

function familyLines({ name, type, unit, help, samples }: Family): readonly string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    // Unknown values are left out.
    ...samples.flatMap(([labels, value]) =>
      value === null ? [] : [`${name}${SUFFIXES[type]}${labelText(labels)} ${value}`],
    ),
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The owner of a device can give it any name. */
function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}
