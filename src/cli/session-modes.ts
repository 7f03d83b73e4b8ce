import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { LocalTarget } from '../commands/target.js';
import { loadConfiguration } from '../config/load.js';
import { RemoteTarget } from '../control/client.js';
import { findControlSocket } from '../control/find-socket.js';
import { EXIT } from '../daemon/exit.js';
import { type Service, startService } from '../daemon/service.js';
import { leaveSignals } from '../daemon/signals.js';
import type { HostP2pD } from '../host/host.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import type { BatchArguments, SessionArguments } from './arguments.js';
import { complain } from './outputs.js';

/** The prompt and batch mode: with a session in this process, or as a client of the running daemon. */

/** @returns the exit code */
export async function runPromptMode(args: SessionArguments): Promise<number> {
  const [{ runPrompt }, { Screen }] = await Promise.all([import('./prompt.js'), import('./screen.js')]);
  const screen = new Screen();
  const daemon = await daemonFor(args);
  if (daemon) {
    leaveSignals();
    const ended = new AbortController();
    void daemon.ended.then((reason) => {
      screen.print(reason.message);
      ended.abort();
    });
    const greeting = `hostp2pd is already running: this is a client of ${daemon.path}`;
    return runPrompt(daemon, { screen, greeting, signal: ended.signal });
  }
  // If standard input has the configuration, the prompt reads from the terminal, if there is one.
  const input = args.configFile === '-' && !process.stdin.isTTY ? terminal() : process.stdin;
  const service = startService({
    session: sessionOf(args),
    log: { verbosity: args.console, terminal: true, streams: { out: screen.log, err: screen.log } },
    pidFile: 'none',
  });
  return withService(service, async (signal) => {
    // Without input the session runs until a signal ends it.
    if (input === null) return service.closed;
    const code = await runPrompt(new LocalTarget(service.context), { screen, input, signal });
    if (input !== process.stdin) input.destroy();
    return code;
  });
}

/** @returns the exit code: 1 also if a command failed */
export async function runBatchMode(args: BatchArguments): Promise<number> {
  try {
    return await runBatchCommands(args);
  } catch (error) {
    const reason = messageOf(error);
    complain(`the batch output ${args.batchFile} cannot be written: ${reason}`);
    return EXIT.failure;
  }
}

/** @throws {Error} if the output cannot be written */
async function runBatchCommands(args: BatchArguments): Promise<number> {
  const { runBatch } = await import('./batch.js');
  const { batchFile } = args;
  const write = (text: string): void => {
    if (batchFile === '-') process.stdout.write(text);
    else append(batchFile, text);
  };
  // Checked before anything starts: a script must not run without its output.
  write('');
  const daemon = await daemonFor(args);
  if (daemon) {
    leaveSignals();
    write(`hostp2pd is already running: the commands go to ${daemon.path}\n`);
    return runBatch(daemon, { write, drained });
  }
  const service = startService({
    session: sessionOf(args),
    log: { verbosity: args.console, terminal: true, batchFile },
    pidFile: 'none',
  });
  return withService(service, async (signal) => {
    const reason = await attachment(service.context.host, signal);
    if (reason !== null) write(`${reason}; running the commands anyway\n`);
    return runBatch(new LocalTarget(service.context), { write, drained, signal });
  });
}

/** Limits the wait for the session before the first command: wpa_supplicant may never start. */
const ATTACHED_WITHIN_MS = 10_000;

/** Waits until the session is attached. @returns null, or why it is not attached */
async function attachment(host: HostP2pD, signal: AbortSignal): Promise<string | null> {
  const late = AbortSignal.timeout(ATTACHED_WITHIN_MS);
  if (host.status.attached) return null;
  let reason = 'not attached to wpa_supplicant';
  for await (const event of host.events({ signal: AbortSignal.any([signal, late]) })) {
    if (event.type === 'attached') return null;
    if (event.type === 'waiting') reason = `not attached to wpa_supplicant: ${event.reason}`;
  }
  // Without the time-out the session is ending.
  return late.aborted ? reason : null;
}

/** @throws {Error} also for a FIFO without a reader, whose opening would block for ever */
function append(path: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** Waits until the output has been read, or the session ends. */
async function drained(signal: AbortSignal): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal }).catch(() => {});
}

/** Runs the commands once the session is ready, and ends the session after them; `signal` aborts with the session. */
async function withService(service: Service, run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const ended = new AbortController();
  void service.closed.finally(() => ended.abort());
  try {
    await service.ready;
  } catch {
    // The log has the reason.
    return service.closed;
  }
  let code: number = EXIT.failure;
  let end: number = EXIT.ok;
  try {
    code = await run(ended.signal);
  } finally {
    end = await service.stop();
  }
  return end === EXIT.ok ? code : end;
}

function sessionOf({ configFile, interface: name, runProgram, record, refuseDefaultPin }: SessionArguments) {
  return { configFile, interface: name, runProgram, record, refuseDefaultPin };
}

/** The daemon that already serves the interface; null where none does. */
async function daemonFor(args: SessionArguments): Promise<RemoteTarget | null> {
  try {
    const name = args.interface ?? (await configuredInterface(args.configFile));
    return await RemoteTarget.connect(await findControlSocket(name === 'auto' ? undefined : name));
  } catch (error) {
    // With several daemons and none named, the session looks for an interface of its own.
    if (error instanceof HostP2pError) return null;
    throw error;
  }
}

/** Standard input can be read only once, by the session, which also reports the errors of a file. */
async function configuredInterface(configFile: string | undefined): Promise<string> {
  if (configFile === '-') return 'auto';
  return (await loadConfiguration({ file: configFile })).settings.interface;
}

/** The controlling terminal; null where there is none. */
function terminal(): ReadStream | null {
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'));
  } catch {
    return null;
  }
}
