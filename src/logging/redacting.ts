import { secrets } from '../system/secrets.js';
import type { Logger, LogLevel } from './logger.js';

/**
 * A logger that hides secrets before the other one sees them. One that throws is on its own: there is nowhere to say
 * so, and the session must go on.
 * @param forced asked for each record: true hands on what the other did not want, too
 */
export function redacting(logger: Logger, forced: () => boolean): Logger {
  const wants = (level: LogLevel): boolean => forced() || logger.wants(level);
  return {
    wants,
    log: (level, message) => {
      if (!wants(level)) return;
      try {
        logger.log(level, secrets.redact(message));
      } catch {
        // See above.
      }
    },
  };
}
