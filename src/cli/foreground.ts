import { startService } from '../daemon/service.js';
import type { BatchArguments } from './arguments.js';

/** Batch mode light: runs a session in the foreground until a signal or an error ends it. @returns the exit code */
export function runForeground(args: BatchArguments): Promise<number> {
  const { configFile, runProgram, batchFile, console: verbosity } = args;
  const service = startService({
    session: { configFile, interface: args.interface, runProgram },
    log: { verbosity, batchFile, terminal: true },
    pidFile: 'optional',
  });
  return service.closed;
}
