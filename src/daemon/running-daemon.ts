import { setTimeout as pause } from 'node:timers/promises';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { type Backoff, backoff } from '../system/clock.js';
import { WAIT_FOR_END_MS } from '../system/end-limits.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import { foldersToSearch } from '../system/folders.js';
import { readProcess } from '../system/processes.js';
import { retry } from '../system/retry.js';
import { interfacesIn, pidFileIn, readPidFile } from './pid-file.js';

/** `-t` and `-r`: finds the daemon by its PID file, signals it, and waits for the result. */

const SOCKET_TIMES = { limitMs: 3_000, pauseMs: 100 };
const POLL: Backoff = { firstMs: 5, longestMs: 100 };

/**
 * Sends SIGTERM and waits until the daemon has ended.
 * @param interfaceName null: the only daemon that runs
 * @returns what was done, for a person
 * @throws {HostP2pError} with what went wrong, for a person
 */
export async function terminateDaemon(
  interfaceName: string | null,
  limitMs = WAIT_FOR_END_MS,
): Promise<string> {
  const daemon = findDaemon(interfaceName);
  signal(daemon, 'SIGTERM');
  if (await ended(daemon, limitMs)) return `terminated ${nameOf(daemon)}`;
  throw new HostP2pError(
    'STATE',
    `${nameOf(daemon)} has not ended within ${limitMs / 1000} s of SIGTERM: it hangs; end it with kill -9 ${daemon.pid}`,
  );
}

/**
 * Reloads the configuration over the control socket and waits for the result. If the socket cannot be reached, the daemon
 * gets a SIGHUP, which is not a success: the result is unknown.
 * @returns what was done, for a person
 * @throws {HostP2pError} with what went wrong, for a person
 */
export async function reloadDaemon(interfaceName: string | null): Promise<string> {
  const daemon = findDaemon(interfaceName);
  const name = nameOf(daemon);
  let target: RemoteTarget;
  try {
    target = await connect(daemon.interface);
  } catch (error) {
    signal(daemon, 'SIGHUP');
    const unknown = `the result is unknown (${messageOf(error)}), see its log`;
    throw new HostP2pError(
      'CONTROL_UNAVAILABLE',
      `SIGHUP sent to ${name} to reload its configuration; ${unknown}`,
    );
  }
  try {
    await target.execute('reload', []);
  } catch (cause) {
    const message = `${name} has not reloaded its configuration: ${messageOf(cause)}`;
    throw new HostP2pError('COMMAND_REFUSED', message, { cause });
  }
  return `${name} has reloaded its configuration`;
}

interface RunningDaemon {
  readonly interface: string;
  readonly pid: number;
  readonly startTicks: number;
}

/** @throws {HostP2pError} NOT_RUNNING; USAGE if several are running and none is named; SOCKET_PATH */
function findDaemon(interfaceName: string | null): RunningDaemon {
  const running: RunningDaemon[] = [];
  const others: string[] = [];
  const folders = foldersToSearch().map(({ pids }) => pids);
  for (const folder of folders) {
    for (const name of interfaceName === null ? interfacesIn(folder) : [interfaceName]) {
      const state = readPidFile(folder, name);
      if (state.kind === 'running') running.push({ interface: name, ...state });
      else if (state.kind !== 'absent') others.push(`${pidFileIn(folder, name)} ${state.reason}`);
    }
  }
  const [first, second] = running;
  if (first && second) {
    const list = running.map(({ interface: name, pid }) => `${name} (pid ${pid})`).join(', ');
    throw new HostP2pError('USAGE', `several daemons are running: ${list}; say which one with -i`);
  }
  if (first) return first;
  const which = interfaceName === null ? '' : ` for ${interfaceName}`;
  const found = others.length > 0 ? others.join('; ') : `no PID file in ${folders.join(' or ')}`;
  throw new HostP2pError('NOT_RUNNING', `no daemon is running${which}: ${found}`);
}

/** A daemon that has just started opens its control socket a moment later. */
function connect(interfaceName: string): Promise<RemoteTarget> {
  return retry(async () => RemoteTarget.connect(await findControlSocket(interfaceName)), SOCKET_TIMES);
}

/** @throws {HostP2pError} */
function signal(daemon: RunningDaemon, name: NodeJS.Signals): void {
  try {
    process.kill(daemon.pid, name);
  } catch (cause) {
    const why = codeOf(cause) === 'EPERM' ? 'it belongs to another user' : 'it has just ended';
    throw new HostP2pError('NOT_RUNNING', `${nameOf(daemon)} cannot be signalled: ${why}`, { cause });
  }
}

async function ended({ pid, startTicks }: RunningDaemon, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let polls = 0; ; polls++) {
    if (readProcess(pid)?.startTicks !== startTicks) return true;
    if (performance.now() > deadline) return false;
    await pause(backoff(polls, POLL));
  }
}

function nameOf({ interface: name, pid }: RunningDaemon): string {
  return `the daemon of ${name}, pid ${pid}`;
}
