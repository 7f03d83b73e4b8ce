import type { Timeline } from './timeline.js';
import { LabError } from './wait.js';

/** Something that happened: an event, a line of output, a call of a hook. */
export interface Entry {
  /** Seconds since the scenario's start. */
  readonly at: number;
  readonly text: string;
}

/** The entry that a wait found, with the groups of its match. */
export type Matched<E extends Entry> = E & { readonly groups: readonly string[] };

/** A text matches at the beginning of the entry, up to the end of a word. */
export type Pattern<E extends Entry> = string | RegExp | ((entry: E) => boolean);

interface Waiter<E extends Entry> {
  check(entry: E): void;
}

/** Entries in their order, and the waits for one. */
export class Journal<E extends Entry> {
  readonly #name: string;
  readonly #timeline: Timeline;
  readonly #entries: E[] = [];
  readonly #waiters = new Set<Waiter<E>>();

  /** `name` is for error messages. */
  constructor(name: string, timeline: Timeline) {
    this.#name = name;
    this.#timeline = timeline;
  }

  add(entry: E): void {
    this.#entries.push(entry);
    for (const waiter of [...this.#waiters]) waiter.check(entry);
  }

  /** A position in the journal: take it before the action whose entries you wait for. */
  mark(): number {
    return this.#entries.length;
  }

  since(mark: number): readonly E[] {
    return this.#entries.slice(mark);
  }

  /**
   * The first entry since `mark` (default: from now on) that matches, within `seconds`.
   * An entry that matches `failure` ends the wait at once. Errors list the entries that came.
   */
  wait(pattern: Pattern<E>, seconds: number, mark = this.mark(), failure?: Pattern<E>): Promise<Matched<E>> {
    const what = `${this.#name}: ${pattern}`;
    const waiting = new Promise<Matched<E>>((resolve, reject) => {
      const settle = (conclude: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        conclude();
      };
      const waiter: Waiter<E> = {
        check: (entry) => {
          const groups = matchEntry(entry, pattern);
          if (groups !== undefined) settle(() => resolve({ ...entry, groups }));
          else if (failure !== undefined && matchEntry(entry, failure) !== undefined) {
            settle(() => reject(new LabError(`expected ${what}, ${this.#entriesFor(mark)}`)));
          }
        },
      };
      const timer = setTimeout(() => {
        settle(() => reject(new LabError(`expected ${what} within ${seconds} s, ${this.#entriesFor(mark)}`)));
      }, seconds * 1000);
      this.#waiters.add(waiter);
      for (const entry of this.since(mark)) {
        if (this.#waiters.has(waiter)) waiter.check(entry);
      }
    });
    return this.#timeline.track(what, waiting);
  }

  #entriesFor(mark: number): string {
    const lines = this.since(mark).map(({ text }) => `    ${text}`);
    if (lines.length === 0) return 'got nothing';
    const shown = lines.slice(-20);
    const left = lines.length - shown.length;
    return ['got:', ...(left > 0 ? [`    (${left} more)`] : []), ...shown].join('\n');
  }
}

/** The groups of the match; undefined without a match. */
export function matchEntry<E extends Entry>(entry: E, pattern: Pattern<E>): readonly string[] | undefined {
  if (typeof pattern === 'function') return pattern(entry) ? [] : undefined;
  if (typeof pattern === 'string') {
    const after = entry.text.charAt(pattern.length);
    return entry.text.startsWith(pattern) && (after === '' || after === ' ') ? [] : undefined;
  }
  return pattern
    .exec(entry.text)
    ?.slice(1)
    .map((group) => group ?? '');
}
