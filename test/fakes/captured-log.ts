import type { Logger, LogLevel } from '#src/logging/logger.js';

/** A log that keeps its lines, as `level message`. */
export class CapturedLog implements Logger {
  readonly lines: string[] = [];

  wants(): boolean {
    return true;
  }

  log(level: LogLevel, message: string): void {
    this.lines.push(`${level} ${message}`);
  }
}
