/** Exit codes of the program. */
export const EXIT = {
  ok: 0,
  /** The session could not go on. */
  failure: 1,
  /** Arguments or configuration cannot be used. */
  usage: 2,
} as const;
