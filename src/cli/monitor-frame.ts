import type { EventLine } from '../commands/event-text.js';
import { stationLines } from '../commands/station-table.js';
import {
  enrolmentText,
  frequencyText,
  noGroupText,
  pairingText,
  phaseText,
  ssidText,
} from '../commands/status-lines.js';
import { cut, displayWidth } from '../commands/text-table.js';
import { printable } from '../system/names.js';
import type { MonitorStation, MonitorStatus } from './monitor-view.js';

/** What the monitor draws: pure, from what is known to lines of text. */

export interface MonitorPicture {
  /** Null as long as no daemon answers. */
  readonly status: MonitorStatus | null;
  readonly stations: readonly MonitorStation[];
  /** Oldest first. */
  readonly events: readonly EventLine[];
  /** When status and stations were true; milliseconds of the clock that `now` is of. */
  readonly at: number;
  /** Where no daemon answers: why, and until when one is waited for; a time of the same clock. */
  readonly lost: { readonly reason: string; readonly until: number } | null;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

type Style = keyof typeof STYLES;
interface Span {
  readonly text: string;
  readonly style?: Style;
}
type Line = readonly Span[];

const STYLES = { title: '1', label: '2', good: '32', warning: '33', strong: '1', heading: '4' } as const;
const LABEL_COLUMNS = 11;
/** With fewer rows there are no empty lines, and the group takes one line. */
const AIRY_ROWS = 16;
/** Where there are too many stations, so many events stay in sight. */
const EVENTS_AT_LEAST = 3;
/** A heading and one event: with less there are none. */
const EVENTS_ROOM = 2;
/** Where there is no room for so many, the stations get this much of what there is. */
const STATIONS_SHARE = 0.6;

/** @returns as many lines as the terminal has rows, none wider than it */
export function monitorFrame(picture: MonitorPicture, size: Size, colour: boolean, now: number): string[] {
  const { columns, rows } = size;
  const elapsed = Math.max(0, (now - picture.at) / 1000);
  const airy = rows >= AIRY_ROWS;
  const head = [title(picture.status, columns), ...facts(picture, now, rows, airy)];
  const air: Line[] = airy ? [[]] : [];
  const room = rows - head.length - 2 * air.length;
  const kept = 1 + Math.min(picture.events.length, EVENTS_AT_LEAST);
  const share = Math.max(room - kept, Math.ceil(room * STATIONS_SHARE));
  const table = stationTable(picture, elapsed, columns, room - share < EVENTS_ROOM ? room : share);
  const last = lastEvents(picture.events, room - table.length);
  const lines = [...head, ...air, ...table, ...air, ...last];
  return Array.from({ length: rows }, (_, row) => paint(lines[row] ?? [], columns, colour));
}

function title(status: MonitorStatus | null, columns: number): Line {
  const name = `hostp2pd monitor  ${status?.interface ?? ''}`.trimEnd();
  const keys = 'q: quit';
  const space = columns - displayWidth(name) - keys.length;
  const left: Line = [{ text: name, style: 'title' }];
  return space < 2 ? left : [...left, { text: ' '.repeat(space) }, { text: keys, style: 'label' }];
}

function facts({ status, at, lost }: MonitorPicture, now: number, rows: number, airy: boolean): Line[] {
  if (!status) {
    const seconds = Math.max(0, Math.round(((lost?.until ?? now) - now) / 1000));
    const text = lost ? `waiting for the daemon, ${seconds} s more: ${lost.reason}` : 'no answer yet';
    return [fact('State', text, 'warning')];
  }
  const { pairing, enrolling } = status;
  const elapsed = (now - at) / 1000;
  return [
    fact('State', phaseText(status), status.attached && !status.paused ? 'good' : 'warning'),
    ...(status.eventsHeldBack === null
      ? []
      : [fact('Events', `held back: ${printable(status.eventsHeldBack)}`, 'warning')]),
    ...groupLines(status, elapsed, airy),
    ...(pairing ? [fact('Pairing', pairingText(pairing, elapsed), 'strong')] : []),
    ...limited(
      enrolling.map((enrolment) => fact('Joining', enrolmentText(enrolment), 'strong')),
      Math.max(1, Math.floor(rows / 4)),
      (more) => fact('', `… and ${more} more`),
    ),
  ];
}

function groupLines({ group, noGroup }: MonitorStatus, elapsed: number, airy: boolean): Line[] {
  if (!group) return [fact('Group', noGroupText(noGroup, elapsed))];
  const ssid = ssidText(group);
  const frequency = frequencyText(group.frequency);
  return airy
    ? [fact('Group', group.interface), fact('SSID', ssid), fact('Frequency', frequency)]
    : [fact('Group', `${ssid}, ${frequency}, ${group.interface}`)];
}

function fact(label: string, text: string, style?: Style): Line {
  const value: Span = style === undefined ? { text } : { text, style };
  return [{ text: label.padEnd(LABEL_COLUMNS), style: 'label' }, value];
}

/** @param room lines at most */
function stationTable(
  { status, stations }: MonitorPicture,
  elapsed: number,
  columns: number,
  room: number,
): Line[] {
  if (!status || room < 1) return [];
  if (stations.length === 0) return [fact('Stations', 'none')];
  const [heading = '', ...rows] = stationLines(stations, {
    title: `Stations: ${stations.length}`,
    room: columns,
    elapsed,
    bars: true,
  });
  return [
    [{ text: heading, style: 'heading' }],
    ...limited(
      rows.map((text): Line => [{ text }]),
      room - 1,
      (more) => [{ text: `… and ${more} more` }],
    ),
  ];
}

function lastEvents(events: readonly EventLine[], room: number): Line[] {
  if (events.length === 0 || room < EVENTS_ROOM) return [];
  return [
    [{ text: 'Last events', style: 'heading' }],
    ...events.slice(1 - room).map(({ text }): Line => [{ text }]),
  ];
}

/** At most so many lines, the last of which says how many there would be more. */
function limited(lines: readonly Line[], most: number, more: (count: number) => Line): Line[] {
  if (lines.length <= most) return [...lines];
  const shown = Math.max(0, most - 1);
  return [...lines.slice(0, shown), more(lines.length - shown)];
}

function paint(line: Line, columns: number, colour: boolean): string {
  let room = columns;
  let painted = '';
  for (const { text, style } of line) {
    const shown = cut(printable(text), room);
    room -= displayWidth(shown);
    painted +=
      colour && style !== undefined && shown !== '' ? `\x1b[${STYLES[style]}m${shown}\x1b[0m` : shown;
  }
  return painted.trimEnd();
}
