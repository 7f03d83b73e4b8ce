import type { EventLine } from '../commands/event-text.js';

/** With a daemon in another process the event may come after the reply. */
const LATE_MS = 1_000;

/** Keeps back events that only repeat the reply of the command that the person at the prompt has just given. */
export class RepeatedEvents {
  readonly #now: () => number;
  /** Types still to come, each once. */
  #expected = new Set<string>();
  #until = Number.POSITIVE_INFINITY;
  #kept: EventLine[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A command begins whose reply says the same as events of these types. */
  expect(types: readonly string[]): void {
    this.#expected = new Set(types);
    this.#until = Number.POSITIVE_INFINITY;
    this.#kept = [];
  }

  /** @returns whether the event is kept back */
  takes(event: EventLine): boolean {
    if (this.#now() > this.#until || !this.#expected.delete(event.entry.event.type)) return false;
    this.#kept.push(event);
    return true;
  }

  /**
   * The command is done.
   * @param silent it has said nothing of its own
   * @returns the events to show after all
   */
  settle(silent: boolean): readonly EventLine[] {
    const kept = silent ? this.#kept : [];
    if (silent) this.#expected.clear();
    this.#until = this.#now() + LATE_MS;
    this.#kept = [];
    return kept;
  }
}
