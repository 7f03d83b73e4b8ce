import { setTimeout as pause } from 'node:timers/promises';
import { WAIT_FOR_END_MS } from '../end-limits.js';
import { findDaemon, type RunningDaemon } from './find-daemon.js';
import { readProcess } from './process-facts.js';

/** `-t` and `-r`: a signal to a daemon whose PID file is proven, and what became of it, in words. */

export type Signalled = { readonly ok: boolean; readonly message: string };

const POLL_FIRST_MS = 5;
const POLL_LAST_MS = 100;

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

export function reloadDaemon(interfaceName: string | null): Signalled {
  const daemon = findDaemon(interfaceName);
  if ('problem' in daemon) return { ok: false, message: daemon.problem };
  const refused = send(daemon, 'SIGHUP');
  if (refused !== null) return { ok: false, message: refused };
  return {
    ok: true,
    message: `told ${nameOf(daemon)} to reload its configuration; its log says whether it could`,
  };
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
  for (let wait = POLL_FIRST_MS; there(); wait = Math.min(wait * 2, POLL_LAST_MS)) {
    if (performance.now() > until) return false;
    await pause(wait);
  }
  return true;
}

function nameOf({ interface: name, pid }: RunningDaemon): string {
  return `the daemon of ${name}, pid ${pid}`;
}
