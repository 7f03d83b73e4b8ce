/**
 * What the program says, by what it means to an operator:
 * `error` needs a person; `warning` was unexpected and has been dealt with; `info` is one line per step in the
 * life of a group or a station and silent when idle; `debug` is every command, reply and transition.
 */
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Logger {
  log(level: LogLevel, message: string): void;
  /** False where a message of that level would go nowhere: spare the work of composing it. */
  wants(level: LogLevel): boolean;
}

/** Says nothing; the library's default. */
export const SILENT: Logger = { log: () => {}, wants: () => false };
