import { nameText } from '../commands/station-table.js';
import {
  enrolmentText,
  frequencyText,
  noGroupText,
  pairingText,
  phaseText,
  ssidText,
} from '../commands/status-lines.js';
import type { GroupView } from '../session/session-event.js';
import { printable } from '../system/names.js';
import type { MonitorPicture } from './monitor-frame.js';
import type { MonitorStation, MonitorStatus } from './monitor-view.js';

/** The monitor where there is no terminal to draw on: lines, one for each thing that happens. */

/** How things stand, at the beginning. */
export function pictureLines({ status, stations }: MonitorPicture): string[] {
  if (!status) return [];
  return [
    `${status.interface ?? 'no interface yet'}: ${phaseText(status)}`,
    groupLine(status),
    ...(status.pairing ? [`pairing: ${pairingText(status.pairing)}`] : []),
    ...status.enrolling.map((enrolment) => `joining: ${enrolmentText(enrolment)}`),
    stationsLine(stations),
  ].map(printable);
}

/** What has changed of the group and of who is on it, apart from what counts up all the time. */
export function changeLines(former: MonitorPicture, picture: MonitorPicture): string[] {
  if (!picture.status) {
    return former.status || !former.lost ? [`waiting for the daemon: ${picture.lost?.reason ?? ''}`] : [];
  }
  if (!former.status) return ['the daemon is back', ...pictureLines(picture)];
  const lines: readonly (readonly [string, string])[] = [
    [groupLine(former.status), groupLine(picture.status)],
    [stationsLine(former.stations), stationsLine(picture.stations)],
  ];
  return lines.flatMap(([before, now]) => (before === now ? [] : [now])).map(printable);
}

/** Without the time until the next try, which changes all the time. */
function groupLine({ group, noGroup }: MonitorStatus): string {
  return `group: ${group ? groupText(group) : noGroupText(noGroup && { ...noGroup, nextTrySeconds: null })}`;
}

/** `p2p-wlan0-0, DIRECT-PP-group, 2437 MHz, channel 6 (2.4 GHz)` */
function groupText(group: GroupView): string {
  const frequency = group.frequency === null ? [] : [frequencyText(group.frequency)];
  return [group.interface, ssidText(group), ...frequency].join(', ');
}

function stationsLine(stations: readonly MonitorStation[]): string {
  if (stations.length === 0) return 'stations: none';
  const names = stations.map(({ address, deviceAddress, name, ip }) => {
    return [deviceAddress ?? address, nameText(name), ...(ip === null ? [] : [ip])].join(' ');
  });
  return `stations: ${stations.length}: ${names.join(', ')}`;
}
