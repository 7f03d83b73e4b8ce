/** A clock that is set anew is no new start; one that is slewed must not make the start waver. */
const CLOCK_SET_MS = 2_000;

let known = Number.NaN;

/** When this process started, in ms since the epoch, by the clock as it goes now: some boxes boot in 1970. */
export function processStart(): number {
  const start = Date.now() - process.uptime() * 1000;
  if (!(Math.abs(start - known) < CLOCK_SET_MS)) known = start;
  return known;
}
