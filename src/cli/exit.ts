import { EXIT, exitSoon } from '../daemon/exit.js';

export { EXIT, exitSoon };

/** For the manual. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.ok]: 'Ended as asked; the command was carried out; doctor: healthy.',
  [EXIT.failure]:
    'The session could not go on; a command was refused, or there is no daemon to ask; doctor: warnings.',
  [EXIT.usage]: 'Arguments or configuration cannot be used; doctor: faults.',
};
