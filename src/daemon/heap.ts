import { PerformanceObserver } from 'node:perf_hooks';
import { type Clock, systemClock, type Timer } from '../system/clock.js';

/** Bytes by which the heap has grown since its smallest size: the first step of its young generation. */
const GROWN = 2 ** 20;
/** From the moment when the heap has grown to the first look, and from one look to the next. */
export const LOOK_MS = 10_000;
/** A process that uses no more of a processor than this share is quiet. */
const QUIET = 0.1;

/** What a test replaces. */
interface HeapParts {
  readonly clock: Clock;
  /** Of the heap, in bytes, with what is free in it. */
  readonly size: () => number;
  /** Processor time of the process, in ms. */
  readonly cpuMs: () => number;
  /** Collects all garbage, gives the memory back, and calls `done`. */
  readonly collect: (done: () => void) => void;
}

/**
 * Gives memory back after much work, such as a flood of events. V8 shrinks its heap only while it allocates, so the heap of an
 * idle process stays as large as the work has made it (native-notes/daemon.md). Collecting everything stops the process for
 * some 30 ms, so it is done when the process is quiet. Where the heap has not grown, no timer runs.
 */
export class HeapWatch {
  readonly #parts: HeapParts;
  readonly #observer = new PerformanceObserver(() => this.#look());
  #smallest = Number.POSITIVE_INFINITY;
  #timer: Timer | null = null;
  #closed = false;

  constructor(parts: Partial<HeapParts> = {}) {
    this.#parts = { clock: systemClock, size, cpuMs, collect, ...parts };
  }

  /** Can be called again at any time. */
  start(): void {
    // While a look is due, a collection by V8 must not start a second timer.
    if (this.#closed || this.#timer) return;
    // A Node.js can be built without its inspector, which collects the garbage.
    if (process.features.inspector) this.#observer.observe({ entryTypes: ['gc'] });
  }

  close(): void {
    this.#closed = true;
    this.#observer.disconnect();
    this.#timer?.cancel();
  }

  /** V8 has collected garbage, if only in the young generation, and may have changed the size of its heap. */
  #look(): void {
    const bytes = this.#parts.size();
    this.#smallest = Math.min(this.#smallest, bytes);
    if (bytes < this.#smallest + GROWN) return;
    // In a flood there are hundreds of them in a second.
    this.#observer.disconnect();
    this.#giveBackWhenQuiet();
  }

  #giveBackWhenQuiet(): void {
    const { clock, size, cpuMs, collect } = this.#parts;
    const before = cpuMs();
    this.#timer = clock.after(LOOK_MS, () => {
      if (cpuMs() - before > LOOK_MS * QUIET) {
        this.#giveBackWhenQuiet();
        return;
      }
      try {
        collect(() => {
          this.#smallest = size();
          this.#timer = null;
          this.start();
        });
      } catch {
        // The permission model of Node.js forbids the inspector.
        this.close();
      }
    });
  }
}

function size(): number {
  return process.memoryUsage().heapTotal;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The function that `--expose-gc` offers leaves the young generation at its size. */
function collect(done: () => void): void {
  // Loaded here: it takes 3 ms, and most processes never need it.
  const { Session } = process.getBuiltinModule('node:inspector');
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage', () => {
    // To disconnect inside of the answer crashes Node.js 20.
    setImmediate(() => {
      session.disconnect();
      done();
    });
  });
}
