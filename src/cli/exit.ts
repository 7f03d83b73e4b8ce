import { EXIT, exitSoon } from '../daemon/exit.js';
import type { HostP2pError } from '../system/errors.js';

export { EXIT, exitSoon };

/** For the manual. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'Ended as asked; the command was carried out; doctor: healthy.',
  [EXIT.failure]:
    'The session could not go on; a command was refused, or there is no daemon to ask; doctor: warnings.',
  [EXIT.usage]: 'Arguments or configuration cannot be used; doctor: faults.',
};

/** What went wrong: for a person on standard error and, with --json, for a program on standard output. */
export function reportFailure(
  { code, message, retryable }: Pick<HostP2pError, 'code' | 'message' | 'retryable'>,
  json: boolean,
): void {
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, retryable } }, null, 2)}\n`);
  process.stderr.write(`hostp2pd: ${message}\n`);
}
