import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { LocalTarget } from '../commands/target.js';
import { loadConfiguration } from '../config/load.js';
import { findControlSocket, RemoteTarget } from '../control/client.js';
import { type Service, startService } from '../daemon/service.js';
import { leaveSignals } from '../daemon/signals.js';
import type { HostP2pD } from '../host/host.js';
import { HostP2pError, messageOf } from '../system/errors.js';
import type { BatchArguments, SessionArguments } from './arguments.js';
import { EXIT } from './exit.js';

/** The modes with commands: the prompt and batch, on a session of their own or as a client of the daemon. */

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
    const greeting = `hostp2pd runs already: this is a client of ${daemon.path}`;
    return runPrompt(daemon, { screen, greeting, signal: ended.signal });
  }
  // A configuration from standard input leaves the prompt to the terminal, where there is one.
  const input = args.configFile === '-' && !process.stdin.isTTY ? terminal() : process.stdin;
  const service = startService({
    session: sessionOf(args),
    log: { verbosity: args.console, terminal: true, streams: { out: screen.log, err: screen.log } },
    pidFile: 'none',
  });
  return withService(service, async (signal) => {
    // Nobody to ask: a session that is ended by a signal.
    if (input === null) return service.closed;
    const code = await runPrompt(new LocalTarget(service.context), { screen, input, signal });
    if (input !== process.stdin) input.destroy();
    return code;
  });
}

/** @returns the exit code: 1 also where a command failed */
export async function runBatchMode(args: BatchArguments): Promise<number> {
  try {
    return await runBatchCommands(args);
  } catch (error) {
    const reason = messageOf(error);
    process.stderr.write(`hostp2pd: the batch output ${args.batchFile} cannot be written: ${reason}\n`);
    return EXIT.failure;
  }
}

/** @throws {Error} where the output cannot be written */
async function runBatchCommands(args: BatchArguments): Promise<number> {
  const { runBatch } = await import('./batch.js');
  const { batchFile } = args;
  const write = (text: string): void => {
    if (batchFile === '-') process.stdout.write(text);
    else append(batchFile, text);
  };
  // Before anything is begun: a script whose output goes nowhere would run for nothing.
  write('');
  const daemon = await daemonFor(args);
  if (daemon) {
    leaveSignals();
    write(`hostp2pd runs already: the commands go to ${daemon.path}\n`);
    return runBatch(daemon, { write, drained });
  }
  const service = startService({
    session: sessionOf(args),
    log: { verbosity: args.console, terminal: true, batchFile },
    pidFile: 'none',
  });
  return withService(service, async (signal) => {
    const reason = await attachment(service.context.host, signal);
    if (reason !== null) write(`${reason}; the commands are carried out all the same\n`);
    return runBatch(new LocalTarget(service.context), { write, drained, signal });
  });
}

/** A script must not have to guess when the session is there, nor hang where wpa_supplicant never comes. */
const ATTACHED_WITHIN_MS = 10_000;

/** Waits until the session is attached. @returns null, or the reason why it is not */
async function attachment(host: HostP2pD, signal: AbortSignal): Promise<string | null> {
  const late = AbortSignal.timeout(ATTACHED_WITHIN_MS);
  if (host.status.attached) return null;
  let reason = 'not attached to wpa_supplicant';
  for await (const event of host.events({ signal: AbortSignal.any([signal, late]) })) {
    if (event.type === 'attached') return null;
    if (event.type === 'waiting') reason = `not attached to wpa_supplicant: ${event.reason}`;
  }
  // Otherwise the session is ending.
  return late.aborted ? reason : null;
}

/** @throws {Error} also for a FIFO that nobody reads: its opening would wait for ever */
function append(path: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** Commands wait for whoever reads what they print, until the session ends. */
async function drained(signal: AbortSignal): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain', { signal }).catch(() => {});
}

/** Runs it on the session once that is attached or waits; the session ends with it, and it with the session. */
async function withService(service: Service, run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const ended = new AbortController();
  void service.closed.finally(() => ended.abort());
  try {
    await service.ready;
  } catch {
    // Said in the log.
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

function sessionOf({ configFile, interface: name, runProgram }: SessionArguments) {
  return { configFile, interface: name, runProgram };
}

/** The daemon that serves the interface already; null where none does. */
async function daemonFor(args: SessionArguments): Promise<RemoteTarget | null> {
  try {
    const name = args.interface ?? (await configuredInterface(args.configFile));
    return await RemoteTarget.connect(await findControlSocket(name === 'auto' ? undefined : name));
  } catch (error) {
    // Several daemons, and no word of which: the session looks for an interface of its own.
    if (error instanceof HostP2pError) return null;
    throw error;
  }
}

/** Standard input is read only once, by the session; a file that cannot be used is the session's to complain of. */
async function configuredInterface(configFile: string | undefined): Promise<string> {
  if (configFile === '-') return 'auto';
  return (await loadConfiguration({ file: configFile })).settings.interface;
}

/** The terminal that we were started from; null where there is none. */
function terminal(): ReadStream | null {
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'));
  } catch {
    return null;
  }
}
