import { EXIT } from '../daemon/exit.js';
import { takeCallerFolder } from '../daemon/parent-and-child.js';
import { codeOf, HostP2pError, messageOf } from '../system/errors.js';
import type { Arguments, BatchArguments, SessionArguments } from './arguments.js';
import { complain, watchOutputs } from './outputs.js';

type SignalArguments = Extract<Arguments, { mode: 'terminate' | 'reload' }>;

/** `-b FILE -d`: runs a session in the foreground until a signal or an error ends it. @returns the exit code */
export async function runForeground(args: BatchArguments): Promise<number> {
  const { startService } = await import('../daemon/service.js');
  const { configFile, runProgram, record, refuseDefaultPin, batchFile, console: verbosity } = args;
  const service = startService({
    session: { configFile, interface: args.interface, runProgram, record, refuseDefaultPin },
    log: { verbosity, batchFile, terminal: true },
    pidFile: 'optional',
  });
  // Nothing is written before the session waits for the first time.
  watchOutputs(true);
  return service.closed;
}

/** `-d`. @returns the exit code: of the caller, at once; of the daemon, when it ends */
export async function runDaemon(args: SessionArguments): Promise<number> {
  const callerFolder = takeCallerFolder();
  if (callerFolder !== null) {
    const { runDetached } = await import('../daemon/detached.js');
    const { configFile, runProgram, record, refuseDefaultPin, console: verbosity } = args;
    const session = { configFile, interface: args.interface, runProgram, record, refuseDefaultPin };
    return runDetached(callerFolder, { session, verbosity });
  }
  const { launchDaemon } = await import('../daemon/launch.js');
  const launched = await launchDaemon({ argv: process.argv.slice(1), configFile: args.configFile });
  if (launched.kind === 'failed') {
    complain(launched.message);
    return launched.code;
  }
  for (const warning of launched.warnings) complain(`warning: ${warning}`);
  process.stdout.write(`hostp2pd: daemon started, pid ${launched.pid}, ${launched.message}\n`);
  return EXIT.ok;
}

/** `-t` ends a running daemon and waits until it is gone; `-r` has it reload its configuration. @returns the exit code */
export async function runSignal(args: SignalArguments): Promise<number> {
  let name: string | null;
  try {
    name = await interfaceOf(args);
  } catch (error) {
    // Never signal another daemon only because it is the only one.
    complain(`${messageOf(error)}\nName the daemon with -i.`);
    return EXIT.usage;
  }
  const { terminateDaemon, reloadDaemon } = await import('../daemon/running-daemon.js');
  try {
    const message = await (args.mode === 'terminate' ? terminateDaemon(name) : reloadDaemon(name));
    process.stdout.write(`hostp2pd: ${message}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof HostP2pError)) throw error;
    complain(error.message);
    return EXIT.failure;
  }
}

/**
 * The interface of the daemon to signal: from `-i`, else from the configuration; null: the only daemon.
 * @throws {HostP2pError} CONFIG_UNREADABLE, CONFIG_INVALID
 */
async function interfaceOf(args: SignalArguments): Promise<string | null> {
  if (args.interface !== undefined) return named(args.interface);
  const { loadConfiguration } = await import('../config/load.js');
  try {
    const { settings } = await loadConfiguration({ file: args.configFile });
    return named(settings.interface);
  } catch (error) {
    // A default file that this user may not read does not belong to a daemon of this user.
    const found = args.configFile === undefined && !process.env['HOSTP2PD_CFG'];
    if (found && error instanceof HostP2pError && codeOf(error.cause) === 'EACCES') return null;
    throw error;
  }
}

function named(interfaceName: string): string | null {
  return interfaceName === 'auto' ? null : interfaceName;
}
