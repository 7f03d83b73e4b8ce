import { Writable } from 'node:stream';

/** Where the line that is being typed stands; nowhere else may anything be written meanwhile. */
export interface TypedLine {
  /** Writes whole lines above it. */
  above(text: string): void;
}

/** What the prompt writes to: the results, the events, and the log of the session where it goes to the terminal. */
export class Screen {
  readonly output: NodeJS.WriteStream;
  colour: boolean;
  /** Takes the lines of the log for the console: above the line that is being typed. */
  readonly log: Writable;
  #line: TypedLine | null = null;

  constructor(
    output: NodeJS.WriteStream = process.stdout,
    errors: NodeJS.WriteStream = process.stderr,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.output = output;
    this.colour = showsColours(output, environment);
    // Who sends the log elsewhere finds it there.
    this.log = output.isTTY && errors.isTTY ? linesTo((line) => this.print(line)) : errors;
  }

  get columns(): number {
    return this.output.columns || 80;
  }

  /** @param text lines, without a newline behind the last one */
  print(text: string): void {
    if (this.#line) this.#line.above(text);
    else this.output.write(`${text}\n`);
  }

  /** From now on a line is being typed; null: no longer. */
  typing(line: TypedLine | null): void {
    this.#line = line;
  }

  paint(colour: keyof typeof COLOURS, text: string): string {
    return this.colour ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  }
}

const COLOURS = { prompt: '1;32', event: '36', error: '31' } as const;

/** Whether colours are of use there, and wanted. */
export function showsColours(
  output: NodeJS.WriteStream,
  { NO_COLOR, TERM }: NodeJS.ProcessEnv = process.env,
): boolean {
  return output.isTTY && !NO_COLOR && TERM !== 'dumb';
}

/** A stream that hands on what is written to it line by line. */
export function linesTo(take: (line: string) => void): Writable {
  let partial = '';
  return new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      const lines = (partial + String(chunk)).split('\n');
      partial = lines.pop() ?? '';
      if (lines.length > 0) take(lines.join('\n'));
      done();
    },
  });
}
