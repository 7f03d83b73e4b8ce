import { EXIT } from '../daemon/exit.js';
import { codeOf, messageOf } from '../system/errors.js';
import { printable } from '../system/names.js';

/** Writes a message to standard error. It may hold names that were received over the air. */
export function complain(message: string): void {
  const lines = message.split('\n').map(printable);
  process.stderr.write(`hostp2pd: ${lines.join('\n')}\n`);
}

/**
 * Without a listener, a full disk or a closed pipe ends the program with a stack trace.
 * @param running a session runs, which continues without its output
 */
export function watchOutputs(running: boolean): void {
  process.stdout.on('error', (error) => {
    // A reader that closes the pipe, such as head(1), needs no more.
    if (codeOf(error) === 'EPIPE' || running) return;
    complain(`standard output: ${messageOf(error)}`);
    process.exit(EXIT.failure);
  });
  process.stderr.on('error', () => {});
}
