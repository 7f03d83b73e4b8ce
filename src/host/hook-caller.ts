import { type HookEvent, hookCall } from '../hooks/contract.js';
import type { HookOutcome } from '../hooks/hook-process.js';
import type { HookRunner } from '../hooks/hook-runner.js';
import { explainProgram } from '../hooks/program-check.js';
import type { Logger } from '../logging/logger.js';
import { EARLIER_HOOKS_MS, LAST_HOOK_MS } from '../system/end-limits.js';
import type { ReportProblem } from '../system/problems.js';

interface Program {
  readonly path: string;
  readonly timeoutMs: number;
}

/** Loads the code that runs programs; for tests. */
type LoadRunner = () => Promise<{ readonly HookRunner: typeof HookRunner }>;

/** How long calls of a program that a reload has replaced may still run. */
const FORMER_GRACE_MS = 30_000;

/**
 * Calls the user's hook program for the session. Without a program every hook ends at once, and the code that starts
 * processes is never loaded.
 */
export class HookCaller {
  readonly #logger: Logger;
  readonly #onProblem: ReportProblem;
  readonly #loadRunner: LoadRunner;
  #program: Program | null;
  #runner: Promise<HookRunner> | null = null;
  /** Why the program cannot be run; null if it can. */
  #problem: Promise<string | null>;
  /** Settles when the calls of former programs have ended. */
  #former: Promise<void> = Promise.resolve();
  readonly #formerRunners = new Set<Promise<HookRunner>>();
  /** The last hook has been called; it is called only once. */
  #ended = false;
  #interface = '';

  constructor(
    program: Program | null,
    logger: Logger,
    onProblem: ReportProblem = () => {},
    loadRunner: LoadRunner = () => import('../hooks/hook-runner.js'),
  ) {
    this.#program = program;
    this.#logger = logger;
    this.#onProblem = onProblem;
    this.#loadRunner = loadRunner;
    this.#problem = this.#examine(program);
  }

  /** There is a program to call. */
  get active(): boolean {
    return this.#program !== null;
  }

  /** The P2P device interface, which is passed to hooks once it is known. */
  setInterface(name: string): void {
    this.#interface = name;
  }

  /** Calls another program from now on. Calls that are queued for the former one still run. */
  configure(program: Program | null): void {
    this.#problem = this.#examine(program);
    if (program?.path === this.#program?.path && program?.timeoutMs === this.#program?.timeoutMs) return;
    this.#program = program;
    const former = this.#runner;
    this.#runner = null;
    if (!former) return;
    this.#formerRunners.add(former);
    this.#former = closed(former, FORMER_GRACE_MS).then(() => void this.#formerRunners.delete(former));
  }

  /** @param done called when the hook has ended, successfully or not */
  call(event: HookEvent, done: () => void): void {
    const program = this.#program;
    if (!program || this.#ended) {
      done();
      return;
    }
    // Calls stay in order across a change: the new program waits for what is queued for the former one.
    this.#runner ??= this.#former.then(() => this.#load(program));
    const call = hookCall(event, this.#interface);
    const last = event.hook === 'terminated';
    const earlierEnds = performance.now() + EARLIER_HOOKS_MS;
    const left = () => Math.max(0, earlierEnds - performance.now());
    if (last) {
      this.#ended = true;
      for (const former of this.#formerRunners) void closed(former, left());
    }
    this.#runner
      .then((runner) => (last ? runner.runLast(call, left(), LAST_HOOK_MS) : runner.run(call)))
      .then((outcome) => this.#note(program.path, event.hook, outcome))
      .catch((error: unknown) => this.#logger.log('error', `hook ${event.hook}: ${String(error)}`))
      .finally(done);
  }

  /** Waits for hooks that are still running, at most `graceMs`, then ends them. */
  async close(graceMs: number): Promise<void> {
    if (this.#runner) await closed(this.#runner, graceMs);
    await this.#former;
  }

  /** Logs a program that cannot be run at once, instead of at every event. */
  async #examine(program: Program | null): Promise<string | null> {
    const problem = program && (await explainProgram(program.path));
    this.#report(problem);
    if (problem !== null) this.#logger.log('error', `run_program: ${problem}`);
    return problem;
  }

  async #note(path: string, hook: HookEvent['hook'], outcome: HookOutcome): Promise<void> {
    // A reload may have named another program meanwhile.
    if (outcome.kind === 'not run' || path !== this.#program?.path) return;
    const problem = await outcomeText(path, outcome);
    this.#report(problem && `hook ${hook}: ${problem}`);
  }

  #report(reason: string | null): void {
    this.#onProblem(reason === null ? null : { reason, waitsFor: 'the next event', nextTryAt: null });
  }

  async #load({ path, timeoutMs }: Program): Promise<HookRunner> {
    const { HookRunner } = await this.#loadRunner();
    return new HookRunner({
      program: path,
      timeoutMs,
      logger: this.#logger,
      knownFailure: await this.#problem,
    });
  }
}

/** Settles when its calls have ended; never rejects. If its code could not be loaded, which each call has reported, there are none. */
function closed(runner: Promise<HookRunner>, graceMs: number): Promise<void> {
  return runner.then(
    (loaded) => loaded.close(graceMs),
    () => {},
  );
}

/** What went wrong; null: nothing. */
async function outcomeText(
  path: string,
  outcome: Exclude<HookOutcome, { kind: 'not run' }>,
): Promise<string | null> {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? null : `${path} ended with code ${outcome.code}`;
    case 'signalled':
      return `${path} was ended by ${outcome.signal}`;
    case 'timed out':
      return `${path} did not end in time and was stopped`;
    case 'failed':
      return explainProgram(path, outcome.error);
  }
}
