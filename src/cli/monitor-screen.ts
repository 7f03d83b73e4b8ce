import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../commands/text-table.js';
import type { Size } from './monitor-frame.js';

/** A terminal to write to, such as `process.stdout`. */
export interface ScreenOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly writableNeedDrain?: boolean;
}

/** The other screen, which leaves the user's own as it was; no cursor; no wrapping, for not all count alike. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know it show what is between in one step; the others pass over it. */
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';

/** Draws frames so that nothing flickers: in one write each, and of each only the lines that have changed. */
export class TerminalScreen {
  readonly #output: ScreenOutput;
  #entered = false;
  #shown: readonly string[] = [];
  #size: Size;
  /** The frame that came while the terminal took no more. */
  #late: readonly string[] | null = null;

  constructor(output: ScreenOutput) {
    this.#output = output;
    this.#size = this.size;
  }

  get size(): Size {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#shown = [];
    this.#output.write(ENTER);
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#late = null;
    this.#output.write(LEAVE);
  }

  /** Puts everything there again: something else may have written to the terminal. */
  restart(): void {
    this.#entered = false;
    this.enter();
  }

  draw(lines: readonly string[]): void {
    if (!this.#entered) return;
    if (this.#output.writableNeedDrain) {
      // It is slow: the newest frame is drawn when it can take one, those before it never.
      if (!this.#late) this.#output.once('drain', () => this.#drawLate());
      this.#late = lines;
      return;
    }
    const size = this.size;
    const resized = size.columns !== this.#size.columns || size.rows !== this.#size.rows;
    const former = resized ? [] : this.#shown;
    const changed = lines.flatMap((line, row) => (line === (former[row] ?? '') ? [] : [at(row, line, size)]));
    this.#size = size;
    this.#shown = lines;
    if (changed.length === 0 && !resized) return;
    this.#output.write(`${BEGIN_UPDATE}${resized ? '\x1b[2J' : ''}${changed.join('')}${END_UPDATE}`);
  }

  #drawLate(): void {
    const lines = this.#late;
    this.#late = null;
    if (lines) this.draw(lines);
  }
}

/** Erases only what is behind the text: behind the last column that would be the last character. */
function at(row: number, line: string, { columns }: Size): string {
  const rest = displayWidth(stripVTControlCharacters(line)) < columns ? '\x1b[K' : '';
  return `\x1b[${row + 1};1H${line}${rest}`;
}
