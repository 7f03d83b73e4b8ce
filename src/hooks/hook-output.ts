import type { Readable } from 'node:stream';

const MAX_LINES = 200;
const MAX_CHARACTERS = 2000;

/** What a hook says, line by line: at most 200 lines of 2,000 characters, however much it writes. */
export class HookOutput {
  readonly #say: (line: string) => void;
  #lines = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Reads on to the end, so that a hook that says more than is kept does not block. */
  read(stream: Readable): void {
    // What has come of the current line; its end shows with the next line feed or the end of the stream.
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
      const [first = '', ...others] = chunk.split(/\r?\n/);
      append(first);
      for (const text of others) {
        finish();
        append(text);
      }
    });
    // 'close' comes after 'end', and alone where the stream is given up.
    stream.on('close', finish);
    stream.on('error', () => {});
  }

  #line(text: string): void {
    this.#lines += 1;
    if (this.#lines <= MAX_LINES) this.#say(text);
    else if (this.#lines === MAX_LINES + 1)
      this.#say(`(more than ${MAX_LINES} lines: the others are dropped)`);
  }
}
