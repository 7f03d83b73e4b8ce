import type { SessionEventName } from './public-event.js';

/** wpa_supplicant has about 200 events. The limit keeps text that looks like new events from filling the memory. */
const MAX_EVENT_NAMES = 500;
const OTHER_EVENTS = '(other)';

export interface StatisticsView {
  /** How often each event of wpa_supplicant has come, by name. */
  readonly events: Readonly<Record<string, number>>;
  /** Requests sent to wpa_supplicant. */
  readonly requests: number;
  /** Requests that wpa_supplicant refused or did not answer. */
  readonly requestsFailed: number;
  readonly hooks: number;
  readonly groupsStarted: number;
  readonly stationsConnected: number;
  readonly enrolmentsRequested: number;
  readonly enrolmentsFailed: number;
  readonly linkLosses: number;
}

type Counter = Exclude<keyof StatisticsView, 'events'>;

const COUNTED: ReadonlyMap<SessionEventName, Counter> = new Map([
  ['groupStarted', 'groupsStarted'],
  ['stationConnected', 'stationsConnected'],
  ['enrolmentRequested', 'enrolmentsRequested'],
  ['enrolmentFailed', 'enrolmentsFailed'],
  ['detached', 'linkLosses'],
]);

export class Statistics {
  readonly #events = new Map<string, number>();
  readonly #counters: Record<Counter, number> = {
    requests: 0,
    requestsFailed: 0,
    hooks: 0,
    groupsStarted: 0,
    stationsConnected: 0,
    enrolmentsRequested: 0,
    enrolmentsFailed: 0,
    linkLosses: 0,
  };

  get view(): StatisticsView {
    return { events: Object.fromEntries(this.#events), ...this.#counters };
  }

  count(counter: Counter): void {
    this.#counters[counter]++;
  }

  countSessionEvent(type: SessionEventName): void {
    const counter = COUNTED.get(type);
    if (counter !== undefined) this.count(counter);
  }

  countEvent(name: string): void {
    const counted = this.#events.get(name);
    if (counted !== undefined || this.#events.size < MAX_EVENT_NAMES)
      this.#events.set(name, (counted ?? 0) + 1);
    else this.#events.set(OTHER_EVENTS, (this.#events.get(OTHER_EVENTS) ?? 0) + 1);
  }

  reset(): void {
    this.#events.clear();
    for (const counter of Object.keys(this.#counters)) this.#counters[counter as Counter] = 0;
  }
}
