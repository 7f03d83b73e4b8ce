/**
 * How long the program may take to end, in ms. Each step has its share, so that the whole ends before the time limits of
 * `-t` and of `TimeoutStopSec=` in the units.
 */

/** For hooks that were called before `terminated`. Then the running one is ended, and waiting ones are dropped. */
export const EARLIER_HOOKS_MS = 4_000;

/** For the hook `terminated`, even if `hook_timeout_secs` is longer. */
export const LAST_HOOK_MS = 15_000;

/** From the SIGTERM to a hook until the program stops waiting for it, with SIGKILL in between. */
export const HOOK_KILL_MS = 3_000;

/** For all hooks; at the same time the last requests go to wpa_supplicant. */
export const HOOKS_AT_END_MS = EARLIER_HOOKS_MS + HOOK_KILL_MS + LAST_HOOK_MS + HOOK_KILL_MS;

/** For the address server and the state file. */
export const RELEASE_MS = 6_000;

/** For everything, with the control socket and the log. Then the process exits in any case. */
export const END_MS = HOOKS_AT_END_MS + RELEASE_MS + 4_000;

/** How long `-t` waits. */
export const WAIT_FOR_END_MS = END_MS + 5_000;
