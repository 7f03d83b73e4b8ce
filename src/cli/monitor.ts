import type { EventLine } from '../commands/event-text.js';
import { printable } from '../system/names.js';
import { EXIT } from './exit.js';
import { MONITOR_TIMING, MonitorFeed, type MonitorTiming } from './monitor-feed.js';
import { type MonitorPicture, monitorFrame } from './monitor-frame.js';
import { changeLines, pictureLines } from './monitor-lines.js';
import { type ScreenOutput, TerminalScreen } from './monitor-screen.js';
import type { MonitorSource } from './monitor-source.js';

export interface KeyInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** What the monitor has of its process. */
export interface MonitorIo {
  readonly input: KeyInput;
  readonly output: ScreenOutput;
  readonly errors: NodeJS.WritableStream;
  /** Signals and the end: the process itself. */
  readonly process: NodeJS.EventEmitter;
  readonly colour: boolean;
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** q, Ctrl-C and Ctrl-D, as a terminal in raw mode sends them. */
const ENDING_KEYS = /[qQ\x03\x04]/;
/** Ctrl-L, as everywhere. */
const REDRAWING_KEY = '\x0c';
/** Time between two frames, for the seconds that are counted; and at least, where events come in floods. */
const TICK_MS = 1_000;
const FRAME_MS = 40;

/**
 * Shows how things stand until its user has seen enough, or until there is no daemon any more. On a terminal as a
 * live view, else as lines.
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
  /** Leaves the terminal as it was found; may be called again. */
  close(): void;
  /** Resolves when its user has seen enough; rejects where it cannot go on. */
  readonly left: Promise<void>;
}

/** Whatever asks for the end; and whatever happens, the terminal is given back. */
function endOf(io: MonitorIo, view: View): { readonly asked: Promise<null>; readonly release: () => void } {
  let end: () => void = () => {};
  const asked = new Promise<null>((resolve, reject) => {
    end = () => resolve(null);
    view.left.then(end, reject);
  });
  // Nobody may be waiting for it when it fails.
  asked.catch(() => {});
  const close = (): void => view.close();
  // Before Node prints what went wrong, or it would be printed on the screen that goes.
  const last = ['exit', 'uncaughtExceptionMonitor'] as const;
  for (const signal of ENDING_SIGNALS) io.process.on(signal, end);
  for (const event of last) io.process.on(event, close);
  // The reader has gone, or the terminal.
  io.output.on('error', end);
  return {
    asked,
    release: () => {
      for (const signal of ENDING_SIGNALS) io.process.off(signal, end);
      for (const event of last) io.process.off(event, close);
      // What was written last may still fail; nobody is to be told.
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
    // Arrow keys and the like come as a row of characters; none of them is meant.
    if (keys.startsWith('\x1b')) return;
    if (ENDING_KEYS.test(keys)) this.#leave();
    else if (keys.includes(REDRAWING_KEY)) this.#again();
  };

  /** Back in the foreground, for one: the shell has had the terminal meanwhile. */
  readonly #again = (): void => {
    if (this.#io.input.isTTY) this.#io.input.setRawMode?.(true);
    this.#screen.restart();
    this.#soon();
  };

  /** At once, unless a frame was drawn just now. */
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
  /** Who reads the lines ends it by a signal, or by reading no more. */
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
