import type { Configuration } from '../config/load.js';
import type { StationDetail, StatusView } from '../host/status.js';
import type { LogLevel } from '../logging/logger.js';
import { HostP2pError } from '../system/errors.js';
import { processStart } from '../system/processes.js';
import { version } from '../system/version.js';
import { within } from '../system/within.js';
import type { CommandContext } from './command.js';

/** The status of a session, and of the process around it: `/v1/status`, and the command `status`. */
interface StatusAnswer extends StatusView {
  /** How many there are. */
  readonly stations: number;
  /** Path of the file, `standard input` or `defaults`; null before it is read. */
  readonly configuration: string | null;
  readonly logFile: string | null;
  readonly logLevel: LogLevel;
  readonly version: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly started: string;
}

export function statusAnswer({ host, log }: CommandContext): StatusAnswer {
  return {
    ...host.status,
    stations: host.stations.length,
    configuration: host.configuration && nameOf(host.configuration),
    logFile: log.file,
    logLevel: log.level,
    version: version(),
    pid: process.pid,
    started: new Date(processStart()).toISOString(),
  };
}

function nameOf({ source }: Configuration): string {
  if (source.kind === 'file') return source.path;
  return source.kind === 'stdin' ? 'standard input' : 'defaults';
}

/** Limit for the stations: the rest of the status is shown even if wpa_supplicant hangs. */
const STATIONS_LIMIT_MS = 2_000;

/** The same, with the stations; null: they are not known in time, or the session is not running. */
export async function detailedStatus(
  context: CommandContext,
  limitMs = STATIONS_LIMIT_MS,
): Promise<StatusAnswer & { readonly stationDetails: readonly StationDetail[] | null }> {
  const asked = context.host.stationDetails().catch((error: unknown) => {
    if (error instanceof HostP2pError) return null;
    throw error;
  });
  const stationDetails = await within(limitMs, asked, () => null);
  return { ...statusAnswer(context), stationDetails };
}
