import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HOSTP2PD } from '../../shipped-program.js';
import { type Entry, Journal, type Matched, type Pattern } from './journal.js';
import type { Surroundings } from './supplicant.js';
import { patient, until } from './wait.js';

/** A line of the program's output. */
interface OutputLine extends Entry {
  readonly stream: 'stdout' | 'stderr';
}

/** How a process ended: exactly one of the two is set. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  /** Its name in the timeline and in the name of its log. Default `daemon`. */
  readonly name?: string;
  readonly args?: readonly string[];
  /** Added to the environment; a key that is undefined is removed. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Another program than dist/hostp2pd.cjs under this node. */
  readonly command?: string;
  /** True: `write` and `endInput` feed its standard input; otherwise that is empty. */
  readonly input?: boolean;
}

/** A process of the program under test, or of another program, with its output. */
export class Program {
  readonly name: string;
  readonly pid: number | undefined;
  readonly #child: ChildProcess;
  readonly #surroundings: Surroundings;
  readonly #output: Journal<OutputLine>;
  #ending: Ending | undefined;

  constructor(surroundings: Surroundings, options: ProgramOptions = {}) {
    const { name = 'daemon', args = [] } = options;
    this.name = name;
    this.#surroundings = surroundings;
    this.#output = new Journal(`${name}'s output`, surroundings.timeline);
    const [command, words] =
      options.command === undefined ? [process.execPath, [HOSTP2PD, ...args]] : [options.command, [...args]];
    surroundings.timeline.add(name, `$ ${[options.command ?? 'hostp2pd', ...args].join(' ')}`);
    const child = spawn(command, words, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.pid = child.pid;
    // Input for a program that has just ended is not a failure of the scenario.
    child.stdin?.on('error', () => {});
    child.on('error', (error) => surroundings.timeline.add(name, error.message));
    this.#collect('stdout');
    this.#collect('stderr');
    // `close` comes after all output.
    child.on('close', (code, signal) => {
      this.#ending = { code, signal };
      surroundings.timeline.add(name, `ended: ${signal ?? `exit ${code}`}`);
    });
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** The output so far, one entry for each line. */
  get output(): readonly OutputLine[] {
    return this.#output.since(0);
  }

  get stdout(): string {
    return this.#text('stdout');
  }

  get stderr(): string {
    return this.#text('stderr');
  }

  mark(): number {
    return this.#output.mark();
  }

  /** The first line since `mark` (default: since its start) that matches. */
  waitOutput(pattern: Pattern<OutputLine>, seconds: number, mark = 0): Promise<Matched<OutputLine>> {
    return this.#output.wait(pattern, patient(seconds), mark);
  }

  /** Waits until it has ended and all its output is there. */
  waitExit(seconds: number): Promise<Ending> {
    return until(
      this.#surroundings.timeline,
      `the end of ${this.name}`,
      patient(seconds),
      () => this.#ending,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#surroundings.timeline.add(this.name, `gets ${signal}`);
    this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  stop(seconds = 15, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.signal(signal);
    return this.waitExit(seconds);
  }

  /** Writes to its standard input (with `input: true`). */
  write(text: string): void {
    this.#surroundings.timeline.add(this.name, `reads ${JSON.stringify(text)}`);
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  #collect(stream: 'stdout' | 'stderr'): void {
    const input = this.#child[stream];
    if (input === null) return;
    const log = join(this.#surroundings.scratch, `${this.name}.program.log`);
    createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (text) => {
      const at = this.#surroundings.timeline.now();
      appendFileSync(log, `${text}\n`);
      this.#surroundings.timeline.add(this.name, text, at);
      this.#output.add({ at, text, stream });
    });
  }

  #text(stream: 'stdout' | 'stderr'): string {
    return this.output
      .filter((line) => line.stream === stream)
      .map(({ text }) => `${text}\n`)
      .join('');
  }
}
