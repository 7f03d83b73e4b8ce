import { getHeapStatistics } from 'node:v8';
import { type Clock, systemClock } from '../system/clock.js';

/** Bytes by which the heap has grown since its smallest size: the first step of its young generation. */
const GROWN = 2 ** 20;
/** A process that has used no more of a processor than this share since the last look is quiet. */
const QUIET = 0.1;

/** What a test replaces. */
interface HeapParts {
  readonly clock: Pick<Clock, 'now'>;
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
 * some 30 ms, so it is done when the process is quiet.
 */
export class HeapWatch {
  readonly #parts: HeapParts;
  #smallest = Number.POSITIVE_INFINITY;
  #lastLook: { readonly at: number; readonly cpuMs: number };
  /** Also for good, where nothing can be collected. */
  #collecting = false;

  constructor(parts: Partial<HeapParts> = {}) {
    this.#parts = { clock: systemClock, size, cpuMs, collect, ...parts };
    this.#lastLook = this.#now();
  }

  /** To be called every few seconds, at moments when the process is awake anyway. */
  look(): void {
    if (this.#collecting) return;
    const { size, collect } = this.#parts;
    const last = this.#lastLook;
    const now = this.#now();
    this.#lastLook = now;
    const bytes = size();
    this.#smallest = Math.min(this.#smallest, bytes);
    const quiet = now.cpuMs - last.cpuMs <= (now.at - last.at) * QUIET;
    if (!quiet || bytes < this.#smallest + GROWN) return;
    this.#collecting = true;
    try {
      collect(() => {
        this.#smallest = size();
        this.#collecting = false;
      });
    } catch {
      // A Node.js can be built without its inspector, and its permission model forbids it.
    }
  }

  #now(): { readonly at: number; readonly cpuMs: number } {
    return { at: this.#parts.clock.now(), cpuMs: this.#parts.cpuMs() };
  }
}

/** Without a file: process.memoryUsage() reads /proc, and throws if no descriptor is left. */
function size(): number {
  return getHeapStatistics().total_heap_size;
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
