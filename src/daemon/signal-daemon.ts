import { setTimeout as pause } from 'node:timers/promises';
import { findDaemon as findSocket, RemoteTarget } from '../control/client.js';
import { type Backoff, backoff } from '../system/clock.js';
import { WAIT_FOR_END_MS } from '../system/end-limits.js';
import { messageOf } from '../system/errors.js';
import { readProcess } from '../system/processes.js';
import { findDaemon, type RunningDaemon } from './find-daemon.js';

/** `-t` and `-r`: a signal to a daemon whose PID file is proven, and what became of it, in words. */

export type Signalled = { readonly ok: boolean; readonly message: string };

const SOCKET_LIMIT_MS = 3_000;
const POLL: Backoff = { firstMs: 5, lastMs: 100 };

export async function terminateDaemon(
  interfaceName: string | null,
  limitMs = WAIT_FOR_END_MS,
): Promise<Signalled> {
  const daemon = findDaemon(interfaceName);
  if ('problem' in daemon) return { ok: false, message: daemon.problem };
  const refused = send(daemon, 'SIGTERM');
  if (refused !== null) return { ok: false, message: refused };
  if (await ended(daemon, limitMs)) return { ok: true, message: `terminated ${nameOf(daemon)}` };
  const seconds = limitMs / 1000;
  return {
    ok: false,
    message: `${nameOf(daemon)} has not ended within ${seconds} s of SIGTERM: it is stuck; end it with kill -9 ${daemon.pid}`,
  };
}

/**
 * Has it reload its configuration and waits for the result, which comes over the control socket. Where that cannot be
 * reached it gets a SIGHUP, and that is no success: nobody knows what became of it.
 */
export async function reloadDaemon(interfaceName: string | null): Promise<Signalled> {
  const daemon = findDaemon(interfaceName);
  if ('problem' in daemon) return { ok: false, message: daemon.problem };
  const name = nameOf(daemon);
  let target: RemoteTarget;
  try {
    target = await connected(daemon.interface);
  } catch (error) {
    const refused = send(daemon, 'SIGHUP');
    if (refused !== null) return { ok: false, message: refused };
    const why = `whether it could is not known (${messageOf(error)}); see its log`;
    return { ok: false, message: `${name} was told to reload its configuration by SIGHUP; ${why}` };
  }
  try {
    await target.execute('reload', []);
    return { ok: true, message: `${name} has reloaded its configuration` };
  } catch (error) {
    return { ok: false, message: `${name} has not reloaded its configuration: ${messageOf(error)}` };
  }
}

/** A daemon that has just started opens its control socket a moment later. */
async function connected(interfaceName: string): Promise<RemoteTarget> {
  const until = performance.now() + SOCKET_LIMIT_MS;
  for (;;) {
    try {
      return await RemoteTarget.connect(await findSocket(interfaceName));
    } catch (error) {
      if (performance.now() > until) throw error;
      await pause(POLL.lastMs);
    }
  }
}

function send(daemon: RunningDaemon, signal: NodeJS.Signals): string | null {
  try {
    process.kill(daemon.pid, signal);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'EPERM' ? 'it belongs to another user' : 'it has just ended';
    return `${nameOf(daemon)} cannot be signalled: ${why}`;
  }
}

async function ended({ pid, startTicks }: RunningDaemon, limitMs: number): Promise<boolean> {
  const there = () => readProcess(pid)?.startTicks === startTicks;
  const until = performance.now() + limitMs;
  for (let polls = 0; there(); polls += 1) {
    if (performance.now() > until) return false;
    await pause(backoff(polls, POLL));
  }
  return true;
}

function nameOf({ interface: name, pid }: RunningDaemon): string {
  return `the daemon of ${name}, pid ${pid}`;
}
