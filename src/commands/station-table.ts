import type { PeerView } from '../host/public-event.js';
import type { StationDetail } from '../host/status.js';
import type { Paint } from '../system/colours.js';
import { printable } from '../system/names.js';
import { type Column, type FirstColumn, tableLines } from './text-table.js';

/** Tables of stations and devices, for `stations`, `find` and the monitor. */

interface StationTableOptions {
  /** Heading of the first column. */
  readonly title: string;
  /** Width of the terminal in columns. */
  readonly room?: number | undefined;
  /** Seconds since the values were read, to be added to the time of connection. */
  readonly elapsed?: number;
  /** Draws the signal as bars as well. */
  readonly bars?: boolean;
  /** Without the byte counts. */
  readonly brief?: boolean;
  readonly paint?: Paint | undefined;
}

/** @returns the line of headings, then one line for each station */
export function stationLines(
  stations: readonly StationDetail[],
  { title, room, elapsed = 0, bars = false, brief = false, paint }: StationTableOptions,
): string[] {
  const withIp = stations.some((station) => ipText(station) !== '-');
  const columns = COLUMNS.filter(
    (column) =>
      (withIp || column.title !== IP_TITLE) &&
      (bars || column !== BARS_COLUMN) &&
      !(brief && BYTES_COLUMNS.includes(column)),
  );
  const connected: Column<StationDetail> = {
    title: 'Connected',
    side: 'right',
    width: 9,
    spare: 3,
    cell: ({ connectedSeconds }) =>
      durationText(connectedSeconds === null ? null : Math.round(connectedSeconds + elapsed)),
  };
  return tableLines(stations, { title, cell: nameOrAddress }, [...columns, connected], room, paint);
}

/** The address where there is no name and no column for the address. */
const nameOrAddress: FirstColumn<StationDetail>['cell'] = ({ name, address, deviceAddress }, shown) =>
  name === null && !shown(ADDRESS_TITLE) ? (deviceAddress ?? address) : nameText(name);

export function nameText(name: string | null): string {
  return name === null ? '[unknown]' : printable(name);
}

const ADDRESS_TITLE = 'Address';
const IP_TITLE = 'IP';

/** Without the zone of an IPv6 address, which is the group. */
function ipText({ ip, ipv6 }: Pick<StationDetail, 'ip' | 'ipv6'>): string {
  return ip ?? ipv6?.split('%')[0] ?? '-';
}

/** Minimum dBm for each number of bars. */
const BARS = [
  [-55, '▂▄▆█'],
  [-65, '▂▄▆'],
  [-75, '▂▄'],
] as const;

const SIGNAL_STYLES = [
  [-65, 'good'],
  [-75, 'warning'],
  [Number.NEGATIVE_INFINITY, 'error'],
] as const;

function barsOf(signal: number | null): string {
  if (signal === null) return '';
  return BARS.find(([least]) => signal >= least)?.[1] ?? '▂';
}

const BARS_COLUMN: Column<StationDetail> = {
  title: '',
  side: 'left',
  width: 4,
  spare: 7,
  cell: ({ signal }) => barsOf(signal),
};

const BYTES_COLUMNS: readonly Column<StationDetail>[] = [
  {
    title: 'Received',
    side: 'right',
    width: 8,
    spare: 5,
    cell: ({ receivedBytes }) => bytesText(receivedBytes),
  },
  { title: 'Sent', side: 'right', width: 8, spare: 6, cell: ({ sentBytes }) => bytesText(sentBytes) },
];

// The most useful columns stay longest: IP address and signal, then the time, then the address. Byte counts go first.
const COLUMNS: readonly Column<StationDetail>[] = [
  {
    title: ADDRESS_TITLE,
    side: 'left',
    width: 17,
    spare: 4,
    cell: ({ address, deviceAddress }) => deviceAddress ?? address,
  },
  { title: IP_TITLE, side: 'left', width: 9, spare: 1, cell: ipText },
  BARS_COLUMN,
  {
    title: 'Signal',
    side: 'right',
    width: 7,
    spare: 2,
    cell: ({ signal }) => (signal === null ? '-' : `${signal} dBm`),
    style: ({ signal }) => SIGNAL_STYLES.find(([least]) => signal !== null && signal >= least)?.[1],
  },
  ...BYTES_COLUMNS,
];

/** Devices seen nearby. @param room width of the terminal in columns */
export function deviceLines(
  devices: readonly PeerView[],
  title: string,
  room?: number,
  paint?: Paint,
): string[] {
  return tableLines(
    devices,
    { title, cell: ({ name }) => nameText(name) },
    [
      { title: ADDRESS_TITLE, side: 'left', width: 17, spare: 1, cell: ({ deviceAddress }) => deviceAddress },
      { title: 'Type', side: 'left', width: 4, spare: 2, cell: ({ deviceKind }) => deviceKind ?? '-' },
    ],
    room,
    paint,
  );
}

/** `1.4 MB`, in powers of 1,000. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '-';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let place = 0;
  // A value that rounding would turn into 1,000 belongs to the next unit.
  while (value >= 999.5 && place < units.length - 1 && (place > 0 || value >= 1000)) {
    value /= 1000;
    place++;
  }
  return `${place === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[place]}`;
}

/** `2 d 03:04:05`, or without days `03:04:05`. */
export function durationText(seconds: number | null): string {
  if (seconds === null) return '-';
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days} d ${clock}`;
}
