import type { Logger } from './logger.js';
import type { Redactor } from './redact.js';

/** A logger that hides secrets before the other one sees them. */
export function redacting(logger: Logger, redactor: Redactor): Logger {
  return {
    wants: (level) => logger.wants(level),
    log: (level, message) => {
      if (logger.wants(level)) logger.log(level, redactor.redact(message));
    },
  };
}
