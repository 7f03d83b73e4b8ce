import type { PeerView } from '../host/public-event.js';
import type { StationDetail } from '../host/status.js';
import type { RunOptions } from './command.js';

export { devicesOf, stationsOf } from './daemon-answers.js';

import { deviceLines, stationLines } from './station-table.js';

/** What the command `stations` prints. */
export function stationsScreen(
  stations: readonly StationDetail[],
  devices: readonly PeerView[],
  { columns: room, paint }: RunOptions = {},
): string {
  return [
    ...(stations.length === 0
      ? ['Stations: none']
      : stationLines(stations, { title: `Stations: ${stations.length}`, room, paint })),
    '',
    ...(devices.length === 0 ? ['Devices seen: none'] : deviceLines(devices, 'Devices seen', room, paint)),
  ].join('\n');
}
