import { spawn as spawnProcess } from 'node:child_process';
import type { Logger } from '../logging/logger.js';
import { replaceControlCharacters } from '../system/names.js';
import type { HookCall } from './contract.js';
import { type HookOutcome, HookProcess, type Spawn } from './hook-process.js';
import { explainProgram } from './program-check.js';

interface HookRunnerOptions {
  /** A path, or a name that is looked up in PATH. Empty, blank or `-`: none. */
  readonly program: string;
  /** Time limit of one call. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** What `explainProgram` has reported already; it is not logged as an error again. */
  readonly knownFailure?: string | null;
  /** Default: that of node:child_process. */
  readonly spawn?: Spawn;
}

interface Waiting {
  readonly call: HookCall;
  readonly timeoutMs: number;
  readonly settle: (outcome: HookOutcome) => void;
}

const MAX_WAITING = 256;

/** Runs the user's program: one call after the other, in order, without a shell. */
export class HookRunner {
  readonly #program: string | undefined;
  readonly #timeoutMs: number;
  readonly #logger: Logger;
  readonly #spawn: Spawn;
  readonly #waiting: Waiting[] = [];
  #running: { readonly call: HookCall; readonly process: HookProcess } | undefined;
  #work: Promise<void> | undefined;
  #closed = false;
  /** The last `start_group` was dropped, because the queue was full. */
  #droppedStart = false;
  /** The failure that has been logged as an error; each one is logged once for a configuration. */
  #knownFailure: string | null;

  constructor({ program, timeoutMs, logger, knownFailure = null, spawn = spawnProcess }: HookRunnerOptions) {
    const name = program.trim();
    this.#program = name === '' || name === '-' ? undefined : name;
    this.#timeoutMs = timeoutMs;
    this.#logger = logger;
    this.#knownFailure = knownFailure;
    this.#spawn = spawn;
  }

  /** Settles when the call has ended, successfully or not; never rejects. */
  run(call: HookCall): Promise<HookOutcome> {
    if (this.#takesBack(call)) return notRun('nor was start_group');
    if (this.#waiting.length >= MAX_WAITING) {
      this.#logger.log(
        'error',
        `hook ${call.name}: dropped, because ${MAX_WAITING} calls are already waiting`,
      );
      this.#droppedStart ||= call.name === 'start_group';
      return notRun('too many calls are waiting');
    }
    return this.#queue(call, this.#timeoutMs);
  }

  #queue(call: HookCall, timeoutMs: number): Promise<HookOutcome> {
    const program = this.#program;
    if (program === undefined) return notRun('no program is configured');
    if (this.#closed) return notRun('hostp2pd is ending');
    return new Promise((settle) => {
      this.#waiting.push({ call, timeoutMs, settle });
      this.#work ??= this.#runWaiting(program);
    });
  }

  /**
   * An attempt to form a group has ended, and its `start_group` still waits for earlier calls: neither is called. So a slow hook
   * does not delay the next group for each attempt that fails. One whose `start_group` was dropped is not called either.
   */
  #takesBack({ name, args }: HookCall): boolean {
    if (name !== 'stop_group') return false;
    if (this.#droppedStart) {
      this.#droppedStart = false;
      return true;
    }
    if (args.length > 0) return false;
    const place = this.#waiting.findLastIndex(({ call }) => call.name === 'start_group');
    const [start] = place < 0 ? [] : this.#waiting.splice(place, 1);
    start?.settle({ kind: 'not run', reason: 'its attempt has ended' });
    return start !== undefined;
  }

  /**
   * Makes the last call; later ones are refused. Earlier calls get `earlierMs`; then the running one is ended (within 3 s)
   * and the waiting ones are dropped. The last call has the usual time limit, but at most `ownMs`.
   */
  runLast(call: HookCall, earlierMs: number, ownMs: number): Promise<HookOutcome> {
    const outcome = this.#queue(call, Math.min(this.#timeoutMs, ownMs));
    void this.#endAfter(earlierMs, call);
    this.#closed = true;
    return outcome;
  }

  /**
   * Waits at most `graceMs` for all calls, then ends the running one (within 3 s) and drops the waiting ones. Of several
   * calls of this method the shortest grace counts.
   */
  close(graceMs: number): Promise<void> {
    this.#closed = true;
    return this.#endAfter(graceMs);
  }

  async #endAfter(graceMs: number, spared?: HookCall): Promise<void> {
    const deadline = setTimeout(() => {
      for (const waiting of this.#waiting.splice(0)) {
        if (waiting.call === spared) this.#waiting.push(waiting);
        else waiting.settle({ kind: 'not run', reason: 'hostp2pd is ending' });
      }
      if (this.#running?.call !== spared) this.#running?.process.terminate();
    }, graceMs);
    await this.#work;
    clearTimeout(deadline);
  }

  async #runWaiting(program: string): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { call, settle } = next;
      const process = this.#start(program, next);
      this.#running = { call, process };
      const outcome = await process.outcome;
      this.#running = undefined;
      await this.#report(program, call, outcome);
      settle(outcome);
    }
    this.#work = undefined;
  }

  #start(program: string, { call: { name, args, environment }, timeoutMs }: Waiting): HookProcess {
    // A line feed in the name of a phone confuses most scripts.
    const own = Object.entries(environment).map(([key, value]) => [key, replaceControlCharacters(value)]);
    return new HookProcess({
      program,
      args: [name, ...args].map(replaceControlCharacters),
      environment: { ...process.env, ...Object.fromEntries(own) },
      timeoutMs,
      spawn: this.#spawn,
      onLine: (line) => this.#logger.log('info', `hook ${name}: ${line}`),
    });
  }

  async #report(program: string, { name }: HookCall, outcome: HookOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'exited':
        if (outcome.code === 0) this.#logger.log('debug', `hook ${name}: done`);
        else this.#logger.log('warning', `hook ${name}: ${program} ended with code ${outcome.code}`);
        break;
      case 'signalled':
        this.#logger.log('warning', `hook ${name}: ${program} was ended by ${outcome.signal}`);
        break;
      case 'timed out':
        this.#logger.log('error', `hook ${name}: ${program} did not end in time and was stopped`);
        break;
      case 'failed': {
        const failure = (await explainProgram(program, outcome.error)) ?? '';
        this.#logger.log(failure === this.#knownFailure ? 'debug' : 'error', `hook ${name}: ${failure}`);
        this.#knownFailure = failure;
        break;
      }
      case 'not run':
        break;
    }
  }
}

function notRun(reason: string): Promise<HookOutcome> {
  return Promise.resolve({ kind: 'not run', reason });
}
