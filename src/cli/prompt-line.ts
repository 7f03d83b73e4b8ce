import { createInterface, emitKeypressEvents, type Interface, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Completion } from './completion.js';
import { MOST_LINES } from './history-file.js';
import type { TypedLine } from './screen.js';

interface PromptLineOptions {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** The newest first. */
  readonly history: readonly string[];
  readonly complete: (before: string) => Promise<Completion>;
  /** A line was entered; the next one is held back until {@link PromptLine.ready}. */
  readonly onLine: (line: string) => void;
  /** Ctrl-C while a command runs, or on an empty line. Elsewhere it clears the line. */
  readonly onInterrupt: () => void;
  /** Ctrl-D on an empty line, or the terminal is gone. */
  readonly onEnd: () => void;
}

interface Stroke {
  readonly text: string | undefined;
  readonly key: Key;
}

/** A search through the history. */
interface Search {
  readonly query: string;
  /** Index of the line found last; the newest line is 0. */
  readonly place: number;
  /** The line before the search. */
  readonly line: string;
  readonly prompt: string;
}

/**
 * The line that is being typed at a terminal, edited by Node's readline. The user can type while a command runs; Enter
 * then waits until the command is done, and so do the lines of a paste.
 *
 * readline gets the keys one by one from here instead of reading from the terminal, because it has errors (interface.js
 * of Node 20 to 24, kInsertString and kTabComplete): it appends a paste of several characters at the end of the line
 * wherever the cursor is, and miscounts the rows; while it completes it takes further keys as part of the word.
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
  #prompt = '';
  #search: Search | null = null;

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
    this.#show(prompt);
    this.#feed();
  }

  /** Draws the prompt and the line after it. */
  #show(prompt: string): void {
    this.#prompt = prompt;
    this.#readline.setPrompt(prompt);
    this.#readline.prompt(true);
  }

  above(text: string): void {
    const { output } = this.#options;
    if (this.#closed) {
      output.write(`${text}\n`);
      return;
    }
    const { rows } = this.#readline.getCursorPos();
    const up = rows > 0 ? `\u001b[${rows}A` : '';
    // readline moves up by the row of the cursor in the line before it draws the line again.
    output.write(`${up}\r\u001b[J${text}\n${'\n'.repeat(rows)}`);
    this.#readline.prompt(true);
  }

  clearHistory(): void {
    this.#recall.length = 0;
  }

  /** Restores the terminal, with the cursor on a new line. */
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
      // The terminal is gone.
    }
  }

  readonly #take = (text: string | undefined, key: Key): void => {
    if (key.ctrl && key.name === 'c') {
      this.#strokes.length = 0;
      if (this.#busy || (this.#readline.line === '' && this.#search === null)) this.#options.onInterrupt();
      else this.#clearLine();
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
      if (this.#searches(text, key)) {
        this.#strokes.shift();
        continue;
      }
      const ends = key.name === 'return' || key.name === 'enter' || (key.ctrl && key.name === 'd');
      if (ends && this.#busy) return;
      this.#strokes.shift();
      const tab = key.name === 'tab' && !key.shift;
      if (tab) void this.#tab(this.#afterTab);
      else this.#readline.write(text ?? '', key);
      this.#afterTab = tab;
    }
  }

  /** Ctrl-C on a line with text: the line stays visible, is not carried out, and an empty one follows. */
  #clearLine(): void {
    const prompt = this.#search?.prompt ?? this.#prompt;
    this.#search = null;
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#options.output.write('^C\r\n');
    this.#setLine('', prompt);
  }

  /** @param prompt of the line from now on */
  #setLine(text: string, prompt: string): void {
    this.#readline.setPrompt('');
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#readline.write(text);
    this.#show(prompt);
  }

  /**
   * Ctrl-R as in shells, which readline does not offer: typed text is searched in the history, Ctrl-R again goes further
   * back, Ctrl-G restores the former line. Any other key takes the found line, and then has its usual effect.
   * @returns whether the key belonged to the search
   */
  #searches(text: string | undefined, key: Key): boolean {
    const back = key.ctrl === true && key.name === 'r';
    const search = this.#search;
    if (search === null) {
      if (!back || this.#busy) return false;
      const { line } = this.#readline;
      this.#search = { query: '', place: 0, line, prompt: this.#prompt };
      this.#find(this.#search);
      return true;
    }
    if (back) {
      this.#find({ ...search, place: search.place + 1 });
      return true;
    }
    if (key.name === 'backspace') {
      this.#find({ ...search, query: [...search.query].slice(0, -1).join(''), place: 0 });
      return true;
    }
    if (key.ctrl && key.name === 'g') {
      this.#search = null;
      this.#setLine(search.line, search.prompt);
      return true;
    }
    if (text !== undefined && !key.ctrl && !key.meta && /^[^\p{Control}]+$/u.test(text)) {
      this.#find({ ...search, query: search.query + text });
      return true;
    }
    this.#search = null;
    this.#show(search.prompt);
    // Escape only ends the search.
    return key.name === 'escape';
  }

  /** Shows the newest line of the history, from that place on, that contains the query. */
  #find(search: Search): void {
    const { query } = search;
    const place =
      query === '' ? -1 : this.#recall.findIndex((line, at) => at >= search.place && line.includes(query));
    const found = this.#recall[place];
    const failed = query !== '' && found === undefined;
    // Without another match further back, the last one stays.
    this.#search = failed
      ? { ...search, place: this.#search?.place ?? 0 }
      : { ...search, place: Math.max(place, 0) };
    const prompt = `(${failed ? 'no match' : 'search'})\`${query}': `;
    if (found === undefined) this.#show(prompt);
    else this.#setLine(found, prompt);
  }

  /** Completes the common beginning of all hits; the second TAB lists them. */
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

/** The longest common beginning. */
export function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}

/** In columns, each as wide as the widest text. */
export function inColumns(texts: readonly string[], columns: number): string {
  const width = Math.max(...texts.map(({ length }) => length)) + 2;
  const across = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(texts.length / across);
  // Sorted downwards, like the output of ls.
  return Array.from({ length: rows }, (_, row) =>
    texts
      .filter((_text, index) => index % rows === row)
      .map((text) => text.padEnd(width))
      .join('')
      .trimEnd(),
  ).join('\n');
}
