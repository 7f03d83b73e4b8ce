import { accessSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Configuration } from '../config/load.js';
import { messageOf } from '../system/errors.js';
import { EXIT } from './exit.js';
import { CHILD_VARIABLE, type Handover, parseHandover, REPORT_DESCRIPTOR, type Report } from './report.js';
import type { Readiness, ServiceOptions } from './service.js';

/** The daemon itself: the process that has been detached. */

const SOON_MS = 5_000;

export type DaemonOptions = Pick<ServiceOptions, 'openControl'> & {
  readonly session: Omit<ServiceOptions['session'], 'folder'>;
  readonly log: Omit<ServiceOptions['log'], 'terminal'>;
};

/** What the parent has told; null where this process is not a detached one. No program that we start is to know of it. */
export function takeHandover(environment: NodeJS.ProcessEnv = process.env): Handover | null {
  const text = environment[CHILD_VARIABLE];
  delete environment[CHILD_VARIABLE];
  return text === undefined ? null : parseHandover(text);
}

/** Runs the session, and tells the parent how it stands with it. @returns the exit code */
export async function runDetached({ folder }: Handover, options: DaemonOptions): Promise<number> {
  process.umask(0o077);
  const reporter = new Reporter();
  let failure: Report = {
    kind: 'failed',
    message: 'the daemon ended before it was ready',
    code: EXIT.failure,
  };
  // Also where the process is cut short.
  const endedEarly = () => reporter.last(failure);
  process.once('exit', endedEarly);
  let configuration: Configuration | null = null;
  try {
    // An addon that does not load is told like all else.
    const { startService, exitCodeOf } = await import('./service.js');
    const service = startService({
      ...options,
      session: { ...options.session, folder },
      log: { ...options.log, terminal: false },
      pidFile: 'required',
      onConfigured: (read) => {
        configuration = read;
        if (options.session.configFile === '-') closeStandardInput();
        reporter.say({ kind: 'configured' });
      },
    });
    try {
      const readiness = await service.ready;
      await service.serving;
      if (isHopeless(readiness)) {
        failure = { kind: 'failed', message: readiness.reason, code: EXIT.failure };
        await soon(service.stop());
        reporter.last(failure);
        await service.closed;
        return EXIT.failure;
      }
      reporter.last({
        kind: 'ready',
        message: inWords(readiness),
        warnings: await warnings(configuration, folder),
      });
    } catch (error) {
      // Whoever is told that it failed finds nothing of it any more.
      failure = { kind: 'failed', message: messageOf(error), code: exitCodeOf(error) };
      await soon(service.closed);
      reporter.last(failure);
    }
    return await service.closed;
  } catch (error) {
    reporter.last({ kind: 'failed', message: messageOf(error), code: EXIT.failure });
    return EXIT.failure;
  } finally {
    process.off('exit', endedEarly);
  }
}

/** The pipe to the parent. Whether that is still there is of no more interest. */
class Reporter {
  #open = true;

  say(report: Report): void {
    if (!this.#open) return;
    try {
      writeSync(REPORT_DESCRIPTOR, `${JSON.stringify(report)}\n`);
    } catch {
      // The parent has gone.
    }
  }

  /** Says it and closes the pipe: only the first word counts. */
  last(report: Report): void {
    this.say(report);
    if (!this.#open) return;
    this.#open = false;
    try {
      closeSync(REPORT_DESCRIPTOR);
    } catch {
      // There was none.
    }
  }
}

/** Puts /dev/null in the place of the caller's pipe or terminal: libuv closes none of the first three descriptors. */
function closeStandardInput(): void {
  const { stdin } = process;
  const replace = () => {
    closeSync(0);
    // The lowest free number is given, which is that one.
    openSync('/dev/null', constants.O_RDONLY);
  };
  if (stdin.closed) replace();
  else stdin.once('close', replace).destroy();
}

/**
 * What only a person can mend is better told to the one who is there. A daemon that has once got through waits, for
 * that may be the moment in which wpa_supplicant has made its socket and not yet given it to its group.
 */
function isHopeless(readiness: Readiness): readiness is Extract<Readiness, { kind: 'waiting' }> {
  return readiness.kind === 'waiting' && ['CONTROL_DENIED', 'SOCKET_PATH'].includes(readiness.code);
}

/** Waits for the end, but not for a hook that takes its time. */
async function soon(end: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([end, pause(SOON_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}

function inWords(readiness: Readiness): string {
  return readiness.kind === 'attached' ? `attached to ${readiness.interface}` : `waits: ${readiness.reason}`;
}

/** What a person should know who will see no terminal of ours. */
async function warnings(configuration: Configuration | null, folder: string): Promise<string[]> {
  const hook = configuration === null ? null : await faultOfHook(configuration, folder);
  return [
    ...logWarnings(configuration?.logging.file ?? null),
    ...(hook === null ? [] : [`run_program: ${hook}`]),
  ];
}

/** As the session runs it: relative to the folder that the daemon was started in. */
async function faultOfHook({ settings }: Configuration, folder: string): Promise<string | null> {
  const { explainProgram, programPath } = await import('../hooks/program-check.js');
  const program = programPath(settings.run_program, folder);
  return program === null ? null : explainProgram(program);
}

function logWarnings(file: string | null): string[] {
  if (file === null) return [];
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    return [`nothing is logged, ${file} cannot be written: ${messageOf(error)}; see logging.file`];
  }
}
