import type { ReportedStatus } from '../commands/daemon-answers.js';
import type { EventLine } from '../commands/journal.js';
import { nameText, stationLines } from '../commands/station-table.js';
import {
  enrolmentText,
  frequencyText,
  noGroupText,
  pairingText,
  phaseText,
  problemText,
  ssidText,
} from '../commands/status-text.js';
import { cut, displayWidth } from '../commands/text-table.js';
import type { MonitorPicture } from '../control/monitor-data.js';
import type { StationDetail } from '../host/status.js';
import type { GroupView } from '../session/session-event.js';
import { type Style, styled } from '../system/colours.js';
import { printable } from '../system/names.js';

/** What the monitor shows, as lines of text: frames for a terminal, and plain lines elsewhere. */

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Span {
  readonly text: string;
  readonly style?: Style;
}
type Line = readonly Span[];

const LABEL_COLUMNS = 11;
/** With fewer rows there are no empty lines, and the group is on one line. */
const SPACIOUS_ROWS = 16;
/** Events that stay visible below many stations. */
const EVENTS_AT_LEAST = 3;
/** A heading and one event; with less room there are none. */
const EVENTS_ROOM = 2;
/** Part of the room that the stations get where there is not enough for both. */
const STATIONS_SHARE = 0.6;

/**
 * @param now of the same clock as {@link MonitorPicture.at}
 * @returns as many lines as the terminal has rows, none wider than it
 */
export function monitorFrame(picture: MonitorPicture, size: Size, colour: boolean, now: number): string[] {
  const { columns, rows } = size;
  const elapsed = Math.max(0, (now - picture.at) / 1000);
  const spacious = rows >= SPACIOUS_ROWS;
  const head = [title(picture.status, columns), ...facts(picture, now, rows, spacious)];
  const gap: Line[] = spacious ? [[]] : [];
  const room = rows - head.length - 2 * gap.length;
  const kept = 1 + Math.min(picture.events.length, EVENTS_AT_LEAST);
  const share = Math.max(room - kept, Math.ceil(room * STATIONS_SHARE));
  const table = stationTable(picture, elapsed, columns, room - share < EVENTS_ROOM ? room : share);
  const last = lastEvents(picture.events, room - table.length);
  const lines = [...head, ...gap, ...table, ...gap, ...last];
  return Array.from({ length: rows }, (_, row) => paint(lines[row] ?? [], columns, colour));
}

function title(status: ReportedStatus | null, columns: number): Line {
  const name = `hostp2pd monitor  ${status?.interface ?? ''}`.trimEnd();
  const keys = 'q: quit';
  const space = columns - displayWidth(name) - keys.length;
  const left: Line = [{ text: name, style: 'title' }];
  return space < 2 ? left : [...left, { text: ' '.repeat(space) }, { text: keys, style: 'label' }];
}

function facts({ status, at, lost }: MonitorPicture, now: number, rows: number, spacious: boolean): Line[] {
  if (!status) {
    const seconds = Math.max(0, Math.round(((lost?.until ?? now) - now) / 1000));
    const text = lost ? `waiting for the daemon, ${seconds} s more: ${lost.reason}` : 'no answer yet';
    return [fact('State', text, 'warning')];
  }
  const { pairing, enrolling } = status;
  const elapsed = (now - at) / 1000;
  return [
    fact('State', phaseText(status), status.attached && !status.paused ? 'good' : 'warning'),
    ...groupLines(status, elapsed, spacious),
    ...limited(
      status.problems.map((problem) => fact('Problem', problemText(problem, elapsed), 'warning')),
      Math.max(1, Math.floor(rows / 6)),
      (more) => fact('', `… and ${more} more problems`),
    ),
    ...(pairing ? [fact('Pairing', pairingText(pairing, elapsed), 'strong')] : []),
    ...limited(
      enrolling.map((enrolment) => fact('Joining', enrolmentText(enrolment), 'strong')),
      Math.max(1, Math.floor(rows / 4)),
      (more) => fact('', `… and ${more} more`),
    ),
  ];
}

function groupLines({ group, noGroup }: ReportedStatus, elapsed: number, spacious: boolean): Line[] {
  if (!group) return [fact('Group', noGroupText(noGroup, elapsed))];
  const ssid = ssidText(group);
  const frequency = frequencyText(group.frequency);
  return spacious
    ? [fact('Group', group.interface), fact('SSID', ssid), fact('Frequency', frequency)]
    : [fact('Group', `${ssid}, ${frequency}, ${group.interface}`)];
}

function fact(label: string, text: string, style?: Style): Line {
  const value: Span = style === undefined ? { text } : { text, style };
  return [{ text: label.padEnd(LABEL_COLUMNS), style: 'label' }, value];
}

/** @param room maximum number of lines */
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

/** At most that many lines; the last one says how many more there are. */
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
    painted += colour && style !== undefined && shown !== '' ? styled(style, shown) : shown;
  }
  return painted.trimEnd();
}

/** The whole picture as plain lines, for the start. */
export function pictureLines({ status, stations }: MonitorPicture): string[] {
  if (!status) return [];
  return [
    `${status.interface ?? 'no interface yet'}: ${phaseText(status)}`,
    groupLine(status),
    ...problemLines(status),
    ...(status.pairing ? [`pairing: ${pairingText(status.pairing)}`] : []),
    ...status.enrolling.map((enrolment) => `joining: ${enrolmentText(enrolment)}`),
    stationsLine(stations),
  ].map(printable);
}

/** Plain lines for what has changed in the group and its stations; counters are left out. */
export function changeLines(former: MonitorPicture, picture: MonitorPicture): string[] {
  if (!picture.status) {
    return former.status || !former.lost ? [`waiting for the daemon: ${picture.lost?.reason ?? ''}`] : [];
  }
  if (!former.status) return ['the daemon is back', ...pictureLines(picture)];
  const lines: readonly (readonly [string, string])[] = [
    [groupLine(former.status), groupLine(picture.status)],
    [stationsLine(former.stations), stationsLine(picture.stations)],
  ];
  const known = problemLines(former.status);
  const problems = problemLines(picture.status).filter((line) => !known.includes(line));
  const over = former.status.problems.length > 0 && picture.status.problems.length === 0;
  const changes = lines.flatMap(([before, now]) => (before === now ? [] : [now]));
  return [...changes, ...problems, ...(over ? ['problems: none'] : [])].map(printable);
}

function problemLines({ problems }: ReportedStatus): string[] {
  return problems.map((problem) => `problem: ${problemText({ ...problem, nextTrySeconds: null })}`);
}

/** Without the time until the next try, which changes every second. */
function groupLine({ group, noGroup }: ReportedStatus): string {
  return `group: ${group ? groupText(group) : noGroupText(noGroup && { ...noGroup, nextTrySeconds: null })}`;
}

/** `p2p-wlan0-0, DIRECT-PP-group, 2437 MHz, channel 6 (2.4 GHz)` */
function groupText(group: GroupView): string {
  const frequency = group.frequency === null ? [] : [frequencyText(group.frequency)];
  return [group.interface, ssidText(group), ...frequency].join(', ');
}

function stationsLine(stations: readonly StationDetail[]): string {
  if (stations.length === 0) return 'stations: none';
  const names = stations.map(({ address, deviceAddress, name, ip }) => {
    return [deviceAddress ?? address, nameText(name), ...(ip === null ? [] : [ip])].join(' ');
  });
  return `stations: ${stations.length}: ${names.join(', ')}`;
}
