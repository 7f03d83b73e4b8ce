import type { StatisticsView } from '../host/registers.js';
import type { StationDetail, StatusView } from '../host/status.js';

/** What a scrape tells: how things stand, and what has been counted since the start. */
export interface MetricsView {
  readonly version: string;
  readonly status: StatusView;
  readonly stations: readonly StationDetail[];
  /** Devices that are known. */
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
  /** Without the suffix of its samples; with that of its unit. */
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'info';
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly (readonly [Labels, number | null])[];
}

/** OpenMetrics 1.0: the suffix of a sample tells the type of its family. */
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
    ...standing(view),
    ...counted(view.statistics),
    ...stationFamilies(view.stations),
    ...processFamilies(view.process),
  ];
}

function standing({ status, stations, peers }: MetricsView): readonly Family[] {
  const { attached, eventsHeldBack, group, paused, groupStopped, enrolling, pairing, addresses } = status;
  const hertz = group?.frequency == null ? null : group.frequency * 1e6;
  return [
    gauge(
      'hostp2pd_attached',
      'Whether wpa_supplicant tells its events.',
      Number(attached && eventsHeldBack === null),
    ),
    gauge('hostp2pd_group_up', 'Whether the group is up.', Number(group !== null)),
    {
      ...gauge('hostp2pd_group_frequency_hertz', 'The frequency of the group.', hertz),
      unit: 'hertz',
    },
    gauge('hostp2pd_group_stopped', 'Whether an operator has stopped the group.', Number(groupStopped)),
    gauge('hostp2pd_paused', 'Whether an operator has paused the session.', Number(paused)),
    gauge('hostp2pd_stations', 'Stations that are on the group.', stations.length),
    gauge(
      'hostp2pd_addresses_served',
      'Whether phones can be given addresses; left out where hostp2pd is to give none.',
      addresses && Number(addresses.serving),
    ),
    gauge('hostp2pd_enrolling', 'Devices that have asked to come in and are not in yet.', enrolling.length),
    {
      ...gauge(
        'hostp2pd_pairing_window_seconds',
        'What is left of the pairing window that an operator has opened.',
        pairing?.secondsLeft ?? 0,
      ),
      unit: 'seconds',
    },
    gauge('hostp2pd_peers', 'Wi-Fi Direct devices that have been heard of.', peers),
  ];
}

function counted(statistics: StatisticsView): readonly Family[] {
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
    counter('hostp2pd_groups_started', 'Groups that came up or were adopted.', statistics.groupsStarted),
    counter('hostp2pd_stations_connected', 'Stations that came.', statistics.stationsConnected),
    counter('hostp2pd_enrolments', 'Devices that asked to come in.', statistics.enrolmentsRequested),
    counter('hostp2pd_enrolment_failures', 'Devices that did not get in.', statistics.enrolmentsFailed),
    counter('hostp2pd_link_losses', 'Times that the link to wpa_supplicant was lost.', statistics.linkLosses),
  ];
}

function stationFamilies(stations: readonly StationDetail[]): readonly Family[] {
  const each = (value: (station: StationDetail) => number | null): Family['samples'] =>
    stations.map((station) => [stationLabels(station), value(station)]);
  return [
    {
      name: 'hostp2pd_station_signal_dbm',
      type: 'gauge',
      unit: 'dbm',
      help: 'How strong a station is heard.',
      samples: each(({ signal }) => signal),
    },
    {
      name: 'hostp2pd_station_received_bytes',
      type: 'counter',
      unit: 'bytes',
      help: 'Received from a station since it came.',
      samples: each(({ receivedBytes }) => receivedBytes),
    },
    {
      name: 'hostp2pd_station_sent_bytes',
      type: 'counter',
      unit: 'bytes',
      help: 'Sent to a station since it came.',
      samples: each(({ sentBytes }) => sentBytes),
    },
    {
      name: 'hostp2pd_station_connected_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long a station has been connected.',
      samples: each(({ connectedSeconds }) => connectedSeconds),
    },
  ];
}

function stationLabels({ address, deviceAddress, name }: StationDetail): Labels {
  return { address, device_address: deviceAddress ?? '', name: name ?? '' };
}

/** Names and meaning as every exporter has them. */
function processFamilies(process: MetricsView['process']): readonly Family[] {
  return [
    {
      ...gauge('process_start_time_seconds', 'When the process started.', process.startSeconds),
      unit: 'seconds',
    },
    {
      ...gauge('process_resident_memory_bytes', 'Resident memory of the process.', process.residentBytes),
      unit: 'bytes',
    },
    {
      ...counter('process_cpu_seconds', 'User and system time of the process.', process.cpuSeconds),
      unit: 'seconds',
    },
  ];
}

function gauge(name: string, help: string, value: number | null): Family {
  return { name, type: 'gauge', help, samples: [[{}, value]] };
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [[{}, value]] };
}

function familyLines({ name, type, unit, help, samples }: Family): readonly string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    // What is not known is left out.
    ...samples.flatMap(([labels, value]) =>
      value === null ? [] : [`${name}${SUFFIXES[type]}${labelText(labels)} ${value}`],
    ),
  ];
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** A device is called what its owner likes. */
function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}
