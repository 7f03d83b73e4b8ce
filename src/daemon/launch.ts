import { spawn } from 'node:child_process';
import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { END_MS } from '../system/end-limits.js';
import { messageOf } from '../system/errors.js';
import { EXIT } from './exit.js';
import { CHILD_VARIABLE, REPORT_DESCRIPTOR, type Report } from './parent-and-child.js';
import { leaveSignals } from './signals.js';

/** `-d`: starts the daemon. This process lives only for a moment, so it loads as little as possible. */

/** Options of Node.js for the daemon; native-notes/daemon.md has the figures. */
export const NODE_OPTIONS: readonly string[] = [
  '--max-old-space-size=256',
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
];

/** Those that the caller has not set: an argument comes later and wins, but the environment does not. */
export function optionsOfNode(set = process.env['NODE_OPTIONS'] ?? ''): readonly string[] {
  return NODE_OPTIONS.filter(
    (option) => !set.replaceAll('_', '-').includes(option.split('=', 1)[0] ?? option),
  );
}

interface LaunchOptions {
  /** Program and arguments after `node`, unchanged. */
  readonly argv: readonly string[];
  /** The configuration file as it was named; `-` is our standard input. */
  readonly configFile: string | undefined;
}

type Launched =
  | Extract<Report, { kind: 'failed' }>
  | (Extract<Report, { kind: 'ready' }> & { readonly pid: number });

/** For the report of the daemon, once it has read its configuration. */
const LIMIT_MS = 30_000;
/** A report has a few lines; more than this is something else. */
const MAX_REPORT = 1_048_576;
const HINT = 'to see why, run it with -b - -d instead of -d';

/** Settles when the daemon reports that it is ready or has failed. A daemon that does not report in time is ended. */
export async function launchDaemon({ argv, configFile }: LaunchOptions): Promise<Launched> {
  const readsStdin = configFile === '-';
  closeInherited(configFile ?? process.env['HOSTP2PD_CFG'] ?? '');
  const child = spawn(process.execPath, [...optionsOfNode(), ...process.execArgv, ...argv], {
    // The child leads a session of its own (setsid).
    detached: true,
    cwd: '/',
    env: { ...process.env, [CHILD_VARIABLE]: workingFolder() },
    stdio: [readsStdin ? 'inherit' : 'ignore', 'ignore', 'ignore', 'pipe'],
  });
  const pipe = child.stdio[REPORT_DESCRIPTOR];
  let timer: NodeJS.Timeout | undefined;
  let reasonToEnd: Launched | null = null;
  /** No half-started daemon stays behind. The result is reported when it has ended. */
  const end = (message: string, code: number = EXIT.failure) => {
    if (reasonToEnd !== null) return;
    reasonToEnd = { kind: 'failed', message, code };
    clearTimeout(timer);
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  };
  const startLimit = () => {
    clearTimeout(timer);
    const overdue = `the daemon did not report within ${LIMIT_MS / 1000} s and was ended; ${HINT}`;
    timer = setTimeout(() => end(overdue), LIMIT_MS);
  };
  let settled = false;
  // systemd stops a start with SIGTERM, which is not a failure. A script that waits for a daemon must learn of a Ctrl-C. Once
  // the daemon is ready, a signal to this process comes too late: the caller must learn that the daemon runs.
  const onSignal = (signal: NodeJS.Signals) => {
    if (!settled)
      end(`ended by ${signal} before it was ready`, signal === 'SIGTERM' ? EXIT.ok : EXIT.failure);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  leaveSignals();
  if (!readsStdin) startLimit();
  try {
    return await new Promise<Launched>((resolve) => {
      const fail = (message: string) => resolve({ kind: 'failed', message, code: EXIT.failure });
      child.once('error', (error) => fail(`the daemon cannot be started: ${messageOf(error)}`));
      // Not at "exit": reports may still be unread then.
      child.once('close', (code, signal) => {
        const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
        if (reasonToEnd) resolve(reasonToEnd);
        else fail(`the daemon ${how} before it was ready; ${HINT}`);
      });
      let text = '';
      pipe?.on('error', () => {});
      pipe?.on('data', (chunk) => {
        text += String(chunk);
        if (text.length > MAX_REPORT) end('the report of the daemon is too long; it was ended');
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of reasonToEnd ? [] : lines) {
          const report = parseReport(line);
          if (report?.kind === 'configured') startLimit();
          else if (report) resolve(report.kind === 'failed' ? report : { ...report, pid: child.pid ?? 0 });
        }
      });
    });
  } finally {
    settled = true;
    clearTimeout(timer);
    if (pipe && 'destroy' in pipe) pipe.destroy();
    child.unref();
  }
}

/**
 * Closes what the caller has open and the daemon would keep open for ever, such as a lock of flock(1) or the pipe of a
 * script. Node's own descriptors are not inherited. A shell's `-c <(…)` stays open to be read.
 */
function closeInherited(configFile: string): void {
  const wanted = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(configFile)?.[1];
  let names: string[] = [];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    // Without /proc the open descriptors are unknown.
  }
  for (const name of names) {
    if (Number(name) > 2 && name !== wanted && isInherited(name)) closeSync(Number(name));
  }
}

const O_CLOEXEC = 0o2000000;

function isInherited(descriptor: string): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The descriptor with which the folder was listed is closed again.
    return false;
  }
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    // The folder of the caller has been removed.
    return '/';
  }
}

function parseReport(line: string): Report | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
  if (value.kind === 'configured') return { kind: 'configured' };
  if (!('message' in value) || typeof value.message !== 'string') return null;
  if (value.kind === 'failed' && 'code' in value && typeof value.code === 'number') {
    return { kind: 'failed', message: value.message, code: value.code };
  }
  if (value.kind === 'ready' && 'warnings' in value && Array.isArray(value.warnings)) {
    return { kind: 'ready', message: value.message, warnings: value.warnings.map(String) };
  }
  return null;
}
