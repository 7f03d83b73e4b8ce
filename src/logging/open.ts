import type { LogOptions, OpenLog } from './winston.js';

export type { LogOptions, OpenLog } from './winston.js';

/** Opens the log; winston is loaded only now. A file that cannot be written is reported, the rest goes on. */
export async function openLog(options: LogOptions): Promise<OpenLog> {
  const winston = await import('./winston.js');
  return winston.openLog(options);
}
