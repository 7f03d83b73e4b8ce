import { eventText } from '../host/event-text.js';
import type { HostP2pD } from '../host/host.js';
import type { OperatorEvent } from '../host/public-event.js';

export interface JournalEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: OperatorEvent;
}

/** Maximum number of events that are kept. */
export const JOURNAL_ENTRIES = 200;

/** Keeps the last events of a session, and passes on the new ones. */
export class EventJournal {
  /** `at` is in milliseconds since 1970: most entries are never read, and the text of a time costs as much as the event. */
  readonly #entries: { readonly at: number; readonly event: OperatorEvent }[] = [];
  readonly #listeners = new Set<(entry: JournalEntry) => void>();

  constructor(host: HostP2pD) {
    for (const type of OPERATOR_EVENTS) host.on(type, (event) => this.#take(event));
  }

  /** Oldest first. */
  last(count: number = JOURNAL_ENTRIES): readonly JournalEntry[] {
    return count <= 0 ? [] : this.#entries.slice(-count).map(entryOf);
  }

  /** @returns a function that removes the listener */
  follow(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(event: OperatorEvent): void {
    const kept = { at: Date.now(), event };
    if (this.#entries.push(kept) > JOURNAL_ENTRIES) this.#entries.shift();
    for (const listener of this.#listeners) listener(entryOf(kept));
  }
}

function entryOf({ at, event }: { readonly at: number; readonly event: OperatorEvent }): JournalEntry {
  return { time: new Date(at).toISOString(), event };
}

export const OPERATOR_EVENTS = Object.keys({
  attached: true,
  detached: true,
  waiting: true,
  groupStarted: true,
  groupRemoved: true,
  groupFailed: true,
  peerFound: true,
  enrolmentRequested: true,
  enrolmentRefused: true,
  pinShown: true,
  pinWanted: true,
  enrolmentArmed: true,
  enrolmentFailed: true,
  stationRejected: true,
  stationConnected: true,
  stationDisconnected: true,
  stationAddressed: true,
  pairingOpened: true,
  pairingClosed: true,
  paused: true,
  resumed: true,
  reloaded: true,
  stopped: true,
} satisfies Record<OperatorEvent['type'], true>) as readonly OperatorEvent['type'][];

/** What every entry of a journal has, even one from a process of another version. */
interface PlainEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: { readonly type: string; readonly [field: string]: unknown };
}

/** An event for a program and for a person. */
export interface EventLine {
  readonly entry: PlainEntry;
  readonly text: string;
}

/** The text has the local time of day in front. */
export function lineOf(entry: JournalEntry): EventLine {
  const { time, event } = entry;
  return { entry, text: `${new Date(time).toTimeString().slice(0, 8)} ${eventText(event)}` };
}
