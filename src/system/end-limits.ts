/**
 * How long the program may take to end, in ms. Each step has its share, so that the whole ends before those who wait for
 * it give up: `-t`, and `TimeoutStopSec=` of the units.
 */

/** Hooks that were called before `terminated`; then the one that runs is ended, and those that wait are dropped. */
export const EARLIER_HOOKS_MS = 4_000;

/** The hook `terminated`, even where `hook_timeout_secs` is longer. */
export const LAST_HOOK_MS = 15_000;

/** From the SIGTERM to a hook until it is given up, with SIGKILL in between. */
export const HOOK_KILL_MS = 3_000;

/** All hooks, and meanwhile the last requests to wpa_supplicant. */
export const HOOKS_AT_END_MS = EARLIER_HOOKS_MS + HOOK_KILL_MS + LAST_HOOK_MS + HOOK_KILL_MS;

/** What gives addresses, and the state file. */
export const RELEASE_MS = 6_000;

/** The whole end, with the control socket and the log. Then the process exits, whatever still keeps it. */
export const END_MS = HOOKS_AT_END_MS + RELEASE_MS + 4_000;

/** How long `-t` waits. */
export const WAIT_FOR_END_MS = END_MS + 5_000;
