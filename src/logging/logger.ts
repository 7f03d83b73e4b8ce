import { UNPRINTABLE } from '../system/names.js';
import { secrets } from '../system/secrets.js';

/**
 * Levels by what they mean to an operator: `error` needs a person; `warning` was unexpected, but hostp2pd goes on; `info` is
 * one line per step of a group or a station, and silent when idle; `debug` is every command, reply and transition.
 */
export const LOG_LEVELS = ['error', 'warning', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Logger {
  log(level: LogLevel, message: string): void;
  /** False if a message of that level would be dropped: the caller need not compose it. */
  wants(level: LogLevel): boolean;
}

/** Drops everything; the default of the library. */
export const SILENT: Logger = { log: () => {}, wants: () => false };

/**
 * A logger that hides secrets before the other one gets them. If the other one throws, the error is dropped: there is no place to
 * report it, and the session must go on.
 * @param forced asked for each record: true passes on even what the other one does not want
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

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** The text as one line, with escapes for all characters that do more than show something. */
export function escapeControl(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    const hex = code.toString(16);
    return SHORT.get(character) ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex}`);
  });
}

/** A line of a log without its line break: time, level, message. */
export function formatLine(level: LogLevel, message: string, at: Date): string {
  return `${localTime(at)} ${level} ${escapeControl(message)}`;
}

/** ISO 8601 in local time, with milliseconds and the offset from UTC. */
export function localTime(at: Date): string {
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}
