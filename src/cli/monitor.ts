import { stripVTControlCharacters } from 'node:util';
import type { EventLine } from '../commands/journal.js';
import { displayWidth } from '../commands/text-table.js';
import type { MonitorPicture, MonitorSource } from '../control/monitor-data.js';
import { MONITOR_TIMING, MonitorFeed, type MonitorTiming } from '../control/monitor-feed.js';
import { EXIT } from '../daemon/exit.js';
import { printable } from '../system/names.js';
import { changeLines, monitorFrame, pictureLines, type Size } from './monitor-frame.js';

/** A terminal to write to, such as `process.stdout`. */
interface ScreenOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly writableNeedDrain?: boolean;
}

interface KeyInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** What the monitor uses of its process. */
interface MonitorIo {
  readonly input: KeyInput;
  readonly output: ScreenOutput;
  readonly errors: NodeJS.WritableStream;
  /** The source of signals: the process itself. */
  readonly process: NodeJS.EventEmitter;
  readonly colour: boolean;
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** q, Ctrl-C and Ctrl-D, as a terminal in raw mode sends them. */
const ENDING_KEYS = /[qQ\x03\x04]/;
/** Ctrl-L */
const REDRAWING_KEY = '\x0c';
/** Interval between two frames, because seconds are counted; and the minimum, when there are many events. */
const TICK_MS = 1_000;
export const FRAME_MS = 40;

/**
 * Shows the state of the daemon until the user quits or the daemon is gone: a live view on a terminal, else lines.
 * @returns the exit code
 */
export async function runMonitor(
  source: MonitorSource,
  io: MonitorIo,
  timing: MonitorTiming = MONITOR_TIMING,
): Promise<number> {
  const view = io.output.isTTY ? new LiveView(io) : new LineView(io);
  const feed = new MonitorFeed(source, timing, (news) => view.show(feed.picture, news));
  const ending = endOf(io, view);
  try {
    const end = await Promise.race([feed.run(), ending.asked]);
    if (!end) return EXIT.ok;
    view.close();
    io.errors.write(`hostp2pd: ${printable(end.reason)}\n`);
    return EXIT.failure;
  } finally {
    feed.stop();
    view.close();
    ending.release();
  }
}

interface View {
  show(picture: MonitorPicture, news: readonly EventLine[]): void;
  /** Restores the terminal; may be called more than once. */
  close(): void;
  /** Resolves when the user quits; rejects where the view cannot go on. */
  readonly left: Promise<void>;
}

/** Waits for whatever ends the monitor, and restores the terminal in every case. */
function endOf(io: MonitorIo, view: View): { readonly asked: Promise<null>; readonly release: () => void } {
  let end: () => void = () => {};
  const asked = new Promise<null>((resolve, reject) => {
    end = () => resolve(null);
    view.left.then(end, reject);
  });
  // It may fail when nothing waits for it.
  asked.catch(() => {});
  const close = (): void => view.close();
  // Before Node prints an error, which would be lost with the alternate screen.
  const last = ['exit', 'uncaughtExceptionMonitor'] as const;
  for (const signal of ENDING_SIGNALS) io.process.on(signal, end);
  for (const event of last) io.process.on(event, close);
  // The reader of the output or the terminal is gone.
  io.output.on('error', end);
  return {
    asked,
    release: () => {
      for (const signal of ENDING_SIGNALS) io.process.off(signal, end);
      for (const event of last) io.process.off(event, close);
      // The last write may still fail: that is ignored.
      io.output.off('error', end).on('error', () => {});
    },
  };
}

class LiveView implements View {
  readonly left: Promise<void>;
  readonly #io: MonitorIo;
  readonly #screen: TerminalScreen;
  #leave: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #picture: MonitorPicture | null = null;
  #timer: NodeJS.Timeout | null = null;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(io: MonitorIo) {
    this.#io = io;
    this.#screen = new TerminalScreen(io.output);
    this.left = new Promise((resolve, reject) => {
      this.#leave = resolve;
      this.#fail = reject;
    });
  }

