/**
 * Work that clients bring, one piece in each turn of the event loop: between two pieces it is the radio's turn, however
 * many clients ask.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** @param work must not throw */
  take(work: () => void): void {
    if (this.#waiting.push(work) === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    this.#waiting[0]?.();
    this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
