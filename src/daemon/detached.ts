import { accessSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Configuration } from '../config/load.js';
import { type ErrorCode, messageOf } from '../system/errors.js';
import { within } from '../system/within.js';
import { EXIT } from './exit.js';
import { REPORT_DESCRIPTOR, type Report } from './parent-and-child.js';
import { exitCodeOf, type ServiceOptions, startService } from './service.js';

/** `-d`: the daemon itself, the process that has been detached. */

interface DaemonOptions {
  readonly session: Omit<ServiceOptions['session'], 'folder'>;
  readonly verbosity: ServiceOptions['log']['verbosity'];
}

/** Runs the session, and reports to the parent whether it has started. @returns the exit code */
export async function runDetached(folder: string, { session, verbosity }: DaemonOptions): Promise<number> {
  process.umask(0o077);
  const reporter = new Reporter();
  let failure: Report = {
    kind: 'failed',
    message: 'the daemon ended before it was ready',
    code: EXIT.failure,
  };
  // The process may exit at any moment.
  const atExit = () => reporter.finish(failure);
  process.once('exit', atExit);
  let configuration: Configuration | null = null;
  try {
    const service = startService({
      session: { ...session, folder },
      log: { verbosity, terminal: false },
      pidFile: 'required',
      onConfigured: (read) => {
        configuration = read;
        if (session.configFile === '-') closeStandardInput();
        reporter.send({ kind: 'configured' });
      },
    });
    try {
      const readiness = await service.ready;
      await service.serving;
      const { kind } = readiness;
      if (kind === 'waiting' && NEEDS_A_PERSON.includes(readiness.code)) {
        failure = { kind: 'failed', message: readiness.reason, code: EXIT.failure };
        await ended(service.stop());
        reporter.finish(failure);
        await service.closed;
        return EXIT.failure;
      }
      reporter.finish({
        kind: 'ready',
        message: kind === 'attached' ? `attached to ${readiness.interface}` : `waits: ${readiness.reason}`,
        warnings: await warnings(configuration, folder),
      });
    } catch (error) {
      // When the failure is reported, nothing of the daemon is left.
      failure = { kind: 'failed', message: messageOf(error), code: exitCodeOf(error) };
      await ended(service.closed);
      reporter.finish(failure);
    }
    return await service.closed;
  } catch (error) {
    reporter.finish({ kind: 'failed', message: messageOf(error), code: EXIT.failure });
    return EXIT.failure;
  } finally {
    process.off('exit', atExit);
  }
}

/** The pipe to the parent. It does not matter whether the parent still reads. */
class Reporter {
  #open = true;

  send(report: Report): void {
    if (!this.#open) return;
    try {
      writeSync(REPORT_DESCRIPTOR, `${JSON.stringify(report)}\n`);
    } catch {
      // The parent has gone.
    }
  }

  /** Sends it and closes the pipe. Later calls do nothing. */
  finish(report: Report): void {
    this.send(report);
    if (!this.#open) return;
    this.#open = false;
    try {
      closeSync(REPORT_DESCRIPTOR);
    } catch {
      // There was no pipe.
    }
  }
}

/** Replaces the pipe or terminal of the caller by /dev/null: libuv never closes descriptors 0 to 2. */
function closeStandardInput(): void {
  const { stdin } = process;
  const replace = () => {
    closeSync(0);
    // Gets the lowest free number, which is 0.
    openSync('/dev/null', constants.O_RDONLY);
  };
  if (stdin.closed) replace();
  else stdin.once('close', replace).destroy();
}

/**
 * These errors are best reported while the user looks. Later on a daemon waits: wpa_supplicant may just have created its
 * socket and not yet given it to its group.
 */
const NEEDS_A_PERSON: readonly ErrorCode[] = ['CONTROL_DENIED', 'SOCKET_PATH'];

const END_LIMIT_MS = 5_000;

/** Waits for the end of the service, but not for a slow hook. */
async function ended(end: Promise<unknown>): Promise<void> {
  await within(END_LIMIT_MS, end, () => {});
}

/** What the user should know now, because the daemon has no terminal. */
async function warnings(configuration: Configuration | null, folder: string): Promise<string[]> {
  if (configuration === null) return [];
  const found: string[] = [];
  const { file } = configuration.logging;
  if (file !== null) {
    try {
      accessSync(dirname(file), constants.W_OK | constants.X_OK);
    } catch (error) {
      found.push(`no log: ${file} cannot be written: ${messageOf(error)}; see logging.file`);
    }
  }
  const { explainProgram, programPath } = await import('../hooks/program-check.js');
  // A relative path counts from the folder that the daemon was started in.
  const program = programPath(configuration.settings.run_program, folder);
  const problem = program === null ? null : await explainProgram(program);
  if (problem !== null) found.push(`run_program: ${problem}`);
  return found;
}
