import { createInterface, emitKeypressEvents, type Interface, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import { type Completion, commonStart, inColumns } from './completer.js';
import { MOST_LINES } from './history-file.js';
import type { TypedLine } from './screen.js';

export interface PromptLineOptions {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** The newest first. */
  readonly history: readonly string[];
  readonly complete: (before: string) => Promise<Completion>;
  /** A line was entered; the next one is kept back until {@link PromptLine.ready}. */
  readonly onLine: (line: string) => void;
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Ctrl-D on an empty line, or the terminal has gone. */
  readonly onEnd: () => void;
}

interface Stroke {
  readonly text: string | undefined;
  readonly key: Key;
}

/**
 * The line that is being typed at a terminal, edited by Node's readline. While a command runs one may type on; the
 * Enter behind it waits until the command is done, and so do the lines of a paste.
 *
 * readline gets the keys one by one from here, and not a terminal to read from: of a paste of several characters it
 * appends what belongs into the middle of the line, and loses count of the rows; while it completes it takes further
 * keys for part of the word (interface.js of Node 20 to 24, kInsertString and kTabComplete).
 */
export class PromptLine implements TypedLine {
  readonly #options: PromptLineOptions;
  readonly #readline: Interface;
  readonly #strokes: Stroke[] = [];
  #recall: string[] = [];
  #busy = true;
  #completing = false;
  #afterTab = false;
  #closed = false;

  constructor(options: PromptLineOptions) {
    this.#options = options;
    const { input, output } = options;
    const nothing = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => this.#setRaw(on) });
    this.#recall = [...options.history];
    this.#readline = createInterface({
      input: nothing,
      output,
      terminal: true,
      prompt: '',
      history: this.#recall,
      historySize: MOST_LINES,
    });
    this.#readline.on('history', (lines) => {
      this.#recall = lines;
    });
    this.#readline.on('line', (line) => {
      this.#busy = true;
      this.#readline.setPrompt('');
      options.onLine(line);
    });
    this.#readline.on('close', () => this.#end());
    emitKeypressEvents(input);
    input.on('keypress', this.#take).on('end', this.#gone).on('error', this.#gone).on('close', this.#gone);
    output.on('error', this.#gone);
  }

  /** Shows the prompt, and takes a line. */
  ready(prompt: string): void {
    if (this.#closed) return;
    this.#busy = false;
    this.#readline.setPrompt(prompt);
    this.#readline.prompt(true);
    this.#feed();
  }

  above(text: string): void {
    const { output } = this.#options;
    if (this.#closed) {
      output.write(`${text}\n`);
      return;
    }
    const { rows } = this.#readline.getCursorPos();
    const up = rows > 0 ? `\u001b[${rows}A` : '';
    // readline goes up as many rows as the cursor was below the first one, and writes the line there.
    output.write(`${up}\r\u001b[J${text}\n${'\n'.repeat(rows)}`);
    this.#readline.prompt(true);
  }

  clearHistory(): void {
    this.#recall.length = 0;
  }

  /** Gives the terminal back as it was, with the cursor on a line of its own. */
  close(): void {
    if (this.#closed) return;
    const { output } = this.#options;
    const { cols, rows } = this.#readline.getCursorPos();
    if (cols > 0 || rows > 0) {
      this.#readline.write(null, { ctrl: true, name: 'e' });
      output.write('\r\n');
    }
    this.#leave();
  }

  #leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { input } = this.#options;
    input.off('keypress', this.#take).pause();
    this.#readline.close();
  }

  /** readline has closed itself: Ctrl-D. */
  #end(): void {
    if (this.#closed) return;
    this.#options.output.write('\r\n');
    this.#leave();
    this.#options.onEnd();
  }

  readonly #gone = (): void => {
    if (this.#closed) return;
    this.#leave();
    this.#options.onEnd();
  };

  #setRaw(on: boolean): void {
    try {
      this.#options.input.setRawMode(on);
    } catch {
      // The terminal has gone.
    }
  }

  readonly #take = (text: string | undefined, key: Key): void => {
    if (key.ctrl && key.name === 'c') {
      this.#strokes.length = 0;
      this.#options.onInterrupt();
      return;
    }
    this.#strokes.push({ text, key });
    this.#feed();
  };

  #feed(): void {
    for (;;) {
      const [stroke] = this.#strokes;
      if (!stroke || this.#closed || this.#completing) return;
      const { text, key } = stroke;
      const ends = key.name === 'return' || key.name === 'enter' || (key.ctrl && key.name === 'd');
      if (ends && this.#busy) return;
      this.#strokes.shift();
      const tab = key.name === 'tab' && !key.shift;
      if (tab) void this.#tab(this.#afterTab);
      else this.#readline.write(text ?? '', key);
      this.#afterTab = tab;
    }
  }

  /** Completes as far as all agree; pressed again lists what there is. */
  async #tab(again: boolean): Promise<void> {
    const { complete, output } = this.#options;
    this.#completing = true;
    const { hits, on } = await complete(this.#readline.line.slice(0, this.#readline.cursor));
    this.#completing = false;
    if (this.#closed) return;
    const start = commonStart(hits);
    if (start !== on && start.length >= on.length) this.#replace(on, start);
    else if (again && hits.length > 1) {
      const listed = hits.map((hit) => hit.trimEnd());
      this.above(inColumns(listed, output.columns || 80));
    }
    this.#feed();
  }

  #replace(on: string, by: string): void {
    if (!by.startsWith(on)) {
      for (const _character of on) this.#readline.write(null, { name: 'backspace' });
    }
    this.#readline.write(by.startsWith(on) ? by.slice(on.length) : by);
  }
}
