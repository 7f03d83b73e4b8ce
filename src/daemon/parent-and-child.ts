/** `-d`: what the process that the user starts and the daemon, its child, agree on. */

/** Marks the child process, and holds the working directory of the caller. */
export const CHILD_VARIABLE = 'HOSTP2PD_DAEMON_CHILD';

/** The child's end of the pipe on which it reports, one line of JSON for each report. */
export const REPORT_DESCRIPTOR = 3;

export type Report =
  /** The configuration has been read: the time limit for the rest begins. */
  | { readonly kind: 'configured' }
  /** @property message what follows "daemon started, pid N" */
  | { readonly kind: 'ready'; readonly message: string; readonly warnings: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string; readonly code: number };

/**
 * The working directory of the caller. It is removed from the environment, because a hook that starts hostp2pd would pass it on.
 * @returns null if this process is not a detached one
 */
export function takeCallerFolder(environment: NodeJS.ProcessEnv = process.env): string | null {
  const folder = environment[CHILD_VARIABLE];
  delete environment[CHILD_VARIABLE];
  return folder ? folder : null;
}
