import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { HOOK_KILL_MS } from '../system/end-limits.js';
import { signalGroup } from '../system/processes.js';
import { HookOutput } from './hook-output.js';

export type Spawn = (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/** How a hook ended. */
export type HookOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timed out' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'not run'; readonly reason: string };

/** From SIGTERM to SIGKILL. */
const TERM_MS = 2000;
/** From SIGKILL until a process that does not even end then, stuck in the kernel, is left behind. */
const KILL_MS = HOOK_KILL_MS - TERM_MS;
/** For the last output, after the hook has ended: what it leaves running may hold the pipe for ever. */
const DRAIN_MS = 100;
/** How often a group that was told to end is looked at, once its leader has ended. */
const POLL_MS = 20;

export interface HookProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly spawn: Spawn;
  readonly say: (line: string) => void;
}

/** One run of the hook program, in a process group of its own. */
export class HookProcess {
  /** Settles within the time limit and 3 s; never rejects. */
  readonly outcome: Promise<HookOutcome>;
  #settle: (outcome: HookOutcome) => void = () => {};
  #child: ChildProcess | undefined;
  /** How the hook ended by itself, while its last output is read. */
  #exit: HookOutcome | undefined;
  #terminated = false;
  #limit: NodeJS.Timeout | undefined;
  #escalation: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;

  constructor({ program, args, environment, timeoutMs, spawn, say }: HookProcessOptions) {
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    let child: ChildProcess;
    try {
      // No shell: it would run what a phone has put into its name. Detached: a group of its own, to be ended
      // as one, which a Ctrl-C at our terminal does not reach.
      const options: SpawnOptions = {
        shell: false,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environment,
      };
      child = spawn(program, args, options);
    } catch (error) {
      this.#settle({ kind: 'failed', error });
      return;
    }
    this.#child = child;
    const output = new HookOutput(say);
    // Without a process there may be no streams either, whatever the types say.
    for (const stream of [child.stdout, child.stderr]) if (stream) output.read(stream);
    child.on('error', (error) => {
      if (child.pid === undefined) this.#finish({ kind: 'failed', error });
    });
    child.on('exit', (code, signal) => {
      if (this.#terminated) this.#watchGroup();
      else
        this.#exited(
          code === null ? { kind: 'signalled', signal: signal ?? 'SIGKILL' } : { kind: 'exited', code },
        );
    });
    child.on('close', () => {
      if (this.#exit !== undefined) this.#finish(this.#exit);
    });
    this.#limit = setTimeout(() => this.terminate(), timeoutMs);
  }

  /** Ends the hook and all that is left of its group; the outcome is 'timed out'. */
  terminate(): void {
    const group = this.#child?.pid;
    if (group === undefined || this.#terminated || this.#exit !== undefined) return;
    this.#terminated = true;
    clearTimeout(this.#limit);
    signalGroup(group, 'SIGTERM');
    this.#escalation = setTimeout(() => {
      signalGroup(group, 'SIGKILL');
      this.#escalation = setTimeout(() => this.#finish({ kind: 'timed out' }), KILL_MS);
    }, TERM_MS);
  }

  #exited(outcome: HookOutcome): void {
    clearTimeout(this.#limit);
    this.#exit = outcome;
    // Settling on 'close' alone would let a program that the hook has started hold the queue. One more turn, for
    // timers come before input: after a busy spell the last output may wait to be read.
    this.#drain = setTimeout(() => setImmediate(() => this.#finish(outcome)), DRAIN_MS);
  }

  /** Done when nobody of the group is left; the escalation bounds it. */
  #watchGroup(): void {
    const group = this.#child?.pid;
    this.#watch = setInterval(() => {
      if (group === undefined || !signalGroup(group, 0)) this.#finish({ kind: 'timed out' });
    }, POLL_MS);
  }

  #finish(outcome: HookOutcome): void {
    for (const timer of [this.#limit, this.#escalation, this.#watch, this.#drain]) clearTimeout(timer);
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
    this.#settle(outcome);
  }
}
