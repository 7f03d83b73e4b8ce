import { lineOf } from '../commands/event-text.js';
import type { EventJournal, JournalEntry } from '../commands/journal.js';
import type { HostP2pD } from '../host/host.js';
import type { SessionEventOf } from '../session/session-event.js';
import { HostP2pError } from '../system/errors.js';
import { wpaEventLine } from './wpa-event-line.js';

/** The answer that a stream is written to; as `node:http` has it. */
export interface Sink {
  write(text: string): unknown;
  /** Bytes that have not been handed to the kernel yet. */
  readonly writableLength: number;
  end(): unknown;
  destroy(): unknown;
}

export interface StreamOptions {
  /** So many of the last events go before the new ones. */
  readonly last: number;
  /** Events of wpa_supplicant as well. */
  readonly wpa: boolean;
}

interface Waiting {
  readonly wpa: boolean;
  /** Made once for all who read, and not before somebody does. */
  readonly line: () => string;
}

/**
 * Events on their way to those who follow them. An event costs the session a place in a list: it is made into text and
 * written in a turn of the event loop of its own, with all others that have come meanwhile.
 */
export class EventStreams {
  readonly #context: { readonly host: HostP2pD; readonly journal: EventJournal };
  readonly #limits: { readonly streams: number; readonly waitingBytes: number };
  readonly #sinks = new Map<Sink, { readonly wpa: boolean }>();
  #waiting: Waiting[] = [];
  #flush: NodeJS.Immediate | null = null;
  #unfollow: (() => void) | null = null;
  #unfollowWpa: (() => void) | null = null;

  constructor(
    context: { readonly host: HostP2pD; readonly journal: EventJournal },
    limits: { readonly streams: number; readonly waitingBytes: number },
  ) {
    this.#context = context;
    this.#limits = limits;
  }

  /**
   * Makes room for one more; a reader that leaves events unread has to go for it.
   * @throws {HostP2pError} BUSY where there are as many as may be, and all of them read
   */
  ensureRoom(): void {
    const { streams } = this.#limits;
    if (this.#sinks.size < streams) return;
    const unread = [...this.#sinks.keys()].find(({ writableLength }) => writableLength > 0);
    if (!unread)
      throw new HostP2pError('BUSY', `${streams} streams of events are open, the most that may be`);
    unread.destroy();
    this.remove(unread);
  }

  /** Writes the last events, and then those that come until {@link remove} or {@link close}. */
  add(sink: Sink, { last, wpa }: StreamOptions): void {
    // What waits stands in the journal already.
    this.#write();
    const text = this.replay(last);
    if (text !== '') sink.write(text);
    this.#sinks.set(sink, { wpa });
    this.#listen();
  }

  remove(sink: Sink): void {
    this.#sinks.delete(sink);
    this.#listen();
  }

  /** The last events, a line each. */
  replay(last: number): string {
    return this.#context.journal.last(last).map(journalLine).join('');
  }

  /** Ends all of them, behind what has happened so far. */
  close(): void {
    this.#write();
    for (const sink of this.#sinks.keys()) sink.end();
    this.#sinks.clear();
    this.#listen();
  }

  /** Listens to what somebody wants to read, and to no more. */
  #listen(): void {
    const { host, journal } = this.#context;
    const readers = [...this.#sinks.values()];
    if (readers.length === 0) {
      this.#unfollow?.();
      this.#unfollow = null;
    } else {
      this.#unfollow ??= journal.follow((entry) =>
        this.#take({ wpa: false, line: () => journalLine(entry) }),
      );
    }
    if (!readers.some(({ wpa }) => wpa)) {
      this.#unfollowWpa?.();
      this.#unfollowWpa = null;
    } else {
      this.#unfollowWpa ??= host.on('wpaEvent', (event: SessionEventOf<'wpaEvent'>) => {
        const time = new Date().toISOString();
        this.#take({ wpa: true, line: () => wpaEventLine(time, event) });
      });
    }
  }

  #take(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#flush ??= setImmediate(() => this.#write());
  }

  #write(): void {
    if (this.#flush) clearImmediate(this.#flush);
    this.#flush = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    const lines = waiting.map(({ wpa, line }) => ({ wpa, text: line() }));
    const all = lines.map(({ text }) => text).join('');
    const own = lines
      .filter(({ wpa }) => !wpa)
      .map(({ text }) => text)
      .join('');
    for (const [sink, { wpa }] of this.#sinks) {
      const text = wpa ? all : own;
      if (text === '') continue;
      sink.write(text);
      if (sink.writableLength > this.#limits.waitingBytes) {
        // A reader that does not read loses its stream: what waits for it must not fill the memory.
        sink.destroy();
        this.remove(sink);
      }
    }
  }
}

function journalLine(entry: JournalEntry): string {
  const { time, event } = entry;
  return `${JSON.stringify({ time, text: lineOf(entry).text, ...event })}\n`;
}