  show(picture: MonitorPicture): void {
    const first = this.#picture === null;
    this.#picture = picture;
    if (first) this.#open();
    this.#soon();
  }

  close(): void {
    if (this.#picture === null) return;
    this.#picture = null;
    const { input, output, process } = this.#io;
    if (this.#timer) clearTimeout(this.#timer);
    output.off('resize', this.#soon);
    process.off('SIGCONT', this.#again);
    input.off('data', this.#key).pause();
    if (input.isTTY) input.setRawMode?.(false);
    this.#screen.leave();
  }

  #open(): void {
    const { input, output, process } = this.#io;
    if (input.isTTY) {
      input.setRawMode?.(true);
      input.on('data', this.#key).resume();
    }
    output.on('resize', this.#soon);
    process.on('SIGCONT', this.#again);
    this.#screen.enter();
  }

  readonly #key = (data: Buffer | string): void => {
    const keys = data.toString();
    // Arrow keys and other escape sequences mean nothing here.
    if (keys.startsWith('\x1b')) return;
    if (ENDING_KEYS.test(keys)) this.#leave();
    else if (keys.includes(REDRAWING_KEY)) this.#again();
  };

  /** For example after SIGCONT: the shell has used the terminal meanwhile. */
  readonly #again = (): void => {
    if (this.#io.input.isTTY) this.#io.input.setRawMode?.(true);
    this.#screen.restart();
    this.#soon();
  };

  /** Draws at once, unless a frame was drawn just before. */
  readonly #soon = (): void => {
    const wait = this.#drawnAt + FRAME_MS - performance.now();
    if (wait <= 0) this.#draw();
    else this.#drawIn(wait);
  };

  #drawIn(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), ms);
  }

  #draw(): void {
    if (!this.#picture) return;
    try {
      const now = performance.now();
      this.#screen.draw(monitorFrame(this.#picture, this.#screen.size, this.#io.colour, now));
      this.#drawnAt = now;
      this.#drawIn(TICK_MS);
    } catch (error) {
      this.#fail(error);
    }
  }
}

class LineView implements View {
  /** A reader of lines ends it by a signal, or by closing the pipe. */
  readonly left = new Promise<void>(() => {});
  readonly #io: MonitorIo;
  #picture: MonitorPicture | null = null;

  constructor(io: MonitorIo) {
    this.#io = io;
  }

  show(picture: MonitorPicture, news: readonly EventLine[]): void {
    const former = this.#picture;
    this.#picture = picture;
    const time = new Date().toTimeString().slice(0, 8);
    const lines = former
      ? [
          ...changeLines(former, picture).map((line) => `${time} ${line}`),
          ...news.map(({ text }) => printable(text)),
        ]
      : pictureLines(picture);
    if (lines.length > 0) this.#io.output.write(`${lines.join('\n')}\n`);
  }

  close(): void {}
}

/** The alternate screen, no cursor, and no wrapping, because terminals count columns differently. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Synchronized update: a terminal that supports it shows everything between in one step; others ignore it. */
const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';

/** Draws frames without flicker: each in one write, and only the lines that have changed. */
export class TerminalScreen {
  readonly #output: ScreenOutput;
  #entered = false;
  #shown: readonly string[] = [];
  #size: Size;
  /** The newest frame that could not be written yet. */
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

  /** Draws everything again: something else may have written to the terminal. */
  restart(): void {
    this.#entered = false;
    this.enter();
  }

  draw(lines: readonly string[]): void {
    if (!this.#entered) return;
    if (this.#output.writableNeedDrain) {
      // A slow terminal gets only the newest frame.
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

/** Erases only after the text: at the end of a full line that would erase its last character. */
function at(row: number, line: string, { columns }: Size): string {
  const rest = displayWidth(stripVTControlCharacters(line)) < columns ? '\x1b[K' : '';
  return `\x1b[${row + 1};1H${line}${rest}`;
}
