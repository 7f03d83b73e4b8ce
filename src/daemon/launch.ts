import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { END_MS } from '../system/end-limits.js';
import { messageOf } from '../system/errors.js';
import { EXIT } from './exit.js';
import { CHILD_VARIABLE, type Handover, parseReport, REPORT_DESCRIPTOR, type Report } from './report.js';
import { leaveSignals } from './signals.js';

/** Starts the daemon. This process stays for a moment only, so it loads as little as it can. */

export interface LaunchOptions {
  /** Program and arguments behind `node`, as they came. */
  readonly argv: readonly string[];
  /** The configuration file as it was named; `-` is our standard input. */
  readonly configFile: string | undefined;
  /** Longest wait for the daemon's word, once it has its configuration. */
  readonly limitMs?: number;
}

export type Launched =
  | {
      readonly ok: true;
      readonly pid: number;
      readonly message: string;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly message: string; readonly code: number };

const LIMIT_MS = 30_000;
/** A report is a few lines; more than this is something else. */
const MAX_REPORT = 1_048_576;
const HINT = 'to see why, run it with -b - -d in the place of -d';

/** Settles when the daemon says how it stands; one that does not say so in time is ended. */
export async function launchDaemon({
  argv,
  configFile,
  limitMs = LIMIT_MS,
}: LaunchOptions): Promise<Launched> {
  const readsStdin = configFile === '-';
  closeInherited(configFile ?? process.env['HOSTP2PD_CFG'] ?? '');
  const child = spawn(process.execPath, [...process.execArgv, ...argv], {
    // A session of its own.
    detached: true,
    cwd: '/',
    env: childEnvironment(),
    stdio: [readsStdin ? 'inherit' : 'ignore', 'ignore', 'ignore', 'pipe'],
  });
  const watch = new Watch(child);
  // Asked to end, by SIGTERM as systemd does it, is no failure. A script that waits for a daemon must learn of a Ctrl-C.
  const forward = (signal: NodeJS.Signals) =>
    watch.end(`ended by ${signal} before it was ready`, signal === 'SIGTERM' ? EXIT.ok : EXIT.failure);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  leaveSignals();
  if (!readsStdin) watch.limit(limitMs);
  try {
    for (;;) {
      const report = await watch.next();
      if (report.kind === 'configured') watch.limit(limitMs);
      else if (report.kind === 'failed') return { ok: false, message: report.message, code: report.code };
      else return { ok: true, pid: child.pid ?? 0, message: report.message, warnings: report.warnings };
    }
  } finally {
    process.off('SIGINT', forward).off('SIGTERM', forward);
    watch.close();
    child.unref();
  }
}

/**
 * Closes what the caller has open and the daemon would hold for ever, such as a lock of flock(1) or the pipe of a
 * script: of Node's own descriptors none is handed on. A shell's `-c <(…)` is left to be read.
 */
function closeInherited(configFile: string): void {
  const wanted = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(configFile)?.[1];
  let names: string[] = [];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    // Without /proc nothing is known of them.
  }
  for (const name of names) {
    if (Number(name) > 2 && name !== wanted && isHandedOn(name)) closeSync(Number(name));
  }
}

function isHandedOn(descriptor: string): boolean {
  const O_CLOEXEC = 0o2000000;
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The one that the folder was listed with is closed again.
    return false;
  }
}

function childEnvironment(): NodeJS.ProcessEnv {
  const handover: Handover = { folder: workingFolder() };
  return { ...process.env, [CHILD_VARIABLE]: JSON.stringify(handover) };
}

/** Its folder may have been removed under the caller's feet. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** What the child says, and how it ends. */
class Watch {
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  #wake: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #ending: { readonly message: string; readonly code: number } | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    const pipe = child.stdio[REPORT_DESCRIPTOR];
    child.once('error', (error) => this.#fail(`the daemon cannot be started: ${messageOf(error)}`));
    pipe?.on('data', (chunk) => this.#read(String(chunk)));
    pipe?.on('error', () => {});
    // Not at "exit": what it has said may not be read yet.
    child.once('close', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      this.#push({
        kind: 'failed',
        ...(this.#ending ?? {
          message: `the daemon ${how} before it was ready; ${HINT}`,
          code: EXIT.failure,
        }),
      });
    });
  }

  async next(): Promise<Report> {
    for (;;) {
      const report = this.#reports.shift();
      if (report) return report;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.end(`the daemon did not say within ${ms / 1000} s how it stands, and was ended; ${HINT}`);
    }, ms);
  }

  /** Ends the child; nothing half started stays behind. */
  end(message: string, code: number = EXIT.failure): void {
    if (this.#ending !== null) return;
    this.#ending = { message, code };
    clearTimeout(this.#timer);
    this.#child.kill('SIGTERM');
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    const pipe = this.#child.stdio[REPORT_DESCRIPTOR];
    if (pipe && 'destroy' in pipe) pipe.destroy();
  }

  #read(chunk: string): void {
    this.#text += chunk;
    if (this.#text.length > MAX_REPORT) return this.end('the daemon wrote too long a report, and was ended');
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    // What comes after we have lost patience does not count.
    if (this.#ending !== null) return;
    for (const line of lines) {
      const report = parseReport(line);
      if (report) this.#push(report);
    }
  }

  #fail(message: string): void {
    this.#push({ kind: 'failed', message, code: EXIT.failure });
  }

  #push(report: Report): void {
    this.#reports.push(report);
    this.#wake();
  }
}
