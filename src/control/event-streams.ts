import type { CommandContext } from '../commands/command.js';
import { type JournalEntry, lineOf } from '../commands/journal.js';
import type { SessionEventOf } from '../host/public-event.js';
import { HostP2pError } from '../system/errors.js';
import { printable } from '../system/names.js';
import { isSecretField, secrets } from '../system/secrets.js';
import type { WpaEvent } from '../wpa/event.js';
import { isOpenEvent } from '../wpa/shown-text.js';
import type { ConnectionLimits } from './connections.js';

/** The part of `ServerResponse` that a stream is written to. */
export interface Sink {
  write(text: string): unknown;
  /** Bytes that have not been handed to the kernel yet. */
  readonly writableLength: number;
  end(): unknown;
  destroy(): unknown;
}

export interface StreamOptions {
  /** Number of earlier events to begin with. */
  readonly last: number;
  /** With the events of wpa_supplicant. */
  readonly wpa: boolean;
}

interface Pending {
  readonly wpa: boolean;
  /** Made once for all readers. */
  readonly line: () => string;
}

/**
 * Events on their way to the clients that follow them. An event costs the session only a place in a list: it becomes text
 * in a later turn of the event loop, together with all others that have come in the meantime.
 */
export class EventStreams {
  readonly #context: Pick<CommandContext, 'host' | 'journal'>;
  readonly #limits: Pick<ConnectionLimits, 'streams' | 'waitingBytes'>;
  readonly #sinks = new Map<Sink, { readonly wpa: boolean }>();
  #pending: Pending[] = [];
  #flush: NodeJS.Immediate | null = null;
  #unfollow: (() => void) | null = null;
  #unfollowWpa: (() => void) | null = null;

  constructor(
    context: Pick<CommandContext, 'host' | 'journal'>,
    limits: Pick<ConnectionLimits, 'streams' | 'waitingBytes'>,
  ) {
    this.#context = context;
    this.#limits = limits;
  }

  /**
   * Makes room for one more, if necessary by closing a stream whose client leaves events unread.
   * @throws {HostP2pError} BUSY if there are too many, and all of them are read
   */
  ensureRoom(): void {
    const { streams } = this.#limits;
    if (this.#sinks.size < streams) return;
    const unread = [...this.#sinks.keys()].find(({ writableLength }) => writableLength > 0);
    if (!unread) throw new HostP2pError('BUSY', `too many event streams at once: at most ${streams}`);
    unread.destroy();
    this.remove(unread);
  }

  /** Writes the last events, and then new ones until {@link remove} or {@link close}. */
  add(sink: Sink, { last, wpa }: StreamOptions): void {
    // Pending events are in the journal already.
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

  /** The last events, one on each line. */
  replay(last: number): string {
    return this.#context.journal.last(last).map(journalLine).join('');
  }

  /** Ends all streams, after the events that are still pending. */
  close(): void {
    this.#write();
    for (const sink of this.#sinks.keys()) sink.end();
    this.#sinks.clear();
    this.#listen();
  }

  /** Listens only to the events that a client wants. */
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

  #take(pending: Pending): void {
    this.#pending.push(pending);
    this.#flush ??= setImmediate(() => this.#write());
  }

  #write(): void {
    if (this.#flush) clearImmediate(this.#flush);
    this.#flush = null;
    const lines = this.#pending.map(({ wpa, line }) => ({ wpa, text: line() }));
    this.#pending = [];
    const all = lines.map(({ text }) => text).join('');
    const withoutWpa = lines.map(({ wpa, text }) => (wpa ? '' : text)).join('');
    for (const [sink, { wpa }] of this.#sinks) {
      const text = wpa ? all : withoutWpa;
      if (text === '') continue;
      sink.write(text);
      if (sink.writableLength > this.#limits.waitingBytes) {
        // The client does not read: its events must not fill the memory.
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

/** An event of wpa_supplicant as a line of the stream, without secrets. */
export function wpaEventLine(time: string, { type, link, event }: SessionEventOf<'wpaEvent'>): string {
  const name = event.type === 'unknown' ? printable(event.name) : event.type;
  const text = `${new Date(time).toTimeString().slice(0, 8)} wpa_supplicant (${link}): ${name}`;
  const line = { time, text, type, link, event: withoutSecretText(event) };
  return `${JSON.stringify(line, (key: string, value: unknown): unknown => {
    // The number of a kind of password is none, nor that there is no such number.
    if (isSecretField(key) && typeof value === 'string') return undefined;
    return typeof value === 'string' ? secrets.redactKnown(value) : value;
  })}\n`;
}

function withoutSecretText(event: WpaEvent): object {
  if (event.type !== 'unknown' || isOpenEvent(event.text)) return event;
  const { text: _, ...others } = event;
  return others;
}
