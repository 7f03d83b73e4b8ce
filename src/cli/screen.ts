import { Writable } from 'node:stream';
import { type Style, showsColours, styled } from '../system/colours.js';

/** The line that is being typed; while there is one, everything else is written through it. */
export interface TypedLine {
  /** Writes whole lines above the typed line. */
  above(text: string): void;
}

/** The terminal of the prompt: results, events, and the log of the session where it goes to the terminal. */
export class Screen {
  readonly output: NodeJS.WriteStream;
  colour: boolean;
  /** Takes the log for the console, and prints it above the typed line. */
  readonly log: Writable;
  #line: TypedLine | null = null;

  constructor(
    output: NodeJS.WriteStream = process.stdout,
    errors: NodeJS.WriteStream = process.stderr,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.output = output;
    this.colour = showsColours(output, environment);
    // A redirected standard error gets the log itself.
    this.log = output.isTTY && errors.isTTY ? linesTo((line) => this.print(line)) : errors;
  }

  get columns(): number {
    return this.output.columns || 80;
  }

  /** @param text lines, without a newline after the last one */
  print(text: string): void {
    if (this.#line) this.#line.above(text);
    else this.output.write(`${text}\n`);
  }

  /** Sets the line that is being typed; null: none. */
  typing(line: TypedLine | null): void {
    this.#line = line;
  }

  paint(style: Style, text: string): string {
    return this.colour ? styled(style, text) : text;
  }
}

/** A stream that passes on what is written to it in whole lines. */
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
