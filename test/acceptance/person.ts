import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

/** Ctrl-C, or the end of the input. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
  }
}

/** The person at the terminal: reads sentences, answers with lines. */
export class Person {
  readonly #input: Interface;
  readonly #output: NodeJS.WritableStream;
  readonly #lines: string[] = [];
  readonly #interruption = new AbortController();

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#output = output;
    // Not as a terminal: the kernel edits the line, and Ctrl-C is a signal.
    this.#input = createInterface({ input, terminal: false });
    this.#input.on('line', (line) => this.#lines.push(line.trim()));
    this.#input.once('close', () => this.interrupt());
  }

  /** Aborted by Ctrl-C, and at the end of the input. */
  get interrupted(): AbortSignal {
    return this.#interruption.signal;
  }

  interrupt(): void {
    this.#interruption.abort();
  }

  close(): void {
    this.#input.close();
  }

  say(text = ''): void {
    this.#output.write(`${text}\n`);
  }

  /** Forgets what was typed before anything was asked. */
  discardLines(): void {
    this.#lines.length = 0;
  }

  /** A line that was typed and not read yet. */
  takeLine(): string | undefined {
    return this.#lines.shift();
  }

  /** @throws {Interrupted} */
  async line(question: string): Promise<string> {
    this.#output.write(`${question} `);
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.interrupted.aborted) throw new Interrupted();
      await once(this.#input, 'line', { signal: this.interrupted }).catch(() => undefined);
    }
  }

  /** @throws {Interrupted} */
  async yes(question: string): Promise<boolean> {
    for (;;) {
      const answer = (await this.line(`${question} [y/n]`)).toLowerCase();
      if (answer === 'y' || answer === 'yes') return true;
      if (answer === 'n' || answer === 'no') return false;
      this.say(`Expected y or n, got ${JSON.stringify(answer)}.`);
    }
  }
}
