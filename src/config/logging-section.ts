import { LOG_LEVELS } from '../logging/logger.js';
import type { Findings, Problem } from './problem.js';
import { fromPythonLogging, isPythonLogging } from './python-logging.js';
import { type RightPlace, readTable } from './read.js';
import type { Table, ValuesOf } from './table.js';
import { parseLogFile } from './text.js';

/** Every key of the `logging:` section. */
export const LOGGING = {
  level: {
    type: 'choice',
    options: LOG_LEVELS,
    default: 'info',
    meaning:
      'What the log file holds: error, warning, info (a line per step of a group or station) or debug (every command and reply).',
  },
  file: {
    type: 'string',
    default: '/var/log/hostp2pd.log',
    nullMeans: 'no log file',
    parse: parseLogFile,
    meaning: 'Name of the log file. It always leads to the newest of the rotated files beside it.',
  },
  max_size: {
    type: 'integer',
    default: 1_000_000,
    min: 1024,
    max: 1_000_000_000,
    meaning: 'Size of a log file, in bytes, after which the next is begun. A new day begins a new file too.',
  },
  max_files: {
    type: 'integer',
    default: 2,
    min: 0,
    max: 1000,
    meaning: 'Number of old log files that are kept.',
  },
  console: {
    type: 'choice',
    options: LOG_LEVELS,
    default: 'error',
    nullMeans: 'nothing',
    meaning: 'What is shown on the terminal as well.',
  },
} as const satisfies Table;

export type LoggingSettings = ValuesOf<typeof LOGGING>;

export interface ValidatedLogging {
  /** Not to be used where there are problems. */
  readonly logging: LoggingSettings;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reads the `logging:` section, in our form or in the original's (Python's dictConfig); nothing is thrown. */
export function validateLogging(
  section: unknown,
  path = 'logging',
  rightPlaceOf?: RightPlace,
): ValidatedLogging {
  const findings: Findings = { problems: [], warnings: [] };
  const { problems, warnings } = findings;
  if (!isPythonLogging(section)) {
    return { logging: readTable(LOGGING, section, path, findings, rightPlaceOf), problems, warnings };
  }
  const translated = fromPythonLogging(section, path);
  const logging = readTable(LOGGING, translated.section, path, findings);
  return {
    logging,
    problems: problems.map((problem) => ({
      ...problem,
      path: translated.origins.get(problem.path) ?? problem.path,
    })),
    warnings: [
      ...warnings,
      {
        path,
        found: "Python's logging form",
        wanted: `the keys ${Object.keys(LOGGING).join(', ')} (only what corresponds to them was taken over)`,
      },
    ],
  };
}
