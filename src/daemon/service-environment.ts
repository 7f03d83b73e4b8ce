/** What a service manager such as systemd leaves in the environment of a service: sd_notify(3), sd_watchdog_enabled(3). */
export interface ServiceEnvironment {
  /** Where notifications go, as it stands in NOTIFY_SOCKET. */
  readonly socket: string;
  /** It ends a service that is silent for longer than this; null: it does not watch us. */
  readonly watchdogMs: number | null;
}

/**
 * Takes it out of the environment, for no program that we start is to speak in our name.
 * @returns null where no service manager wants to be told anything
 */
export function takeServiceEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): ServiceEnvironment | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  if (!socket) return null;
  // A daemon's launcher may be the one that is meant.
  const ours = watched === undefined || watched === String(pid);
  return { socket, watchdogMs: ours ? milliseconds(usec) : null };
}

function milliseconds(usec: string | undefined): number | null {
  if (usec === undefined || !/^[1-9]\d{0,15}$/.test(usec)) return null;
  return Number(usec) / 1000;
}
