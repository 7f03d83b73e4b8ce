import type { HostP2pD } from '../host/host.js';
import type { SessionEvent } from '../session/session-event.js';

/** Every event that an operator may want to see: not each single one of wpa_supplicant. */
export type OperatorEvent = Exclude<SessionEvent, { readonly type: 'wpaEvent' }>;

export interface JournalEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: OperatorEvent;
}

/** So many events are kept. */
export const JOURNAL_ENTRIES = 200;

/** The last events of a session, and those to come. */
export class EventJournal {
  readonly #entries: JournalEntry[] = [];
  readonly #listeners = new Set<(entry: JournalEntry) => void>();

  constructor(host: HostP2pD) {
    for (const type of OPERATOR_EVENTS) host.on(type, (event) => this.#take(event));
  }

  /** The last ones, oldest first. */
  last(count: number = JOURNAL_ENTRIES): readonly JournalEntry[] {
    return count <= 0 ? [] : this.#entries.slice(-count);
  }

  /** @returns a function that takes the listener away again */
  follow(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(event: OperatorEvent): void {
    const entry = { time: new Date().toISOString(), event };
    if (this.#entries.push(entry) > JOURNAL_ENTRIES) this.#entries.shift();
    for (const listener of this.#listeners) listener(entry);
  }
}

/** Their names. */
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
