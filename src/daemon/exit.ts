/** Exit codes of the program. */
export const EXIT = {
  ok: 0,
  /** The session could not go on. */
  failure: 1,
  /** Arguments or configuration cannot be used. */
  usage: 2,
} as const;

/**
 * Ends the process, whatever keeps it. `process.exit` waits for libuv's threads, and so for ever for a file operation
 * that hangs (a FIFO, a network share that is away): then it is a SIGKILL, after what is to be done at the exit.
 */
export function exitNow(code: number): void {
  if (process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'))) {
    process.emit('exit', code);
    process.kill(process.pid, 'SIGKILL');
  }
  process.exit(code);
}

/** For output that somebody still reads. */
const LINGER_MS = 1_000;

/** The work is done: whatever keeps the process, such as output that nobody reads, does not keep it for long. */
export function exitSoon(code: number): void {
  const exit = () => exitNow(typeof process.exitCode === 'number' ? process.exitCode : code);
  setTimeout(exit, LINGER_MS).unref();
}
