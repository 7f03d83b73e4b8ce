import type { Logger, LogLevel } from '#src/logging/logger.js';

/** Keeps what was logged, as `level message`. */
export class CapturedLog implements Logger {
  readonly lines: string[] = [];

  wants(): boolean {
    return true;
  }

  log(level: LogLevel, message: string): void {
    this.lines.push(`${level} ${message}`);
  }
}
