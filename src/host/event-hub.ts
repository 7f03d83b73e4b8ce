import type { SessionEvent, SessionEventName, SessionEventOf } from './public-event.js';

/** May be asynchronous: nothing waits for it, and a rejection is logged. */
export type Listener<T extends SessionEventName> = (event: SessionEventOf<T>) => unknown;
type AnyListener = (event: SessionEvent) => unknown;
/** Gets what a listener throws or rejects with. */
type OnFailure = (type: SessionEventName, error: unknown) => void;

/** A reader that does not keep up loses the oldest events, so that the memory stays bounded. */
const MAX_BACKLOG = 10_000;

/** Hands events to listeners and iterators; an error in one of them reaches neither the others nor the session. */
export class EventHub {
  readonly #listeners = new Map<SessionEventName, Set<AnyListener>>();
  readonly #phaseListeners = new Set<() => void>();
  readonly #readers = new Set<AnyListener>();
  readonly #ends = new Set<() => void>();
  readonly #onFailure: OnFailure;
  #closed = false;

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** @returns a function that removes the listener */
  on<T extends SessionEventName>(type: T, listener: Listener<T>): () => void {
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set);
    const call: AnyListener = (event) => {
      return isOf(event, type) ? listener(event) : undefined;
    };
    set.add(call);
    return () => set.delete(call);
  }

  emit(event: SessionEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) this.#call(listener, event);
    for (const reader of this.#readers) reader(event);
  }

  onPhase(listener: () => void): void {
    this.#phaseListeners.add(listener);
  }

  emitPhase(): void {
    for (const listener of this.#phaseListeners) listener();
  }

  /** Ends all iterators, also those of later calls. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#ends]) end();
  }

  /** All events from this call on, until the hub closes or `signal` aborts. */
  events(signal?: AbortSignal): AsyncGenerator<SessionEvent, void, undefined> {
    const backlog: SessionEvent[] = [];
    let wake = (): void => {};
    let ended = this.#closed || (signal?.aborted ?? false);
    const reader: AnyListener = (event) => {
      if (backlog.push(event) > MAX_BACKLOG) backlog.shift();
      wake();
    };
    const end = (): void => {
      ended = true;
      wake();
      this.#readers.delete(reader);
      this.#ends.delete(end);
      signal?.removeEventListener('abort', end);
    };
    if (!ended) {
      this.#readers.add(reader);
      this.#ends.add(end);
      signal?.addEventListener('abort', end, { once: true });
    }
    async function* read(): AsyncGenerator<SessionEvent, void, undefined> {
      // Also for `throw`, with which a stream that is destroyed ends it.
      try {
        for (;;) {
          const event = backlog.shift();
          if (event) {
            yield event;
          } else if (ended) {
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        end();
      }
    }
    const iterator = read();
    const finish = iterator.return.bind(iterator);
    // By itself a generator does nothing here before its first `next`, and waits for the next event after one.
    iterator.return = (value) => {
      end();
      return finish(value);
    };
    return iterator;
  }

  #call(listener: AnyListener, event: SessionEvent): void {
    const failed = (error: unknown): void => this.#onFailure(event.type, error);
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

function isOf<T extends SessionEventName>(event: SessionEvent, type: T): event is SessionEventOf<T> {
  return event.type === type;
}
