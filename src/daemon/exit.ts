/** Exit codes of the program. */
export const EXIT = {
  ok: 0,
  /** The session could not continue. */
  failure: 1,
  /** Arguments or configuration are not usable. */
  usage: 2,
} as const;

/**
 * Ends the process, whatever is still pending. `process.exit` waits for libuv's threads, so a file operation that hangs (a
 * FIFO, a dead network share) would block it for ever: then the exit handlers run, and SIGKILL ends the process.
 */
export function exitNow(code: number): void {
  if (process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'))) {
    process.emit('exit', code);
    process.kill(process.pid, 'SIGKILL');
  }
  process.exit(code);
}

/** Time for output that is still being read. */
const LINGER_MS = 1_000;

/** Ends the process soon when its work is done, even if something pending, such as output that nobody reads, keeps it. */
export function exitSoon(code: number): void {
  const exit = () => exitNow(typeof process.exitCode === 'number' ? process.exitCode : code);
  setTimeout(exit, LINGER_MS).unref();
}
