import type { StationDetail } from '../host/status.js';
import type { PeerView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import { bytesText, durationText } from './output.js';
import { type Column, type FirstColumn, tableLines } from './text-table.js';

/** The stations of the group as a table: for `stations` and for the monitor. */

export interface StationTableOptions {
  /** Heading of the first column. */
  readonly title: string;
  /** Width of the terminal in columns. */
  readonly room?: number | undefined;
  /** Seconds since the values were read: stations have been connected for that much longer. */
  readonly elapsed?: number;
  /** Draws the signal as bars, too. */
  readonly bars?: boolean;
}

/** @returns the line of headings, then one line for each station */
export function stationLines(
  stations: readonly StationDetail[],
  { title, room, elapsed = 0, bars = false }: StationTableOptions,
): string[] {
  const withIp = stations.some(({ ip }) => ip !== null);
  const columns = COLUMNS.filter(
    (column) => (withIp || column.title !== IP_TITLE) && (bars || column !== BARS_COLUMN),
  );
  const connected: Column<StationDetail> = {
    title: 'Connected',
    side: 'right',
    width: 9,
    spare: 3,
    cell: ({ connectedSeconds }) =>
      durationText(connectedSeconds === null ? null : Math.round(connectedSeconds + elapsed)),
  };
  return tableLines(stations, { title, cell: nameOrAddress }, [...columns, connected], room);
}

/** By its address where there is no name and no column for the address. */
const nameOrAddress: FirstColumn<StationDetail>['cell'] = ({ name, address, deviceAddress }, shown) =>
  name === null && !shown(ADDRESS_TITLE) ? (deviceAddress ?? address) : nameText(name);

export function nameText(name: string | null): string {
  return name === null ? '[unknown]' : printable(name);
}

const ADDRESS_TITLE = 'Address';
const IP_TITLE = 'IP';

/** dBm from which on there is one bar more. */
const BARS = [
  [-55, '▂▄▆█'],
  [-65, '▂▄▆'],
  [-75, '▂▄'],
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

// What tells people most stays longest: IP address and signal, then how long, then the address. Byte counts go first.
const COLUMNS: readonly Column<StationDetail>[] = [
  {
    title: ADDRESS_TITLE,
    side: 'left',
    width: 17,
    spare: 4,
    cell: ({ address, deviceAddress }) => deviceAddress ?? address,
  },
  { title: IP_TITLE, side: 'left', width: 9, spare: 1, cell: ({ ip }) => ip ?? '-' },
  BARS_COLUMN,
  {
    title: 'Signal',
    side: 'right',
    width: 7,
    spare: 2,
    cell: ({ signal }) => (signal === null ? '-' : `${signal} dBm`),
  },
  {
    title: 'Received',
    side: 'right',
    width: 8,
    spare: 5,
    cell: ({ receivedBytes }) => bytesText(receivedBytes),
  },
  { title: 'Sent', side: 'right', width: 8, spare: 6, cell: ({ sentBytes }) => bytesText(sentBytes) },
];

/** Devices seen around, one line each below the headings. @param room width of the terminal in columns */
export function deviceLines(devices: readonly PeerView[], title: string, room?: number): string[] {
  return tableLines(
    devices,
    { title, cell: ({ name }) => nameText(name) },
    [
      { title: ADDRESS_TITLE, side: 'left', width: 17, spare: 1, cell: ({ deviceAddress }) => deviceAddress },
      { title: 'Type', side: 'left', width: 4, spare: 2, cell: ({ deviceKind }) => deviceKind ?? '-' },
    ],
    room,
  );
}
