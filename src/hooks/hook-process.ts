import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { HOOK_KILL_MS } from '../system/end-limits.js';
import { signalGroup } from '../system/processes.js';

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
/** From SIGKILL until a process that is stuck in the kernel is given up. */
const KILL_MS = HOOK_KILL_MS - TERM_MS;
/** Time for the last output after the hook has ended: programs that it leaves running may hold the pipe for ever. */
const DRAIN_MS = 100;
/** How often a process group that has to end is checked once its leader has ended. */
const POLL_MS = 20;

interface HookProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly spawn: Spawn;
  /** Gets the output of the hook, line by line. */
  readonly onLine: (line: string) => void;
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

  constructor({ program, args, environment, timeoutMs, spawn, onLine }: HookProcessOptions) {
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    let child: ChildProcess;
    try {
      // No shell: it would execute what a phone has put into its name. Detached: a process group of its own, which can be
      // ended as a whole, and which a Ctrl-C at our terminal does not reach.
      child = spawn(program, args, {
        shell: false,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environment,
      });
    } catch (error) {
      this.#settle({ kind: 'failed', error });
      return;
    }
    this.#child = child;
    const output = new HookOutput(onLine);
    // Whatever the types say: if the process could not be started there may be no streams.
    for (const stream of [child.stdout, child.stderr]) if (stream) output.read(stream);
    child.on('error', (error) => {
      if (child.pid === undefined) this.#finish({ kind: 'failed', error });
    });
    child.on('exit', (code, signal) => {
      if (this.#terminated) this.#watchGroup();
      else if (code === null) this.#exited({ kind: 'signalled', signal: signal ?? 'SIGKILL' });
      else this.#exited({ kind: 'exited', code });
    });
    child.on('close', () => {
      if (this.#exit !== undefined) this.#finish(this.#exit);
    });
    this.#limit = setTimeout(() => this.terminate(), timeoutMs);
  }

  /** Ends the hook and the rest of its process group; the outcome is 'timed out'. */
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
    // If only 'close' ended the call, a program that the hook has started could block the queue. The extra turn of the
    // event loop is needed because timers come before input: after a busy period the last output may not be read yet.
    this.#drain = setTimeout(() => setImmediate(() => this.#finish(outcome)), DRAIN_MS);
  }

  /** Finishes when the process group is empty; the escalation limits the wait. */
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

const MAX_LINES = 200;
const MAX_CHARACTERS = 2000;

/** The output of a hook, line by line: at most 200 lines of 2,000 characters, however much it writes. */
class HookOutput {
  readonly #onLine: (line: string) => void;
  #lines = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Reads to the end, so that a hook that writes more than is kept does not block. */
  read(stream: Readable): void {
    // The current line as far as it has been read.
    let partial = '';
    let cut = false;
    const finish = (): void => {
      if (partial !== '') this.#line(cut ? `${partial}…` : partial);
      partial = '';
      cut = false;
    };
    const append = (text: string): void => {
      const room = MAX_CHARACTERS - partial.length;
      cut ||= text.length > room;
      partial += text.slice(0, room);
    };
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      // Splitting what is dropped into lines takes three times as long as reading it: 3 s of CPU more for 1 GB.
      if (this.#lines > MAX_LINES) return;
      const [first = '', ...others] = chunk.split(/\r?\n/);
      append(first);
      for (const text of others) {
        finish();
        append(text);
      }
    });
    // 'close' follows 'end', and comes alone if the stream is destroyed.
    stream.on('close', finish);
    stream.on('error', () => {});
  }

  #line(text: string): void {
    this.#lines += 1;
    if (this.#lines <= MAX_LINES) this.#onLine(text);
    else if (this.#lines === MAX_LINES + 1)
      this.#onLine(`(more than ${MAX_LINES} lines: the others are dropped)`);
  }
}
